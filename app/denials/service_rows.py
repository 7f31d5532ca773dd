"""Denial cases between memory and the database: read for a batch of claims, written back in bulk."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Date, bindparam, select, update

from app.denials import service_told
from app.denials.models import Denial, DenialEvent, DenialItem
from app.denials.rules_cases import Case, Item
from app.kernel.db import Instant, bulk_insert, in_chunks, instant_text, table_of
from app.kernel.ids import public_ids
from app.kernel.limits import SQL_VARIABLES
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger import service_looks
from app.remits.rules import Posted
from app.worklist import service as worklist
from app.worklist.rules import rank
from app.worklist.service import NewItem

_denial, _item, _event = table_of(Denial), table_of(DenialItem), table_of(DenialEvent)
CHUNK = SQL_VARIABLES // 2
QUEUE, HOPELESS = "denials", "bulk_close_review"
EXPIRED = "expired"
QUEUES = (QUEUE, HOPELESS, EXPIRED)
APPROVALS = "approvals"
"""Requests of one person that wait for another; they never follow the owner of the case."""
ITEM = (
    "address", "entity_id", "denial_id", "claim_id", "remit_claim_id", "remit_line_id", "claim_line_id",
    "code", "round", "group_code", "carc", "rarcs", "charge", "cents", "stake", "withdrawn", "element",
    "byte",
)  # fmt: skip
EVENT = (
    "entity_id", "denial_id", "remit_claim_id", "at", "actor", "move", "before", "after", "reason",
    "detail", "was",
)  # fmt: skip
_SAME = (
    "id", "public_id", "claim_id", "remit_claim_id", "latest_remit_claim_id", "payer_id", "patient_id",
    "payer_class", "filing", "category", "round", "origin", "state", "patient_hold", "level", "service_from",
    "denied_on", "first_denied_on", "outcome", "score", "version",
)  # fmt: skip
_SAME_ITEM = (
    "address", "remit_claim_id", "remit_line_id", "round", "carc", "rarcs", "withdrawn", "element", "byte",
)  # fmt: skip


# ---------------------------------------------------------------- reading


def load(w: Work, claim_ids: Sequence[int]) -> list[Case]:
    """The cases of these claims with their items, oldest first. Two statements."""
    found: dict[int, Case] = {}
    for chunk in in_chunks(claim_ids, CHUNK):
        query = select(_denial).where(w.within(_denial.c.entity_id), _these(_denial.c.claim_id, chunk))
        new = [_case(row) for row in w.db.execute(query.order_by(_denial.c.id)).mappings()]
        found |= {case.id: case for case in new}
        if not new:
            continue
        items = select(_item).where(w.within(_item.c.entity_id), _these(_item.c.claim_id, chunk))
        for row in w.db.execute(items.order_by(_item.c.address)).mappings():
            found[row["denial_id"]].items.append(_known_item(row))
    return list(found.values())


def _these(column: Any, keys: Sequence[int]) -> Any:
    # Written into the statement: two thousand placeholders take longer to count than to look up.
    return column.in_(bindparam(None, list(keys), expanding=True, literal_execute=True, type_=BigInteger))


def _case(row: Mapping[Any, Any]) -> Case:
    case = Case(
        **{name: row[name] for name in _SAME}, before=row["state"], group=row["group_code"], fresh=False
    )
    case.denied, case.at_stake, case.recovered = (
        int(row[name]) for name in ("denied", "at_stake", "recovered")
    )
    case.row = dict(row)
    return case


def _known_item(row: Mapping[Any, Any]) -> Item:
    return Item(
        **{name: row[name] for name in _SAME_ITEM},
        line=(row["claim_line_id"], row["code"]),
        group=row["group_code"],
        charge=int(row["charge"]),
        cents=int(row["cents"]),
        stake=int(row["stake"]),
        fresh=False,
    )


# ---------------------------------------------------------------- writing


def write(w: Work, posted: Posted, changed: Sequence[Case]) -> None:
    """Write new and changed cases, their items and what happened to them."""
    fresh = [case for case in changed if case.fresh]
    if fresh:
        first, names = w.numbers("denial", len(fresh)), public_ids(len(fresh))
        for at, case in enumerate(fresh):
            case.id, case.public_id = first + at, names[at]
        made = [_values(w, posted, case) | _identity(w, posted, case) for case in fresh]
        columns = tuple(made[0])
        bulk_insert(w.db, _denial, columns, [tuple(in_bulk(row[name]) for name in columns) for row in made])
    old = {case.id: _values(w, posted, case) for case in changed if not case.fresh}
    by_columns: dict[frozenset[str], dict[int, dict[str, Any]]] = {}
    for case_id, values in old.items():
        by_columns.setdefault(frozenset(values), {})[case_id] = values
    for group in by_columns.values():
        change(w, group)
    _write_items(w, posted.entity_id, changed)
    # What a remit opened its flow announces, once it has been followed to its end.
    _keep(w, [told for case in changed for told in _told(posted, case, old.get(case.id))])


def _identity(w: Work, posted: Posted, case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "public_id": case.public_id,
        "entity_id": posted.entity_id,
        "claim_id": case.claim_id,
        "remit_claim_id": case.remit_claim_id,
        "payer_id": case.payer_id,
        "category": case.category,
        "opened_at": w.now,
        "version": 1,
    }


def _values(w: Work, posted: Posted, case: Case) -> dict[str, Any]:
    """The columns a batch may change: all of them when the case was refused here, few when it was only
    ended.
    """
    values: dict[str, Any] = {
        "state": case.state,
        "outcome": case.outcome,
        "recovered": case.recovered,
        "round": case.round,
        "first_denied_on": case.first_denied_on,
        "patient_hold": case.patient_hold,
        "closed_at": None if case.is_open else w.now,
    }
    reading, clock = case.reading, case.deadline
    if reading is None:
        return values
    return values | {
        "latest_remit_claim_id": case.latest_remit_claim_id,
        "remit_id": posted.remit_id,
        "patient_id": case.patient_id,
        "payer_class": case.payer_class,
        "filing": case.filing,
        "stage": reading.stage,
        "root_cause": reading.root_cause,
        "next_action": reading.next_action,
        "evidence": reading.evidence,
        "letter": reading.letter,
        "group_code": case.group,
        "carc": reading.carc,
        "rarc": reading.rarc,
        "origin": case.origin,
        "denied": case.denied,
        "at_stake": case.at_stake,
        "hardness": reading.hardness,
        "preventable": reading.preventable,
        "appealable": reading.appealable,
        "level": case.level,
        "denied_on": case.denied_on,
        "service_from": case.service_from,
        "basis_event": clock.event if clock else "remit_date",
        "basis_date": clock.start if clock else posted.remit_date,
        "deadline_rule": clock.rule if clock else "",
        "deadline": clock.proof() if clock else None,
        "legal_due": clock.legal_due if clock else None,
        "internal_due": clock.internal_due if clock else None,
        "appeal_by": case.appeal_by,
        "file_by": case.file_by,
        "follow_up": None,
        "score": case.score,
        "rank": rank(case.score, clock.internal_due if clock else None, case.at_stake),
        "score_reasons": list(case.reasons),
    }


def in_bulk(value: Any) -> Any:
    """A value as bulk rows and snapshots write it."""
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, Money) else value


def change(w: Work, rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Write columns of cases, the same ones of each, in one statement."""
    if not rows:
        return
    names = list(next(iter(rows.values())))
    named = {name: bindparam(f"new_{name}", type_=_denial.c[name].type) for name in names}
    statement = update(_denial).where(_denial.c.id == bindparam("this_id"))
    statement = statement.values(**named, version=_denial.c.version + 1)
    w.db.execute(
        statement,
        [
            {"this_id": key, **{f"new_{name}": row[name] for name in names}}
            for key, row in sorted(rows.items())
        ],
    )


def _write_items(w: Work, entity_id: int, changed: Iterable[Case]) -> None:
    taken = [(case, item) for case in changed for item in case.items if item.taken]
    rows = [
        (
            item.address, entity_id, case.id, case.claim_id, item.remit_claim_id, item.remit_line_id,
            item.line[0], item.line[1], item.round, item.group, item.carc, item.rarcs, item.charge,
            item.cents, item.stake, False, item.element, item.byte,
        )
        for case, item in taken
        if item.fresh
    ]  # fmt: skip
    bulk_insert(w.db, _item, ITEM, rows)
    moved = [
        {"this_id": item.address, "to": case.id, "now": item.round, "part": item.stake}
        for case, item in taken
        if not item.fresh
    ]
    if moved:
        values: dict[str, Any] = {
            "denial_id": bindparam("to"),
            "round": bindparam("now"),
            "stake": bindparam("part"),
        }
        w.db.execute(
            update(_item).where(_item.c.address == bindparam("this_id")).values(**values, withdrawn=False),
            moved,
        )


# ---------------------------------------------------------------- what happened


class Told(NamedTuple):
    """An event of a case. `was`: the columns a posting changed, as they were, so that it can be undone."""

    entity_id: int
    denial_id: int
    move: str
    before: str
    after: str
    reason: str
    detail: dict[str, Any] | None = None
    remit_claim_id: int | None = None
    was: dict[str, Any] | None = None


def _told(posted: Posted, case: Case, changed: Mapping[str, Any] | None) -> list[Told]:
    reason = case.outcome or (f"{case.group}-{case.reading.carc}" if case.reading else "")
    detail = {"remit_id": posted.remit_id, "round": case.round, "recovered": case.recovered}
    was = {name: in_bulk(case.row[name]) for name in changed} if changed else None
    return [
        Told(posted.entity_id, case.id, move, case.before, case.state, reason, detail, by, was)
        for move, by in case.touched
    ]


def log(w: Work, told: Iterable[Told]) -> None:
    """Keep who moved which case, from where to where, and why (RDEN-10); tell programs that listen."""
    kept = list(told)
    _keep(w, kept)
    for entity_id in sorted({one.entity_id for one in kept}):
        moved = [one.denial_id for one in kept if one.entity_id == entity_id and one.before != one.after]
        service_looks.look_again(w, entity_id, "denials", moved)
    service_told.announce(w, kept)


def _keep(w: Work, told: Iterable[Told]) -> None:
    at = instant_text(w.now)
    rows = [
        (
            one.entity_id, one.denial_id, one.remit_claim_id, at, w.actor.name[:80], one.move,
            one.before, one.after, one.reason[:200], json.dumps(one.detail) if one.detail else None,
            json.dumps(one.was) if one.was else None,
        )
        for one in told
    ]  # fmt: skip
    bulk_insert(w.db, _event, EVENT, rows)


def as_it_was(was: Mapping[str, Any]) -> dict[str, Any]:
    """A snapshot's columns with their types."""
    return {name: _typed(name, value) for name, value in was.items()}


def _typed(name: str, value: Any) -> Any:
    kind = _denial.c[name].type
    if value is None:
        return None
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Instant):
        return datetime.fromisoformat(value + "+00:00")
    return json.loads(value) if name in ("deadline", "score_reasons") else value


# ---------------------------------------------------------------- work for people


def queue(w: Work, entity_id: int, changed: Sequence[Case]) -> None:
    """Cases that wait get their item, cases that ended lose it.

    A case that brings less than working it costs stands in a queue of its own.
    """
    ended: dict[str, list[int]] = {}
    for case in changed:
        if not case.is_open and not case.fresh:
            ended.setdefault(case.outcome or "closed", []).append(case.id)
    for outcome, ids in sorted(ended.items()):
        leave(w, ids, outcome)
    waiting = [case for case in changed if case.is_open and case.reading is not None]
    worklist.open_many(w, [_work_item(entity_id, case) for case in waiting if case.fresh])
    again = [case for case in waiting if not case.fresh]
    if again:
        for name in (QUEUE, HOPELESS):
            moved = [case.id for case in again if (HOPELESS if case.hopeless else QUEUE) != name]
            worklist.close_many(w, name, "denial", moved, "moved")
        worklist.reopen_many(w, [_work_item(entity_id, case) for case in again])


def leave(w: Work, denial_ids: Sequence[int], outcome: str) -> None:
    """Take cases off every queue."""
    for name in (*QUEUES, APPROVALS):
        worklist.close_many(w, name, "denial", denial_ids, outcome)


def _work_item(entity_id: int, case: Case) -> NewItem:
    reading = case.reading
    said = {"action": reading.next_action, "carc": reading.carc, "rarc": reading.rarc} if reading else {}
    due = case.deadline.internal_due if case.deadline else None
    return _work(entity_id, case, due, said, hopeless=case.hopeless)


def item_again(case: Case) -> NewItem:
    """The work of a case as its row stands, for a case taken up again."""
    row = case.row
    said = {"action": row["next_action"], "carc": row["carc"], "rarc": row["rarc"]}
    facts = [str(one["fact"]) for one in row["score_reasons"] or [] if one["factor"] == "net_value"]
    return _work(
        row["entity_id"],
        case,
        row["internal_due"],
        said,
        hopeless=any(fact.startswith("-") for fact in facts),
    )


def _work(
    entity_id: int, case: Case, due: date | None, said: Mapping[str, Any], *, hopeless: bool
) -> NewItem:
    lead = max(case.now_items(), key=lambda item: (item.cents, -item.address))
    return NewItem(
        entity_id=entity_id,
        queue=HOPELESS if hopeless else QUEUE,
        kind="denial",
        subject="denial",
        subject_id=case.id,
        reason=case.category,
        amount=case.at_stake,
        claim_id=case.claim_id,
        payer_id=case.payer_id,
        patient_id=case.patient_id,
        due=due,
        score=case.score,
        detail={"denial": case.public_id, "round": case.round, **said},
        source=lead.address,
    )


def expired_item(row: Any) -> NewItem:
    """What a manager gets when a case ran out of time."""
    return NewItem(
        entity_id=row.entity_id,
        queue=EXPIRED,
        kind="denial",
        subject="denial",
        subject_id=row.id,
        reason="time_barred",
        amount=int(row.at_stake),
        claim_id=row.claim_id,
        payer_id=row.payer_id,
        patient_id=row.patient_id,
        due=row.legal_due,
        score=row.score,
        detail={"denial": row.public_id, "rule": row.deadline_rule},
    )
