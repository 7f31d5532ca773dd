"""Reads of underpayments: the list, its totals by cause, one with its calculation, the lines of a claim."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from app.access.models import Person
from app.claims.models import Claim
from app.contracts.models import FeeSchedule
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Patient
from app.payers import queries as payer_queries
from app.payers.models import Payer
from app.remits.models import Remit, RemitClaim
from app.underpayments.lifecycle import BY_HAND, OPEN, UNDERPAYMENT, Move, State
from app.underpayments.models import (
    Underpayment,
    UnderpaymentEvent,
    UnderpaymentPattern,
    UnderpaymentProject,
    Variance,
)
from app.underpayments.rules import CAUSES, said
from app.worklist.queries import owned

_case, _variance, _event = table_of(Underpayment), table_of(Variance), table_of(UnderpaymentEvent)
_project, _pattern = table_of(UnderpaymentProject), table_of(UnderpaymentPattern)
_person, _payer, _claim = table_of(Person), table_of(Payer), table_of(Claim)
_patient, _schedule = table_of(Patient), table_of(FeeSchedule)
_remit, _remit_claim = table_of(Remit), table_of(RemitClaim)
SORTS = {
    "amount": Sort(_case.c.amount, descending=True),
    "limit": Sort(_case.c.limit_on),
    "remit": Sort(_case.c.remit_on, descending=True),
    "recovered": Sort(_case.c.recovered, descending=True),
}
FILTERS = (
    "state",
    "cause",
    "payer",
    "kind",
    "project",
    "owner",
    "amount_from",
    "claim",
    "code",
    "pattern",
    "limit_by",
)
KINDS = [("underpaid", "Underpaid"), ("overpaid", "Overpaid")]
_OPEN = [state.value for state in sorted(OPEN)]
LIKE = 100


@dataclass(frozen=True, slots=True)
class CaseRow:
    """An underpayment as the list shows it; `limit_on` is the last day to dispute."""

    public_id: str
    entity_id: int
    claim: str
    control: str
    patient: str
    patient_id: int | None
    payer: str
    schedule: str
    kind: str
    code: str
    modifiers: str
    expected: Money
    actual: Money
    amount: Money
    recovered: Money
    cause: str
    systematic: bool
    project: str
    project_id: str
    state: str
    service_on: date
    remit_on: date
    limit_on: date
    owner: str
    version: int

    @property
    def cause_words(self) -> str:
        """The cause in words."""
        return said(CAUSES, self.cause) or self.kind.capitalize()

    @property
    def variance(self) -> Money:
        """Expected less actual."""
        return self.expected - self.actual

    @property
    def procedure(self) -> str:
        """`99213-25`."""
        return "-".join(filter(None, (self.code or "whole claim", self.modifiers.replace(" ", "-"))))


COLUMNS = [
    Column("claim", "Claim", Kind.CODE, value=lambda row: row.control),
    Column("payer", "Payer"),
    Column("patient", "Patient"),
    Column("schedule", "Contract version"),
    Column("procedure", "Code", Kind.CODE),
    Column("expected", "Expected", Kind.MONEY),
    Column("actual", "Allowed", Kind.MONEY),
    Column("variance", "Variance", Kind.MONEY, "amount"),
    Column("cause", "Cause", value=lambda row: row.cause_words),
    Column("systematic", "Systematic", Kind.FLAG),
    Column("project", "Project"),
    Column("limit_on", "Dispute by", Kind.DAY, "limit"),
    Column("state", "State", Kind.STATE),
    Column("owner", "Owner"),
    Column("service_on", "Service", Kind.DAY),
    Column("remit_on", "Remit", Kind.DAY, "remit"),
    Column("recovered", "Recovered", Kind.MONEY, "recovered"),
]
GRID = [
    Column("payer", "Payer, contract"),
    Column("patient", "Patient, claim"),
    Column("code", "Code"),
    Column("expected", "Expected", Kind.MONEY),
    Column("actual", "Allowed", Kind.MONEY),
    Column("amount", "Variance", Kind.MONEY, "amount", hint="Expected less allowed"),
    Column("cause", "Likely cause"),
    Column("project", "Project", wide=False),
    Column("limit_on", "Dispute by", Kind.DAY, "limit"),
    Column("state", "State", Kind.STATE),
    Column("owner", "Owner", wide=False),
]
_NAMED = dict(
    public_id=_case.c.public_id, entity_id=_case.c.entity_id, claim=_claim.c.public_id,
    control=_claim.c.control, last=_patient.c.last, first=_patient.c.first, patient_id=_case.c.patient_id,
    payer=_payer.c.name, schedule_name=_schedule.c.name, schedule_number=_schedule.c.number,
    kind=_case.c.kind, code=_case.c.code, modifiers=_case.c.modifiers, expected=_case.c.expected,
    actual=_case.c.actual, amount=_case.c.amount, recovered=_case.c.recovered, cause=_case.c.cause,
    systematic=_case.c.pattern_id.is_not(None), project=_project.c.name, project_id=_project.c.public_id,
    state=_case.c.state, service_on=_case.c.service_on, remit_on=_case.c.remit_on,
    limit_on=_case.c.limit_on, owner=_person.c.name, version=_case.c.version,
)  # fmt: skip


def cases(w: Work, ask: Ask) -> Slice[CaseRow]:
    """Underpayments by keyset, dearest first by default; an export is the same list without pages."""
    found = page(w.db, listed(w, ask), ask, sorts=SORTS, key=_case.c.id, row=row_of)
    seen(w, found.rows)
    return found


def seen(w: Work, rows: Any) -> None:
    """Whose money was looked at."""
    patients = [row.patient_id for row in rows if row.patient_id]
    if patients:
        w.audit("underpayments.list", "R", "underpayment", patients=patients, detail={"count": len(rows)})


def listed(w: Work, ask: Ask) -> Select[Any]:
    """The rows of the list by its filters, in no order, for `row_of`."""
    return (
        select(*(column.label(f"x_{name}") for name, column in _NAMED.items()))
        .select_from(_case)
        .outerjoin(_claim, _claim.c.id == _case.c.claim_id)
        .outerjoin(_patient, _patient.c.id == _case.c.patient_id)
        .outerjoin(_payer, _payer.c.id == _case.c.payer_id)
        .outerjoin(_schedule, _schedule.c.id == _case.c.schedule_id)
        .outerjoin(_project, _project.c.id == _case.c.project_id)
        .outerjoin(_person, _person.c.id == _case.c.owner_id)
        .where(w.within(_case.c.entity_id), *_conditions(w, ask))
    )


def row_of(row: Row[Any]) -> CaseRow:
    """A row of `listed` as the list shows it."""
    values = {name: getattr(row, f"x_{name}") for name in _NAMED}
    name, number = values.pop("schedule_name"), values.pop("schedule_number")
    values["patient"] = ", ".join(filter(None, (values.pop("last"), values.pop("first"))))
    values["schedule"] = f"version {number}, {name}" if number else "terms"
    for text in ("claim", "control", "project", "project_id", "owner"):
        values[text] = values[text] or ""
    values["payer"] = values["payer"] or "Unknown payer"
    return CaseRow(**{**values, "systematic": bool(values["systematic"])})


def _conditions(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    state, found = ask.get("state") or "open", []
    if state != "all":
        found.append(_case.c.state.in_(_OPEN) if state == "open" else _case.c.state == state)
    found += [_case.c[name] == ask.get(name) for name in ("cause", "kind", "code") if ask.get(name)]
    if ask.get("payer"):
        found.append(_case.c.payer_id.in_(payer_queries.family_of(w, ask.get("payer"))))
    if ask.get("project"):
        found.append(_project.c.public_id == ask.get("project"))
    if ask.get("claim"):
        found.append(or_(_claim.c.public_id == ask.get("claim"), _claim.c.control == ask.get("claim")))
    if ask.get("amount_from"):
        found.append(_case.c.amount >= Money.parse(ask.get("amount_from")))
    if ask.get("pattern"):
        known = _case.c.pattern_id.is_not(None)
        found.append(known if ask.get("pattern") == "systematic" else ~known)
    if ask.get("limit_by"):
        found.append(_case.c.limit_on <= _day(ask.get("limit_by")))
    return [*found, *owned(w, _case.c.owner_id, ask)]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("A day is written 2026-01-31.", code="day_unreadable", field="limit_by") from None


@dataclass(frozen=True, slots=True)
class CauseTotal:
    """What one cause comes to among what a list's filters select."""

    cause: str
    kind: str
    count: int
    amount: Money
    recovered: Money

    @property
    def words(self) -> str:
        """The cause in words."""
        return said(CAUSES, self.cause) or self.kind.capitalize()


def totals(w: Work, ask: Ask) -> list[CauseTotal]:
    """By cause, the dearest first."""
    sums = [func.count(), func.sum(_case.c.amount), func.sum(_case.c.recovered)]
    query = listed(w, ask).with_only_columns(_case.c.cause, _case.c.kind, *sums)
    found = [
        CauseTotal(cause, kind, int(count), Money.of_sum(int(amount)), Money.of_sum(int(back)))
        for cause, kind, count, amount, back in w.db.execute(query.group_by(_case.c.cause, _case.c.kind))
    ]
    return sorted(found, key=lambda one: (-one.amount, one.cause))


# ---------------------------------------------------------------- one underpayment


@dataclass(frozen=True, slots=True)
class VarianceView:
    """A judged line: its figures, the calculation step by step, and which schedule priced it."""

    line_number: int
    line_control: str
    code: str
    modifiers: str
    setting: str
    units: str
    charge: Money
    expected: Money | None
    actual: Money
    variance: Money | None
    expected_paid: Money | None
    paid: Money
    class_: str
    cause: str
    reason: str
    flags: str
    terms: str
    steps: list[Any]
    computed_at: datetime
    rank: int

    @property
    def words(self) -> str:
        """Class and cause in words."""
        if self.class_ == "not_priced":
            return f"not priced: {self.reason.replace('_', ' ')}" if self.reason else "not priced"
        return self.class_.replace("_", " ")

    @property
    def cause_words(self) -> str:
        """The cause in words; empty when there is none."""
        return said(CAUSES, self.cause)


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to it."""

    at: datetime
    actor: str
    move: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One underpayment with its calculation, its like, its history and what may be done with it."""

    row: CaseRow
    id: int
    identified: Money
    outcome: str | None
    follow_up: date | None
    variance: VarianceView
    pattern: Any
    remit: str
    remit_claim: str
    events: list[EventView]
    moves: list[Move]
    mine: bool


_VIEW = tuple(VarianceView.__dataclass_fields__)


def _view(row: Any) -> VarianceView:
    return VarianceView(**{name: getattr(row, name) for name in _VIEW})


def _event_view(row: Any) -> EventView:
    return EventView(row.at, row.actor, row.move, row.before, row.after, row.reason)


def _variances(w: Work) -> Select[Any]:
    named = [_variance.c[name] for name in _VIEW if name != "class_"]
    return select(*named, _variance.c["class"].label("class_")).where(w.within(_variance.c.entity_id))


def one(w: Work, public_id: str) -> CaseView:
    """One underpayment; `NotFound` when there is none or it is not yours."""
    query = listed(w, Ask("amount", filters={"state": "all"})).where(_case.c.public_id == public_id)
    found = w.db.execute(query).one_or_none()
    if found is None:
        raise NotFound()
    row = w.db.execute(select(_case).where(_case.c.public_id == public_id)).one()
    events = select(_event).where(_event.c.underpayment_id == row.id).order_by(_event.c.id)
    places = select(_remit.c.public_id, _remit_claim.c.public_id).join(
        _remit_claim, _remit_claim.c.remit_id == _remit.c.id
    )
    place = w.db.execute(places.where(_remit_claim.c.id == row.remit_claim_id)).one_or_none()
    pattern = w.db.execute(select(_pattern).where(_pattern.c.id == (row.pattern_id or 0))).one_or_none()
    variance = w.db.execute(_variances(w).where(_variance.c.id == row.variance_id)).one()
    patients = [row.patient_id] if row.patient_id else []
    w.audit("underpayments.read", "R", "underpayment", public_id, entity_id=row.entity_id, patients=patients)
    return CaseView(
        row_of(found), row.id, row.identified, row.outcome, row.follow_up, _view(variance), pattern,
        place[0] if place else "", place[1] if place else "",
        [_event_view(one) for one in w.db.execute(events)],
        [move for move in UNDERPAYMENT.moves(State(row.state)) if move in BY_HAND and move is not Move.GROUP],
        row.owner_id is not None and row.owner_id == w.actor.person_id,
    )  # fmt: skip


def like(w: Work, public_id: str, *, limit: int = LIKE) -> list[CaseRow]:
    """Open underpayments of the same payer and cause, those of its code first; limit 0: all of them."""
    mine = select(_case).where(w.within(_case.c.entity_id), _case.c.public_id == public_id)
    row = w.db.execute(mine).one_or_none()
    if row is None:
        raise NotFound()
    query = listed(w, Ask("amount", filters={"state": "open"})).where(
        _case.c.entity_id == row.entity_id, _case.c.payer_id == row.payer_id, _case.c.cause == row.cause
    )
    same = (_case.c.code == row.code).desc()
    query = query.where(_case.c.kind == row.kind).order_by(same, _case.c.amount.desc(), _case.c.id)
    rows = [row_of(one) for one in w.db.execute(query.limit(limit) if limit else query)]
    seen(w, rows)
    return rows


def on_claim(w: Work, claim_id: int) -> list[tuple[VarianceView, str]]:
    """The standing judged lines of a claim with the underpayment each has (its public id, or empty)."""
    numbers = select(_case.c.rank, _case.c.line_number, _case.c.public_id).where(
        w.within(_case.c.entity_id), _case.c.claim_id == claim_id
    )
    known = {(row.rank, row.line_number): row.public_id for row in w.db.execute(numbers)}
    query = _variances(w).where(
        _variance.c.claim_id == claim_id, _variance.c.replaced_at.is_(None), _variance.c.gone_on.is_(None)
    )
    rows = w.db.execute(query.order_by(_variance.c.rank, _variance.c.line_number))
    return [(_view(row), known.get((row.rank, row.line_number), "")) for row in rows]
