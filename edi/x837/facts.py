"""What a whole claim says, typed: the facts of `reader` from its segments, without a file around them."""

from edi.amounts import BadAmount, parse_cents
from edi.findings import Findings
from edi.x837.loops import Loops
from edi.x837.model import BilledClaim
from edi.x837.reader import FINDINGS, Claims
from edi.x837.whole import COMPONENT, Whole


class _Facts(Claims):
    """The reader's own walk over one claim that is no file: segments are numbered from 1 at its first row."""

    def __init__(self, whole: Whole) -> None:
        self.kind, self.findings = whole.kind, Findings(FINDINGS)
        self.claim_count = self.line_count = self.charge_total = 0
        self.loops = Loops(COMPONENT, whole.kind)

    def of(self, whole: Whole) -> BilledClaim:
        loops, handlers = self.loops, self.loops.handlers
        claim: BilledClaim | None = None
        for number, one in enumerate(whole.rows, 1):
            e = list(one.elements)
            if e[0] == "CLM" and claim is None:
                claim = loops.claim = self._claim(e, number, 0)
            elif e[0] in handlers:
                handlers[e[0]](e, number, 0)
            else:
                loops.keep(e, number, 0)
        if claim is None:
            raise ValueError("a claim has a CLM segment")
        return self._end_claim(claim, len(whole.rows) + 1, 0)


def facts(whole: Whole) -> BilledClaim:
    """The typed claim with its findings. `segment` counts the rows of the claim from 1; byte is 0."""
    return _Facts(whole).of(whole)


def cents_of(text: str) -> int:
    """An amount of the claim in cents; 0 when it is none, which the checks name."""
    try:
        return parse_cents(text)
    except BadAmount as bad:
        return bad.cents
