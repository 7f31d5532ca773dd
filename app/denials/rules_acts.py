"""What may be done to a case, one or thousands at a time: a pure decision per case. Refusals have words.

An act is asked once and decided case by case, so that a set is worked with one verb and those it does not fit
stay as they are, with the reason.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Protocol

from app.denials import rules
from app.denials.lifecycle import BY_HAND, DENIAL, Move, State
from app.kernel.errors import Refused


class Act(StrEnum):
    """What a person does to cases; `undo` gives it all back."""

    ASSIGN = "assign"
    SNOOZE = "snooze"
    TRIAGE = "triage"
    MOVE = "move"
    NOTE = "note"


ROOT_CAUSES = (
    "registration", "eligibility_not_checked", "authorization_missing", "authorization_mismatch",
    "coding_error", "modifier_missing", "documentation_missing", "billing_error", "late_submission",
    "duplicate_submission", "provider_not_enrolled", "payer_error", "payer_policy", "patient_information",
    "contract_terms", "unknown",
)  # fmt: skip
PREVENTABLE = ("yes", "partly", "no")
RESULTS = {
    "1": ("Payer will pay or reprocess", "payment_promised", Move.NOTE_PROMISE),
    "2": ("Payer needs records", "needs_records", Move.ASK),
    "3": ("Corrected claim", "correct_claim", Move.PREPARE_REBILL),
    "4": ("Appeal", "appeal_needed", Move.DRAFT_APPEAL),
    "5": ("Nobody reached", "no_answer", Move.SNOOZE),
    "6": ("Look again later", "other", Move.SNOOZE),
}
"""How a case is wrapped up: the key, what it says, the outcome of the call, the move it makes."""
FOLLOW_UPS = {"1": 1, "2": 3, "3": 7, "4": 14, "5": 30}
"""The second key: days until the case comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One act with its details. owner_id: None gives back. until: the day a case comes back by itself."""

    act: Act
    owner_id: int | None = None
    move: Move | None = None
    reason: str = ""
    until: date | None = None
    root_cause: str = ""
    preventable: str = ""
    text: str = ""

    @property
    def step(self) -> Move | None:
        """The move it makes in the lifecycle, if any."""
        return Move.SNOOZE if self.act is Act.SNOOZE else self.move


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits a decision looks at."""

    snooze_count: int
    snooze_days: int
    snooze_margin_days: int


class Case(Protocol):
    """What a decision reads of a row."""

    public_id: str
    state: str
    version: int
    snoozes: int
    internal_due: date | None
    root_cause: str
    preventable: str
    appealable: str
    group_code: str
    legal_due: date | None
    level: int


@dataclass(frozen=True, slots=True)
class Done:
    """What an act does to a case: the columns it writes, and the moves it is made of (move, state after)."""

    values: dict[str, Any]
    moves: tuple[tuple[str, str], ...]


def check(wanted: Wanted, today: date, limits: Limits) -> None:
    """Refuse an act that can fit no case at all."""
    if wanted.act is Act.TRIAGE:
        if wanted.root_cause and wanted.root_cause not in ROOT_CAUSES:
            raise Refused("Choose the cause from the list.", code="unknown_cause", field="root_cause")
        if wanted.preventable and wanted.preventable not in PREVENTABLE:
            raise Refused("Preventable is yes, partly or no.", code="preventable", field="preventable")
    if wanted.act is Act.MOVE and (wanted.move is None or wanted.move not in BY_HAND):
        raise Refused("There is no such step.", code="unknown_move", field="move")
    if wanted.until is not None and wanted.until <= today:
        raise Refused("The day to come back must lie ahead.", code="day_passed", field="until")
    if wanted.step is Move.SNOOZE:
        if not wanted.reason.strip():
            raise Refused("Say why.", code="reason_missing", field="reason")
        if wanted.until is not None and wanted.until > today + timedelta(limits.snooze_days):
            raise Refused(f"A case may be put aside for at most {limits.snooze_days} days.",
                          code="snooze_long", field="until")  # fmt: skip


def decide(wanted: Wanted, case: Case, today: date, limits: Limits, follow_up: date | None) -> Done:
    """What the act does to this case; `Refused` with the reason when it does not fit.

    follow_up: the day a waiting case comes back when the act names none (RDEN-11).
    """
    state = State(case.state)
    if wanted.act is Act.ASSIGN:
        return Done({"owner_id": wanted.owner_id}, (("assign", case.state),))
    if wanted.act is Act.NOTE:
        return Done({}, ())
    if wanted.act is Act.TRIAGE:
        return _triage(wanted, case, state)
    move = wanted.step
    if move is None:
        raise Refused("There is no such step.", code="unknown_move", field="move")
    if move is Move.SNOOZE:
        _check_snooze(wanted, case, today, limits)
    # Working a new case is the sign that its reading was looked at: it is triaged on the way.
    way = [Move.TRIAGE] if state is State.NEW and move is not Move.TRIAGE else []
    moves: list[tuple[str, str]] = []
    for step in (*way, move):
        state = DENIAL.next(state, step)
        moves.append((step.value, state.value))
    rules.guard(move, case, today, wanted.reason)
    values: dict[str, Any] = {"state": state.value, "follow_up": wanted.until or follow_up}
    if move is Move.SNOOZE:
        values["snoozes"] = case.snoozes + 1
    return Done(values, tuple(moves))


def _triage(wanted: Wanted, case: Case, state: State) -> Done:
    values: dict[str, Any] = {
        "root_cause": wanted.root_cause or case.root_cause,
        "preventable": wanted.preventable or case.preventable,
    }
    if state is State.NEW:
        after = DENIAL.next(state, Move.TRIAGE)
        return Done(values | {"state": after.value, "follow_up": None}, ((Move.TRIAGE.value, after.value),))
    if state is State.CLOSED:
        raise Refused("The case is closed.", code="not_possible_now")
    return Done(values, (("root_cause", case.state),))


def _check_snooze(wanted: Wanted, case: Case, today: date, limits: Limits) -> None:
    if case.snoozes >= limits.snooze_count:
        words = f"It was put aside {case.snoozes} times already; {limits.snooze_count} is the most."
        raise Refused(words, code="snooze_count")
    if wanted.until is not None and case.internal_due is not None and case.internal_due > today:
        latest = case.internal_due - timedelta(limits.snooze_margin_days)
        if wanted.until > latest:
            words = f"It must be back by {latest.isoformat()}: its own last day is {case.internal_due}."
            raise Refused(words, code="snooze_past_due", field="until")


def wrap_up(result: str, follow_up: str, today: date) -> tuple[str, Wanted]:
    """The outcome and the move behind two keys; `Refused` when a key means nothing."""
    if result not in RESULTS:
        raise Refused("Choose how it ended.", code="unknown_result", field="result")
    if follow_up not in FOLLOW_UPS:
        raise Refused("Choose when it comes back.", code="unknown_follow_up", field="follow_up")
    words, outcome, move = RESULTS[result]
    until = today + timedelta(FOLLOW_UPS[follow_up])
    act = Act.SNOOZE if move is Move.SNOOZE else Act.MOVE
    return outcome, Wanted(act=act, move=move, reason=words, until=until)
