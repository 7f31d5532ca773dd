"""Reads of denials: the list, its totals, one case with its history, rows for export; and what surrounds a
batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from app.access.models import Person
from app.claims.models import Claim
from app.denials.lifecycle import BY_HAND, DENIAL, OPEN, Move, State
from app.denials.models import Denial, DenialEvent, DenialItem
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.payers.models import Payer
from app.remits.models import Remit
from app.worklist.queries import owned

_denial, _item, _event = table_of(Denial), table_of(DenialItem), table_of(DenialEvent)
_person, _payer = table_of(Person), table_of(Payer)
_claim, _remit = table_of(Claim), table_of(Remit)
SORTS = {
    "rank": Sort(_denial.c.rank, descending=True),
    "due": Sort(_denial.c.internal_due, nullable=True),
    "at_stake": Sort(_denial.c.at_stake, descending=True),
    "denied": Sort(_denial.c.denied, descending=True),
    "opened": Sort(_denial.c.denied_on, descending=True),
}
FILTERS = (
    "category", "state", "owner", "payer", "carc", "rarc", "action", "origin", "due_by",
    "at_stake_from", "claim",
)  # fmt: skip
_OPEN = [state.value for state in sorted(OPEN)]


# ---------------------------------------------------------------- the list


@dataclass(frozen=True, slots=True)
class DenialRow:
    """A case as the list shows it; `patient_id` is for the audit and stays inside."""

    public_id: str
    claim: str
    control: str
    payer: str
    category: str
    group: str
    carc: str
    rarc: str | None
    next_action: str
    state: str
    round: int
    origin: str
    denied: Money
    at_stake: Money
    recovered: Money
    denied_on: date
    legal_due: date | None
    internal_due: date | None
    score: int
    owner: str | None
    patient_hold: bool
    outcome: str | None
    version: int
    patient_id: int | None


_COLUMNS = (
    _denial.c.public_id, _claim.c.public_id, _claim.c.control, _payer.c.name, _denial.c.category,
    _denial.c.group_code, _denial.c.carc, _denial.c.rarc, _denial.c.next_action, _denial.c.state,
    _denial.c.round, _denial.c.origin, _denial.c.denied, _denial.c.at_stake, _denial.c.recovered,
    _denial.c.denied_on, _denial.c.legal_due, _denial.c.internal_due, _denial.c.score, _person.c.name,
    _denial.c.patient_hold, _denial.c.outcome, _denial.c.version, _denial.c.patient_id,
)  # fmt: skip


def cases(w: Work, ask: Ask) -> Slice[DenialRow]:
    """Cases by keyset, most pressing first by default; an export is the same list without pages
    (`ask.all()`).
    """
    query = _listed(w, ask).with_only_columns(*_named())
    found = page(w.db, query, ask, sorts=SORTS, key=_denial.c.id, row=_denial_row)
    patients = [row.patient_id for row in found.rows if row.patient_id]
    w.audit("denials.list", "R", "denial", patients=patients, detail={"rows": len(found.rows)})
    return found


def _named() -> list[Any]:
    # Two tables have a `public_id` and two a `name`: labels keep them apart.
    return [column.label(f"c{at}") for at, column in enumerate(_COLUMNS)]


def _denial_row(row: Row[Any]) -> DenialRow:
    values = list(row[: len(_COLUMNS)])
    values[1], values[2] = values[1] or "", values[2] or ""
    values[3] = values[3] or "Unknown payer"
    return DenialRow(*values)


def _listed(w: Work, ask: Ask) -> Select[Any]:
    joined = (
        select(_denial.c.id)
        .outerjoin(_claim, _claim.c.id == _denial.c.claim_id)
        .outerjoin(_payer, _payer.c.id == _denial.c.payer_id)
        .outerjoin(_person, _person.c.id == _denial.c.owner_id)
    )
    return joined.where(w.within(_denial.c.entity_id), *_conditions(w, ask))


def _conditions(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    state = ask.get("state") or "open"
    found = (
        [_denial.c.state.in_(_OPEN) if state == "open" else _denial.c.state == state]
        if state != "all"
        else []
    )
    same = {
        "category": "category",
        "carc": "carc",
        "rarc": "rarc",
        "action": "next_action",
        "origin": "origin",
    }
    found += [_denial.c[column] == ask.get(name) for name, column in same.items() if ask.get(name)]
    if ask.get("payer"):
        found.append(_payer.c.public_id == ask.get("payer"))
    if ask.get("claim"):
        found.append(or_(_claim.c.public_id == ask.get("claim"), _claim.c.control == ask.get("claim")))
    found += owned(w, _denial.c.owner_id, ask)
    if ask.get("due_by"):
        found.append(_denial.c.internal_due <= _day(ask.get("due_by"), "due_by"))
    if ask.get("at_stake_from"):
        found.append(_denial.c.at_stake >= Money.parse(ask.get("at_stake_from")))
    return found


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("A day is written 2026-01-31.", code="day_unreadable", field=field) from None


@dataclass(frozen=True, slots=True)
class DenialTotal:
    """How many cases a category holds and what they are worth; `late` are past their internal day."""

    category: str
    count: int
    denied: Money
    at_stake: Money
    recovered: Money
    late: int


def totals(w: Work, ask: Ask, on: date) -> list[DenialTotal]:
    """What the filters of a list select, by category, largest at stake first."""
    behind = func.count().filter(and_(_denial.c.internal_due < on, _denial.c.state.in_(_OPEN)))
    sums = [func.sum(_denial.c[name]) for name in ("denied", "at_stake", "recovered")]
    query = _listed(w, ask).with_only_columns(_denial.c.category, func.count(), *sums, behind)
    found = [
        DenialTotal(
            category,
            int(count),
            Money.of_sum(int(denied)),
            Money.of_sum(int(stake)),
            Money.of_sum(int(back)),
            int(late),
        )
        for category, count, denied, stake, back, late in w.db.execute(query.group_by(_denial.c.category))
    ]
    return sorted(found, key=lambda one: (-one.at_stake, one.category))


@dataclass(frozen=True, slots=True)
class DueDay:
    """What must be done by one internal day, and the earliest legal day behind it."""

    day: date
    count: int
    at_stake: Money
    legal_due: date


def expiring(w: Work, on: date, *, days: int = 30) -> list[DueDay]:
    """What runs out from a day through so many days later, by internal day."""
    query = (
        select(
            _denial.c.internal_due, func.count(), func.sum(_denial.c.at_stake), func.min(_denial.c.legal_due)
        )
        .where(w.within(_denial.c.entity_id), _denial.c.state.in_(_OPEN))
        .where(_denial.c.internal_due >= on, _denial.c.internal_due <= on + timedelta(days))
        .group_by(_denial.c.internal_due)
        .order_by(_denial.c.internal_due)
    )
    return [
        DueDay(day, int(count), Money.of_sum(int(cents or 0)), legal)
        for day, count, cents, legal in w.db.execute(query)
    ]


# ---------------------------------------------------------------- one case


@dataclass(frozen=True, slots=True)
class ItemView:
    """One denied adjustment and the place it was read from: an address, a byte and an element of the file."""

    code: str
    round: int
    group: str
    carc: str
    rarcs: str
    charge: Money
    cents: Money
    withdrawn: bool
    address: int
    byte: int
    element: int


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to a case."""

    at: datetime
    actor: str
    move: str
    before: str
    after: str
    reason: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DenialView:
    """A case with all a person needs to decide; `deadline` is the proof of its date (N12)."""

    row: DenialRow
    entity_id: int
    claim_id: int
    remit: str
    stage: str
    root_cause: str
    hardness: str
    preventable: str
    appealable: str
    evidence: tuple[str, ...]
    letter: str
    level: int
    follow_up: date | None
    deadline: dict[str, Any]
    score_reasons: list[Any]
    items: list[ItemView]
    events: list[EventView]
    moves: list[Move]


def case(w: Work, public_id: str) -> DenialView:
    """One case; `NotFound` when there is none or it is not yours."""
    query = _listed(w, Ask("rank", filters={"state": "all"})).where(_denial.c.public_id == public_id)
    found = w.db.execute(query.with_only_columns(*_named())).one_or_none()
    if found is None:
        raise NotFound()
    row = w.db.execute(select(_denial).where(_denial.c.public_id == public_id)).mappings().one()
    remit = w.db.execute(select(_remit.c.public_id).where(_remit.c.id == row["remit_id"])).scalar()
    items = select(_item).where(_item.c.denial_id == row["id"]).order_by(_item.c.round, _item.c.address)
    events = select(_event).where(_event.c.denial_id == row["id"]).order_by(_event.c.id)
    patients = [row["patient_id"]] if row["patient_id"] else []
    w.audit("denials.read", "R", "denial", public_id, entity_id=row["entity_id"], patients=patients)
    same = (
        "entity_id", "claim_id", "stage", "root_cause", "hardness", "preventable", "appealable", "letter",
        "level", "follow_up",
    )  # fmt: skip
    return DenialView(
        row=_denial_row(found),
        remit=remit or "",
        evidence=tuple(filter(None, row["evidence"].split(";"))),
        deadline=row["deadline"] or {},
        score_reasons=row["score_reasons"] or [],
        items=[_item_view(one) for one in w.db.execute(items).mappings()],
        events=[_event_view(one) for one in w.db.execute(events).mappings()],
        moves=[move for move in DENIAL.moves(State(row["state"])) if move in BY_HAND],
        **{name: row[name] for name in same},
    )


def _item_view(row: Mapping[Any, Any]) -> ItemView:
    same = ("code", "round", "carc", "rarcs", "charge", "cents", "withdrawn", "address", "byte", "element")
    return ItemView(group=row["group_code"], **{name: row[name] for name in same})


def _event_view(row: Mapping[Any, Any]) -> EventView:
    same = ("at", "actor", "move", "before", "after", "reason")
    return EventView(detail=row["detail"] or {}, **{name: row[name] for name in same})


def on_claim(w: Work, claim_id: int) -> list[DenialRow]:
    """The cases of a claim, newest first, for its own page."""
    query = _listed(w, Ask("rank", filters={"state": "all"})).where(_denial.c.claim_id == claim_id)
    query = query.with_only_columns(*_named()).order_by(_denial.c.id.desc())
    return [_denial_row(row) for row in w.db.execute(query)]
