"""Rejections: claims sent in the period, and those a TA1, 999 or 277CA turned away at least once.

A claim counts once, on the day its first version was sent, and as rejected if any of its answers ever
rejected it, or the file it went out in was refused; that it was sent again since changes nothing of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from app.claims.lifecycle import Move, State
from app.claims.models import ClaimEvent, Transmission
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.reports.queries import View, claim, covered, first_payer, patient, payer, version
from app.reports.rules import Rate, rate

_event, _way = table_of(ClaimEvent), table_of(Transmission)
REFUSED = (State.INTERCHANGE_REJECTED.value, State.SYNTAX_REJECTED.value)
ROW_FILTERS = ("payer", "rejected")


@dataclass(frozen=True, slots=True)
class SentRow:
    """Claims sent of a payer, and how many of them were rejected."""

    key: str
    name: str
    claims: int
    rejected: int
    charges: Money
    rejected_charges: Money

    @property
    def rate(self) -> Rate:
        """Rejected of submitted."""
        return rate("rejection", self.rejected, self.claims)


def _rejected() -> ColumnElement[bool]:
    """Was this claim ever turned away?"""
    turned = select(_event.c.claim_id).where(
        _event.c.claim_id == claim.c.id, _event.c.move == Move.REJECT.value
    )
    return or_(turned.exists(), func.coalesce(_way.c.state, "").in_(REFUSED))


def _sent(w: Work, view: View, columns: Sequence[Any], *more: Any) -> Select[Any]:
    day = func.substr(version.c.sent, 1, 8)
    return (
        select(*columns)
        .select_from(claim)
        .join(version, version.c.id == claim.c.id)
        .outerjoin(_way, _way.c.transaction_id == version.c.transaction_id)
        .outerjoin(covered, first_payer())
        .outerjoin(payer, payer.c.id == covered.c.payer_id)
        .where(view.own(w, claim.c.entity_id), day >= view.first.strftime("%Y%m%d"),
               day <= view.last.strftime("%Y%m%d"), *more)
    )  # fmt: skip


def _sums() -> list[Any]:
    turned = case((_rejected(), 1), else_=0)
    sums = (turned, claim.c.charge, case((_rejected(), claim.c.charge), else_=0))
    return [func.count(), *(func.coalesce(func.sum(one), 0) for one in sums)]


def _row(key: str, name: str, figures: Sequence[Any]) -> SentRow:
    claims, rejected, charges, turned = (int(one) for one in figures)
    return SentRow(key, name, claims, rejected, Money.of_sum(charges), Money.of_sum(turned))


def by_payer(w: Work, view: View) -> list[SentRow]:
    """Claims sent by first payer, most rejected first."""
    named = [payer.c.public_id, payer.c.name]
    query = _sent(w, view, [*named, *_sums()]).group_by(*named)
    rows = [_row(key or "none", name or "No payer", one) for key, name, *one in w.db.execute(query)]
    return sorted(rows, key=lambda row: (-row.rejected, -row.claims, row.name))


def total(w: Work, view: View) -> SentRow:
    """All claims sent in the period."""
    return _row("", "All", w.db.execute(_sent(w, view, _sums())).one())


@dataclass(frozen=True, slots=True)
class SentClaim:
    """A claim sent in the period."""

    public_id: str
    control: str
    patient_id: int
    patient: str
    payer: str | None
    service: date | None
    charge: Money
    rejected: bool


SORTS = {
    "service": Sort(claim.c.service_from, nullable=True, descending=True),
    "charge": Sort(claim.c.charge, descending=True),
    "control": Sort(claim.c.control),
}


def _conditions(ask: Ask) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if ask.get("payer") == "none":
        wanted.append(payer.c.id.is_(None))
    elif ask.get("payer"):
        wanted.append(payer.c.public_id == ask.get("payer"))
    if ask.get("rejected"):
        if ask.get("rejected") not in ("yes", "no"):
            raise Refused("Rejected is yes or no.", code="rejected", field="rejected")
        wanted.append(_rejected() if ask.get("rejected") == "yes" else ~_rejected())
    return wanted


def claims(w: Work, view: View, ask: Ask) -> Slice[SentClaim]:
    """The claims behind a rejection rate; whose patients were shown is noted."""
    columns = [
        claim.c.public_id, claim.c.control, claim.c.patient_id, patient.c.last, patient.c.first,
        payer.c.name.label("payer"), claim.c.service_from, claim.c.charge,
        case((_rejected(), 1), else_=0).label("turned"),
    ]  # fmt: skip
    query = _sent(w, view, columns, *_conditions(ask)).join(patient, patient.c.id == claim.c.patient_id)
    made = page(w.db, query, ask, sorts=SORTS, key=claim.c.id, row=_claim)
    shown = [row.patient_id for row in made.rows]
    w.audit("reports.rejections", "R", "claim", patients=shown, detail={"rows": len(shown)})
    return made


def _claim(row: Any) -> SentClaim:
    name = f"{row.last}, {row.first}" if row.first else row.last
    return SentClaim(
        row.public_id, row.control, row.patient_id, name, row.payer, row.service_from, row.charge,
        bool(row.turned),
    )  # fmt: skip


def claims_total(w: Work, view: View, ask: Ask) -> SentRow:
    """The totals of the whole list."""
    return _row("", "", w.db.execute(_sent(w, view, _sums(), *_conditions(ask))).one())
