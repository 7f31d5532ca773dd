"""Candidates for an agency with the lights of their scrub; set-wise, by keyset, as a list and as a file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true

from app.accounts.lifecycle import Blocks
from app.accounts.models import Standing
from app.contacts.lifecycle import Act, HoldKind
from app.contacts.models import AccountHold
from app.contacts.queries_guards import Known, gather
from app.contacts.queries_law import law
from app.contacts.rules_law import Law
from app.entities.models import Entity
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.export import Column, Kind
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.lifecycle import Deliverability
from app.patients.models import Guarantor, GuarantorAddress
from app.patients.queries_guarantors import patients_of
from app.placements.rules import BARRED, PRE_COLLECTION, Facts, Light, earliest, lights, wants_screening
from app.statements.models import CollectionLetter, Dunning

_standing, _guarantor, _dunning = table_of(Standing), table_of(Guarantor), table_of(Dunning)
_hold = table_of(AccountHold)
_address, _letter, _entity = table_of(GuarantorAddress), table_of(CollectionLetter), table_of(Entity)
SORTS = {
    "due": Sort(_standing.c.due, descending=True),
    "first": Sort(_dunning.c.first_on, nullable=True),
    "notice": Sort(_dunning.c.notice_on, nullable=True),
    "name": Sort(_guarantor.c.last),
    "number": Sort(_guarantor.c.number),
}
FILTERS = ("show", "entity", "state", "least")
SHOWS = {"all": "All candidates", "ready": "Every light green", "blocked": "Something stands against it"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account in pre-collection and what its scrub says. earliest: the first day the calendar allows."""

    id: int
    public_id: str
    entity_id: int
    entity: str
    number: str
    name: str
    state: str
    due: Money
    waiting: Money
    stage: str
    first_on: date | None
    notice_on: date | None
    earliest: date | None
    lights: tuple[Light, ...]
    time_zone: str

    @property
    def ready(self) -> bool:
        """Is every light green?"""
        return all(one.green for one in self.lights)

    @property
    def red(self) -> tuple[Light, ...]:
        """What stands against it."""
        return tuple(one for one in self.lights if not one.green)

    @property
    def against(self) -> str:
        """The red lights in words; empty when there is none."""
        return " ".join(f"{one.label}: {one.words}" for one in self.red)


COLUMNS = [
    Column("name", "Guarantor", sort="name"),
    Column("number", "Account", Kind.CODE, "number"),
    Column("due", "Due", Kind.MONEY, "due"),
    Column("state", "State", Kind.CODE),
    Column("first_on", "First statement", Kind.DAY, "first"),
    Column("notice_on", "Final notice", Kind.DAY, "notice"),
    Column("earliest", "Earliest", Kind.DAY, hint="The first day the calendar allows an agency"),
    Column("ready", "Ready", Kind.FLAG),
    Column("against", "What stands against it"),
]


def _lamp(code: str) -> Any:
    return lambda row: next(("green" if one.green else "red") for one in row.lights if one.code == code)


CODES = {
    "stage": "Stage", "days": "Days", "notice": "Notice", "letters": "Letters", "balance": "Balance",
    "insurance": "Insurance", "plan": "Plan", "promise": "Promise", "payment": "Payment",
    "dispute": "Dispute", "assistance": "Assistance", "estimate": "Estimate dispute",
    "bankruptcy": "Bankruptcy", "deceased": "Deceased", "attorney": "Attorney or cease",
    "holds": "Other holds", "mail": "Mail", "guarantor": "Guarantor", "licence": "Licence",
    "screening": "Screening",
}  # fmt: skip
FILE_COLUMNS = [
    Column("entity", "Billing entity"),
    *COLUMNS,
    *(Column(f"light_{code}", label, value=_lamp(code)) for code, label in CODES.items()),
]


def candidates(w: Work, ask: Ask) -> Slice[Candidate]:
    """Accounts in pre-collection with their lights; an export is the same list without pages."""
    found = page(w.db, _listed(w, ask), ask, sorts=SORTS, key=_standing.c.account_id, row=tuple)
    rows = [
        one
        for chunk in in_chunks(found.rows, BATCH_CLAIMS)
        for one in _scrubbed(w, [row[:-2] for row in chunk])
    ]
    seen = {one.patient_id for each in patients_of(w, [row.id for row in rows]).values() for one in each}
    if rows:
        w.audit("placements.list", "R", "account", patients=seen, detail={"count": len(rows)})
    return Slice(rows, found.next, found.previous)


def one(w: Work, public: str) -> Candidate:
    """One account's scrub, whatever its stage; `NotFound` for a stranger's."""
    query = _of(w).where(_guarantor.c.public_id == public)
    rows = _scrubbed(w, [tuple(row) for row in w.db.execute(query)])
    if not rows:
        raise NotFound("There is no such account.")
    seen = {each.patient_id for found in patients_of(w, [rows[0].id]).values() for each in found}
    w.audit("placements.read", "R", "account", public, entity_id=rows[0].entity_id, patients=seen)
    return rows[0]


@dataclass(frozen=True, slots=True)
class Totals:
    """What the filters select."""

    count: int
    due: Money


def totals(w: Work, ask: Ask) -> Totals:
    """How many accounts, and what they owe."""
    query = _listed(w, ask).with_only_columns(func.count(), func.sum(_standing.c.due))
    count, due = w.db.execute(query).one()
    return Totals(int(count), Money.of_sum(int(due or 0)))


def ready(w: Work, entity_id: int, day: date) -> list[tuple[int, int]]:
    """(account, cents due) of every account of an entity whose lights are all green on a day."""
    query = _of(w).where(_standing.c.entity_id == entity_id, _likely(law(w, entity_id, day), day))
    rows = [tuple(row) for row in w.db.execute(query)]
    found = [one for chunk in in_chunks(rows, BATCH_CLAIMS) for one in _scrubbed(w, chunk, day)]
    return [(one.id, int(one.due)) for one in found if one.ready]


# ---------------------------------------------------------------- which accounts

_NAMED = (
    _standing.c.account_id, _guarantor.c.public_id, _standing.c.entity_id, _entity.c.name,
    _guarantor.c.number, _guarantor.c.last, _guarantor.c.first, _guarantor.c.confirmed, _guarantor.c.state,
    _standing.c.due, _standing.c.waiting, _standing.c.blocks, _dunning.c.stage, _dunning.c.first_on,
    _dunning.c.notice_on, _entity.c.time_zone,
)  # fmt: skip
_PLACES = {column.name: at for at, column in enumerate(_NAMED)}


def _of(w: Work) -> Select[Any]:
    return (
        select(*_NAMED)
        .select_from(_standing)
        .join(_guarantor, _guarantor.c.id == _standing.c.account_id)
        .join(_entity, _entity.c.id == _standing.c.entity_id)
        .outerjoin(_dunning, _dunning.c.account_id == _standing.c.account_id)
        .where(w.within(_standing.c.entity_id))
    )


def _listed(w: Work, ask: Ask) -> Select[Any]:
    return _of(w).where(_dunning.c.stage.in_(PRE_COLLECTION), *_conditions(w, ask))


def _conditions(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    show, found = ask.get("show") or "all", list[ColumnElement[bool]]()
    if show not in SHOWS:
        raise Refused("There is no such choice.", code="unknown_choice", field="show")
    if show != "all":
        rows = w.db.execute(select(_entity.c.id, _entity.c.time_zone).where(w.within(_entity.c.id)))
        likely = or_(
            *(and_(_standing.c.entity_id == row.id, _likely(law(w, row.id, w.today(row.time_zone)),
                                                           w.today(row.time_zone))) for row in rows)
        )  # fmt: skip
        found.append(likely if show == "ready" else ~likely)
    if ask.get("entity"):
        found.append(_entity.c.public_id == ask.get("entity"))
    if ask.get("state"):
        found.append(_guarantor.c.state == ask.get("state").upper())
    if ask.get("least"):
        found.append(_standing.c.due >= int(Money.parse(ask.get("least"))))
    return found


def _likely(rules: Law, day: date) -> ColumnElement[bool]:
    """What the database can tell of a scrub that is all green; the lights say the same, with their words."""
    barred = [row.state for row in rules.in_force() if row.code == "agency_licensed" and row.state
              and row.value != "yes"]  # fmt: skip
    first = day - timedelta(rules.number("agency_days"))
    notice = day - timedelta(rules.number("agency_after_notice_days"))
    good = exists().where(
        _address.c.guarantor_id == _standing.c.account_id, _address.c.effective_to.is_(None),
        _address.c.mail == Deliverability.GOOD.value,
    )  # fmt: skip
    sent = [
        exists().where(_letter.c.account_id == _standing.c.account_id, _letter.c.letter == name,
                       _letter.c.day >= _dunning.c.first_on)
        for name in ("final_notice", "pre_collection")
    ]  # fmt: skip
    everywhere = true() if rules.yes("agency_licensed") else _guarantor.c.state.in_(
        [row.state for row in rules.in_force() if row.code == "agency_licensed" and row.value == "yes"]
    )  # fmt: skip
    states = {row.state for row in rules.in_force() if row.code in ("screening_before_collection", BARRED)}
    wanting = [state for state in states if state and wants_screening(rules, state)]
    free = [state for state in states if state and not wants_screening(rules, state)]
    asked = _guarantor.c.state.not_in(free) if wants_screening(rules, "") else _guarantor.c.state.in_(wanting)
    screened = exists().where(_hold.c.account_id == _standing.c.account_id, *_DECIDED)
    return and_(
        or_(~asked, screened),
        _dunning.c.stage.in_(PRE_COLLECTION), _dunning.c.first_on <= first, _dunning.c.notice_on <= notice,
        _standing.c.due >= int(rules.cents("agency_least")), _standing.c.waiting == 0,
        _standing.c.blocks == 0, _guarantor.c.confirmed.is_(True), _guarantor.c.state != "",
        _guarantor.c.state.not_in(barred), everywhere, good, *sent,
    )  # fmt: skip


# ---------------------------------------------------------------- their lights


def _scrubbed(w: Work, rows: Sequence[tuple[Any, ...]], day: date | None = None) -> list[Candidate]:
    """Rows of `_of` with their lights; a fixed number of statements for up to 2,000."""
    ids = [row[0] for row in rows]
    known = gather(w, Act.PLACE, ids, w.now)
    mail, letters, screened = _mail(w, ids), _letters(w, ids), _screened(w, ids)
    made = []
    for row in rows:
        value = {name: row[at] for name, at in _PLACES.items()}
        about = known[row[0]]
        facts = facts_of(value, about, mail=row[0] in mail, letters=letters.get(row[0], []))
        facts = replace(facts, screened=row[0] in screened)
        on = day or w.today(value["time_zone"])
        last, first = value["last"], value["first"]
        made.append(
            Candidate(
                id=row[0], public_id=value["public_id"], entity_id=value["entity_id"], entity=value["name"],
                number=value["number"], name=f"{last}, {first}" if first else last, state=value["state"],
                due=value["due"], waiting=value["waiting"], stage=value["stage"] or "not_due",
                first_on=value["first_on"], notice_on=value["notice_on"],
                earliest=earliest(facts, about.law), lights=tuple(lights(facts, about.law, on)),
                time_zone=value["time_zone"],
            )
        )  # fmt: skip
    return made


def facts_of(
    value: dict[str, Any], about: Known, *, mail: bool, letters: Sequence[tuple[str, date]]
) -> Facts:
    """What the scrub asks, of a row and of what the guards know."""
    first_on = value["first_on"]
    return Facts(
        stage=value["stage"] or "not_due", first_on=first_on, notice_on=value["notice_on"], due=value["due"],
        waiting=value["waiting"], blocks=Blocks(value["blocks"]), holds=about.facts.holds,
        letters=frozenset(name for name, day in letters if first_on is not None and day >= first_on),
        mail=mail, confirmed=value["confirmed"], minor=about.facts.minor, state=value["state"],
        home=value["time_zone"],
    )  # fmt: skip


def _mail(w: Work, ids: Sequence[int]) -> set[int]:
    query = select(_address.c.guarantor_id).where(
        among(w.db, _address.c.guarantor_id, list(ids)), w.within(_address.c.entity_id),
        _address.c.effective_to.is_(None), _address.c.mail == Deliverability.GOOD.value,
    )  # fmt: skip
    return {int(one) for one in w.db.execute(query).scalars()}


def _screened(w: Work, ids: Sequence[int]) -> set[int]:
    """Accounts whose need for assistance was looked at: a hold for it is over, however it was decided."""
    query = select(_hold.c.account_id).where(
        among(w.db, _hold.c.account_id, list(ids)), w.within(_hold.c.entity_id), *_DECIDED
    )
    return {int(one) for one in w.db.execute(query).scalars()}


_DECIDED = (_hold.c.kind == HoldKind.ASSISTANCE.value, _hold.c.open.is_(False))


def _letters(w: Work, ids: Sequence[int]) -> dict[int, list[tuple[str, date]]]:
    query = select(_letter.c.account_id, _letter.c.letter, _letter.c.day).where(
        among(w.db, _letter.c.account_id, list(ids)), w.within(_letter.c.entity_id)
    )
    found: dict[int, list[tuple[str, date]]] = {}
    for account_id, letter, day in w.db.execute(query):
        found.setdefault(account_id, []).append((letter, day))
    return found
