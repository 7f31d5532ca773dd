"""Reads of payers: the list, one payer with the names it goes by, its terms in force and as written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.paging import Ask, Hit, Slice, Sort, page
from app.kernel.work import Work
from app.payers import rules
from app.payers.models import Payer, PayerAlias, PayerIdentifier, PayerTerm
from app.payers.rules import Clock

_payer, _alias = table_of(Payer), table_of(PayerAlias)
_identifier, _term, _entity = table_of(PayerIdentifier), table_of(PayerTerm), table_of(Entity)
FILTERS = ("q", "class", "entity")
SORTS = {"name": Sort(_payer.c.name), "class": Sort(_payer.c["class"]), "since": Sort(_payer.c.created_at)}
KIND_WORDS = {"trn03": "Company id (TRN03)", "plan": "Payer id", "naic": "NAIC", "name": "Name"}
LAW = ("CFR", "USC", "U.S.C.", "Act", "section")
FOUND = 20


@dataclass(frozen=True, slots=True)
class PayerRow:
    """A payer of the list; `id` and `entity_id` stay inside. `records`: how many records read as this one."""

    id: int
    public_id: str
    entity_id: int
    entity: str
    name: str
    class_: str
    numbers: str
    records: int
    created_at: datetime


COLUMNS = (
    Column("name", "Payer", sort="name"),
    Column("class_", "Class", sort="class"),
    Column("numbers", "Payer ids", Kind.CODE),
    Column(
        "records", "Records", Kind.COUNT, hint="Records that turned out to be this payer, itself included"
    ),
    Column("entity", "Entity", wide=False),
    Column("created_at", "First met", Kind.INSTANT, sort="since", wide=False),
)


def _base() -> Select[Any]:
    records = (
        select(func.count()).where(_alias.c.same_as == _payer.c.id).correlate(_payer).scalar_subquery() + 1
    )
    named = (_payer.c.id, _payer.c.public_id, _payer.c.entity_id, _payer.c.name, _payer.c.created_at)
    return select(
        *named, _payer.c["class"].label("class_"), _entity.c.name.label("entity"), records.label("records")
    ).join(_entity, _entity.c.id == _payer.c.entity_id)


def payers(w: Work, ask: Ask) -> Slice[PayerRow]:
    """One page of payers; of several records that are one payer only the one the others read as."""
    query = _base().where(w.within(_payer.c.entity_id), _payer.c.id.not_in(select(_alias.c.payer_id)))
    if ask.get("class"):
        query = query.where(_payer.c["class"] == ask.get("class"))
    if ask.get("entity"):
        query = query.where(_entity.c.public_id == ask.get("entity"))
    if ask.get("q"):
        query = query.where(_payer.c.id.in_(_called(ask.get("q"))))
    found = page(w.db, query, ask, sorts=SORTS, key=_payer.c.id, row=lambda row: row)
    numbers = _numbers_of(w, [row.id for row in found.rows])
    rows = [_row(row, numbers.get(row.id, [])) for row in found.rows]
    return Slice(rows, next=found.next, previous=found.previous)


def _called(text: str) -> Select[Any]:
    """Keys of payers one of whose names or numbers begins so, or has a word that does; aliases lead home."""
    plain = rules.normal_value("name", text)
    number = rules.normal_value("plan", text)
    like = or_(
        _identifier.c.value.startswith(plain, autoescape=True),
        _identifier.c.value.contains(" " + plain, autoescape=True),
        _identifier.c.value.startswith(number, autoescape=True),
    )
    home = func.coalesce(_alias.c.same_as, _identifier.c.payer_id)
    joined = _identifier.outerjoin(_alias, _alias.c.payer_id == _identifier.c.payer_id)
    return select(home).select_from(joined).where(like)


def _numbers_of(w: Work, payer_ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(_identifier.c.payer_id, _identifier.c.value).where(
        w.within(_identifier.c.entity_id),
        _identifier.c.payer_id.in_(payer_ids),
        _identifier.c.kind.in_(("plan", "trn03")),
    )
    found: dict[int, list[str]] = {}
    for payer_id, value in w.db.execute(query.order_by(_identifier.c.id)):
        found.setdefault(payer_id, []).append(value)
    return found


def _row(row: Row[Any], numbers: Sequence[str]) -> PayerRow:
    shown = " ".join(list(dict.fromkeys(numbers))[:3])
    values: dict[str, Any] = {one.name: getattr(row, one.name, shown) for one in fields(PayerRow)}
    return PayerRow(**values)


def find(w: Work, text: str) -> list[Hit]:
    """Payers by name or number, for the search of everything."""
    if len(text.strip()) < 3:
        return []
    query = _base().where(w.within(_payer.c.entity_id), _payer.c.id.in_(_called(text)))
    rows = w.db.execute(query.order_by(_payer.c.name, _payer.c.id).limit(FOUND))
    return [
        Hit("Payer", row.name, row.class_.replace("_", " "), "payers.payer", {"public_id": row.public_id})
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Known:
    """A number or name a payer goes by; `record` is the public id of the record that holds it."""

    kind: str
    value: str
    seen_as: str
    record: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record that reads as this payer: since when, and why."""

    public_id: str
    name: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class PayerPage:
    """A payer whole: its row, what it goes by, the records that are one with it."""

    row: PayerRow
    time_zone: str
    known: tuple[Known, ...]
    records: tuple[Record, ...]
    version: int


def by_id(w: Work, public_id: str) -> tuple[int, int]:
    """(key, entity) of a payer, of the record it reads as when it is another's; `NotFound` out of scope."""
    home = func.coalesce(_alias.c.same_as, _payer.c.id)
    query = (
        select(home, _payer.c.entity_id)
        .outerjoin(_alias, _alias.c.payer_id == _payer.c.id)
        .where(_payer.c.public_id == public_id, w.within(_payer.c.entity_id))
    )
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such payer.")
    return int(row[0]), int(row[1])


def record_keys(w: Work, public_id: str) -> tuple[int, int]:
    """(key, entity) of exactly this record, whichever payer it reads as."""
    query = select(_payer.c.id, _payer.c.entity_id).where(
        _payer.c.public_id == public_id, w.within(_payer.c.entity_id)
    )
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such payer.")
    return int(row[0]), int(row[1])


def family_of(w: Work, public_id: str) -> Select[Any]:
    """The keys of a payer and of the records that turned out to be the same one, as a subquery for filters.

    The public id may be that of any of its records.
    """
    mine = _payer.outerjoin(_alias, _alias.c.payer_id == _payer.c.id)
    home = select(func.coalesce(_alias.c.same_as, _payer.c.id)).select_from(mine)
    home = home.where(_payer.c.public_id == public_id, w.within(_payer.c.entity_id))
    first = home.scalar_subquery()
    also = select(_alias.c.payer_id).where(_alias.c.same_as == first, w.within(_alias.c.entity_id))
    return select(home.union(also).subquery().c[0])


def family(w: Work, payer_id: int) -> list[int]:
    """The keys of every record that is this payer, its own first."""
    query = select(_alias.c.payer_id).where(_alias.c.same_as == payer_id, w.within(_alias.c.entity_id))
    return [payer_id, *w.db.execute(query.order_by(_alias.c.payer_id)).scalars()]


def payer(w: Work, public_id: str) -> PayerPage:
    """One payer; asked by a record that reads as another, that other."""
    payer_id, _ = by_id(w, public_id)
    row = w.db.execute(_base().add_columns(_entity.c.time_zone, _payer.c.version).where(
        _payer.c.id == payer_id, w.within(_payer.c.entity_id))).one()  # fmt: skip
    ids = family(w, payer_id)
    named = (_identifier.c.kind, _identifier.c.value, _identifier.c.seen_as, _payer.c.public_id)
    query = select(*named).join(_payer, _payer.c.id == _identifier.c.payer_id)
    query = query.where(w.within(_identifier.c.entity_id), _identifier.c.payer_id.in_(ids))
    known = sorted(
        (Known(*one) for one in w.db.execute(query)),
        key=lambda one: (rules.STRENGTH[one.kind], one.value, one.record),
    )
    records = (
        select(_payer.c.public_id, _payer.c.name, _alias.c.reason, _alias.c.recorded_at)
        .join(_alias, _alias.c.payer_id == _payer.c.id)
        .where(_alias.c.same_as == payer_id, w.within(_payer.c.entity_id))
        .order_by(_alias.c.recorded_at, _payer.c.id)
    )
    numbers = [one.value for one in known if one.kind in ("plan", "trn03")]
    return PayerPage(
        _row(row, numbers), row.time_zone, tuple(known), tuple(Record(*one) for one in w.db.execute(records)),
        row.version,
    )  # fmt: skip


# ---------------------------------------------------------------- terms


@dataclass(frozen=True, slots=True)
class TermView:
    """One term in force on a day: its value as text, and where it comes from."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class LevelView:
    """One appeal level in force: `basis_of`: law or default; `source` names the layer."""

    clock: Clock
    authority: str
    source: str


@dataclass(frozen=True, slots=True)
class OwnTerms:
    """A dated row of ours: of this payer, or of its class (`about`). `state` as in the playbook."""

    about: str
    terms: dict[str, Any]
    effective_from: date
    effective_to: date | None
    author: str
    reason: str
    recorded_at: datetime
    state: str


def text_of(value: Any) -> str:
    """A term's value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if not isinstance(value, Decimal) else f"{value.normalize():f}"


def terms_shown(
    terms: rules.Terms, payer_class: str, on: date, own: Sequence[OwnTerms]
) -> tuple[list[TermView], list[LevelView]]:
    """Each term and level with its source: ours, the class, or the default of every payer."""
    mine = {name for one in own if one.state == "in_force" for name in one.terms}
    shipped_class = rules.class_entry(payer_class, on)

    def source(name: str) -> str:
        if name in mine:
            return "ours"
        return payer_class if name in shipped_class else "default"

    shown = [TermView(name, text_of(getattr(terms, name)), source(name)) for name in sorted(rules.NAMES)]
    levels = [
        LevelView(one, "law" if any(mark in one.rule for mark in LAW) else "default", source("level"))
        for one in sorted(terms.levels, key=lambda one: (one.variant, one.level))
    ]
    return shown, levels


def own_terms(
    w: Work, entity_id: int, payer_ids: Sequence[int], payer_class: str, on: date
) -> list[OwnTerms]:
    """Rows of ours that speak of this payer, its class or every payer, newest first."""
    about = or_(
        _term.c.payer_id.in_(payer_ids),
        _term.c.payer_id.is_(None) & or_(_term.c["class"] == payer_class, _term.c["class"].is_(None)),
    )
    query = select(_term).where(_term.c.entity_id == entity_id, w.within(_term.c.entity_id), about)
    return [_own(row, on) for row in w.db.execute(query.order_by(_term.c.id.desc())).mappings()]


def _own(row: Mapping[Any, Any], on: date) -> OwnTerms:
    state = "in_force"
    if row["replaced_at"] is not None:
        state = "replaced"
    elif row["effective_from"] > on:
        state = "ahead"
    elif row["effective_to"] is not None and row["effective_to"] <= on:
        state = "ended"
    about = "this payer" if row["payer_id"] is not None else (row["class"] or "every payer").replace("_", " ")
    named = ("terms", "effective_from", "effective_to", "author", "reason", "recorded_at")
    return OwnTerms(about=about, state=state, **{name: row[name] for name in named})


def row_from(
    w: Work, entity_id: int, payer_id: int | None, payer_class: str | None, day: date
) -> dict[str, Any]:
    """The terms of our own row that starts on this very day, to be changed with it; empty when there is
    none.
    """
    query = select(_term.c.terms).where(
        _term.c.entity_id == entity_id,
        w.within(_term.c.entity_id),
        _term.c.payer_id.is_(None) if payer_id is None else _term.c.payer_id == payer_id,
        _term.c["class"].is_(None) if payer_class is None else _term.c["class"] == payer_class,
        _term.c.effective_from == day,
        _term.c.replaced_at.is_(None),
    )
    return dict(w.db.execute(query).scalar_one_or_none() or {})
