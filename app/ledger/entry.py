"""What goes into the ledger, as values: transfers with the byte they come from."""

from enum import IntEnum, StrEnum
from typing import NamedTuple


class Event(StrEnum):
    """What happened; each has one rule in `rules.py` that says which accounts move."""

    CHARGE = "charge"
    CHARGE_REMOVED = "charge_removed"
    PAYER_PAYMENT = "payer_payment"
    CLAIM_LEVEL = "claim_level"
    CONTRACTUAL = "contractual"
    SEQUESTRATION = "sequestration"
    WITHHOLD = "withhold"
    TAX_WITHHOLDING = "tax_withholding"
    TO_PATIENT = "to_patient"
    TO_NEXT_PAYER = "to_next_payer"
    PROVIDER_ADJUSTMENT = "provider_adjustment"
    UNAPPLIED = "unapplied"
    UNAPPLIED_RELEASED = "unapplied_released"
    NOT_OURS = "not_ours"
    DENIAL_WRITEOFF = "denial_writeoff"
    PATIENT_PAYMENT = "patient_payment"
    PATIENT_UNAPPLIED = "patient_unapplied"
    PATIENT_APPLIED = "patient_applied"
    PATIENT_TAKEN_OFF = "patient_taken_off"
    PATIENT_RETURNED = "patient_returned"
    ITEM_FEE = "item_fee"
    ITEM_FEE_BACK = "item_fee_back"
    SMALL_BALANCE = "small_balance"
    SMALL_BALANCE_BACK = "small_balance_back"
    REVERSAL = "reversal"
    UNDO = "undo"


class Basis(IntEnum):
    """How an entry's amount relates to the element it names."""

    EXACT = 0
    PART = 1
    NONE = 2


class Source(NamedTuple):
    """The element an amount was read from: packed address, byte offset of its segment, element index."""

    address: int
    byte: int
    element: int


class Transfer(NamedTuple):
    """One entry before it is posted. Amount in cents, any sign but zero; a negative one swaps sides (RGL-03).

    Ranks tell whose receivable 1100 is: 1 primary, 2 secondary, 3 tertiary payer; 0 where it does not matter.
    """

    event: str
    debit: int
    debit_rank: int
    credit: int
    credit_rank: int
    cents: int
    claim_id: int | None
    line_id: int | None
    remit_claim_id: int | None
    payer_id: int | None
    source: Source
    basis: int = 0
    reverses: int | None = None
