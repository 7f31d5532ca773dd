"""How a dispute may end, and what of it is overdue. Pure."""

from datetime import date

from app.contacts.lifecycle import DISPUTE_ENDED, DisputeState

OUTCOMES = {
    "bill_right": "The bill is right",
    "bill_corrected": "The bill was corrected",
    "insurance_billed": "Insurance pays it",
    "adjusted": "It was adjusted",
    "withdrawn": "They took it back",
}


def late(opened: str, acknowledge_by: date, resolve_by: date, today: date) -> str:
    """What of a dispute is overdue: acknowledge, resolve, or nothing."""
    state = DisputeState(opened)
    if state in DISPUTE_ENDED:
        return ""
    if state is DisputeState.OPENED and today > acknowledge_by:
        return "acknowledge"
    return "resolve" if today > resolve_by else ""
