"""Our own 999 and TA1 for what came in: written once per interchange, kept as documents, sent by nobody."""

import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.documents import service as documents
from app.intake.lifecycle import State
from app.intake.models import (
    IntakeFile,
    IntakeFinding,
    IntakePartner,
    IntakeReply,
    IntakeTransaction,
)
from app.intake.rules import OURS, Settled
from app.intake.translate import Reply, replies
from app.kernel.db import bulk_insert, table_of
from app.kernel.ids import public_id
from app.kernel.work import Work

_transaction, _finding = table_of(IntakeTransaction), table_of(IntakeFinding)
_file = table_of(IntakeFile)
_reply, _partner = table_of(IntakeReply), table_of(IntakePartner)
WAIT = timedelta(seconds=60)
FINDINGS_MOST = 2_000
"""Findings of a file that are looked at; a 999 says no more than a hundred of each transaction."""


def promise(w: Work, file_no: int, *, turn: int = 0) -> None:
    """Write the answers to a file when nobody waits for its posting any more."""
    payload = {"file": file_no, "turn": turn}
    w.job("reply_file", f"file:{file_no}:{turn}", payload, run_at=w.now + WAIT, rank=9)


def make(w: Work, file_no: int, *, turn: int = 0) -> int:
    """Write what is due for a file whose transactions are all settled; returns how many files were made.

    What we sent ourselves is answered by its receiver, never by us.
    """
    if w.db.execute(select(_file.c.door).where(_file.c.file_no == file_no)).scalar() == OURS:
        return 0
    rows = w.db.execute(select(_transaction).where(_transaction.c.file_no == file_no)).all()
    if any(row.state == State.STAGED.value for row in rows):
        promise(w, file_no, turn=turn + 1)
        return 0
    settled = _settled(w, file_no, rows)
    with documents.open_file(w, file_no) as stream:
        due = replies(stream, file_no, settled)
    known = set(w.db.execute(select(_reply.c.interchange_id).where(_reply.c.file_no == file_no)).scalars())
    return sum(_keep(w, file_no, one) for one in due if one.interchange_id not in known)


def _settled(w: Work, file_no: int, rows: Sequence[Any]) -> dict[int, Settled]:
    query = (
        select(_finding)
        .where(
            _finding.c.file_no == file_no,
            _finding.c.origin != "guide",
            _finding.c.transaction_id.is_not(None),
        )
        .order_by(_finding.c.segment, _finding.c.id)
        .limit(FINDINGS_MOST)
    )
    found: dict[int, list[Any]] = {}
    for one in w.db.execute(query):
        found.setdefault(one.transaction_id, []).append(one)
    return {
        row.id: Settled(
            row.state,
            row.reason or "",
            row.released_by is not None,
            row.parked,
            tuple(found.get(row.id, ())),
            row.reason == "intake.same_interchange",
        )
        for row in rows
    }


def _keep(w: Work, file_no: int, one: Reply) -> int:
    for kind, status, sets, accepted in one.kinds():
        control = _next_control(w, one.partner)
        text = one.text(kind, w.now.strftime("%Y%m%d"), w.now.strftime("%H%M"), control)
        number, _, size, _ = documents.put(w, io.BytesIO(text))
        values = dict(file_no=file_no, interchange_id=one.interchange_id, kind=kind, partner=one.partner)
        values |= dict(control=control, status=status, sets=sets, accepted=accepted, document_no=number)
        w.db.execute(insert(_reply).values(public_id=public_id(), size=size, made_at=w.now, **values))
    return len(one.kinds())


def _next_control(w: Work, partner: str) -> int:
    """The next control number for a partner: counted in this transaction, so that none is ever missing."""
    mine = _partner.c.partner == partner
    move = update(_partner).where(mine).values(next=_partner.c.next + 1).returning(_partner.c.next)
    taken = w.db.execute(move).scalar()
    if taken is None:
        bulk_insert(w.db, _partner, ("partner", "next"), [(partner, 1)])
        taken = w.db.execute(move).scalar_one()
    return int(taken) - 1
