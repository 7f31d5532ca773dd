"""The fee for a returned item, and when checks are no longer taken (patient-collections section 10). Pure."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class FeeFacts:
    """What decides. wanted: a person asks for it. code: the bank's return code. before: items of the account
    that came back in the twelve months up to this one. visits: it had paid one. printed: the last statement
    said what a returned item costs. guard: why no fee may be charged at all; the rest are rows of law.
    """

    wanted: bool
    code: str
    before: int
    visits: bool
    printed: bool
    guard: str
    allowed: bool
    waive_first: bool
    barred: frozenset[str]
    cents: int


def fee(facts: FeeFacts) -> tuple[int, str]:
    """(cents, why not): a fee only where the law of the state allows it and the statement said so."""
    if not facts.wanted:
        return 0, "No fee was asked for."
    if facts.guard:
        return 0, facts.guard
    if facts.code in facts.barred:
        return 0, f"{facts.code}: a return nobody authorised never costs the patient a fee."
    if not facts.allowed:
        return 0, "The guarantor's state has no row that allows a fee."
    if not facts.printed:
        return 0, "No statement told them of the fee."
    if facts.waive_first and not facts.before:
        return 0, "The first one in twelve months is waived."
    if not facts.visits:
        return 0, "It had paid no visit that could carry the fee."
    return facts.cents, ""


def block_words(found: int, most: int, last: date | None) -> str:
    """Why a check is not taken; empty while fewer than `most` came back in twelve months."""
    if found < most or last is None:
        return ""
    return (
        f"{found} checks of this account came back in twelve months, the last on {last:%m/%d/%Y}."
        " Take cash, a card or a money order."
    )
