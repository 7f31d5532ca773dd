"""Read one remittance: the walk over its segments, with balances kept as running sums.

The walk is one loop with its frequent branches first, because a large payer's file has millions of
segments; what is rarer goes through `loops`.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from edi.amounts import BadAmount, parse_cents
from edi.codes import known
from edi.envelope import Span
from edi.findings import Findings, found, money
from edi.segments import Block, Segment, blocks
from edi.x835.checks import CLAIM_FINDINGS, bounded, check_claim, check_codes, check_summary, quiet_reasons
from edi.x835.header import HeaderReader
from edi.x835.loops import PAD, Loops
from edi.x835.model import Adjustment, ClaimPayment, ProviderAdjustment, RemitHeader, Service, Summary

CLAIM_SEGMENTS = (
    100_000  # one claim is held in memory whole; the guide allows 999 lines, real ones stay below 5,000
)
FINDINGS = 500  # of the transaction itself
PROVIDER_ADJUSTMENTS = 100_000
BODY = frozenset({"LX", "TS3", "TS2", "CLP", "CAS", "SVC", "PLB", "SE"})
OTHER_COMPONENT = re.compile(r"(?:AD|ER|HC|HP|IV|N4|N6|NU|UI|WK)([>:<!|^\;@&+])")
PLB_COMPONENT = re.compile(r"[A-Z0-9]{2}([>:<!|^\;@&+])")
new = tuple.__new__


class Remittance:
    """One ST of an 835. header is read at once; claims() reads on, one claim in memory at a time.

    After the last claim: provider_adjustments, findings (of the payment, not of its claims), the counts and
    totals (cents) and whether equation 3 holds. Claims may be read again; the totals then start anew.
    """

    def __init__(self, stream: BinaryIO, span: Span) -> None:
        self.stream, self.span = stream, span
        self.separators = span.separators
        self.header: RemitHeader = self._read_header()
        self._start()

    def _start(self) -> None:
        self.findings = Findings(FINDINGS)
        for finding in self.header.findings:
            self.findings.add(finding)
        self.provider_adjustments: list[ProviderAdjustment] = []
        self.claim_count = self.line_count = 0
        self.paid_total = self.plb_total = self.charge_total = 0
        self.component = self.separators.component
        self.summary: Summary | None = None
        self.loops = Loops()
        self.quiet = quiet_reasons()
        # The walk from one block to the next: what is open, and its running sums in cents.
        self.number = self.body_number - 1
        self.claim: ClaimPayment | None = None
        self.adjustments: list[Adjustment] = []
        self.level = self.patient = self.charge = 0
        self.above = self.lines = self.lines_charge = self.lines_paid = 0
        self.cash_known = not any(finding.code == "835.paid_unreadable" for finding in self.findings)

    @property
    def balanced(self) -> bool:
        """Equation 3: claims paid less provider adjustments are the payment.

        True only after the last claim.
        """
        return self.cash_known and self.paid_total - self.plb_total == self.header.paid

    def _read_header(self) -> RemitHeader:
        number, byte = self.span.segment_from, self.span.byte_from
        reader = HeaderReader(number, byte)
        star = self.separators.element
        self.body_number, self.body_byte = number, byte
        first = True
        for block in blocks(self.stream, self.separators, byte, self.span.byte_to):
            for text, byte in zip(block.texts, block.starts(), strict=True):
                elements = text.split(star)
                if elements[0] in BODY:
                    self.body_number, self.body_byte = number, byte
                    return reader.done(number, byte)
                if not first:
                    reader.take(Segment(elements[0], elements, number, byte))
                first = False
                number += 1
        self.body_number, self.body_byte = number, self.span.byte_to
        return reader.done(number, byte)

    def claims(self) -> Iterator[ClaimPayment]:
        """The claims in file order; see the class for what stands ready afterwards."""
        self._start()
        for block in blocks(self.stream, self.separators, self.body_byte, self.span.byte_to):
            yield from self._walk(block)
            if self.claim is not None and self.number - self.claim.segment > CLAIM_SEGMENTS:
                yield self._end_claim(self.number + 1, block.end)
                self._complain("835.claim_too_long", self.number, block.end, value=str(CLAIM_SEGMENTS))
        if self.claim is not None:
            yield self._end_claim(self.number + 1, self.span.byte_to)
        self._end()

    def _walk(self, block: Block) -> Iterator[ClaimPayment]:
        """The claims that end in a block; what is open at its end stays open for the next one.

        level and patient are running cents: adjustments of the open level, those of group PR in the claim.
        """
        loops, star, cents = self.loops, self.separators.element, self.loops.cents
        handlers, quiet, number = loops.handlers, self.quiet, self.number
        claim, adjustments = self.claim, self.adjustments
        level, patient, charge = self.level, self.patient, self.charge
        for text, byte in zip(block.texts, block.starts(), strict=True):
            number += 1
            e = text.split(star)
            key = e[0]
            if claim is not None:
                if key == "CAS":
                    size = len(e)
                    group = e[1] if size > 1 else ""
                    usual = quiet[group]
                    for at in range(3, size, 3):
                        reason, stated, after = e[at - 1], e[at], at + 1
                        try:
                            amount = cents[stated]
                        except BadAmount as bad:
                            if not stated and not reason:
                                continue
                            amount = loops.bad_amount(bad, number, byte, at)
                        quantity = e[after] or None if after < size else None
                        adjustments.append(
                            new(Adjustment, (group, reason, amount, quantity, number, byte, at))
                        )
                        level += amount
                        if group == "PR":
                            patient += amount
                        if reason not in usual or (amount == charge and reason == "45"):
                            loops.unusual = True
                    if size > 5 or size == 3:
                        self._gaps(e, number, byte)
                    continue
                if key in handlers:
                    handlers[key](e, number, byte)
                    continue
                if key == "SVC":
                    self._end_level(level)
                    line = self._service(e, number, byte)
                    level, charge, adjustments = 0, line.charge, line.adjustments
                    continue
                if key not in BODY:
                    loops.keep(e, number, byte)
                    continue
                self.level, self.patient = level, patient
                yield self._end_claim(number, byte)
                claim = None
            if key == "CLP":
                claim = self._claim(e, number, byte)
                level, patient, charge, adjustments = 0, 0, claim.charge, claim.adjustments
            else:
                self._between(Segment(key, e, number, byte))
        self.claim, self.number, self.adjustments = claim, number, adjustments
        self.level, self.patient, self.charge = level, patient, charge

    # -- opening a loop

    def _amount(self, e: list[str], at: int, number: int, byte: int) -> int:
        """A required amount of the open loop; a missing or unreadable one is a finding and counts as said
        there.
        """
        text = e[at] if at < len(e) else ""
        try:
            return self.loops.cents[text]
        except BadAmount as bad:
            return self.loops.bad_amount(bad, number, byte, at)

    def _claim(self, e: list[str], number: int, byte: int) -> ClaimPayment:
        if len(e) < 14:
            e = e + PAD
        loops = self.loops
        loops.claim = claim = ClaimPayment(number, byte, e[1], e[2])
        loops.line, loops.unusual = None, False
        self.above = self.lines = self.lines_charge = self.lines_paid = 0
        try:
            claim.charge = loops.cents[e[3]]
            claim.paid = loops.cents[e[4]]
        except BadAmount:
            claim.charge, claim.paid = self._amount(e, 3, number, byte), self._amount(e, 4, number, byte)
            self._check_cash(e[4], number, byte)
        if e[5]:
            claim.patient_responsibility = self._amount(e, 5, number, byte)
        claim.filing, claim.payer_control, claim.facility, claim.frequency = e[6:10]
        claim.drg, claim.drg_weight, claim.discharge_fraction = e[11:14]
        summary = claim.summary = self.summary
        if summary is not None:
            summary.claims += 1
            summary.charge += claim.charge
        return claim

    def _check_cash(self, text: str, number: int, byte: int) -> None:
        """A payment that cannot be read leaves the cash of the whole remit unknown,
        not only that of the claim.
        """
        try:
            parse_cents(text)
        except BadAmount:
            self.cash_known = False
            self._complain("835.paid_unreadable", number, byte, 4, text)

    def _service(self, e: list[str], number: int, byte: int) -> Service:
        size, loops = len(e), self.loops
        try:
            charge, paid = loops.cents[e[2]], loops.cents[e[3]]
        except (BadAmount, IndexError):
            charge, paid = self._amount(e, 2, number, byte), self._amount(e, 3, number, byte)
        text = e[1] if size > 1 else ""
        code = text.split(self.component) if self.component else [text]
        if len(code) == 1 and self._other_component(OTHER_COMPONENT.match(text), number, byte):
            code = text.split(self.component)
        loops.line = line = Service(number, byte, charge, paid, code)
        loops.claim.services.append(line)
        self.lines_charge += charge
        self.lines_paid += paid
        if size > 4:
            line.revenue = e[4]
            if size > 5:
                line.units = e[5] or "1"
                if size > 6:
                    self._billed(line, e)
        return line

    def _billed(self, line: Service, e: list[str]) -> None:
        """SVC06 and SVC07: what was billed, when the payer adjudicated something else."""
        code = e[6].split(self.component) if self.component else [e[6]]
        line.billed_qualifier = code[0]
        line.billed_code = code[1] if len(code) > 1 else ""
        line.billed_modifiers = tuple(filter(None, code[2:6]))
        line.billed_units = e[7] if len(e) > 7 else ""

    def _other_component(self, match: re.Match[str] | None, number: int, byte: int) -> bool:
        """Whether a sender separates components with another sign than its ISA says; that sign is used on."""
        if match is None or match[1] == self.component:
            return False
        self.component = match[1]
        self._complain("edi.component", number, byte, None, match[1])
        return True

    # -- closing a loop

    def _end_level(self, level: int) -> None:
        """The adjustments of a level are complete: equation 1 if it is a line."""
        loops = self.loops
        line = loops.line
        if line is None:
            self.above = level
            return
        self.lines += level
        off = line.charge - level - line.paid
        if off:
            loops.complain("835.line_balance", line.segment, line.byte, 3, money(off))

    def _end_claim(self, number: int, byte: int) -> ClaimPayment:
        """Close the open claim before the segment at number and byte."""
        self._end_level(self.level)
        loops = self.loops
        claim, self.claim = loops.claim, None
        claim.byte_end, claim.segment_count = byte, number - claim.segment
        self.claim_count += 1
        self.line_count += len(claim.services)
        self.paid_total += claim.paid
        self.charge_total += claim.charge
        sums = self.above, self.lines, self.patient, self.lines_charge, self.lines_paid
        findings = check_claim(claim, sums)
        if loops.unusual:
            findings += check_codes(claim)
        if findings or len(claim.findings) > CLAIM_FINDINGS:
            claim.findings = bounded([*claim.findings, *findings], claim)
        return claim

    # -- adjustments that are not as they should be

    def _gaps(self, e: list[str], number: int, byte: int) -> None:
        """Empty places in a CAS: a reason without an amount, or triplets after one with nothing in it."""
        size = len(e)
        if size % 3 == 0 and e[-1]:
            self.loops.complain("835.amount", number, byte, size, "")
        gap = next((at for at in range(2, size, 3) if not e[at] and not any(e[at + 1 : at + 2])), size)
        later = next(filter(None, e[gap + 2 :]), "")
        if later:
            self.loops.complain("835.empty_triplet", number, byte, gap, later)

    # -- outside of claims

    def _complain(
        self, code: str, number: int, byte: int, element: int | None = None, value: str = ""
    ) -> None:
        self.findings.add(found(code, number, byte, element, value))

    def _between(self, segment: Segment) -> None:
        """A segment while no claim is open."""
        summary = self.summary
        if segment.id == "LX":
            self._end_summary()
            self.summary = Summary(segment.at(1), segment.number, segment.byte)
        elif segment.id == "TS3" and summary is not None:
            summary.ts3 = segment.elements
        elif segment.id == "TS2" and summary is not None:
            summary.ts2 = segment.elements
        elif segment.id == "PLB":
            self._provider_adjustment(segment)
        elif segment.id != "SE":
            self._complain("835.stray_segment", segment.number, segment.byte, value=segment.id)

    def _end_summary(self) -> None:
        if self.summary is not None:
            for finding in check_summary(self.summary):
                self._complain(*finding[:1], finding.segment, finding.byte, finding.element, finding.value)
        self.summary = None

    def _provider_adjustment(self, segment: Segment) -> None:
        """PLB: up to six pairs; a positive amount lowers the payment."""
        if len(self.provider_adjustments) > PROVIDER_ADJUSTMENTS:
            self.cash_known = False
            self._complain("835.too_many_plb", segment.number, segment.byte, value=str(PROVIDER_ADJUSTMENTS))
            return
        e = segment.elements
        day = self.loops.dates[e[2]] if len(e) > 2 else None
        for at in range(4, len(e) + 1, 2):
            text = e[at] if at < len(e) else ""
            if not text and not e[at - 1]:
                continue
            try:
                cents = parse_cents(text)
            except BadAmount as bad:
                self.cash_known = False
                self._complain("835.plb_amount", segment.number, segment.byte, at, text)
                cents = bad.cents
            if self.component not in e[at - 1]:
                self._other_component(PLB_COMPONENT.match(e[at - 1]), segment.number, segment.byte)
            code, _, reference = e[at - 1].partition(self.component or ":")
            if code not in known("plb"):
                self._complain("835.unknown_plb", segment.number, segment.byte, at - 1, code)
            self.plb_total += cents
            self.provider_adjustments.append(
                ProviderAdjustment(
                    segment.at(1),
                    day,
                    code,
                    reference,
                    cents,
                    segment.number,
                    segment.byte,
                    at,
                )
            )

    def _end(self) -> None:
        """Equation 3 and what concerns the payment as a whole."""
        self._end_summary()
        header = self.header
        off = self.paid_total - self.plb_total - header.paid
        if off and header.paid_segment:
            self._complain("835.transaction_balance", header.paid_segment, header.paid_byte, 2, money(off))
        interest = self.loops.interest
        paid_interest = -sum(one.cents for one in self.provider_adjustments if one.code == "L6")
        if interest and interest != paid_interest:
            self._complain("835.interest", header.segment, header.byte, None, money(interest - paid_interest))


def read(stream: BinaryIO, span: Span) -> Remittance:
    """The remittance a Span of the envelope stands for.

    Never fails on any bytes: what is wrong is a finding.
    """
    return Remittance(stream, span)
