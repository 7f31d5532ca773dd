"""Pages of a long list by keyset: the next page starts behind the last row seen, so page 2,000 costs what
page 1 does.

A list names the columns it may be sorted by in a table of its own; a name from a request only ever picks a
row of that table (W3). The place where a page ends travels as a cursor, sealed: it may hold a patient's
name, and URLs are logged.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_

from app.kernel.crypto import keyring
from app.kernel.errors import Broken, Refused
from app.kernel.limits import PAGE_ROWS, PAGE_ROWS_MOST

R = TypeVar("R")
Place = tuple[str, Any, Any]
"""Where a page ends: which way it goes on, the value and the key of its last row."""
CONTEXT = "cursor"


@dataclass(frozen=True)
class Sort:
    """A column a list may be sorted by.

    nullable: True when it may be NULL; such rows come last either way. descending: how the first click sorts.
    """

    column: Any
    nullable: bool = False
    descending: bool = False


Sorts = Mapping[str, Sort]


@dataclass(frozen=True)
class Ask:
    """What somebody wants of a list: sorted how, from where, how many rows, with which filters, as which
    file.
    """

    sort: str
    descending: bool = False
    cursor: str = ""
    limit: int = PAGE_ROWS
    filters: Mapping[str, str] = field(default_factory=dict)
    format: str = ""

    def get(self, name: str) -> str:
        """A filter's value; empty when it is not set."""
        return self.filters.get(name, "")

    def all(self) -> "Ask":
        """The same list without pages, for an export."""
        return replace(self, cursor="", limit=0)


@dataclass(frozen=True)
class Slice(Generic[R]):
    """One page: its rows, and the cursors of its neighbours (empty: there is none)."""

    rows: Sequence[R]
    next: str = ""
    previous: str = ""


def ask_of(values: Mapping[str, str], sorts: Sorts, *, default: str, filters: Sequence[str] = ()) -> Ask:
    """Read what is asked from query parameters: `sort` (a leading - turns it round), `cursor`, `limit`,
    filters.

    An unknown sort, a bad limit, a foreign cursor is refused with 422; unknown parameters are ignored.
    """
    wanted = values.get("sort") or default
    name = wanted.removeprefix("-")
    if name not in sorts:
        raise Refused("This list cannot be sorted by that.", code="sort", field="sort")
    limit = values.get("limit", "")
    if limit and not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= PAGE_ROWS_MOST):
        raise Refused(f"A page has 1 to {PAGE_ROWS_MOST} rows.", code="limit", field="limit")
    return Ask(
        sort=name,
        descending=wanted.startswith("-"),
        cursor=values.get("cursor", ""),
        limit=int(limit) if limit else PAGE_ROWS,
        filters={name: values[name].strip() for name in filters if values.get(name, "").strip()},
        format=values.get("format", ""),
    )


def page(
    db: Connection,
    query: Select[Any],
    ask: Ask,
    *,
    sorts: Sorts,
    key: Any,
    row: Callable[[Row[Any]], R],
) -> Slice[R]:
    """Read one page of a query.

    key: the unique column that decides between equals; it is sorted the same way, so one index serves both.
    row: makes what the caller wants of a database row; a database row reaches nobody else.
    """
    chosen = sorts[ask.sort]
    place = _open(ask) if ask.cursor else None
    backwards = place is not None and place[0] == "previous"
    query = query.add_columns(chosen.column.label("sorted_by"), key.label("sorted_key")).order_by(None)
    found: list[Row[Any]] = []
    # Rows with a value and blank ones are two walks along an index: none has "blank ones last" both ways.
    for conditions, order in _walks(chosen, key, ask, place):
        walk = query.where(*conditions).order_by(*order)
        found += db.execute(walk.limit(ask.limit + 1 - len(found)) if ask.limit else walk)
        if ask.limit and len(found) > ask.limit:
            break
    more = bool(ask.limit) and len(found) > ask.limit
    found = found[: ask.limit] if more else found
    if backwards:
        found.reverse()
    ahead = bool(found) and (more or backwards)
    behind = bool(found) and (place is not None and (more or not backwards))
    return Slice(
        [row(one) for one in found],
        next=_seal(ask, "next", found[-1]) if ahead else "",
        previous=_seal(ask, "previous", found[0]) if behind else "",
    )


Walk = tuple[list[ColumnElement[bool]], list[Any]]


def _walks(chosen: Sort, key: Any, ask: Ask, place: Place | None) -> list[Walk]:
    """The conditions and the order of each walk that makes a page, in turn.

    Blank values stand at the end of the list, whichever way it is sorted: backwards they are walked first.
    """
    column = chosen.column
    way, value, last = place or ("next", None, None)
    backwards = way == "previous"
    descending = ask.descending != backwards
    ends = [column.desc(), key.desc()] if descending else [column.asc(), key.asc()]
    behind = [] if place is None else [key < last if descending else key > last]
    if not chosen.nullable:
        return [(_beyond(column, value, behind, descending) if behind else [], ends)]
    valued: Walk = ([column.is_not(None)], ends)
    blank: Walk = ([column.is_(None)], ends[1:])
    if place is None:
        return [valued, blank]
    if value is None:
        here: Walk = ([column.is_(None), *behind], ends[1:])
        return [here, valued] if backwards else [here]
    onward: Walk = (_beyond(column, value, behind, descending), ends)
    return [onward] if backwards else [onward, blank]


def _beyond(
    column: Any, value: Any, behind: list[ColumnElement[bool]], descending: bool
) -> list[ColumnElement[bool]]:
    """The rows behind a place, of those with a value."""
    value_on = column < value if descending else column > value
    # Said once more without OR, so that the index is entered at the place instead of read from its start.
    near = column <= value if descending else column >= value
    return [near, or_(value_on, and_(column == value, *behind))]


def _seal(ask: Ask, way: str, row: Row[Any]) -> str:
    text = json.dumps([way, ask.sort, ask.descending, _plain(row.sorted_by), _plain(row.sorted_key)])
    return base64.urlsafe_b64encode(keyring().seal(text, CONTEXT)).decode().rstrip("=")


def _open(ask: Ask) -> Place:
    try:
        sealed = base64.urlsafe_b64decode(ask.cursor + "=" * (-len(ask.cursor) % 4))
        way, sort, descending, value, key = json.loads(keyring().open(sealed, CONTEXT))
    except (Broken, ValueError, binascii.Error, IndexError):
        raise Refused("This cursor is not one of ours.", code="cursor", field="cursor") from None
    if (sort, descending) != (ask.sort, ask.descending):
        raise Refused("This cursor belongs to a list sorted another way.", code="cursor", field="cursor")
    return way, _rich(value), _rich(key)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return int(value) if isinstance(value, int) else value


def _rich(value: Any) -> Any:
    if isinstance(value, dict):
        instant = value.get("instant")
        return datetime.fromisoformat(instant) if instant else date.fromisoformat(value["day"])
    return value


@dataclass(frozen=True)
class Hit:
    """Something the search found: what it is, what it is called, what tells it from its neighbours, its page.

    patient: the key of the patient it tells about, for the audit; 0 when it is about none.
    """

    kind: str
    title: str
    detail: str
    endpoint: str
    values: Mapping[str, str]
    patient: int = 0


@dataclass(frozen=True)
class Panel:
    """What a capability shows about another's record.

    title: what its tab is called; anchor: the id of its place on the page; template: draws heading and
    content, and finds `values` under the name `panel`.
    """

    title: str
    anchor: str
    template: str
    values: Mapping[str, Any]

    @property
    def tab(self) -> tuple[str, str, bool]:
        """Its entry among the tabs of a page."""
        return self.title, f"#{self.anchor}", False
