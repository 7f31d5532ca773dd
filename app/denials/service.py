"""The verbs of denials. `open_from` is a consequence of posting: some reads, one decision, a few bulk writes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from app.denials import cases, rules
from app.denials.cases import Around, Case, Item
from app.denials.lifecycle import State
from app.denials.models import Denial, DenialEvent, DenialItem
from app.entities import queries as entities
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.ids import public_ids
from app.kernel.limits import SQL_VARIABLES
from app.kernel.money import Money
from app.kernel.work import Work
from app.payers import service as payers
from app.remits.rules import Posted
from app.worklist import service as worklist
from app.worklist.service import NewItem

_denial, _item, _event = table_of(Denial), table_of(DenialItem), table_of(DenialEvent)
CHUNK = SQL_VARIABLES // 2
QUEUE, HOPELESS = "denials", "bulk_close_review"
EVENT = ("entity_id", "denial_id", "at", "actor", "move", "before", "after", "reason", "detail")
ITEM = (
    "address", "entity_id", "denial_id", "claim_id", "remit_claim_id", "remit_line_id", "claim_line_id", "code",
    "round", "group_code", "carc", "rarcs", "charge", "cents", "element", "byte",
)  # fmt: skip


# ---------------------------------------------------------------- what a posting does


def open_from(w: Work, posted: Posted) -> None:
    """Open, pay, reverse and count rounds of denial cases for a batch just posted (RDEN-01 to 09).

    Twice is once: an adjustment already in a case is skipped. A fixed number of statements for any batch.
    """
    if not posted.claims:
        return
    wanted = {(posted.payer_id, claim.filing) for claim in posted.claims}
    terms = payers.terms_of(w, posted.entity_id, wanted, posted.remit_date)
    known = _load(w, sorted({claim.claim_id for claim in posted.claims}))
    changed = cases.settle(posted, known, Around(terms))
    if not changed:
        return
    today = w.today(entities.get(w, posted.entity_id).time_zone)
    for case in changed:
        _rank(case, today)
    _write(w, posted, changed)
    _queue(w, posted.entity_id, changed)


def withdraw(w: Work, remit_claim_ids: Sequence[int]) -> int:
    """A posting was undone: close every case whose newest round it opened; returns how many. Nothing is deleted."""
    closed = 0
    for chunk in in_chunks(remit_claim_ids, CHUNK):
        which = (w.within(_denial.c.entity_id), _denial.c.latest_remit_claim_id.in_(chunk))
        rows = w.db.execute(select(_denial.c.id, _denial.c.entity_id, _denial.c.state).where(*which)).all()
        values: dict[str, Any] = {
            "state": State.CLOSED.value,
            "outcome": cases.UNDONE,
            "closed_at": w.now,
            "patient_hold": False,
        }
        w.db.execute(update(_denial).where(*which).values(**values, version=_denial.c.version + 1))
        ids = [int(row.id) for row in rows]
        for queue in (QUEUE, HOPELESS):
            worklist.close_many(w, queue, "denial", ids, cases.UNDONE)
        _log(
            w,
            [
                (row.entity_id, row.id, "withdraw", row.state, State.CLOSED.value, cases.UNDONE, None)
                for row in rows
            ],
        )
        closed += len(rows)
    return closed


def _load(w: Work, claim_ids: Sequence[int]) -> list[Case]:
    found: dict[int, Case] = {}
    for chunk in in_chunks(claim_ids, CHUNK):
        query = select(_denial).where(w.within(_denial.c.entity_id), _denial.c.claim_id.in_(chunk))
        for row in w.db.execute(query.order_by(_denial.c.id)).mappings():
            found[row["id"]] = _case(row)
        if not found:
            continue
        items = (
            select(_item)
            .where(w.within(_item.c.entity_id), _item.c.claim_id.in_(chunk))
            .order_by(_item.c.address)
        )
        for row in w.db.execute(items).mappings():
            if row["denial_id"] in found:
                found[row["denial_id"]].items.append(_known_item(row))
    return list(found.values())


def _case(row: Mapping[Any, Any]) -> Case:
    same = (
        "id",
        "public_id",
        "claim_id",
        "remit_claim_id",
        "latest_remit_claim_id",
        "payer_id",
        "patient_id",
    )
    same += ("payer_class", "category", "round", "origin", "state", "patient_hold", "level", "service_from")
    same += ("basis_date", "outcome", "score", "version")
    case = Case(
        **{name: row[name] for name in same}, before=row["state"], group=row["group_code"], fresh=False
    )
    case.denied, case.at_stake, case.recovered = (
        int(row[name]) for name in ("denied", "at_stake", "recovered")
    )
    return case


def _known_item(row: Mapping[Any, Any]) -> Item:
    same = ("address", "remit_claim_id", "remit_line_id", "round", "carc", "rarcs", "element", "byte")
    return Item(
        **{name: row[name] for name in same},
        line=(row["claim_line_id"], row["code"]),
        group=row["group_code"],
        charge=int(row["charge"]),
        cents=int(row["cents"]),
        fresh=False,
    )


def _rank(case: Case, today: date) -> None:
    if case.reading is None:
        return
    due = case.deadline.internal_due if case.deadline else None
    found = rules.rank(Money(case.at_stake), case.category, due, today)
    case.score, case.reasons, case.hopeless = found.score, found.reasons, found.hopeless


# ---------------------------------------------------------------- writing cases


def _write(w: Work, posted: Posted, changed: Sequence[Case]) -> None:
    fresh = [case for case in changed if case.fresh]
    if fresh:
        first, names = w.numbers("denial", len(fresh)), public_ids(len(fresh))
        for at, case in enumerate(fresh):
            case.id, case.public_id = first + at, names[at]
        rows = [_values(w, posted, case, fresh=True) for case in fresh]
        columns = tuple(rows[0])
        bulk_insert(w.db, _denial, columns, [tuple(_plain(row[name]) for name in columns) for row in rows])
    old = [case for case in changed if not case.fresh]
    denied_again = [case for case in old if case.reading is not None]
    _update(w, [_values(w, posted, case, fresh=False) | {"key": case.id} for case in denied_again])
    _update(w, [_ended(w, case) | {"key": case.id} for case in old if case.reading is None])
    _write_items(w, posted.entity_id, changed)
    _log(w, [_told(posted, case, move) for case in changed for move in case.touched])


def _values(w: Work, posted: Posted, case: Case, *, fresh: bool) -> dict[str, Any]:
    reading, clock = case.reading, case.deadline
    if reading is None:
        raise ValueError("a case without a reading has nothing to say")
    values: dict[str, Any] = {
        "latest_remit_claim_id": case.latest_remit_claim_id,
        "remit_id": posted.remit_id,
        "patient_id": case.patient_id,
        "payer_class": case.payer_class,
        "stage": reading.stage,
        "root_cause": reading.root_cause,
        "next_action": reading.next_action,
        "evidence": reading.evidence,
        "letter": reading.letter,
        "group_code": case.group,
        "carc": reading.carc,
        "rarc": reading.rarc,
        "round": case.round,
        "origin": case.origin,
        "denied": case.denied,
        "at_stake": case.at_stake,
        "hardness": reading.hardness,
        "preventable": reading.preventable,
        "appealable": reading.appealable,
        "patient_hold": case.patient_hold and case.is_open,
        "level": case.level,
        "service_from": case.service_from,
        "basis_event": clock.event if clock else "remit_date",
        "basis_date": clock.start if clock else posted.remit_date,
        "deadline_rule": clock.rule if clock else "",
        "deadline": clock.proof() if clock else None,
        "legal_due": clock.legal_due if clock else None,
        "internal_due": clock.internal_due if clock else None,
        "score": case.score,
        "score_reasons": list(case.reasons),
    } | _ended(w, case)
    if fresh:
        values |= {"id": case.id, "public_id": case.public_id, "entity_id": posted.entity_id}
        values |= {
            "claim_id": case.claim_id,
            "remit_claim_id": case.remit_claim_id,
            "payer_id": case.payer_id,
        }
        values |= {"category": case.category, "opened_at": w.now, "version": 1}
    return values


def _ended(w: Work, case: Case) -> dict[str, Any]:
    return {
        "state": case.state,
        "outcome": case.outcome,
        "recovered": case.recovered,
        "closed_at": None if case.is_open else w.now,
    }


def _plain(value: Any) -> Any:
    """A value as bulk rows write it."""
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, date):
        return instant_text(value) if hasattr(value, "hour") else value.isoformat()
    return value


def _update(w: Work, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    named = {name: bindparam(f"new_{name}", type_=_denial.c[name].type) for name in rows[0] if name != "key"}
    statement = update(_denial).where(_denial.c.id == bindparam("key"))
    statement = statement.values(**named, version=_denial.c.version + 1)
    w.db.execute(
        statement, [{(n if n == "key" else f"new_{n}"): value for n, value in row.items()} for row in rows]
    )


def _write_items(w: Work, entity_id: int, changed: Iterable[Case]) -> None:
    taken = [(case, item) for case in changed for item in case.items if item.taken]
    rows = [
        (
            item.address, entity_id, case.id, case.claim_id, item.remit_claim_id, item.remit_line_id,
            item.line[0], item.line[1], item.round, item.group, item.carc, item.rarcs, item.charge,
            item.cents, item.element, item.byte,
        )
        for case, item in taken
        if item.fresh
    ]  # fmt: skip
    bulk_insert(w.db, _item, ITEM, rows)
    moved = [
        {"key": item.address, "to": case.id, "now": item.round} for case, item in taken if not item.fresh
    ]
    if moved:
        statement = update(_item).where(_item.c.address == bindparam("key"))
        w.db.execute(statement.values(denial_id=bindparam("to"), round=bindparam("now")), moved)


Told = tuple[int, int, str, str, str, str, dict[str, Any] | None]
"""An event: entity, denial, move, state before and after, reason, detail."""


def _told(posted: Posted, case: Case, move: str) -> Told:
    reason = case.outcome or (f"{case.group}-{case.reading.carc}" if case.reading else "")
    detail = {"remit_id": posted.remit_id, "round": case.round, "recovered": case.recovered}
    return posted.entity_id, case.id, move, case.before, case.state, reason, detail


def _log(w: Work, told: Iterable[Told]) -> None:
    at = instant_text(w.now)
    rows = [
        (
            entity,
            denial,
            at,
            w.actor.name,
            move,
            before,
            after,
            reason[:200],
            json.dumps(detail) if detail else None,
        )
        for entity, denial, move, before, after, reason, detail in told
    ]
    bulk_insert(w.db, _event, EVENT, rows)


def _queue(w: Work, entity_id: int, changed: Sequence[Case]) -> None:
    """Cases that wait get their item, cases that ended lose it; a case that brings less than it costs has a queue."""
    ended: dict[str, list[int]] = {}
    for case in changed:
        if not case.is_open and not case.fresh:
            ended.setdefault(case.outcome or "closed", []).append(case.id)
    for outcome, ids in sorted(ended.items()):
        for queue in (QUEUE, HOPELESS):
            worklist.close_many(w, queue, "denial", ids, outcome)
    waiting = [case for case in changed if case.is_open and case.reading is not None]
    worklist.open_many(w, [_work_item(entity_id, case) for case in waiting if case.fresh])
    again = [case for case in waiting if not case.fresh]
    if again:
        for queue in (QUEUE, HOPELESS):
            leaves = [case.id for case in again if (HOPELESS if case.hopeless else QUEUE) != queue]
            worklist.close_many(w, queue, "denial", leaves, "moved")
        worklist.reopen_many(w, [_work_item(entity_id, case) for case in again])


def _work_item(entity_id: int, case: Case) -> NewItem:
    reading = case.reading
    if reading is None:
        raise ValueError("a case without a reading has no work")
    lead = max(case.now_items(), key=lambda item: (item.cents, -item.address))
    return NewItem(
        entity_id=entity_id,
        queue=HOPELESS if case.hopeless else QUEUE,
        kind="denial",
        subject="denial",
        subject_id=case.id,
        reason=case.category,
        amount=case.at_stake,
        claim_id=case.claim_id,
        payer_id=case.payer_id,
        patient_id=case.patient_id,
        due=case.deadline.internal_due if case.deadline else None,
        score=case.score,
        detail={
            "action": reading.next_action,
            "carc": reading.carc,
            "rarc": reading.rarc,
            "round": case.round,
        },
        source=lead.address,
    )
