"""RDEN-02: what a refused line is worth, where a contract prices it."""

from decimal import Decimal

import pytest

from app.denials.rules import at_stake
from app.kernel.money import Money


@pytest.mark.parametrize(
    ("paid", "share", "denied", "stake"),
    [("0", "0", "180.00", "92.43"), ("0", "18.49", "180.00", "73.94"), ("52.43", "0", "40.00", "40.00"),
     ("92.43", "0", "20.00", "0.00")],
    ids=["refused whole", "less the patient's share", "in part, never more than denied", "paid all the same"],
)  # fmt: skip
def test_the_contract_price_goes_before_the_usual_share(
    paid: str, share: str, denied: str, stake: str
) -> None:
    charge, refused, owed, came = (Money.parse(one) for one in ("180.00", denied, share, paid))
    assert str(at_stake(charge, refused, owed, came, Decimal("0.45"), price=Money.parse("92.43"))) == stake


def test_without_a_price_the_usual_share_holds() -> None:
    whole, none = Money.parse("180.00"), Money(0)
    assert str(at_stake(whole, whole, none, none, Decimal("0.45"))) == "81.00"
