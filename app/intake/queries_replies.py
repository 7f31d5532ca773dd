"""Our own 999 and TA1 about a file that came in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.intake.models import IntakeInterchange, IntakeReply
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work

_reply, _interchange = table_of(IntakeReply), table_of(IntakeInterchange)
STATUSES = {"A": "accepted", "E": "accepted with errors", "P": "partly accepted", "R": "rejected"}


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """One file of ours. answers: the control number of the interchange it answers; control: our own."""

    public_id: str
    kind: str
    answers: str
    control: int
    status: str
    sets: int
    accepted: int
    size: int
    made_at: datetime
    document_no: int

    @property
    def name(self) -> str:
        """What the file is called when it is saved."""
        return f"{self.kind}-{self.answers or 'unnumbered'}-{self.control:09d}.edi"

    @property
    def words(self) -> str:
        """What it says of the whole."""
        return STATUSES.get(self.status, self.status)


def replies(w: Work, file_no: int) -> list[ReplyRow]:
    """What we answer to a file, in the order it was written; the caller has shown that it may be seen."""
    names = [name for name in ReplyRow.__dataclass_fields__ if name != "answers"]
    query = (
        select(*(_reply.c[name] for name in names), _interchange.c.control.label("answers"))
        .join(_interchange, _interchange.c.id == _reply.c.interchange_id)
        .where(_reply.c.file_no == file_no)
        .order_by(_reply.c.id)
    )
    fields = ReplyRow.__dataclass_fields__
    return [ReplyRow(**{name: getattr(row, name) for name in fields}) for row in w.db.execute(query)]


def reply(w: Work, file_no: int, public_id: str) -> ReplyRow:
    """One of them; `NotFound` when it is not about this file."""
    found = next((one for one in replies(w, file_no) if one.public_id == public_id), None)
    if found is None:
        raise NotFound("There is no such acknowledgement.")
    return found
