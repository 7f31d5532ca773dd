"""Rules of our own over the shipped ones: for days to come, never edited; the check of a claim."""

from collections.abc import Iterable, Mapping
from datetime import date

from app.kernel.work import Work
from app.rebill import rules_scrub
from app.rebill.queries_rules import own_rules
from app.rebill.rules_facts import About, Facts, Row, facts_of
from app.rebill.rules_scrub import Problem, Rule


def rules_for(
    w: Work, entity_id: int, payers: Iterable[tuple[int | None, str]], on: date
) -> dict[tuple[int | None, str], list[Rule]]:
    """The rules in force that day for each (payer key, payer class). One statement for all of them."""
    own = own_rules(w, entity_id)
    return {one: rules_scrub.in_force(own, one[1], one[0], on) for one in set(payers)}


def scrub(facts: Facts, rules: Iterable[Rule]) -> list[Problem]:
    """What these rules find in a claim; pure."""
    return rules_scrub.scrub(facts, rules)


def check(
    w: Work, entity_id: int, claims: Mapping[int, tuple[Iterable[Row], str, About]]
) -> dict[int, list[Problem]]:
    """What the rules of the day find in these claims: key -> (segments, form, what we know beside them)."""
    asked = {(about.payer_id, about.payer_class) for _, _, about in claims.values()}
    days = {about.today for _, _, about in claims.values()}
    rules = {day: rules_for(w, entity_id, asked, day) for day in sorted(days)}
    return {
        key: scrub(facts_of(rows, form, about), rules[about.today][about.payer_id, about.payer_class])
        for key, (rows, form, about) in claims.items()
    }
