"""Claims nobody answers: found once a day set by set, worked like any work, gone when the payer speaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, select, update

from app.claims import rules_actions
from app.claims.lifecycle import REJECTED_STATES, State, Track
from app.claims.models import (
    Claim,
    ClaimPayer,
    ClaimResent,
    ClaimState,
    ClaimVersion,
    PayerLag,
    SilentClaim,
)
from app.claims.queries_states import day_of_text
from app.claims.rules_silent import Habit, Wait, habit, wait
from app.claims.service_states import close_silent
from app.contacts import service as contacts
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.ids import public_ids
from app.kernel.work import Work
from app.worklist import service as worklist
from app.worklist.models import WorklistItem
from app.worklist.service import NewItem

_claim, _version, _covered = table_of(Claim), table_of(ClaimVersion), table_of(ClaimPayer)
_state, _resent, _silent = table_of(ClaimState), table_of(ClaimResent), table_of(SilentClaim)
_lag, _item = table_of(PayerLag), table_of(WorklistItem)
QUEUE, SUBJECT = "silent_claims", "silent_claim"
CHUNK = 5_000
"""Claims looked at together: the way through a million of them is a walk along their keys."""

REASON_CHARACTERS, LONGEST_DAYS = 200, 180
_DONE = (
    State.REMITTED.value,
    State.VOIDED.value,
    *(state.value for state in REJECTED_STATES - {State.LINES_REJECTED}),
)
_SILENT = (
    "claim_id", "public_id", "entity_id", "payer_id", "rank", "sent", "first_sent", "amount", "expected_by",
    "escalate_on", "basis", "wait_days", "track", "suppressed_reason", "suppressed_by", "open", "outcome",
    "recorded_at", "version",
)  # fmt: skip


def measure(w: Work, entity_id: int, today: date) -> dict[int, Habit]:
    """Each payer's days from claim to remit over the last year, kept for the screen; {payer: habit}."""
    back = today - timedelta(rules_actions.setting("lag_days_back", today))
    day = func.substr(_version.c.sent, 1, 8)
    query = (
        select(_covered.c.payer_id, day, _covered.c.answered_on, func.count())
        .join(_claim, _claim.c.id == _covered.c.claim_id)
        .join(_version, _version.c.id == _claim.c.current_version_id)
        .where(
            _covered.c.entity_id == entity_id,
            _covered.c.rank == 1,
            _covered.c.state == "answered",
            _covered.c.answered_on >= back,
            _covered.c.payer_id.is_not(None),
        )
        .group_by(_covered.c.payer_id, day, _covered.c.answered_on)
    )
    days: dict[int, dict[int, int]] = {}
    for payer_id, sent, answered_on, count in w.db.execute(query):
        start = day_of_text(sent)
        if start is not None and answered_on >= start:
            took = (answered_on - start).days
            own = days.setdefault(payer_id, {})
            own[took] = own.get(took, 0) + int(count)
    percent = rules_actions.setting("lag_percentile", today)
    found = {payer: habit(counted, percent) for payer, counted in days.items()}
    w.db.execute(_lag.delete().where(_lag.c.entity_id == entity_id))
    columns = ("payer_id", "entity_id", "cases", "middle_days", "long_days", "measured_on")
    rows = [
        (payer, entity_id, one.cases, one.middle_days, one.long_days, today.isoformat())
        for payer, one in sorted(found.items())
    ]
    bulk_insert(w.db, _lag, columns, rows)
    return found


def sweep(w: Work, entity_id: int, today: date) -> int:
    """Find the silent claims of an entity, chunk by chunk; returns how many are newly listed."""
    habits = measure(w, entity_id, today)
    _close_spoken(w, entity_id)
    found, last = 0, 0
    while chunk := w.db.execute(_waiting(entity_id, last, today)).all():
        found += _judge(w, chunk, habits, today)
        last = chunk[-1].id
    _wake(w, entity_id, today)
    return found


def _waiting(entity_id: int, last: int, today: date) -> Any:
    """The next claims whose payer has not answered and who were sent before today."""
    return (
        select(
            _claim.c.id, _claim.c.entity_id, _claim.c.patient_id, _claim.c.charge, _covered.c.payer_id,
            _version.c.sent, _state.c.state, _state.c.since,
        )
        .join(_covered, and_(_covered.c.claim_id == _claim.c.id, _covered.c.rank == 1))
        .join(_version, _version.c.id == _claim.c.current_version_id)
        .outerjoin(_state, _state.c.claim_id == _claim.c.id)
        .where(
            _claim.c.entity_id == entity_id,
            _claim.c.id > last,
            _claim.c.insured.is_(True),
            _covered.c.state == "billed",
            _version.c.state != "undone",
            _version.c.sent < today.strftime("%Y%m%d"),
            func.coalesce(_state.c.state, "").not_in(_DONE),
        )
        .order_by(_claim.c.id)
        .limit(CHUNK)
    )  # fmt: skip


def _sendings(w: Work, ids: Sequence[int]) -> dict[int, tuple[date, date]]:
    """First and last day each claim was sent, the unchanged ones counted too."""
    found: dict[int, tuple[date, date]] = {}
    for table, more in ((_version, (_version.c.state != "undone",)), (_resent, ())):
        query = select(table.c.claim_id, func.min(table.c.sent), func.max(table.c.sent)).where(
            among(w.db, table.c.claim_id, ids), *more
        )
        for claim_id, first, final in w.db.execute(query.group_by(table.c.claim_id)):
            days = [day for day in (day_of_text(first), day_of_text(final), *found.get(claim_id, ())) if day]
            if days:
                found[claim_id] = (min(days), max(days))
    return found


def _judge(w: Work, chunk: Sequence[Any], habits: dict[int, Habit], today: date) -> int:
    ids = [row.id for row in chunk]
    sent = _sendings(w, ids)
    known = {
        row.claim_id: row for row in w.db.execute(select(_silent).where(among(w.db, _silent.c.claim_id, ids)))
    }
    numbers = {
        name: rules_actions.setting(name, today)
        for name in ("lag_cases", "inquiry_first", "inquiry_escalate")
    }
    fresh, items, quiet = [], [], []
    pressing: dict[int, tuple[int, int]] = {}
    for row in chunk:
        first, final = sent.get(row.id, (None, None))
        if first is None or final is None:
            continue
        accepted = row.since if row.state == State.ACCEPTED.value else None
        until = wait(
            final, accepted, habits.get(row.payer_id), least=numbers["lag_cases"],
            first=numbers["inquiry_first"], escalate=numbers["inquiry_escalate"],
        )  # fmt: skip
        old = known.get(row.id)
        if today <= until.expected_by:
            quiet += [row.id] if old is not None and old.open else []
            continue
        if old is None or (not old.open and final > old.sent):
            fresh.append((row, first, final, until))
            items.append(_work(row, until, today))
        elif old.open and today > until.escalate_on:
            item = _work(row, until, today)
            pressing[row.id] = (item.score, item.rank)
    again = [row.id for row, *_ in fresh if row.id in known]
    w.db.execute(_silent.delete().where(among(w.db, _silent.c.claim_id, again)))
    _list(w, fresh)
    worklist.reopen_many(w, items)
    worklist.rank_many(w, [QUEUE], SUBJECT, pressing)
    close_silent(w, quiet, "sent_again")
    return len(fresh)


def _list(w: Work, fresh: Sequence[tuple[Any, date, date, Wait]]) -> None:
    moment, names = instant_text(w.now), public_ids(len(fresh))
    rows = [
        (
            row.id, names[at], row.entity_id, row.payer_id, 1, final.isoformat(), first.isoformat(),
            int(row.charge), until.expected_by.isoformat(), until.escalate_on.isoformat(), until.basis,
            until.days, Track.WAITING.value, "", "", True, "", moment, 1,
        )
        for at, (row, first, final, until) in enumerate(fresh)
    ]  # fmt: skip
    bulk_insert(w.db, _silent, _SILENT, rows)


def _work(row: Any, until: Wait, today: date) -> NewItem:
    late = today > until.escalate_on
    return NewItem(
        entity_id=row.entity_id, queue=QUEUE, kind="silent", subject=SUBJECT, subject_id=row.id,
        reason="no_remit", amount=int(row.charge), claim_id=row.id, payer_id=row.payer_id,
        patient_id=row.patient_id, due=until.escalate_on, score=60 if late else 30,
    )  # fmt: skip


def _close_spoken(w: Work, entity_id: int) -> None:
    """Those whose payer answered, or that were refused, since the last look."""
    answered = (
        select(_silent.c.claim_id)
        .join(_covered, and_(_covered.c.claim_id == _silent.c.claim_id, _covered.c.rank == _silent.c.rank))
        .where(_silent.c.entity_id == entity_id, _silent.c.open.is_(True), _covered.c.state != "billed")
    )
    close_silent(w, list(w.db.execute(answered).scalars()), "remitted")
    refused = (
        select(_silent.c.claim_id)
        .join(_state, _state.c.claim_id == _silent.c.claim_id)
        .where(_silent.c.entity_id == entity_id, _silent.c.open.is_(True), _state.c.state.in_(_DONE))
    )
    close_silent(w, list(w.db.execute(refused).scalars()), "rejected")


def _wake(w: Work, entity_id: int, today: date) -> None:
    """Suppressions that ended: the work comes back."""
    query = (
        select(_silent, _claim.c.patient_id)
        .join(_claim, _claim.c.id == _silent.c.claim_id)
        .where(_silent.c.entity_id == entity_id, _silent.c.open.is_(True), _silent.c.suppressed_until < today)
    )
    rows = w.db.execute(query).all()
    items = [
        NewItem(
            entity_id=row.entity_id, queue=QUEUE, kind="silent", subject=SUBJECT, subject_id=row.claim_id,
            reason="suppression_ended", amount=int(row.amount), claim_id=row.claim_id, payer_id=row.payer_id,
            patient_id=row.patient_id, due=row.escalate_on, score=60,
        )
        for row in rows
    ]  # fmt: skip
    worklist.reopen_many(w, items)
    ended = update(_silent).where(_silent.c.claim_id == bindparam("this"))
    if rows:
        values = dict(suppressed_until=None, version=_silent.c.version + 1)
        w.db.execute(ended.values(**values), [{"this": row.claim_id} for row in rows])


# ---------------------------------------------------------------- what people do


@dataclass(frozen=True)
class _Held:
    """A silent claim a person is at work on."""

    row: Any
    item: Any


def _held(w: Work, public_id: str, version: int | None = None) -> _Held:
    mine = (w.within(_silent.c.entity_id), _silent.c.public_id == public_id)
    row = w.db.execute(select(_silent).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such silent claim.")
    if version is not None and row.version != version:
        raise Stale()
    about = (_item.c.queue == QUEUE, _item.c.subject == SUBJECT, _item.c.subject_id == row.claim_id)
    return _Held(row, w.db.execute(select(_item).where(*about, w.within(_item.c.entity_id))).one_or_none())


def _change(w: Work, held: _Held, doing: str, **values: Any) -> int:
    row = held.row
    change = update(_silent).where(_silent.c.claim_id == row.claim_id, _silent.c.version == row.version)
    if w.db.execute(change.values(**values, version=row.version + 1)).rowcount != 1:
        raise Stale()
    patients = [held.item.patient_id] if held.item is not None and held.item.patient_id else []
    w.audit(doing, "U", "silent_claim", row.public_id, entity_id=row.entity_id, patients=patients)
    return int(row.version) + 1


def assign(w: Work, public_id: str, *, owner_id: int | None) -> None:
    """Give a silent claim to a person, or to nobody."""
    held = _held(w, public_id)
    if held.item is None:
        raise NotFound("Nobody is asked to work this claim.")
    worklist.assign(w, held.item.public_id, owner_id=owner_id, version=held.item.version)


def suppress(w: Work, public_id: str, *, until: date | None, reason: str, version: int) -> int:
    """Put a silent claim aside until a day, with the reason; it comes back by itself after it."""
    w.may("worklist.work")
    held = _held(w, public_id, version)
    today = w.now.date()
    if not reason.strip():
        raise Refused("Say why nobody need ask.", code="reason_missing", field="reason")
    if until is None or not today < until <= today + timedelta(LONGEST_DAYS):
        words = f"Choose a day after today and within {LONGEST_DAYS} days."
        raise Refused(words, code="until_range", field="until")
    who = w.actor.name[:80]
    values = dict(
        suppressed_until=until, suppressed_reason=reason.strip()[:REASON_CHARACTERS], suppressed_by=who
    )
    changed = _change(w, held, "silent.suppress", **values)
    worklist.close_many(w, QUEUE, SUBJECT, [held.row.claim_id], "suppressed")
    return changed


def track(w: Work, public_id: str, *, status: str, version: int) -> int:
    """Say what was done: asked (276 or portal), escalated, or waiting again."""
    w.may("worklist.work")
    held = _held(w, public_id, version)
    if status not in tuple(Track):
        raise Refused("There is no such status.", code="unknown_track", field="status")
    return _change(w, held, "silent.track", track=status, track_on=w.now.date())


def log_call(w: Work, public_id: str, **said: Any) -> int:
    """Write down a call; the claim's track says so. `said` as `contacts.log_call` takes it."""
    w.may("worklist.work")
    held = _held(w, public_id)
    row = held.row
    patient = held.item.patient_id if held.item is not None else None
    key = contacts.log_call(w, row.entity_id, row.payer_id, SUBJECT, row.claim_id, patient_id=patient, **said)
    _change(w, held, "silent.call", track=Track.CALLED.value, track_on=w.now.date())
    return key


def note(w: Work, public_id: str, text: str) -> int:
    """Write a note about a silent claim; returns its key."""
    w.may("worklist.work")
    held = _held(w, public_id)
    patient = held.item.patient_id if held.item is not None else None
    return contacts.note(w, held.row.entity_id, SUBJECT, held.row.claim_id, text, patient_id=patient)
