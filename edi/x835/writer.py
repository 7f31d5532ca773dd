"""Writes a remittance as an 835 (005010X221A1), so that reading it again gives the same facts.

Takes the facts of `model` in any mixture of read and made ones; positions are not looked at. Amounts are
cents with the payer's sign, and nothing is balanced, repaired or left out: what does not add up is written as
it is. Refuses (`CannotWrite`) a value that holds a separator or a line end, because it would be read as
something else.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from edi.segments import Segment, Separators
from edi.x835.loops import ROLES
from edi.x835.model import (
    Adjustment,
    ClaimPayment,
    Contact,
    Party,
    Person,
    ProviderAdjustment,
    Remark,
    RemitHeader,
    Service,
    Summary,
)

VERSION = "005010X221A1"
PLAIN = Separators("*", ":", "^", "~")
PAIRS = 6  # triplets of a CAS and pairs of a PLB
ORGANISATIONS = frozenset({"TT", "PR"})
REMARKS = 5  # that a MOA has room for

Elements = list[str]


class CannotWrite(ValueError):
    """A value that X12 has no way to carry; `value` is it."""

    def __init__(self, value: str) -> None:
        super().__init__("a value holds a separator or a line end")
        self.value = value


@dataclass(frozen=True)
class Envelope:
    """Who sends the file to whom, when. day: YYYYMMDD; time: HHMM; usage: P production, T test."""

    sender: str
    receiver: str
    control: int
    day: str
    time: str
    usage: str = "P"
    st: str = "0001"
    separators: Separators = PLAIN
    line_end: str = "\n"


def write(
    header: RemitHeader,
    claims: Iterable[ClaimPayment],
    provider_adjustments: Sequence[ProviderAdjustment],
    envelope: Envelope,
) -> bytes:
    """One interchange with one payment in it, ISA to IEA."""
    signs = envelope.separators
    body = list(segments(header, claims, provider_adjustments, signs.component))
    group, control = str(envelope.control % 1_000_000_000), f"{envelope.control % 1_000_000_000:09d}"
    isa = ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{envelope.sender:15.15}", "ZZ"]
    isa += [f"{envelope.receiver:15.15}", envelope.day[2:], envelope.time, signs.repetition, "00501", control]
    isa += ["0", envelope.usage, signs.component]
    gs = ["GS", "HP", envelope.sender, envelope.receiver, envelope.day, envelope.time, group, "X", VERSION]
    written = [signs.element.join(isa), _text(gs, signs), _text(["ST", "835", envelope.st], signs)]
    written += [_text(one, signs) for one in body]
    written += [_text(["SE", str(len(body) + 2), envelope.st], signs), _text(["GE", "1", group], signs)]
    written.append(_text(["IEA", "1", control], signs))
    end = signs.terminator + envelope.line_end
    # Readers take UTF-8 for what it is, and one file is never half of each.
    return "".join(one + end for one in written).encode("utf-8")


def _text(elements: Elements, signs: Separators) -> str:
    """A segment without its terminator; empty elements at its end are left out."""
    last = len(elements)
    while last > 1 and not elements[last - 1]:
        last -= 1
    kept = elements[:last]
    for one in kept:
        if any(sign in one for sign in (signs.element, signs.terminator, "\r", "\n")):
            raise CannotWrite(one)
    return signs.element.join(kept)


def amount(cents: int) -> str:
    """An X12 number without needless zeros: 8000 is `80`, -850 is `-8.5`."""
    whole, part = divmod(abs(cents), 100)
    text = f"{whole}.{part:02d}".rstrip("0").rstrip(".") if part else str(whole)
    return f"-{text}" if cents < 0 else text


def segments(
    header: RemitHeader,
    claims: Iterable[ClaimPayment],
    provider_adjustments: Sequence[ProviderAdjustment],
    component: str = ":",
) -> Iterator[Elements]:
    """What stands between ST and SE."""
    yield from _header(header)
    summary: Summary | None = None
    for claim in claims:
        if claim.summary is not None and claim.summary is not summary:
            summary = claim.summary
            yield ["LX", summary.number]
            yield from (list(one) for one in (summary.ts3, summary.ts2) if one)
        yield from _claim(claim, component)
    yield from _provider_adjustments(provider_adjustments, component)


def _day(day: str | None) -> str:
    return day.replace("-", "") if day else ""


# ---------------------------------------------------------------- the payment


def _header(one: RemitHeader) -> Iterator[Elements]:
    account = ["DA", one.receiver_account_last4] if one.receiver_account_last4 else ["", ""]
    yield ["BPR", one.handling, amount(one.paid), one.direction, one.method, one.format, "", "", "", "",
           one.company_id, one.supplemental, "", "", *account, _day(one.effective_date)]  # fmt: skip
    yield ["TRN", "1", one.trace, one.payer_id, one.trace_supplemental]
    if one.currency != "USD":
        yield ["CUR", "PR", one.currency]
    for qualifier, value in (("EV", one.receiver_id), ("F2", one.version)):
        if value:
            yield ["REF", qualifier, value]
    if one.production_date:
        yield ["DTM", "405", _day(one.production_date)]
    yield from (list(other.elements) for other in one.other if other.id in ("REF", "DTM"))
    for role, party in (("PR", one.payer), ("PE", one.payee)):
        if party is not None:
            yield from _party(role, party)
    yield from (list(other.elements) for other in one.other if other.id not in ("REF", "DTM"))


def _party(role: str, one: Party) -> Iterator[Elements]:
    yield ["N1", role, one.name, one.qualifier, one.id]
    # City, state and ZIP when the address ends in a ZIP; all of it is read back into one list.
    ends = len(one.address) >= 3 and one.address[-1][:5].isdigit()
    street = one.address[:-3] if ends else one.address
    for at in range(0, len(street), 2):
        yield ["N3", *street[at : at + 2]]
    if ends:
        yield ["N4", *one.address[-3:]]
    for qualifier, values in one.refs.items():
        yield from (["REF", qualifier, value] for value in values)
    yield from (_contact(each) for each in one.contacts)


def _contact(one: Contact) -> Elements:
    return ["PER", one.function, one.name, *(part for number in one.numbers for part in number)]


# ---------------------------------------------------------------- a claim


def _claim(one: ClaimPayment, component: str) -> Iterator[Elements]:
    share = "" if one.patient_responsibility is None else amount(one.patient_responsibility)
    yield ["CLP", one.control, one.status, amount(one.charge), amount(one.paid), share, one.filing,
           one.payer_control, one.facility, one.frequency, "", one.drg, one.drg_weight,
           one.discharge_fraction]  # fmt: skip
    yield from _adjustments(one.adjustments)
    for qualifier, role in ROLES.items():
        person = getattr(one, role)
        if person is not None:
            yield _person(qualifier, person)
    if one.inpatient is not None:
        yield list(one.inpatient.elements)
    if one.outpatient is not None:
        yield list(one.outpatient.elements)
    elif one.inpatient is None and one.remarks:
        yield ["MOA", "", "", *(remark.code for remark in one.remarks[:REMARKS])]
    for qualifier, values in one.refs.items():
        yield from (["REF", qualifier, value] for value in values)
    yield from (["DTM", qualifier, _day(day)] for qualifier, day in one.dates.items())
    yield from (_contact(each) for each in one.contacts)
    yield from (["AMT", qualifier, amount(cents)] for qualifier, cents in one.amounts.items())
    yield from (["QTY", qualifier, count] for qualifier, count in one.quantities.items())
    yield from _others(one.other)
    for service in one.services:
        yield from _service(service, component)


def _person(qualifier: str, one: Person) -> Elements:
    kind = "2" if qualifier in ORGANISATIONS or (qualifier == "82" and not one.first) else "1"
    return ["NM1", qualifier, kind, one.last, one.first, one.middle, "", one.suffix, one.qualifier, one.id]


def _others(segments: Sequence[Segment]) -> Iterator[Elements]:
    return (list(one.elements) for one in segments)


def _adjustments(adjustments: Sequence[Adjustment]) -> Iterator[Elements]:
    """CAS segments: neighbours of one group together, six triplets each."""
    for group, found in groupby(adjustments, key=lambda one: one.group):
        same = list(found)
        for at in range(0, len(same), PAIRS):
            made = ["CAS", group]
            for one in same[at : at + PAIRS]:
                made += [one.reason, amount(one.cents), one.quantity or ""]
            yield made


def _composite(parts: Sequence[str], component: str) -> str:
    if any(component in part for part in parts):
        raise CannotWrite(component.join(parts))
    return component.join(parts).rstrip(component)


def _service(one: Service, component: str) -> Iterator[Elements]:
    modifiers = [*one.modifiers, "", "", "", ""][:4]
    code = _composite([one.qualifier, one.code, *modifiers, one.description], component)
    billed = _composite([one.billed_qualifier, one.billed_code, *one.billed_modifiers], component)
    yield [
        "SVC",
        code,
        amount(one.charge),
        amount(one.paid),
        one.revenue,
        one.units,
        billed,
        one.billed_units,
    ]
    if one.date_from and one.date_from == one.date_to:
        yield ["DTM", "472", _day(one.date_from)]
    else:
        yield from (
            ["DTM", key, _day(day)] for key, day in (("150", one.date_from), ("151", one.date_to)) if day
        )
    yield from (["DTM", qualifier, _day(day)] for qualifier, day in one.dates.items())
    yield from _adjustments(one.adjustments)
    if one.control is not None:
        yield ["REF", "6R", one.control]
    for qualifier, values in one.refs.items():
        yield from (["REF", qualifier, value] for value in values)
    yield from (["REF", "0K", policy] for policy in one.policy_ids)
    if one.allowed is not None:
        yield ["AMT", "B6", amount(one.allowed)]
    yield from (["AMT", qualifier, amount(cents)] for qualifier, cents in one.amounts.items())
    yield from (["QTY", qualifier, count] for qualifier, count in one.quantities.items())
    yield from _remarks(one.remarks)
    yield from _others(one.other)


def _remarks(remarks: Sequence[Remark]) -> Iterator[Elements]:
    return (["LQ", one.list, one.code] for one in remarks)


# ---------------------------------------------------------------- after the claims


def _provider_adjustments(pairs: Sequence[ProviderAdjustment], component: str) -> Iterator[Elements]:
    for (provider, day), found in groupby(pairs, key=lambda one: (one.provider, one.fiscal_date)):
        same = list(found)
        for at in range(0, len(same), PAIRS):
            made = ["PLB", provider, _day(day)]
            for one in same[at : at + PAIRS]:
                named = f"{one.code}{component}{one.reference}" if one.reference else one.code
                made += [named, amount(one.cents)]
            yield made
