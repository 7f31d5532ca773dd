"""Reads of sets: the denials a claim is to be opened for, and what a set opened became."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.claims.models import Claim
from app.denials.models import Denial
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.payers.models import Payer
from app.rebill.models import Rebill, RebillSet, RebillSetClaim
from app.remits.models import RemitClaim

_denial, _claim, _payer, _answer = (table_of(one) for one in (Denial, Claim, Payer, RemitClaim))
_rebill, _set, _of_set = table_of(Rebill), table_of(RebillSet), table_of(RebillSetClaim)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A denial that asks for a claim. rank: of the payer that refused; cents as denied."""

    id: int
    public_id: str
    entity_id: int
    claim_id: int
    control: str
    payer: str
    rank: int
    reason: str
    denied: int


def wanted(w: Work, publics: Sequence[str]) -> list[Wanted]:
    """These denials in the order of their money; those out of scope are left out."""
    query = (
        select(_denial, _claim.c.control, _payer.c.name.label("payer"), _answer.c.rank.label("payer_rank"))
        .join(_claim, _claim.c.id == _denial.c.claim_id)
        .outerjoin(_payer, _payer.c.id == _denial.c.payer_id)
        .outerjoin(_answer, _answer.c.id == _denial.c.latest_remit_claim_id)
        .where(w.within(_denial.c.entity_id), among(w.db, _denial.c.public_id, list(publics)))
        .order_by(_denial.c.denied.desc(), _denial.c.id)
    )
    return [
        Wanted(
            row.id, row.public_id, row.entity_id, row.claim_id, row.control, row.payer or "",
            int(row.payer_rank or 1), f"{row.group_code}-{row.carc} {row.rarc or ''}".strip(),
            int(row.denied),
        )
        for row in w.db.execute(query)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class SetView:
    """A set that was opened: how many of its claims stand where. publics: its submissions."""

    public_id: str
    author: str
    at: datetime
    claims: int
    undone_at: datetime | None
    states: tuple[tuple[str, int], ...]
    publics: tuple[str, ...]


def one(w: Work, public_id: str) -> SetView:
    """A set and where its claims stand now."""
    row = head(w, public_id)
    found = members(w, row.id)
    counts: dict[str, int] = {}
    for member in found:
        counts[member.state] = counts.get(member.state, 0) + 1
    states = tuple(sorted(counts.items()))
    publics = tuple(member.public_id for member in found)
    return SetView(public_id, row.author, row.at, row.claims, row.undone_at, states, publics)


def head(w: Work, public_id: str, *, lock: bool = False) -> Any:
    """The row of a set."""
    query = select(_set).where(w.within(_set.c.entity_id), _set.c.public_id == public_id)
    row = w.db.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("There is no such set.")
    return row


def members(w: Work, set_id: int) -> list[Any]:
    """The submissions of a set, with the version they were opened with."""
    query = (
        select(_rebill.c.id, _rebill.c.public_id, _rebill.c.state, _rebill.c.version, _rebill.c.patient_id,
               _of_set.c.version.label("opened_version"))
        .join(_of_set, _of_set.c.rebill_id == _rebill.c.id)
        .where(_of_set.c.set_id == set_id, w.within(_of_set.c.entity_id))
        .order_by(_rebill.c.id)
    )  # fmt: skip
    return list(w.db.execute(query))


def opened(w: Work, publics: Sequence[str]) -> list[Any]:
    """Submissions as they were opened, in their order."""
    names = ("id", "public_id", "entity_id", "state", "version", "patient_id", "coding_changed")
    query = select(*(_rebill.c[name] for name in names)).where(
        w.within(_rebill.c.entity_id), among(w.db, _rebill.c.public_id, list(publics))
    )
    return list(w.db.execute(query.order_by(_rebill.c.id)))
