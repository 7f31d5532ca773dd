"""Each guard as a fact in, a No out: taken out, its test here fails."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contacts import rules_guards
from app.contacts.lifecycle import Act, HoldKind
from app.contacts.rules_guards import Facts, Line, No, Standing, Tried
from app.contacts.rules_holds import shipped as kinds
from app.contacts.rules_law import Law
from app.patients.lifecycle import PointKind

EASTERN, PACIFIC = "America/New_York", "America/Los_Angeles"
NOON = datetime(2026, 6, 8, 16, 0, tzinfo=UTC)
"""Noon in New York, nine in Los Angeles."""
LAW = Law(date(2026, 6, 8))
ZONES = (EASTERN, "America/Chicago", "America/Denver", "America/Phoenix", PACIFIC, "Pacific/Honolulu")


@dataclass(frozen=True)
class Said:
    """Fixed answers about channels."""

    words: dict[str, bool]

    def allows(self, channel: str, _point_id: int | None = None) -> bool | None:
        """What was said about a channel."""
        return self.words.get(channel)


MOBILE, MAIL = Line(1, PointKind.MOBILE, False), Line(2, PointKind.EMAIL, False)
YES = Said({"sms": True, "email": True, "auto": True})
FACTS = Facts(account_id=1, state="OH", home=EASTERN, zones=(EASTERN,), says=YES, line=MOBILE)


def rules(found: list[No]) -> list[str]:
    """The rules that said no; every one of them says what unblocks it."""
    assert all(one.words and one.unblock for one in found)
    return [one.rule for one in found]


def at(text: str, zone: str = EASTERN) -> datetime:
    """A moment by the clock on a wall."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def called(*days: str, spoke: bool = False) -> list[Tried]:
    """Calls of ours at ten in the morning in New York."""
    return [Tried(at(f"{day}T10:00"), True, spoke) for day in days]


def test_nothing_stands_against_a_call_a_text_and_an_email_at_noon() -> None:
    assert rules_guards.call(FACTS, LAW, NOON) == [] == rules_guards.sms(FACTS, LAW, NOON)
    assert rules_guards.email(replace(FACTS, line=MAIL), LAW, NOON) == []


@pytest.mark.parametrize(
    ("clock", "free"),
    [("07:59:59", False), ("08:00:00", True), ("20:59:59", True), ("21:00:00", False), ("23:59:59", False)],
)
@pytest.mark.parametrize("act", [Act.CALL, Act.SMS, Act.EMAIL])
def test_from_eight_until_nine_in_the_evening_where_they_are(act: Act, clock: str, free: bool) -> None:
    facts = replace(FACTS, line=MAIL) if act is Act.EMAIL else FACTS
    found = rules_guards.guard(act, facts, LAW, at(f"2026-06-08T{clock}"))
    assert rules(found) == ([] if free else ["contact_hours"])


def test_two_plausible_zones_leave_the_hours_they_share() -> None:
    both = replace(FACTS, zones=(EASTERN, PACIFIC))
    (no,) = rules_guards.call(both, LAW, at("2026-06-08T10:59"))
    assert (no.rule, no.until) == ("contact_hours", at("2026-06-08T11:00"))
    assert rules_guards.call(both, LAW, at("2026-06-08T11:00")) == []
    assert rules(rules_guards.call(both, LAW, at("2026-06-08T21:00"))) == ["contact_hours"]
    assert rules_guards.open_until(both, LAW, NOON) == (at("2026-06-08T21:00"), EASTERN)


def test_who_may_be_anywhere_is_called_only_when_it_is_day_everywhere() -> None:
    nowhere = replace(FACTS, zones=())
    assert rules(rules_guards.call(nowhere, LAW, NOON)) == ["contact_hours"]
    (no,) = rules_guards.call(nowhere, LAW, NOON)
    assert no.until == at("2026-06-09T08:00", "Pacific/Guam")  # 18:00 in New York
    assert rules_guards.call(nowhere, LAW, no.until) == []


def test_after_seven_calls_in_seven_days_the_eighth_waits() -> None:
    six = called("2026-06-02", "2026-06-03", "2026-06-04", "2026-06-05", "2026-06-06", "2026-06-08")
    assert rules_guards.call(replace(FACTS, tried=six), LAW, NOON) == []
    seven = [*six, *called("2026-06-08")]
    (no,) = rules_guards.call(replace(FACTS, tried=seven), LAW, NOON)
    assert (no.rule, no.until) == ("calls_most", at("2026-06-09T00:00"))
    assert rules_guards.call(replace(FACTS, tried=seven), LAW, NOON + timedelta(1)) == []


def test_a_talk_on_the_first_leaves_the_eighth_free() -> None:
    talk = replace(FACTS, tried=[Tried(at("2026-06-01T20:30"), False, True)])
    (no,) = rules_guards.call(talk, LAW, at("2026-06-07T12:00"))
    assert (no.rule, no.until) == ("calls_after_talk", at("2026-06-08T00:00"))
    assert rules_guards.call(talk, LAW, at("2026-06-08T08:00")) == []


def test_frequency_gives_way_only_to_a_consent_with_its_reason() -> None:
    facts = replace(FACTS, tried=called("2026-06-08", spoke=True))
    assert rules(rules_guards.call(facts, LAW, NOON)) == ["calls_after_talk"]
    assert rules_guards.call(replace(facts, consented="Asked to be called at noon"), LAW, NOON) == []
    night = replace(facts, consented="Asked for it")
    assert rules(rules_guards.call(night, LAW, at("2026-06-08T22:00"))) == ["contact_hours"]


def test_a_text_needs_consent_for_its_number_and_a_no_ends_it() -> None:
    for said in ({}, {"sms": False}):
        assert rules(rules_guards.sms(replace(FACTS, says=Said(said)), LAW, NOON)) == ["consent.sms"]
    land = replace(FACTS, line=Line(3, PointKind.PHONE, False))
    assert rules(rules_guards.sms(land, LAW, NOON)) == ["no_number"]


def test_an_email_needs_consent_and_never_goes_to_work() -> None:
    private = replace(FACTS, line=MAIL, says=Said({}))
    assert rules(rules_guards.email(private, LAW, NOON)) == ["consent.email"]
    office = replace(FACTS, line=replace(MAIL, work=True))
    assert rules(rules_guards.email(office, LAW, NOON)) == ["work_email"]
    bill = replace(FACTS, line=MAIL, channel="statement")
    assert rules(rules_guards.email(bill, LAW, NOON)) == ["consent.statement"]
    assert rules(rules_guards.email(replace(FACTS, line=None), LAW, NOON)) == ["no_number"]


def test_a_call_needs_no_yes_but_a_no_ends_it_and_a_machine_needs_one() -> None:
    silent = replace(FACTS, says=Said({}))
    assert rules_guards.call(silent, LAW, NOON) == []
    assert rules(rules_guards.call(replace(FACTS, says=Said({"call": False})), LAW, NOON)) == ["consent.call"]
    assert rules(rules_guards.call(replace(silent, automatic=True), LAW, NOON)) == ["consent.auto"]


def test_nobody_calls_a_child_or_whom_nobody_here_understands() -> None:
    assert rules(rules_guards.call(replace(FACTS, minor=True), LAW, NOON)) == ["minor"]
    abroad = replace(FACTS, language="vi")
    assert rules(rules_guards.call(abroad, LAW, NOON)) == ["language"]
    assert rules_guards.call(replace(abroad, interpreter=True), LAW, NOON) == []


@pytest.mark.parametrize("kind", list(HoldKind))
@pytest.mark.parametrize("act", list(Act))
def test_each_hold_stops_what_its_row_says_and_names_what_lifts_it(kind: HoldKind, act: Act) -> None:
    rule = kinds()[kind]
    facts = replace(FACTS, holds=[Standing(kind, rule.label, rule.stops)])
    if act is Act.EMAIL:
        facts = replace(facts, line=MAIL)
    found = rules(rules_guards.guard(act, facts, LAW, NOON))
    assert found == ([f"hold.{kind.value}"] if act in rule.stops else [])


def test_a_hold_of_one_visit_leaves_the_account_alone() -> None:
    rule = kinds()[HoldKind.DISPUTE]
    one = Standing(HoldKind.DISPUTE, rule.label, rule.stops, claim=True)
    assert rules_guards.call(replace(FACTS, holds=[one]), LAW, NOON) == []


def test_the_attorney_the_executor_and_an_answer_pass_their_own_hold_and_no_other() -> None:
    def holding(*found: HoldKind) -> Facts:
        return replace(FACTS, holds=[Standing(one, one.value, kinds()[one].stops) for one in found])

    lawyer = holding(HoldKind.ATTORNEY)
    assert rules_guards.call(replace(lawyer, to="attorney"), LAW, NOON) == []
    both = replace(holding(HoldKind.ATTORNEY, HoldKind.CEASE), to="attorney")
    assert rules(rules_guards.call(both, LAW, NOON)) == ["hold.cease"]
    dead = holding(HoldKind.DECEASED)
    assert rules_guards.call(replace(dead, to="executor"), LAW, NOON) == []
    assert rules(rules_guards.call(replace(dead, to="attorney"), LAW, NOON)) == ["hold.deceased"]
    asked = replace(holding(HoldKind.DISPUTE), purpose="answer")
    assert rules_guards.call(asked, LAW, NOON) == []
    closing = replace(holding(HoldKind.CEASE), purpose="closing_notice")
    assert rules_guards.held(Act.LETTER, closing) == []
    assert rules(rules_guards.held(Act.STATEMENT, closing)) == ["hold.cease"]


def test_bankruptcy_is_named_before_anything_else() -> None:
    found = [HoldKind.MANAGER, HoldKind.DISPUTE, HoldKind.BANKRUPTCY]
    facts = replace(FACTS, holds=[Standing(one, one.value, kinds()[one].stops) for one in found])
    assert rules(rules_guards.held(Act.LETTER, facts))[0] == "hold.bankruptcy"


def test_what_a_clinic_set_is_what_the_guard_reads() -> None:
    row = next(one for one in LAW.in_force() if one.code == "calls_most")
    strict = Law(LAW.on, [replace(row, value="1", own=True), replace(row, state="CA", value="0", own=True)])
    once = replace(FACTS, tried=called("2026-06-08"))
    assert rules(rules_guards.call(once, strict, NOON)) == ["calls_most"]
    assert rules(rules_guards.call(replace(FACTS, state="CA"), strict, NOON)) == ["calls_most"]


# ---------------------------------------------------------------- laws of time


START = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.integers(0, 5 * 365 * 86_400).map(lambda one: START + timedelta(seconds=one))
somewhere = st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True)
histories = st.lists(st.integers(0, 12 * 24 * 60), max_size=9)


@given(moments, somewhere)
def test_the_moment_a_guard_names_is_the_first_that_is_free(moment: datetime, zones: list[str]) -> None:
    facts = replace(FACTS, zones=tuple(zones))
    found = rules_guards.call(facts, LAW, moment)
    local = [moment.astimezone(ZoneInfo(zone)).hour for zone in zones]
    assert bool(found) == any(not 8 <= hour < 21 for hour in local)
    if found:
        opens = found[0].until
        assert opens is not None and rules_guards.call(facts, LAW, opens) == []
        assert rules_guards.call(facts, LAW, opens - timedelta(seconds=1)) != []
    else:
        closes = rules_guards.open_until(facts, LAW, moment)
        assert closes is not None and rules_guards.call(facts, LAW, closes[0]) != []


@given(moments, somewhere, histories, st.integers(0, 400))
def test_a_clock_set_back_never_frees_a_call(
    moment: datetime, zones: list[str], minutes: list[int], back: int
) -> None:
    tried = [Tried(moment - timedelta(minutes=one), True, one % 3 == 0) for one in minutes]
    facts = replace(FACTS, zones=tuple(zones), tried=tried)
    quiet = {"calls_most", "calls_after_talk"}
    now = quiet & set(rules(rules_guards.call(facts, LAW, moment)))
    earlier = quiet & set(rules(rules_guards.call(facts, LAW, moment - timedelta(minutes=back))))
    assert now <= earlier


@given(moments, st.sampled_from(ZONES), histories)
def test_whatever_is_allowed_never_makes_an_eighth_call_in_seven_days(
    moment: datetime, zone: str, minutes: list[int]
) -> None:
    tried = [Tried(moment - timedelta(minutes=one), True, False) for one in minutes]
    facts = replace(FACTS, zones=(zone,), tried=tried)
    if not rules_guards.call(facts, LAW, moment):
        day = moment.astimezone(ZoneInfo(zone)).date()
        days = [one.at.astimezone(ZoneInfo(zone)).date() for one in tried]
        assert sum(day - timedelta(7) < one <= day for one in days) + 1 <= 7


@pytest.mark.parametrize("talk", ["2024-02-23", "2024-02-29", "2026-03-05", "2026-10-29"])
def test_leap_days_and_changed_clocks_are_days_like_any_other(talk: str) -> None:
    facts = replace(FACTS, tried=[Tried(at(f"{talk}T12:00"), True, True)])
    free = date.fromisoformat(talk) + timedelta(7)
    assert rules_guards.call(facts, LAW, at(f"{free - timedelta(1)}T20:59")) != []
    assert rules_guards.call(facts, LAW, at(f"{free}T08:00")) == []
