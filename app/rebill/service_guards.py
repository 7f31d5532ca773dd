"""The guards, asked for many submissions at once: page, API, batch, job and command ask here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.denials import queries_limits, rules_limits
from app.entities import queries as entities
from app.kernel.work import Work
from app.payers import service as payers
from app.payers.rules import Terms
from app.rebill import (
    queries_claims,
    queries_guards,
    queries_rules,
    rules_guards,
    rules_scrub,
    translate,
)
from app.rebill.rules import LATE, ClaimFacts
from app.rebill.rules_guards import Around, Block, Held, Subject

WAIT_DAYS = 30
CODING_RULE = "coding-signature"
"""The row of the rules that says what an unsigned change of codes does."""


def blocks(w: Work, rebill_ids: Iterable[int]) -> dict[int, list[Block]]:
    """What stands against sending each of these submissions now, hard reasons first; empty: nothing does.

    A fixed number of statements for each entity. Those out of scope are left out.
    """
    ids = sorted(set(rebill_ids))
    held = queries_guards.holds(w, ids)
    found: dict[int, list[Block]] = {}
    by_entity: dict[int, list[Subject]] = {}
    for entity_id, subject in queries_guards.subjects(w, ids).values():
        by_entity.setdefault(entity_id, []).append(subject)
    for entity_id, mine in sorted(by_entity.items()):
        answers = judge(w, entity_id, mine, held=held)
        found |= {one.id: answer for one, answer in zip(mine, answers, strict=True)}
    return found


def judge(
    w: Work,
    entity_id: int,
    subjects: Sequence[Subject],
    *,
    facts: Mapping[int, ClaimFacts] | None = None,
    held: Mapping[int, Sequence[Held]] | None = None,
) -> list[list[Block]]:
    """The same for submissions of one entity, also those without a row yet, in their order."""
    claims = [one.claim_id for one in subjects]
    known = queries_claims.facts_of(w, claims) if facts is None else facts
    beside = queries_guards.beside(w, sorted(set(claims)))
    today = w.today(entities.get(w, entity_id).time_zone)
    coding = _coding(w, entity_id, subjects, today)
    terms = _terms(w, entity_id, subjects, known, today)
    same = queries_guards.one_record(w, {one.payer_id for one in subjects})
    warn = rules_limits.most(queries_limits.own(w, entity_id), "filing_warn_days", today)
    made = []
    for one in subjects:
        at, granted = beside[one.claim_id], terms.get((one.payer_id, one.filing))
        around = Around(
            claim=known[one.claim_id],
            today=today,
            appeals=at.appeals,
            holds=(held or {}).get(one.id, ()),
            others=at.others,
            proofs=at.proofs,
            payer_id=same.get(one.payer_id),
            wait_days=granted.crossover_wait_days if granted else WAIT_DAYS,
            warn_days=warn,
            late_charges=granted.late_charges if granted else False,
            coding=coding.get(one.payer_id, "error"),
            refused_controls=frozenset(at.refused_controls),
        )
        made.append(rules_guards.blocks(one, around))
    return made


def _coding(w: Work, entity_id: int, subjects: Sequence[Subject], today: date) -> dict[int | None, str]:
    """By payer, what an unsigned change of codes does on this day: a dated rule a house may change."""
    asked = {one.payer_id for one in subjects if one.coding_changed and not one.coding_signed}
    if not asked:
        return {}
    own = queries_rules.own_rules(w, entity_id)
    found = {}
    for payer_id in asked:
        rules = rules_scrub.in_force(own, "", payer_id, today)
        found[payer_id] = next((one.does for one in rules if one.code == CODING_RULE), "")
    return found


def _terms(
    w: Work,
    entity_id: int,
    subjects: Sequence[Subject],
    known: Mapping[int, ClaimFacts],
    today: date,
) -> dict[tuple[int | None, str], Terms]:
    """What payers grant, asked only where a guard needs it: after a crossover, and of late charges."""
    asked = {
        (one.payer_id, one.filing)
        for one in subjects
        if one.frequency == LATE or known[one.claim_id].forwarded_on(one.rank) is not None
    }
    return payers.terms_of(w, entity_id, sorted(asked, key=str), today) if asked else {}


def subject_with(row: Any, whole: Any) -> Subject:
    """A stored row as the guards take it, with what other segments than the stored ones say."""
    said, kept = translate.said(whole), queries_guards.subject_of(row)
    return replace(
        kept,
        frequency=said.frequency,
        reference=said.reference,
        content=said.content,
        delay_reason=said.delay_reason,
    )
