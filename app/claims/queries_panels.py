"""What claims show on pages of others: the road of a claim, and what a file says of acknowledgement."""

from app.claims.queries_files import answers_in, sent_in
from app.claims.queries_states import history
from app.kernel.paging import Panel
from app.kernel.work import Work


def panel(w: Work, kind: str, key: int) -> Panel | None:
    """The states of a claim as a line with dates; what a file answers or what answers it; nothing else."""
    if kind == "file":
        return _file(w, key)
    if kind != "claim":
        return None
    events = history(w, [key]).get(key, [])
    if not events:
        return None
    return Panel("On its way", "way", "claims/states.html", {"events": events, "state": events[-1].state})


def _file(w: Work, file_no: int) -> Panel | None:
    answers, sent = answers_in(w, file_no), sent_in(w, file_no)
    if answers is None and not sent:
        return None
    return Panel("Acknowledged", "acks", "claims/of_file.html", {"answers": answers, "sent": sent})
