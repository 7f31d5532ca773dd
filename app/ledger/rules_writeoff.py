"""Who owes what once somebody gave up denied money. Pure."""

from app.ledger.accounts import Account
from app.ledger.entry import Basis, Event, Source, Transfer


def write_off(
    keys: tuple[int, int | None, int | None], rank: int, cents: int, source: Source, *, whole: bool
) -> Transfer:
    """Denied money given up after approval leaves the payer's receivable (RDEN-12, RDEN-09).

    keys: claim, line, payer; whole: all of the adjustment it names. No adjudication is named, so that one
    taken back later takes back its own entries and not this decision.
    """
    claim_id, line_id, payer_id = keys
    return Transfer(
        event=Event.DENIAL_WRITEOFF.value,
        debit=int(Account.DENIAL_WRITE_OFF),
        debit_rank=0,
        credit=int(Account.AR_PAYER),
        credit_rank=rank,
        cents=cents,
        claim_id=claim_id,
        line_id=line_id,
        remit_claim_id=None,
        payer_id=payer_id,
        source=source,
        basis=int(Basis.EXACT if whole else Basis.PART),
    )
