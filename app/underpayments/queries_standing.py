"""What payers said of a batch of claims, as it stands now: the answers, their lines, what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from app.contracts.queries import Asked
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.remits.models import Remit, RemitAdjustment, RemitClaim, RemitLine
from app.underpayments.models import Underpayment, UnderpaymentPattern, Variance
from app.underpayments.rules import Adjusted, Answer

_remit, _remit_claim = table_of(Remit), table_of(RemitClaim)
_remit_line, _adjustment = table_of(RemitLine), table_of(RemitAdjustment)
_variance, _case, _pattern = table_of(Variance), table_of(Underpayment), table_of(UnderpaymentPattern)
NOT_ANSWERS = ("22", "23", "25")
"""Reversals, claims sent on to another payer, and estimates decide nothing of their own."""
WHOLE = 0


@dataclass(slots=True)
class Answered:
    """One adjudication of a claim. `gone_on`: the day it was taken back or a later one took its place."""

    id: int
    claim_id: int
    rank: int
    remit_id: int
    payer_id: int | None
    remit_on: date
    effective_on: date
    charge: int
    paid: int
    live: bool
    filing: str = ""
    gone_on: date | None = None
    lines: dict[int, Answer] = field(default_factory=dict)
    adjustments: tuple[Adjusted, ...] = ()

    @property
    def asked(self) -> Asked:
        """What is to be priced to judge it."""
        return Asked(self.claim_id, self.payer_id, self.rank, tuple(sorted(self.lines)))

    @property
    def whole(self) -> Answer:
        """The claim as one line."""
        own = [one for line in self.lines.values() for one in line.adjustments]
        return Answer(self.charge, self.paid, None, (*self.adjustments, *own))


def answers(w: Work, claim_ids: Sequence[int]) -> list[Answered]:
    """Every answer to these claims, the standing and the gone, oldest first. Four statements."""
    found: dict[int, Answered] = {}
    taken_back: dict[int, date] = {}
    for row in w.db.execute(_answers(w, claim_ids)):
        if row.status in NOT_ANSWERS:
            if row.reverses_id is not None and row.state == "posted":
                taken_back[row.reverses_id] = row.effective_date
            continue
        day = row.produced or row.issued or row.effective_date
        found[row.id] = Answered(
            row.id, row.claim_id, row.rank, row.remit_id, row.payer_id, day, row.effective_date,
            int(row.charge), int(row.paid), row.live, row.filing,
        )  # fmt: skip
    _gone(list(found.values()), taken_back)
    _lines(w, found)
    return sorted(found.values(), key=lambda one: (one.claim_id, one.rank, one.remit_on, one.id))


def _answers(w: Work, claim_ids: Sequence[int]) -> Any:
    named = ("id", "claim_id", "rank", "remit_id", "payer_id", "status", "state", "charge", "paid", "live",
             "reverses_id",
        "filing")  # fmt: skip
    return (
        select(
            *(_remit_claim.c[name] for name in named),
            _remit.c.produced,
            _remit.c.issued,
            _remit.c.effective_date,
        )
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .where(
            w.within(_remit_claim.c.entity_id),
            among(w.db, _remit_claim.c.claim_id, claim_ids),
            _remit_claim.c.state.in_(("posted", "reversed")),
        )
    )


def _gone(found: Sequence[Answered], taken_back: dict[int, date]) -> None:
    """Of several answers of one payer that were never taken back the latest stands."""
    latest: dict[tuple[int, int], Answered] = {}
    for one in sorted(found, key=lambda one: (one.remit_on, one.id)):
        if not one.live:
            one.gone_on = taken_back.get(one.id, one.effective_on)
            continue
        before = latest.get((one.claim_id, one.rank))
        if before is not None:
            before.gone_on = max(one.effective_on, before.effective_on)
        latest[one.claim_id, one.rank] = one


def _lines(w: Work, found: dict[int, Answered]) -> None:
    """Lines with their adjustments; several remit lines of one billed line are one answer (RCON-14)."""
    said: dict[tuple[int, int | None], list[Adjusted]] = {}
    named = ("remit_claim_id", "remit_line_id", "cas_group", "carc", "amount", "denies", "quantity")
    keys = sorted(found)
    query = select(*(_adjustment.c[name] for name in named))
    for row in w.db.execute(
        query.where(among(w.db, _adjustment.c.remit_claim_id, keys)).order_by(_adjustment.c.id)
    ):
        one = Adjusted(row.cas_group, row.carc, int(row.amount), row.denies, row.quantity)
        said.setdefault((row.remit_claim_id, row.remit_line_id), []).append(one)
    columns = ("id", "remit_claim_id", "claim_line_id", "charge", "paid", "allowed", "billed_code", "code")
    lines = select(*(_remit_line.c[name] for name in columns))
    for row in w.db.execute(
        lines.where(among(w.db, _remit_line.c.remit_claim_id, keys)).order_by(_remit_line.c.id)
    ):
        if row.claim_line_id is not None:
            answered = found[row.remit_claim_id].lines
            new = _answer(row, said.get((row.remit_claim_id, row.id), []))
            old = answered.get(row.claim_line_id)
            answered[row.claim_line_id] = new if old is None else _both(old, new)
    for key, answer in found.items():
        answer.adjustments = tuple(said.get((key, None), ()))


def _answer(row: Row[Any], adjustments: Sequence[Adjusted]) -> Answer:
    stated = None if row.allowed is None else int(row.allowed)
    changed = bool(row.billed_code) and row.billed_code != row.code
    return Answer(int(row.charge), int(row.paid), stated, tuple(adjustments), changed)


def _both(old: Answer, new: Answer) -> Answer:
    stated = None if old.stated is None or new.stated is None else old.stated + new.stated
    return Answer(
        max(old.charge, new.charge),
        old.paid + new.paid,
        stated,
        (*old.adjustments, *new.adjustments),
        old.code_changed or new.code_changed,
    )


# ---------------------------------------------------------------- what was judged before


def standing(w: Work, claim_ids: Sequence[int]) -> dict[tuple[int, int], Any]:
    """The standing variances of these claims: (answer, line) -> (id, inputs, gone_on)."""
    query = select(
        _variance.c.id,
        _variance.c.remit_claim_id,
        _variance.c.line_number,
        _variance.c.inputs,
        _variance.c.gone_on,
    ).where(
        w.within(_variance.c.entity_id),
        among(w.db, _variance.c.claim_id, claim_ids),
        _variance.c.replaced_at.is_(None),
    )
    return {(row.remit_claim_id, row.line_number): row for row in w.db.execute(query)}


def cases(w: Work, claim_ids: Sequence[int]) -> dict[tuple[int, int, int], Any]:
    """The underpayments of these claims by claim, payer's rank and line."""
    query = select(_case).where(w.within(_case.c.entity_id), among(w.db, _case.c.claim_id, claim_ids))
    return {(row.claim_id, row.rank, row.line_number): row for row in w.db.execute(query)}


def worth_working(w: Work, entity_id: int) -> dict[tuple[int | None, str, str, str], tuple[int, int]]:
    """The systematic patterns that stand: what they are about -> (id, cents they are worth)."""
    query = select(_pattern).where(
        _pattern.c.entity_id == entity_id,
        w.within(_pattern.c.entity_id),
        _pattern.c.standing,
        _pattern.c.systematic,
    )
    return {
        (row.payer_id, row.code, row.modifiers, row.setting): (row.id, int(row.total))
        for row in w.db.execute(query)
    }
