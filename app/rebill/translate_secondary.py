"""The border to `edi` for claims to the next payer: what payers said as the segments it is told in."""

from collections.abc import Sequence
from typing import Any, BinaryIO

from app.intake.translate import span_of
from app.rebill.queries_secondary import Told
from app.rebill.rules_secondary import LETTERS, REPLACES, WORDS, Act, PaidLine, folded_into, remaining
from edi.x835.reader import read
from edi.x837 import resubmit
from edi.x837.cob import CobError, LineAnswer, PayerAnswer, bill_next
from edi.x837.edit import EditError
from edi.x837.whole import Row, Whole

BY_HAND = (
    "Send it with that payer's EOB on paper or its portal, then cancel this; or wait for a corrected remit."
)
"""What a person does where no claim can be made of an answer without guessing."""

Place = tuple[int, int, int]
"""Segment, first byte and the byte after of one CLP."""


def remarks(stream: BinaryIO, span: dict[str, Any], place: Place) -> tuple[Any, Any]:
    """MOA and MIA of one claim payment as sent, each None when it has none."""
    segment, byte, end = place
    part = {**span, "segment_from": segment, "byte_from": byte, "byte_to": end}
    one = next(iter(read(stream, span_of(part)).claims()))
    return one.outpatient, one.inpatient


def next_claim(whole: Whole, answers: Sequence[tuple[Told, bool]], act: Act) -> tuple[Whole, str]:
    """The claim to the payer of the act's rank, made of the claim as billed and of what payers said.

    answers: of every payer before it, and whether each came in place of an earlier one. With words when it
    cannot be made: then the claim stays as it was billed, for a person to mend.
    """
    words = _cannot_be_told(answers)
    if words:
        return whole, words
    try:
        told = [_answer(whole, one, corrects) for one, corrects in answers]
        made = bill_next(whole, told, next_rank=act.rank, control=whole.control)
        if act.frequency == REPLACES:
            made = resubmit.as_replacement(made, whole.control, act.reference)
    except CobError as wrong:
        return whole, str(wrong)
    except EditError as wrong:
        return whole, wrong.words
    return made, ""


def _cannot_be_told(answers: Sequence[tuple[Told, bool]]) -> str:
    """Why what payers said cannot be passed on by itself, in words; empty when it can."""
    seen: set[int] = set()
    for one, _ in answers:
        named = WORDS.get(one.row.rank, "earlier")
        if one.row.rank in seen:
            return f"The {named} payer answered in several parts. {BY_HAND}"
        seen.add(one.row.rank)
        if one.strays:
            return f"The {named} payer's answer has lines that match no billed line. {BY_HAND}"
    return ""


def _answer(whole: Whole, one: Told, corrects: bool) -> PayerAnswer:
    name = _named(whole, one.row.rank)
    lines: dict[int, list[LineAnswer]] = {}
    folded = folded_into(one.lines)
    for said in one.lines:
        lines.setdefault(said.number, []).append(_line(said, folded.get(said.number)))
    return PayerAnswer(
        payer_id=name.at(9),
        qualifier=name.at(8),
        name=name.at(3),
        control=one.row.payer_control,
        paid=int(one.row.paid),
        paid_on=one.paid_on,
        adjustments=one.adjusted,
        lines=lines,
        moa=one.outpatient.elements if one.outpatient else (),
        mia=one.inpatient.elements if one.inpatient else (),
        replaced=corrects,
        rank=LETTERS[one.row.rank],
    )


def _line(said: PaidLine, into: int | None) -> LineAnswer:
    """A revenue code alone is no procedure: it stands in SVD04."""
    by_revenue = said.qualifier == "NU"
    return LineAnswer(
        paid=said.paid,
        qualifier="" if by_revenue else said.qualifier,
        code="" if by_revenue else said.code,
        modifiers=said.modifiers.split(),
        revenue=said.code if by_revenue else said.revenue,
        units=said.units,
        adjustments=said.adjustments,
        bundled_into=into,
        remaining=remaining(said.adjustments),
    )


def _named(whole: Whole, rank: int) -> Row:
    """The NM1*PR a claim has for the payer of a rank: the one it was sent to, or one of its other payers."""
    letter = LETTERS.get(rank, "")
    if any(row.id == "SBR" and row.at(1) == letter for row in whole.subscriber):
        found = (row for row in whole.subscriber if row.loop == "2010BB" and row.id == "NM1")
        if name := next(found, None):
            return name
    here = False
    for row in whole.claim:
        if row.loop == "2320" and row.id == "SBR":
            here = row.at(1) == letter
        elif here and row.loop == "2330B" and row.id == "NM1":
            return row
    raise CobError(f"The claim does not name its {WORDS.get(rank, 'earlier')} payer.")
