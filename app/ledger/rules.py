"""Who owes what after an event: pure, facts in, transfers out (refunds-cash section 7, README of the domain section 2).

Nothing is ever written off silently: an adjustment whose effect is not listed here moves nothing and stays in the
payer's receivable, with its denial case or its item.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.ledger.accounts import Account as A
from app.ledger.entry import Basis, Event, Source, Transfer


class Effect(StrEnum):
    """What an adjustment does to the ledger (column `ledger_effect` of the CARC list)."""

    CONTRACTUAL = "contractual"
    SEQUESTRATION = "sequestration"
    WITHHOLD = "withhold"
    TAX_WITHHOLDING = "tax_withholding"
    NEXT_PARTY = "next_party"
    NONE = "none"


_LISTED: dict[tuple[str, str], Effect] = {
    ("4100 if CO or OA", "CO"): Effect.CONTRACTUAL,
    ("4100 if CO or OA", "OA"): Effect.CONTRACTUAL,
    ("next_party if PR", "PR"): Effect.NEXT_PARTY,
}
_ANY_GROUP: dict[str, Effect] = {
    "4150": Effect.SEQUESTRATION,
    "1200": Effect.WITHHOLD,
    "1220": Effect.TAX_WITHHOLDING,
}


def effect_of(ledger_effect: str, group: str) -> Effect:
    """The effect of a CARC's `ledger_effect` in an adjustment group; unknown pairs move nothing (R835-24)."""
    return _ANY_GROUP.get(ledger_effect) or _LISTED.get((ledger_effect, group), Effect.NONE)


_DEBITED: dict[Effect, tuple[str, int]] = {
    Effect.CONTRACTUAL: (Event.CONTRACTUAL, A.CONTRACTUAL),
    Effect.SEQUESTRATION: (Event.SEQUESTRATION, A.SEQUESTRATION),
    Effect.WITHHOLD: (Event.WITHHOLD, A.WITHHOLD),
    Effect.TAX_WITHHOLDING: (Event.TAX_WITHHOLDING, A.TAX_WITHHOLDING),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount a file states, in cents, with the element it stands in."""

    cents: int
    source: Source


@dataclass(frozen=True, slots=True)
class Adjusted:
    """An adjustment with its effect already looked up; `part` when only some of it may post (R835-40)."""

    effect: Effect
    cents: int
    source: Source
    part: bool = False


@dataclass(frozen=True, slots=True)
class LineMoney:
    """What a payer did with one line."""

    line_id: int | None
    paid: Amount
    adjustments: tuple[Adjusted, ...]


@dataclass(frozen=True, slots=True)
class ClaimMoney:
    """What a payer of this rank did with one claim. `next_rank` is None when the patient is next."""

    claim_id: int
    remit_claim_id: int
    payer_id: int | None
    rank: int
    next_rank: int | None
    paid: Amount
    lines: tuple[LineMoney, ...]
    adjustments: tuple[Adjusted, ...]
    by_line: bool


def adjudication(claim: ClaimMoney) -> list[Transfer]:
    """The transfers of one adjudicated claim, payment against cash clearing.

    When the lines explain the payment, it is posted line by line, and each claim-level adjustment takes its amount
    back out of the cash: CLP04 = sum of SVC03 - claim-level CAS. Otherwise CLP04 is posted at claim level.
    """
    made: list[Transfer] = []
    if claim.by_line:
        for line in claim.lines:
            _add(made, claim, line.line_id, Event.PAYER_PAYMENT, (A.CASH_CLEARING, 0), line.paid)
        for one in claim.adjustments:
            whole = Amount(-one.cents, one.source)
            _add(made, claim, None, Event.CLAIM_LEVEL, (A.CASH_CLEARING, 0), whole)
    else:
        _add(made, claim, None, Event.PAYER_PAYMENT, (A.CASH_CLEARING, 0), claim.paid)
    for line in claim.lines:
        for one in line.adjustments:
            _adjust(made, claim, line.line_id, one)
    for one in claim.adjustments:
        _adjust(made, claim, None, one)
    return made


def _adjust(made: list[Transfer], claim: ClaimMoney, line_id: int | None, one: Adjusted) -> None:
    if one.effect is Effect.NONE:
        return
    if one.effect is Effect.NEXT_PARTY:
        if claim.next_rank is None:
            event, side = Event.TO_PATIENT, (int(A.AR_PATIENT), 0)
        else:
            event, side = Event.TO_NEXT_PAYER, (int(A.AR_PAYER), claim.next_rank)
    else:
        event, account = _DEBITED[one.effect]
        side = (account, 0)
    _add(made, claim, line_id, event, side, Amount(one.cents, one.source), Basis.PART if one.part else Basis.EXACT)


def _add(
    made: list[Transfer],
    claim: ClaimMoney,
    line_id: int | None,
    event: str,
    debit: tuple[int, int],
    amount: Amount,
    basis: int = Basis.EXACT,
) -> None:
    if amount.cents:
        keys = (claim.claim_id, line_id, claim.remit_claim_id, claim.payer_id)
        made.append(
            Transfer(event, *debit, A.AR_PAYER, claim.rank, amount.cents, *keys, source=amount.source, basis=basis)
        )


def charge(
    claim_id: int, line_id: int | None, payer_id: int | None, amount: Amount, *, insured: bool, removed: bool = False
) -> Transfer:
    """A charge becomes receivable of the first payer, or of the patient when nobody insures them."""
    account, rank = (A.AR_PAYER, 1) if insured else (A.AR_PATIENT, 0)
    event = Event.CHARGE_REMOVED if removed else Event.CHARGE
    cents = -amount.cents if removed else amount.cents
    keys = (claim_id, line_id, None, payer_id)
    return Transfer(event, account, rank, A.CHARGES, 0, cents, *keys, source=amount.source)


def unapplied(remit_claim_id: int, payer_id: int | None, paid: Amount) -> list[Transfer]:
    """A parked claim's cash waits in 2000; a negative one in 2040: the payment still equals BPR02."""
    if not paid.cents:
        return []
    account = A.UNAPPLIED_PAYER if paid.cents > 0 else A.RECOUPMENT
    keys = (None, None, remit_claim_id, payer_id)
    return [Transfer(Event.UNAPPLIED, A.CASH_CLEARING, 0, account, 0, paid.cents, *keys, source=paid.source)]


def provider_adjustment(account: int, payer_id: int | None, amount: Amount) -> Transfer:
    """PLB: positive lowers the payment (debit its account, credit clearing), negative raises it."""
    keys = (None, None, None, payer_id)
    return Transfer(
        Event.PROVIDER_ADJUSTMENT, account, 0, A.CASH_CLEARING, 0, amount.cents, *keys, source=amount.source
    )


def next_rank(rank: int, ranks: Iterable[int]) -> int | None:
    """The rank of the next payer on the claim, or None: then the patient is next (RPAT-01)."""
    later = [one for one in ranks if one > rank]
    return min(later) if later else None
