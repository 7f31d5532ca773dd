"""Runs: planned over every account, looked at, signed by another person, and taken back before they go."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, update

from app.contacts.rules_law import Law
from app.entities import queries as entities
from app.kernel.bulk import among, next_batch, uncollected
from app.kernel.db import bulk_insert, table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.statements import queries_eligible
from app.statements.lifecycle import RUN, Outcome, RunKind, RunMove, RunState
from app.statements.models import Run, RunItem
from app.statements.rules_audit import Sampler, size
from app.statements.rules_eligible import SEND
from app.statements.service_eligible import Verdict, looking, verdicts
from app.statements.service_letterhead import must as must_have_letterhead
from app.statements.service_policies import ensure, same_person

_run, _item, _guarantor = table_of(Run), table_of(RunItem), table_of(Guarantor)
ITEM = ("run_id", "account_id", "entity_id", "outcome", "reason", "stage", "level", "letter", "asked", "way",
        "language", "sampled", "remark")  # fmt: skip
CHUNK = 5_000
REMARK_MOST = 200
OPEN = (RunState.PLANNED.value, RunState.IN_AUDIT.value, RunState.SIGNED.value, RunState.RELEASED.value)
GONE = (
    "Its documents are made and cannot be unsent. Stop the print batch, and send a new statement when the "
    "balance was wrong."
)


def plan(w: Work, entity_public: str, kind: str, *, day: date | None = None) -> str:
    """Plan a run and keep it: every account looked at has its line with outcome and reason. Nothing is sent.

    day: absent for today. One open run per practice and kind; returns the public id.
    """
    w.may("statements.plan")
    chosen = entities.chosen(w, entity_public)
    if not chosen:
        raise NotFound("Name the practice.", field="entity")
    return plan_for(w, chosen[0], RunKind(kind), day=day)


def plan_for(w: Work, entity_id: int, kind: RunKind, *, day: date | None = None) -> str:
    """The same for a practice by its key."""
    today = w.today(entities.get(w, entity_id).time_zone)
    run_id, name = _opened(w, entity_id, kind, day or today)
    with uncollected():
        _fill(w, run_id, name, entity_id, (kind.value, day or today))
    w.audit("run.plan", "C", "statement_run", name, entity_id=entity_id, detail={"kind": kind.value})
    return name


def _opened(w: Work, entity_id: int, kind: RunKind, day: date) -> tuple[int, str]:
    mine = (_run.c.entity_id == entity_id, w.within(_run.c.entity_id), _run.c.kind == kind.value)
    if w.db.execute(select(_run.c.id).where(*mine, _run.c.state.in_(OPEN))).first() is not None:
        raise NotAllowed("A run of this kind is open. Release or cancel it first.", code="run_open")
    key, name = w.numbers("statement_run"), public_id()
    values = {
        "id": key, "public_id": name, "entity_id": entity_id, "kind": kind.value, "day": day,
        "state": RunState.PLANNED.value, "author": w.actor.name[:80], "author_id": w.actor.person_id,
        "planned_at": w.now, "plan_hash": "", "signed_by": "", "released_by": "", "version": 1,
    }  # fmt: skip
    counts = dict.fromkeys(("looked", "sending", "skipped", "dropped", "made", "amount", "sample"), 0)
    w.db.execute(insert(_run).values(**values, **counts))
    return key, name


def _fill(w: Work, run_id: int, name: str, entity_id: int, of: tuple[str, date]) -> None:
    kind, day = of
    policy = ensure(w, entity_id, day)
    by = looking(w, entity_id, kind, day, policy)
    digest, sampler = hashlib.sha256(), Sampler(name, by.law.number("audit_most"))
    looked = sending = asked = 0
    for rows in queries_eligible.chunks(w, entity_id, kind, policy):
        ruled = verdicts(w, by, rows)
        bulk_insert(w.db, _item, ITEM, [_line(run_id, entity_id, one) for one in ruled], fresh=True)
        digest.update("".join([one.line for one in ruled]).encode())
        looked += len(ruled)
        for one in ruled:
            if one.outcome == SEND:
                sending, asked = sending + 1, asked + one.asked
                sampler.add(one)
        next_batch()
    chosen = sampler.chosen(_sample_size(by.law, sending))
    _mark_sample(w, run_id, chosen)
    values = {"looked": looked, "sending": sending, "skipped": looked - sending, "amount": asked,
              "sample": len(chosen), "plan_hash": digest.hexdigest()}  # fmt: skip
    w.db.execute(update(_run).where(_run.c.id == run_id).values(**values))


def _line(run_id: int, entity_id: int, one: Verdict) -> tuple[Any, ...]:
    return (run_id, one.account_id, entity_id, *one[1:9], False, "")


def _sample_size(law: Law, documents: int) -> int:
    limits = (law.number("audit_least"), law.number("audit_most"))
    return size(documents, int(law.decimal("audit_percent")), *limits)


def _mark_sample(w: Work, run_id: int, account_ids: Sequence[int]) -> None:
    if account_ids:
        of = (_item.c.run_id == run_id, among(w.db, _item.c.account_id, list(account_ids)))
        w.db.execute(update(_item).where(*of).values(sampled=True))


def hash_of(w: Work, run_id: int) -> str:
    """The hash over every line of a run as it stands; the same lines are the same hash."""
    digest = hashlib.sha256()
    names = ("account_id", "outcome", "reason", "stage", "level", "letter", "asked", "way", "language")
    query = select(*(_item.c[name] for name in names)).where(_item.c.run_id == run_id)
    query = query.where(w.within(_item.c.entity_id))
    last = -1
    while True:
        page = query.where(_item.c.account_id > last).order_by(_item.c.account_id).limit(CHUNK)
        rows = w.db.execute(page).all()
        if not rows:
            return digest.hexdigest()
        last = rows[-1].account_id
        for one in rows:
            digest.update(
                f"{one.account_id}|{one.outcome}|{one.reason}|{one.stage}|{one.level}|{one.letter}"
                f"|{int(one.asked)}|{one.way}|{one.language}\n".encode()
            )


# ---------------------------------------------------------------- what people do with a run


def locked(w: Work, public: str, version: int | None = None) -> Any:
    """A run, locked; `NotFound` out of scope, `Stale` when it changed since `version`."""
    mine = (_run.c.public_id == public, w.within(_run.c.entity_id))
    row = w.db.execute(select(_run).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such run.")
    if version is not None and row.version != version:
        raise Stale()
    return row


def found(w: Work, public: str) -> Any:
    """A run as it stands, for who only reads."""
    mine = (_run.c.public_id == public, w.within(_run.c.entity_id))
    row = w.db.execute(select(_run).where(*mine)).one_or_none()
    if row is None:
        raise NotFound("There is no such run.")
    return row


def step(w: Work, row: Any, move: RunMove | None, **values: Any) -> int:
    """Move a locked run by the table, or only write to it; returns the new version."""
    if move is not None:
        values["state"] = RUN.next(RunState(row.state), move).value
    held = (_run.c.id == row.id, _run.c.version == row.version)
    if w.db.execute(update(_run).where(*held).values(**values, version=row.version + 1)).rowcount != 1:
        raise Stale()
    what = move.value if move is not None else "change"
    w.audit(f"run.{what}", "U", "statement_run", row.public_id, entity_id=row.entity_id)
    return int(row.version) + 1


def mark(w: Work, public: str, account_public: str, *, fine: bool, remark: str, version: int) -> int:
    """Say whether a document of the sample is fine; the first word begins the audit. Returns the version.

    What is not fine needs a remark, and keeps the run from being signed until it is dropped.
    """
    w.may("statements.sign")
    row = locked(w, public, version)
    if row.state not in (RunState.PLANNED, RunState.IN_AUDIT):
        raise NotAllowed("This run is not open for an audit.", code="not_possible_now")
    words = " ".join(remark.split())[:REMARK_MOST]
    if not fine and not words:
        raise Refused("Say what is not fine.", code="words_missing", field="remark")
    [account_id] = _accounts(w, row.entity_id, [account_public])
    of = (_item.c.run_id == row.id, _item.c.account_id == account_id, _item.c.outcome == SEND)
    changed = w.db.execute(update(_item).where(*of).values(fine=fine, sampled=True, remark=words)).rowcount
    if changed != 1:
        raise NotFound("This run sends nothing to that account.")
    if row.state == RunState.PLANNED:
        return step(w, row, RunMove.AUDIT)
    w.audit("run.mark", "U", "statement_run", public, entity_id=row.entity_id, detail={"fine": fine})
    return int(row.version)


def _accounts(w: Work, entity_id: int, publics: Sequence[str]) -> list[int]:
    query = select(_guarantor.c.id).where(
        among(w.db, _guarantor.c.public_id, list(publics)), _guarantor.c.entity_id == entity_id,
        w.within(_guarantor.c.entity_id),
    )  # fmt: skip
    ids = [int(one) for one in w.db.execute(query).scalars()]
    if len(ids) != len(set(publics)):
        raise NotFound("Not all of these accounts are in this run.")
    return ids


def drop(w: Work, public: str, account_publics: Sequence[str], *, remark: str, version: int) -> int:
    """Take accounts out of a run that is not signed; they keep their line, with who and why."""
    w.may("statements.plan")
    row = locked(w, public, version)
    if row.state not in (RunState.PLANNED, RunState.IN_AUDIT):
        raise NotAllowed("Only a run that is not signed can be changed.", code="not_possible_now")
    words = " ".join(remark.split())[:REMARK_MOST]
    if not words:
        raise Refused("Say why.", code="words_missing", field="remark")
    ids = _accounts(w, row.entity_id, account_publics)
    of = (_item.c.run_id == row.id, _item.c.outcome == SEND, w.within(_item.c.entity_id))
    those = (*of, among(w.db, _item.c.account_id, ids))
    dropped = {"outcome": Outcome.DROPPED.value, "remark": words}
    wrong = update(_item).where(*those, _item.c.fine.is_(False)).values(**dropped, reason="not_fine")
    rest = update(_item).where(*those).values(**dropped, reason="taken_out")
    if w.db.execute(wrong).rowcount + w.db.execute(rest).rowcount != len(ids):
        raise NotFound("Not all of these accounts are sent something.")
    return step(w, row, None, plan_hash=hash_of(w, row.id), **counted(w, row.id))


def counted(w: Work, run_id: int) -> dict[str, int]:
    """What a run sends and dropped, from its lines."""
    query = select(_item.c.outcome, func.count(), func.sum(_item.c.asked)).where(
        _item.c.run_id == run_id, w.within(_item.c.entity_id)
    )
    rows = {outcome: (int(count), int(asked)) for outcome, count, asked in
            w.db.execute(query.group_by(_item.c.outcome))}  # fmt: skip
    sending, amount = rows.get(SEND, (0, 0))
    return {"sending": sending, "amount": amount, "dropped": rows.get(Outcome.DROPPED.value, (0, 0))[0]}


def sign(w: Work, public: str, plan_hash: str, version: int) -> int:
    """Sign what was audited: every document of the sample is fine, and somebody else planned it.

    plan_hash: of the lines that were looked at; other lines by now are `Stale`. Refused without a letterhead
    (`letterhead_missing`). Returns the new version.
    """
    w.may("statements.sign")
    row = locked(w, public, version)
    if same_person(w, row.author_id, row.author):
        raise NotAllowed("Somebody else signs a run than who planned it.", code="own_run")
    if plan_hash != row.plan_hash or hash_of(w, row.id) != row.plan_hash:
        raise Stale("The run is not the one you looked at. Look again, then sign.")
    must_have_letterhead(w, row.entity_id, row.day)
    open_marks = _unlooked(w, row.id)
    if open_marks:
        words = f"{open_marks} documents of the sample are not looked at, or are not fine and not dropped."
        raise NotAllowed(words, code="audit_open")
    who = {"signed_by": w.actor.name[:80], "signed_by_id": w.actor.person_id, "signed_at": w.now}
    return step(w, row, RunMove.SIGN, **who)


def _unlooked(w: Work, run_id: int) -> int:
    of = (_item.c.run_id == run_id, _item.c.outcome == SEND, w.within(_item.c.entity_id))
    wrong = (_item.c.sampled.is_(True) & _item.c.fine.is_(None)) | _item.c.fine.is_(False)
    return int(w.db.execute(select(func.count()).where(*of, wrong)).scalar_one())


def reopen(w: Work, public: str, version: int) -> int:
    """Take a signature or an audit back; the marks stay and the run may be changed again."""
    w.may("statements.sign")
    row = locked(w, public, version)
    cleared = {"signed_by": "", "signed_by_id": None, "signed_at": None}
    return step(w, row, RunMove.REOPEN, **cleared)


def begin_audit(w: Work, public: str, version: int) -> int:
    """Begin looking at a planned run."""
    w.may("statements.sign")
    return step(w, locked(w, public, version), RunMove.AUDIT)


def cancel(w: Work, public: str, version: int) -> int:
    """Give a run up before it is released; nothing was sent and no number was taken."""
    w.may("statements.plan")
    row = locked(w, public, version)
    if row.state in (RunState.RELEASED, RunState.MADE):
        raise NotAllowed(GONE, code="already_made")
    return step(w, row, RunMove.CANCEL)
