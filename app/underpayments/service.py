"""Judging answers: what a posting, a late schedule or new terms mean for the variances of claims.

`judge` looks at what stands and writes what differs: run twice it changes nothing, in any order of arrival it
ends the same. A fixed number of statements whatever the number of claims.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select, update

from app.contracts import service_import
from app.contracts.queries import Asked, has_contracts, price
from app.contracts.rules import expected_payment
from app.contracts.rules_claim import Priced
from app.contracts.rules_price import Price
from app.denials.queries_around import claims_of
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.money import Money
from app.kernel.work import Work
from app.remits.rules import Posted
from app.underpayments import queries_standing, service_cases
from app.underpayments.models import Variance
from app.underpayments.queries_standing import WHOLE, Answered
from app.underpayments.rules import SECONDARY, Answer, Judged
from app.underpayments.rules import judge as judge_line

_variance = table_of(Variance)
LOAD_FEES = "contracts_load"
MEDICARE = ("MA", "MB")
"""Filing indicators of Medicare itself, which always takes its sequestration."""
COLUMNS = (
    "id", "entity_id", "claim_id", "remit_claim_id", "remit_id", "claim_line_id", "line_number",
    "line_control", "rank", "payer_id", "payer_number", "code_type", "code", "modifiers", "setting", "units",
    "charge", "service_on", "remit_on", "effective_on", "expected", "actual", "variance", "class", "cause",
    "reason", "flags", "expected_paid", "paid", "schedule_id", "fee_row_id", "terms", "steps", "inputs",
    "computed_at", "gone_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One judged line of one answer. `values` are the columns after the id, up to `steps`."""

    answer: Answered
    line_number: int
    judged: Judged
    price: Price | None
    values: tuple[Any, ...]
    inputs: str

    @property
    def key(self) -> tuple[int, int]:
        """What it is about: an answer and a line."""
        return self.answer.id, self.line_number

    def of(self, column: str) -> Any:
        """The value of one of its columns."""
        return self.values[COLUMNS.index(column) - 1]


def judge_from(w: Work, posted: Posted) -> None:
    """After a posting: judge its claims, when there is any contract to judge by.

    Files of fees handed in before there was any billing entity are loaded by a job, once.
    """
    if not posted.claims:
        return
    for file_id in service_import.waiting(w, posted.entity_id):
        payload = {"entity": posted.entity_id, "file": file_id}
        w.job(LOAD_FEES, f"{posted.entity_id}:{file_id}", payload, rank=6)
    if has_contracts(w, posted.entity_id):
        judge(w, posted.entity_id, sorted({one.claim_id for one in posted.claims}))


def withdraw(w: Work, entity_id: int, remit_claim_ids: Sequence[int]) -> None:
    """A posting was undone: its claims are judged by what stands without it."""
    claim_ids = claims_of(w, remit_claim_ids)
    if claim_ids and has_contracts(w, entity_id):
        judge(w, entity_id, claim_ids)


def judge(w: Work, entity_id: int, claim_ids: Sequence[int]) -> int:
    """Judge the answers of these claims anew; returns how many lines are judged otherwise than before."""
    changed = 0
    for chunk in in_chunks(claim_ids, BATCH_CLAIMS):
        answers = queries_standing.answers(w, chunk)
        prices = price(w, entity_id, list(dict.fromkeys(one.asked for one in answers)))
        found = [one for answer in answers for one in _judge(entity_id, answer, prices[answer.asked])]
        changed += _write(w, entity_id, chunk, found)
    return changed


def _judge(entity_id: int, answer: Answered, priced: Priced) -> list[Finding]:
    """The lines of one answer; as a whole when its stay has a price or the payer speaks of no line."""
    if not priced.payer:
        return []
    if priced.whole is not None or not answer.lines:
        return [_whole(entity_id, answer, priced)]
    found = []
    for line_id, said in sorted(answer.lines.items()):
        if line_id in priced.facts:
            found.append(_line(entity_id, answer, priced, line_id, said))
    return found


def _line(entity_id: int, answer: Answered, priced: Priced, line_id: int, said: Answer) -> Finding:
    facts, (number, control) = priced.facts[line_id], priced.numbers[line_id]
    about = (line_id, number, control)
    what = (
        facts.code_type,
        facts.code[:48],
        " ".join(facts.modifiers)[:12],
        facts.setting,
        f"{facts.units:f}"[:16],
    )
    return _finding(
        entity_id, answer, priced, priced.lines.get(line_id), what=(about, what, facts.day), said=said
    )


def _whole(entity_id: int, answer: Answered, priced: Priced) -> Finding:
    day = min(fact.day for fact in priced.facts.values())
    price_of, what = priced.whole, ("", "", "", "", "1")
    if price_of is not None:
        code = price_of.fee.code if price_of.fee else ""
        what = ("DRG", code, "", "inpatient", "1")
    else:
        price_of = _summed(priced)
    return _finding(
        entity_id, answer, priced, price_of, what=((None, WHOLE, ""), what, day), said=answer.whole
    )


def _summed(priced: Priced) -> Price | None:
    """The lines of a claim as one price, for an answer that speaks of no line (RCON-13)."""
    prices = list(priced.lines.values())
    if not prices or any(one.expected is None for one in prices):
        return next((one for one in prices if one.expected is None), None)
    steps = tuple(step for one in prices for step in one.steps)
    expected = Money(sum(int(one.expected or 0) for one in prices))
    said = f"All {len(prices)} lines: {expected}"
    first = prices[0]
    return Price(0, first.status, expected, (*steps, said), first.terms, "", first.fee)


def _finding(
    entity_id: int,
    answer: Answered,
    priced: Priced,
    price_of: Price | None,
    *,
    what: tuple[Any, Any, date],
    said: Answer,
) -> Finding:
    about, coded, day = what
    judged = judge_line(price_of, said, rank=answer.rank)
    medicare = answer.filing in MEDICARE
    expected_paid = _expected_paid(judged, said, price_of, day, medicare=medicare)
    fee = price_of.fee if price_of else None
    values = (
        entity_id, answer.claim_id, answer.id, answer.remit_id, *about, answer.rank, answer.payer_id,
        priced.payer, *coded, said.charge, day.isoformat(), answer.remit_on.isoformat(),
        answer.effective_on.isoformat(), _int(judged.expected), int(judged.actual), _int(judged.variance),
        judged.class_, judged.cause, judged.reason, " ".join(judged.flags), expected_paid, said.paid,
        fee.schedule_id if fee else None, fee.id if fee else None,
        price_of.terms.source if price_of else "", json.dumps(price_of.steps if price_of else []),
    )  # fmt: skip
    inputs = hashlib.sha256(repr(values).encode()).hexdigest()[:32]
    return Finding(answer, about[1], judged, price_of, values, inputs)


def _expected_paid(
    judged: Judged, said: Answer, price_of: Price | None, day: date, *, medicare: bool
) -> int | None:
    if judged.expected is None or price_of is None or judged.class_ == SECONDARY:
        return None
    share = Money(said.patient_share)
    terms = replace(price_of.terms, sequestration=True) if medicare else price_of.terms
    return int(expected_payment(Money(said.charge), judged.expected, share, day, terms).paid)


def _int(value: int | None) -> int | None:
    return None if value is None else int(value)


# ---------------------------------------------------------------- writing what differs


def _write(w: Work, entity_id: int, claim_ids: Sequence[int], found: Sequence[Finding]) -> int:
    before = queries_standing.standing(w, claim_ids)
    now = {one.key: one for one in found}
    kept = {key: row for key, row in before.items() if key in now and row.inputs == now[key].inputs}
    fresh = [one for one in found if one.key not in kept]
    _retire(w, [row.id for key, row in before.items() if key not in kept])
    _date(
        w,
        {
            row.id: now[key].answer.gone_on
            for key, row in kept.items()
            if row.gone_on != now[key].answer.gone_on
        },
    )
    ids = {key: int(row.id) for key, row in kept.items()}
    if fresh:
        first, at = w.numbers("variance", len(fresh)), instant_text(w.now)
        rows = []
        for place, one in enumerate(fresh):
            ids[one.key] = first + place
            gone = one.answer.gone_on.isoformat() if one.answer.gone_on else None
            rows.append((first + place, *one.values, one.inputs, at, gone))
        bulk_insert(w.db, _variance, COLUMNS, rows)
    service_cases.follow(w, entity_id, claim_ids, found, ids)
    return len(fresh)


def _retire(w: Work, ids: Sequence[int]) -> None:
    if ids:
        w.db.execute(update(_variance).where(among(w.db, _variance.c.id, ids)).values(replaced_at=w.now))


def _date(w: Work, days: Mapping[int, date | None]) -> None:
    """An answer was taken back, or stands again: its figures held up to that day."""
    if days:
        statement = update(_variance).where(_variance.c.id == bindparam("this_id"))
        gone = bindparam("gone", type_=_variance.c.gone_on.type)
        w.db.execute(
            statement.values(gone_on=gone),
            [{"this_id": key, "gone": day} for key, day in sorted(days.items())],
        )


def judged_claims(w: Work, entity_id: int) -> int:
    """How many claims have a standing variance."""
    query = select(func.count(func.distinct(_variance.c.claim_id))).where(
        _variance.c.entity_id == entity_id, w.within(_variance.c.entity_id), _variance.c.replaced_at.is_(None)
    )
    return int(w.db.execute(query).scalar_one())


__all__ = ["Asked", "Finding", "judge", "judge_from", "judged_claims"]
