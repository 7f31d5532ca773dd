"""What a payer's standing answer says of a claim, as a value."""

from datetime import date
from typing import NamedTuple


class Answer(NamedTuple):
    """What one standing CLP says. rank: 1 for the first payer; day: of the remit; key: the CLP's address."""

    claim_id: int
    rank: int
    status: str
    day: date
    transaction_id: int
    key: int
