"""What became of the files somebody offered, in a biller's words."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from app.intake.lifecycle import FileState, State
from app.intake.models import IntakeFile, IntakeInterchange, IntakeTransaction
from app.intake.rules import Offered
from app.kernel.db import in_chunks, table_of
from app.kernel.money import Money
from app.kernel.work import Work

_file, _transaction = table_of(IntakeFile), table_of(IntakeTransaction)
_interchange = table_of(IntakeInterchange)
_WORST = (State.QUARANTINED, State.HELD, State.STAGED, State.POSTED, State.KEPT, State.IGNORED, State.UNDONE)


def outcomes(w: Work, offered: Sequence[tuple[str, Offered]]) -> list[dict[str, Any]]:
    """One line per offered file: outcome (posted, parked, held, refused, ignored, kept ...) and why."""
    numbers = [one.file_no for _, one in offered]
    files: dict[int, Any] = {}
    inside: dict[int, list[Any]] = {}
    members: dict[int, list[int]] = {}
    for chunk in in_chunks(numbers, 2_000):
        for row in w.db.execute(
            select(_file).where(_file.c.file_no.in_(chunk) | _file.c.parent_file_no.in_(chunk))
        ):
            files[row.file_no] = row
            if row.parent_file_no:
                members.setdefault(row.parent_file_no, []).append(row.file_no)
        wanted = [*chunk, *(one for number in chunk for one in members.get(number, ()))]
        for row in w.db.execute(select(_transaction).where(_transaction.c.file_no.in_(wanted))):
            inside.setdefault(row.file_no, []).append(row)
    return [_line(path, one, files[one.file_no], inside, members) for path, one in offered]


def _line(
    path: str, one: Offered, file: Any, inside: dict[int, list[Any]], members: dict[int, list[int]]
) -> Any:
    if not one.first:
        return {"file": path, "outcome": "duplicate", "reason": one.words}
    if file.state == FileState.REFUSED:
        return {"file": path, "outcome": "refused", "reason": file.reason}
    rows = list(inside.get(file.file_no, ()))
    for member in members.get(file.file_no, ()):
        rows += inside.get(member, ())
    if not rows:
        return {
            "file": path,
            "outcome": "waiting" if file.state == FileState.RECEIVED else "kept",
            "reason": file.reason or "",
        }
    return {"file": path, **_outcome(rows)}


def _outcome(rows: list[Any]) -> dict[str, Any]:
    worst = min(rows, key=lambda row: _WORST.index(State(row.state)))
    parked = sum(row.parked for row in rows)
    posted = [row for row in rows if row.state == State.POSTED]
    words = []
    if posted:
        claims = sum(row.claims for row in posted)
        paid = Money(sum(int(row.paid or 0) for row in posted))
        charged = Money(sum(int(row.charge or 0) for row in posted if row.kind != "835"))
        figures = f", {paid:,} paid" if paid else f", {charged:,} charged" if charged else ""
        words.append(f"{claims} claim{'s' * (claims != 1)}{figures}")
    if parked:
        words.append(f"{parked} of them parked for a person")
    others = [row for row in rows if row.state != State.POSTED and row.explanation]
    words += sorted({row.explanation for row in others})
    if worst.state == State.KEPT:
        words.append(f"{worst.kind} kept and shown")
    outcome = "parked" if worst.state == State.POSTED and parked else worst.state
    return {"outcome": outcome, "reason": "; ".join(words), "parked": parked}


class Sender(NamedTuple):
    """Who sent the interchange of a transaction (ISA06), and the day in it (ISA09, YYMMDD)."""

    sender: str
    day: str


def sender_of(w: Work, transaction_id: int) -> Sender:
    """The envelope of one transaction."""
    query = select(_interchange.c.sender, _interchange.c.day).join(
        _transaction, _transaction.c.interchange_id == _interchange.c.id
    )
    return Sender(*w.db.execute(query.where(_transaction.c.id == transaction_id)).one())
