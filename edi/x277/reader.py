"""Read one 277: like a 277CA, but a claim begins with its TRN, and a person may have several."""

from typing import BinaryIO

from edi.envelope import Span
from edi.segments import Segment
from edi.x277ca.model import ClaimAnswer
from edi.x277ca.reader import Acknowledgement

PEOPLE = frozenset({"22", "23"})  # HL levels of a subscriber and of a dependent


class Response(Acknowledgement):
    """One ST of a 277. claims() gives the answers; `control` of each is our CLM01 where the payer sent it."""

    def _start(self) -> None:
        super()._start()
        self.person = ("", "", "")

    def _ends(self, segment: Segment) -> bool:
        return segment.id == "HL" or (segment.id == "TRN" and self.level in PEOPLE)

    def _name(self, segment: Segment) -> None:
        if self.level in PEOPLE:
            self.person = (segment.at(3), segment.at(4), segment.at(9) or self.person[2])
        else:
            super()._name(segment)

    def _trace(self, segment: Segment) -> None:
        if self.level not in PEOPLE:
            super()._trace(segment)
            return
        self.claim_count += 1
        claim = self.claim = ClaimAnswer(segment.number, segment.byte)
        claim.trace, claim.provider_id = segment.at(2), self.provider
        claim.last, claim.first, claim.member_id = self.person

    def _reference(self, segment: Segment) -> None:
        super()._reference(segment)
        if self.claim is not None and self.line is None and segment.at(1) == "EJ":
            self.claim.control = segment.at(2)


def read(stream: BinaryIO, span: Span) -> Response:
    """The answer a Span of the envelope stands for. Never fails on any bytes."""
    return Response(stream, span)
