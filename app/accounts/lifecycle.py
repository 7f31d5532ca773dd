"""Where a visit's patient balance stands, and what an account's overlays are."""

from enum import IntFlag, StrEnum


class OwedState(StrEnum):
    """WAITING: not the patient's yet, `reason` says whom. DUE: may be billed. CREDIT: we owe. CLEAR: zero.

    HELD: theirs, but this very visit is held (a dispute, an estimate dispute ...).
    """

    WAITING = "waiting"
    DUE = "due"
    HELD = "held"
    CREDIT = "credit"
    CLEAR = "clear"


class Waits(StrEnum):
    """For whom a patient balance waits (RPAT-02)."""

    NONE = ""
    PAYER_PENDING = "payer_pending"
    NEXT_PAYER = "next_payer"
    CROSSOVER = "crossover"
    DENIAL_OPEN = "denial_open"
    APPEAL_OPEN = "appeal_open"
    REBILL_OPEN = "rebill_open"
    PARKED_REMIT = "parked_remit"
    NEVER_BILL = "never_bill"


class Blocks(IntFlag):
    """What stands in the way of an account as a whole, one bit each, so that a run over a million accounts
    reads one number. The guards read the rows themselves; these only say where to look.
    """

    NONE = 0
    DISPUTE = 1
    ASSISTANCE = 2
    BANKRUPTCY = 4
    DECEASED = 8
    ATTORNEY = 16
    CEASE = 32
    RETURNED_MAIL = 64
    NO_GUARANTOR = 128
    OTHER_HOLD = 256
    PROMISE = 512
    PLAN = 1024
    PENDING_PAYMENT = 2048
    ESTIMATE_DISPUTE = 4096
