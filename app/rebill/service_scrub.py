"""The scrubber at work: the rules of the day asked of claims, one or thousands alike."""

from collections.abc import Iterable, Mapping
from datetime import date

from app.kernel.work import Work
from app.rebill import queries_rules, rules_scrub
from app.rebill.rules_facts import About, Facts, Row, facts_of
from app.rebill.rules_scrub import Problem, Rule


def check(
    w: Work, entity_id: int, claims: Mapping[int, tuple[Iterable[Row], str, About]]
) -> dict[int, list[Problem]]:
    """What the rules find in these claims: key -> (segments, form, what we know beside them).

    One statement however many they are; each is asked the rules of its own day.
    """
    abouts = [about for _, _, about in claims.values()]
    own = queries_rules.own_rules(w, entity_id)
    rules = {
        (one.payer_id, one.payer_class, one.today): rules_scrub.in_force(
            own, one.payer_class, one.payer_id, one.today
        )
        for one in dict.fromkeys(abouts)
    }
    return {
        key: scrub(facts_of(rows, form, about), rules[about.payer_id, about.payer_class, about.today])
        for key, (rows, form, about) in claims.items()
    }


def rules_for(w: Work, entity_id: int, payer_id: int | None, payer_class: str, *, on: date) -> list[Rule]:
    """The rules in force on a day for claims to one payer of a class."""
    return rules_scrub.in_force(queries_rules.own_rules(w, entity_id), payer_class, payer_id, on)


def scrub(facts: Facts, rules: Iterable[Rule]) -> list[Problem]:
    """What these rules find in a claim; pure."""
    return rules_scrub.scrub(facts, rules)
