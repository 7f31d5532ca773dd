"""Everything that should hold of a claim before it is sent: faults with their place and, where a person can
mend it, the field. The claim is never changed here.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from edi.findings import HOLD, found
from edi.x837.catalogue import field_at
from edi.x837.codes import entries
from edi.x837.edit import first, lines
from edi.x837.facts import facts
from edi.x837.model import BilledClaim
from edi.x837.order import LINES
from edi.x837.resubmit import reason_of
from edi.x837.shape import Misshape, faults_of_shape
from edi.x837.values import LUHN_PREFIX, luhn
from edi.x837.whole import COMPONENT, Row, Whole
from edi.x837.writer import CannotWrite, refuse

ERROR, WARN = "error", "warn"
FREQUENCIES = {"P": frozenset("178"), "I": frozenset("012345789"), "D": frozenset("178")}
DELAY_REASONS = frozenset({*(str(number) for number in range(1, 12)), "15"})
MEDICARE = frozenset({"MA", "MB"})
DIAGNOSES = {"P": 12, "I": 25, "D": 4}
CODES = ("ABK", "BK", "ABF", "BF")
ON_REQUEST = "AA"
READ = {  # what the reader finds, and what that means for a claim on its way out
    "837.lines_charge": ("out.total", "charge"),
    "837.amount": ("out.amount", ""),
    "837.decimals": ("out.amount", ""),
    "837.date": ("out.date", ""),
    "837.cob_line": ("out.cob_line", ""),
    "837.cob_claim": ("out.cob_claim", ""),
    "837.cob_levels": ("out.cob_levels", ""),
    "837.cob_noncovered": ("out.cob_noncovered", ""),
}


class Fault(NamedTuple):
    """One thing wrong. does: error (not to be sent) or warn. words: for a person, without names or numbers
    of people. line: 1-based, 0 of the claim. field: its name in `fields.FIELDS`, empty when it has none.
    """

    code: str
    does: str
    words: str
    loop: str = ""
    segment: str = ""
    element: int = 0
    line: int = 0
    field: str = ""
    value: str = ""


def fault(
    code: str, at: Row | None = None, *, line: int = 0, field: str = "", element: int = 0, value: str = ""
) -> Fault:
    """A fault with its sentence from the catalogue."""
    one = found(code, 0, 0, value=value)
    does = ERROR if one.does == HOLD else WARN
    place = (at.loop, at.id) if at is not None else ("", "")
    return Fault(code, does, one.text, *place, element, line, field, one.value)


def check_out(whole: Whole) -> list[Fault]:
    """Every fault of a claim, those of the claim before those of its lines."""
    made = [*_form(whole)]
    typed = facts(whole)
    made += _claim(whole, typed)
    made += _reasons(whole)
    made += _people(whole)
    made += _diagnoses(whole)
    made += _attachments(whole)
    made += _other_payers(whole, typed)
    made += _as_read(whole, typed)
    made += _lines(whole, typed)
    made += [_shape(whole.kind, one) for one in faults_of_shape(whole)]
    return sorted(dict.fromkeys(made), key=lambda one: one.line)


def _shape(kind: str, one: Misshape) -> Fault:
    named = field_at(kind, one.row, one.element) if one.element else None
    name = named.name if named else ""
    return fault(one.code, one.row, line=one.line, field=name, element=one.element, value=one.what)


def _form(whole: Whole) -> Iterator[Fault]:
    try:
        refuse(whole)
    except CannotWrite as refused:
        yield fault("out.form", value=str(refused))


def _claim(whole: Whole, typed: BilledClaim) -> Iterator[Fault]:
    clm = whole.claim[0]
    if not 1 <= len(typed.control) <= 20:
        yield fault("out.control", clm, element=1, field="control")
    if not typed.lines:
        yield fault("out.no_lines", clm)
    if len(typed.lines) > LINES[whole.kind]:
        yield fault("out.lines", clm, value=str(LINES[whole.kind]))
    if typed.frequency not in FREQUENCIES[whole.kind]:
        yield fault("out.frequency", clm, element=5, field="frequency", value=typed.frequency)
    reference = typed.original_reference
    if typed.frequency in ("7", "8") and not reference:
        value = typed.frequency
        yield fault("out.reference_missing", clm, element=5, field="original_reference", value=value)
    if typed.frequency == "1" and reference:
        yield fault("out.reference_unexpected", clm, element=5, field="original_reference")
    if typed.delay_reason and typed.delay_reason.lstrip("0") not in DELAY_REASONS:
        yield fault("out.delay_reason", clm, element=20, field="delay_reason", value=typed.delay_reason)


def _reasons(whole: Whole) -> Iterator[Fault]:
    """Claim change reasons of a hospital: exactly one with 7 or 8, and D9 with a note (section 3)."""
    if whole.kind != "I":
        return
    clm, reasons = whole.claim[0], reason_of(whole)
    if whole.frequency in ("7", "8") and not reasons:
        yield fault("out.reason_missing", clm, element=5, field="condition", value=whole.frequency)
    if len(reasons) > 1:
        yield fault("out.reason_several", clm, field="condition", value=", ".join(reasons))
    if "D9" in reasons and first(whole.claim, "2300", "NTE", "ADD") is None:
        yield fault("out.reason_note", clm, field="note")


def _people(whole: Whole) -> Iterator[Fault]:
    sbr = first(whole.subscriber, "2000B", "SBR")
    if sbr is not None:
        if (sbr.at(2) == "18") == bool(whole.patient):
            yield fault("out.patient", sbr, element=2, field="relationship")
        if sbr.at(9) in MEDICARE and sbr.at(1) != "P" and not sbr.at(5):
            yield fault("out.msp", sbr, element=5, field="msp_type")
    for one in whole.rows:
        if one.id == "NM1" and one.at(8) == "XX":
            npi = one.at(9)
            if not (len(npi) == 10 and npi.isascii() and npi.isdigit() and luhn(LUHN_PREFIX + npi)):
                field = "billing_npi" if one.loop == "2010AA" else ""
                yield fault("out.npi", one, element=9, field=field, value=npi)


def _diagnoses(whole: Whole) -> Iterator[Fault]:
    listed = entries(whole, *CODES)
    if not listed and whole.kind != "D":
        yield fault("out.diagnosis", whole.claim[0], field="diagnosis")
    if len(listed) > DIAGNOSES[whole.kind]:
        yield fault("out.diagnoses", whole.claim[0], field="diagnosis", value=str(DIAGNOSES[whole.kind]))
    if whole.kind != "P":
        return
    for part in lines(whole):
        for one in part.rows:
            pointers = [text for text in one.at(7).split(COMPONENT) if text] if one.id == "SV1" else None
            if pointers == []:
                yield fault("out.pointer_missing", one, element=7, line=part.number, field="pointer")
            for text in pointers or ():
                if not text.isdigit() or not 1 <= int(text[:9]) <= len(listed):
                    yield fault("out.pointer", one, element=7, line=part.number, field="pointer", value=text)


def _attachments(whole: Whole) -> Iterator[Fault]:
    number_of_line = 0
    seen: set[str] = set()
    for one in whole.claim:
        number_of_line += one.id == "LX"
        if one.id != "PWK" or one.at(1) == "CT":
            continue
        control, field = one.at(6), "" if number_of_line else "attachment_control"
        if not control and one.at(2) != ON_REQUEST:
            yield fault("out.attachment", one, element=6, line=number_of_line, field=field)
        if control and control in seen:
            yield fault("out.attachment_twice", one, line=number_of_line, field=field, value=control)
        seen.add(control)


def _other_payers(whole: Whole, typed: BilledClaim) -> Iterator[Fault]:
    """What balancing does not say: ranks, days, who answered, what is told twice (section 5)."""
    rows = whole.rows
    own = typed.subscriber.sequence if typed.subscriber else ""
    ranks = Counter([own, *(other.sequence for other in typed.other_payers)])
    for rank, count in ranks.items():
        if count > 1 and rank and rank != "U":
            yield fault("out.filing_rank", first(rows, "2320", "SBR"), element=1, value=rank)
    known = {other.payer_id for other in typed.other_payers}
    told: dict[str, bool] = {}
    numbers = {line.number for line in typed.lines}
    for number, line in enumerate(typed.lines, 1):
        for one in line.adjudications:
            at = rows[one.segment - 1]
            told[one.payer_id] = told.get(one.payer_id, False) or one.remaining is not None
            if one.payer_id not in known:
                yield fault("out.cob_payer", at, element=1, line=number, value=one.payer_id)
            if one.date is None:
                yield fault("out.cob_day", at, line=number)
            if one.bundled_into and one.bundled_into not in numbers:
                yield fault("out.cob_bundled", at, element=6, line=number, value=one.bundled_into)
    for other in typed.other_payers:
        at = rows[other.segment - 1]
        if other.noncovered is not None and other.noncovered != typed.charge:
            yield fault("out.cob_skipped", at)
        if other.paid is not None and other.payer_id not in told and other.date is None:
            yield fault("out.cob_day", at)
        if other.remaining is not None and told.get(other.payer_id):
            yield fault("out.cob_remaining", at)


def _as_read(whole: Whole, typed: BilledClaim) -> Iterator[Fault]:
    """What the reader found, at the line it belongs to."""
    rows, line, number_of = whole.rows, 0, [0]
    for one in rows:
        line += one.id == "LX"
        number_of.append(line)
    for each in typed.findings:
        if each.code in READ:
            code, field = READ[each.code]
            at, element = rows[each.segment - 1], each.element or 0
            named = field_at(whole.kind, at, element)
            field = field or (named.name if named else "")
            line = number_of[each.segment]
            yield fault(code, at, line=line, field=field, element=element, value=each.value)


def _lines(whole: Whole, typed: BilledClaim) -> Iterator[Fault]:
    controls = Counter(line.control for line in typed.lines if "6R" in line.refs)
    rows = whole.rows
    for number, line in enumerate(typed.lines, 1):
        at = rows[line.segment - 1]
        if line.number != str(number):
            yield fault("out.line_number", at, element=1, line=number, value=line.number)
        if line.refs.get("6R") and controls[line.control] > 1:
            yield fault("out.line_control", at, line=number, field="line_control", value=line.control)
        if not line.code and whole.kind != "I":
            yield fault("out.procedure", at, line=number, field="procedure")
        if whole.kind == "I" and not line.revenue:
            yield fault("out.revenue", at, line=number, field="revenue")
        if whole.kind == "P" and line.date_from is None:
            yield fault("out.service_date", at, line=number, field="service_dates")
