"""What underpayments show on the page of a claim: expected, allowed and variance of each line."""

from app.kernel.paging import Panel
from app.kernel.work import Work
from app.underpayments.queries import on_claim


def panel(w: Work, kind: str, key: int) -> Panel | None:
    """The judged lines of a claim; nothing about other records, or where no contract prices it."""
    if kind != "claim":
        return None
    lines = on_claim(w, key)
    if not lines:
        return None
    return Panel("Expected", "expected", "underpayments/of_claim.html", {"lines": lines})
