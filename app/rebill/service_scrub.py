"""The scrubber at work: the rules of the day asked of claims, one or thousands alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.entities import queries as entities
from app.kernel.work import Work
from app.payers import service as payers
from app.rebill import queries_rules, rules_scrub, translate
from app.rebill.lifecycle import Cause, Kind
from app.rebill.rules_facts import About, Facts, Row, facts_of
from app.rebill.rules_scrub import Problem, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A claim to be checked. segments: those of its Whole; form: P or I; filing: its indicator (SBR09).

    file_by: its last day, None when nothing limits it. denial_id: the refusal it answers, if one. changed:
    whether it differs from what was sent before; None when nobody compared.
    """

    segments: Iterable[Row]
    form: str
    kind: Kind
    rank: int
    payer_id: int | None
    filing: str
    file_by: date | None
    denial_id: int | None = None
    changed: bool | None = None


def check(w: Work, entity_id: int, asked: Sequence[Asked]) -> list[list[Problem]]:
    """What the rules of today find in each of these claims, in their order.

    A fixed number of statements however many they are.
    """
    today = w.today(entities.get(w, entity_id).time_zone)
    parties = {(one.payer_id, one.filing) for one in asked}
    terms = payers.terms_of(w, entity_id, sorted(parties, key=str), today)
    codes = queries_rules.denied_codes(w, [one.denial_id for one in asked if one.denial_id is not None])
    classes = {party: term.payer_class for party, term in terms.items()}
    rules = rules_for(
        w, entity_id, {(one.payer_id, classes[one.payer_id, one.filing]) for one in asked}, today
    )
    ready = {party: rules_scrub.compiled(some) for party, some in rules.items()}
    found = []
    for one in asked:
        payer_class = classes[one.payer_id, one.filing]
        carcs, rarcs = codes.get(one.denial_id or 0, ((), ()))
        about = About(
            today=today,
            kind=one.kind.value,
            rank=one.rank,
            payer_class=payer_class,
            payer_id=one.payer_id,
            file_by=one.file_by,
            carcs=carcs,
            rarcs=rarcs,
            changed=one.changed,
        )
        facts = facts_of(one.segments, one.form, about)
        found.append(rules_scrub.ask(facts, ready[one.payer_id, payer_class]))
    return found


def rules_for(
    w: Work, entity_id: int, wanted: Iterable[tuple[int | None, str]], on: date
) -> Mapping[tuple[int | None, str], list[Rule]]:
    """The rules in force on a day for each (payer key, payer class). One statement for all of them."""
    own = queries_rules.own_rules(w, entity_id)
    return {one: rules_scrub.in_force(own, one[1], one[0], on) for one in set(wanted)}


def scrub(facts: Facts, rules: Iterable[Rule]) -> list[Problem]:
    """What these rules find in a claim; pure."""
    return rules_scrub.scrub(facts, rules)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What one rule would find among the open drafts: `read` all of them; stopped: (public id, control)."""

    read: int
    applies: int
    stopped: tuple[tuple[str, str], ...]


def what_if(w: Work, entity_id: int, rule: Rule) -> WhatIf:
    """Which of the open drafts this rule would stop or warn of; writes nothing.

    At most 2,000 drafts are read, the newest.
    """
    today = w.today(entities.get(w, entity_id).time_zone)
    found = queries_rules.drafts(w, entity_id)
    parties = sorted({(row.payer_id, row.filing) for row in found}, key=str)
    terms = payers.terms_of(w, entity_id, parties, today)
    denials = [row.cause_id for row in found if row.cause == Cause.DENIAL.value and row.cause_id is not None]
    codes = queries_rules.denied_codes(w, denials)
    stopped, applies = [], 0
    for row in found:
        payer_class = terms[row.payer_id, row.filing].payer_class
        whose = rule.payer_id in (None, row.payer_id) and rule.payer_class in ("", payer_class)
        if not whose or rule.form not in ("", row.form):
            continue
        applies += 1
        carcs, rarcs = codes.get(row.cause_id or 0, ((), ()))
        about = About(today=today, kind=row.kind, rank=row.rank, payer_class=payer_class,
                      payer_id=row.payer_id, file_by=row.file_by, carcs=carcs, rarcs=rarcs)  # fmt: skip
        whole = translate.opened(row.claim_sealed)
        if scrub(facts_of(whole.rows, row.form, about), [rule]):
            stopped.append((row.public_id, row.control))
    w.audit("rebill.try_rule", "R", "scrub_rule", rule.code, entity_id=entity_id,
            patients=[row.patient_id for row in found], detail={"read": len(found)})  # fmt: skip
    return WhatIf(len(found), applies, tuple(stopped))
