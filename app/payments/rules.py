"""What may be taken as a payment, and how, before anything is posted. Pure."""

from datetime import date, timedelta

from app.contacts.rules import without_cards
from app.kernel.errors import Refused
from app.payments.lifecycle import Mode, Reversal, Tender

KEY_CHARACTERS, REFERENCE_CHARACTERS, WORDS_CHARACTERS = 80, 60, 200
BACK_DAYS = 366
"""A receipt is entered within a year of the day the money came: anything older is a mistyped year."""
SHOWS = {
    "unapplied": "With money unapplied",
    "unidentified": "Nobody knows whose",
    "review": "A person has to look",
    "unsure": "Card without an answer",
    "reversed": "Came back",
    "posted": "Posted",
}
"""What the list of payments can be narrowed to."""
CARD_WORDS = (
    "This reads like a card number. Reclaim never keeps one: let the processor's page take the card,"
    " and use the token it gives."
)
WHYS: dict[Reversal, frozenset[Tender]] = {
    Reversal.NSF: frozenset({Tender.CHECK, Tender.ACH}),
    Reversal.STOPPED: frozenset({Tender.CHECK, Tender.MONEY_ORDER, Tender.ACH}),
    Reversal.UNAUTHORIZED: frozenset({Tender.ACH, Tender.CARD}),
    Reversal.CHARGEBACK: frozenset({Tender.CARD}),
    Reversal.ERROR: frozenset(Tender),
}
"""Which tender can come back for which reason; what was keyed by mistake is an error whatever it was."""


def no_card(text: str, field: str, most: int) -> str:
    """The text, trimmed; `Refused` when it holds what reads like a card number (RSEC-20), or is too long."""
    plain = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    if without_cards(plain) != plain:
        raise Refused(CARD_WORDS, code="card_number", field=field)
    if len(plain) > most:
        raise Refused(f"At most {most} characters fit here.", code="too_long", field=field)
    return plain


def check_amount(cents: int) -> None:
    """Refuse a payment of nothing."""
    if cents <= 0:
        raise Refused("A payment is above zero.", code="amount", field="amount")


def check_day(received_on: date, today: date) -> None:
    """Refuse a day to come, and one longer ago than a year."""
    if received_on > today:
        raise Refused("The day lies ahead: money is posted when it is here.", code="day_ahead",
                      field="received_on")  # fmt: skip
    if received_on < today - timedelta(BACK_DAYS):
        raise Refused("The day is more than a year ago.", code="day_passed", field="received_on")


def mode_of(mode: Mode | None, *, designated: bool, plan: bool, statement: bool) -> Mode:
    """What somebody designates always wins; else what was asked for; else plan, statement, oldest first."""
    if designated:
        return Mode.DESIGNATED
    if mode is Mode.DESIGNATED:
        raise Refused("Say which visits the patient names.", code="designated", field="designated")
    if mode is not None:
        return mode
    if plan:
        return Mode.PLAN
    return Mode.STATEMENT if statement else Mode.OLDEST_FIRST


def check_why(why: Reversal, tender: Tender) -> None:
    """Refuse a reason this tender cannot come back for."""
    if tender not in WHYS[why]:
        words = f"{tender.value.replace('_', ' ').capitalize()} does not come back as “{why.value}”."
        raise Refused(words, code="why", field="why")
