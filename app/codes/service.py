"""The verbs of codes: read the book of a day, and change a row of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from app.codes.models import CodeRow
from app.codes.rules import NEXT_ACTIONS, CodeBook
from app.codes.translate import retired, rows_on
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work

_row = table_of(CodeRow)
LISTS = ("carc", "rarc", "plb", "category", "status")
FIXED = frozenset({"code", "list", "effective_from", "effective_to"})
CLOSED = frozenset(
    {"category", "is_denial", "next_action", "appealable", "preventable", "rarc_required", "ledger_effect"}
    | {
        "type",
        "appeal_effect",
        "ledger_account",
        "auto_post",
        "work_item",
        "phase",
        "claim_state",
        "rejected",
    }
)
"""Attributes whose values are lists of our own, taken from the shipped rows."""
ALSO = {"category": {"unmapped"}, "next_action": set(NEXT_ACTIONS)}

Override = tuple[str, str, str]
"""A list, a code, its attributes as JSON."""


@dataclass(frozen=True)
class WrittenRow:
    """One row a user wrote, in force or replaced."""

    id: int
    list: str
    code: str
    entity_id: int | None
    effective_from: date
    effective_to: date | None
    attributes: dict[str, Any]
    author: str
    reason: str
    recorded_at: datetime
    replaced_at: datetime | None


def book(w: Work, entity_id: int, on: date, *, known_at: datetime | None = None) -> CodeBook:
    """How this entity read every code on a day, as known at a moment (now, when absent). One statement."""
    known = known_at or w.now
    query = (
        select(_row.c.list, _row.c.code, _row.c.attributes)
        .where(
            _mine(w, entity_id),
            _row.c.effective_from <= on,
            or_(_row.c.effective_to.is_(None), _row.c.effective_to > on),
            _row.c.recorded_at <= known,
            or_(_row.c.replaced_at.is_(None), _row.c.replaced_at > known),
        )
        # Later dates override earlier ones, and an entity's own row overrides one for all.
        .order_by(_row.c.entity_id.is_not(None), _row.c.effective_from, _row.c.id)
    )
    overrides = tuple((row.list, row.code, _canonical(row.attributes)) for row in w.db.execute(query))
    return _book(on, overrides)


def _mine(w: Work, entity_id: int) -> Any:
    own = and_(_row.c.entity_id == entity_id, w.within(_row.c.entity_id))
    return or_(own, _row.c.entity_id.is_(None))


def _canonical(attributes: Mapping[str, Any]) -> str:
    return json.dumps(attributes, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=64)
def _book(on: date, overrides: tuple[Override, ...]) -> CodeBook:
    lists: dict[str, dict[str, Mapping[str, str]]] = {name: dict(rows_on(name, on)) for name in LISTS}
    for name, code, attributes in overrides:
        lists[name][code] = {**lists[name].get(code, {}), **json.loads(attributes)}
    version = hashlib.sha256(repr((on, overrides)).encode()).hexdigest()[:16]
    frozen = {name: MappingProxyType(rows) for name, rows in lists.items()}
    return CodeBook(
        on=on,
        version=version,
        carcs=frozen["carc"],
        rarcs=frozen["rarc"],
        plbs=frozen["plb"],
        categories=frozen["category"],
        statuses=frozen["status"],
        retired=MappingProxyType(retired()),
    )


def change(
    w: Work,
    entity_id: int | None,
    list_name: str,
    code: str,
    *,
    attributes: Mapping[str, str],
    effective_from: date,
    effective_to: date | None = None,
    reason: str = "",
) -> int:
    """Read a code differently from a day on; returns the row's id.

    entity_id: None changes it for every entity, which takes the scope of all of them.
    attributes: only those that differ, by the names of the shipped list.
    The row of the same code, entity and first day is closed, never edited. Refused: an unknown list or
    attribute, an empty change, an end on or before the start.
    """
    w.may("codes.write")
    _check_scope(w, entity_id)
    _check_attributes(list_name, attributes, effective_from)
    if effective_to is not None and effective_to <= effective_from:
        raise Refused("The last day must come after the first.", code="empty_range", field="effective_to")
    same = and_(
        _row.c.list == list_name,
        _row.c.code == code,
        _row.c.entity_id.is_(None) if entity_id is None else _row.c.entity_id == entity_id,
        _row.c.effective_from == effective_from,
        _row.c.replaced_at.is_(None),
    )
    replaced = (
        w.db.execute(update(_row).where(same).values(replaced_at=w.now).returning(_row.c.id)).scalars().all()
    )
    values: dict[str, Any] = {"list": list_name, "code": code, "entity_id": entity_id}
    values |= {"attributes": dict(attributes), "effective_from": effective_from, "effective_to": effective_to}
    values |= {"author": w.actor.name[:80], "reason": reason[:200], "recorded_at": w.now}
    row_id = int(w.db.execute(insert(_row).values(**values).returning(_row.c.id)).scalar_one())
    detail = {
        "list": list_name,
        "code": code,
        "replaced": [int(one) for one in replaced],
        "to": dict(attributes),
    }
    w.audit("codes.change", "U", "code_row", row_id, entity_id=entity_id, detail=detail)
    return row_id


def _check_scope(w: Work, entity_id: int | None) -> None:
    if entity_id is None and isinstance(w.scope, frozenset):
        raise Refused(
            "Only the scope of every entity can change a code for all.", code="scope", field="entity_id"
        )
    if entity_id is not None and entity_id not in w.scope:
        raise NotFound("There is no such entity.", field="entity_id")


def _check_attributes(list_name: str, attributes: Mapping[str, str], on: date) -> None:
    if list_name not in LISTS:
        raise Refused(f"There is no code list {list_name!r}.", code="unknown_list", field="list")
    if not attributes:
        raise Refused("Name at least one attribute to change.", code="nothing_changed", field="attributes")
    shipped = rows_on(list_name, on).values()
    sample = next(iter(shipped), {})
    for name, value in attributes.items():
        if name not in sample or name in FIXED:
            raise Refused(
                f"{name!r} is not an attribute of {list_name}.", code="unknown_attribute", field=name
            )
        # A closed list stays closed: a category nobody knows would lead its adjustments nowhere.
        if name in CLOSED and value not in {row[name] for row in shipped} | ALSO.get(name, set()):
            raise Refused(f"{value!r} is not a known {name}.", code="unknown_value", field=name)


def history(w: Work, entity_id: int, list_name: str, code: str) -> list[WrittenRow]:
    """Every row ever written for a code, oldest first."""
    query = select(_row).where(_row.c.list == list_name, _row.c.code == code, _mine(w, entity_id))
    return [WrittenRow(**row._mapping) for row in w.db.execute(query.order_by(_row.c.id))]
