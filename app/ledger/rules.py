"""Who owes what after an event: pure, facts in, transfers out.

Nothing is ever written off silently: an adjustment whose effect is not listed here moves nothing and stays in
the payer's receivable, with its denial case or its item.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from app.ledger.accounts import Account
from app.ledger.entry import Basis, Event, Source, Transfer

AR_PAYER, AR_PATIENT, CASH = int(Account.AR_PAYER), int(Account.AR_PATIENT), int(Account.CASH_CLEARING)
# A remit has millions of transfers: they are made by the constructor of all tuples, from plain values.
_new = tuple.__new__
_PAYMENT, _CLAIM_LEVEL = Event.PAYER_PAYMENT.value, Event.CLAIM_LEVEL.value
_TO_PATIENT, _TO_NEXT_PAYER = Event.TO_PATIENT.value, Event.TO_NEXT_PAYER.value
_CHARGE, _CHARGE_REMOVED, _CHARGES = Event.CHARGE.value, Event.CHARGE_REMOVED.value, int(Account.CHARGES)
_EXACT = int(Basis.EXACT)


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
    Effect.CONTRACTUAL: (Event.CONTRACTUAL.value, int(Account.CONTRACTUAL)),
    Effect.SEQUESTRATION: (Event.SEQUESTRATION.value, int(Account.SEQUESTRATION)),
    Effect.WITHHOLD: (Event.WITHHOLD.value, int(Account.WITHHOLD)),
    Effect.TAX_WITHHOLDING: (Event.TAX_WITHHOLDING.value, int(Account.TAX_WITHHOLDING)),
}
_CONTRACTUAL = _DEBITED[Effect.CONTRACTUAL]


class Amount(NamedTuple):
    """An amount a file states, in cents, with the element it stands in."""

    cents: int
    source: Source


class Adjusted(NamedTuple):
    """An adjustment with its effect already looked up.

    basis: how it relates to the amount at its source; a part when only some of it may post (R835-40).
    """

    effect: Effect
    cents: int
    source: Source
    basis: int = _EXACT


class LineMoney(NamedTuple):
    """What a payer did with one line."""

    line_id: int | None
    paid: Amount
    adjustments: Sequence[Adjusted]


class ClaimMoney(NamedTuple):
    """What a payer of this rank did with one claim. `next_rank` is None when the patient is next.

    cash: False when the payer only says what it paid (an EOB, RFHIR-12): then no payment is posted.
    """

    claim_id: int
    remit_claim_id: int
    payer_id: int | None
    rank: int
    next_rank: int | None
    paid: Amount
    lines: Sequence[LineMoney]
    adjustments: Sequence[Adjusted]
    by_line: bool
    cash: bool = True


def adjudication(claim: ClaimMoney) -> list[Transfer]:
    """The transfers of one adjudicated claim, payment against cash clearing.

    When the lines explain the payment, it is posted line by line, and each claim-level
    adjustment takes its amount back out of the cash: CLP04 = sum of SVC03 - claim-level CAS.
    Otherwise CLP04 is posted at claim level. Without cash only the adjustments move.
    """
    made: list[Transfer] = []
    claim_id, remit_claim_id, payer_id = claim.claim_id, claim.remit_claim_id, claim.payer_id
    tail = (claim_id, None, remit_claim_id, payer_id)
    if claim.by_line and claim.cash:
        for line_id, (cents, source), _ in claim.lines:
            if cents:
                side = (_PAYMENT, CASH, 0, AR_PAYER, claim.rank, cents)
                made.append(_new(Transfer, (*side, claim_id, line_id, *tail[2:], source, _EXACT, None)))
        for one in claim.adjustments:
            if one.cents:
                side = (_CLAIM_LEVEL, CASH, 0, AR_PAYER, claim.rank, -one.cents)
                made.append(_new(Transfer, (*side, *tail, one.source, _EXACT, None)))
    elif claim.paid.cents and claim.cash:
        side = (_PAYMENT, CASH, 0, AR_PAYER, claim.rank, claim.paid.cents)
        made.append(_new(Transfer, (*side, *tail, claim.paid.source, _EXACT, None)))
    for line_id, _, adjustments in claim.lines:
        if adjustments:
            _adjust(made, claim, line_id, adjustments)
    if claim.adjustments:
        _adjust(made, claim, None, claim.adjustments)
    return made


def _adjust(made: list[Transfer], claim: ClaimMoney, line_id: int | None, found: Iterable[Adjusted]) -> None:
    """What each adjustment takes out of the payer's receivable; those without an effect move nothing."""
    rank, following = claim.rank, claim.next_rank
    keys = (claim.claim_id, line_id, claim.remit_claim_id, claim.payer_id)
    for effect, cents, source, basis in found:
        if effect is Effect.NONE or not cents:
            continue
        debit_rank = 0
        if effect is Effect.CONTRACTUAL:
            event, account = _CONTRACTUAL
        elif effect is not Effect.NEXT_PARTY:
            event, account = _DEBITED[effect]
        elif following is None:
            event, account = _TO_PATIENT, AR_PATIENT
        else:
            event, account, debit_rank = _TO_NEXT_PAYER, AR_PAYER, following
        side = (event, account, debit_rank, AR_PAYER, rank, cents)
        made.append(_new(Transfer, (*side, *keys, source, basis, None)))


def charge(
    claim_id: int,
    line_id: int | None,
    payer_id: int | None,
    amount: Amount,
    *,
    insured: bool,
    removed: bool = False,
) -> Transfer:
    """A charge becomes receivable of the first payer, or of the patient when nobody insures them."""
    account, rank = (AR_PAYER, 1) if insured else (AR_PATIENT, 0)
    event, cents = (_CHARGE_REMOVED, -amount.cents) if removed else (_CHARGE, amount.cents)
    side = (event, account, rank, _CHARGES, 0, cents)
    return _new(Transfer, (*side, claim_id, line_id, None, payer_id, amount.source, _EXACT, None))


def unapplied(remit_claim_id: int, payer_id: int | None, paid: Amount) -> list[Transfer]:
    """A parked claim's cash waits in 2000; a negative one in 2040: the payment still equals BPR02."""
    if not paid.cents:
        return []
    account = Account.UNAPPLIED_PAYER if paid.cents > 0 else Account.RECOUPMENT
    keys = (None, None, remit_claim_id, payer_id)
    return [
        Transfer(Event.UNAPPLIED, Account.CASH_CLEARING, 0, account, 0, paid.cents, *keys, source=paid.source)
    ]


def difference(payer_id: int | None, off: Amount) -> Transfer:
    """What a payment is beyond its claims and PLB waits in 2000; what it falls short of them in 2040."""
    account = Account.UNAPPLIED_PAYER if off.cents > 0 else Account.RECOUPMENT
    keys = (None, None, None, payer_id)
    places = (Account.CASH_CLEARING, 0, account, 0)
    return Transfer(Event.UNAPPLIED, *places, off.cents, *keys, source=off.source, basis=int(Basis.NONE))


def provider_adjustment(account: int, payer_id: int | None, amount: Amount) -> Transfer:
    """PLB: positive lowers the payment (debit its account, credit clearing), negative raises it."""
    keys = (None, None, None, payer_id)
    return Transfer(
        Event.PROVIDER_ADJUSTMENT,
        account,
        0,
        Account.CASH_CLEARING,
        0,
        amount.cents,
        *keys,
        source=amount.source,
    )


def next_rank(rank: int, ranks: Iterable[int]) -> int | None:
    """The rank of the next payer on the claim, or None: then the patient is next (RPAT-01)."""
    later = [one for one in ranks if one > rank]
    return min(later) if later else None
