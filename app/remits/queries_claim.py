"""One claim of a payment whole: lines, adjustments, remarks and ledger entries, each with the element it
stands in.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select

from app.claims.models import Claim
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.ids import unpack
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.accounts import NAMES
from app.ledger.models import LedgerEntry
from app.remits.models import Remit, RemitAdjustment, RemitClaim, RemitLine, RemitRemark
from app.remits.queries import Place

_remit, _claim, _line = table_of(Remit), table_of(RemitClaim), table_of(RemitLine)
_adjustment, _remark = table_of(RemitAdjustment), table_of(RemitRemark)
_billed, _entry = table_of(Claim), table_of(LedgerEntry)


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """A CAS triplet; `effect` is what it did to the ledger, `label` the reason in words."""

    group: str
    carc: str
    amount: Money
    quantity: str | None
    effect: str
    category: str
    denies: bool
    label: str
    at: Place


@dataclass(frozen=True, slots=True)
class RemarkView:
    """A remark code and its words."""

    list: str
    code: str
    label: str
    segment: int


@dataclass(frozen=True, slots=True)
class LineView:
    """One SVC with what the payer says about it; `billed` tells how it met a billed line."""

    code: str
    modifiers: str
    revenue: str
    units: str
    charge: Money
    paid: Money
    allowed: Money | None
    service_from: date | None
    match_how: str | None
    control: str
    charge_at: Place
    paid_at: Place
    adjustments: tuple[AdjustmentView, ...]
    remarks: tuple[RemarkView, ...]


@dataclass(frozen=True, slots=True)
class EntryView:
    """One ledger entry: the event in words, both accounts, and the element it was read from."""

    event: str
    debit: str
    credit: str
    amount: Money
    effective_date: date
    reverses: bool
    basis: int
    here: bool
    at: Place


@dataclass(frozen=True, slots=True)
class Related:
    """A claim of another payment that this one takes back, or that takes this one back."""

    remit: str
    claim: str
    trace: str
    earlier: bool


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One CLP whole: its facts, lines, claim-level adjustments, remarks and entries; money with places."""

    public_id: str
    control: str
    payer_control: str
    patient: str
    status: str
    state: str
    reason: str | None
    match: str
    match_score: int | None
    claim: str
    charge: Money
    paid: Money
    patient_responsibility: Money | None
    service_from: date | None
    crossover: str | None
    charge_at: Place
    paid_at: Place
    responsibility_at: Place
    byte: int
    byte_end: int
    segment: int
    version: int
    lines: tuple[LineView, ...] = ()
    adjustments: tuple[AdjustmentView, ...] = ()
    remarks: tuple[RemarkView, ...] = ()
    entries: tuple[EntryView, ...] = ()
    related: tuple[Related, ...] = ()
    remit_id: int = 0
    entity_id: int = 0


def claim(w: Work, public: str, book: Any) -> ClaimView:
    """One claim of a payment with everything behind it; `NotFound` outside the scope.

    book: the entity's CodeBook, for the words of reasons and remarks.
    """
    columns = (_claim, _billed.c.public_id.label("claim"), _billed.c.patient_id)
    query = select(*columns).outerjoin(_billed, _billed.c.id == _claim.c.claim_id)
    row = w.db.execute(query.where(_claim.c.public_id == public, w.within(_claim.c.entity_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such payment line in your remits.")
    patients = [row.patient_id] if row.patient_id else []
    w.audit("remit.claim", "R", "remit_claim", public, entity_id=row.entity_id, patients=patients)
    adjustments, remarks = _adjustments(w, row.id, book), _remarks(w, row.id, book)
    segment = unpack(row.id).segment
    return ClaimView(
        public_id=row.public_id,
        control=row.control,
        payer_control=row.payer_control,
        patient=", ".join(part for part in (row.patient_last, row.patient_first) if part),
        status=row.status,
        state=row.state,
        reason=row.reason,
        match=row.match_reason or "",
        match_score=row.match_score,
        claim=row.claim or "",
        charge=row.charge,
        paid=row.paid,
        patient_responsibility=row.patient_responsibility,
        service_from=row.service_from,
        crossover=row.crossover,
        charge_at=Place(segment, row.byte, 3),
        paid_at=Place(segment, row.byte, 4),
        responsibility_at=Place(segment, row.byte, 5),
        byte=row.byte,
        byte_end=row.byte_end,
        segment=segment,
        version=row.version,
        lines=_lines(w, row.id, adjustments, remarks),
        adjustments=tuple(adjustments.get(None, ())),
        remarks=tuple(remarks.get(None, ())),
        entries=_entries(w, row.id, row.reverses_id),
        related=_related(w, row.id, row.reverses_id),
        remit_id=row.remit_id,
        entity_id=row.entity_id,
    )


def _related(w: Work, key: int, reverses: int | None) -> tuple[Related, ...]:
    columns = (_remit.c.public_id, _claim.c.public_id, _remit.c.trace, _claim.c.id)
    query = (
        select(*columns).join(_remit, _remit.c.id == _claim.c.remit_id).where(w.within(_claim.c.entity_id))
    )
    rows = list(w.db.execute(query.where(_claim.c.reverses_id == key)))
    if reverses is not None:
        rows += w.db.execute(query.where(_claim.c.id == reverses))
    return tuple(Related(one[0], one[1], one[2], one[3] == reverses) for one in rows)


def of_claim(w: Work, public: str) -> tuple[str, int, date]:
    """(public id of its remit, entity, effective date) of one CLP, to find the book of its codes."""
    columns = (_remit.c.public_id, _remit.c.entity_id, _remit.c.effective_date)
    query = select(*columns).join(_claim, _claim.c.remit_id == _remit.c.id)
    row = w.db.execute(query.where(_claim.c.public_id == public, w.within(_claim.c.entity_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such payment line in your remits.")
    return row[0], int(row[1]), row[2]


def _adjustments(w: Work, key: int, book: Any) -> dict[int | None, list[AdjustmentView]]:
    found: dict[int | None, list[AdjustmentView]] = {}
    query = select(_adjustment).where(_adjustment.c.remit_claim_id == key).order_by(_adjustment.c.id)
    for row in w.db.execute(query):
        view = AdjustmentView(
            row.cas_group, row.carc, row.amount, row.quantity, row.effect, row.category, row.denies,
            book.carc(row.carc).label, Place(unpack(row.id).segment, row.byte, row.element),
        )  # fmt: skip
        found.setdefault(row.remit_line_id, []).append(view)
    return found


def _remarks(w: Work, key: int, book: Any) -> dict[int | None, list[RemarkView]]:
    found: dict[int | None, list[RemarkView]] = {}
    query = select(_remark).where(_remark.c.remit_claim_id == key).order_by(_remark.c.id)
    for row in w.db.execute(query):
        view = RemarkView(row.list, row.code, book.rarc(row.code).label, unpack(row.id).segment)
        found.setdefault(row.remit_line_id, []).append(view)
    return found


def _lines(w: Work, key: int, adjustments: Any, remarks: Any) -> tuple[LineView, ...]:
    made = []
    for row in w.db.execute(select(_line).where(_line.c.remit_claim_id == key).order_by(_line.c.id)):
        segment = unpack(row.id).segment
        made.append(
            LineView(
                row.code,
                row.modifiers,
                row.revenue,
                row.units,
                row.charge,
                row.paid,
                row.allowed,
                row.service_from,
                row.match_how,
                row.control,
                Place(segment, row.byte, 2),
                Place(segment, row.byte, 3),
                tuple(adjustments.get(row.id, ())),
                tuple(remarks.get(row.id, ())),
            )
        )
    return tuple(made)


EVENTS = {
    "payer_payment": "Payer's payment",
    "claim_level": "Claim-level adjustment taken from the payment",
    "contractual": "Contractual adjustment",
    "sequestration": "Sequestration",
    "withhold": "Withheld by the payer",
    "tax_withholding": "Tax withheld",
    "to_patient": "Moved to the patient",
    "to_next_payer": "Moved to the next payer",
    "provider_adjustment": "Provider adjustment",
    "unapplied": "Waits as unapplied cash",
    "unapplied_released": "Unapplied cash released",
    "not_ours": "Not ours, owed back to the payer",
    "reversal": "Reversal",
    "undo": "Posting undone",
}
_RANKS = {1: "primary", 2: "secondary", 3: "tertiary"}


def _entries(w: Work, key: int, reverses: int | None) -> tuple[EntryView, ...]:
    mine = _entry.c.remit_claim_id == key
    if reverses is not None:
        # What a reversal posted is kept with the claim it took back: entry for entry, the same places.
        mine = or_(mine, and_(_entry.c.remit_claim_id == reverses, _entry.c.event == "reversal"))
    query = select(_entry).where(mine, w.within(_entry.c.entity_id))
    own = unpack(key).file_no
    made = []
    for row in w.db.execute(query.order_by(_entry.c.id)):
        place = unpack(row.source)
        made.append(
            EntryView(
                EVENTS.get(row.event, row.event),
                account(row.debit, row.debit_rank),
                account(row.credit, row.credit_rank),
                row.amount,
                row.effective_date,
                row.reverses is not None,
                row.basis,
                place.file_no == own,
                Place(place.segment, row.byte, row.element),
            )
        )
    return tuple(made)


def account(number: int, rank: int) -> str:
    """An account as people read it: `1100 Payer receivable, primary`."""
    words = f"{number} {NAMES.get(number, '')}".strip()
    return f"{words}, {_RANKS.get(rank, f'payer {rank}')}" if rank else words


def state_of(w: Work, public: str) -> tuple[str, int]:
    """(state, version) of one claim of a payment."""
    query = select(_claim.c.state, _claim.c.version).where(_claim.c.public_id == public)
    row = w.db.execute(query.where(w.within(_claim.c.entity_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such payment line in your remits.")
    return row[0], int(row[1])
