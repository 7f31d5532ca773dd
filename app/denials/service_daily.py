"""What the schedule does with denials every day: rank, recompute, expire, bring back what was put aside."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select

from app.contacts import service as contacts
from app.contacts.models import PayerPromise
from app.contacts.rules import PromiseState
from app.denials import queries_around, rules, rules_deadlines, rules_priority, service_writeoff
from app.denials import service_rows as rows
from app.denials.lifecycle import OPEN, Move, State
from app.denials.models import Denial, DenialChance
from app.denials.service_rows import Told
from app.entities import queries as entities
from app.kernel.db import bulk_insert, table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.payers import service as payers
from app.worklist import service as worklist
from app.worklist.rules import rank

_denial, _chance = table_of(Denial), table_of(DenialChance)
_promise = table_of(PayerPromise)
CHANCE = ("entity_id", "measured_on", "category", "payer_id", "closed", "paid", "chance")


def every_day(w: Work, entity_id: int) -> dict[str, int]:
    """All of it, each seeing what the one before did; returns how many cases each touched."""
    return {
        "came_back": come_back(w, entity_id),
        "recomputed": recompute(w, entity_id),
        "expired": expire(w, entity_id),
        "warned": warn(w, entity_id),
        "promises": judge_promises(w, entity_id),
        "withdrawn": service_writeoff.withdraw_moved(w, entity_id),
        "ranked": measure(w, entity_id),
    }


@dataclass(frozen=True, slots=True)
class _Standing:
    """A case as far as its clocks are concerned."""

    appealable: str
    next_action: str
    days: int


def recompute(w: Work, entity_id: int) -> int:
    """Open cases follow the terms as they are now known; returns how many dates moved.

    Each move is logged with the old and the new day. The terms are those in force on the day of the refusal:
    a change for later refusals moves nothing (RDEN-24).
    """
    query = select(_denial).where(
        _denial.c.entity_id == entity_id,
        w.within(_denial.c.entity_id),
        _denial.c.state.in_([state.value for state in sorted(rules.MAY_EXPIRE)]),
    )
    found = w.db.execute(query.order_by(_denial.c.id)).all()
    days = sorted({row.denied_on for row in found})
    terms = {
        day: payers.terms_of(
            w, entity_id, {(row.payer_id, row.filing) for row in found if row.denied_on == day}, day
        )
        for day in days
    }
    moved: dict[int, dict[str, Any]] = {}
    told = []
    for row in found:
        now = terms[row.denied_on][row.payer_id, row.filing]
        before = row.deadline or {}
        own_days = int(before.get("days", 0)) if before.get("rule") == "playbook" else 0
        clocks = rules_deadlines.clocks(
            _Standing(row.appealable, row.next_action, own_days),
            now,
            level=max(row.level, 1),
            remit_date=row.denied_on,
            service_from=row.service_from,
        )
        clock, level = clocks.nearest, clocks.level
        if clock is None or (clock.proof() == before and clocks.file_by == row.file_by):
            continue
        moved[row.id] = {
            "deadline": clock.proof(),
            "deadline_rule": clock.rule,
            "basis_event": clock.event,
            "basis_date": clock.start,
            "legal_due": clock.legal_due,
            "internal_due": clock.internal_due,
            "appeal_by": clocks.appeal_by,
            "file_by": clocks.file_by,
            "level": level,
            "rank": rank(row.score, clock.internal_due, int(row.at_stake)),
        }
        detail = {
            "was": before.get("legal_due"),
            "now": clock.legal_due.isoformat(),
            "terms": list(now.source),
        }
        told.append(Told(row.entity_id, row.id, "new_date", row.state, row.state, clock.rule, detail))
    rows.change(w, moved)
    rows.log(w, told)
    dates = {key: (values["internal_due"], values["rank"]) for key, values in moved.items()}
    worklist.redate_many(w, rows.QUEUES, "denial", dates)
    return len(moved)


def measure(w: Work, entity_id: int) -> int:
    """Rank every open case anew for today, with recovery chances from our own closed cases; returns how many
    moved.

    A category, or a category of one payer, speaks for itself after 200 closed cases (denials section 3).
    """
    today = w.today(entities.get(w, entity_id).time_zone)
    chances = _keep_chances(w, entity_id, today)
    columns = ("id", "category", "payer_id", "at_stake", "internal_due", "score")
    query = select(*(_denial.c[name] for name in columns)).where(
        _denial.c.entity_id == entity_id,
        w.within(_denial.c.entity_id),
        _denial.c.state.in_([state.value for state in OPEN]),
    )
    moved: dict[int, dict[str, Any]] = {}
    for row in w.db.execute(query.order_by(_denial.c.id)):
        chance = rules_priority.chance(chances, row.category, row.payer_id)
        found = rules_priority.rank(row.at_stake, row.category, row.internal_due, today, chance=chance)
        if found.score != row.score:
            place = rank(found.score, row.internal_due, int(row.at_stake))
            moved[row.id] = {"score": found.score, "rank": place, "score_reasons": list(found.reasons)}
    rows.change(w, moved)
    places = {key: (values["score"], values["rank"]) for key, values in moved.items()}
    worklist.rank_many(w, rows.QUEUES, "denial", places)
    return len(moved)


def _keep_chances(w: Work, entity_id: int, today: date) -> dict[tuple[str, int | None], Decimal]:
    counts = queries_around.closed_counts(w, entity_id)
    found = rules_priority.own_chances(counts)
    held = (_chance.c.entity_id == entity_id, _chance.c.measured_on == today)
    w.db.execute(delete(_chance).where(*held))  # measured again on the same day
    made = [
        (
            entity_id,
            today.isoformat(),
            category,
            payer,
            *rules_priority.cell(counts, category, payer),
            str(one),
        )
        for (category, payer), one in sorted(found.items(), key=lambda cell: (cell[0][0], cell[0][1] or 0))
    ]
    bulk_insert(w.db, _chance, CHANCE, made)
    return found


def expire(w: Work, entity_id: int) -> int:
    """Cases whose last legal day has passed go to a manager.

    Returns how many. Never a write-off (RDEN-25).
    """
    today = w.today(entities.get(w, entity_id).time_zone)
    late = (
        _denial.c.entity_id == entity_id,
        w.within(_denial.c.entity_id),
        _denial.c.legal_due < today,
        _denial.c.state.in_([state.value for state in sorted(rules.MAY_EXPIRE)]),
    )
    found = w.db.execute(select(_denial).where(*late).order_by(_denial.c.id)).all()
    rows.change(w, {row.id: {"state": State.EXPIRED.value} for row in found})
    rows.log(
        w,
        [
            Told(row.entity_id, row.id, Move.EXPIRE.value, row.state, State.EXPIRED.value, "time_barred")
            for row in found
        ],
    )
    worklist.reopen_many(w, [rows.expired_item(row) for row in found])
    return len(found)


def come_back(w: Work, entity_id: int) -> int:
    """Cases whose follow-up day has come return to their owner as triaged; returns how many."""
    today = w.today(entities.get(w, entity_id).time_zone)
    due = (
        _denial.c.entity_id == entity_id,
        w.within(_denial.c.entity_id),
        _denial.c.follow_up <= today,
        _denial.c.state.in_([state.value for state in sorted(rules.COME_BACK)]),
    )
    found = w.db.execute(select(_denial.c.id, _denial.c.entity_id, _denial.c.state).where(*due)).all()
    rows.change(w, {row.id: {"state": State.TRIAGED.value, "follow_up": None} for row in found})
    rows.log(
        w,
        [
            Told(
                row.entity_id,
                row.id,
                rules.COME_BACK[State(row.state)].value,
                row.state,
                State.TRIAGED.value,
                "due",
            )
            for row in found
        ],
    )
    return len(found)


ALERT_DAYS = (30, 14, 7, 3, 1)
"""Days before the day we work to on which a case says so (RDEN-25)."""


def warn(w: Work, entity_id: int) -> int:
    """Cases that run out in 30, 14, 7, 3 or 1 days get a line in their history; returns how many."""
    today = w.today(entities.get(w, entity_id).time_zone)
    due = (
        _denial.c.entity_id == entity_id,
        w.within(_denial.c.entity_id),
        _denial.c.internal_due.in_([today + timedelta(days) for days in ALERT_DAYS]),
        _denial.c.state.in_([state.value for state in sorted(rules.MAY_EXPIRE)]),
    )
    named = ("id", "entity_id", "state", "internal_due")
    found = w.db.execute(select(*(_denial.c[name] for name in named)).where(*due)).all()
    rows.log(
        w,
        [
            Told(row.entity_id, row.id, "alert", row.state, row.state,
                 f"{(row.internal_due - today).days} days left", {"due": row.internal_due.isoformat()})
            for row in found
        ],
    )  # fmt: skip
    return len(found)


def judge_promises(w: Work, entity_id: int) -> int:
    """Promises of payers about cases are measured against what the case recovered since; returns how many
    ended.
    """
    today = w.today(entities.get(w, entity_id).time_zone)
    waiting = select(_promise.c.subject_id).where(
        _promise.c.entity_id == entity_id,
        w.within(_promise.c.entity_id),
        _promise.c.subject == "denial",
        _promise.c.state == PromiseState.OPEN.value,
    )
    query = select(_denial.c.id, _denial.c.recovered).where(
        w.within(_denial.c.entity_id), _denial.c.id.in_(waiting), _denial.c.recovered > 0
    )
    came = {row.id: Money(int(row.recovered)) for row in w.db.execute(query)}
    return contacts.judge(w, entity_id, "denial", came, today)
