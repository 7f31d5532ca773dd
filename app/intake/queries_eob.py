"""What became of the EOBs of a file, in the order they were sent."""

from dataclasses import dataclass

from sqlalchemy import select

from app.intake.lifecycle import State
from app.intake.models import IntakeTransaction
from app.intake.queries import visible
from app.kernel.db import table_of
from app.kernel.outbox import Job
from app.kernel.work import Work

_transaction, _job = table_of(IntakeTransaction), table_of(Job)
RESULTS = {
    State.POSTED.value: "created",
    State.IGNORED.value: "duplicate",
    State.HELD.value: "held",
    State.KEPT.value: "kept",
    State.QUARANTINED.value: "rejected",
    State.STAGED.value: "waiting",
    State.UNDONE.value: "duplicate",
}
PARKED = "No claim of yours is known for it yet; it waits and tries again when one arrives."


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one EOB; see RESULTS. reason: a code; explanation: a sentence."""

    entry: int
    id: str
    result: str
    reason: str | None
    explanation: str | None


def jobs(w: Work, file_no: int, kind: str) -> list[int]:
    """The jobs of a kind that are queued for a file: its reading, or the posting of its transactions."""
    mine = select(_transaction.c.id).where(_transaction.c.file_no == file_no)
    keys = (
        [f"file:{file_no}"] if kind == "stage_file" else [f"st:{key}" for key in w.db.execute(mine).scalars()]
    )
    found = []
    for start in range(0, len(keys), 1_000):
        named = (_job.c.kind == kind, _job.c.key.in_(keys[start : start + 1_000]), _job.c.state == "queued")
        found += [
            int(one) for one in w.db.execute(select(_job.c.id).where(*named).order_by(_job.c.id)).scalars()
        ]
    return found


def entries(w: Work, file_no: int, *, first: bool) -> list[Entry]:
    """The EOBs of a file. first: False when the bytes came in before, and all of it is a duplicate."""
    names = ("public_id", "state", "reason", "explanation", "parked", "entity_id")
    query = select(*(_transaction.c[name] for name in names), visible(w).label("mine"))
    rows = w.db.execute(query.where(_transaction.c.file_no == file_no).order_by(_transaction.c.id)).all()
    made = []
    for number, row in enumerate(rows, start=1):
        if not row.mine and row.entity_id is not None:
            made.append(
                Entry(number, "", "held", "intake.other_entity", "It is for an entity you do not work for.")
            )
            continue
        result = RESULTS[row.state] if first else "duplicate"
        reason, words = row.reason, row.explanation
        if first and row.parked and row.state == State.POSTED.value:
            result, reason, words = "held", "match.none", PARKED
        made.append(Entry(number, row.public_id, result, reason, words))
    return made
