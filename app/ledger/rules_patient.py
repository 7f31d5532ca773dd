"""What a patient's payment moves, and what taking it back moves (refunds-cash section 7). Pure.

Every source is an element of a paper of our own: the receipt, the notice of a returned item, the decision on
a small balance. A payment spread over visits names the receipt's amount as its parts.
"""

from collections.abc import Iterable, Sequence

from app.ledger.accounts import Account
from app.ledger.entry import Basis, Event, Source, Transfer

OPEN_SIDE, WAITING_SIDE = int(Account.AR_PATIENT), int(Account.UNAPPLIED_PATIENT)
CLEARING = int(Account.CASH_CLEARING)
CARD = int(Account.CARD_CLEARING)
_PART, _EXACT = int(Basis.PART), int(Basis.EXACT)

PAID_EVENTS = frozenset(
    {Event.PATIENT_PAYMENT, Event.PATIENT_APPLIED, Event.PATIENT_TAKEN_OFF, Event.PATIENT_RETURNED}
)
"""Events of 1110 that are patient payments and what became of them: RPAT-11 counts their net as paid."""


def _transfer(
    event: Event,
    sides: tuple[int, int],
    cents: int,
    claim_id: int | None,
    source: Source,
    *,
    part: bool = True,
) -> Transfer:
    return Transfer(
        event=event.value,
        debit=sides[0],
        debit_rank=0,
        credit=sides[1],
        credit_rank=0,
        cents=cents,
        claim_id=claim_id,
        line_id=None,
        remit_claim_id=None,
        payer_id=None,
        source=source,
        basis=_PART if part else _EXACT,
    )


def payment(parts: Sequence[tuple[int, int]], rest: int, source: Source, *, card: bool) -> list[Transfer]:
    """A payment as it came: (visit, cents) each against 1110, the rest waits in 2010.

    card: through 1020, where the processor settles; cash, checks and ACH through 1010.
    """
    clearing = CARD if card else CLEARING
    made = [
        _transfer(Event.PATIENT_PAYMENT, (clearing, OPEN_SIDE), cents, claim_id, source)
        for claim_id, cents in parts
    ]
    if rest:
        made.append(_transfer(Event.PATIENT_UNAPPLIED, (clearing, WAITING_SIDE), rest, None, source))
    return made


def apply_unapplied(parts: Sequence[tuple[int, int]], source: Source) -> list[Transfer]:
    """Money that waited in 2010 pays visits."""
    return [
        _transfer(Event.PATIENT_APPLIED, (WAITING_SIDE, OPEN_SIDE), cents, claim_id, source)
        for claim_id, cents in parts
    ]


def take_off(claim_id: int, cents: int, source: Source) -> Transfer:
    """What was applied to a visit waits in 2010 again; the money itself stays in the house."""
    return _transfer(Event.PATIENT_TAKEN_OFF, (OPEN_SIDE, WAITING_SIDE), cents, claim_id, source)


def returned(standing: Iterable[tuple[int, Transfer]]) -> list[Transfer]:
    """A payment taken back: each (entry id, transfer) that stands, with its sides swapped (RCASH-07).

    Nothing else moves: what it paid is open again to the cent, and its unapplied part goes as well.
    """
    return [
        one._replace(
            event=Event.PATIENT_RETURNED.value,
            debit=one.credit,
            credit=one.debit,
            debit_rank=one.credit_rank,
            credit_rank=one.debit_rank,
            reverses=entry_id,
        )
        for entry_id, one in standing
    ]


def item_fee(claim_id: int, cents: int, source: Source) -> Transfer:
    """The fee for a returned item, owed with the visit the item had paid."""
    return _transfer(Event.ITEM_FEE, (OPEN_SIDE, int(Account.FEES)), cents, claim_id, source, part=False)


def small_balance(claim_id: int, cents: int, source: Source) -> Transfer:
    """What is too little to chase leaves the patient's receivable, after a second person's approval."""
    sides = (int(Account.SMALL_BALANCE), OPEN_SIDE)
    return _transfer(Event.SMALL_BALANCE, sides, cents, claim_id, source, part=False)


def taken_back(event: Event, entry_id: int, one: Transfer) -> Transfer:
    """A fee or a small balance brought back: exactly the entry it names, sides swapped."""
    return one._replace(event=event.value, debit=one.credit, credit=one.debit, reverses=entry_id)
