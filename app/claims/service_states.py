"""Where claims stand, worked out anew from all that is known of them; and the rejections it queues."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update

from app.claims.lifecycle import REJECTED_STATES, State, Track
from app.claims.models import (
    Acknowledgement,
    Claim,
    ClaimPayer,
    ClaimResent,
    ClaimState,
    ClaimVersion,
    SilentClaim,
    Transmission,
)
from app.claims.queries_states import facts_of
from app.claims.rules_answers import Standing, standing
from app.claims.service_payers import REVERSAL
from app.hooks import service as hooks
from app.hooks.service import News
from app.intake.models import IntakeTransaction
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.payers import service as payers
from app.worklist import service as worklist
from app.worklist.service import NewItem

_claim, _version, _covered = table_of(Claim), table_of(ClaimVersion), table_of(ClaimPayer)
_state, _way, _said = table_of(ClaimState), table_of(Transmission), table_of(Acknowledgement)
_resent, _silent, _transaction = table_of(ClaimResent), table_of(SilentClaim), table_of(IntakeTransaction)
QUEUE = "rejections"
CLAIM, FILE = "claim", "transmission"
"""Subjects of the queue: a claim that was refused, and a transaction of claims that was refused whole."""

_STATE = (
    "claim_id", "entity_id", "state", "since", "answer_id", "category", "status", "entity_code",
    "resubmitted_on", "changed_at",
)  # fmt: skip
_OWN_ITEM = frozenset({State.REJECTED, State.NOT_FOUND, State.LINES_REJECTED})
_WHOLE = frozenset({State.SYNTAX_REJECTED, State.INTERCHANGE_REJECTED})
"""Refused with the file they went out in: one item for the file, not one for each of its thousand claims."""

_STILL_OPEN = frozenset(
    {
        State.TRANSMITTED, State.SYNTAX_ACCEPTED, State.RECEIVED, State.REPLACEMENT_PENDING,
        State.VOID_PENDING, *_WHOLE,
    }
)  # fmt: skip
"""Sent again and not yet taken: the rejection stays on the list, and says so."""

OUTCOMES = {State.REMITTED: "remitted", State.REVERSED: "remitted", State.VOIDED: "voided"}
WAY_KINDS = {"interchange": "TA1"}
_SCORES = {State.LINES_REJECTED: 40}


def as_json(value: Any) -> str | None:
    """A JSON column as bulk rows write it."""
    return json.dumps(value, sort_keys=True, default=str) if value is not None else None


def restate(w: Work, claim_ids: Sequence[int]) -> None:
    """Work out anew where these claims stand, write what changed, open and close their rejections."""
    for chunk in in_chunks(claim_ids, BATCH_CLAIMS):
        _restate(w, chunk)


def _restate(w: Work, claim_ids: Sequence[int]) -> None:
    heads = {row.id: row for row in w.db.execute(_heads(w, claim_ids))}
    known = select(_state).where(among(w.db, _state.c.claim_id, claim_ids))
    before = {row.claim_id: row for row in w.db.execute(known)}
    moved: dict[int, Standing] = {}
    for claim_id, facts in facts_of(w, list(heads)).items():
        at, old = standing(facts), before.get(claim_id)
        was = (old.state, old.since, old.answer_id, old.resubmitted_on) if old else None
        if was != (at.state.value, _since(at), at.fact.answer_id if at.fact else None, at.resubmitted):
            moved[claim_id] = at
    moment = instant_text(w.now)
    rows = [_row(claim_id, heads[claim_id].entity_id, at, moment) for claim_id, at in moved.items()]
    w.db.execute(_state.delete().where(among(w.db, _state.c.claim_id, list(moved))))
    bulk_insert(w.db, _state, _STATE, rows)
    _queue(w, moved, heads)


def _since(at: Standing) -> date | None:
    """The day of the deciding fact; a first sending and a void have none that counts."""
    fact = at.fact
    return None if fact is None or fact.day in (date.min, date.max) else fact.day


def _row(claim_id: int, entity_id: int, at: Standing, moment: str) -> tuple[Any, ...]:
    fact, since = at.fact, _since(at)
    codes = (fact.answer_id, fact.category, fact.status, fact.entity_code) if fact else (None, "", "", "")
    again = at.resubmitted.isoformat() if at.resubmitted else None
    return (claim_id, entity_id, at.state.value, since.isoformat() if since else None, *codes, again, moment)


def _heads(w: Work, claim_ids: Sequence[int]) -> Any:
    names = ("id", "entity_id", "patient_id", "charge", "service_from", "service_to")
    columns = [_claim.c[name] for name in names]
    return (
        select(*columns, _version.c.payer_id, _version.c.filing)
        .join(_version, _version.c.id == _claim.c.current_version_id)
        .where(among(w.db, _claim.c.id, claim_ids), w.within(_claim.c.entity_id))
    )


def _queue(w: Work, moved: dict[int, Standing], heads: dict[int, Any]) -> None:
    """R837-31: each rejection is work; it closes by itself when the claim is taken or paid after all."""
    refused = {key: at for key, at in moved.items() if at.state in _OWN_ITEM}
    limits = _filing_limits(w, [heads[key] for key in refused])
    items = []
    for key, at in refused.items():
        head, fact = heads[key], at.fact
        codes = (fact.category, fact.status, fact.entity_code) if fact else ()
        items.append(
            NewItem(
                entity_id=head.entity_id, queue=QUEUE, kind="claim_rejected", subject=CLAIM, subject_id=key,
                reason=":".join(code for code in codes if code) or at.state.value, amount=int(head.charge),
                claim_id=key, payer_id=head.payer_id, patient_id=head.patient_id, due=limits.get(key),
                score=_SCORES.get(at.state, 60), source=fact.answer_id if fact else None,
            )
        )  # fmt: skip
    worklist.reopen_many(w, items)
    told = [(heads[key].entity_id, key, at.state.value) for key, at in refused.items()]
    _announce(w, _claim, CLAIM, told)
    closing: dict[str, list[int]] = {}
    for key, at in moved.items():
        if at.state not in _OWN_ITEM | _STILL_OPEN:
            closing.setdefault(OUTCOMES.get(at.state, "accepted_later"), []).append(key)
    for outcome, keys in sorted(closing.items()):
        worklist.close_many(w, QUEUE, CLAIM, keys, outcome)


def _announce(w: Work, table: Any, subject: str, refused: Sequence[tuple[int, int, str]]) -> None:
    """Tell programs that listen of what was rejected: (entity, key, state) of claims or of transactions."""
    listening = {one for one in sorted({row[0] for row in refused}) if hooks.listeners(w, one)}
    wanted = [row for row in refused if row[0] in listening]
    if not wanted:
        return
    query = select(table.c.id, table.c.public_id).where(
        w.within(table.c.entity_id), among(w.db, table.c.id, [key for _, key, _ in wanted])
    )
    names = {row.id: row.public_id for row in w.db.execute(query)}
    hooks.announce_each(
        w, ((entity_id, News("rejection.opened", subject, names[key], {"state": state}))
            for entity_id, key, state in wanted if key in names)
    )  # fmt: skip


def _filing_limits(w: Work, heads: Sequence[Any]) -> dict[int, date]:
    """The last day to send each claim anew, where the payer's terms count from the service."""
    found: dict[int, date] = {}
    for entity_id in {head.entity_id for head in heads}:
        own = [head for head in heads if head.entity_id == entity_id]
        terms = payers.terms_of(w, entity_id, [(one.payer_id, one.filing) for one in own], w.now.date())
        for head in own:
            term, day = terms[head.payer_id, head.filing], head.service_to or head.service_from
            if day is not None and term.initial_filing_basis == "service_date" and term.initial_filing_days:
                found[head.id] = day + timedelta(days=term.initial_filing_days)
    return found


# ---------------------------------------------------------------- what sets it off


def _claims_of(transactions: Sequence[int]) -> Any:
    versions = select(_version.c.claim_id).where(_version.c.transaction_id.in_(transactions))
    return versions.union(select(_resent.c.claim_id).where(_resent.c.transaction_id.in_(transactions)))


def follow_transmissions(w: Work, transactions: Sequence[int]) -> None:
    """After transactions of ours were accepted or refused: claims with facts of their own stand anew, and
    a refused transaction is one piece of work.
    """
    for chunk in in_chunks(transactions, BATCH_CLAIMS):
        own = _claims_of(chunk)
        told = select(_state.c.claim_id).where(_state.c.claim_id.in_(own)).order_by(_state.c.claim_id)
        restate(w, list(w.db.execute(told).scalars()))
        _queue_files(w, chunk)


def _queue_files(w: Work, transactions: Sequence[int]) -> None:
    query = (
        select(_way, _said.c.code, _said.c.notes, _said.c.level, _transaction.c.charge)
        .join(_said, _said.c.id == _way.c.acknowledgement_id)
        .join(_transaction, _transaction.c.id == _way.c.transaction_id)
        .where(_way.c.transaction_id.in_(transactions))
    )
    rows = w.db.execute(query).all()
    refused = [row for row in rows if State(row.state) in _WHOLE]
    items = [
        NewItem(
            entity_id=row.entity_id, queue=QUEUE, kind="file_rejected", subject=FILE,
            subject_id=row.transaction_id, reason=f"{WAY_KINDS.get(row.level, '999')}:{row.code}",
            amount=int(row.charge or 0), score=80, source=row.acknowledgement_id,
        )
        for row in refused
    ]  # fmt: skip
    taken = [row.transaction_id for row in rows if State(row.state) not in _WHOLE]
    worklist.close_many(w, QUEUE, FILE, taken, "accepted_later")
    worklist.close_many(w, QUEUE, FILE, [row.transaction_id for row in refused], "answered")
    worklist.reopen_many(w, items)
    _announce(
        w, _transaction, "transaction", [(row.entity_id, row.transaction_id, row.state) for row in refused]
    )


def restate_again(w: Work, transaction_id: int) -> None:
    """After a transaction of claims was posted: those that had been billed before stand anew."""
    later = select(_version.c.claim_id).where(
        _version.c.transaction_id == transaction_id, _version.c.id != _version.c.claim_id
    )
    again = select(_resent.c.claim_id).where(_resent.c.transaction_id == transaction_id)
    restate(w, sorted(w.db.execute(later.union(again)).scalars()))


def note_remits(w: Work, posted: Any) -> None:
    """A consequence of posting: claims with a state of their own and reversed ones stand anew, silent ones
    are silent no more. One look and one write for a batch; the state of all others follows from their
    payer's answer.
    """
    claims = [one.claim_id for one in posted.claims]
    told = select(_state.c.claim_id).where(among(w.db, _state.c.claim_id, claims))
    taken_back = {one.claim_id for one in posted.claims if one.status == REVERSAL}
    restate(w, sorted({*w.db.execute(told).scalars(), *taken_back}))
    close_silent(w, claims, "remitted")


def restate_told(w: Work, claim_ids: Sequence[int]) -> None:
    """Claims of which something changed stand anew, where they have a state of their own."""
    told = select(_state.c.claim_id).where(among(w.db, _state.c.claim_id, claim_ids))
    restate(w, sorted(w.db.execute(told).scalars()))


def close_silent(w: Work, claim_ids: Sequence[int], outcome: str) -> None:
    """The payer has spoken: these claims need no more asking."""
    ids = among(w.db, _silent.c.claim_id, claim_ids)
    values = dict(open=False, outcome=outcome, version=_silent.c.version + 1)
    closed = update(_silent).where(ids, _silent.c.open.is_(True)).values(**values)
    gone = list(w.db.execute(closed.returning(_silent.c.claim_id)).scalars())
    worklist.close_many(w, "silent_claims", "silent_claim", gone, outcome)


def close_settled_files(w: Work, entity_id: int) -> int:
    """Refused transactions of which no claim waits any more, because all were sent again and taken or
    answered; returns how many items were closed. Asked once a day.
    """
    query = select(_way.c.transaction_id).where(
        _way.c.entity_id == entity_id, _way.c.state.in_([state.value for state in _WHOLE])
    )
    gone = []
    for transaction_id in w.db.execute(query).scalars():
        waiting = (
            select(func.count())
            .select_from(_version)
            .outerjoin(_state, _state.c.claim_id == _version.c.claim_id)
            .outerjoin(_covered, and_(_covered.c.claim_id == _version.c.claim_id, _covered.c.rank == 1))
            .where(
                _version.c.transaction_id == transaction_id,
                _version.c.state.not_in(("undone", "superseded", "voided")),
                func.coalesce(_covered.c.state, "") != "answered",
                or_(_state.c.state.is_(None), _state.c.state.in_([one.value for one in _STILL_OPEN])),
            )
        )
        if not w.db.execute(waiting).scalar_one():
            gone.append(transaction_id)
    return worklist.close_many(w, QUEUE, FILE, gone, "sent_again")


def rejected(state: str) -> bool:
    """Whether a state is a rejection (which is no denial)."""
    return State(state) in REJECTED_STATES


def claims_of(w: Work, transactions: Iterable[int]) -> list[int]:
    """The claims that went out in these transactions."""
    return sorted(w.db.execute(_claims_of(list(transactions))).scalars())


def note_status(w: Work, claim_ids: Sequence[int], on: date) -> None:
    """A payer answered a question about these claims (277): those on the list of silent ones say so."""
    ids = among(w.db, _silent.c.claim_id, claim_ids)
    values = dict(track=Track.ANSWERED.value, track_on=on, version=_silent.c.version + 1)
    w.db.execute(update(_silent).where(ids, _silent.c.open.is_(True)).values(**values))
