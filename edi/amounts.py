"""Cents and dates from the text of an element: accepted by a pattern first, converted second."""

import re
from datetime import date

AMOUNT = re.compile(r"(-?)(?:([0-9]{1,10})(?:\.([0-9]*))?|\.([0-9]+))")
REMEMBERED = 50_000  # texts kept per reader: a remit repeats its amounts, a hostile file must not fill memory
LONGEST_REMEMBERED = 24


class BadAmount(ValueError):
    """Text that is not an exact amount of cents; decimals tells a well-formed number with a part of a
    cent.
    """

    def __init__(self, text: str, *, decimals: bool, cents: int = 0) -> None:
        super().__init__(text)
        self.text = text
        self.decimals = decimals
        self.cents = cents


def parse_cents(text: str) -> int:
    """Whole cents, exact, sign as written.

    Raises BadAmount for anything but X12 type R with at most two decimals.

    Zeros after the second decimal are allowed (5.000 is 5.00); any other digit there is refused, not rounded.
    """
    match = AMOUNT.fullmatch(text)
    if match is None:
        raise BadAmount(text, decimals=False)
    sign, whole, fraction, bare = match.groups()
    decimals = fraction if bare is None else bare
    value = int((whole or "0") + ((decimals or "") + "00")[:2])
    if sign:
        value = -value
    if decimals and decimals[2:].strip("0"):
        raise BadAmount(text, decimals=True, cents=value)
    return value


class Cents(dict[str, int]):
    """Amounts by their text: a remembered one costs a lookup.

    Raises BadAmount on a text that is no amount.
    """

    def __missing__(self, text: str) -> int:
        whole, _, fraction = text.partition(".")
        # Most amounts are plain: this is the pattern without its cost. Everything else goes the strict way.
        if (
            len(fraction) == 2
            and len(whole) <= 10
            and text.isascii()
            and whole.isdigit()
            and fraction.isdigit()
        ):
            value = int(whole + fraction)
        else:
            value = parse_cents(text)
        if len(text) <= LONGEST_REMEMBERED:
            if len(self) >= REMEMBERED:
                self.clear()
            self[text] = value
        return value


def iso_date(text: str) -> str | None:
    """CCYYMMDD as YYYY-MM-DD; None when it is no day of the calendar."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat()
    except ValueError:
        return None


class Dates(dict[str, str | None]):
    """Days by their text, remembered; None for a text that is no day."""

    def __missing__(self, text: str) -> str | None:
        value = iso_date(text)
        if len(text) == 8:
            if len(self) >= REMEMBERED:
                self.clear()
            self[text] = value
        return value


def period(qualifier: str, text: str) -> tuple[str | None, str | None]:
    """First and last day of an X12 date element: D8 one day, RD8 a range, DT a day with a time."""
    if qualifier == "RD8":
        first, _, last = text.partition("-")
        return iso_date(first), iso_date(last or first)
    day = iso_date(text[:8])
    return day, day


def same_count(text: str, count: int) -> bool:
    """Whether a sender's count is ours; leading zeros are allowed."""
    return text.isascii() and text.isdigit() and len(text) <= 12 and int(text) == count
