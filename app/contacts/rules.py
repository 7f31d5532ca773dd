"""What may stand in a note, how a call ends, how a promise is judged. Pure."""

import re
from datetime import date, timedelta
from enum import StrEnum

from app.kernel.errors import Refused

SUBJECTS = ("denial", "underpayment", "claim", "rejection", "silent_claim", "rebill", "account")
"""What people write and call about."""

TEXT_CHARACTERS = 4_000
NAME_CHARACTERS, REFERENCE_CHARACTERS = 80, 60
PROMISE_DAYS_MOST = 366
GRACE_DAYS = 5
"""Days after the promised one before a promise counts as broken: a remit travels as long."""


class ContactKind(StrEnum):
    """A note of ours, a call with a payer, or an entry that takes another back."""

    NOTE = "note"
    CALL = "call"
    STRIKE = "strike"


class PromiseState(StrEnum):
    """What became of a promise; withdrawn: the call it was made in was struck."""

    OPEN = "open"
    KEPT = "kept"
    PARTIAL = "partial"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


OUTCOMES = {
    "payment_promised": "Payment promised",
    "reprocessing": "Reprocessing the claim",
    "needs_records": "Needs records or information",
    "correct_claim": "Wants a corrected claim",
    "appeal_needed": "Wants an appeal",
    "upheld": "Stands by its denial",
    "no_answer": "Nobody reached, or cut off",
    "other": "Something else",
}
"""How a call may end, in the order of the form."""

_DIGITS = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
REDACTED = "[card number removed]"


def without_cards(text: str) -> str:
    """The text with everything that reads like a card number taken out: 13 to 19 digits that pass Luhn
    (RSEC-20). Blanks and dashes between digits do not hide one.
    """
    return _DIGITS.sub(lambda found: REDACTED if _luhn(found.group()) else found.group(), text)


def _luhn(text: str) -> bool:
    digits = [int(one) for one in text if one.isdigit()]
    doubled = [sum(divmod(2 * one, 10)) for one in digits[-2::-2]]
    return any(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def cleaned(text: str, most: int, field: str) -> str:
    """What was typed, trimmed, without card numbers; `Refused` when it is longer than a field takes."""
    plain = without_cards("".join(one for one in text if one in "\n\t" or one.isprintable())).strip()
    if len(plain) > most:
        raise Refused(f"At most {most} characters fit here.", code="too_long", field=field)
    return plain


def check_promise(promised_on: date | None, amount: int | None, today: date) -> None:
    """Refuse a promise no payer makes: for a day gone by or beyond a year, of nothing, or without a day."""
    if promised_on is None:
        if amount is not None:
            raise Refused("Say by which day.", code="promise_day", field="promised_on")
        return
    if not today <= promised_on <= today + timedelta(PROMISE_DAYS_MOST):
        raise Refused("A promise is for a day from today, within a year.", code="promise_day",
                      field="promised_on")  # fmt: skip
    if amount is not None and amount <= 0:
        raise Refused("A promised amount is above zero.", code="promise_amount", field="promised_amount")


def judge(promised: int | None, received: int, promised_on: date, on: date) -> PromiseState:
    """How a promise stands on a day. Without an amount, any payment keeps it; with one, all of it by the day
    plus grace.
    """
    if received > 0 and (promised is None or received >= promised):
        return PromiseState.KEPT
    if on <= promised_on + timedelta(GRACE_DAYS):
        return PromiseState.OPEN
    return PromiseState.PARTIAL if received > 0 else PromiseState.BROKEN
