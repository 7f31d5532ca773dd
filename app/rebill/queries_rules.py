"""Reads of the scrub rules: ours as written, and what a refusal said that a claim must answer."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.denials.models import Denial, DenialItem
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.rebill.models import ScrubRule
from app.rebill.rules_scrub import Rule, rule_from

_rule, _denial, _item = table_of(ScrubRule), table_of(Denial), table_of(DenialItem)


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


def denied_codes(w: Work, denial_ids: Iterable[int]) -> dict[int, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Per case the reasons and remarks of its newest round: (CARCs, RARCs)."""
    query = (
        select(_item.c.denial_id, _item.c.carc, _item.c.rarcs)
        .join(_denial, _denial.c.id == _item.c.denial_id)
        .where(
            w.within(_denial.c.entity_id),
            among(w.db, _item.c.denial_id, sorted(set(denial_ids))),
            _item.c.round == _denial.c.round,
            _item.c.withdrawn.is_(False),
        )
        .order_by(_item.c.address)
    )
    carcs: dict[int, dict[str, None]] = {}
    rarcs: dict[int, dict[str, None]] = {}
    for row in w.db.execute(query):
        carcs.setdefault(row.denial_id, {})[row.carc] = None
        rarcs.setdefault(row.denial_id, {}).update(dict.fromkeys(row.rarcs.split()))
    return {key: (tuple(carcs[key]), tuple(rarcs[key])) for key in carcs}
