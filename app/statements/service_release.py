"""Releasing a signed run: every guard and balance is asked again, and its documents are promised as jobs."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select, update

from app.entities import queries as entities
from app.kernel import failpoints
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Stale
from app.kernel.work import Work
from app.statements import queries_eligible
from app.statements.lifecycle import Outcome, RunKind, RunMove, RunState
from app.statements.models import RunItem
from app.statements.rules_eligible import SEND
from app.statements.service_eligible import Look, Verdict, looking, verdicts
from app.statements.service_guards import ACTS, refused
from app.statements.service_letterhead import must as must_have_letterhead
from app.statements.service_policies import ensure
from app.statements.service_runs import counted, hash_of, locked, step

_item = table_of(RunItem)
JOB, RANK = "make_documents", 6
DOCUMENTS = 50
"""How many documents one job makes: a worker that dies loses no more than this much work."""
CHUNK = 5_000
RIGHTS = {RunKind.STATEMENTS.value: "statements.release", RunKind.LETTERS.value: "letters.release"}


def release(w: Work, public: str, version: int) -> int:
    """Let a signed run go: whoever changed since it was planned is dropped with a reason; the rest is made.

    Letters need the right to release letters, and every document a letterhead (`letterhead_missing`). Two at
    once: the second finds it released (`Stale`). Returns the run's new version.
    """
    row = locked(w, public)
    may_release(w, row, version)
    must_have_letterhead(w, row.entity_id, row.day)
    if row.signed_by and hash_of(w, row.id) != row.plan_hash:
        raise NotAllowed("The run is not what was signed. Plan it again.", code="not_what_was_signed")
    who = {"released_by": w.actor.name[:80], "released_at": w.now}
    if row.signed_by:
        _look_again(w, row)
    counts = counted(w, row.id)
    done = step(w, row, RunMove.RELEASE, **who, **counts)
    _promise(w, public, counts["sending"])
    failpoints.hit("statements.after_release")
    return done


def may_release(w: Work, row: Any, version: int) -> None:
    """Whoever releases a run of this kind may, and knows it as it stands (`Stale`)."""
    w.may(RIGHTS[row.kind])
    if row.version != version:
        raise Stale()


def _promise(w: Work, public: str, documents: int) -> None:
    for number in range(1, max(-(-documents // DOCUMENTS), 1) + 1):
        w.job(JOB, f"run:{public}:{number}", {"run": public}, rank=RANK)


def take_up(w: Work, public: str, version: int) -> int:
    """Promise the documents a released run still lacks once more, after their making stopped.

    A job that still waits stays the one it is. Returns the run's version, which stays.
    """
    row = locked(w, public)
    may_release(w, row, version)
    if row.state != RunState.RELEASED:
        raise NotAllowed("Only a run whose documents are being made is taken up.", code="not_possible_now")
    _promise(w, public, left(w, row.id))
    w.audit("run.take_up", "U", "statement_run", public, entity_id=row.entity_id)
    return int(row.version)


def _look_again(w: Work, row: Any) -> None:
    by = look_of(w, row)
    last = -1
    while True:
        query = select(_item).where(
            _item.c.run_id == row.id, _item.c.outcome == SEND, _item.c.account_id > last,
            w.within(_item.c.entity_id),
        )  # fmt: skip
        items = w.db.execute(query.order_by(_item.c.account_id).limit(CHUNK)).all()
        if not items:
            return
        last = items[-1].account_id
        still(w, by, items)


def look_of(w: Work, row: Any) -> Look:
    """What a run goes by today: a policy or a rule of law that changed since counts."""
    day = w.today(entities.get(w, row.entity_id).time_zone)
    return looking(w, row.entity_id, row.kind, max(day, row.day), ensure(w, row.entity_id, day))


def still(w: Work, by: Look, items: Sequence[Any]) -> list[tuple[Any, Verdict]]:
    """Those of the planned lines that may go as planned; the others are dropped, with their reason.

    What a guard refused now is kept with its rule.
    """
    rows = queries_eligible.rows_among(w, by.entity_id, [one.account_id for one in items])
    now = {one.account_id: one for one in verdicts(w, by, rows)}
    going, dropped, nos = [], [], {}
    for item in items:
        found = now.get(item.account_id)
        why = _changed(item, found)
        if found is not None and not why:
            going.append((item, found))
            continue
        dropped.append({"of": item.account_id, "why": why or "guard"})
        if found is not None and found.refusal is not None:
            nos[item.account_id] = [found.refusal]
    drop(w, items[0].run_id if items else 0, dropped)
    if nos:
        refused(w, ACTS[by.kind], nos)
    return going


def _changed(item: Any, found: Verdict | None) -> str:
    if found is None:
        return "nothing_due"
    if found.outcome != SEND:
        return found.reason
    if (found.stage, found.letter) != (item.stage, item.letter):
        return "step_changed"
    if found.asked != int(item.asked):
        return "balance_changed"
    return "step_changed" if (found.way, found.language) != (item.way, item.language) else ""


def drop(w: Work, run_id: int, dropped: Sequence[dict[str, Any]]) -> None:
    """Mark lines of a run as dropped: `of` an account, `why`."""
    if not dropped:
        return
    held = (_item.c.run_id == run_id, _item.c.account_id == bindparam("of"), _item.c.outcome == SEND)
    values = {"outcome": Outcome.DROPPED.value, "reason": bindparam("why")}
    w.db.execute(update(_item).where(*held).values(**values), list(dropped))


def left(w: Work, run_id: int) -> int:
    """How many documents of a run are still to be made."""
    query = select(func.count()).where(*unmade(w, run_id))
    return int(w.db.execute(query).scalar_one())


def unmade(w: Work, run_id: int) -> tuple[Any, ...]:
    """The lines of a run whose document is not there yet."""
    return (
        _item.c.run_id == run_id, _item.c.outcome == SEND, _item.c.statement_id.is_(None),
        _item.c.letter_id.is_(None), w.within(_item.c.entity_id),
    )  # fmt: skip
