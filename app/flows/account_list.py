"""The list of accounts: who owes what, since when, where they stand and what keeps us from asking."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.accounts.lifecycle import Blocks
from app.accounts.models import Standing
from app.entities import queries as entities
from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.patients.queries_guarantors import seen_of
from app.statements.lifecycle import Stage
from app.statements.models import Dunning

_standing, _guarantor = table_of(Standing), table_of(Guarantor)
_dunning, _entity = table_of(Dunning), table_of(Entity)
SORTS = {
    "due": Sort(_standing.c.due, descending=True),
    "waiting": Sort(_standing.c.waiting, descending=True),
    "oldest": Sort(_standing.c.oldest_since, nullable=True),
    "promise": Sort(_standing.c.promise_until, nullable=True),
    "paid": Sort(_standing.c.paid_on, nullable=True, descending=True),
    "name": Sort(_guarantor.c.last),
    "number": Sort(_guarantor.c.number),
}
FILTERS = ("show", "entity", "stage", "plan", "promise", "hold", "age", "least", "language", "state")
SHOWS = {
    "owing": "Owe something",
    "due": "Due now",
    "waiting": "Wait for insurance",
    "held": "Held",
    "credit": "In credit",
    "unapplied": "Money not applied",
    "all": "All",
}
"""Which accounts the list shows; owing is what it opens with."""
HOLDS = {
    "none": "Nothing holds them",
    "any": "Anything holds them",
    "dispute": "Dispute",
    "assistance": "Financial assistance",
    "bankruptcy": "Bankruptcy",
    "deceased": "Deceased",
    "attorney": "Attorney",
    "cease": "Asked us to stop",
    "returned_mail": "Returned mail",
    "no_guarantor": "Guarantor not confirmed",
    "estimate_dispute": "Estimate dispute",
    "other_hold": "Another hold",
}
SAID_OF_HOLDS = {
    getattr(Blocks, name.upper()): words for name, words in HOLDS.items() if name not in ("none", "any")
}
HOLDING = sum(int(one) for one in SAID_OF_HOLDS)
PROMISES = {
    "open": "Promised",
    "today": "Last day of grace",
    "late": "Past their day",
    "none": "Nothing promised",
}
PLANS = {
    "running": "On a plan",
    "active": "Active",
    "late": "Late",
    "defaulted": "Defaulted",
    "re_established": "Re-established",
    "none": "No plan",
}
STAGES = [(one.value, one.value.replace("_", " ").replace("stmt", "statement").capitalize()) for one in Stage]
AGES = {"30": "Over 30 days", "60": "Over 60 days", "90": "Over 90 days", "120": "Over 120 days"}


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as the list shows it; cents. `id` and `entity_id` stay inside.

    oldest: the first day something of it was due; stage: of collection; holds: in words, empty when none.
    """

    id: int
    public_id: str
    entity_id: int
    entity: str
    number: str
    last: str
    first: str
    confirmed: bool
    language: str
    due: Money
    waiting: Money
    held: Money
    credit: Money
    unapplied: Money
    oldest: date | None
    stage: str
    plan: str
    promise_until: date | None
    blocks: int
    paid_on: date | None
    paid: Money

    @property
    def name(self) -> str:
        """Last name first, as statements sort it."""
        return f"{self.last}, {self.first}" if self.first else self.last

    @property
    def holds(self) -> str:
        """What holds it back."""
        return ", ".join(words for bit, words in SAID_OF_HOLDS.items() if self.blocks & bit)

    def days(self, today: date) -> int | None:
        """Days since the oldest part came due; None when nothing is."""
        return (today - self.oldest).days if self.oldest else None


COLUMNS = [
    Column("name", "Guarantor", sort="name"),
    Column("number", "Account", Kind.CODE, "number"),
    Column("due", "Due", Kind.MONEY, "due", hint="May be asked for now"),
    Column("waiting", "Waiting", Kind.MONEY, "waiting", hint="Not the patient's yet: insurance still works"),
    Column("held", "Held", Kind.MONEY, hint="Theirs, but held", wide=False),
    Column("oldest", "Due since", Kind.DAY, "oldest", hint="The oldest part of what is due"),
    Column("stage", "Stage", Kind.STATE),
    Column("plan", "Plan", Kind.STATE),
    Column("promise_until", "Promise until", Kind.DAY, "promise", hint="With the days of grace"),
    Column("holds", "Holds"),
    Column("paid_on", "Last paid", Kind.DAY, "paid"),
    Column("entity", "Entity", wide=False),
]
FILE_COLUMNS = [
    *COLUMNS[:5],
    Column("credit", "Credit", Kind.MONEY),
    Column("unapplied", "Unapplied", Kind.MONEY),
    *COLUMNS[5:11],
    Column("paid", "Last amount", Kind.MONEY),
    Column("language", "Language", Kind.CODE),
    Column("confirmed", "Confirmed", Kind.FLAG),
    Column("entity", "Entity"),
]


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals of a list, cents."""

    count: int
    due: Money
    waiting: Money
    held: Money


def accounts(w: Work, ask: Ask) -> Slice[AccountRow]:
    """One page of accounts; who was shown is in the audit."""
    columns = (
        _standing.c.account_id, _standing.c.entity_id, _standing.c.due, _standing.c.waiting,
        _standing.c.held, _standing.c.credit, _standing.c.unapplied, _standing.c.oldest_since,
        _standing.c.plan, _standing.c.promise_until, _standing.c.blocks, _standing.c.paid_on,
        _standing.c.paid, _guarantor.c.public_id, _guarantor.c.number, _guarantor.c.last,
        _guarantor.c.first, _guarantor.c.confirmed, _guarantor.c.language, _dunning.c.stage,
        _entity.c.name.label("entity"),
    )  # fmt: skip
    query = _joined(select(*columns)).where(*conditions(w, ask))
    found = page(w.db, query, ask, sorts=SORTS, key=_standing.c.account_id, row=_row)
    seen = seen_of(w, [one.public_id for one in found.rows])
    w.audit("accounts.list", "R", "account", patients=seen, detail={"count": len(found.rows)})
    return found


def _joined(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(_standing)
        .join(_guarantor, _guarantor.c.id == _standing.c.account_id)
        .join(_entity, _entity.c.id == _standing.c.entity_id)
        .outerjoin(_dunning, _dunning.c.account_id == _standing.c.account_id)
    )


def _row(row: Any) -> AccountRow:
    return AccountRow(
        id=row.account_id, public_id=row.public_id, entity_id=row.entity_id, entity=row.entity,
        number=row.number, last=row.last, first=row.first, confirmed=row.confirmed, language=row.language,
        due=row.due, waiting=row.waiting, held=row.held, credit=row.credit, unapplied=row.unapplied,
        oldest=row.oldest_since, stage=row.stage or Stage.NOT_DUE.value, plan=row.plan,
        promise_until=row.promise_until, blocks=row.blocks, paid_on=row.paid_on, paid=row.paid,
    )  # fmt: skip


def sums(w: Work, ask: Ask) -> Sums:
    """What the whole list adds up to."""
    parts = (_standing.c.due, _standing.c.waiting, _standing.c.held)
    columns = [func.coalesce(func.sum(one), 0) for one in parts]
    row = w.db.execute(_joined(select(func.count(), *columns)).where(*conditions(w, ask))).one()
    return Sums(int(row[0]), *(Money.of_sum(int(one)) for one in row[1:]))


def conditions(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    """What the filters ask; `Refused` names the one that is not right."""
    today = w.now.date()
    found = [w.within(_standing.c.entity_id), _SHOWN[_known(ask, "show", SHOWS) or "owing"]]
    chosen = entities.chosen(w, ask.get("entity"))
    if chosen is not None:
        found.append(_standing.c.entity_id.in_(chosen))
    if ask.get("stage"):
        stage = _known(ask, "stage", {one.value: one for one in Stage})
        none = or_(_dunning.c.stage.is_(None), _dunning.c.stage == stage)
        found.append(none if stage == Stage.NOT_DUE else _dunning.c.stage == stage)
    if hold := _known(ask, "hold", HOLDS):
        wanted = HOLDING if hold in ("none", "any") else int(Blocks[hold.upper()])
        held = _standing.c.blocks.bitwise_and(wanted) != 0
        found.append(~held if hold == "none" else held)
    if plan := _known(ask, "plan", PLANS):
        found.append(_planned(plan))
    if promise := _known(ask, "promise", PROMISES):
        found.append(_promised(promise, today))
    if age := _known(ask, "age", AGES):
        found.append(_standing.c.oldest_since < today - timedelta(int(age)))
    if ask.get("least"):
        found.append(_standing.c.due >= _cents(ask.get("least")))
    if ask.get("language"):
        found.append(_guarantor.c.language == ask.get("language"))
    if ask.get("state"):
        found.append(_guarantor.c.state == ask.get("state").upper())
    return found


_SHOWN = {
    "owing": or_(_standing.c.due > 0, _standing.c.waiting > 0, _standing.c.held > 0),
    "due": _standing.c.due > 0,
    "waiting": _standing.c.waiting > 0,
    "held": _standing.c.held > 0,
    "credit": _standing.c.credit > 0,
    "unapplied": _standing.c.unapplied > 0,
    "all": _standing.c.visits >= 0,
}


def _known(ask: Ask, name: str, known: Mapping[str, object]) -> str:
    value = ask.get(name)
    if value and value not in known:
        raise Refused(f"There is no such {name}.", code=f"unknown_{name}", field=name)
    return value


def _planned(plan: str) -> ColumnElement[bool]:
    if plan == "none":
        return _standing.c.plan == ""
    if plan == "running":
        return _standing.c.plan.in_(("active", "late", "re_established"))
    return _standing.c.plan == plan


def _promised(promise: str, today: date) -> ColumnElement[bool]:
    until = _standing.c.promise_until
    if promise == "none":
        return until.is_(None)
    if promise == "today":
        return until == today
    if promise == "late":
        return and_(until.is_not(None), until < today)
    return until.is_not(None)


def _cents(text: str) -> int:
    try:
        return int(Money.parse(text.strip().replace(",", "").removeprefix("$")))
    except Refused as problem:
        raise Refused(problem.message, code=problem.code, field="least") from None
