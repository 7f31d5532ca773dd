"""The line a payment slip is read by: account, statement, amount, and digits that prove it was read right.

    100042 S0001042 00000139808 3
    account  number  10 digits of cents and their check digit, then the check digit of everything before

Each check digit is the mod-10 one of ISO/IEC 7812 (Luhn) over digits, a letter counting as its two digits
(A = 10 ... Z = 35) as in an ISIN: it finds every wrong digit and nearly every swap of neighbours.
"""

import re
from dataclasses import dataclass

from app.kernel.errors import Refused
from app.kernel.money import Money

LINE = re.compile(r"([0-9A-Z]{1,12}) ([0-9A-Z]{1,16}) ([0-9]{10})([0-9]) ([0-9])", re.ASCII)
CENTS_MOST = 10**10 - 1


@dataclass(frozen=True, slots=True)
class Slip:
    """What a slip says: the account's number, the statement's number and what it asked for."""

    account: str
    number: str
    amount: Money


def check_digit(text: str) -> int:
    """The mod-10 check digit of digits and capital letters; spaces do not count."""
    digits = [int(one) for sign in text if sign != " " for one in str(int(sign, 36))]
    doubled = (one * 2 - 9 * (one > 4) if place % 2 == 0 else one for place, one in enumerate(digits[::-1]))
    return -sum(doubled) % 10


def scan_line(account: str, number: str, amount: int) -> str:
    """The line for a slip; amount: cents, not below zero. Only digits and letters count."""
    if not 0 <= amount <= CENTS_MOST:
        raise Refused("No slip asks for such an amount.", code="slip_amount")
    plain = [re.sub(r"[^0-9A-Z]", "", one.upper()) for one in (account, number)]
    asked = f"{int(amount):010d}"
    body = f"{plain[0]} {plain[1]} {asked}{check_digit(asked)}"
    return f"{body} {check_digit(body)}"


def verify(line: str) -> Slip:
    """Read a slip; `Refused` when it is not one of ours or a digit was read wrong."""
    found = LINE.fullmatch(" ".join(line.upper().split()))
    if found is None:
        raise Refused("This is not the line of a payment slip.", code="slip_unreadable", field="line")
    account, number, asked, own, whole = found.groups()
    body = f"{account} {number} {asked}{own}"
    if int(own) != check_digit(asked) or int(whole) != check_digit(body):
        raise Refused("A digit of the slip was read wrong.", code="slip_wrong", field="line")
    return Slip(account, number, Money(int(asked)))
