"""What a submission is opened for: claim, payer and reason behind a denial, a rejection, a silence."""

from dataclasses import dataclass

from sqlalchemy import select

from app.claims import queries as claims
from app.claims import queries_rejections, queries_silent
from app.claims.models import Claim, ClaimVersion
from app.denials.models import Denial
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work
from app.rebill.lifecycle import Cause, State
from app.rebill.models import Rebill
from app.rebill.rules import rank_of
from app.rebill.rules_focus import Place, place_of
from app.remits.models import RemitClaim

_rebill, _denial, _remit_claim = table_of(Rebill), table_of(Denial), table_of(RemitClaim)
_claim, _version = table_of(Claim), table_of(ClaimVersion)


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be opened, and the field the payer named. Keys stay inside; cause_id as of `Rebill`."""

    claim: str
    claim_id: int
    entity_id: int
    rank: int
    cause: Cause
    cause_id: int | None
    reason: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Already:
    """An open submission of a claim and payer; there is at most one (R837-12)."""

    public_id: str
    state: str

    @property
    def refused(self) -> bool:
        """Was it rejected, so that the next submission takes its place?"""
        return self.state == State.REJECTED.value


def of_denial(w: Work, public_id: str) -> Target:
    """The claim of a denial case, to the payer that refused it."""
    query = (
        select(_denial, _remit_claim.c.rank.label("of_rank"))
        .join(_remit_claim, _remit_claim.c.id == _denial.c.latest_remit_claim_id)
        .where(w.within(_denial.c.entity_id), _denial.c.public_id == public_id)
    )
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    head = w.db.execute(select(_claim).where(_claim.c.id == row.claim_id)).one()
    codes = [*(row.rarc or "").split(), row.carc]
    reason = f"{row.group_code}-{row.carc}" + (f" {row.rarc}" if row.rarc else "")
    place = place_of(codes, w.now.date(), form=head.kind)
    return Target(head.public_id, row.claim_id, row.entity_id, int(row.of_rank or 1), Cause.DENIAL, row.id,
                  reason, place)  # fmt: skip


def of_rejection(w: Work, public_id: str) -> Target:
    """The claim of a rejection; refused for a whole file, whose claims go out again by themselves."""
    row = queries_rejections.rejection(w, public_id)
    if row.claim_public is None:
        words = "This is about a whole file: correct what it names, then release its claims again."
        raise Refused(words, code="whole_file")
    head = claims.by_public(w, row.claim_public)
    category, status, entity = [*row.code.split(":"), "", ""][:3]
    codes = [f"{status}:{entity}", status]
    place = place_of(codes, w.now.date(), form=head.kind)
    return Target(row.claim_public, head.id, head.entity_id, _last_rank(w, head.id), Cause.REJECTION,
                  row.source, f"{category}:{status}:{entity}".rstrip(":"), place)  # fmt: skip


def of_silence(w: Work, public_id: str) -> Target:
    """A silent claim, to the payer that did not answer."""
    row = queries_silent.one(w, public_id)
    return Target(row.claim_public, row.claim_id, row.entity_id, row.rank, Cause.SILENCE, None, "")


def of_claim(w: Work, public_id: str, rank: int) -> Target:
    """A claim somebody chose, to the payer of a rank."""
    head = claims.by_public(w, public_id)
    return Target(public_id, head.id, head.entity_id, rank, Cause.PERSON, None, "")


def _last_rank(w: Work, claim_id: int) -> int:
    """The payer the claim was sent to last."""
    query = select(_version.c.sequence).where(w.within(_version.c.entity_id), _version.c.claim_id == claim_id)
    last = w.db.execute(query.order_by(_version.c.sent.desc(), _version.c.id.desc()).limit(1)).scalar()
    return rank_of(last or "P")


def already(w: Work, claim_id: int, rank: int) -> Already | None:
    """The open submission of a claim to this payer."""
    mine = (w.within(_rebill.c.entity_id), _rebill.c.claim_id == claim_id, _rebill.c.rank == rank)
    row = w.db.execute(
        select(_rebill.c.public_id, _rebill.c.state).where(*mine, _rebill.c.open.is_(True))
    ).first()
    return Already(row.public_id, row.state) if row else None
