"""What a run does with accounts, asked set-wise: rules, holds, how they are reached, the law."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from app.contacts.rules_guards import No
from app.contacts.rules_law import Law
from app.contacts.service_law import law
from app.kernel.work import Work
from app.statements import queries_eligible
from app.statements.lifecycle import RunKind, Stage, Way
from app.statements.rules_eligible import (
    HELD,
    HOLDS,
    SEND,
    Reached,
    Ruling,
    Sent,
    Wanted,
    look,
    settle,
)
from app.statements.rules_guards import reason_of
from app.statements.rules_policy import Plan
from app.statements.rules_reasons import CODES
from app.statements.service_guards import asked as asked_of
from app.statements.translate import LANGUAGES

NONE: frozenset[str] = frozenset()
STATEMENTS, NOT_DUE, MAIL = RunKind.STATEMENTS.value, Stage.NOT_DUE.value, Way.MAIL.value
APART = Ruling(HELD, "several_patients")
OF_VISITS = {"waits": "waits_payer_pending", "visits_held": "visits_held"}
"""Reasons that the visits of an account complete, and what stays when they say nothing more."""


class Verdict(NamedTuple):
    """What a run does with an account; a tuple, as a run makes a million of them.

    stage, level: of the step it takes, or where it stands (level 0). asked: cents; until: the day to look
    again, where one is known; moves: the document moves the account; refusal: what a guard said.
    """

    account_id: int
    outcome: str
    reason: str
    stage: str
    level: int
    letter: str
    asked: int
    way: str
    language: str
    until: date | None = None
    moves: bool = False
    before: int = 0
    refusal: No | None = None

    @property
    def line(self) -> str:
        """What the hash of a plan is made of."""
        return (
            f"{self.account_id}|{self.outcome}|{self.reason}|{self.stage}|{self.level}|{self.letter}"
            f"|{self.asked}|{self.way}|{self.language}\n"
        )


@dataclass(frozen=True, slots=True)
class Look:
    """What a run goes by: its entity, kind and day, the policy and the law of that day."""

    entity_id: int
    kind: str
    day: date
    plan: Plan
    law: Law


def looking(w: Work, entity_id: int, kind: str, day: date, plan: Plan) -> Look:
    """What a run on a day goes by."""
    return Look(entity_id, kind, day, plan, law(w, entity_id, day))


def verdicts(w: Work, by: Look, rows: Sequence[Any]) -> list[Verdict]:
    """The outcome of every row, in their order; at most a dozen statements whatever their number."""
    kind, plan, day = by.kind, by.plan, by.day
    sent = queries_eligible.letters_sent(w, rows, plan) if kind == RunKind.LETTERS else {}
    ruled = [look(row, plan, day, kind, sent.get(row.account_id, NONE) if sent else NONE) for row in rows]
    pairs = list(zip(rows, ruled, strict=True))
    asked = [(row, one) for row, one in pairs if type(one) is Wanted or (row.blocks & HOLDS and row.due > 0)]
    held = _held(w, by, asked) if asked else {}
    going = [row for row, one in asked if type(one) is Wanted and row.account_id not in held]
    reached = queries_eligible.reached(w, going, LANGUAGES, _instead(by.law)) if going else {}
    words, mixed = _words(w, pairs), _mixed(w, by, going)
    if mixed:
        pairs = [(row, APART if row.account_id in mixed else one) for row, one in pairs]
    return [
        _no(row, *one) if type(one) is Ruling and one.reason not in OF_VISITS and row.account_id not in held
        else _verdict(row, one, held.get(row.account_id), (kind, reached, words))
        for row, one in pairs
    ]  # fmt: skip


def _mixed(w: Work, by: Look, rows: Sequence[Any]) -> set[int]:
    """Accounts of several patients, where the policy or the law of their state wants a document for each
    (RPAT-13): nothing goes until a person gives them accounts of their own.
    """
    apart = {state for state in {row.state for row in rows} if not by.law.yes("statement_family", state)}
    asked = [row.account_id for row in rows if not by.plan.households or row.state in apart]
    return queries_eligible.several_patients(w, asked) if asked else set()


def _instead(law: Law) -> str:
    return law.text("statement_language_instead")


def _held(w: Work, by: Look, pairs: Sequence[tuple[Any, Ruling | Wanted]]) -> dict[int, No]:
    """The gravest refusal of each account as a whole; a hold on one visit is in its figures."""
    letters = {row.account_id: one.step.letter if isinstance(one, Wanted) else "" for row, one in pairs}
    return {key: nos[0] for key, nos in asked_of(w, by.kind, letters, by.day).items() if nos}


def _words(w: Work, pairs: Sequence[tuple[Any, Ruling | Wanted]]) -> dict[int, str]:
    """The exact code of those that wait for a payer or have every visit held."""
    of: dict[str, list[int]] = {code: [] for code in OF_VISITS}
    for row, one in pairs:
        if one.reason in of:
            of[one.reason].append(row.account_id)
    found: dict[int, str] = {}
    if of["waits"]:
        for key, why in queries_eligible.waits(w, of["waits"]).items():
            found[key] = f"waits_{why}"
    if of["visits_held"]:
        for key, why in queries_eligible.visit_holds(w, of["visits_held"]).items():
            found[key] = f"hold_{why}"
    return {key: code for key, code in found.items() if code in CODES}


def _verdict(
    row: Any,
    one: Ruling | Wanted,
    held: No | None,
    found: tuple[str, Mapping[int, Reached], Mapping[int, str]],
) -> Verdict:
    kind, reached, words = found
    if held is not None:
        return _no(row, HELD, reason_of(held), held.until.date() if held.until else None, held)
    if isinstance(one, Ruling):
        return _no(row, one.outcome, words.get(row.account_id, OF_VISITS[one.reason]), one.until)
    way = settle(reached[row.account_id], kind)
    if not isinstance(way, Sent):
        return _no(row, *way)
    letter = one.step.letter if kind != STATEMENTS else ""
    return Verdict(row.account_id, SEND, one.reason, one.step.stage, one.step.number, letter, one.asked,
                   way.way, way.language, None, one.moves, row.statement_due or 0)  # fmt: skip


def _no(row: Any, outcome: str, code: str, until: date | None, held: No | None = None) -> Verdict:
    return Verdict(row.account_id, outcome, code, row.stage or NOT_DUE, 0, "", 0, MAIL, row.language, until,
                   False, 0, held)  # fmt: skip
