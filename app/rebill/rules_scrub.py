"""The scrubber: dated rules a claim is checked by before it goes out, and what they say about one. Pure.

data/scrub.csv ships them; rows of our own win over a shipped one of the same code and add others. `when`
narrows a rule: `frequency=7|8;!admission_date` means both, `field=a|b` one of these, `field!=a|b` none of
them, `field~shape` a shape, `field` something there, `!field` nothing there.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from app.kernel.errors import Refused
from app.rebill.rules_facts import DATA, Facts, Values, edited_as, groups, labels, of_lines
from app.rebill.rules_tests import OTHER_FIELDS, QUIET, TESTS, VALUE_MOST, Around, Test, shape, words_of

ERROR, WARN, OFF = "error", "warn", "off"
DOES = (ERROR, WARN, OFF)
FORMS = ("", "P", "I")
SAID = ("does", "form", "payer_class", "field", "test", "value", "when", "words", "unblock", "source")
"""What a row of a rule says beside its code, payer and days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, in force `[effective_from, effective_to)`. form empty: both; payer_class empty: every payer.

    does: error (it does not go out), warn, or off (a row of our own that silences the shipped one).
    """

    code: str
    does: str
    form: str
    payer_class: str
    field: str
    test: str
    value: str
    when: str
    words: str
    unblock: str
    source: str
    payer_id: int | None = None
    effective_from: date = date(2000, 1, 1)
    effective_to: date | None = None

    def holds_on(self, on: date) -> bool:
        """Is it in force that day?"""
        return self.effective_from <= on and (self.effective_to is None or on < self.effective_to)

    @property
    def per_line(self) -> bool:
        """Is it asked of each line?"""
        return self.field in of_lines()


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule found. field: as it is edited; line: 1 for the first, 0 the claim; unblock: what to do."""

    code: str
    does: str
    field: str
    line: int
    words: str
    unblock: str
    source: str


@lru_cache(maxsize=1)
def shipped() -> tuple[Rule, ...]:
    """The rows of data/scrub.csv."""
    with (DATA / "scrub.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(_shipped(row) for row in csv.DictReader(lines))


def _shipped(row: Mapping[str, str]) -> Rule:
    until = date.fromisoformat(row["effective_to"]) if row["effective_to"] else None
    since = date.fromisoformat(row["effective_from"] or "2000-01-01")
    return rule_from(row["code"], row, effective_from=since, effective_to=until)


def rule_from(
    code: str,
    said: Mapping[str, str],
    *,
    effective_from: date,
    effective_to: date | None = None,
    payer_id: int | None = None,
) -> Rule:
    """A rule from its row."""
    texts: dict[str, Any] = {name: said[name] for name in SAID}
    texts |= {"effective_from": effective_from, "effective_to": effective_to}
    return Rule(code=code, payer_id=payer_id, **texts)


def in_force(own: Iterable[Rule], payer_class: str, payer_id: int | None, on: date) -> list[Rule]:
    """The rules for one payer on a day: the newest of our own for a code, the payer's before everybody's,
    else the shipped one.
    """
    chosen: dict[str, Rule] = {}
    mine = [one for one in own if one.holds_on(on) and (one.payer_id is None or one.payer_id == payer_id)]
    for one in sorted(mine, key=lambda rule: (rule.payer_id is not None, rule.effective_from)):
        chosen[one.code] = one
    found = list(chosen.values())
    found += [one for one in shipped() if one.holds_on(on) and one.code not in chosen]
    return [one for one in found if one.does != OFF and one.payer_class in ("", payer_class)]


# ---------------------------------------------------------------- conditions


class Condition(NamedTuple):
    """One part of `when`. sign: = != ~ + (something there) ! (nothing there)."""

    field: str
    sign: str
    values: tuple[str, ...]


_CONDITION = re.compile(r"(!)?([a-z_.]+)(?:(!=|=|~)(.+))?", re.ASCII)


@lru_cache(maxsize=1_024)
def conditions(when: str) -> tuple[Condition, ...]:
    """The parts of `when`; `Refused` when it cannot be read."""
    return tuple(_condition(one.strip()) for one in when.split(";") if one.strip())


def _condition(text: str) -> Condition:
    read = _CONDITION.fullmatch(text)
    if read is None or (read[1] and read[3]):
        raise Refused("A condition is field=a|b, field!=a, field~shape, field or !field; several apart by ;.",
                      code="bad_condition", field="when")  # fmt: skip
    if read[2] not in labels():
        raise Refused(f"There is no field {read[2]}.", code="unknown_field", field="when")
    if read[3] == "~":
        shape(read[4])
        return Condition(read[2], "~", (read[4],))
    if read[3]:
        return Condition(read[2], read[3], words_of(read[4]))
    return Condition(read[2], "!" if read[1] else "+", ())


def _holds(condition: Condition, values: Sequence[str]) -> bool:
    held = [one for one in values if one]
    if condition.sign == "+":
        return bool(held)
    if condition.sign == "!":
        return not held
    if condition.sign == "~":
        return any(shape(condition.values[0]).fullmatch(one) for one in held)
    among = any(one in condition.values for one in held)
    return among if condition.sign == "=" else not among


# ---------------------------------------------------------------- scrubbing


class Check(NamedTuple):
    """A rule made ready to be asked of many claims: what of it is the same for all of them is read once.

    quiet: it never complains where there is nothing. beside: conditions on fields of the same segment.
    """

    rule: Rule
    field: str
    per_line: bool
    quiet: bool
    test: Test
    beside: tuple[Condition, ...]
    far: tuple[Condition, ...]


def compiled(rules: Iterable[Rule]) -> dict[str, tuple[Check, ...]]:
    """Rules ready to be asked of many claims, by form (P, I); `ask` takes them."""
    checks = [_check(one) for one in rules]
    return {form: tuple(one for one in checks if one.rule.form in ("", form)) for form in FORMS}


def _check(rule: Rule) -> Check:
    beside: list[Condition] = []
    far: list[Condition] = []
    for condition in conditions(rule.when):
        same = groups()[condition.field] == groups()[rule.field] and condition.field != rule.field
        (beside if same else far).append(condition)
    quiet = rule.test in QUIET
    return Check(rule, rule.field, rule.per_line, quiet, TESTS[rule.test], tuple(beside), tuple(far))


def scrub(facts: Facts, rules: Iterable[Rule]) -> list[Problem]:
    """What these rules find in a claim, claim first, then line by line."""
    return ask(facts, compiled(rules))


def ask(facts: Facts, checks: Mapping[str, Sequence[Check]]) -> list[Problem]:
    """The same with rules made ready."""
    today = facts.about.today
    inner = of_lines()
    own = {name: values for name, values in facts.claim.items() if name not in inner}
    # A rule of the claim reads a field of the lines on all of them.
    whole = own | {
        name: tuple(value for line in facts.lines for value in line.get(name, ()))
        for name in {name for line in facts.lines for name in line}
    }
    there = {name for name, values in whole.items() if any(values)}
    claim = _Look(whole, today)
    lines = [_Look({**own, **line}, today) for line in facts.lines]
    found = []
    for check in checks.get(facts.form, checks[""]):
        if check.quiet and check.field not in there:
            continue
        if not check.per_line:
            if _stops(check, claim):
                found.append(_problem(check.rule, 0))
            continue
        for number, line in enumerate(lines, start=1):
            if _stops(check, line):
                found.append(_problem(check.rule, number))
    return sorted(found, key=lambda one: (one.line, one.does, one.code))


class _Look:
    """Every field as a rule of the claim, or of one line, reads it."""

    __slots__ = ("around", "fields")

    def __init__(self, fields: Values, today: date) -> None:
        self.fields = fields
        self.around = Around(self.values_of, today)

    def values_of(self, name: str) -> Sequence[str]:
        return self.fields.get(name, ())


def _stops(check: Check, look: _Look) -> bool:
    """Does the rule find fault? Conditions on fields of the same segment are asked one by one of each."""
    rule, fields = check.rule, look.fields
    values = fields.get(check.field, ())
    for one in check.far:
        if not _holds(one, fields.get(one.field, ())):
            return False
    paired = []
    for one in check.beside:
        others = fields.get(one.field, ())
        if len(values) == len(others) > 1:
            paired.append((one, others))
        elif not _holds(one, others):
            return False
    if not paired:
        return not check.test.passes(values, rule.value, look.around)
    for at, value in enumerate(values):
        holds = all(_holds(one, (others[at],)) for one, others in paired)
        if holds and not check.test.passes((value,), rule.value, look.around):
            return True
    return False


def _problem(rule: Rule, line: int) -> Problem:
    return Problem(rule.code, rule.does, edited_as()[rule.field], line, rule.words, rule.unblock, rule.source)


# ---------------------------------------------------------------- rules of our own


CODE = re.compile(r"[a-z0-9][a-z0-9-]{2,39}", re.ASCII)


def check_rule(code: str, said: Mapping[str, str]) -> dict[str, str]:
    """A rule of our own, clean and readable; `Refused` names the field that is not."""
    if CODE.fullmatch(code) is None:
        raise Refused("A name is small letters, digits and dashes, 3 to 40.", code="bad_code", field="code")
    row = {name: str(said.get(name, "")).strip() for name in SAID}
    long = [name for name, value in row.items() if len(value) > VALUE_MOST]
    if long:
        raise Refused("That is longer than a row holds.", code="too_long", field=long[0])
    if row["does"] not in DOES:
        raise Refused("A rule does error, warn or off.", code="bad_does", field="does")
    if row["form"] not in FORMS:
        raise Refused("A form is P, I or empty for both.", code="bad_form", field="form")
    if row["field"] not in labels():
        raise Refused("Choose a field from the list.", code="unknown_field", field="field")
    if row["test"] not in TESTS:
        raise Refused("Choose a test from the list.", code="unknown_test", field="test")
    TESTS[row["test"]].setting(row["value"])
    _check_others(row)
    conditions(row["when"])
    if row["does"] != OFF and not (row["words"] and row["unblock"]):
        missing = "unblock" if row["words"] else "words"
        raise Refused("Say what is wrong, and what to do.", code="no_words", field=missing)
    return row


def _check_others(row: Mapping[str, str]) -> None:
    if row["test"] not in OTHER_FIELDS:
        return
    for name in words_of(row["value"]):
        if name not in labels() and not (name == "today" and row["test"] == "not_after"):
            raise Refused(f"There is no field {name}.", code="unknown_field", field="value")
