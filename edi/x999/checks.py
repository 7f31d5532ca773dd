"""Which codes of a 999 and TA1 say what our findings say; the tables are the whole decision.

What keeps a transaction from being read for its structure refuses it; what is only odd is reported with it.
Findings of business (an unknown practice, a test file, money that differs) are no matter of a 999.
"""

from collections.abc import Iterable, Sequence

from edi.findings import Finding
from edi.x999.writer import ElementError, SegmentError

# Findings about the envelope -> IK502 of the transaction, AK905 of the group, TA105 of the interchange.
SET_CODES = {
    "edi.unknown_set": "1",
    "edi.transaction_not_closed": "2",
    "edi.transaction_control": "3",
    "edi.transaction_count": "4",
    "edi.no_group": "18",
    "edi.version": "I6",
    "edi.version_old": "I6",
    "edi.repeated_control": "23",
}
GROUP_CODES = {
    "edi.group_not_closed": "3",
    "edi.group_control": "4",
    "edi.group_count": "5",
    "edi.functional_id": "1",
}
INTERCHANGE_NOTES = {
    "edi.interchange_control": "001",
    "edi.interchange_count": "021",
    "edi.not_closed": "023",
    "edi.unopened": "022",
    "edi.isa_width": "022",
    "edi.out_of_place": "024",
}
ENVELOPE = frozenset({*SET_CODES, *GROUP_CODES, *INTERCHANGE_NOTES})

# Findings inside a transaction -> IK304, or IK403 when they name an element.
SEGMENT_CODES = {
    "_missing": "3",
    "unknown_segment": "2",
    "stray_segment": "2",
    "too_long": "4",
    "too_many": "5",
}
ELEMENT_CODES = {
    "date": "8",
    "amount": "6",
    "decimals": "6",
    "paid_unreadable": "6",
    "unknown": "7",
    "retired": "7",
    "missing": "1",
    "empty_triplet": "2",
}
PATTERN = "I12"
IN_ERROR = "8"
BUSINESS = {"835": "CLP", "837": "CLM", "277": "TRN"}


def element_code(code: str) -> str:
    """The IK403 of a finding, by what its name speaks of."""
    name = code.partition(".")[2]
    return next((value for key, value in ELEMENT_CODES.items() if key in name), PATTERN)


def segment_code(code: str) -> str:
    """The IK304 of a finding that names no element; empty when only an element can say it."""
    name = code.partition(".")[2]
    return next((value for key, value in SEGMENT_CODES.items() if key in name), "")


def set_errors(
    findings: Iterable[Finding], first: int, names: dict[int, tuple[str, str]]
) -> tuple[SegmentError, ...]:
    """The IK3 loops of a transaction. first: the number of its ST in the file; names: segment number ->
    (id, business unit such as CLP01:A1). Notes, and what concerns the envelope, are left out.
    """
    found: dict[int, SegmentError] = {}
    for one in sorted(findings, key=lambda each: (each.segment, each.element or 0)):
        if one.code in ENVELOPE or one.does in ("ignore", "note") or one.segment not in names:
            continue
        name, business = names[one.segment]
        at = found.get(one.segment, SegmentError(name, one.segment - first + 1, "", business))
        whole = "" if one.element else segment_code(one.code)
        if whole:
            found[one.segment] = at._replace(code=at.code or whole)
            continue
        element = ElementError(one.element or 1, element_code(one.code))
        more = at.elements if element in at.elements else (*at.elements, element)
        found[one.segment] = at._replace(code=IN_ERROR, elements=more)
    return tuple(found[number] for number in sorted(found))


def set_codes(findings: Iterable[Finding], errors: Sequence[SegmentError]) -> tuple[str, ...]:
    """IK502 and on: what is wrong with the transaction's own envelope, then 5 when its segments are."""
    codes = list(dict.fromkeys(SET_CODES[one.code] for one in findings if one.code in SET_CODES))
    if errors:
        codes.append("5")
    return tuple(codes[:5])


def group_codes(findings: Iterable[Finding]) -> tuple[str, ...]:
    """AK905 and on: only what keeps the whole group from being used."""
    refusing = [one for one in findings if one.does in ("hold", "refuse")]
    return tuple(dict.fromkeys(GROUP_CODES[one.code] for one in refusing if one.code in GROUP_CODES))[:5]


def interchange_note(findings: Iterable[Finding]) -> str:
    """TA105 of an interchange that cannot be used; 000 when it can."""
    for one in findings:
        if one.does in ("hold", "refuse"):
            return INTERCHANGE_NOTES.get(one.code, "024")
    return "000"
