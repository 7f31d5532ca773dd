"""The scrubber at work: the rules of the day asked of claims, one or thousands alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.entities import queries as entities
from app.kernel.work import Work
from app.payers import service as payers
from app.rebill import queries_rules, rules_scrub
from app.rebill.lifecycle import Kind
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
        found.append(scrub(facts, rules[one.payer_id, payer_class]))
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
