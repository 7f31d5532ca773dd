"""What keeps a claim from going out, and what would unblock it: one list for every door. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.rebill import rules_filing
from app.rebill.lifecycle import Cause, Kind
from app.rebill.rules import (
    DENTAL,
    DENTAL_WORDS,
    LATE,
    PART_B,
    PART_B_WORDS,
    REPLACES,
    VOIDS,
    ClaimFacts,
    Sent,
)
from app.rebill.rules_filing import Shown, said

PREFIX = "guard."
RANK_WORDS = {1: "primary", 2: "secondary", 3: "tertiary"}


@dataclass(frozen=True, slots=True)
class Block:
    """One reason not to send. hard: it keeps the claim; otherwise it is said and the claim may go.

    until: the day on which it ends by itself or is late, where there is one.
    """

    code: str
    words: str
    unblock: str
    hard: bool = True
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is to go out. id: of its row, 0 before there is one; content as `Rebill.content`.

    remit_claim_id: of a claim to a later payer, the answer it carries on.
    """

    id: int
    claim_id: int
    kind: Kind
    rank: int
    form: str
    frequency: str
    cause: Cause
    cause_id: int | None = None
    remit_claim_id: int | None = None
    payer_id: int | None
    patient_id: int | None
    filing: str = ""
    reference: str = ""
    content: str = ""
    base_content: str = ""
    base_version_id: int = 0
    file_by: date | None = None
    file_rule: str = ""
    delay_reason: str = ""
    coding_changed: bool = False
    coding_signed: bool = False


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal that is not decided; due: by when its case is worked."""

    public_id: str
    state: str
    rank: int
    due: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """A hold in force."""

    reason: str
    note: str
    until: date
    author: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another submission of the same claim. out: it was sent; refused: and then rejected."""

    id: int
    rank: int
    kind: Kind
    state: str
    open: bool
    content: str
    out: bool
    refused: bool
    day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known beside a submission. wait_days: after a crossover; coding: what an unsigned change of
    codes does (error, warn, empty: nothing); proofs: of filing, by the payer's one record; payer_id: that of
    the payer the claim goes to. late_charges: this payer takes a frequency 5. warn_days: so many days before
    the last one it is said to be near.
    """

    claim: ClaimFacts
    today: date
    appeals: Sequence[Appeal] = ()
    holds: Sequence[Held] = ()
    others: Sequence[Other] = ()
    proofs: Sequence[Shown] = ()
    payer_id: int | None = None
    wait_days: int = 30
    warn_days: int = 15
    late_charges: bool = False
    coding: str = "error"
    refused_controls: frozenset[str] = field(default=frozenset())


def blocks(subject: Subject, around: Around) -> list[Block]:
    """Everything that stands against sending, hard reasons first."""
    found = [block for guard in GUARDS for block in guard(subject, around)]
    return sorted(found, key=lambda one: not one.hard)


def hard(found: Iterable[Block]) -> list[Block]:
    """Those that keep the claim."""
    return [one for one in found if one.hard]


Found = Iterable[Block]


def _named(subject: Subject, _around: Around) -> Found:
    if subject.form == DENTAL:
        yield Block("dental", DENTAL_WORDS, "Send it from the practice system.")
    if subject.payer_id is None:
        words = f"The claim names no {RANK_WORDS.get(subject.rank, 'such')} payer."
        yield Block("payer_missing", words, "Add the payer's name and number (2010BB).")
    if subject.patient_id is None:
        yield Block("patient_missing", "The claim has no patient of ours.", "Match its patient first.")


def _frequency(subject: Subject, around: Around) -> Found:
    """Sections 3 and R837-10: what the payer takes at all, and under which number."""
    if subject.frequency == LATE and not around.late_charges:
        words = "This payer is not known to take late charges by themselves (frequency 5)."
        unblock = "Send a replacement with all lines, or set its term Late charges on the page Payers."
        yield Block("late_charges", words, unblock)
    if subject.frequency not in (REPLACES, VOIDS):
        return
    if subject.filing == PART_B:
        yield Block("part_b", PART_B_WORDS, "Cancel this and open an appeal or a reopening.")
        return
    answer = around.claim.answer(subject.rank)
    if answer is None:
        words = "The payer has not decided this claim, so there is nothing to replace or void (R837-11)."
        yield Block("never_adjudicated", words, "Wait for its remit, or send a new claim after a rejection.")
    elif answer.payer_control and answer.payer_control != subject.reference:
        words = "The payer gave the claim a newer number since (R837-10)."
        yield Block("old_reference", words, f"Write {answer.payer_control} as its claim number (REF*F8).")
    elif not answer.payer_control and not subject.reference:
        words = "The payer's answer has no claim number, and a frequency 7 or 8 needs one."
        yield Block("no_reference", words, "Ask the payer for its claim number and write it in REF*F8.")


def _final(subject: Subject, around: Around) -> Found:
    """R837-11: not while an earlier submission is on its way."""
    earlier = around.claim.waiting(subject.rank)
    if earlier is None or _own(earlier, around):
        return
    sent = f" of {said(earlier.sent_on)}" if earlier.sent_on else ""
    if earlier.frequency == VOIDS:
        words = f"A void{sent} has not been confirmed yet (R837-13)."
        yield Block("void_pending", words, "Wait until the payer takes its payment back (CLP02 22).")
        return
    words = f"The submission{sent} ({earlier.control}) is neither answered nor rejected (R837-11)."
    unblock = "Wait for its remit or its rejection; ask for its status (276) when it is late."
    may = subject.cause is Cause.SILENCE and subject.frequency not in (REPLACES, VOIDS)
    yield Block("not_final", words, unblock, hard=not may)


def _own(earlier: Sent, around: Around) -> bool:
    """Is it the submission of a row that is closed as refused?"""
    return earlier.control in around.refused_controls


def _void_first(subject: Subject, around: Around) -> Found:
    if subject.kind is not Kind.NEW or subject.frequency in (REPLACES, VOIDS):
        return
    answer = around.claim.answer(subject.rank)
    if answer is None or answer.unprocessable:
        return
    known = f"as {answer.payer_control} " if answer.payer_control else ""
    if subject.filing == PART_B:
        yield Block("part_b", PART_B_WORDS, "Cancel this and open an appeal or a reopening.")
    elif answer.paid:
        words = f"The payer paid this claim {known}on {said(answer.day)}: a new one would be a duplicate."
        yield Block("void_first", words, "Void it first and wait for CLP02 22, or send a replacement.")
    elif subject.payer_id != answer.payer_id:
        return  # to another payer than the one that refused it
    elif answer.unidentified:
        words = f"The payer refused this claim {known}on {said(answer.day)} because it knew no such member."
        unblock = "A new claim with the right member may go; some payers want a replacement (frequency 7)."
        yield Block("replace_instead", words, unblock, hard=False)
    else:
        words = f"The payer decided this claim {known}on {said(answer.day)}: a new one would be a duplicate."
        yield Block("replace_instead", words, "Cancel this and open a replacement (frequency 7).")


def _told(subject: Subject, around: Around) -> Found:
    """R837-23: a claim to a later payer says what the payers before decided, as it stands."""
    if subject.kind is not Kind.SECONDARY or subject.remit_claim_id is None:
        return
    standing = {one.remit_claim_id for one in around.claim.answers if one.live}
    gone = subject.remit_claim_id not in standing
    silent = [one for one in around.claim.covers if one < subject.rank and not around.claim.answer(one)]
    if gone or silent:
        who = RANK_WORDS.get(min(silent, default=subject.rank - 1), "earlier")
        words = f"The answer of the {who} payer it tells of was taken back or no longer stands (R837-23)."
        unblock = "Cancel it, or wait: it is made anew once that payer's answer is posted again."
        yield Block("answer_gone", words, unblock)


def _appeal(subject: Subject, around: Around) -> Found:
    for one in around.appeals:
        if one.rank == subject.rank:
            words = f"An appeal on this claim is open ({one.state.replace('_', ' ')})."
            by = f" It is due {said(one.due)}." if one.due else ""
            unblock = f"Wait for its decision, or return the case {one.public_id} from appeal first.{by}"
            yield Block("open_appeal", words, unblock, until=one.due)


def _crossover(subject: Subject, around: Around) -> Found:
    """R837-26: the payer before said that it forwarded the claim."""
    cover = around.claim.covers.get(subject.rank)
    on = around.claim.forwarded_on(subject.rank)
    if cover is None or cover.state != "crossed_over" or on is None:
        return
    ends = on + timedelta(around.wait_days)
    if around.today < ends:
        words = f"The payer before forwarded this claim on {said(on)} (R837-26)."
        unblock = f"Wait for this payer's remit; from {said(ends)} on it may be billed by us."
        yield Block("crossed_over", words, unblock, until=ends)


def _filing(subject: Subject, around: Around) -> Found:
    last = subject.file_by
    if last is None:
        return
    left = (last - around.today).days
    if left >= 0 and subject.delay_reason:
        words = f"A delay reason is sent only after the filing limit ({said(last)})."
        yield Block("delay_reason_early", words, "Take CLM20 out.", hard=False, until=last)
    if left < 0:
        excuse = rules_filing.excused(subject.delay_reason, around.proofs, last, around.payer_id)
        words = f"The filing limit passed on {said(last)} ({subject.file_rule})."
        if excuse:
            yield Block("filing_limit", f"{words} Sent with {excuse}.", "", hard=False, until=last)
        else:
            unblock = "Give a delay reason (CLM20), or attach a proof that it was filed in time."
            yield Block("filing_limit", words, unblock, until=last)
    elif left <= around.warn_days:
        words = f"{left} day{'s' * (left != 1)} left: the filing limit is {said(last)} ({subject.file_rule})."
        yield Block("filing_soon", words, f"Send it by {said(last)}.", hard=False, until=last)


def _other(subject: Subject, around: Around) -> Found:
    for one in around.others:
        if one.id == subject.id or not one.open:
            continue
        if one.rank == subject.rank:
            words = f"Another submission of this claim is open ({one.state}); one at a time (R837-12)."
            yield Block("open_submission", words, "Finish or cancel that one first.")
        elif one.rank < subject.rank and one.kind in (Kind.REPLACEMENT, Kind.VOID):
            words = "The claim to the payer before is being corrected; its answer will change this one."
            yield Block("earlier_payer", words, "Wait for that answer when you can.", hard=False)


def _duplicate(subject: Subject, around: Around) -> Found:
    """The same again: payers deny it as a duplicate, unless the first was never taken."""
    if subject.frequency == VOIDS or not subject.content:
        return
    base = next((one for one in around.claim.sent if one.version_id == subject.base_version_id), None)
    same = base is not None and base.rank == subject.rank and subject.content == subject.base_content
    if base is not None and same and not base.rejected and not _own(base, around):
        yield _same_again(subject, around, base.sent_on)
        return
    for one in around.others:
        if one.id == subject.id or not one.out or one.refused:
            continue
        if (one.rank, one.content) == (subject.rank, subject.content):
            yield _same_again(subject, around, one.day)
            return


def _same_again(subject: Subject, around: Around, day: date | None) -> Block:
    sent = f" on {said(day)}" if day else ""
    words = f"Nothing differs from what was sent{sent} and not rejected."
    answer = around.claim.answer(subject.rank)
    if subject.kind is Kind.SECONDARY or (answer is not None and answer.unprocessable):
        return Block("duplicate", words, "Correct what was refused before it goes again.", hard=False)
    unblock = "Change what was wrong. If nothing is, dispute the decision (appeal) or ask for the status."
    return Block("duplicate", words, unblock, hard=subject.cause is not Cause.SILENCE)


def _held(_subject: Subject, around: Around) -> Found:
    for one in around.holds:
        why = one.reason.replace("_", " ")
        words = f"On hold for {why} until {said(one.until)} by {one.author}."
        yield Block("hold", words, f"Lift the hold, or wait until {said(one.until)}.", until=one.until)


def _coding(subject: Subject, around: Around) -> Found:
    if subject.coding_changed and not subject.coding_signed and around.coding:
        words = "Codes, units or diagnoses differ from what was billed, and nobody signed that."
        unblock = "A coder who did not make the change signs it."
        yield Block("coding_unsigned", words, unblock, hard=around.coding == "error")


GUARDS = (
    _named, _frequency, _final, _void_first, _told, _appeal, _crossover, _filing, _other, _duplicate, _held,
    _coding,
)  # fmt: skip
STOPS_OPENING = frozenset(
    {"dental", "part_b", "late_charges", "never_adjudicated", "open_appeal", "open_submission"}
)
"""What is refused before there is a draft: no edit makes these right, or somebody else has it."""
