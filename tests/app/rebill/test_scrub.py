"""Each shipped rule stops the claim it is for and lets another pass; the claims are data, one row a rule."""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.kernel.errors import Refused
from app.rebill import rules_scrub
from app.rebill.rules_facts import About, Facts, edited_as, facts_of, labels, of_lines
from app.rebill.rules_scrub import ERROR, SAID, Rule, check_rule, in_force, rule_from, scrub, shipped
from app.rebill.rules_tests import TESTS as KNOWN
from app.rebill.rules_tests import npi_is_valid, shape
from edi.x837.catalogue import FIELDS
from edi.x837.whole import Row, row

TODAY = date(2026, 11, 22)
WITH_GUARDS = "(asked by the guards)"
"""A row whose words end so is a switch of a guard: no test of a field decides it."""
FIXTURES = Path(__file__).parents[2] / "fixtures"

PROFESSIONAL = """
2000A PRV*BI*PXC*207Q00000X
2010AA NM1*85*2*EXAMPLE CLINIC*****XX*1234567893
2010AA N3*2 CLINIC WAY
2010AA N4*OMAHA*NE*681010001
2010AA REF*EI*123456789
2000B SBR*P*18*GRP1******CI
2010BA NM1*IL*1*DOE*JANE****MI*MEM0001
2010BA N3*1 MAIN ST
2010BA N4*OMAHA*NE*68101
2010BA DMG*D8*19700101*F
2010BB NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*PAYERID
2300 CLM*A1R1*300***11:B:1*Y*A*Y*Y
2300 HI*ABK:E119
2310B NM1*82*1*PHYSICIAN*PAT****XX*1234567893
2400 LX*1
2400 SV1*HC:99214*300*UN*1***1
2400 DTP*472*D8*20260110
2400 REF*6R*L1
"""
INSTITUTIONAL = """
2000A PRV*BI*PXC*282N00000X
2010AA NM1*85*2*EXAMPLE HOSPITAL*****XX*1234567893
2010AA N3*2 CLINIC WAY
2010AA N4*OMAHA*NE*681010001
2010AA REF*EI*123456789
2000B SBR*P*18*GRP1******CI
2010BA NM1*IL*1*DOE*JANE****MI*MEM0001
2010BA N3*1 MAIN ST
2010BA N4*OMAHA*NE*68101
2010BA DMG*D8*19700101*F
2010BB NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*PAYERID
2300 CLM*A1R1*300***13:A:1**A*Y*Y
2300 DTP*434*RD8*20260110-20260112
2300 CL1*3*1*01
2300 HI*ABK:E119:::::::Y
2310A NM1*71*1*PHYSICIAN*PAT****XX*1234567893
2400 LX*1
2400 SV2*0450*HC:99283*300*UN*1
2400 DTP*472*D8*20260110
"""
BASES = {"P": PROFESSIONAL, "I": INSTITUTIONAL}


def segments(form: str) -> list[Row]:
    return [row(*one.split(" ", 1)) for one in BASES[form].strip().splitlines()]


def facts(form: str, changes: str = "") -> Facts:
    """A clean claim with some fields other than they were: `field=a,b;field=`."""
    clean = facts_of(segments(form), form, About(today=TODAY, kind="new", payer_class="commercial"))
    claim, (line,) = dict(clean.claim), [dict(one) for one in clean.lines]
    for one in filter(None, changes.split(";")):
        name, _, value = one.partition("=")
        assert name in labels(), name
        (line if name in of_lines() else claim)[name] = tuple(value.split(",")) if value else ()
    return Facts(form, clean.about, claim, (line,))


def rules_of(changes: str) -> list[Rule]:
    named = dict(one.partition("=")[::2] for one in changes.split(";"))
    return in_force([], named.get("payer_class", "commercial"), None, TODAY)


def found(form: str, changes: str = "") -> dict[str, str]:
    return {one.code: one.does for one in scrub(facts(form, changes), rules_of(changes))}


def cases() -> list[Mapping[str, str]]:
    with (FIXTURES / "scrub_cases.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("form", ["P", "I"])
def test_a_clean_claim_meets_no_rule(form: str) -> None:
    assert found(form) == {}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["rule"])
def test_each_shipped_rule_stops_one_claim_and_lets_another_pass(case: Mapping[str, str]) -> None:
    (rule,) = [one for one in shipped() if one.code == case["rule"]]
    stopped, passed = found(case["base"], case["stops"]), found(case["base"], case["passes"])
    assert stopped.get(rule.code) == rule.does
    assert rule.code not in passed


def test_every_shipped_rule_has_its_two_claims() -> None:
    asked = {one.code for one in shipped() if not one.words.rstrip(".").endswith(WITH_GUARDS)}
    assert asked == {case["rule"] for case in cases()} and len(asked) > 120


@pytest.mark.parametrize("rule", shipped(), ids=lambda rule: rule.code)
def test_every_shipped_rule_is_readable_and_names_its_source(rule: Rule) -> None:
    assert check_rule(rule.code, {name: getattr(rule, name) for name in SAID})
    assert rule.source and rule.words.endswith(".") and rule.unblock.endswith(".")


def test_no_two_shipped_rules_have_one_name() -> None:
    names = [one.code for one in shipped()]
    assert len(names) == len(set(names))


def test_what_a_rule_finds_is_named_as_the_editor_names_it() -> None:
    beside = {"kind", "rank", "payer_class", "late", "changed", "denial_carc", "denial_rarc", "line_count",
              "sequence", "signature"}  # fmt: skip
    assert set(edited_as().values()) - set(FIELDS) == beside


def test_a_line_is_named_by_its_number() -> None:
    clean = facts("P")
    second = dict(clean.lines[0]) | {"units": ("0",)}
    two = Facts("P", clean.about, clean.claim, (*clean.lines, second))
    (problem,) = scrub(two, rules_of(""))
    assert (problem.code, problem.field, problem.line, problem.does) == ("units-positive", "units", 2, ERROR)


def test_a_condition_beside_its_field_is_asked_of_each_occurrence() -> None:
    on_request = "attachment_sent_by=AA,AA;attachment_control=,"
    assert "attachment-control" not in found("P", on_request)
    assert "attachment-control" in found("P", "attachment_sent_by=AA,BM;attachment_control=ATT1,")


# ---------------------------------------------------------------- rules of our own


def own(code: str = "units-positive", **said: object) -> Rule:
    base = next(one for one in shipped() if one.code == "units-positive")
    texts = {name: str(said.pop(name, getattr(base, name))) for name in SAID}
    given: dict[str, Any] = {"effective_from": date(2026, 11, 1), **said}
    return rule_from(code, texts, **given)


def codes_of(rules: list[Rule]) -> list[tuple[str, str]]:
    return [(one.code, one.does) for one in rules if one.code.startswith("units-positive")]


def test_a_rule_of_ours_wins_from_its_first_day_and_the_shipped_one_speaks_before() -> None:
    ours = own(does="warn")
    assert codes_of(in_force([ours], "commercial", None, TODAY)) == [("units-positive", "warn")]
    assert codes_of(in_force([ours], "commercial", None, date(2026, 10, 31))) == [("units-positive", "error")]


def test_off_silences_a_shipped_rule() -> None:
    assert codes_of(in_force([own(does="off")], "commercial", None, TODAY)) == []


def test_a_payers_rule_wins_over_everybodys_and_is_for_nobody_else() -> None:
    ours = [own(does="warn"), own(does="off", payer_id=7)]
    assert codes_of(in_force(ours, "commercial", 7, TODAY)) == []
    assert codes_of(in_force(ours, "commercial", 8, TODAY)) == [("units-positive", "warn")]


def test_the_newest_of_ours_holds_until_its_day() -> None:
    ours = own(does="warn", effective_to=date(2026, 11, 22))
    assert codes_of(in_force([ours], "commercial", None, TODAY)) == [("units-positive", "error")]


@pytest.mark.parametrize(
    ("number", "valid"),
    [("1234567893", True), ("1245319599", True), ("1234567890", False), ("123456789", False),
     ("3234567893", False), ("12345678९3", False)],
)  # fmt: skip
def test_the_check_digit_of_an_npi(number: str, valid: bool) -> None:
    assert npi_is_valid(number) is valid


@pytest.mark.parametrize("wrong", ["(a+)+", "a*", "a+", "", "[a", "a{2,3}" * 5, "\\w", "^a$", "a|"])
def test_a_shape_that_could_take_for_ever_is_refused(wrong: str) -> None:
    with pytest.raises(Refused):
        shape(wrong)


@pytest.mark.parametrize(
    "when", ["no such thing", "nowhere", "!frequency=7", "frequency~(", "frequency=7;;nowhere=1"]
)
def test_a_condition_nobody_can_read_is_refused(when: str) -> None:
    with pytest.raises(Refused):
        rules_scrub.conditions(when)


def test_every_test_is_used_or_offered() -> None:
    assert {one.test for one in shipped()} <= set(KNOWN)
