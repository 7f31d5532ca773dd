"""What people do to cases, one or thousands with the same verb: decided case by case, written in bulk, undone
as a whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.contacts import service as contacts
from app.contacts.rules import without_cards
from app.denials import queries_corrections, queries_limits, queries_moved, rules, rules_limits
from app.denials import service_rows as rows
from app.denials.lifecycle import Move, State
from app.denials.models import Denial, DenialBulk, DenialBulkCase
from app.denials.queries_people import may_work
from app.denials.rules_acts import Act, Done, Limits, Wanted, check, decide
from app.denials.rules_corrections import GUARDED, guard
from app.denials.service_rows import Told
from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.ledger.models import ClaimBalance
from app.payers import service as payers
from app.payers.rules import Terms
from app.worklist import service as worklist

_denial, _bulk, _case = table_of(Denial), table_of(DenialBulk), table_of(DenialBulkCase)
_balance = table_of(ClaimBalance)
CASES_MOST = 20_000
CHUNK = 2_000
CHANGED = ("state", "follow_up", "owner_id", "snoozes", "root_cause", "preventable", "outcome", "closed_at",
           "patient_hold")  # fmt: skip
"""The columns a person's act may write; what they were is kept with the act."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A case an act did not fit, and why."""

    public_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act: `bulk` names it for its undoing, empty when it did nothing."""

    bulk: str
    done: int
    skipped: tuple[Skipped, ...]
    refusals: tuple[Refused, ...] = ()


def act(w: Work, seen: Mapping[str, int | None], wanted: Wanted) -> Outcome:
    """Do one thing to every case of a set; those it does not fit stay as they are, with the reason.

    seen: public id to the version that was looked at; None: whatever stands now, for sets that were shown as
    a whole. Refused altogether: an act that fits no case, more than 20,000 cases, a person without the right.
    """
    w.may("denials.work")
    if len(seen) > CASES_MOST:
        raise Refused(f"At most {CASES_MOST:,} cases at once; narrow the filters.", code="too_many")
    found = _load(w, list(seen))
    clean = replace(wanted, reason=without_cards(wanted.reason.strip())[:200])
    done: dict[int, dict[str, Any]] = {}
    told: list[Told] = []
    kept: list[Any] = []
    refusals: list[Refused] = []
    skipped = [Skipped(one, "There is no such case.") for one in seen if one not in found]
    by_entity: dict[int, list[Any]] = defaultdict(list)
    for row in found.values():
        by_entity[row.entity_id].append(row)
    for entity_id, mine in sorted(by_entity.items()):
        deciding = _Deciding(w, entity_id, mine, clean)
        for row in mine:
            try:
                made = deciding.one(row, seen[row.public_id])
            except Refused as refusal:
                skipped.append(Skipped(row.public_id, refusal.message))
                refusals.append(refusal)
                continue
            done[row.id] = made.values
            kept.append(row)
            told += _told(row, made.moves, clean)
    noted = _note(w, kept, clean)
    bulk = _write(w, clean, kept, done, noted)
    rows.log(w, told)
    return Outcome(bulk, len(kept), tuple(skipped), tuple(refusals))


def act_on_one(w: Work, public_id: str, version: int, wanted: Wanted) -> tuple[int, str]:
    """The same for one case: its new version, and the act's name for undoing. What an act over a set would
    skip is refused here.
    """
    found = _load(w, [public_id])
    if not found:
        raise NotFound()
    if found[public_id].version != version:
        raise Stale()
    outcome = act(w, {public_id: version}, wanted)
    if outcome.refusals:
        raise outcome.refusals[0]
    return version + (wanted.act is not Act.NOTE), outcome.bulk


def decide_one(w: Work, row: Any, wanted: Wanted) -> Done:
    """What an act does to a case in hand; `Refused` when it does not fit."""
    return _Deciding(w, row.entity_id, [row], wanted).one(row, None)


def write_one(w: Work, row: Any, wanted: Wanted, made: Done, contact: int) -> str:
    """Write a decision together with the call or note behind it, as one act; returns its name."""
    bulk = _write(w, wanted, [row], {row.id: made.values}, {row.id: contact})
    if "owner_id" in made.values:
        worklist.own_many(w, rows.QUEUES, "denial", [row.id], made.values["owner_id"])
    rows.log(w, _told(row, made.moves, wanted))
    return bulk


def changed_set() -> Stale:
    """A filter finds other cases than were shown."""
    return Stale("The set changed meanwhile. Look again, then decide.")


class _Deciding:
    """The facts a decision needs, read once for the cases of one entity."""

    def __init__(self, w: Work, entity_id: int, mine: Sequence[Any], wanted: Wanted):
        self._w, self._wanted = w, wanted
        self.today = w.today(entities.get(w, entity_id).time_zone)
        own = queries_limits.own(w, entity_id)
        self._limits = Limits(
            *(
                rules_limits.most(own, name, self.today)
                for name in ("snooze_count", "snooze_days", "snooze_margin_days")
            )
        )
        check(wanted, self.today, self._limits)
        owner = wanted.owner_id if wanted.act is Act.ASSIGN else None
        if owner is not None and not may_work(w, owner, entity_id):
            raise Refused("This person does not work denials here.", code="not_theirs", field="owner")
        self._terms: Mapping[tuple[int | None, str], Terms] = {}
        self._open: dict[int, int] = {}
        # An appeal and a corrected claim of one denial never run beside each other (G1).
        self._under = queries_corrections.under_way(w, mine) if wanted.step in GUARDED else {}
        if wanted.step is not None:
            self._terms = payers.terms_of(
                w, entity_id, {(row.payer_id, row.filing) for row in mine}, self.today
            )
        if wanted.move is Move.CONCLUDE:
            self._open = open_beside(w, mine)

    def one(self, row: Any, version: int | None) -> Done:
        """What happens to one case."""
        if version is not None and row.version != version:
            raise Stale()
        wanted = self._wanted
        follow_up = None
        if wanted.step is not None:
            if row.state == State.EXPIRED.value:
                self._w.may("denials.approve")  # what ran out of time is a supervisor's to end (RDEN-25)
            terms = self._terms[row.payer_id, row.filing]
            follow_up = rules.follow_up(after(State(row.state), wanted.step), terms, self.today)
            guard(wanted.step, State(row.state), self._under.get(row.id), self.today)
        made = decide(wanted, row, self.today, self._limits, follow_up)
        if made.values.get("state") == State.CLOSED.value:
            self._may_close(row)
            made.values.update(outcome="closed_no_action", closed_at=self._w.now, patient_hold=False)
        return made

    def _may_close(self, row: Any) -> None:
        # RDEN-13: what the payer still owes of it must have gone somewhere before a case ends.
        if self._open.get(row.id, 0) > 0:
            words = "The payer's balance is still open: ask for a write-off, or move it to whoever owes it."
            raise Refused(words, code="balance_open")


def check_beside(w: Work, row: Any, move: Move) -> None:
    """Refuse a move of a case in hand that would collide with a corrected claim under way (G1)."""
    under = queries_corrections.under_way(w, [row]).get(row.id)
    guard(move, State(row.state), under, today_of(w, row.entity_id))


def after(state: State, move: Move) -> State:
    """Where a move leads, a new case being triaged on the way; the state itself when it leads nowhere."""
    return rules.where_to(state if move is Move.TRIAGE else after_triage(state), move) or state


def after_triage(state: State) -> State:
    """Where a case stands once it was looked at: a new one is triaged by working it."""
    return State.TRIAGED if state is State.NEW else state


def open_beside(w: Work, mine: Sequence[Any]) -> dict[int, int]:
    """By case, the cents the payer owes on its claim beyond what other open cases of the claim hold."""
    claims = sorted({row.claim_id for row in mine})
    owed: dict[int, int] = {}
    held: dict[int, list[Any]] = defaultdict(list)
    for chunk in in_chunks(claims, CHUNK):
        balance = select(_balance.c.claim_id, _balance.c.payer).where(
            w.within(_balance.c.entity_id), among(w.db, _balance.c.claim_id, chunk)
        )
        owed |= {row.claim_id: int(row.payer) for row in w.db.execute(balance)}
        cases = select(_denial.c.id, _denial.c.claim_id, _denial.c.denied, _denial.c.recovered).where(
            w.within(_denial.c.entity_id),
            among(w.db, _denial.c.claim_id, chunk),
            _denial.c.state != State.CLOSED.value,
        )
        for row in w.db.execute(cases):
            held[row.claim_id].append(row)
    moved = queries_moved.moved(w, [one.id for group in held.values() for one in group])
    return {
        row.id: owed.get(row.claim_id, 0)
        - sum(
            max(0, int(one.denied) - int(one.recovered) - queries_moved.total(moved, one.id))
            for one in held[row.claim_id]
            if one.id != row.id
        )
        for row in mine
    }


def _load(w: Work, publics: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for chunk in in_chunks(publics, CHUNK):
        mine = (w.within(_denial.c.entity_id), among(w.db, _denial.c.public_id, chunk))
        query = select(_denial).where(*mine).order_by(_denial.c.id).with_for_update()
        found |= {row.public_id: row for row in w.db.execute(query)}
    return found


def _told(row: Any, moves: Iterable[tuple[str, str]], wanted: Wanted) -> list[Told]:
    told, before = [], row.state
    for move, state in moves:
        detail: dict[str, Any] | None = {"owner": wanted.owner_id} if wanted.act is Act.ASSIGN else None
        if move == "root_cause":
            detail = {"root_cause": wanted.root_cause, "preventable": wanted.preventable}
        told.append(Told(row.entity_id, row.id, move, before, state, wanted.reason, detail))
        before = state
    return told


def _note(w: Work, kept: Sequence[Any], wanted: Wanted) -> dict[int, int]:
    if wanted.act is not Act.NOTE or not kept:
        return {}
    abouts = [
        contacts.About(entity_id=row.entity_id, subject="denial", subject_id=row.id, payer_id=row.payer_id,
                       patient_id=row.patient_id)
        for row in kept
    ]  # fmt: skip
    keys = contacts.note_many(w, abouts, wanted.text)
    return {row.id: key for row, key in zip(kept, keys, strict=True)}


def _write(
    w: Work,
    wanted: Wanted,
    kept: Sequence[Any],
    done: Mapping[int, Mapping[str, Any]],
    noted: Mapping[int, int],
) -> str:
    """Write the changed columns in groups of the same ones, then the act itself."""
    if not kept:
        return ""
    if wanted.act is Act.NOTE:
        for chunk in in_chunks([row.id for row in kept], CHUNK):
            w.db.execute(update(_denial).where(among(w.db, _denial.c.id, chunk)).values(touched_at=w.now))
    groups: dict[frozenset[str], dict[int, dict[str, Any]]] = defaultdict(dict)
    for key, values in done.items():
        if values:
            groups[frozenset(values)][key] = {**values, "touched_at": w.now}
    for group in groups.values():
        rows.change(w, group)
    if wanted.act is Act.ASSIGN:
        worklist.own_many(w, rows.QUEUES, "denial", [row.id for row in kept], wanted.owner_id)
    closed = [key for key, values in done.items() if values.get("state") == State.CLOSED.value]
    rows.leave(w, closed, "closed_no_action")
    return keep(w, wanted.move.value if wanted.move else wanted.act.value, kept, done, noted)


def keep(
    w: Work,
    name: str,
    kept: Sequence[Any],
    done: Mapping[int, Mapping[str, Any]],
    noted: Mapping[int, int],
) -> str:
    """Remember an act with what it changed, so that it can be undone; returns its public id."""
    key, public = w.numbers("denial_bulk"), public_id()
    w.db.execute(
        insert(_bulk).values(
            id=key, public_id=public, person_id=w.actor.person_id, actor=w.actor.name[:80], at=w.now,
            act=name[:24], cases=len(kept),
        )
    )  # fmt: skip
    was = [
        {
            "bulk_id": key,
            "denial_id": row.id,
            "entity_id": row.entity_id,
            "version": row.version + bool(done[row.id]),
            "was": {one: rows.in_bulk(getattr(row, one)) for one in CHANGED if one in done[row.id]},
            "contact_id": noted.get(row.id),
        }
        for row in kept
    ]
    w.db.execute(insert(_case), was)
    for entity_id in sorted({row.entity_id for row in kept}):
        mine = [row for row in kept if row.entity_id == entity_id]
        w.audit("denials.act", "U", "denial", mine[0].public_id if len(mine) == 1 else public,
                entity_id=entity_id, patients=[row.patient_id for row in mine if row.patient_id],
                detail={"act": name, "count": len(mine), "bulk": public})  # fmt: skip
    return public


def today_of(w: Work, entity_id: int) -> date:
    """The day it is where an entity works."""
    return w.today(entities.get(w, entity_id).time_zone)
