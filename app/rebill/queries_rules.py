"""Reads of the scrub rules: ours as written, and how each rule stands on a day."""

from typing import Any

from sqlalchemy import select

from app.kernel.db import table_of
from app.kernel.work import Work
from app.rebill.models import ScrubRule
from app.rebill.rules_scrub import Rule, rule_from

_rule = table_of(ScrubRule)


def own_rules(w: Work, entity_id: int) -> list[Rule]:
    """The rules of our own that nothing replaced, of every day, oldest first."""
    query = select(_rule).where(
        _rule.c.entity_id == entity_id, w.within(_rule.c.entity_id), _rule.c.replaced_at.is_(None)
    )
    return [rule_of(row) for row in w.db.execute(query.order_by(_rule.c.id))]


def rule_of(row: Any) -> Rule:
    """A written row as a rule."""
    days = {"effective_from": row.effective_from, "effective_to": row.effective_to}
    return rule_from(row.code, row.rule, payer_id=row.payer_id, **days)
