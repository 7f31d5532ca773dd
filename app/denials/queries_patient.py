"""What of a case may be asked of the next payer or the patient, and what bars it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select

from app.claims.models import ClaimPayer
from app.denials import queries_moved
from app.denials.models import DenialDocument, DenialItem
from app.denials.rules_patient import Part, owes_next, parts
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.models import ClaimBalance
from app.payers.models import Payer
from app.remits.models import RemitClaim

_item, _document = table_of(DenialItem), table_of(DenialDocument)
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
    moved = queries_moved.moved(w, [row.id])
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
        left=int(row.denied) - int(row.recovered) - queries_moved.total(moved, row.id),
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
