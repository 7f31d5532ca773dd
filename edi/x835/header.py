"""The payment itself: BPR, TRN, dates, payer and payee, and what is wrong with them."""

from edi.amounts import BadAmount, iso_date, parse_cents
from edi.findings import found, money
from edi.segments import Segment
from edi.x835.model import Contact, Party, RemitHeader

HEADER_SEGMENTS = 2_000  # a header longer than this is not a header; the rest is not kept


def contact(segment: Segment) -> Contact:
    """A PER with its numbers in the order sent."""
    numbers = tuple((segment.at(at), segment.at(at + 1)) for at in (3, 5, 7) if segment.at(at + 1))
    return Contact(segment.at(1), segment.at(2), numbers)


class HeaderReader:
    """Takes segments from ST to the first LX, CLP, PLB or SE, then checks what they say together."""

    def __init__(self, segment: int, byte: int) -> None:
        self.header = RemitHeader(segment, byte)
        self.party: Party | None = None
        self.taken = 0

    def take(self, segment: Segment) -> None:
        """One header segment; what is not known is kept in other."""
        self.taken += 1
        method = getattr(self, f"_{segment.id.lower()}", None) if segment.id in KNOWN else None
        if method is None or method(segment) is False:
            self._keep(segment)

    def _keep(self, segment: Segment) -> None:
        header = self.header
        if self.taken <= HEADER_SEGMENTS:
            header.other.append(segment)
            header.findings.append(
                found("835.unknown_segment", segment.number, segment.byte, value=segment.id)
            )

    def _complain(self, code: str, segment: Segment, element: int | None, value: str) -> None:
        self.header.findings.append(found(code, segment.number, segment.byte, element, value))

    def _day(self, segment: Segment, element: int) -> str | None:
        text = segment.at(element)
        day = iso_date(text)
        if text and day is None:
            self._complain("835.date", segment, element, text)
        return day

    def _bpr(self, segment: Segment) -> bool | None:
        header = self.header
        if header.bpr_segment:
            return False
        header.bpr_segment = header.paid_segment = segment.number
        header.bpr_byte = header.paid_byte = segment.byte
        header.handling, header.direction = segment.at(1), segment.at(3)
        header.method, header.format = segment.at(4), segment.at(5)
        header.company_id, header.supplemental = segment.at(10), segment.at(11)
        header.receiver_account_last4 = segment.at(15)[-4:]
        try:
            header.paid = parse_cents(segment.at(2))
        except BadAmount as bad:
            self._complain("835.paid_unreadable", segment, 2, bad.text)
        header.effective_date = self._day(segment, 16)
        if not segment.at(16):
            self._complain("835.date_missing", segment, 16, "")
        self._bpr_rules(segment)
        return None

    def _bpr_rules(self, segment: Segment) -> None:
        header = self.header
        if header.direction == "D":
            self._complain("835.debit", segment, 3, "D")
        if header.handling == "P":
            self._complain("835.prenote", segment, 1, "P")
        if header.paid < 0:
            self._complain("835.negative_payment", segment, 2, money(header.paid))
        if header.handling == "H" and header.paid:
            self._complain("835.notice_with_money", segment, 2, money(header.paid))
        elif header.method == "NON" and header.paid:
            self._complain("835.no_payment_method", segment, 4, money(header.paid))

    def _trn(self, segment: Segment) -> bool | None:
        header = self.header
        if header.trn_segment:
            return False
        header.trn_segment, header.trn_byte = segment.number, segment.byte
        header.trace, header.payer_id, header.trace_supplemental = segment.at(2), segment.at(3), segment.at(4)
        if header.company_id and header.payer_id and header.company_id != header.payer_id:
            self._complain("835.payer_id", segment, 3, header.payer_id)
        return None

    def _cur(self, segment: Segment) -> None:
        self.header.currency = segment.at(2)
        if segment.at(2) != "USD":
            self._complain("835.currency", segment, 2, segment.at(2))

    def _ref(self, segment: Segment) -> bool | None:
        if self.party is not None:
            self.party.refs.setdefault(segment.at(1), []).append(segment.at(2))
        elif segment.at(1) == "EV" and not self.header.receiver_id:
            self.header.receiver_id = segment.at(2)
        elif segment.at(1) == "F2" and not self.header.version:
            self.header.version = segment.at(2)
        else:
            return False
        return None

    def _dtm(self, segment: Segment) -> bool | None:
        if segment.at(1) != "405" or self.header.production_date:
            return False
        self.header.production_date = self._day(segment, 2)
        return None

    def _n1(self, segment: Segment) -> bool | None:
        header = self.header
        party = Party(segment.at(2), segment.at(3), segment.at(4), segment.number, segment.byte)
        if segment.at(1) == "PR" and header.payer is None:
            header.payer = self.party = party
        elif segment.at(1) == "PE" and header.payee is None:
            header.payee = self.party = party
        else:
            return False
        return None

    def _n3(self, segment: Segment) -> bool | None:
        if self.party is None:
            return False
        self.party.address += [part for part in segment.elements[1:] if part]
        return None

    _n4 = _n3

    def _per(self, segment: Segment) -> bool | None:
        if self.party is None:
            return False
        self.party.contacts.append(contact(segment))
        return None

    def done(self, segment: int, byte: int) -> RemitHeader:
        """The header, with what it lacks; segment and byte are where it ended."""
        header = self.header
        missing = [
            name for name, number in (("BPR", header.bpr_segment), ("TRN", header.trn_segment)) if not number
        ]
        if header.trn_segment and not header.trace:
            missing.append("TRN")
        for name in missing:
            header.findings.append(found("835.header_missing", segment, byte, value=name))
        for role, party in (("payer", header.payer), ("payee", header.payee)):
            if party is None:
                header.findings.append(found("835.party_missing", segment, byte, value=role))
        return header


KNOWN = frozenset({"BPR", "TRN", "CUR", "REF", "DTM", "N1", "N3", "N4", "PER"})
