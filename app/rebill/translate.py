"""The border to `edi`: a claim as its segments, sealed as it is kept, and what it says in our types."""

import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from app.intake.translate import span_of
from app.kernel.crypto import keyring
from app.kernel.errors import Refused
from app.kernel.money import ZERO, Money
from app.rebill import translate_lines
from app.rebill.lifecycle import Kind
from app.rebill.rules_edit import LINE, Edit
from edi.amounts import BadAmount, parse_cents
from edi.x837 import resubmit
from edi.x837.difference import Change, difference
from edi.x837.edit import EditError, lines
from edi.x837.fields import put, with_total
from edi.x837.outgoing import check_out
from edi.x837.whole import Row, Whole, dump, load, whole_claims

CLAIM, BASE = b"rebill.claim", b"rebill.base"
"""What sealed segments are authenticated with: one column's do not open as another's."""

_CODES = {"SV1": (1, 3, 4, 7, 11), "SV2": (1, 2, 4, 5), "SV3": (1, 6, 11)}
"""Elements of a line that say what was done: code, units, revenue, pointers; not its price."""

_OWN_REFERENCES = frozenset({"F8", "D9"})
"""REF that name a submission, not the service: payer's and clearinghouse's numbers."""


class Said(NamedTuple):
    """What a claim says, as a row keeps it. content: in short, without the numbers of this submission;
    coding: its codes, units and diagnoses in short; identity: who bills whom for whom, in short;
    conditions: the claim change reasons it gives (D0-D9, E0); payer: name and number of 2010BB.
    """

    control: str
    form: str
    frequency: str
    charge: Money
    filing: str
    sequence: str
    reference: str
    delay_reason: str
    content: str
    coding: str
    identity: str
    conditions: tuple[str, ...]
    payer: tuple[str, str]


def wholes(stream: BinaryIO, span: dict[str, Any], segments: list[int]) -> Iterator[tuple[int, Whole]]:
    """The claims of a stored transaction whose CLM are these segments of the file, in one walk."""
    yield from whole_claims(stream, span_of(span), frozenset(segments))


def sealed(whole: Whole, context: bytes = CLAIM) -> bytes:
    """The segments as they are kept."""
    return keyring().seal_bytes(dump(whole), context)


def opened(kept: bytes, context: bytes = CLAIM) -> Whole:
    """The segments that were kept; `Broken` when they were changed or moved."""
    return load(keyring().open_bytes(kept, context))


def made(kind: Kind, whole: Whole, control: str, reference: str) -> Whole:
    """The submission of a kind, made of the claim as it was sent. reference: the payer's newest number.

    `Refused` when it cannot be made so: a 7 or 8 without the payer's number, late charges without lines.
    """
    try:
        if kind is Kind.REPLACEMENT:
            return resubmit.as_replacement(whole, control, reference)
        if kind is Kind.VOID:
            return resubmit.as_void(whole, control, reference)
        if kind is Kind.LATE_CHARGES:
            return resubmit.as_late_charges(whole, control, [part.number for part in lines(whole)])
        return resubmit.as_new(whole, control) if kind is Kind.NEW else renumbered(whole, control)
    except EditError as wrong:
        raise Refused(wrong.words, code="cannot_be_made", field=wrong.field) from None


def renumbered(whole: Whole, control: str) -> Whole:
    """The same claim under another CLM01."""
    return resubmit.with_control(whole, control)


def said(whole: Whole) -> Said:
    """What a claim says."""
    head = whole.claim[0]
    rows = whole.claim
    subscriber = next((row for row in whole.subscriber if row.id == "SBR"), None)
    mine = [row for row in rows if row.loop == "2300"]
    coded = [row.shown() for row in mine if row.id == "HI"]
    coded += [_coded(row) for row in rows if row.id in _CODES]
    named = [row for row in whole.rows if row.id == "NM1" and row.loop in _NAMED]
    return Said(
        control=whole.control,
        form=whole.kind,
        frequency=whole.frequency,
        charge=charge(whole),
        filing=subscriber.at(9) if subscriber else "",
        sequence=subscriber.at(1) if subscriber else "",
        reference=next((row.at(2) for row in mine if row.id == "REF" and row.at(1) == "F8"), ""),
        delay_reason=head.at(20),
        content=_short(_content(whole)),
        coding=_short(coded),
        identity=_short([f"{row.loop} {row.at(9)} {row.at(3) if not row.at(9) else ''}" for row in named]),
        conditions=resubmit.reason_of(whole),
        payer=next(((row.at(3), row.at(9)) for row in named if row.loop == "2010BB"), ("", "")),
    )


_NAMED = frozenset({"2010AA", "2010BA", "2010BB", "2010CA"})


def _coded(row: Row) -> str:
    return " ".join([row.id, *(row.at(element) for element in _CODES[row.id])])


def _content(whole: Whole) -> Iterator[str]:
    for row in whole.rows:
        if row.loop == "2300" and row.id == "REF" and row.at(1) in _OWN_REFERENCES:
            continue
        if row.id == "CLM":
            elements = list(row.elements) + [""] * (21 - len(row.elements))
            elements[1] = elements[20] = ""
            elements[5] = f"{row.at(5, 1)} {row.at(5, 2)}"
            yield f"2300 {'*'.join(elements)}"
            continue
        yield f"{row.loop} {row.shown()}"


def _short(words: Any) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


def charge(whole: Whole) -> Money:
    """CLM02; zero when it is no amount, which the checks name."""
    try:
        return Money(parse_cents(whole.claim[0].at(2)))
    except BadAmount:
        return ZERO


def edited(whole: Whole, edit: Edit) -> Whole:
    """The claim with one field as typed; `Refused` names the field and says why it cannot be."""
    if edit.field == LINE:
        return translate_lines.changed(whole, edit)
    try:
        return put(whole, edit.field, edit.value, line=edit.line, index=edit.index)
    except EditError as wrong:
        raise Refused(wrong.words, code="bad_value", field=edit.field) from None


def added_up(whole: Whole) -> Whole:
    """With CLM02 as the sum of its lines."""
    return with_total(whole)


def problems(whole: Whole) -> list[dict[str, Any]]:
    """What the guide and our own balance have against a claim, as rows of `rebill.problems`."""
    return [
        {
            "code": one.code,
            "does": one.does,
            "field": one.field,
            "line": one.line,
            "words": one.words,
            "unblock": "",
        }
        for one in check_out(whole)
    ]


def changed_parts(old: Whole, new: Whole) -> frozenset[str]:
    """What of a claim differs, by the parts a claim change reason speaks of: dates, charges, codes (revenue
    and procedure), diagnoses, status (of the patient) and other.
    """
    return frozenset(
        part
        for part in {*_parts(old), *_parts(new)}
        if sorted(_parts(old).get(part, ())) != sorted(_parts(new).get(part, ()))
    )


def _parts(whole: Whole) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in whole.rows:
        if row.id == "DTP" and row.at(1) in ("434", "435", "472", "096"):
            found.setdefault("dates", []).append(row.shown())
        elif row.id == "SV2":
            found.setdefault("charges", []).append(f"{row.at(3)} {row.at(4)} {row.at(5)}")
            found.setdefault("codes", []).append(f"{row.at(1)} {row.at(2)}")
        elif row.id == "HI" and row.at(1, 1) not in ("BG", "BE", "BH", "BI"):
            found.setdefault("diagnoses", []).append(row.shown())
        elif row.id == "CL1":
            found.setdefault("status", []).append(row.at(3))
            found.setdefault("other", []).append(f"{row.at(1)} {row.at(2)}")
        elif not _of_submission(row):
            found.setdefault("other", []).append(f"{row.loop} {row.shown()}")
    return found


def _of_submission(row: Row) -> bool:
    """CLM, the numbers of a submission and its condition codes: they differ whenever it is sent again."""
    conditions = row.id == "HI" and row.at(1, 1) == "BG"
    return row.id == "CLM" or conditions or (row.id == "REF" and row.at(1) in _OWN_REFERENCES)


def billed_before(base: Whole, late: Whole) -> list[int]:
    """The lines of a late charge claim the claim it is added to has, from 1."""
    known = {_service(part.rows) for part in lines(base)}
    return [part.number for part in lines(late) if _service(part.rows) in known]


def _service(rows: Any) -> tuple[str, ...]:
    return tuple(row.shown() for row in rows if row.id in _CODES or (row.id, row.at(1)) == ("DTP", "472"))


def changes(old: Whole, new: Whole) -> list[Change]:
    """What differs between two forms of a claim, in words and in segments."""
    return difference(old, new)
