"""Keeping the second opinion on a file."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from app.intake import service
from app.intake.models import IntakeFinding, IntakeTransaction
from app.intake.translate import Found
from app.kernel.db import table_of
from app.kernel.work import Work

_transaction, _finding = table_of(IntakeTransaction), table_of(IntakeFinding)


def keep_opinion(w: Work, file_no: int, findings: Sequence[Found]) -> None:
    """Keep what pyx12 says of a file, each remark with its transaction, in place of what it said before."""
    w.db.execute(delete(_finding).where(_finding.c.file_no == file_no, _finding.c.origin == "guide"))
    spans = select(_transaction.c.id, _transaction.c.span).where(_transaction.c.file_no == file_no)
    places = [
        (row.id, row.span["segment_from"], row.span["segment_from"] + row.span["segment_count"])
        for row in w.db.execute(spans)
    ]
    by_transaction: dict[int | None, list[Found]] = {}
    for one in findings:
        owner = next((key for key, first, end in places if first <= one.segment < end), None)
        by_transaction.setdefault(owner, []).append(one)
    for owner, found in by_transaction.items():
        service.keep_findings(w, file_no, owner, [(None, one) for one in found], origin="guide")
