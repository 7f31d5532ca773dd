"""RCON-20: CO-45 is believed up to what our contract expects of it. Pure, cents.

What it takes beyond stays in the payer's receivable as `disputed_contractual`, until the payer corrects it or
somebody here accepts it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.contracts.rules_claim import Priced
from app.contracts.rules_price import Price
from app.kernel.money import Money
from app.ledger.entry import Basis
from app.ledger.rules import Adjusted, Effect, LineMoney
from app.remits.rules import PostedAdjustment, PostedLine

FEE_SCHEDULE, CAPITATED = "45", "24"
Refuses = Callable[[str, str], bool]
"""Does a reason (group, CARC) open a denial?"""


class Said(NamedTuple):
    """The money of one CLP as the ledger takes it, and beside it what the payer called each adjustment."""

    charge: int
    lines: Sequence[LineMoney]
    own: Sequence[Adjusted]
    posted_lines: Sequence[PostedLine]
    posted_own: Sequence[PostedAdjustment]

    @property
    def reasons(self) -> list[PostedAdjustment]:
        """Every adjustment of the claim."""
        return [*self.posted_own, *(one for line in self.posted_lines for one in line.adjustments)]

    def of_line(self, line_id: int) -> list[PostedAdjustment]:
        """The adjustments of a billed line, over all the lines it was answered by (RCON-14)."""
        return [
            one for line in self.posted_lines if line.claim_line_id == line_id for one in line.adjustments
        ]


def up_to_expected(
    said: Said, priced: Priced, refuses: Refuses
) -> tuple[Sequence[LineMoney], Sequence[Adjusted]]:
    """Lines and claim-level adjustments with CO-45 cut to the expected contractual, line by line.

    A stay priced as a whole, and an answer with CO-45 of the claim (RCON-13), is cut as a whole. Nothing is
    cut where no price is known, under capitation, within the tolerances of the contract, where the switch
    is off, or on a line refused in part: its money is the denial's matter.
    """
    same = (said.lines, said.own)
    if any(one.carc == CAPITATED for one in said.reasons):
        return same
    if priced.whole is not None or _fortyfive(said.posted_own):
        price = priced.whole or _summed(priced)
        rooms: dict[int | None, int | None] = {None: _room(price, said.charge, said.reasons, refuses)}
        keys: list[int | None] = [None] * len(said.lines)
    else:
        rooms = {
            line_id: _room(price, priced.facts[line_id].charge, said.of_line(line_id), refuses)
            for line_id, price in priced.lines.items()
        }
        keys = [line.claim_line_id for line in said.posted_lines]
    cut = _Cut({key: room for key, room in rooms.items() if room is not None})
    lines = [
        LineMoney(money.line_id, money.paid, cut.of(key, money.adjustments, posted.adjustments))
        for key, money, posted in zip(keys, said.lines, said.posted_lines, strict=True)
    ]
    own = cut.of(None, said.own, said.posted_own)
    terms = priced.whole.terms if priced.whole else next((one.terms for one in priced.lines.values()), None)
    return same if terms is None or cut.excess <= terms.claim_tolerance else (lines, own)


class _Cut:
    """What CO-45 may still take of each line; what it wanted beyond is summed up."""

    def __init__(self, rooms: dict[int | None, int]) -> None:
        self.rooms, self.excess = rooms, 0

    def of(
        self, key: int | None, adjusted: Sequence[Adjusted], posted: Sequence[PostedAdjustment]
    ) -> Sequence[Adjusted]:
        """The adjustments of a line, cut; one that takes nothing any more posts nothing."""
        if key not in self.rooms:
            return adjusted
        kept = []
        for one, told in zip(adjusted, posted, strict=True):
            if one.effect is not Effect.CONTRACTUAL or told.carc != FEE_SCHEDULE:
                kept.append(one)
                continue
            cents = min(one.cents, max(0, self.rooms[key])) if one.cents > 0 else one.cents
            self.rooms[key] -= cents
            self.excess += one.cents - cents
            kept.append(one if cents == one.cents else one._replace(cents=cents, basis=int(Basis.PART)))
        return kept


def _room(
    price: Price | None, charge: int, reasons: Sequence[PostedAdjustment], refuses: Refuses
) -> int | None:
    """How much CO-45 a line may take: its charge less its price; None when whatever is said is taken."""
    if price is None or price.expected is None or not price.terms.post_contractual_up_to_expected:
        return None
    if any(refuses(one.group, one.carc) for one in reasons):
        return None
    room = max(0, charge - int(price.expected))
    share = price.expected.times(price.terms.line_tolerance_share)
    beyond = _fortyfive(reasons) - room
    return room if beyond > max(int(price.terms.line_tolerance), int(share)) else None


def _fortyfive(reasons: Sequence[PostedAdjustment]) -> int:
    return sum(one.cents for one in reasons if one.carc == FEE_SCHEDULE and one.group != "PR")


def _summed(priced: Priced) -> Price | None:
    """The lines of a claim as one price; none when one of them has none."""
    prices = list(priced.lines.values())
    if not prices or any(one.expected is None for one in prices):
        return None
    total = Money.of_sum(sum(int(one.expected or 0) for one in prices))
    return Price(0, prices[0].status, total, (), prices[0].terms, "", prices[0].fee)
