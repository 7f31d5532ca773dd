"""What a run does with accounts, asked set-wise: rules, holds, how they are reached, the law."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run does with an account. stage, level: of the step it takes, or where it stands (level 0).

    asked: cents; until: the day to look again, where one is known; moves: the document moves the account;
    refusal: what a guard said.
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
    ruled: list[Ruling | Wanted] = [
        look(row, plan, day, kind, sent.get(row.account_id, NONE) if sent else NONE) for row in rows
    ]
    asked = [
        row for row, one in zip(rows, ruled, strict=True)
        if type(one) is Wanted or (row.blocks & HOLDS and row.due > 0)
    ]  # fmt: skip
    by_key = {row.account_id: one for row, one in zip(rows, ruled, strict=True)} if asked else {}
    held = _held(w, by, asked, by_key) if asked else {}
    going = [row for row, one in zip(rows, ruled, strict=True) if type(one) is Wanted]
    going = [row for row in going if row.account_id not in held]
    reached = queries_eligible.reached(w, going, LANGUAGES, _instead(by.law)) if going else {}
    words = _words(w, rows, ruled)
    return [
        _verdict(row, one, held.get(row.account_id), (kind, reached, words))
        for row, one in zip(rows, ruled, strict=True)
    ]


def _instead(law: Law) -> str:
    return law.text("statement_language_instead")


def _held(w: Work, by: Look, rows: Sequence[Any], ruled: Mapping[int, Ruling | Wanted]) -> dict[int, No]:
    """The gravest refusal of each account as a whole; a hold on one visit is in its figures."""
    letters = {
        row.account_id: one.step.letter if isinstance(one := ruled[row.account_id], Wanted) else ""
        for row in rows
    }
    return {key: nos[0] for key, nos in asked_of(w, by.kind, letters, by.day).items() if nos}


def _words(w: Work, rows: Sequence[Any], ruled: Sequence[Ruling | Wanted]) -> dict[int, str]:
    """The exact code of those that wait for a payer or have every visit held."""
    of: dict[str, list[int]] = {"waits": [], "visits_held": []}
    for row, one in zip(rows, ruled, strict=True):
        if type(one) is Ruling and one.reason in of:
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
        return _no(row, Ruling(HELD, reason_of(held), held.until.date() if held.until else None), held)
    if isinstance(one, Ruling):
        code = words.get(row.account_id, "waits_payer_pending" if one.reason == "waits" else one.reason)
        return _no(row, Ruling(one.outcome, code, one.until))
    way = settle(reached[row.account_id], kind)
    if not isinstance(way, Sent):
        return _no(row, way)
    letter = one.step.letter if kind != RunKind.STATEMENTS else ""
    return Verdict(row.account_id, SEND, one.reason, one.step.stage, one.step.number, letter, one.asked,
                   way.way, way.language, None, one.moves, row.statement_due or 0)  # fmt: skip


def _no(row: Any, ruling: Ruling, held: No | None = None) -> Verdict:
    return Verdict(row.account_id, ruling.outcome, ruling.reason, row.stage or Stage.NOT_DUE.value, 0, "", 0,
                   Way.MAIL.value, row.language, ruling.until, refusal=held)  # fmt: skip
