"""What keeps us from reaching out, one function per act, and what unblocks it (N9). Pure.

`call`, `sms` and `email` are whole guards. Every other act (statement, letter, charge, fee, interest, place,
report) asks `held` and adds what its own capability knows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

from app.contacts import rules_hours
from app.contacts.lifecycle import Act, HoldKind
from app.contacts.rules_holds import label
from app.contacts.rules_hours import Hours
from app.contacts.rules_law import Law
from app.patients.lifecycle import Channel, PointKind

PERSON, ATTORNEY, EXECUTOR = "person", "attorney", "executor"
COLLECT, ANSWER, CLOSING = "collect", "answer", "closing_notice"
PASSES: Mapping[str, frozenset[HoldKind]] = {
    # Who stands in for the person may be reached: the attorney, the executor or spouse.
    ATTORNEY: frozenset({HoldKind.ATTORNEY, HoldKind.BANKRUPTCY, HoldKind.LIEN}),
    EXECUTOR: frozenset({HoldKind.DECEASED}),
    # To answer what they asked us is not to collect.
    ANSWER: frozenset({HoldKind.DISPUTE, HoldKind.ASSISTANCE, HoldKind.INSURANCE_REVIEW}),
    # 12 CFR 1006.6(c)(2): one notice that says that we stop.
    CLOSING: frozenset({HoldKind.CEASE}),
}
FIRST = (HoldKind.BANKRUPTCY, HoldKind.DECEASED, HoldKind.CEASE, HoldKind.ATTORNEY, HoldKind.VICTIM,
         HoldKind.MINOR, HoldKind.IDENTITY_THEFT)  # fmt: skip
"""The holds that are named first when several stand."""


@dataclass(frozen=True, slots=True)
class No:
    """One reason not to act. rule: stable, also the code of the refusal; until: when it ends by itself."""

    rule: str
    words: str
    until: datetime | None
    unblock: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A hold in force as guards see it. claim: it is about one visit only; stops: as the entity set it."""

    kind: HoldKind
    label: str
    stops: frozenset[Act]
    claim: bool = False
    ends: date | None = None
    person_lifts: bool = True


@dataclass(frozen=True, slots=True)
class Tried:
    """A call out or in, as the limits count it. out: we called; spoke: a conversation."""

    at: datetime
    out: bool
    spoke: bool


class Says(Protocol):
    """What somebody said yes and no to."""

    def allows(self, channel: str, point_id: int | None = None) -> bool | None:
        """Their last word about a channel, for a number or as a whole; None: they said nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """A number or address that would be used."""

    id: int
    kind: PointKind
    work: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about an account. zones: every zone its person may be in, empty when unknown; home: the
    entity's zone; minor: the guarantor is under 18 and does not answer for their own care.

    to: person, attorney or executor; purpose: collect, answer or closing_notice; consented: the reason a
    person agreed to be called beyond the limits of frequency; automatic: dialled by a machine; channel:
    whose consent an e-mail needs.
    """

    account_id: int
    state: str
    home: str
    zones: Sequence[str] = ()
    language: str = "en"
    minor: bool = False
    holds: Sequence[Standing] = ()
    tried: Sequence[Tried] = ()
    says: Says | None = None
    line: Line | None = None
    to: str = PERSON
    purpose: str = COLLECT
    consented: str = ""
    automatic: bool = False
    interpreter: bool = False
    channel: str = field(default=Channel.EMAIL.value)


Found = Iterable[No]


def call(facts: Facts, law: Law, at: datetime) -> list[No]:
    """May this person be called at this moment?"""
    return _all(facts, law, at, Act.CALL, (_minor, _calls, _at_work, _spoken, _most, _after_talk, _hours))


def sms(facts: Facts, law: Law, at: datetime) -> list[No]:
    """May this number be texted at this moment?"""
    return _all(facts, law, at, Act.SMS, (_minor, _texts, _hours))


def email(facts: Facts, law: Law, at: datetime) -> list[No]:
    """May this address be written to at this moment?"""
    return _all(facts, law, at, Act.EMAIL, (_minor, _mails, _hours))


def held(act: Act, facts: Facts) -> list[No]:
    """The holds of the account as a whole that stop an act, the gravest first."""
    passes = PASSES.get(facts.to, frozenset()) | _purpose(act, facts)
    found = [one for one in facts.holds if not one.claim and act in one.stops and one.kind not in passes]
    found.sort(key=lambda one: FIRST.index(one.kind) if one.kind in FIRST else len(FIRST))
    return [_no(one, facts.home) for one in found]


def _purpose(act: Act, facts: Facts) -> frozenset[HoldKind]:
    if facts.purpose == CLOSING and act is not Act.LETTER:
        return frozenset()
    return PASSES.get(facts.purpose, frozenset())


def _no(hold: Standing, zone: str) -> No:
    until = datetime.combine(hold.ends, time(), ZoneInfo(zone)).astimezone(UTC) if hold.ends else None
    lasts = f" until {hold.ends:%m/%d/%Y}" if hold.ends else ""
    unblock = {
        HoldKind.ATTORNEY: "Speak with the attorney only, or lift the hold when they withdrew.",
        HoldKind.DECEASED: "Reach the executor or spouse only.",
        HoldKind.BANKRUPTCY: "Wait for the discharge or dismissal of the case.",
        HoldKind.CEASE: "Only they can take it back; a closing notice may go.",
        HoldKind.DISPUTE: "Resolve the dispute.",
        HoldKind.RETURNED_MAIL: "Find an address the mail reaches.",
        HoldKind.NO_GUARANTOR: "Say who answers for these visits.",
        HoldKind.ASSISTANCE: "Decide the application.",
    }.get(hold.kind, "Lift the hold once its reason is gone.")
    return No(f"hold.{hold.kind.value}", f"{hold.label}{lasts}.", until, unblock)


Guard = Callable[[Facts, Law, datetime], Found]


def _all(facts: Facts, law: Law, at: datetime, act: Act, guards: Sequence[Guard]) -> list[No]:
    return [*held(act, facts), *(no for guard in guards for no in guard(facts, law, at))]


def _minor(facts: Facts, _law: Law, _at: datetime) -> Found:
    if facts.minor and facts.to == PERSON:
        yield No("minor", "This person is under 18.", None, "Say which adult answers for these visits.")


def _calls(facts: Facts, law: Law, _at: datetime) -> Found:
    """Calls need no yes, but a no ends them; a machine needs a yes for the very number."""
    if facts.to != PERSON:
        return
    if _says(facts, Channel.CALL.value) is False:
        yield No("consent.call", "They asked not to be called here.", None, "Write, or use another number.")
    if facts.automatic and law.yes("automatic_call_consent", facts.state):
        if _says(facts, Channel.AUTO.value) is not True:
            words = "No consent to calls by machine for this number (47 CFR 64.1200)."
            yield No("consent.auto", words, None, "Dial by hand, or get their consent with proof.")
    elif facts.automatic and _says(facts, Channel.AUTO.value) is False:
        yield No("consent.auto", "They took back their consent to calls by machine.", None, "Dial by hand.")


def _at_work(facts: Facts, law: Law, _at: datetime) -> Found:
    if facts.line and facts.line.work and law.yes("work_calls_barred", facts.state):
        yield No("work_number", "This number is at their place of work.", None, "Use another number.")


def _texts(facts: Facts, law: Law, _at: datetime) -> Found:
    if facts.line is None or facts.line.kind is not PointKind.MOBILE:
        yield No("no_number", "There is no mobile number to text.", None, "Ask for a mobile number.")
        return
    yield from _consented(facts, Channel.SMS.value, law.yes("sms_consent", facts.state))


def _mails(facts: Facts, law: Law, _at: datetime) -> Found:
    if facts.line is None or facts.line.kind is not PointKind.EMAIL:
        yield No("no_number", "There is no e-mail address.", None, "Ask for an address.")
        return
    if facts.line.work and law.yes("work_email_barred", facts.state):
        words = "This address is at their place of work (12 CFR 1006.22)."
        yield No("work_email", words, None, "Ask for a private address.")
    yield from _consented(facts, facts.channel, law.yes("email_consent", facts.state))


def _consented(facts: Facts, channel: str, needed: bool) -> Found:
    said = _says(facts, channel)
    if said is False:
        yield No(f"consent.{channel}", "They took their consent back, or said no.", None,
                 "Write by mail; only they can say yes again.")  # fmt: skip
    elif said is None and needed:
        yield No(f"consent.{channel}", "Nobody wrote down their consent for this.", None,
                 "Ask for it, and say where the proof is.")  # fmt: skip


def _says(facts: Facts, channel: str) -> bool | None:
    if facts.says is None:
        return None
    return facts.says.allows(channel, facts.line.id if facts.line else None)


def _spoken(facts: Facts, law: Law, _at: datetime) -> Found:
    spoken = law.listed("languages_spoken")
    if facts.to == PERSON and facts.language not in spoken and not facts.interpreter:
        words = f"Nobody here speaks their language ({facts.language})."
        yield No("language", words, None, "Call with an interpreter.")


def _most(facts: Facts, law: Law, at: datetime) -> Found:
    """More than seven attempts in seven consecutive days, in whatever zone the days are counted."""
    if facts.to != PERSON or facts.consented or facts.purpose == ANSWER:
        return
    most, days = law.number("calls_most", facts.state), law.number("calls_days", facts.state)
    free = [rules_hours.attempts_end([one.at for one in facts.tried if one.out], zone, at, most, days)
            for zone in _zones(facts, law)]  # fmt: skip
    ends = max((one for one in free if one is not None), default=None)
    if ends is not None:
        words = f"{most} calls were tried within {days} days (12 CFR 1006.14)."
        yield No("calls_most", words, ends, "Wait, or say why they consented to another call.")


def _after_talk(facts: Facts, law: Law, at: datetime) -> Found:
    """Within seven days of a conversation, whose own day is the first: 06-01 leaves 06-08 free."""
    if facts.to != PERSON or facts.consented or facts.purpose == ANSWER:
        return
    days = law.number("calls_after_talk_days", facts.state)
    talks = [one.at for one in facts.tried if one.spoke]
    free = [rules_hours.talk_ends(talks, zone, at, days) for zone in _zones(facts, law)]
    ends = max((one for one in free if one is not None), default=None)
    if ends is not None:
        words = f"We spoke with them within {days} days (12 CFR 1006.14)."
        yield No("calls_after_talk", words, ends, "Wait, or say why they consented to another call.")


def _hours(facts: Facts, law: Law, at: datetime) -> Found:
    window, zones = hours(facts, law), _zones(facts, law)
    if not rules_hours.inside(at, zones, window):
        opens = rules_hours.next_open(at, zones, window)
        first, last = f"{window.opens:%H:%M}", f"{window.closes:%H:%M}"
        words = f"Outside {first} to {last} in a time zone they may be in (12 CFR 1006.6)."
        yield No("contact_hours", words, opens, "Wait for the hour, or learn where they live.")


def hours(facts: Facts, law: Law) -> Hours:
    """The hours of a day in which a person in this state may be reached."""
    return Hours(law.time("contact_from", facts.state), law.time("contact_until", facts.state))


def _zones(facts: Facts, law: Law) -> Sequence[str]:
    return facts.zones or law.listed("zones_unknown")


def open_until(facts: Facts, law: Law, at: datetime) -> tuple[datetime, str] | None:
    """Until when today, and by the clock of which zone, calls are open; None outside the hours."""
    return rules_hours.open_until(at, _zones(facts, law), hours(facts, law))


GUARDS: Mapping[Act, Callable[[Facts, Law, datetime], list[No]]] = {
    Act.CALL: call, Act.SMS: sms, Act.EMAIL: email,
}  # fmt: skip


def guard(act: Act, facts: Facts, law: Law, at: datetime) -> list[No]:
    """Everything that stands against an act; of acts without a guard of their own, the holds."""
    chosen = GUARDS.get(act)
    return chosen(facts, law, at) if chosen else held(act, facts)


SAID = {
    "contact_hours": "Outside the hours of calling", "no_number": "No number or address for it",
    "calls_most": "Too many calls within a week", "calls_after_talk": "Spoken with within the week",
    "minor": "Under 18", "language": "Nobody speaks their language", "work_number": "Number at work",
    "work_email": "Address at work", "consent.call": "Asked not to be called",
    "consent.auto": "No consent to calls by machine", "consent.sms": "No consent to texts",
    "consent.email": "No consent to e-mail", "consent.statement": "No consent to statements by e-mail",
}  # fmt: skip


def said(rule: str) -> str:
    """A rule's code in a few words, for lists and stories; unknown ones keep their code."""
    kind = rule.removeprefix("hold.")
    if kind != rule and kind in set(HoldKind):
        return label(HoldKind(kind))
    return SAID.get(rule, rule.replace("_", " ").replace(".", " ").capitalize())
