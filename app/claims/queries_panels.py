"""What claims show on pages of others: what a file says of acknowledgement."""

from app.claims.queries_files import answers_in, sent_in
from app.kernel.paging import Panel
from app.kernel.work import Work


def panel(w: Work, kind: str, key: int) -> Panel | None:
    """What a file answers or what answers it; nothing else. The road of a claim is drawn by `rebill`."""
    return _file(w, key) if kind == "file" else None


def _file(w: Work, file_no: int) -> Panel | None:
    answers, sent = answers_in(w, file_no), sent_in(w, file_no)
    if answers is None and not sent:
        return None
    return Panel("Acknowledged", "acks", "claims/of_file.html", {"answers": answers, "sent": sent})
