"""The rules of law and house that somebody set over the shipped ones."""

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from app.contacts.models import CollectionRule
from app.contacts.rules_law import Law, LawRow, known
from app.kernel.db import table_of
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
