"""Read the claims of one 837: the walk over its segments, one claim in memory at a time."""

from collections.abc import Iterator
from typing import BinaryIO

from edi.amounts import iso_date
from edi.envelope import Span
from edi.findings import Findings, found
from edi.segments import Segment, blocks
from edi.x837.checks import check_claim
from edi.x837.loops import Loops
from edi.x837.model import BilledClaim, ClaimsHeader, Patient
from edi.x837.parties import PAD

CLAIM_SEGMENTS = 100_000  # the guides allow 999 lines; real claims stay below 5,000 segments
FINDINGS = 500  # of the transaction itself
ENDS = frozenset({"CLM", "HL", "SE"})
SILENT = frozenset({"ST", "SE", "BHT"})
ABOVE_ROLES = frozenset({"41", "40", "85", "87", "IL", "QC"})  # names that end a claim sent without its HL


class Claims:
    """One ST of an 837. header is read at once; claims() gives one claim after the other.

    After the last claim: claim_count, line_count, charge_total (cents) and findings (of the transaction).
    """

    def __init__(self, stream: BinaryIO, span: Span) -> None:
        self.stream, self.span = stream, span
        self.kind = span.kind[3:] or "P"
        self.header = self._read_header()
        self._start()

    def _start(self) -> None:
        self.findings = Findings(FINDINGS)
        for finding in self.header.findings:
            self.findings.add(finding)
        self.claim_count = self.line_count = self.charge_total = 0
        self.loops = Loops(self.span.separators.component, self.kind)

    def _read_header(self) -> ClaimsHeader:
        """BHT, submitter and receiver: up to the first HL, billing provider or claim."""
        span, star = self.span, self.span.separators.element
        header = ClaimsHeader(span.segment_from, span.byte_from, self.kind)
        loops = Loops(span.separators.component, self.kind)
        number = span.segment_from - 1
        for block in blocks(self.stream, span.separators, span.byte_from, span.byte_to):
            for text, byte in zip(block.texts, block.starts(), strict=True):
                number += 1
                e = text.split(star)
                if (
                    e[0] in ("HL", "CLM", "SE")
                    or e[:2] == ["NM1", "85"]
                    or number - span.segment_from > FINDINGS
                ):
                    return self._header_done(header, loops)
                if e[0] == "BHT":
                    p = e + PAD
                    header.purpose, header.reference, header.time, header.use = p[2], p[3], p[5], p[6]
                    header.date = iso_date(p[4])
                    header.segment, header.byte = number, byte
                elif e[0] in ("NM1", "PER", "N3", "N4", "REF"):
                    loops.handlers[e[0]](e, number, byte)
                elif e[0] != "ST":
                    header.other.append(Segment(e[0], e, number, byte))
        return self._header_done(header, loops)

    def _header_done(self, header: ClaimsHeader, loops: Loops) -> ClaimsHeader:
        header.submitter, header.receiver = loops.submitter, loops.receiver
        if header.segment == self.span.segment_from:
            header.findings.append(found("837.header_missing", header.segment, header.byte))
        return header

    def claims(self) -> Iterator[BilledClaim]:
        """The claims in file order."""
        self._start()
        span, loops, star = self.span, self.loops, self.span.separators.element
        handlers, number = loops.handlers, self.span.segment_from - 1
        claim: BilledClaim | None = None
        for block in blocks(self.stream, span.separators, span.byte_from, span.byte_to):
            for text, byte in zip(block.texts, block.starts(), strict=True):
                number += 1
                e = text.split(star)
                key = e[0]
                if claim is not None and (key in ENDS or (key == "NM1" and self._above(e))):
                    yield self._end_claim(claim, number, byte)
                    claim = loops.claim = None
                if key in handlers:
                    handlers[key](e, number, byte)
                elif key == "CLM":
                    claim = loops.claim = self._claim(e, number, byte)
                elif key == "HL":
                    self._level(e)
                elif claim is not None:
                    loops.keep(e, number, byte)
                elif key not in SILENT:
                    loops.keep(e, number, byte)
                    self._complain("837.stray_segment", number, byte, key)
            if claim is not None and number - claim.segment > CLAIM_SEGMENTS:
                yield self._end_claim(claim, number + 1, block.end)
                claim = loops.claim = None
                self._complain("837.claim_too_long", number, block.end, str(CLAIM_SEGMENTS))
        if claim is not None:
            yield self._end_claim(claim, number + 1, span.byte_to)
        if not self.claim_count:
            self._complain("837.no_claims", span.segment_from, span.byte_from, "")
        if loops.switched is not None:
            at = loops.switched
            self._complain("edi.component", at.number, at.byte, loops.component)

    def _complain(self, code: str, number: int, byte: int, value: str) -> None:
        self.findings.add(found(code, number, byte, value=value))

    def _above(self, e: list[str]) -> bool:
        """Whether a name opens a new loop above the claim although no HL came before it."""
        loops = self.loops
        return len(e) > 1 and e[1] in ABOVE_ROLES and (loops.other is None or loops.line is not None)

    def _level(self, e: list[str]) -> None:
        """HL: a new billing provider, subscriber or patient; what hung below the old one is over."""
        loops = self.loops
        code = e[3] if len(e) > 3 else ""
        loops.party = None
        loops.patient = None
        if code in ("20", "22"):
            loops.subscriber = loops.payer = None
        if code == "20":
            loops.billing = loops.pay_to = None
            loops.taxonomy = ""

    def _claim(self, e: list[str], number: int, byte: int) -> BilledClaim:
        loops, p = self.loops, e + PAD
        claim = loops.claim = BilledClaim(number, byte, self.kind, p[1])
        loops.other = loops.line = loops.adjudication = loops.party = None
        claim.charge = loops.amount(e, 2, number, byte) or 0
        place = [*loops.composite(p[5], e, number, byte), "", ""]
        claim.facility, claim.facility_qualifier, claim.frequency = place[:3]
        claim.assignment, claim.benefits, claim.release, claim.delay_reason = p[7], p[8], p[9], p[20]
        claim.billing, claim.pay_to, claim.payer = loops.billing, loops.pay_to, loops.payer
        claim.subscriber = loops.subscriber
        claim.patient = loops.patient or self._self_patient()
        return claim

    def _self_patient(self) -> Patient | None:
        """The subscriber as patient, relationship 18, when no other patient was named."""
        subscriber = self.loops.subscriber
        if subscriber is None:
            return None
        patient = Patient(subscriber.segment, subscriber.byte)
        patient.last, patient.first, patient.middle = subscriber.last, subscriber.first, subscriber.middle
        patient.suffix, patient.birth, patient.sex = subscriber.suffix, subscriber.birth, subscriber.sex
        patient.address, patient.id, patient.relationship = subscriber.address, subscriber.id, "18"
        return patient

    def _end_claim(self, claim: BilledClaim, number: int, byte: int) -> BilledClaim:
        """Close the open claim before the segment at number and byte."""
        claim.byte_end, claim.segment_count = byte, number - claim.segment
        if claim.service_from is None:
            firsts = [line.date_from for line in claim.lines if line.date_from]
            lasts = [line.date_to for line in claim.lines if line.date_to]
            claim.service_from, claim.service_to = min(firsts, default=None), max(lasts, default=None)
        self.claim_count += 1
        self.line_count += len(claim.lines)
        self.charge_total += claim.charge
        for finding in check_claim(claim):
            claim.findings.add(finding)
        return claim


def read(stream: BinaryIO, span: Span) -> Claims:
    """The claims a Span of the envelope stands for. Never fails on any bytes: what is wrong is a finding."""
    return Claims(stream, span)
