"""What of a case may be asked of the next payer or the patient, and what bars it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select

from app.claims.models import ClaimPayer
from app.codes import service as codes
from app.denials import service_moved
from app.denials.models import Denial, DenialDocument, DenialItem
from app.denials.rules_cases import MOVED
from app.denials.rules_patient import Basis, Part, check, check_waiver, owes_next, parts
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.models import ClaimBalance
from app.payers.models import Payer
from app.remits.models import RemitClaim

_denial, _item, _document = table_of(Denial), table_of(DenialItem), table_of(DenialDocument)
_covered, _payer, _balance = table_of(ClaimPayer), table_of(Payer), table_of(ClaimBalance)
_remit_claim = table_of(RemitClaim)
WAIVER = "waiver"


@dataclass(frozen=True, slots=True)
class Review:
    """The PR cents of a case and where they would go.

    rank: of the payer who refused; following: of the next payer, None when the patient is next; `payer` names
    that payer where the claim does. waivers: signed notices kept with the case, by public id and name.
    """

    parts: tuple[Part, ...]
    rank: int
    following: int | None
    payer: str
    owed: int
    left: int
    remarks: tuple[str, ...]
    waivers: tuple[tuple[str, str], ...]

    @property
    def cents(self) -> Money:
        """What would move."""
        return Money(sum(one.cents for one in self.parts))


def review(w: Work, row: Any) -> Review:
    """Read what a decision about a case needs; `row` is the case's own."""
    items = list(
        w.db.execute(
            select(_item)
            .where(w.within(_item.c.entity_id), _item.c.denial_id == row.id)
            .where(_item.c.round == row.round, _item.c.withdrawn.is_(False))
            .order_by(_item.c.address)
        )
    )
    moved = service_moved.moved(w, [row.id])
    said = select(_remit_claim.c.rank, _remit_claim.c.status).where(
        w.within(_remit_claim.c.entity_id), _remit_claim.c.id == row.latest_remit_claim_id
    )
    answer = w.db.execute(said).one()
    payers = _payers(w, row.claim_id)
    following = owes_next(answer.rank, answer.status, payers)
    owed = w.db.execute(
        select(_balance.c.payer).where(w.within(_balance.c.entity_id), _balance.c.claim_id == row.claim_id)
    ).scalar()
    remarks = {code for one in items if one.group_code == "PR" for code in one.rarcs.split()}
    return Review(
        parts=tuple(parts(items, moved.get(row.id, {}))),
        rank=answer.rank,
        following=following,
        payer=payers.get(following, "") if following is not None else "",
        owed=int(owed or 0),
        left=int(row.denied) - int(row.recovered) - service_moved.total(moved, row.id),
        remarks=tuple(sorted(remarks)),
        waivers=_waivers(w, row.id),
    )


def _payers(w: Work, claim_id: int) -> dict[int, str]:
    query = (
        select(_covered.c.rank, _payer.c.name)
        .outerjoin(_payer, and_(_payer.c.id == _covered.c.payer_id, w.within(_payer.c.entity_id)))
        .where(_covered.c.claim_id == claim_id)
    )
    return {row.rank: row.name or "" for row in w.db.execute(query)}


def _waivers(w: Work, denial_id: int) -> tuple[tuple[str, str], ...]:
    query = select(_document.c.public_id, _document.c.name).where(
        w.within(_document.c.entity_id), _document.c.denial_id == denial_id,
        _document.c.kind == WAIVER, _document.c.removed_at.is_(None),
    )  # fmt: skip
    return tuple((row.public_id, row.name) for row in w.db.execute(query.order_by(_document.c.id)))


def allow(w: Work, row: Any, found: Review, basis: Basis, document: str) -> None:
    """Refuse a move the rules bar, with the rule in words."""
    check(found.parts, owed=found.owed, left=found.left)
    book = codes.book(w, row.entity_id, row.denied_on)
    known = document in {public for public, _ in found.waivers}
    check_waiver((book.rarc(code) for code in found.remarks), basis, document=known)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page of a case offers: `barred` says in words why it may not be done as things stand."""

    cents: Money
    to: str
    waivers: tuple[tuple[str, str], ...]
    barred: str
    back: bool


def offer(w: Work, denial_id: int) -> Offer | None:
    """The move as a person is offered it; None for a case with nothing in group PR."""
    row = w.db.execute(select(_denial).where(w.within(_denial.c.entity_id), _denial.c.id == denial_id)).one()
    if row.outcome in MOVED:
        return Offer(Money(0), "", (), "", back=True)
    found = review(w, row)
    if not found.parts:
        return None
    to = "the patient" if found.following is None else found.payer or "the next payer"
    return Offer(found.cents, to, found.waivers, _barred(w, row, found), back=False)


def _barred(w: Work, row: Any, found: Review) -> str:
    """The words of the first rule that bars it, whichever basis would be chosen."""
    problems: list[str] = []
    first = found.waivers[0][0] if found.waivers else ""
    for basis in Basis:
        try:
            allow(w, row, found, basis, first)
        except Refused as problem:
            problems.append(problem.message)
    return problems[0] if len(problems) == len(Basis) else ""
