"""US dollars as whole cents. Every rounding in the product happens here, and no float comes near."""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, Self

from app.kernel.errors import Refused

LIMIT = 999_999_999_999
"""Cents: amounts beyond ±9,999,999,999.99 are refused (L3)."""

_WRITTEN = re.compile(r"-?(?:\d{1,10}(?:\.\d{0,2})?|\.\d{1,2})", re.ASCII)


class Money(int):
    """An amount of US dollars in whole cents; `Money(8000)` is $80.00 and prints as `80.00`."""

    __slots__ = ()

    def __new__(cls, cents: int = 0) -> Self:
        if not -LIMIT <= cents <= LIMIT:
            raise Refused("The amount is beyond 9,999,999,999.99.", code="amount_out_of_range")
        return super().__new__(cls, cents)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `80`, `80.5` or `-80.00`; anything else, or a third decimal, is refused."""
        if not _WRITTEN.fullmatch(text):
            raise Refused(f"{text[:20]!r} is not an amount like 80.00.", code="amount_unreadable")
        whole, _, fraction = text.lstrip("-").partition(".")
        cents = int(whole or "0") * 100 + int((fraction + "00")[:2])
        return cls(-cents if text.startswith("-") else cents)

    def __str__(self) -> str:
        return ("-" if self < 0 else "") + f"{abs(int(self)) // 100}.{abs(int(self)) % 100:02d}"

    def __repr__(self) -> str:
        return f"Money({int(self)})"

    def __format__(self, spec: str) -> str:
        """`f"{m}"` is 1234.50 and `f"{m:,}"` is 1,234.50."""
        if spec == ",":
            return ("-" if self < 0 else "") + f"{abs(int(self)) // 100:,}.{abs(int(self)) % 100:02d}"
        return format(str(self), spec)

    @classmethod
    def of_sum(cls, cents: int) -> Self:
        """A sum of many amounts: only a single amount has a limit, a balance sheet has none."""
        return super().__new__(cls, cents)

    def __add__(self, other: int) -> "Money":
        return Money.of_sum(int(self) + int(other))

    __radd__ = __add__

    def __sub__(self, other: int) -> "Money":
        return Money.of_sum(int(self) - int(other))

    def __rsub__(self, other: int) -> "Money":
        return Money.of_sum(int(other) - int(self))

    def __neg__(self) -> "Money":
        return Money.of_sum(-int(self))

    def __abs__(self) -> "Money":
        return Money.of_sum(abs(int(self)))

    def __mul__(self, other: object) -> "Money":
        raise TypeError("use times(): it says how the result is rounded")

    __rmul__ = __mul__
    __truediv__ = __mul__
    __floordiv__ = __mul__

    def times(self, factor: Decimal) -> "Money":
        """This amount times a factor, half a cent away from zero as published schedules do (RCON-01)."""
        if not isinstance(factor, Decimal):
            raise TypeError("a factor is a Decimal")
        return Money(int((Decimal(int(self)) * factor).quantize(Decimal(1), ROUND_HALF_UP)))

    def split(
        self, weights: Sequence[int], *, remainder: Literal["first", "last"] = "first"
    ) -> "list[Money]":
        """Divide by whole weights so that the parts add up again; odd cents go to the first (or last) parts.

        10.00 by [1, 1, 1] is 3.34, 3.33, 3.33.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise Refused("Weights must be zero or more, and not all zero.", code="weights")
        size = abs(int(self))
        parts = [size * weight // total for weight in weights]
        left = size - sum(parts)
        receivers = [i for i, weight in enumerate(weights) if weight]
        if remainder == "last":
            receivers.reverse()
        for position in range(left):
            parts[receivers[position % len(receivers)]] += 1
        return [Money(-part if self < 0 else part) for part in parts]


ZERO = Money(0)


def total(amounts: Iterable[int]) -> Money:
    """The sum, as money."""
    return Money.of_sum(sum(int(amount) for amount in amounts))
