"""The scrub before an agency: every light green, or no placement (O1, patient-collections 4 and 11). Pure.

`may_place` is the guard of Act.PLACE: what stands against it is what its red lights say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.accounts.lifecycle import Blocks
from app.contacts.lifecycle import Act, HoldKind
from app.contacts.rules_guards import No, Standing
from app.contacts.rules_law import Law
from app.kernel.money import Money

PRE_COLLECTION = ("pre_collection", "placement_review")
BARRED = "collection_barred_fpl_percent"
LETTERS = ("final_notice", "pre_collection")
"""Those that must have gone out in this episode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the scrub asks of an account. Cents; first_on: its first statement of this episode; notice_on: its
    final notice; letters: those issued since then; mail: its address is known and the post reaches it; holds:
    those in force, of the whole account and of single visits; blocks: the account's overlays; screened: their
    need for financial assistance was looked at, and somebody decided.
    """

    stage: str
    first_on: date | None
    notice_on: date | None
    due: Money
    waiting: Money
    blocks: Blocks = Blocks.NONE
    holds: Sequence[Standing] = ()
    letters: frozenset[str] = frozenset()
    mail: bool = True
    confirmed: bool = True
    minor: bool = False
    screened: bool = False
    state: str = ""
    home: str = "UTC"


@dataclass(frozen=True, slots=True)
class Light:
    """One light. on: the day it turns green by itself, absent when only somebody's act does; unblock: what
    to do while it is red.
    """

    code: str
    label: str
    green: bool
    words: str
    on: date | None = None
    unblock: str = ""


def earliest(facts: Facts, law: Law) -> date | None:
    """The first day an agency may have it by the calendar: so long after the first statement and so long
    after the final notice; None while one of them has not gone out.
    """
    if facts.first_on is None or facts.notice_on is None:
        return None
    after_first = facts.first_on + timedelta(law.number("agency_days", facts.state))
    after_notice = facts.notice_on + timedelta(law.number("agency_after_notice_days", facts.state))
    return max(after_first, after_notice)


def lights(facts: Facts, law: Law, day: date) -> list[Light]:
    """Every light of the scrub, in the order people read them."""
    return [
        *_calendar(facts, law, day),
        _letters(facts),
        _money(facts, law),
        *_overlays(facts),
        *_holds(facts),
        *_person(facts, law),
        _screening(facts, law),
    ]


def wants_screening(law: Law, state: str) -> bool:
    """Does a state want assistance looked at first, or bar collection up to an income nobody knows else?"""
    return law.yes("screening_before_collection", state) or law.number(BARRED, state) > 0


def _screening(facts: Facts, law: Law) -> Light:
    needed = wants_screening(law, facts.state)
    green = facts.screened or not needed
    words = "Assistance was looked at." if facts.screened else "Their state does not ask for it."
    if not green:
        words = f"{facts.state} wants assistance to be looked at before collection."
    unblock = "" if green else "Open a hold for assistance, ask for their income, and decide."
    return Light("screening", "Screening", green, words, unblock=unblock)


def may_place(found: Sequence[Light], zone: str) -> list[No]:
    """What stands against placing an account with an agency, by its lights; nothing when all are green."""
    return [
        No(f"place.{one.code}", f"{one.label}: {one.words}", _instant(one.on, zone), one.unblock)
        for one in found
        if not one.green
    ]


def _instant(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None


def _calendar(facts: Facts, law: Law, day: date) -> list[Light]:
    staged = facts.stage in PRE_COLLECTION
    stage_words = "Pre-collection is done." if staged else "It is not in pre-collection yet."
    found = [Light("stage", "Stage", staged, stage_words, unblock="" if staged else "Let dunning go on.")]
    rules = (
        ("days", "Days since first statement", facts.first_on, "agency_days", "No first statement yet."),
        ("notice", "Final notice", facts.notice_on, "agency_after_notice_days", "No final notice yet."),
    )
    for code, label, start, rule, missing in rules:
        if start is None:
            found.append(Light(code, label, False, missing, unblock="Send it first."))
            continue
        days = law.number(rule, facts.state)
        free = start + timedelta(days)
        words = f"{days} days from {start:%m/%d/%Y} end on {free:%m/%d/%Y}."
        green = day >= free
        found.append(Light(code, label, green, words, None if green else free,
                           "" if green else "Wait for the day."))  # fmt: skip
    return found


def _letters(facts: Facts) -> Light:
    missing = [one.replace("_", " ") for one in LETTERS if one not in facts.letters]
    words = f"Not sent: {', '.join(missing)}." if missing else "Final notice and pre-collection went out."
    return Light("letters", "Letters", not missing, words, unblock="Send the letters." if missing else "")


def _money(facts: Facts, law: Law) -> Light:
    least = law.cents("agency_least", facts.state)
    green = facts.due >= least
    words = f"Due {facts.due:,}; an agency gets accounts from {least:,} on."
    return Light("balance", "Balance", green, words, unblock="" if green else "Write it off or keep billing.")


_OVERLAYS = (
    ("plan", "Plan", Blocks.PLAN, "A plan runs.", "No plan runs.", "The plan ends or defaults."),
    ("promise", "Promise", Blocks.PROMISE, "A promise is open.", "Nothing is promised.", "It is judged."),
    (
        "payment", "Payment", Blocks.PENDING_PAYMENT, "A payment is on its way.", "No payment is on its way.",
        "It posts or is declined.",
    ),
)  # fmt: skip


def _overlays(facts: Facts) -> list[Light]:
    covered = facts.waiting > 0
    words = f"{facts.waiting:,} waits for insurance." if covered else "No insurance is open."
    ends = "The payer answers." if covered else ""
    found = [Light("insurance", "Insurance", not covered, words, unblock=ends)]
    for code, label, bit, bad, good, unblock in _OVERLAYS:
        red = bool(facts.blocks & bit)
        found.append(Light(code, label, not red, bad if red else good, unblock=unblock if red else ""))
    return found


_KINDS: tuple[tuple[str, str, frozenset[HoldKind]], ...] = (
    ("dispute", "Dispute", frozenset({HoldKind.DISPUTE})),
    ("assistance", "Assistance", frozenset({HoldKind.ASSISTANCE})),
    ("estimate", "Estimate dispute", frozenset({HoldKind.ESTIMATE_DISPUTE})),
    ("bankruptcy", "Bankruptcy", frozenset({HoldKind.BANKRUPTCY})),
    ("deceased", "Deceased", frozenset({HoldKind.DECEASED})),
    ("attorney", "Attorney or cease", frozenset({HoldKind.ATTORNEY, HoldKind.CEASE})),
)
_NAMED = frozenset().union(*(kinds for _, _, kinds in _KINDS))


def _holds(facts: Facts) -> list[Light]:
    """Whole-account holds; a hold on a visit keeps that visit's part out and the rest goes on."""
    stops = [one for one in facts.holds if Act.PLACE in one.stops and not one.claim]
    found = []
    for code, label, kinds in _KINDS:
        mine = [one for one in stops if one.kind in kinds]
        found.append(_held(code, label, mine))
    found.append(_held("holds", "Other holds", [one for one in stops if one.kind not in _NAMED]))
    return found


def _held(code: str, label: str, holds: Sequence[Standing]) -> Light:
    if not holds:
        return Light(code, label, True, "None.")
    last = [one.ends for one in holds if one.ends]
    on = max(last) if len(last) == len(holds) else None
    words = ", ".join(f"{one.label}{f' until {one.ends:%m/%d/%Y}' if one.ends else ''}" for one in holds)
    return Light(code, label, False, f"{words}.", on, "Lift it once its reason is gone.")


def _person(facts: Facts, law: Law) -> list[Light]:
    licensed = law.row("agency_licensed", facts.state)
    free = licensed.value == "yes" and bool(facts.state)
    where = facts.state or "an unknown state"
    grown = not facts.minor
    return [
        Light("mail", "Mail", facts.mail, "The mail reaches them." if facts.mail else "No address is good.",
              unblock="" if facts.mail else "Find an address the mail reaches."),
        Light("guarantor", "Guarantor", facts.confirmed and grown,
              "They are under 18." if not grown
              else "Confirmed." if facts.confirmed else "Nobody confirmed who answers.",
              unblock="" if facts.confirmed and grown else "Say which adult answers."),
        Light("licence", "Licence", free,
              f"Our agency {'may' if free else 'may not'} collect in {where} ({licensed.source}).",
              unblock="" if free else "Counsel changes the row of law, or the address tells a state."),
    ]  # fmt: skip
