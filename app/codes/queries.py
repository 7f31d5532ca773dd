"""Reads of the code books: a list on a day with our rows in it, and all ever written about one code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from app.codes.models import CodeRow
from app.codes.rules import CodeBook
from app.kernel.db import table_of
from app.kernel.export import Column, Kind
from app.kernel.work import Work

_row = table_of(CodeRow)
LISTS = {
    "carc": "CARC: adjustment reasons",
    "rarc": "RARC: remarks",
    "plb": "PLB: provider adjustments",
    "category": "Claim status categories",
    "status": "Claim status codes",
}
FIRST = ("code", "short_label", "label")
SHOWN = {
    "carc": ("category", "is_denial", "next_action", "appealable", "preventable", "ledger_effect"),
    "rarc": ("type", "category", "appeal_effect", "next_action"),
    "plb": ("ledger_account", "account_name", "auto_post", "work_item", "usual_sign"),
    "category": ("phase", "claim_state", "rejected", "next_action"),
    "status": ("phase", "claim_state", "rejected", "next_action"),
}
"""What a list shows beside code and label."""


@dataclass(frozen=True, slots=True)
class CodeView:
    """A code on a day. `attributes` are as read, ours over the shipped ones; `ours`: a row of ours speaks."""

    code: str
    label: str
    attributes: Mapping[str, str]
    ours: bool


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A dated row of ours about a code; `state` as in the playbook, `everywhere`: for every entity."""

    attributes: dict[str, Any]
    effective_from: date
    effective_to: date | None
    author: str
    reason: str
    recorded_at: datetime
    everywhere: bool
    state: str


def columns(list_name: str) -> tuple[Column, ...]:
    """The columns of a list."""
    return (
        Column("code", "Code", Kind.CODE),
        Column("label", "Means"),
        *(
            Column(name, name.replace("_", " ").capitalize(), value=_attribute(name), wide=at < 4)
            for at, name in enumerate(SHOWN[list_name])
        ),
        Column("ours", "Ours", Kind.FLAG),
    )


def _attribute(name: str) -> Any:
    return lambda row: row.attributes.get(name, "").replace("_", " ")


def rows_of(book: CodeBook, list_name: str) -> Mapping[str, Mapping[str, str]]:
    """The rows of a list in a book."""
    named = {"carc": book.carcs, "rarc": book.rarcs, "plb": book.plbs, "category": book.categories}
    return named.get(list_name, book.statuses)


def codes(
    w: Work, entity_id: int, book: CodeBook, list_name: str, asked: Mapping[str, str]
) -> list[CodeView]:
    """The codes of a list that fit: `q` in code or words, `category`, `ours`; in their usual order."""
    mine = _written(w, entity_id, list_name, book.on)
    text, category = asked.get("q", "").strip().lower(), asked.get("category", "")
    found = [
        CodeView(code, row.get("short_label", row.get("label", "")), row, code in mine)
        for code, row in rows_of(book, list_name).items()
    ]
    return sorted(
        (
            one
            for one in found
            if (not text or one.code.lower() == text or text in one.label.lower())
            and (not category or one.attributes.get("category") == category)
            and (not asked.get("ours") or one.ours)
        ),
        key=lambda one: _order(one.code),
    )


def _order(code: str) -> tuple[str, int, str]:
    letters = code.rstrip("0123456789")
    digits = code[len(letters) :]
    return letters, int(digits or 0), code


def _written(w: Work, entity_id: int, list_name: str, on: date) -> set[str]:
    query = select(_row.c.code).where(
        _row.c.list == list_name,
        or_(_row.c.entity_id.is_(None), (_row.c.entity_id == entity_id) & w.within(_row.c.entity_id)),
        _row.c.replaced_at.is_(None),
        _row.c.effective_from <= on,
        or_(_row.c.effective_to.is_(None), _row.c.effective_to > on),
    )
    return set(w.db.execute(query).scalars())


def own_row(row: Any, on: date) -> OwnRow:
    """A written row with how it stands on a day."""
    state = "in_force"
    if row.replaced_at is not None:
        state = "replaced"
    elif row.effective_from > on:
        state = "ahead"
    elif row.effective_to is not None and row.effective_to <= on:
        state = "ended"
    named = ("attributes", "effective_from", "effective_to", "author", "reason", "recorded_at")
    return OwnRow(
        everywhere=row.entity_id is None, state=state, **{name: getattr(row, name) for name in named}
    )
