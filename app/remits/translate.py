"""The border to `edi`: a stored 835 transaction as a header of ours and a stream of its claim payments."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, BinaryIO

from app.intake.translate import EOB, Found, found_all, span_of
from app.remits.rules_fhir import COMPANY
from edi.eob.model import Explanation
from edi.eob.reader import read as read_eob
from edi.segments import Separators, element_span, readable, split_segments
from edi.x835.reader import read


@dataclass(frozen=True)
class Header:
    """What a remit says of itself before its first claim; cents, ISO days."""

    paid: int
    direction: str
    handling: str
    method: str
    trace: str
    payer_company: str
    currency: str
    issued: date | None
    produced: date | None
    payer_name: str
    payer_ids: tuple[tuple[str, str], ...]
    payee_name: str
    payee_ids: tuple[tuple[str, str], ...]
    account_last4: str
    contact: dict[str, Any]
    trace_at: tuple[int, int]
    findings: tuple[Found, ...]
    paid_at: tuple[int, int] = (0, 0)
    """Segment and byte of what it says was paid."""


class Remittance:
    """A remit being read: header at once, claims as a stream, the rest when the stream has ended."""

    def __init__(self, stream: BinaryIO, span: dict[str, Any]):
        self._reader = read(stream, span_of(span))
        self.header = _header(self._reader.header)

    def claims(self) -> Iterator[Any]:
        """The claim payments as `edi` reads them, in file order; flat memory."""
        return iter(self._reader.claims())

    @property
    def provider_adjustments(self) -> list[Any]:
        """PLB pairs, after the claims."""
        return list(self._reader.provider_adjustments)

    @property
    def balanced(self) -> bool:
        """Equation 3: the claims less the provider adjustments are the payment."""
        return bool(self._reader.balanced)

    @property
    def totals(self) -> tuple[int, int, int, int, int]:
        """(claims, lines, paid cents, PLB cents, charge cents) of what was read."""
        one = self._reader
        return one.claim_count, one.line_count, one.paid_total, one.plb_total, one.charge_total

    def findings(self) -> list[Found]:
        """What is wrong with the transaction as a whole, header included."""
        return [*self.header.findings, *found_all(self._reader.findings)]


EOB_METHOD = "EOB"
PAYER_KINDS = {"naic": "NF", "payer": "n104", "npi": "n104", "": "n104"}


class Explained:
    """An EOB being read; to whoever posts or shows it, a remit of one claim that brings no cash."""

    provider_adjustments: tuple[Any, ...] = ()

    def __init__(self, stream: BinaryIO, span: dict[str, Any]):
        self.said = explanation(stream, span)
        self.header = _eob_header(self.said)

    def claims(self) -> Iterator[Any]:
        """Its one claim payment."""
        return iter([self.said.claim])

    @property
    def balanced(self) -> bool:
        """RFHIR-10 left nothing unexplained."""
        return not any(one.does in ("hold", "refuse") for one in self.said.findings)

    @property
    def totals(self) -> tuple[int, int, int, int, int]:
        """(claims, lines, 0, 0, charge cents): what it says was paid is no money of this remit."""
        claim = self.said.claim
        return 1, len(claim.services), 0, 0, claim.charge

    def findings(self) -> list[Found]:
        """What is wrong with it."""
        return found_all(self.said.findings)


def explanation(stream: BinaryIO, span: dict[str, Any]) -> Explanation:
    """The EOB that a stored transaction is, with what its Bundle says of patient, payer and provider."""
    others = {name: _range(stream, *place) for name, place in span["others"].items()}
    return read_eob(_range(stream, span["byte_from"], span["byte_to"]), span["byte_from"], others)


def _range(stream: BinaryIO, start: int, end: int) -> bytes:
    stream.seek(start)
    return stream.read(end - start)


def reader_of(stream: BinaryIO, span: dict[str, Any]) -> Remittance | Explained:
    """The reader of a stored transaction, by its kind."""
    return Explained(stream, span) if span.get("kind") == EOB else Remittance(stream, span)


def _eob_header(one: Explanation) -> Header:
    return Header(
        paid=0,
        direction="",
        handling="H",
        method=EOB_METHOD,
        trace=one.unique,
        payer_company=COMPANY,
        currency="USD",
        issued=_day(one.payment_date),
        produced=_day(one.created[:10]),
        payer_name=one.payer_name,
        payer_ids=tuple((PAYER_KINDS[kind], value) for kind, value in one.payer_ids if kind in PAYER_KINDS),
        payee_name=one.provider_name,
        payee_ids=tuple((kind, value) for kind, value in one.provider_ids if kind in ("npi", "tax_id")),
        account_last4="",
        contact={},
        trace_at=(one.byte + 1, one.byte),
        findings=tuple(found_all(one.findings)),
    )


def _header(one: Any) -> Header:
    payer, payee = one.payer, one.payee
    refs = payer.refs if payer else {}
    payer_ids = [("trn03", one.payer_id or one.company_id)]
    payer_ids += [("2U", value) for value in refs.get("2U", ())]
    payer_ids += [("n104", payer.id if payer else "")]
    payer_ids += [("NF", value) for value in refs.get("NF", ())]
    return Header(
        paid=one.paid,
        direction=one.direction,
        handling=one.handling,
        method=one.method,
        trace=one.trace,
        payer_company=one.payer_id or one.company_id,
        currency=one.currency or "USD",
        issued=_day(one.effective_date),
        produced=_day(one.production_date),
        payer_name=payer.name if payer else "",
        payer_ids=tuple((kind, value) for kind, value in payer_ids if value),
        payee_name=payee.name if payee else "",
        payee_ids=tuple(_payee_ids(payee)) if payee else (),
        account_last4=one.receiver_account_last4 or "",
        contact=_contact(payer),
        trace_at=(one.trn_segment, one.trn_byte),
        findings=tuple(found_all(one.findings)),
        paid_at=(one.paid_segment, one.paid_byte),
    )


def _payee_ids(payee: Any) -> Iterator[tuple[str, str]]:
    kinds = {"XX": "npi", "FI": "tax_id", "XV": "payee_id"}
    if payee.id:
        yield kinds.get(payee.qualifier, "payee_id"), payee.id
    for qualifier, kind in (("TJ", "tax_id"), ("PQ", "payee_id"), ("HPI", "npi")):
        for value in payee.refs.get(qualifier, ()):
            yield kind, value


def _contact(payer: Any) -> dict[str, Any]:
    return {
        one.function: {"name": one.name, "numbers": [list(number) for number in one.numbers]}
        for one in (payer.contacts if payer else ())
    }


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def claims_at(stream: BinaryIO, span: dict[str, Any], places: Iterable[tuple[int, int, int]]) -> list[Any]:
    """The claim payments that stand at these places (segment, byte, byte after) of a stored transaction."""
    if span.get("kind") == EOB:
        return [explanation(stream, span).claim]
    found = []
    for segment, byte, end in places:
        part = {**span, "segment_from": segment, "byte_from": byte, "byte_to": end}
        found += list(read(stream, span_of(part)).claims())
    return found


@dataclass(frozen=True, slots=True)
class RawElement:
    """One element of a segment as it stands: its index, its text, and where it starts in the file."""

    index: int
    text: str
    byte: int


@dataclass(frozen=True, slots=True)
class RawSegment:
    """One segment as it stands: number 1-based over the file, offset of its first byte, its elements."""

    number: int
    byte: int
    separator: str
    terminator: str
    elements: tuple[RawElement, ...]

    @property
    def id(self) -> str:
        """CLP, SVC, ..."""
        return self.elements[0].text


def raw_segments(raw: bytes, span: dict[str, Any], *, byte: int, number: int) -> list[RawSegment]:
    """A stretch of a stored transaction, segment by segment, each element with its place in the file.

    byte, number: of the first segment of the stretch.
    """
    if span.get("kind") == EOB:
        return _json_parts(raw, byte)
    separators = Separators(*span["separators"])
    made = []
    for segment in split_segments(raw, separators, number=number):
        part = raw[segment.byte :]
        starts = [element_span(part, separators, index)[0] for index in range(len(segment.elements))]
        elements = tuple(
            RawElement(index, shown(segment.elements, index), byte + segment.byte + starts[index])
            for index in range(len(segment.elements))
        )
        made.append(
            RawSegment(
                segment.number, byte + segment.byte, separators.element, separators.terminator, elements
            )
        )
    return made


JSON_AMOUNT = re.compile(rb'"value"\s*:\s*(?=[-0-9])')


def _json_parts(raw: bytes, byte: int) -> list[RawSegment]:
    """The text of an EOB cut before each amount, so that an amount can be shown where it stands."""
    cuts = [0, *(found.end() for found in JSON_AMOUNT.finditer(raw)), len(raw)]
    return [
        RawSegment(
            byte + start + 1, byte + start, "", "", (RawElement(0, _readable(raw[start:end]), byte + start),)
        )
        for start, end in pairwise(cuts)
        if end > start
    ]


def _readable(raw: bytes) -> str:
    return readable(" ".join(raw.decode("utf-8", "replace").split()))


BANK_NUMBERS = frozenset({7, 9, 13, 15})
"""Elements of BPR that hold routing and account numbers, the payer's and ours."""


def shown(elements: Sequence[str], index: int) -> str:
    """An element as a screen may show it: of bank and social security numbers the last four only (D3)."""
    name, text = elements[0], readable(elements[index])
    bank = name == "BPR" and index in BANK_NUMBERS
    social = (name == "REF" and index == 2 and elements[1] == "SY") or (
        name == "NM1" and index == 9 and elements[8] == "34"
    )
    return f"••••{text[-4:]}" if (bank or social) and len(text) > 4 else text
