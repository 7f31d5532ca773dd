"""The call list as it is read: facts behind every place, the list for supervisors, who holds what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.access.models import Person
from app.accounts.models import CallPlace, Standing
from app.accounts.rules_calls import NOT_CALLED, REASONS, Facts
from app.contacts.lifecycle import PatientPromiseState
from app.contacts.models import Attempt, PatientPromise
from app.contacts.queries_law import law
from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.clock import day_of
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.patients.queries_guarantors import seen_of

_place, _standing, _guarantor = table_of(CallPlace), table_of(Standing), table_of(Guarantor)
_attempt, _promise, _person = table_of(Attempt), table_of(PatientPromise), table_of(Person)
SORTS = {
    "score": Sort(_place.c.score, descending=True),
    "due": Sort(_place.c.due, descending=True),
    "name": Sort(_guarantor.c.last),
    "not_before": Sort(_place.c.not_before, nullable=True),
}
FILTERS = ("entity", "zone", "reason", "least", "when")
WHENS = {"now": "May be called", "later": "Wait until later", "held": "On somebody's screen"}
KEPT = (PatientPromiseState.KEPT,)
BROKEN = (PatientPromiseState.BROKEN, PatientPromiseState.NSF, PatientPromiseState.PARTIAL)


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place of the call list. not_before: what the guards said last; holder: who has it on the screen."""

    account_id: int
    public_id: str
    entity_id: int
    number: str
    last: str
    first: str
    score: int
    reasons: tuple[str, ...]
    due: Money
    zones: tuple[str, ...]
    not_before: datetime | None
    holder: str
    held_until: datetime | None
    skipped: int

    @property
    def name(self) -> str:
        """Last name first."""
        return f"{self.last}, {self.first}" if self.first else self.last

    @property
    def why(self) -> str:
        """Its reasons in words."""
        return "; ".join(REASONS.get(one, one) for one in self.reasons)

    @property
    def zone(self) -> str:
        """Its zones in words."""
        return ", ".join(one.rpartition("/")[2].replace("_", " ") for one in self.zones)


COLUMNS = [
    Column("score", "Score", Kind.COUNT, "score", hint="0 to 1,000; the reasons stand beside it"),
    Column("name", "Guarantor", sort="name"),
    Column("number", "Account", Kind.CODE),
    Column("due", "Due", Kind.MONEY, "due"),
    Column("why", "Why"),
    Column("zone", "Zone", hint="Where they may be; calling time must be open in all of them"),
    Column("not_before", "Not before", Kind.INSTANT, "not_before"),
    Column("holder", "With"),
    Column("skipped", "Skipped", Kind.COUNT, wide=False),
]


def places(w: Work, ask: Ask) -> Slice[PlaceRow]:
    """The call list for whoever looks after it."""
    query = _of_places(w).where(*conditions(w, ask))
    found = page(w.db, query, ask, sorts=SORTS, key=_place.c.account_id, row=_row)
    seen = seen_of(w, [one.public_id for one in found.rows])
    w.audit("calls.list", "R", "account", patients=seen, detail={"count": len(found.rows)})
    return found


def place(w: Work, account_id: int) -> PlaceRow | None:
    """The place of one account; None when it is not on the list."""
    query = _of_places(w).where(_place.c.account_id == account_id, w.within(_place.c.entity_id))
    row = w.db.execute(query).one_or_none()
    return _row(row) if row else None


def _of_places(w: Work) -> Select[Any]:
    columns = (_place, _guarantor.c.public_id, _guarantor.c.number, _guarantor.c.last, _guarantor.c.first,
               _person.c.name.label("holder"))  # fmt: skip
    return (
        select(*columns)
        .join(_guarantor, _guarantor.c.id == _place.c.account_id)
        .outerjoin(_person, and_(_person.c.id == _place.c.held_by, _place.c.held_until > w.now))
    )


def _row(row: Any) -> PlaceRow:
    return PlaceRow(
        account_id=row.account_id, public_id=row.public_id, entity_id=row.entity_id, number=row.number,
        last=row.last, first=row.first, score=row.score, reasons=tuple(row.reasons.split()), due=row.due,
        zones=split_zones(row.zones), not_before=row.not_before, holder=row.holder or "",
        held_until=row.held_until, skipped=row.skipped,
    )  # fmt: skip


def split_zones(text: str) -> tuple[str, ...]:
    """The zones of a place."""
    return tuple(one for one in text.split(",") if one)


def conditions(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    """What the filters of the call list ask."""
    found = [w.within(_place.c.entity_id)]
    chosen = entities.chosen(w, ask.get("entity"))
    if chosen is not None:
        found.append(_place.c.entity_id.in_(chosen))
    if ask.get("zone"):
        found.append(_place.c.zones == ask.get("zone"))
    if ask.get("reason"):
        if ask.get("reason") not in REASONS:
            raise Refused("There is no such reason.", code="unknown_reason", field="reason")
        found.append((" " + _place.c.reasons + " ").contains(f" {ask.get('reason')} ", autoescape=True))
    if ask.get("least"):
        found.append(_place.c.due >= int(_amount(ask.get("least"))))
    if ask.get("when") == "now":
        found += [free(w), ready(w)]
    elif ask.get("when") == "later":
        found.append(_place.c.not_before > w.now)
    elif ask.get("when") == "held":
        found.append(_place.c.held_until > w.now)
    return found


def _amount(text: str) -> Money:
    try:
        return Money.parse(text.strip().replace(",", "").removeprefix("$"))
    except Refused as problem:
        raise Refused(problem.message, code=problem.code, field="least") from None


def ready(w: Work) -> ColumnElement[bool]:
    """Is its time come, by what the guards said last?"""
    return or_(_place.c.not_before.is_(None), _place.c.not_before <= w.now)


def free(w: Work) -> ColumnElement[bool]:
    """Does nobody else have it on the screen?"""
    mine = _place.c.held_by == w.actor.person_id
    return or_(_place.c.held_until.is_(None), _place.c.held_until <= w.now, mine)


def zone_sets(w: Work, entity_id: int) -> list[str]:
    """The different zones of an entity's places, as they are stored."""
    query = select(_place.c.zones).where(w.within(_place.c.entity_id), _place.c.entity_id == entity_id)
    return [str(one) for one in w.db.execute(query.distinct()).scalars()]


def counts(w: Work, ask: Ask) -> dict[str, int]:
    """How many of the list may be called, wait, are on a screen, and the cents all of them owe."""
    held, later = _place.c.held_until > w.now, _place.c.not_before > w.now
    query = select(
        func.count(),
        func.coalesce(func.sum(_place.c.due), 0),
        func.count().filter(held),
        func.count().filter(later),
    ).join(_guarantor, _guarantor.c.id == _place.c.account_id)
    row = w.db.execute(query.where(*conditions(w, ask))).one()
    return {"all": int(row[0]), "due": int(row[1]), "held": int(row[2]), "later": int(row[3])}


def held_by_me(w: Work) -> str:
    """The public id of the account I was handed and have not let go; empty when there is none."""
    query = (
        select(_guarantor.c.public_id)
        .join(_place, _place.c.account_id == _guarantor.c.id)
        .where(w.within(_place.c.entity_id), _place.c.held_by == w.actor.person_id)
        .where(_place.c.held_until > w.now)
    )
    return str(w.db.execute(query.limit(1)).scalar() or "")


# ---------------------------------------------------------------- the facts behind a place


def least(w: Work, entity_id: int, on: date) -> int:
    """The smallest balance somebody is called about, in cents."""
    return int(law(w, entity_id, on).cents("call_least"))


def standings(w: Work, entity_id: int, on: date, *, after: int = 0, limit: int = 0,
              only: Collection[int] | None = None) -> Sequence[Any]:  # fmt: skip
    """Accounts that may be on the call list, by key: (account_id, due, oldest_since, blocks, plan)."""
    columns = (_standing.c.account_id, _standing.c.due, _standing.c.oldest_since, _standing.c.blocks,
               _standing.c.plan)  # fmt: skip
    query = select(*columns).where(w.within(_standing.c.entity_id), _standing.c.entity_id == entity_id)
    query = query.where(*callable_standing(least(w, entity_id, on)), _standing.c.account_id > after)
    if only is not None:
        query = query.where(among(w.db, _standing.c.account_id, list(only)))
    query = query.order_by(_standing.c.account_id)
    return w.db.execute(query.limit(limit) if limit else query).all()


def callable_standing(cents: int) -> list[ColumnElement[bool]]:
    """The condition that an account may be called about so much at all; as `rules_calls.callable_now`."""
    return [_standing.c.due >= cents, _standing.c.blocks.bitwise_and(int(NOT_CALLED)) == 0]


def facts(w: Work, rows: Sequence[Any], skipped: Mapping[int, int], zone: str) -> dict[int, Facts]:
    """What the score of each standing is made of; two statements whatever their number."""
    ids = [row.account_id for row in rows]
    tried, words = _tried(w, ids, zone), _words(w, ids)
    found = {}
    for row in rows:
        kept, broken, last = words.get(row.account_id, (0, 0, ""))
        callback, spoke = tried.get(row.account_id, (None, None))
        found[row.account_id] = Facts(
            due=int(row.due), since=row.oldest_since, blocks=row.blocks, kept=kept, broken=broken,
            last_broken=last in BROKEN, bounced=last == PatientPromiseState.NSF, callback_on=callback,
            spoke_on=spoke, plan=row.plan, skipped=skipped.get(row.account_id, 0),
        )  # fmt: skip
    return found


def _tried(w: Work, ids: Sequence[int], zone: str) -> dict[int, tuple[date | None, date | None]]:
    """By account: the day the last attempt asked to be called on, and the day of the last conversation."""
    columns = (_attempt.c.account_id, _attempt.c.at, _attempt.c.spoke, _attempt.c.next_on)
    query = select(*columns).where(w.within(_attempt.c.entity_id), among(w.db, _attempt.c.account_id, ids))
    found: dict[int, tuple[date | None, date | None]] = {}
    for row in w.db.execute(query.order_by(_attempt.c.at, _attempt.c.id)):
        spoke = day_of(row.at, zone) if row.spoke else found.get(row.account_id, (None, None))[1]
        found[row.account_id] = (row.next_on, spoke)
    return found


def _words(w: Work, ids: Sequence[int]) -> dict[int, tuple[int, int, str]]:
    """By account: promises kept, promises broken, how the last one that was judged ended."""
    columns = (_promise.c.account_id, _promise.c.state)
    query = select(*columns).where(w.within(_promise.c.entity_id), among(w.db, _promise.c.account_id, ids))
    found: dict[int, tuple[int, int, str]] = {}
    for row in w.db.execute(query.order_by(_promise.c.id)):
        kept, broken, last = found.get(row.account_id, (0, 0, ""))
        if row.state in KEPT or row.state in BROKEN:
            kept, broken, last = kept + (row.state in KEPT), broken + (row.state in BROKEN), row.state
        found[row.account_id] = (kept, broken, last)
    return found
