"""Exceptions: what waits for a person in the remits, with the claims each may belong to.

The worklist says what waits; this adds what a biller needs to decide, a page at a time and set-wise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from app.access.models import Person
from app.claims.models import Claim, ClaimVersion
from app.intake.models import IntakeTransaction
from app.kernel.clock import day_of
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.ledger.models import ClaimBalance
from app.patients.models import Patient
from app.payers.models import Payer
from app.remits.models import ProviderAdjustment, Remit, RemitClaim
from app.remits.rules import score_suggestion
from app.remits.rules_words import reason_words
from app.worklist.models import ItemState, WorklistItem

_item, _person, _payer = table_of(WorklistItem), table_of(Person), table_of(Payer)
_claim, _remit, _pair = table_of(RemitClaim), table_of(Remit), table_of(ProviderAdjustment)
_transaction, _patient = table_of(IntakeTransaction), table_of(Patient)
_billed, _version, _balance = table_of(Claim), table_of(ClaimVersion), table_of(ClaimBalance)
QUEUES = ("exceptions", "plb")
FILTERS = ("queue", "reason", "owner", "payer", "amount_from", "age", "state")
SORTS = {
    "rank": Sort(_item.c.rank, descending=True),
    "amount": Sort(_item.c.amount, descending=True),
    "due": Sort(_item.c.due, nullable=True),
    "opened": Sort(_item.c.opened_at),
}
SUGGESTED = 5
LEAST_SCORE = 40
"""Below this a likeness is chance: one trait alone, and not the strongest."""
DAYS_AROUND = 60
CANDIDATES = 2_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A claim of ours that a parked payment may be for; `score` of 100, with what speaks for it."""

    claim: str
    control: str
    patient: str
    service_from: date | None
    charge: Money
    open: Money
    score: int
    reasons: tuple[str, ...]
    patient_id: int


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """One thing that waits: a parked claim, a held transaction or a provider adjustment; ids stay inside."""

    public_id: str
    version: int
    queue: str
    kind: str
    reason: str
    words: str
    amount: Money
    payer: str
    trace: str
    patient: str
    control: str
    service_from: date | None
    opened_at: datetime
    age: int
    due: date | None
    late: bool
    owner: str | None
    mine: bool
    state: str
    outcome: str | None
    remit: str
    remit_claim: str
    transaction: str
    subject_id: int
    entity_id: int
    charge: Money
    last: str
    first: str
    suggestion: str = ""


COLUMNS = (
    Column("words", "Reason"),
    Column("amount", "Amount", Kind.MONEY, sort="amount"),
    Column("payer", "Payer"),
    Column("patient", "Patient"),
    Column("service_from", "Service", Kind.DAY, wide=False),
    Column("age", "Age", Kind.COUNT, sort="opened", hint="Days it has waited"),
    Column("suggestion", "Suggestion"),
    Column("owner", "Owner"),
    Column("due", "Due", Kind.DAY, sort="due"),
)
EXPORT_COLUMNS = (
    *COLUMNS,
    Column("control", "Claim", Kind.CODE),
    Column("trace", "Check / TRN", Kind.CODE),
    Column("reason", "Reason code", Kind.CODE),
    Column("opened_at", "Since", Kind.INSTANT),
)


def exceptions(w: Work, ask: Ask) -> Slice[ExceptionRow]:
    """One page of what waits, the most pressing first; each parked claim with its best suggestion."""
    found = page(w.db, _listed(w, ask), ask, sorts=SORTS, key=_item.c.id, row=lambda row: _row(w, row))
    best = suggestions(w, found.rows)
    patients = {one.patient_id for many in best.values() for one in many}
    w.audit("exceptions.list", "R", "worklist_item", patients=patients, detail={"rows": len(found.rows)})
    return Slice([_with(one, best.get(one.subject_id, [])) for one in found.rows], found.next, found.previous)


def _with(row: ExceptionRow, found: Sequence[Suggestion]) -> ExceptionRow:
    if not found:
        return row
    values = {name: getattr(row, name) for name in ExceptionRow.__dataclass_fields__}
    return ExceptionRow(**{**values, "suggestion": f"{found[0].control} · {found[0].score}"})


def _columns() -> tuple[Any, ...]:
    return (
        _item, _person.c.name.label("owner"), _claim.c.public_id.label("claim"), _claim.c.control,
        _claim.c.patient_last, _claim.c.patient_first, _claim.c.service_from,
        _claim.c.charge.label("charged"),
        _remit.c.public_id.label("remit"), _transaction.c.public_id.label("transaction"),
        func.coalesce(_transaction.c.payer_name, _payer.c.name).label("payer"), _transaction.c.trace,
        _pair.c.reference,
    )  # fmt: skip


def _joined(w: Work) -> Select[Any]:
    """Each item with its subject: whichever of the three it is leads to the transaction it came in."""
    st = func.coalesce(_claim.c.remit_id, _pair.c.remit_id, _item.c.subject_id)
    return (
        select(*_columns())
        .outerjoin(_claim, and_(_item.c.subject == "remit_claim", _claim.c.id == _item.c.subject_id))
        .outerjoin(_pair, and_(_item.c.subject == "provider_adjustment", _pair.c.id == _item.c.subject_id))
        .outerjoin(_transaction, _transaction.c.id == st)
        .outerjoin(_remit, _remit.c.id == st)
        .outerjoin(_payer, _payer.c.id == _item.c.payer_id)
        .outerjoin(_person, _person.c.id == _item.c.owner_id)
        .where(w.within(_item.c.entity_id), _item.c.queue.in_(QUEUES))
    )


def _listed(w: Work, ask: Ask) -> Select[Any]:
    return _joined(w).where(*_conditions(w, ask))


def _conditions(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_item.c.queue == (ask.get("queue") or QUEUES[0])]
    state = ask.get("state") or ItemState.OPEN.value
    if state != "all":
        found.append(_item.c.state == state)
    if ask.get("reason"):
        found.append(_item.c.reason == ask.get("reason"))
    if ask.get("payer"):
        found.append(func.coalesce(_transaction.c.payer_name, _payer.c.name) == ask.get("payer"))
    if ask.get("owner") == "nobody":
        found.append(_item.c.owner_id.is_(None))
    elif ask.get("owner") == "me":
        found.append(_item.c.owner_id == (w.actor.person_id or 0))
    if ask.get("amount_from"):
        least = Money.parse(ask.get("amount_from").replace(",", "").removeprefix("$"))
        found.append(func.abs(_item.c.amount) >= int(least))
    if ask.get("age"):
        if not ask.get("age").isdigit():
            raise Refused("An age is a number of days.", code="age", field="age")
        found.append(_item.c.opened_at <= w.now - timedelta(days=int(ask.get("age")[:5])))
    return found


def _row(w: Work, row: Row[Any]) -> ExceptionRow:
    today = w.now.date()
    return ExceptionRow(
        public_id=row.public_id,
        version=row.version,
        queue=row.queue,
        kind=row.kind,
        reason=row.reason,
        words=reason_words(row.reason),
        amount=row.amount,
        payer=row.payer or "",
        trace=row.trace or "",
        patient=", ".join(part for part in (row.patient_last, row.patient_first) if part),
        control=row.control or row.reference or "",
        service_from=row.service_from,
        opened_at=row.opened_at,
        age=(today - day_of(row.opened_at, "UTC")).days,
        due=row.due,
        late=row.due is not None and row.due < today,
        owner=row.owner,
        mine=row.owner_id is not None and row.owner_id == w.actor.person_id,
        state=row.state,
        outcome=row.outcome,
        remit=row.remit or "",
        remit_claim=row.claim or "",
        transaction=row.transaction or "",
        subject_id=row.subject_id,
        entity_id=row.entity_id,
        charge=Money(0) if row.charged is None else row.charged,
        last=row.patient_last or "",
        first=row.patient_first or "",
    )


def one(w: Work, public: str) -> ExceptionRow:
    """One exception by the public id of its item; `NotFound` outside the scope."""
    row = w.db.execute(_joined(w).where(_item.c.public_id == public)).one_or_none()
    if row is None:
        raise NotFound("There is no such exception.")
    w.audit("exception.read", "R", "worklist_item", public, entity_id=row.entity_id)
    return _row(w, row)


def item_of(w: Work, claim_public: str) -> str:
    """The item of a parked claim, by the claim's public id; empty when there is none."""
    query = select(_item.c.public_id).join(_claim, _claim.c.id == _item.c.subject_id)
    mine = (_item.c.subject == "remit_claim", _item.c.queue == QUEUES[0], w.within(_item.c.entity_id))
    return str(w.db.execute(query.where(_claim.c.public_id == claim_public, *mine)).scalar() or "")


def totals(w: Work, ask: Ask) -> tuple[int, Money]:
    """(how many, their amounts) of the whole list."""
    query = _listed(w, ask).with_only_columns(func.count(), func.sum(_item.c.amount))
    count, amount = w.db.execute(query).one()
    return int(count), Money.of_sum(int(amount or 0))


def open_counts(w: Work) -> dict[str, int]:
    """Open work in each tab: the two queues, and held transactions that belong to no entity yet."""
    query = select(_item.c.queue, func.count()).where(
        w.within(_item.c.entity_id), _item.c.queue.in_(QUEUES), _item.c.state == ItemState.OPEN.value
    )
    return {queue: int(count) for queue, count in w.db.execute(query.group_by(_item.c.queue))}


def reasons(w: Work, queue: str) -> list[tuple[str, str]]:
    """The reasons that occur in a queue, with their words, for the filter."""
    query = select(_item.c.reason).where(w.within(_item.c.entity_id), _item.c.queue == queue).distinct()
    return sorted(
        ((one, reason_words(one)) for one in w.db.execute(query).scalars()), key=lambda pair: pair[1]
    )


# ---------------------------------------------------------------- suggestions

_CANDIDATE = (
    _billed.c.id, _billed.c.public_id, _billed.c.entity_id, _billed.c.control, _billed.c.charge,
    _billed.c.service_from, _billed.c.patient_id, _patient.c.last, _patient.c.first, _balance.c.payer,
    _balance.c.patient,
)  # fmt: skip


def _candidates() -> Select[Any]:
    return (
        select(*_CANDIDATE)
        .join(_patient, _patient.c.id == _billed.c.patient_id)
        .outerjoin(_balance, _balance.c.claim_id == _billed.c.id)
    )


def suggestions(w: Work, rows: Iterable[ExceptionRow]) -> dict[int, list[Suggestion]]:
    """The claims each parked payment may be for, best first, by the payment's key.

    Candidates have the same day of service, the same charge within 60 days, or the same last name; they are
    read for all rows at once, through the indexes of entity and day, and of entity and name.
    """
    parked = [row for row in rows if row.kind == "parked_claim" and row.state == ItemState.OPEN.value]
    pools: dict[int, list[Row[Any]]] = {}
    for entity_id in sorted({row.entity_id for row in parked}):
        pools[entity_id] = _pool(w, entity_id, [row for row in parked if row.entity_id == entity_id])
    return {row.subject_id: _best(row, pools[row.entity_id]) for row in parked}


def _pool(w: Work, entity_id: int, parked: Sequence[ExceptionRow]) -> list[Row[Any]]:
    own = and_(_billed.c.entity_id == entity_id, w.within(_billed.c.entity_id))
    days = sorted({row.service_from for row in parked if row.service_from})
    names = sorted(
        {row.last.upper() for row in parked if row.last} | {row.last for row in parked if row.last}
    )
    queries = [
        _candidates().where(own, _patient.c.entity_id == entity_id, _patient.c.last.in_(names)),
        _candidates().where(own, _billed.c.service_from.in_(days)),
    ]
    if days:
        charges = sorted({abs(int(row.charge)) for row in parked})
        first, last = days[0] - timedelta(days=DAYS_AROUND), days[-1] + timedelta(days=DAYS_AROUND)
        near = _billed.c.service_from.between(first, last)
        queries.append(_candidates().where(own, near, _billed.c.charge.in_(charges)))
    found: dict[int, Row[Any]] = {}
    for query in queries:
        found |= {row.id: row for row in w.db.execute(query.limit(CANDIDATES))}
    return list(found.values())


def _best(row: ExceptionRow, pool: Sequence[Row[Any]]) -> list[Suggestion]:
    day = row.service_from.isoformat() if row.service_from else None
    scored = []
    for other in pool:
        facts = (int(other.charge), other.last, other.first, other.service_from)
        score, why = score_suggestion(
            cents=int(row.charge), last=row.last, first=row.first, service_from=day, other=facts
        )
        if other.control == row.control:
            score, why = min(100, score + 30), ["same control number", *why]
        if score >= LEAST_SCORE:
            scored.append(_suggestion(other, score, tuple(why)))
    scored.sort(key=lambda one: (-one.score, one.control))
    return scored[:SUGGESTED]


def _suggestion(row: Row[Any], score: int, why: tuple[str, ...]) -> Suggestion:
    owed = int(row.payer or 0) + int(row.patient or 0)
    name = ", ".join(part for part in (row.last, row.first) if part)
    return Suggestion(
        row.public_id,
        row.control,
        name,
        row.service_from,
        row.charge,
        Money(owed),
        score,
        why,
        row.patient_id,
    )


def find_claims(w: Work, entity_id: int, text: str) -> list[Suggestion]:
    """Claims of an entity by control number, last name, day of service or `=charge`, for linking by hand."""
    text = text.strip()
    if not text:
        return []
    own = and_(_billed.c.entity_id == entity_id, w.within(_billed.c.entity_id))
    if text.startswith("="):
        which = _billed.c.charge == Money.parse(text[1:].replace(",", "").strip())
    else:
        versions = select(_version.c.claim_id).where(
            _version.c.entity_id == entity_id, _version.c.control == text
        )
        named = func.upper(_patient.c.last).startswith(text.upper(), autoescape=True)
        which = or_(_billed.c.control.startswith(text, autoescape=True), _billed.c.id.in_(versions), named)
        try:
            which = or_(which, _billed.c.service_from == date.fromisoformat(text))
        except ValueError:
            which = or_(which)
    rows = w.db.execute(
        _candidates().where(own, which).order_by(_billed.c.service_from.desc()).limit(20)
    ).all()
    w.audit("claims.search", "R", "claim", entity_id=entity_id, patients=[row.patient_id for row in rows])
    return [_suggestion(row, 0, ()) for row in rows]
