"""The groups plans are looked at in."""

SHOWS = {
    "running": "Running",
    "due": "An instalment is due",
    "late": "Late",
    "defaulted": "In default",
    "draft": "To be signed",
    "completed": "Completed",
    "cancelled": "Cancelled",
}
"""Name in addresses and requests → what people read."""
