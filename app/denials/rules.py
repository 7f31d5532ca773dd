"""What a refusal means and what it is worth: readings, amounts at stake, deadlines, priority. Pure.

One adjustment at a time; what a batch of remits does to the cases of its claims is in `cases`.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from app.codes.rules import NEXT_ACTIONS, UNMAPPED, CodeBook, Rarc
from app.denials.lifecycle import DENIAL, Move, State
from app.kernel.errors import NotAllowed, Refused
from app.kernel.money import Money
from app.payers.rules import Terms, roll

DATA = Path(__file__).parent / "data"
DUPLICATES = frozenset({"18", "B13"})
PLAIN_SHARE = frozenset({"1", "2", "3"})
"""Deductible, coinsurance, copay: in group PR never a denial."""

READ_BY_RARC = frozenset({"16", "96", "A1", "129", "226", "227", "234", "250", "251", "252"})
"""Reasons that say little; their remark decides the category (RDEN-03)."""
AUTHORIZATION_RARCS = frozenset({"M62", "N54"})
NEW_CLAIM_RARCS = frozenset({"MA130", "N142", "N517"})
"""The claim never counted as adjudicated: a new claim goes out, frequency 1 (rebill section 3)."""
HOLD_PATIENT = frozenset({"22", "26", "27", "31", "96", "119", "197", "204", "242", "243"})
"""PR denials whose patient billing waits for a review (RDEN-08)."""
CLAIM_ACTIONS = frozenset({"correct_rebill", "new_claim"})
APPEAL_ACTIONS = frozenset({"appeal", "clinical_appeal", "retro_auth", "timely_proof", "contract_review"})

APPEALABLE = frozenset({"yes", "conditional"})

FULLY = Decimal("0.98")
"""Paid to this share of what was expected, a denial counts as overturned in full (RDEN-06)."""


CONDITIONS = ("payer", "group", "carc", "rarc", "when_category")
ANSWERS = ("category", "root_cause", "next_action", "days", "evidence", "letter", "hardness")

# ---------------------------------------------------------------- tables


@dataclass(frozen=True, slots=True)
class Taxon:
    """What a category usually takes; `recovery` is the default chance that work on it pays."""

    category: str
    stage: str
    hardness: str
    preventable: str
    recovery: Decimal
    effort: str


@dataclass(frozen=True, slots=True)
class Play:
    """One row of the playbook: empty conditions fit anything, empty answers are left to other rows."""

    payer: str
    group: str
    carc: str
    rarc: str
    when_category: str
    category: str
    root_cause: str
    next_action: str
    days: str
    evidence: str
    letter: str
    hardness: str

    @property
    def weight(self) -> int:
        """How specific: remark before reason before payer before group before category."""
        marks = (self.rarc, self.carc, self.payer, self.group, self.when_category)
        return sum(bool(mark) << (4 - at) for at, mark in enumerate(marks))


@lru_cache(maxsize=1)
def taxonomy() -> dict[str, Taxon]:
    """The categories that open a case."""
    return {
        row["category"]: Taxon(
            row["category"],
            row["stage"],
            row["hardness"],
            row["preventable"],
            Decimal(row["recovery"]),
            row["effort"],
        )
        for row in _rows("taxonomy.csv")
    }


@lru_cache(maxsize=1)
def playbook() -> tuple[Play, ...]:
    """Every row, most specific first; among equals the first in the file."""
    plays = [Play(**{name: row[name] for name in Play.__dataclass_fields__}) for row in _rows("playbook.csv")]
    return tuple(sorted(plays, key=lambda play: -play.weight))


def with_own(own: Sequence[Play]) -> tuple[Play, ...]:
    """The playbook with rows of our own, most specific first; ours win over shipped ones as specific."""
    return tuple(sorted((*own, *playbook()), key=lambda play: -play.weight)) if own else playbook()


def own_play(match: Mapping[str, Any], answers: Mapping[str, Any]) -> Play:
    """A row of our own; `Refused` when it names what no row has, or answers with what nobody knows."""
    unknown = (set(match) - set(CONDITIONS)) | (set(answers) - set(ANSWERS))
    if unknown or not answers:
        words = ", ".join(sorted(unknown)) or "no answer"
        raise Refused(f"A row of the playbook cannot say {words}.", code="unknown_play", field="answers")
    values = dict.fromkeys((*CONDITIONS, *ANSWERS), "") | {k: str(v) for k, v in {**match, **answers}.items()}
    for name in ("category", "when_category"):
        if values[name] and values[name] not in taxonomy():
            raise Refused(f"{values[name]!r} is no category.", code="unknown_category", field=name)
    if values["next_action"] and values["next_action"] not in NEXT_ACTIONS:
        raise Refused(f"{values['next_action']!r} is no action.", code="unknown_action", field="next_action")
    if values["days"] and not (
        values["days"].isascii() and values["days"].isdigit() and int(values["days"]) < 3_651
    ):
        raise Refused("Days are a whole number up to ten years.", code="bad_days", field="days")
    return Play(**values)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# ---------------------------------------------------------------- one adjustment


@dataclass(frozen=True, slots=True)
class Reading:
    """What one adjustment asks of us.

    `appealable` is yes, conditional, no or blocked; `days` 0: the payer's own.
    """

    category: str
    carc: str
    rarc: str | None
    root_cause: str
    next_action: str
    days: int
    evidence: str
    letter: str
    stage: str
    hardness: str
    preventable: str
    appealable: str


Refusal = tuple[str, str, tuple[str, ...], bool]
"""One adjustment: group, CARC, remarks, and whether it takes the whole charge of an unpaid line."""


class Reader:
    """Reads adjustments of one remit; the same refusal is judged once."""

    def __init__(self, book: CodeBook, payer_class: str, filing: str, own: Sequence[Play] = ()):
        self._book = book
        self._plays = with_own(own)
        self._payer = frozenset((payer_class, filing))
        self._read: dict[Refusal, Reading | None] = {}
        self._silent: dict[str, bool] = {}

    def silent(self, carc: str) -> bool:
        """Does this reason never open a case, whatever stands beside it? Most adjustments are such."""
        if carc not in self._silent:
            known = self._book.carc(carc)
            self._silent[carc] = known.reads_as != "45" and not known.opens_denial
        return self._silent[carc]

    def read(self, group: str, carc: str, remarks: tuple[str, ...], *, whole: bool) -> Reading | None:
        """The reading, or None when the adjustment opens no case."""
        if self.silent(carc):
            return None
        refusal = group, carc, remarks, whole
        if refusal not in self._read:
            self._read[refusal] = _reading(self._book, self._plays, self._payer, refusal)
        return self._read[refusal]


def _reading(
    book: CodeBook, known: Sequence[Play], payer: frozenset[str], refusal: Refusal
) -> Reading | None:
    group, code, remarks, whole = refusal
    carc = book.carc(code)
    zero_allowed = carc.reads_as == "45" and whole and group != "PR"
    if group == "PR" and carc.reads_as in PLAIN_SHARE:
        return None
    if not zero_allowed and not carc.opens_denial:
        return None
    rarcs = [book.rarc(code) for code in remarks]
    category, lead = _category(carc.category, carc.reads_as, rarcs)
    plays = [play for play in known if _fits(play, payer, group, carc.reads_as, remarks)]
    category = _first(plays, "category") or category
    plays = [play for play in plays if play.when_category in ("", category)]
    taxon = taxonomy().get(category, taxonomy()[UNMAPPED])
    next_action = _first(plays, "next_action") or (lead.next_action if lead else "") or carc.next_action
    if NEW_CLAIM_RARCS & set(remarks):
        next_action = "new_claim"
    return Reading(
        category=taxon.category,
        carc=code,
        rarc=lead.code if lead else next((one.code for one in rarcs if not one.is_alert), None),
        root_cause=_first(plays, "root_cause") or taxon.category,
        next_action=next_action,
        days=int(_first(plays, "days") or 0),
        evidence=_first(plays, "evidence"),
        letter=_first(plays, "letter"),
        stage=taxon.stage,
        hardness=_first(plays, "hardness") or taxon.hardness,
        preventable=carc.preventable if carc.known and not zero_allowed else taxon.preventable,
        appealable=_appealable("conditional" if zero_allowed else carc.appealable, rarcs),
    )


def deciding(
    own: Sequence[Play],
    payer: frozenset[str],
    reason: tuple[str, str],
    remarks: Sequence[str],
    category: str,
) -> list[tuple[Play, tuple[tuple[str, str], ...]]]:
    """The rows of the playbook that answered something about a refusal, and what each answered first.

    reason: group and CARC as the payer wrote them.
    """
    group, carc = reason
    open_answers, found = set(ANSWERS), []
    for play in with_own(own):
        if play.when_category not in ("", category) or not _fits(play, payer, group, carc, remarks):
            continue
        said = tuple(
            (name, value) for name in ANSWERS if name in open_answers and (value := getattr(play, name))
        )
        if said:
            found.append((play, said))
            open_answers -= {name for name, _ in said}
    return found


def _category(category: str, reads_as: str, rarcs: Sequence[Rarc]) -> tuple[str, Rarc | None]:
    """The category after its remarks (RDEN-03), and the remark that decided. An alert never decides."""
    telling = [one for one in rarcs if not one.is_alert and one.known]
    for one in telling:
        if one.code in AUTHORIZATION_RARCS:
            return "authorization", one
    if reads_as not in READ_BY_RARC and category != UNMAPPED:
        return category, None
    # "Unprocessable" says how to answer; a remark that names the missing thing says what it is about.
    for one in sorted(telling, key=lambda rarc: rarc.code in NEW_CLAIM_RARCS):
        if one.category in taxonomy():
            return one.category, one
    return category, None


def _fits(play: Play, payer: frozenset[str], group: str, carc: str, remarks: Sequence[str]) -> bool:
    return (
        (not play.payer or play.payer in payer)
        and (not play.group or play.group == group)
        and (not play.carc or play.carc == carc)
        and (not play.rarc or play.rarc in remarks)
    )


def _first(plays: Sequence[Play], name: str) -> str:
    return next((str(value) for play in plays if (value := getattr(play, name))), "")


def _appealable(usual: str, rarcs: Sequence[Rarc]) -> str:
    effects = {one.appeal_effect for one in rarcs}
    if "no_rights" in effects:
        return "blocked"
    if "rights_given" in effects and usual != "yes":
        return "conditional"
    return usual


def holds_patient(group: str, carc: str, *, review: bool) -> bool:
    """Must patient billing wait for a review? PR denials of RDEN-08 do, when the payer has the flag."""
    return review and group == "PR" and carc in HOLD_PATIENT


# ---------------------------------------------------------------- money at stake


def at_stake(
    charge: Money, denied: Money, share: Money, paid: Money, ratio: Decimal, *, price: Money | None = None
) -> Money:
    """What a refused line should bring, in cents (RDEN-02): the usual share of its charge less the patient's
    part.

    share: PR of the line that is the patient's own (deductible, coinsurance, copay); paid: what came anyway.
    A line that was paid in part has only its denied cents at stake, at the same ratio. Never below zero nor
    above `denied`. price: what the contract owes for the line, when there is one; it goes before any ratio.
    """
    if price is not None:
        return Money(max(0, min(int(price - share - paid), int(denied))))
    expected = charge.times(ratio) - share if paid <= 0 else denied.times(ratio)
    return Money(max(0, min(int(expected), int(denied))))


def overturned(recovered: Money, expected: Money) -> str:
    """How a payment ends a case (RDEN-06)."""
    full = recovered >= expected.times(FULLY)
    return "overturned_full" if full else "overturned_partial"


# ---------------------------------------------------------------- guards of the moves by hand

COME_BACK = {
    State.WAITING_INFO: Move.ANSWER,
    State.SNOOZED: Move.WAKE,
    State.PAYER_PROMISED: Move.WAKE,
    State.REBILLED: Move.WAKE,
    State.AWAITING_PAYMENT: Move.WAKE,
}
"""States that end by themselves on their follow-up day, and by which move."""
MAY_EXPIRE = frozenset(
    {State.NEW, State.TRIAGED, State.WAITING_INFO, State.SNOOZED, State.PAYER_PROMISED, State.REBILL_PREP}
    | {State.APPEAL_DRAFT, State.APPEAL_REVIEW, State.LOST, State.NEXT_LEVEL}
)
"""States in which nothing has gone out yet: there the clock can run out."""
NEEDS_REASON = frozenset({Move.SNOOZE, Move.CONCLUDE, Move.EXCUSE, Move.RETURN, Move.ASK})


class Facts(Protocol):
    """What a guard looks at; a row of the case has it."""

    appealable: str
    group_code: str
    legal_due: date | None
    level: int


def guard(move: Move, case: Facts, today: date, reason: str) -> None:
    """Refuse a move the facts forbid, with the rule in words."""
    if move in NEEDS_REASON and not reason.strip():
        raise Refused("Say why.", code="reason_missing", field="reason")
    if move is Move.DRAFT_APPEAL:
        if case.appealable not in APPEALABLE:
            raise Refused(
                "The payer gave no appeal right for this denial; correct the claim.", code="no_appeal_right"
            )
        if case.legal_due is not None and case.legal_due < today:
            raise Refused(f"The last day to appeal was {case.legal_due.isoformat()}.", code="too_late")


def where_to(state: State, move: Move) -> State | None:
    """Where a move leads from a state; None when it is not in the table."""
    try:
        return DENIAL.next(state, move)
    except NotAllowed:
        return None


def follow_up(state: State, terms: Terms, today: date) -> date | None:
    """The day a case in this state comes back by itself (RDEN-11); None when it does not wait for anybody."""
    days = {
        State.WAITING_INFO: 7,
        State.SNOOZED: 14,
        State.PAYER_PROMISED: 14,
        State.REBILLED: terms.follow_up_rebill_days,
        State.APPEAL_SENT: terms.follow_up_appeal_days,
        State.ACKNOWLEDGED: terms.follow_up_appeal_days,
        State.AWAITING_PAYMENT: terms.follow_up_days,
    }.get(state)
    return roll(today + timedelta(days), 1) if days is not None else None
