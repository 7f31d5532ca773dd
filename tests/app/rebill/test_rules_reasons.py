"""Why a hospital's bill is changed, in one condition code."""

import pytest

from app.rebill.lifecycle import Kind
from app.rebill.rules_reasons import reason


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"dates"}, "D0"),
        ({"charges"}, "D1"),
        ({"codes"}, "D2"),
        ({"diagnoses"}, "D4"),
        ({"status"}, "E0"),
        ({"other"}, "D9"),
        ({"dates", "charges"}, "D9"),
        (set(), "D9"),
    ],
)
def test_one_change_has_its_own_code_and_several_share_one(changed: set[str], code: str) -> None:
    assert reason(Kind.REPLACEMENT, changed, True)[0] == code


def test_a_void_says_whether_money_comes_back() -> None:
    assert reason(Kind.VOID, set(), True)[0] == "D6"
    assert reason(Kind.VOID, set(), False)[0] == "D5"
