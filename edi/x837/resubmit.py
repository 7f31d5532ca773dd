"""A claim that goes out again: new, replacement, void or late charges (x12-837-rebill section 3).

Everything is kept but what must change: CLM01, the frequency (CLM05-3) and the reference to the payer's
number (REF*F8, R837-10). What is right to send when is not decided here.
"""

from collections.abc import Collection, Sequence

from edi.x835.writer import amount
from edi.x837.codes import codes_of, with_codes
from edi.x837.edit import EditError, lines, put_segment, remove, with_element
from edi.x837.facts import cents_of
from edi.x837.whole import COMPONENT, Row, Whole

NEW, LATE, REPLACES, VOIDS = "1", "5", "7", "8"
KEEP_WHEN_NEW = {"P": frozenset({"1"}), "I": frozenset("012349"), "D": frozenset({"1"})}
"""Frequencies a claim sent anew keeps: an interim bill that was rejected is an interim bill again."""
CHANGE_REASONS = (*(f"D{digit}" for digit in range(10)), "E0")
CONTROL_LONGEST, REFERENCE_LONGEST = 20, 50


def as_new(whole: Whole, control: str) -> Whole:
    """A claim that never entered adjudication, sent anew: no REF*F8, no reason for a change."""
    keep = whole.frequency in KEEP_WHEN_NEW[whole.kind]
    made = _numbered(whole, control, whole.frequency if keep else NEW)
    return without_reason(remove(made, "2300", "REF", "F8"))


def as_replacement(whole: Whole, control: str, reference: str) -> Whole:
    """The whole claim in the place of the one the payer knows as `reference` (R837-12)."""
    return _referring(_numbered(whole, control, REPLACES), reference)


def as_void(whole: Whole, control: str, reference: str) -> Whole:
    """The claim as it was, taken back (R837-13)."""
    return _referring(_numbered(whole, control, VOIDS), reference)


def as_late_charges(whole: Whole, control: str, kept: Collection[int]) -> Whole:
    """Only the lines of these numbers (1-based), frequency 5; institutional claims only.

    LX counts anew and CLM02 is the sum of what is left.
    """
    if whole.kind != "I":
        raise EditError("frequency", "Late charges (frequency 5) exist on institutional claims only.")
    parts = lines(whole)
    chosen = [part for part in parts if part.number in set(kept)]
    if not chosen or len(chosen) != len(set(kept)):
        raise EditError("line", "Name the lines of the late charges; each must be a line of the claim.")
    rows = list(whole.claim[: parts[0].start])
    total = 0
    for number, part in enumerate(chosen, 1):
        rows += [with_element(part.rows[0], 1, str(number)), *part.rows[1:]]
        total += sum(cents_of(one.at(3)) for one in part.rows if one.id == "SV2")
    made = _numbered(whole._replace(claim=tuple(rows)), control, LATE)
    changed = with_element(made.claim[0], 2, amount(total))
    return remove(made._replace(claim=(changed, *made.claim[1:])), "2300", "REF", "F8")


def with_control(whole: Whole, control: str) -> Whole:
    """The same claim under another CLM01, as a refused file goes out again."""
    return _numbered(whole, control, whole.frequency)


def reason_of(whole: Whole) -> tuple[str, ...]:
    """The claim change reasons among the condition codes; a 7 or 8 of a hospital has exactly one."""
    return tuple(code for code in codes_of(whole, "BG") if code in CHANGE_REASONS)


def with_reason(whole: Whole, code: str) -> Whole:
    """With this claim change reason (D0 to D9, E0) and no other; institutional claims only."""
    if whole.kind != "I" or code not in CHANGE_REASONS:
        raise EditError("condition", "A claim change reason is D0 to D9 or E0, on institutional claims.")
    others = [one for one in codes_of(whole, "BG") if one not in CHANGE_REASONS]
    return with_codes(whole, "BG", [(code,), *((one,) for one in others)])


def without_reason(whole: Whole) -> Whole:
    """Without any claim change reason."""
    listed = codes_of(whole, "BG")
    kept = [one for one in listed if one not in CHANGE_REASONS]
    if whole.kind != "I" or len(kept) == len(listed):
        return whole
    return with_codes(whole, "BG", [(one,) for one in kept])


def _numbered(whole: Whole, control: str, frequency: str) -> Whole:
    if not 1 <= len(control) <= CONTROL_LONGEST:
        raise EditError("control", f"The patient control number has 1 to {CONTROL_LONGEST} signs.")
    clm = with_element(whole.claim[0], 1, control)
    place: Sequence[str] = (*clm.at(5).split(COMPONENT), "", "")[:3]
    if place[2] != frequency:
        clm = with_element(clm, 5, frequency, 3)
    return whole._replace(claim=(clm, *whole.claim[1:]))


def _referring(whole: Whole, reference: str) -> Whole:
    if not 1 <= len(reference) <= REFERENCE_LONGEST:
        raise EditError("original_reference", "The payer's claim number (REF*F8) is missing or too long.")
    return put_segment(whole, Row("2300", ("REF", "F8", reference)))
