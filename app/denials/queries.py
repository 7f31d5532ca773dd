"""Reads of denials: the list, its totals, one case with its history, rows for export; and what surrounds a
batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select

from app.access.models import Person
from app.claims.models import Claim
from app.denials import queries_filters
from app.denials.lifecycle import BY_HAND, DENIAL, Move, State
from app.denials.models import Denial, DenialEvent, DenialItem
from app.denials.queries_filters import conditions, is_open
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.payers.models import Payer
from app.remits.models import Remit

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
FILTERS = queries_filters.FILTERS


# ---------------------------------------------------------------- the list


@dataclass(frozen=True, slots=True)
class DenialRow:
    """A case as the list shows it; `patient_id` is for the audit and stays inside.

    legal_due: the nearer of `appeal_by` and `file_by` that runs. touched_at: the last act of a person.
    """

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
    appeal_by: date | None
    file_by: date | None
    follow_up: date | None
    score: int
    owner: str | None
    root_cause: str
    patient_hold: bool
    outcome: str | None
    touched_at: datetime | None
    version: int
    patient_id: int | None


_COLUMNS = (
    _denial.c.public_id, _claim.c.public_id, _claim.c.control, _payer.c.name, _denial.c.category,
    _denial.c.group_code, _denial.c.carc, _denial.c.rarc, _denial.c.next_action, _denial.c.state,
    _denial.c.round, _denial.c.origin, _denial.c.denied, _denial.c.at_stake, _denial.c.recovered,
    _denial.c.denied_on, _denial.c.legal_due, _denial.c.internal_due, _denial.c.appeal_by,
    _denial.c.file_by, _denial.c.follow_up, _denial.c.score, _person.c.name, _denial.c.root_cause,
    _denial.c.patient_hold, _denial.c.outcome, _denial.c.touched_at, _denial.c.version,
    _denial.c.patient_id,
)  # fmt: skip


def cases(w: Work, ask: Ask) -> Slice[DenialRow]:
    """Cases by keyset, most pressing first by default; an export is the same list without pages
    (`ask.all()`).
    """
    query = _named(_joined()).where(*conditions(w, ask))
    found = page(w.db, query, ask, sorts=SORTS, key=_denial.c.id, row=_denial_row)
    patients = [row.patient_id for row in found.rows if row.patient_id]
    w.audit("denials.list", "R", "denial", patients=patients, detail={"rows": len(found.rows)})
    return found


def _joined() -> Select[Any]:
    return (
        select(_denial.c.id)
        .outerjoin(_claim, _claim.c.id == _denial.c.claim_id)
        .outerjoin(_payer, _payer.c.id == _denial.c.payer_id)
        .outerjoin(_person, _person.c.id == _denial.c.owner_id)
    )


def _named(query: Select[Any]) -> Select[Any]:
    # Two tables have a `public_id` and two a `name`: labels keep them apart.
    return query.with_only_columns(*(column.label(f"c{at}") for at, column in enumerate(_COLUMNS)))


def _denial_row(row: Row[Any]) -> DenialRow:
    values = list(row[: len(_COLUMNS)])
    values[1], values[2] = values[1] or "", values[2] or ""
    values[3] = values[3] or "Unknown payer"
    return DenialRow(*values)


@dataclass(frozen=True, slots=True)
class DenialTotal:
    """How many cases a category holds and what they are worth; `late` are past their internal day."""

    category: str
    count: int
    denied: Money
    at_stake: Money
    recovered: Money
    late: int


def totals(w: Work, ask: Ask, on: date, *, most: int = 0) -> list[DenialTotal]:
    """What the filters of a list select, by category, largest at stake first.

    most: look at so many cases and no more (0: at all of them); whoever asks adds up the counts and knows
    by a sum above it that there are more.
    """
    named = ("category", "denied", "at_stake", "recovered", "internal_due", "state")
    wanted = select(*(_denial.c[name] for name in named)).where(*conditions(w, ask))
    if most:
        wanted = wanted.limit(most + 1)
    found = wanted.subquery()
    behind = func.count().filter(and_(found.c.internal_due < on, found.c.state != State.CLOSED.value))
    sums = [func.sum(found.c[name]) for name in ("denied", "at_stake", "recovered")]
    query = select(found.c.category, func.count(), *sums, behind).group_by(found.c.category)
    made = [
        DenialTotal(
            category,
            int(count),
            Money.of_sum(int(denied)),
            Money.of_sum(int(stake)),
            Money.of_sum(int(back)),
            int(late),
        )
        for category, count, denied, stake, back, late in w.db.execute(query)
    ]
    return sorted(made, key=lambda one: (-one.at_stake, one.category))


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
        .where(w.within(_denial.c.entity_id), is_open())
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
    id: int
    payer_id: int | None
    first_denied_on: date
    stage: str
    hardness: str
    preventable: str
    appealable: str
    evidence: tuple[str, ...]
    letter: str
    level: int
    snoozes: int
    held_by: int | None
    held_until: datetime | None
    deadline: dict[str, Any]
    score_reasons: list[Any]
    items: list[ItemView]
    events: list[EventView]
    moves: list[Move]


def case(w: Work, public_id: str) -> DenialView:
    """One case; `NotFound` when there is none or it is not yours."""
    mine = (w.within(_denial.c.entity_id), _denial.c.public_id == public_id)
    query = _named(_joined()).where(*mine)
    found = w.db.execute(query).one_or_none()
    if found is None:
        raise NotFound()
    row = w.db.execute(select(_denial).where(_denial.c.public_id == public_id)).mappings().one()
    remit = w.db.execute(select(_remit.c.public_id).where(_remit.c.id == row["remit_id"])).scalar()
    items = select(_item).where(_item.c.denial_id == row["id"]).order_by(_item.c.round, _item.c.address)
    events = select(_event).where(_event.c.denial_id == row["id"]).order_by(_event.c.id)
    patients = [row["patient_id"]] if row["patient_id"] else []
    w.audit("denials.read", "R", "denial", public_id, entity_id=row["entity_id"], patients=patients)
    same = (
        "id", "payer_id", "entity_id", "claim_id", "first_denied_on", "stage", "hardness", "preventable",
        "appealable", "letter", "level", "snoozes", "held_by", "held_until",
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


def rows_with(w: Work, *where: ColumnElement[bool]) -> list[DenialRow]:
    """Cases a condition names, newest first, within what this actor may see; their patients are noted."""
    query = _named(_joined()).where(w.within(_denial.c.entity_id), *where)
    found = [_denial_row(row) for row in w.db.execute(query.order_by(_denial.c.id.desc()))]
    patients = [row.patient_id for row in found if row.patient_id]
    w.audit("denials.list", "R", "denial", patients=patients, detail={"rows": len(found)})
    return found


def rows_named(w: Work, public_ids: Sequence[str]) -> list[DenialRow]:
    """These cases, newest first."""
    return rows_with(w, among(w.db, _denial.c.public_id, list(public_ids)))


def on_claim(w: Work, claim_id: int) -> list[DenialRow]:
    """The cases of a claim, newest first, for its own page."""
    return rows_with(w, _denial.c.claim_id == claim_id)
