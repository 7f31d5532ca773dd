"""Paper EOBs being keyed: the list, one batch, what a claim was billed with, and who pays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, or_, select

from app.claims.models import Claim, ClaimLine, ClaimPayer
from app.entities.models import Entity, EntityIdentifier
from app.intake.models import IntakeFile, IntakeTransaction
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Patient
from app.payers.models import Payer, PayerIdentifier
from app.remits.models import KeyedBatch, Remit

_batch, _remit, _entity = table_of(KeyedBatch), table_of(Remit), table_of(Entity)
_claim, _line, _covered = table_of(Claim), table_of(ClaimLine), table_of(ClaimPayer)
_patient, _payer, _number = table_of(Patient), table_of(Payer), table_of(PayerIdentifier)
_file, _transaction, _identifier = (
    table_of(IntakeFile),
    table_of(IntakeTransaction),
    table_of(EntityIdentifier),
)
PAYERS = 2_000


@dataclass(frozen=True)
class Batch:
    """A keyed batch. `posting` is the state of the 835 it became, empty before; `file` leads to it."""

    id: int = field(repr=False)
    public_id: str
    entity_id: int
    entity: str
    state: str
    version: int
    payer: str
    trace: str
    paid: Money
    claims: int
    difference: Money
    scan: str
    scan_media: str
    scan_file_no: int | None
    owner: str
    person_id: int | None
    started_at: datetime
    saved_at: datetime
    second_by: str
    disagreed: tuple[str, ...]
    posting: str
    file: str
    transaction: str
    committed_at: datetime | None
    body: dict[str, Any] = field(repr=False, default_factory=dict)


SORTS = {
    "saved": Sort(_batch.c.saved_at, descending=True),
    "paid": Sort(_batch.c.paid, descending=True),
}
FILTERS = ("state", "mine")
COLUMNS = (
    Column("saved_at", "Saved", Kind.INSTANT, sort="saved"),
    Column("payer", "Payer"),
    Column("trace", "Check / EFT", Kind.CODE),
    Column("paid", "Check", Kind.MONEY, sort="paid"),
    Column("claims", "Claims", Kind.COUNT),
    Column("difference", "Difference", Kind.MONEY, hint="Check less what is keyed"),
    Column("owner", "Keyed by"),
    Column("second_by", "Second", hint="Who keyed the totals again"),
    Column("scan", "Scan", wide=False),
    Column("state", "State", Kind.STATE),
    Column("posting", "835", Kind.STATE, hint="What became of the payment"),
)


def _query(w: Work) -> Any:
    joined = (
        _batch.join(_entity, _entity.c.id == _batch.c.entity_id)
        .outerjoin(_file, _file.c.file_no == _batch.c.file_no)
        .outerjoin(_transaction, _transaction.c.file_no == _batch.c.file_no)
    )
    columns = (
        _batch, _entity.c.name.label("entity"), _file.c.public_id.label("file"),
        _transaction.c.state.label("posting"), _transaction.c.public_id.label("transaction"),
    )  # fmt: skip
    return select(*columns).select_from(joined).where(w.within(_batch.c.entity_id))


def _of(row: Row[Any]) -> Batch:
    same = ("id", "public_id", "entity_id", "entity", "state", "version", "trace", "paid", "claims",
            "difference", "scan_media", "scan_file_no", "person_id", "started_at", "saved_at", "second_by",
            "committed_at", "body")  # fmt: skip
    return Batch(
        **{name: getattr(row, name) for name in same},
        payer=row.payer_name,
        scan=row.scan_name,
        owner=row.keyed_by,
        disagreed=tuple(row.disagreed.split()),
        posting=row.posting or ("on its way" if row.file_no else ""),
        file=row.file or "",
        transaction=row.transaction or "",
    )


def batches(w: Work, ask: Ask) -> Slice[Batch]:
    """Keyed batches, the last saved first; thrown-away ones only when asked for."""
    query = _query(w)
    state = ask.get("state")
    query = query.where(_batch.c.state == state) if state else query.where(_batch.c.state != "discarded")
    if ask.get("mine"):
        query = query.where(_batch.c.person_id == w.actor.person_id)
    return page(w.db, query, ask, sorts=SORTS, key=_batch.c.id, row=_of)


def totals(w: Work, ask: Ask) -> tuple[int, Money]:
    """(batches, sum of their checks) of the list."""
    query = select(func.count(), func.sum(_batch.c.paid)).where(w.within(_batch.c.entity_id))
    state = ask.get("state")
    query = query.where(_batch.c.state == state) if state else query.where(_batch.c.state != "discarded")
    if ask.get("mine"):
        query = query.where(_batch.c.person_id == w.actor.person_id)
    count, amount = w.db.execute(query).one()
    return int(count), Money(int(amount or 0))


def batch(w: Work, public: str) -> Batch:
    """One batch; `NotFound` outside the scope."""
    row = w.db.execute(_query(w).where(_batch.c.public_id == public)).first()
    if row is None:
        raise NotFound("There is no such keyed batch.")
    w.audit("keyed", "R", "keyed_batch", public, entity_id=row.entity_id)
    return _of(row)


# ---------------------------------------------------------------- payers


@dataclass(frozen=True, slots=True)
class PayerChoice:
    """A payer with the numbers its payments are known by; company is the TRN03 of its last 835."""

    name: str
    company: str
    plan: str


def payers(w: Work, entity_id: int) -> list[PayerChoice]:
    """The payers of an entity by name, for the list one types into."""
    mine = (_payer.c.entity_id == entity_id, w.within(_payer.c.entity_id))
    rows = w.db.execute(select(_payer.c.id, _payer.c.name).where(*mine).order_by(_payer.c.name).limit(PAYERS))
    return [PayerChoice(row.name, "", "") for row in rows]


def payer_named(w: Work, entity_id: int, name: str) -> PayerChoice | None:
    """The payer of that name with its numbers; None when nobody is called so."""
    wanted = " ".join(name.upper().split())
    named = select(_number.c.payer_id).where(
        _number.c.entity_id == entity_id, _number.c.kind == "name", _number.c.value == wanted
    )
    query = select(_payer.c.id, _payer.c.name).where(
        _payer.c.entity_id == entity_id,
        w.within(_payer.c.entity_id),
        or_(func.upper(_payer.c.name) == wanted, _payer.c.id.in_(named)),
    )
    row = w.db.execute(query.order_by(_payer.c.id)).first()
    if row is None:
        return None
    last = select(_remit.c.payer_company).where(_remit.c.payer_id == row.id, _remit.c.entity_id == entity_id)
    company = w.db.execute(last.order_by(_remit.c.id.desc()).limit(1)).scalar()
    numbers = select(_number.c.kind, _number.c.value).where(_number.c.payer_id == row.id)
    known = {one.kind: one.value for one in w.db.execute(numbers.order_by(_number.c.id.desc()))}
    return PayerChoice(row.name, company or known.get("trn03", ""), known.get("plan", ""))


def payee(w: Work, entity_id: int, on: date) -> tuple[str, str]:
    """(NPI, tax id) of an entity on a day; empty when it has none in the open."""
    query = select(_identifier.c.kind, _identifier.c.value).where(
        _identifier.c.entity_id == entity_id,
        w.within(_identifier.c.entity_id),
        _identifier.c.effective_from <= on,
        or_(_identifier.c.effective_to.is_(None), _identifier.c.effective_to > on),
        _identifier.c.value.is_not(None),
    )
    found: dict[str, str] = {}
    for row in w.db.execute(query.order_by(_identifier.c.id)):
        found.setdefault(row.kind, row.value)
    return found.get("npi", ""), found.get("tax_id", "")


# ---------------------------------------------------------------- claims to key against


def billed(w: Work, entity_id: int, claims: Sequence[str]) -> list[dict[str, Any]]:
    """Claims as billed, ready for the grid: patient, filing and the live lines; texts, amounts `80.00`."""
    columns = (_claim.c.id, _claim.c.public_id, _claim.c.control, _claim.c.charge, _claim.c.patient_id,
               _claim.c.service_from, _patient.c.last, _patient.c.first, _covered.c.filing,
               _payer.c.name.label("payer"))  # fmt: skip
    query = (
        select(*columns)
        .join(_patient, _patient.c.id == _claim.c.patient_id)
        .outerjoin(_covered, (_covered.c.claim_id == _claim.c.id) & (_covered.c.rank == 1))
        .outerjoin(_payer, _payer.c.id == _covered.c.payer_id)
        .where(_claim.c.public_id.in_(claims), _claim.c.entity_id == entity_id, w.within(_claim.c.entity_id))
    )
    rows = w.db.execute(query).all()
    lines: dict[int, list[dict[str, str]]] = {}
    live = select(_line).where(_line.c.claim_id.in_([row.id for row in rows]), _line.c.live.is_(True))
    for one in w.db.execute(live.order_by(_line.c.id)):
        lines.setdefault(one.claim_id, []).append(_billed_line(one))
    w.audit("keyed.claims", "R", "claim", entity_id=entity_id, patients=[row.patient_id for row in rows])
    order = {name: at for at, name in enumerate(claims)}
    return [
        {"claim": row.public_id, "control": row.control, "last": row.last, "first": row.first,
         "filing": row.filing or "", "payer": row.payer or "", "charge": str(row.charge), "status": "1",
         "day": row.service_from.isoformat() if row.service_from else "", "lines": lines.get(row.id, [])}
        for row in sorted(rows, key=lambda row: order[row.public_id])
    ]  # fmt: skip


def _billed_line(one: Row[Any]) -> dict[str, str]:
    code = " ".join([one.code or one.revenue, *_pairs(one.modifiers)]).strip()
    day = one.service_from.isoformat() if one.service_from else ""
    qualifier = one.qualifier if one.code else "NU"
    return {"control": one.control, "qualifier": qualifier, "code": code, "day": day,
            "units": one.units or "1", "charge": str(one.charge)}  # fmt: skip


def _pairs(modifiers: str) -> Iterable[str]:
    return modifiers.replace(":", " ").replace(",", " ").split()


# ---------------------------------------------------------------- the same check twice


@dataclass(frozen=True, slots=True)
class Twin:
    """The same check in the books already."""

    trace: str
    paid: Money
    recorded_at: datetime
    payer: str


def posted_check(w: Work, entity_id: int, trace: str, amount: Money) -> Twin | None:
    """A standing payment with this number and amount, whoever sent it."""
    same = (_remit.c.entity_id == entity_id, _remit.c.trace == trace, _remit.c.paid == amount)
    query = select(_remit.c.trace, _remit.c.paid, _remit.c.recorded_at, _remit.c.payer_name)
    row = w.db.execute(query.where(*same, w.within(_remit.c.entity_id), _remit.c.state == "posted")).first()
    return Twin(row[0], row[1], row[2], row[3]) if row else None


def keyed_check(w: Work, entity_id: int, trace: str, amount: Money, *, other_than: int) -> Batch | None:
    """The batch a check of this number and amount was keyed as and still stands, unless it is that file."""
    query = _query(w).where(
        _batch.c.entity_id == entity_id,
        _batch.c.trace == trace,
        _batch.c.paid == amount,
        _batch.c.state == "committed",
        _batch.c.file_no != other_than,
        _transaction.c.state == "posted",
    )
    row = w.db.execute(query.order_by(_batch.c.id)).first()
    return _of(row) if row else None
