"""The prices a posting needs before it posts, for payers whose CO-45 is believed up to a point (RCON-20)."""

from collections.abc import Sequence

from app.contracts.queries import Asked, priced_for, switched_on
from app.contracts.rules_claim import Priced
from app.kernel.work import Work
from app.remits import rules
from app.remits.rules_expected import Said, up_to_expected
from app.remits.service_decide import Clp, Decision
from app.remits.service_rows import Meanings, Money

SWITCH = "post_contractual_up_to_expected"
Made = Sequence[tuple[Clp, Decision, Money]]


def expected(w: Work, entity_id: int, payer_id: int | None, made: Made) -> dict[int, Priced]:
    """The prices of the claims a batch answers first, by remit claim; empty while no terms ask for it.

    One statement where the switch is off everywhere, else a fixed number whatever the size of the batch.
    """
    numbers = switched_on(w, entity_id, SWITCH)
    if not numbers:
        return {}
    asked = {}
    for one, decided, money in made:
        if decided.match is not None and decided.rank == 1 and one.clp.status != rules.REVERSAL:
            lines = sorted({line.line_id for line in money.lines if line.line_id is not None})
            asked[one.key] = Asked(decided.match.claim_id, payer_id, 1, tuple(lines))
    prices = priced_for(w, entity_id, list(dict.fromkeys(asked.values())), numbers)
    return {key: prices[one] for key, one in asked.items() if one in prices}


def cut(one: Clp, money: Money, priced: Priced, meanings: Meanings) -> Money:
    """The money of a CLP with its CO-45 cut to what the contract expects."""
    said = Said(one.clp.charge, money.lines, money.adjustments, money.posted_lines, money.posted_adjustments)
    lines, own = up_to_expected(said, priced, lambda group, carc: meanings.of(group, carc)[1][2])
    return money if lines is money.lines else money.taking(lines, own)
