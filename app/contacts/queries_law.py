"""The rules of law and house that somebody set over the shipped ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from app.contacts.models import CollectionRule
from app.contacts.rules_law import Law, LawRow, known, shipped
from app.kernel.db import table_of
from app.kernel.export import Column, Kind
from app.kernel.work import Work

_rule = table_of(CollectionRule)


def own(w: Work, entity_id: int) -> list[LawRow]:
    """The rows of an entity that nobody replaced, oldest first."""
    query = select(_rule).where(
        w.within(_rule.c.entity_id), _rule.c.entity_id == entity_id, _rule.c.replaced_at.is_(None)
    )
    return [
        replace(
            known()[row.code], state=row.state, value=row.value, source=row.source, own=True,
            effective_from=row.effective_from, effective_to=row.effective_to,
        )
        for row in w.db.execute(query.order_by(_rule.c.id))
        if row.code in known()
    ]  # fmt: skip


def law(w: Work, entity_id: int, on: date) -> Law:
    """What holds at an entity on a day."""
    return Law(on, own(w, entity_id))


SHIPPED, OWN = "shipped", "own"


@dataclass(frozen=True, slots=True)
class LawTold:
    """A rule as its page tells it. id: public, of a row of ours; shipped: what would hold without ours.

    stands: in_force, ahead, ended, replaced, or overruled by one of ours.
    """

    id: str
    code: str
    state: str
    value: str
    shipped: str
    unit: str
    label: str
    source: str
    origin: str
    stands: str
    effective_from: date
    effective_to: date | None
    author: str = ""
    reason: str = ""
    recorded_at: datetime | None = None


COLUMNS = (
    Column("code", "Rule", Kind.CODE),
    Column("label", "What it says"),
    Column("state", "State", Kind.CODE),
    Column("value", "Value", Kind.CODE),
    Column("shipped", "Shipped", Kind.CODE),
    Column("unit", "Unit", wide=False),
    Column("source", "Source", wide=False),
    Column("origin", "From", Kind.STATE),
    Column("stands", "Stands", Kind.STATE),
    Column("effective_from", "Since", Kind.DAY),
    Column("effective_to", "Until", Kind.DAY),
    Column("author", "By", wide=False),
    Column("reason", "Why", wide=False),
)


def written(w: Work, entity_id: int, on: date) -> list[LawTold]:
    """Every row of ours ever written, newest first."""
    query = select(_rule).where(w.within(_rule.c.entity_id), _rule.c.entity_id == entity_id)
    plain = Law(on)
    return [
        LawTold(
            row.public_id, row.code, row.state, row.value, plain.text(row.code, row.state),
            known()[row.code].unit, known()[row.code].label, row.source, OWN, _stands(row, on),
            row.effective_from, row.effective_to, row.author, row.reason, row.recorded_at,
        )
        for row in w.db.execute(query.order_by(_rule.c.id.desc()))
        if row.code in known()
    ]  # fmt: skip


def _stands(row: object, on: date) -> str:
    get = row._mapping  # type: ignore[attr-defined]  # a row of the query above
    if get["replaced_at"] is not None:
        return "replaced"
    if get["effective_from"] > on:
        return "ahead"
    return "ended" if get["effective_to"] is not None and get["effective_to"] <= on else "in_force"


def rows(w: Work, entity_id: int, on: date, wanted: Mapping[str, str]) -> list[LawTold]:
    """Rules by code and state, ours first; filters q (in code or words), state, origin, stands, differs.

    Without `stands` those in force, ahead or overruled.
    """
    ours = written(w, entity_id, on)
    found = [one for one in ours if wanted.get("stands") or one.stands in ("in_force", "ahead")]
    taken = {(one.code, one.state) for one in ours if one.stands == "in_force"}
    for row in shipped():
        ended = "ended" if row.effective_to and row.effective_to <= on else "in_force"
        stands = "ahead" if row.effective_from > on else ended
        if stands == "in_force" and (row.code, row.state) in taken:
            stands = "overruled"
        if wanted.get("stands") or stands != "ended":
            found.append(
                LawTold("", row.code, row.state, row.value, row.value, row.unit, row.label, row.source,
                        SHIPPED, stands, row.effective_from, row.effective_to)
            )  # fmt: skip
    chosen = [one for one in found if _fits(one, wanted)]
    return sorted(chosen, key=lambda one: (one.origin == SHIPPED, one.code, one.state))


def _fits(row: LawTold, wanted: Mapping[str, str]) -> bool:
    text = wanted.get("q", "").strip().lower()
    if text and text not in f"{row.code} {row.label} {row.source}".lower():
        return False
    if wanted.get("state") and row.state != wanted["state"].strip().upper():
        return False
    return all(not wanted.get(name) or getattr(row, name) == wanted[name] for name in ("origin", "stands"))
