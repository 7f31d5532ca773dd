"""Read one 277CA: one claim in memory at a time; the levels above it are the batch."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from edi.amounts import BadAmount, iso_date, parse_cents, period
from edi.codes import lookup
from edi.envelope import Span
from edi.findings import found
from edi.segments import Segment, blocks
from edi.x277ca.model import Batch, ClaimAnswer, LineAnswer, Status

KEPT = 2_000  # findings and segments without a place; a hostile file must not fill memory
PAD = [""] * 13
TOTALS = {"90": "accepted_count", "AA": "rejected_count"}
SUMS = {"YU": "accepted_cents", "YY": "rejected_cents"}
REFERENCES = {"1K": "payer_control", "D9": "clearinghouse_control", "BLT": "bill_type"}


class Acknowledgement:
    """One ST of a 277CA. batch fills while claims() gives the answers, one claim after the other."""

    def __init__(self, stream: BinaryIO, span: Span) -> None:
        self.stream, self.span = stream, span
        self._start()

    def _start(self) -> None:
        self.batch = Batch(self.span.segment_from, self.span.byte_from)
        self.claim_count = 0
        self.level = self.provider = ""
        self.claim: ClaimAnswer | None = None
        self.line: LineAnswer | None = None

    def claims(self) -> Iterator[ClaimAnswer]:
        """The answers in file order."""
        self._start()
        span, star, number = self.span, self.span.separators.element, self.span.segment_from - 1
        for block in blocks(self.stream, span.separators, span.byte_from, span.byte_to):
            for text, byte in zip(block.texts, block.starts(), strict=True):
                number += 1
                segment = Segment(text.partition(star)[0], text.split(star), number, byte)
                if self._ends(segment) and self.claim is not None:
                    yield self.claim
                    self.claim = self.line = None
                self._take(segment)
        if self.claim is not None:
            yield self.claim
            self.claim = self.line = None

    def _ends(self, segment: Segment) -> bool:
        """Whether a claim that is open ends before this segment."""
        return segment.id == "HL"

    def _take(self, segment: Segment) -> None:
        match segment.id:
            case "HL":
                self.level = segment.at(3)
                if self.level == "PT":
                    self.claim_count += 1
                    self.claim = ClaimAnswer(segment.number, segment.byte)
                    self.claim.provider_id = self.provider
            case "NM1":
                self._name(segment)
            case "TRN":
                self._trace(segment)
            case "STC":
                self._status(segment)
            case "BHT":
                self.batch.reference, self.batch.date = segment.at(3), iso_date(segment.at(4))
            case "QTY" if segment.at(1) in TOTALS and self.level == "21":
                setattr(self.batch, TOTALS[segment.at(1)], segment.at(2))
            case "AMT" if segment.at(1) in SUMS and self.level == "21":
                setattr(self.batch, SUMS[segment.at(1)], self._cents(segment, 2))
            case "REF" if self.claim is not None:
                self._reference(segment)
            case "DTP" if self.claim is not None and self.line is None and segment.at(1) == "472":
                self.claim.service_from, self.claim.service_to = period(segment.at(2), segment.at(3))
            case "SVC" if self.claim is not None:
                self._line(segment)
            case "ST" | "SE":
                pass
            case _:
                self._keep(segment)

    def _keep(self, segment: Segment) -> None:
        owner: Any = self.claim or self.batch
        if len(owner.other) < KEPT:
            owner.other.append(segment)

    def _complain(self, code: str, segment: Segment, element: int, value: str) -> None:
        self.batch.findings.add(found(code, segment.number, segment.byte, element, value))

    def _cents(self, segment: Segment, element: int) -> int | None:
        text = segment.at(element)
        try:
            return parse_cents(text) if text else None
        except BadAmount:
            self._complain("ack.amount", segment, element, text)
            return None

    def _name(self, segment: Segment) -> None:
        claim = self.claim
        if claim is not None:
            claim.last, claim.first, claim.member_id = segment.at(3), segment.at(4), segment.at(9)
        elif self.level == "20":
            self.batch.source_name, self.batch.source_id = segment.at(3), segment.at(9)
            self.batch.source_kind = segment.at(1)
        elif self.level == "21":
            self.batch.receiver_id = segment.at(9)
        else:
            self.provider = segment.at(9)

    def _trace(self, segment: Segment) -> None:
        if self.claim is not None:
            self.claim.control = self.claim.trace = segment.at(2)
        elif self.level == "21":
            self.batch.control = segment.at(2)

    def _reference(self, segment: Segment) -> None:
        claim, qualifier, value = self.claim, segment.at(1), segment.at(2)
        if claim is None:
            return
        if self.line is not None and qualifier == "FJ":
            self.line.control = value
        elif qualifier in REFERENCES:
            setattr(claim, REFERENCES[qualifier], value)
        claim.refs.setdefault(qualifier, []).append(value)

    def _status(self, segment: Segment) -> None:
        """STC: up to three codes, at elements 1, 10 and 11; the rest speaks of all of them."""
        e = segment.elements + PAD
        cents, paid = self._cents(segment, 4), self._cents(segment, 5)
        owner: Any = self.line or self.claim or self.batch
        for element in (1, 10, 11):
            if not e[element]:
                continue
            parts = [*e[element].split(self.span.separators.component or ":"), "", ""]
            category, status, entity = parts[:3]
            if lookup("category", category) is None or (status and lookup("status", status) is None):
                self._complain("ack.unknown_status", segment, element, f"{category}:{status}")
            if len(owner.statuses) < KEPT:
                owner.statuses.append(
                    Status(
                        category,
                        status,
                        entity,
                        iso_date(e[2]),
                        e[3],
                        cents,
                        e[12],
                        segment.number,
                        segment.byte,
                        element,
                        paid,
                        iso_date(e[6]),
                        iso_date(e[8]),
                        e[9],
                    )
                )

    def _line(self, segment: Segment) -> None:
        line = self.line = LineAnswer(segment.number, segment.byte)
        parts = segment.at(1).split(self.span.separators.component or ":")
        line.qualifier, line.code = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
        line.modifiers = tuple([part for part in parts[2:6] if part])
        line.charge = self._cents(segment, 2)
        if self.claim is not None and len(self.claim.lines) < KEPT:
            self.claim.lines.append(line)


def rejected(statuses: list[Status]) -> bool:
    """Whether any status refuses the claim or line; at one level a refusal outweighs every acceptance."""
    rows = (lookup("category", status.category) for status in statuses)
    return any(row is not None and row["rejected"] == "yes" for row in rows)


def read(stream: BinaryIO, span: Span) -> Acknowledgement:
    """The acknowledgement a Span of the envelope stands for. Never fails on any bytes."""
    return Acknowledgement(stream, span)
