"""Reads of remits: the list, one payment with its proof, its claims, one claim down to the ledger entry."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, or_, select

from app.claims.models import Claim
from app.entities.models import Entity
from app.intake.models import IntakeFile, IntakeTransaction
from app.intake.queries import visible
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.export import Column, Kind
from app.kernel.ids import unpack
from app.kernel.money import Money
from app.kernel.paging import Ask, Hit, Slice, Sort, page
from app.kernel.work import Work
from app.remits.lifecycle import State
from app.remits.models import ProviderAdjustment, Remit, RemitAdjustment, RemitClaim
from app.remits.rules import REVERSAL

_remit, _claim, _billed = table_of(Remit), table_of(RemitClaim), table_of(Claim)
_adjustment, _pair = table_of(RemitAdjustment), table_of(ProviderAdjustment)
_transaction, _file, _entity = table_of(IntakeTransaction), table_of(IntakeFile), table_of(Entity)

STATUSES = {
    "1": "paid as primary", "2": "paid as secondary", "3": "paid as tertiary", "4": "denied",
    "19": "primary, sent on", "20": "secondary, sent on", "21": "tertiary, sent on", "22": "reversal",
    "23": "sent on, not paid", "25": "estimate",
}  # fmt: skip
"""CLP02 in words."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an amount stands: segment 1-based over the file, its first byte, the element's index."""

    segment: int
    byte: int
    element: int


@dataclass(frozen=True)
class RemitHead:
    """One payment as the workspace shows it; a transaction that is not posted has no `remit` and no totals.

    paid: BPR02; claims_paid: the sum of CLP04; provider_total: the sum of PLB, positive lowers the payment.
    `id` is the address of the ST, the same for transaction and remit; keys stay inside.
    """

    id: int
    remit: str
    transaction: str
    state: str
    reason: str | None
    explanation: str | None
    version: int
    entity_id: int | None
    entity: str
    file: str
    file_name: str
    file_no: int
    span: dict[str, Any]
    control: str
    payer: str
    payer_id: int | None
    payer_company: str
    trace: str
    method: str
    paid: Money | None
    issued: date | None
    produced: date | None
    effective_date: date | None
    payee_npi: str
    account_last4: str
    contact: dict[str, Any] = field(repr=False)
    claims: int
    parked: int
    claims_paid: Money | None
    provider_total: Money | None
    recorded_at: datetime | None
    same_as_id: int | None

    @property
    def posted(self) -> bool:
        """Are there rows of it, to be read from the books and not from the stored bytes?"""
        return bool(self.remit)


def head(w: Work, public: str) -> RemitHead:
    """A payment by the public id of its remit or of its transaction; `NotFound` outside what may be seen."""
    joined = (
        _transaction.join(_file, _file.c.file_no == _transaction.c.file_no)
        .outerjoin(_remit, _remit.c.id == _transaction.c.id)
        .outerjoin(_entity, _entity.c.id == _transaction.c.entity_id)
    )
    columns = (
        _transaction, _file.c.public_id.label("file"), _file.c.name.label("file_name"),
        _entity.c.name.label("entity"), _remit.c.public_id.label("remit"), _remit.c.payer_id,
        _remit.c.payer_company, _remit.c.method.label("remit_method"), _remit.c.issued, _remit.c.produced,
        _remit.c.effective_date.label("posted_on"), _remit.c.payee_npi, _remit.c.account_last4,
        _remit.c.contact, _remit.c.claims.label("remit_claims"), _remit.c.claims_paid,
        _remit.c.provider_total, _remit.c.recorded_at,
    )  # fmt: skip
    named = or_(_transaction.c.public_id == public, _remit.c.public_id == public)
    query = (
        select(*columns)
        .select_from(joined)
        .where(named, _transaction.c.kind.in_(("835", "fhir")), visible(w))
    )
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such remit.")
    return _head(row)


def _head(row: Row[Any]) -> RemitHead:
    same = (
        "id",
        "state",
        "reason",
        "explanation",
        "version",
        "entity_id",
        "file",
        "file_name",
        "file_no",
        "span",
    )
    own = ("control", "paid", "parked", "same_as_id", "payer_id", "issued", "produced", "claims_paid")
    kept = {name: getattr(row, name) for name in (*same, *own, "provider_total", "recorded_at")}
    return RemitHead(
        **kept,
        remit=row.remit or "",
        transaction=row.public_id,
        entity=row.entity or "",
        payer=row.payer_name or "",
        payer_company=row.payer_company or "",
        trace=row.trace or "",
        method=row.remit_method or row.method or "",
        effective_date=row.posted_on or row.effective_date,
        payee_npi=row.payee_npi or "",
        account_last4=row.account_last4 or "",
        contact=row.contact or {},
        claims=row.remit_claims if row.remit else row.claims,
    )


# ---------------------------------------------------------------- the claims of a payment


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One CLP in the list of a payment. `public_id` is its segment number while nothing of it is posted."""

    public_id: str
    control: str
    payer_control: str
    patient: str
    status: str
    charge: Money
    paid: Money
    patient_responsibility: Money
    adjusted: Money
    state: str
    reason: str | None
    match_how: str | None
    denied: bool
    segment: int
    service_from: date | None


CLAIM_SORTS = {
    "place": Sort(_claim.c.id),
    "control": Sort(_claim.c.control),
    "charge": Sort(_claim.c.charge, descending=True),
    "paid": Sort(_claim.c.paid, descending=True),
}
CLAIM_COLUMNS = (
    Column("control", "Claim", Kind.CODE, sort="control"),
    Column("patient", "Patient"),
    Column("charge", "Charge", Kind.MONEY, sort="charge"),
    Column("paid", "Paid", Kind.MONEY, sort="paid"),
    Column("patient_responsibility", "PR", Kind.MONEY, hint="Patient responsibility"),
    Column("adjusted", "Adjusted", Kind.MONEY, hint="All adjustments, patient responsibility included"),
    Column("state", "Match", Kind.STATE),
)
EXPORT_COLUMNS = (
    *CLAIM_COLUMNS,
    Column("payer_control", "Payer's number", Kind.CODE),
    Column("status", "Status", value=lambda row: STATUSES.get(row.status, row.status)),
    Column("service_from", "Service", Kind.DAY),
    Column("denied", "Denied", Kind.FLAG),
    Column("reason", "Reason", Kind.CODE),
    Column("segment", "Segment", Kind.COUNT),
)
SHOWS = ("parked", "denied", "reversal")

_denied = exists().where(_adjustment.c.remit_claim_id == _claim.c.id, _adjustment.c.denies.is_(True))


def _shown(show: str) -> list[ColumnElement[bool]]:
    conditions: dict[str, ColumnElement[bool]] = {
        "parked": _claim.c.state == State.PARKED.value,
        "denied": or_(_denied, _claim.c.status == "4"),
        "reversal": or_(_claim.c.status == REVERSAL, _claim.c.state == State.REVERSED.value),
    }
    if show and show not in conditions:
        raise Refused("This list cannot be filtered by that.", code="show", field="show")
    return [conditions[show]] if show else []


def claims(w: Work, remit: RemitHead, ask: Ask) -> Slice[ClaimRow]:
    """One page of the claims of a posted payment, in file order by default; filter `show`, see SHOWS."""
    columns = (*(_claim.c[name] for name in _CLAIM_NAMES), _billed.c.patient_id, _denied.label("denied"))
    query = select(*columns).outerjoin(_billed, _billed.c.id == _claim.c.claim_id)
    query = query.where(_claim.c.remit_id == remit.id, w.within(_claim.c.entity_id), *_shown(ask.get("show")))
    rows = page(w.db, query, ask, sorts=CLAIM_SORTS, key=_claim.c.id, row=lambda row: row)
    sums = _adjusted(w, remit.id, [row.id for row in rows.rows] if ask.limit else None)
    patients = [row.patient_id for row in rows.rows if row.patient_id]
    w.audit("remit.claims", "R", "remit", remit.remit, entity_id=remit.entity_id, patients=patients)
    return Slice([_claim_row(row, *sums.get(row.id, (0, 0))) for row in rows.rows], rows.next, rows.previous)


_CLAIM_NAMES = (
    "id", "public_id", "control", "payer_control", "patient_last", "patient_first", "status", "charge",
    "paid",     "patient_responsibility", "state", "reason", "match_how", "service_from",
)  # fmt: skip


def _adjusted(w: Work, remit_id: int, ids: list[int] | None) -> dict[int, tuple[int, int]]:
    """(all adjustments, those of the patient) by claim; of a whole remit when no ids are given."""
    which = _adjustment.c.remit_claim_id.in_(ids) if ids is not None else _adjustment.c.remit_claim_id.in_(
        select(_claim.c.id).where(_claim.c.remit_id == remit_id)
    )  # fmt: skip
    own = func.sum(case((_adjustment.c.cas_group == "PR", _adjustment.c.amount), else_=0))
    query = select(_adjustment.c.remit_claim_id, func.sum(_adjustment.c.amount), own).where(which)
    rows = w.db.execute(query.group_by(_adjustment.c.remit_claim_id))
    return {int(key): (int(total or 0), int(patient or 0)) for key, total, patient in rows}


def _claim_row(row: Row[Any], adjusted: int, patient: int) -> ClaimRow:
    stated = row.patient_responsibility
    return ClaimRow(
        public_id=row.public_id,
        control=row.control,
        payer_control=row.payer_control,
        patient=", ".join(part for part in (row.patient_last, row.patient_first) if part),
        status=row.status,
        charge=row.charge,
        paid=row.paid,
        patient_responsibility=Money(patient) if stated is None else stated,
        adjusted=Money(adjusted),
        state=row.state,
        reason=row.reason,
        match_how=row.match_how,
        denied=bool(row.denied),
        segment=unpack(row.id).segment,
        service_from=row.service_from,
    )


def counts(w: Work, remit: RemitHead) -> dict[str, int]:
    """How many claims each filter of the workspace would show, and all of them."""
    total = {name: func.count().filter(and_(*_shown(name))) for name in SHOWS}
    query = select(func.count(), *total.values()).where(
        _claim.c.remit_id == remit.id, w.within(_claim.c.entity_id)
    )
    row = w.db.execute(query).one()
    return {"": int(row[0]), **{name: int(row[at + 1]) for at, name in enumerate(total)}}


# ---------------------------------------------------------------- provider adjustments


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A PLB pair: positive lowers the payment. `partner` is the remit that offset it, or that it offsets."""

    key: int
    public_id: str
    code: str
    label: str
    reference: str
    provider: str
    fiscal_date: date | None
    amount: Money
    account: int
    state: str
    partner: str
    partner_trace: str
    at: Place


def provider_adjustments(w: Work, remit: RemitHead, book: Any) -> list[ProviderView]:
    """The PLB pairs of a posted payment in file order, each with the partner that offsets it."""
    other, theirs = _pair.alias("other"), _remit.alias("theirs")
    partner = or_(other.c.id == _pair.c.offset_by_id, other.c.offset_by_id == _pair.c.id)
    query = (
        select(_pair, theirs.c.public_id.label("partner"), theirs.c.trace.label("partner_trace"))
        .outerjoin(other, partner)
        .outerjoin(theirs, theirs.c.id == other.c.remit_id)
        .where(_pair.c.remit_id == remit.id, w.within(_pair.c.entity_id))
        .order_by(_pair.c.id)
    )
    return [
        ProviderView(
            row.id,
            row.public_id, row.code, book.plb(row.code).label, row.reference, row.provider, row.fiscal_date,
            row.amount, row.account, row.state, row.partner or "", row.partner_trace or "",
            Place(unpack(row.id).segment, row.byte, row.element),
        )
        for row in w.db.execute(query)
    ]  # fmt: skip


# ---------------------------------------------------------------- the search


def find(w: Work, text: str) -> list[Hit]:
    """The search: claims of payments by our number or the payer's (payments themselves are found with their
    files).
    """
    if not ({"*", "remits.read"} & w.actor.permissions) or text.startswith("="):
        return []
    columns = (_claim.c.public_id, _claim.c.control, _claim.c.state, _remit.c.public_id, _remit.c.payer_name,
               _remit.c.trace, _billed.c.patient_id)  # fmt: skip
    joined = _claim.join(_remit, _remit.c.id == _claim.c.remit_id).outerjoin(
        _billed, _billed.c.id == _claim.c.claim_id
    )
    named = or_(_claim.c.control == text, _claim.c.payer_control == text)
    rows = w.db.execute(
        select(*columns).select_from(joined).where(named, w.within(_claim.c.entity_id)).limit(20)
    )
    return [
        Hit("remit claim", row[1], f"{row[4]}, check {row[5]}, {row[2]}", "remits.workspace",
            {"public_id": row[3], "claim": row[0]}, row[6] or 0)
        for row in rows
    ]  # fmt: skip
