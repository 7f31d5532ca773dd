"""Reads of the scrub rules: ours as written, and what a refusal said that a claim must answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.denials.models import Denial, DenialItem
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.export import Column, Kind
from app.kernel.work import Work
from app.payers.models import Payer
from app.rebill.lifecycle import AT_WORK
from app.rebill.models import Rebill, ScrubRule
from app.rebill.rules_facts import labels
from app.rebill.rules_scrub import Rule, rule_from, shipped

_rule, _denial, _item = table_of(ScrubRule), table_of(Denial), table_of(DenialItem)
_payer, _rebill = table_of(Payer), table_of(Rebill)


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


# ---------------------------------------------------------------- the list


SHIPPED, OWN = "shipped", "own"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with where it comes from. state: in_force, ahead, ended, replaced, or overruled by one of ours.

    payer: its name where a rule of ours is for one payer only; payer_public names it outside.
    """

    rule: Rule
    origin: str
    state: str
    payer: str = ""
    payer_public: str = ""
    author: str = ""
    reason: str = ""
    recorded_at: datetime | None = None


def _said(name: str) -> Any:
    return lambda row: getattr(row.rule, name)


COLUMNS = (
    Column("code", "Rule", Kind.CODE, value=_said("code")),
    Column("does", "Does", Kind.STATE, value=_said("does")),
    Column("form", "Form", Kind.CODE, value=_said("form")),
    Column("payer_class", "Payers", value=lambda row: row.payer or row.rule.payer_class.replace("_", " ")),
    Column("field", "Field", value=lambda row: labels().get(row.rule.field, row.rule.field)),
    Column("test", "Test", value=lambda row: row.rule.test.replace("_", " ")),
    Column("value", "Value", Kind.CODE, value=_said("value"), wide=False),
    Column("when", "Only when", Kind.CODE, value=_said("when"), wide=False),
    Column("words", "Says", value=_said("words")),
    Column("unblock", "What to do", value=_said("unblock"), wide=False),
    Column("source", "Source", value=_said("source"), wide=False),
    Column("origin", "From", Kind.STATE),
    Column("state", "Stands", Kind.STATE),
    Column("effective_from", "Since", Kind.DAY, value=_said("effective_from")),
    Column("effective_to", "Until", Kind.DAY, value=_said("effective_to")),
    Column("author", "By", wide=False),
    Column("reason", "Why", wide=False),
)


def rows(w: Work, entity_id: int, on: date, wanted: Mapping[str, str]) -> list[RuleRow]:
    """The rules that fit the filters: q (in code or words), field, does, form, payer_class, origin, state.

    Without a state those in force, ahead or overruled; ours first.
    """
    ours = written(w, entity_id, on)
    taken = {one.rule.code for one in ours if one.state == "in_force" and one.rule.payer_id is None}
    found = [one for one in ours if wanted.get("state") or one.state in ("in_force", "ahead")]
    for rule in shipped():
        state = "overruled" if rule.code in taken else "in_force" if rule.holds_on(on) else "ended"
        found.append(RuleRow(rule, SHIPPED, "ahead" if rule.effective_from > on else state))
    return [one for one in found if _fits(one, wanted)]


def _fits(row: RuleRow, wanted: Mapping[str, str]) -> bool:
    text = wanted.get("q", "").strip().lower()
    if text and text not in row.rule.code and text not in f"{row.rule.words} {row.rule.source}".lower():
        return False
    for name in ("field", "does", "form", "payer_class"):
        if wanted.get(name) and getattr(row.rule, name) != wanted[name]:
            return False
    return all(not wanted.get(name) or getattr(row, name) == wanted[name] for name in ("origin", "state"))


def written(w: Work, entity_id: int, on: date) -> list[RuleRow]:
    """Every row of ours ever written, newest first."""
    query = (
        select(_rule, _payer.c.name, _payer.c.public_id)
        .outerjoin(_payer, _payer.c.id == _rule.c.payer_id)
        .where(_rule.c.entity_id == entity_id, w.within(_rule.c.entity_id))
        .order_by(_rule.c.id.desc())
    )
    return [
        RuleRow(
            rule_of(row), OWN, _state(row, on), row.name or "", row.public_id or "", row.author, row.reason,
            row.recorded_at,
        )
        for row in w.db.execute(query)
    ]  # fmt: skip


def _state(row: Any, on: date) -> str:
    if row.replaced_at is not None:
        return "replaced"
    if row.effective_from > on:
        return "ahead"
    return "ended" if row.effective_to is not None and row.effective_to <= on else "in_force"


# ---------------------------------------------------------------- what a rule would stop


DRAFTS_MOST = 2_000


def drafts(w: Work, entity_id: int) -> list[Any]:
    """The open submissions a person has, with their segments, newest first."""
    names = ("public_id", "kind", "rank", "form", "payer_id", "filing", "file_by", "claim_sealed", "control",
             "patient_id", "cause", "cause_id")  # fmt: skip
    query = select(*(_rebill.c[name] for name in names)).where(
        _rebill.c.entity_id == entity_id,
        w.within(_rebill.c.entity_id),
        _rebill.c.state.in_(sorted(one.value for one in AT_WORK)),
    )
    return list(w.db.execute(query.order_by(_rebill.c.id.desc()).limit(DRAFTS_MOST)))
