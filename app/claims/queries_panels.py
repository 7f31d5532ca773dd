"""What claims show on the page of a claim: the road from sending to payment."""

from app.claims.queries_states import history
from app.kernel.paging import Panel
from app.kernel.work import Work


def panel(w: Work, kind: str, key: int) -> Panel | None:
    """The states of a claim as a line with dates; nothing about other records."""
    if kind != "claim":
        return None
    events = history(w, [key]).get(key, [])
    if not events:
        return None
    return Panel("On its way", "way", "claims/states.html", {"events": events, "state": events[-1].state})
