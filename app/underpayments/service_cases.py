"""Underpayments between memory and database: opened, followed and ended in bulk, with their work items."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from app.claims.models import Claim
from app.hooks import service as hooks
from app.hooks.service import News
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.ids import public_ids
from app.kernel.work import Work
from app.underpayments import queries_standing
from app.underpayments.lifecycle import ENDED, OPEN, Move, State
from app.underpayments.models import Underpayment, UnderpaymentEvent
from app.underpayments.rules_cases import Change, Fact, amount_of, decide, limit
from app.worklist import service as worklist
from app.worklist.service import NewItem

_case, _event, _claim = table_of(Underpayment), table_of(UnderpaymentEvent), table_of(Claim)
QUEUE, SUBJECT = "underpayments", "underpayment"
COLUMNS = (
    "id", "public_id", "entity_id", "claim_id", "rank", "line_number", "variance_id", "remit_claim_id",
    "remit_id", "payer_id", "patient_id", "kind", "code", "modifiers", "schedule_id", "expected", "actual",
    "amount", "identified", "recovered", "cause", "pattern_id", "state", "service_on", "remit_on",
    "limit_on", "opened_at", "version",
)  # fmt: skip
EVENT = ("entity_id", "underpayment_id", "at", "actor", "move", "before", "after", "reason", "detail")


class Told(NamedTuple):
    """An event of a case."""

    entity_id: int
    case_id: int
    move: str
    before: str
    after: str
    reason: str = ""
    detail: dict[str, Any] | None = None


def follow(
    w: Work,
    entity_id: int,
    claim_ids: Sequence[int],
    found: Sequence[Any],
    ids: Mapping[tuple[int, int], int],
) -> None:
    """Bring the cases of these claims in line with how their standing answers are judged now."""
    facts = [_fact(one, ids[one.key]) for one in found if one.answer.gone_on is None and one.answer.rank == 1]
    changes = decide(
        facts, queries_standing.cases(w, claim_ids), queries_standing.worth_working(w, entity_id)
    )
    if not changes:
        return
    fresh = [one for one in changes if one.known is None]
    old = [one for one in changes if one.known is not None]
    numbers = _open(w, entity_id, fresh)
    _change(w, old)
    log(w, [_told(entity_id, one, numbers.get(id(one), (0, ""))[0]) for one in changes])
    _queue(w, entity_id, changes, numbers)
    _announce(w, entity_id, fresh, numbers)


def _announce(
    w: Work, entity_id: int, fresh: Sequence[Change], numbers: Mapping[int, tuple[int, str]]
) -> None:
    if not fresh or not hooks.listeners(w, entity_id):
        return
    facts = ((one, one.fact.judged) for one in fresh if one.fact is not None)
    hooks.announce(w, entity_id, (
        News("underpayment.opened", SUBJECT, numbers[id(one)][1], {"kind": of.class_, "cause": of.cause})
        for one, of in facts
    ))  # fmt: skip


def _fact(one: Any, variance_id: int) -> Fact:
    answer = one.answer
    return Fact(
        (answer.claim_id, answer.rank, one.line_number), variance_id, answer.id, answer.remit_id,
        answer.payer_id, answer.remit_on, one.of("service_on"), one.of("code"), one.of("modifiers"),
        one.of("setting"), one.of("schedule_id"), one.judged, one.price.terms if one.price else None,
    )  # fmt: skip


def _open(w: Work, entity_id: int, fresh: Sequence[Change]) -> dict[int, tuple[int, str]]:
    """Write new cases; returns the key and the public id of each by its change."""
    if not fresh:
        return {}
    facts = [one.fact for one in fresh if one.fact is not None]
    claims = sorted({fact.key[0] for fact in facts})
    query = select(_claim.c.id, _claim.c.patient_id).where(
        w.within(_claim.c.entity_id), among(w.db, _claim.c.id, claims)
    )
    patients = {row.id: row.patient_id for row in w.db.execute(query)}
    first, names, at = w.numbers("underpayment", len(fresh)), public_ids(len(fresh)), instant_text(w.now)
    rows = []
    for place, (change, fact) in enumerate(zip(fresh, facts, strict=True)):
        judged = fact.judged
        rows.append(
            (first + place, names[place], entity_id, *fact.key, fact.variance_id, fact.remit_claim_id,
             fact.remit_id, fact.payer_id, patients.get(fact.key[0]), judged.class_, fact.code,
             fact.modifiers, fact.schedule_id, int(judged.expected or 0), int(judged.actual),
             int(amount_of(fact)),
             abs(change.identified), 0, judged.cause, change.pattern_id, change.state.value, fact.service_on,
             fact.remit_on.isoformat(), limit(fact).isoformat(), at, 1)
        )  # fmt: skip
    bulk_insert(w.db, _case, COLUMNS, rows)
    return {id(change): (first + place, names[place]) for place, change in enumerate(fresh)}


def _change(w: Work, old: Sequence[Change]) -> None:
    """Figures and state of cases that stand, the same columns of each, in one statement."""
    if not old:
        return
    rows = [_new_values(w, one) for one in old]
    names = [name for name in rows[0] if name != "this_id"]
    values = {name: bindparam(f"new_{name}", type_=_case.c[name].type) for name in names}
    statement = update(_case).where(_case.c.id == bindparam("this_id"))
    w.db.execute(
        statement.values(**values, version=_case.c.version + 1),
        [{"this_id": row["this_id"], **{f"new_{name}": row[name] for name in names}} for row in rows],
    )


def _new_values(w: Work, one: Change) -> dict[str, Any]:
    row, fact, ended = one.known, one.fact, one.state in ENDED
    kept = ("variance_id", "remit_claim_id", "remit_id", "kind", "expected", "actual", "amount", "cause",
            "schedule_id", "remit_on", "limit_on", "pattern_id")  # fmt: skip
    values = {name: getattr(row, name) for name in kept}
    if fact is not None:
        judged = fact.judged
        values |= dict(
            variance_id=fact.variance_id, remit_claim_id=fact.remit_claim_id, remit_id=fact.remit_id,
            expected=int(judged.expected or 0), actual=int(judged.actual), amount=int(amount_of(fact)),
            schedule_id=fact.schedule_id, remit_on=fact.remit_on, limit_on=limit(fact),
        )  # fmt: skip
        if judged.cause or judged.class_ in ("underpaid", "overpaid"):
            values |= dict(kind=judged.class_, cause=judged.cause, pattern_id=one.pattern_id)
    closed = (row.closed_at or w.now) if ended else None
    return values | dict(
        this_id=row.id, state=one.state.value, outcome=one.outcome, identified=abs(one.identified),
        recovered=one.recovered, closed_at=closed,
    )  # fmt: skip


def _told(entity_id: int, one: Change, case_id: int) -> Told:
    before = one.known.state if one.known is not None else ""
    detail: dict[str, Any] = {"recovered": one.recovered}
    if one.fact is not None:
        detail |= {"variance": int(one.fact.judged.variance or 0), "cause": one.fact.judged.cause}
    move = one.move.value if one.move else "refresh"
    key = case_id or one.known.id
    return Told(entity_id, key, move, before, one.state.value, one.outcome or "", detail)


def log(w: Work, told: Iterable[Told]) -> None:
    """Keep who moved which case, from where to where, and why."""
    at = instant_text(w.now)
    rows = [
        (one.entity_id, one.case_id, at, w.actor.name[:80], one.move, one.before, one.after,
         one.reason[:200], json.dumps(one.detail) if one.detail else None)
        for one in told
    ]  # fmt: skip
    bulk_insert(w.db, _event, EVENT, rows)


# ---------------------------------------------------------------- work for people


def _queue(
    w: Work, entity_id: int, changes: Sequence[Change], numbers: Mapping[int, tuple[int, str]]
) -> None:
    waiting: list[tuple[int, str, Change]] = []
    ended: dict[str, list[int]] = {}
    for one in changes:
        key, name = numbers.get(id(one)) or (one.known.id, one.known.public_id)
        if one.state in OPEN and one.fact is not None:
            waiting.append((key, name, one))
        elif one.state not in OPEN and one.known is not None:
            ended.setdefault(one.outcome or one.state.value, []).append(key)
    for outcome, keys in sorted(ended.items()):
        worklist.close_many(w, QUEUE, SUBJECT, keys, outcome)
    items = [(one.known is None, _item(entity_id, key, name, one)) for key, name, one in waiting]
    worklist.open_many(w, [item for new, item in items if new])
    worklist.reopen_many(w, [item for new, item in items if not new])


def _item(entity_id: int, key: int, public_id: str, one: Change) -> NewItem:
    fact = one.fact
    if fact is None:
        raise ValueError("work is about a judged line")
    amount = int(amount_of(fact))
    known = one.known
    return NewItem(
        entity_id=entity_id,
        queue=QUEUE,
        kind=fact.judged.class_,
        subject=SUBJECT,
        subject_id=key,
        reason=fact.judged.cause or fact.judged.class_,
        amount=amount,
        claim_id=fact.key[0],
        payer_id=fact.payer_id,
        patient_id=known.patient_id if known is not None else None,
        due=limit(fact),
        score=min(100, amount // 1_000),
        detail={"underpayment": public_id, "code": fact.code, "cause": fact.judged.cause},
        source=fact.remit_claim_id,
    )


def leave(w: Work, case_ids: Sequence[int], outcome: str) -> None:
    """Take cases off the queue."""
    worklist.close_many(w, QUEUE, SUBJECT, case_ids, outcome)


def back_to_work(w: Work, row: Any) -> None:
    """A case somebody took up again is on the queue again."""
    item = NewItem(
        entity_id=row.entity_id, queue=QUEUE, kind=row.kind, subject=SUBJECT, subject_id=row.id,
        reason=row.cause or row.kind, amount=int(row.amount), claim_id=row.claim_id, payer_id=row.payer_id,
        patient_id=row.patient_id, due=row.limit_on, score=min(100, int(row.amount) // 1_000),
        detail={"underpayment": row.public_id, "code": row.code, "cause": row.cause},
        source=row.remit_claim_id,
    )  # fmt: skip
    worklist.reopen_many(w, [item])


__all__ = ["Move", "State", "Told", "back_to_work", "follow", "leave", "log"]
