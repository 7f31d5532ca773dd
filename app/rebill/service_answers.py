"""What documents say of submissions on their way, and of the batches they travel in. Set-wise, in any order
of arrival, twice is once; a fact that comes too late is written down and moves nothing (R837-30).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, select, update

from app.claims import service_void
from app.claims.lifecycle import State as ClaimState
from app.claims.models import Acknowledgement, ClaimAnswer, ClaimVersion, Transmission
from app.intake.models import IntakeTransaction
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.rebill import service_moves, service_sending
from app.rebill.lifecycle import BatchState, Kind, Move, State
from app.rebill.models import Rebill, RebillBatch, RebillEvent, Receiver
from app.rebill.rules_answers import REFUSED, counted, move_of, syntax_of
from app.rebill.service_moves import Done, Moved
from app.remits.models import RemitClaim
from app.remits.rules import REVERSAL, Posted

_rebill, _batch, _event = table_of(Rebill), table_of(RebillBatch), table_of(RebillEvent)
_receiver, _said, _way = table_of(Receiver), table_of(Acknowledgement), table_of(Transmission)
_answer, _version = table_of(ClaimAnswer), table_of(ClaimVersion)
_transaction, _remit_claim = table_of(IntakeTransaction), table_of(RemitClaim)
_IN_DOUBT = (BatchState.SENDING.value, BatchState.UNKNOWN.value)
_OUT = (State.TRANSMITTED.value, State.RECEIVED.value, State.ACCEPTED.value)
_WAITING = (*_OUT, State.REJECTED.value)
_REFUSED_WAYS = (ClaimState.INTERCHANGE_REJECTED.value, ClaimState.SYNTAX_REJECTED.value)
READ = "syntax_accepted"
"""An event without a move: the receiver could read the transaction a submission went out in."""


# ---------------------------------------------------------------- TA1, 999, 277CA, 277


def hear(w: Work, source_id: int, kind: str) -> None:
    """After an answer was taken in: what it says of submissions and batches of ours."""
    if kind in ("277CA", "277"):
        _prove(w, _doubted_by_claims(_answer, _answer.c.source_id == source_id), kind)
        _hear_claims(w, _answer.c.source_id == source_id)
        own = select(_answer.c.control).where(_answer.c.source_id == source_id)
        stand(w, _batches_with(w, own))
        return
    _prove(w, _doubted_by_number(source_id), kind)
    named = (
        select(_batch.c.id)
        .join(_transaction, _transaction.c.file_no == _batch.c.file_no)
        .join(_said, _said.c.about_id == _transaction.c.id)
        .where(_said.c.source_id == source_id, w.within(_batch.c.entity_id))
    )
    _hear_files(w, sorted(set(w.db.execute(named).scalars())))


def take_in(w: Work, transaction_id: int) -> None:
    """After claims of a file were taken in: submissions know the version they became, and what was said of
    them before counts now.
    """
    same = and_(_rebill.c.control == _version.c.control, _rebill.c.entity_id == _version.c.entity_id)
    query = (
        select(_rebill.c.id, _version.c.id.label("version"))
        .join(_version, same)
        .where(_version.c.transaction_id == transaction_id, w.within(_version.c.entity_id))
    )
    pairs = [dict(this=row.id, which=row.version) for row in w.db.execute(query)]
    if not pairs:
        return
    known = update(_rebill).where(_rebill.c.id == bindparam("this"))
    w.db.execute(known.values(version_id=bindparam("which")), pairs)
    _hear_claims(w, among(w.db, _rebill.c.id, [one["this"] for one in pairs]))
    _withdraw_voids(w, [one["this"] for one in pairs])
    files = select(_transaction.c.file_no).where(_transaction.c.id == transaction_id)
    mine = select(_batch.c.id).where(_batch.c.file_no.in_(files), w.within(_batch.c.entity_id))
    _hear_files(w, list(w.db.execute(mine).scalars()))


def _hear_claims(w: Work, which: Any) -> None:
    """277CA and 277 about submissions, by the number we gave each."""
    names = ("id", "kind", "move", "day", "category", "status", "entity_code", "lines")
    same = and_(_answer.c.control == _rebill.c.control, _answer.c.entity_id == _rebill.c.entity_id)
    query = (
        select(_rebill.c.id.label("rebill"), _rebill.c.state, *(_answer.c[name] for name in names))
        .join(_answer, same)
        .where(which, w.within(_rebill.c.entity_id))
        .order_by(_answer.c.day, _answer.c.id)
    )
    told = []
    for row in w.db.execute(query):
        move = move_of(row.move, row.kind, row.state)
        if move is not None:
            told.append(Moved(row.rebill, move, row.day, row.id, _codes(row)))
    _apply(w, told)


def _codes(row: Any) -> dict[str, Any]:
    detail = dict(kind=row.kind, category=row.category, status=row.status, entity_code=row.entity_code)
    bad = sum(line.get("move") in REFUSED for line in row.lines or [])
    return {**detail, "lines": bad} if bad else detail


def _hear_files(w: Work, batch_ids: Sequence[int]) -> None:
    """TA1 and 999 about the file of a batch: refused sets come back to be sent again, only their claims."""
    same = and_(_rebill.c.control == _version.c.control, _rebill.c.entity_id == _version.c.entity_id)
    query = (
        select(_rebill.c.id.label("rebill"), _way.c.state, _way.c.since, _way.c.acknowledgement_id,
               _said.c.code, _said.c.level)
        .select_from(_batch)
        .join(_transaction, _transaction.c.file_no == _batch.c.file_no)
        .join(_way, _way.c.transaction_id == _transaction.c.id)
        .join(_said, _said.c.id == _way.c.acknowledgement_id)
        .join(_version, _version.c.transaction_id == _transaction.c.id)
        .join(_rebill, same)
        .where(among(w.db, _batch.c.id, batch_ids), w.within(_batch.c.entity_id))
        .order_by(_rebill.c.id)
    )  # fmt: skip
    refused, read = [], []
    for row in w.db.execute(query):
        kind = "TA1" if row.level == "interchange" else "999"
        fact = (row.since, row.acknowledgement_id, {"kind": kind, "code": row.code})
        if row.state in _REFUSED_WAYS:
            refused.append(Moved(row.rebill, Move.REFUSE_FILE, *fact))
        elif row.state == ClaimState.SYNTAX_ACCEPTED.value:
            read.append((row.rebill, fact))
    _apply(w, refused)
    _note_read(w, read)
    stand(w, batch_ids)


def _note_read(w: Work, read: Sequence[tuple[int, Any]]) -> None:
    known = _recorded(w, [rebill for rebill, _ in read])
    fresh = {rebill: fact for rebill, fact in read if (rebill, fact[1], READ) not in known}
    rows = service_moves.rows_of(w, fresh)
    told = [(row, READ, fresh[key][0], fresh[key][2]) for key, row in rows.items()]
    service_moves.note_many(w, told, {key: fresh[key][1] for key in rows})


def _apply(w: Work, told: Sequence[Moved]) -> None:
    """Move by facts that are not written down yet."""
    known = _recorded(w, [one.rebill_id for one in told])
    fresh = [one for one in told if (one.rebill_id, one.source_id, one.move.value) not in known]
    done = service_moves.move(w, fresh) if fresh else []
    _withdraw_voids(w, [one.row.id for one in done if one.move is Move.REJECT])
    _give_up_voids(w, done)


def _recorded(w: Work, rebill_ids: Sequence[int]) -> set[tuple[int, int | None, str]]:
    query = select(_event.c.rebill_id, _event.c.source_id, _event.c.move).where(
        among(w.db, _event.c.rebill_id, sorted(set(rebill_ids))), w.within(_event.c.entity_id)
    )
    known: set[tuple[int, int | None, str]] = set()
    for row in w.db.execute(query.order_by(_event.c.id)):
        known.add((row.rebill_id, row.source_id, row.move))
        if row.move == Move.TAKE_BACK.value:
            # A remit that is read again after it was undone answers anew, from the same place in its file.
            known.discard((row.rebill_id, row.source_id, Move.ANSWER.value))
    return known


def _withdraw_voids(w: Work, rebill_ids: Sequence[int]) -> None:
    """A void that was refused waits for no reversal: one that comes for another reason is not its answer."""
    query = select(_rebill.c.version_id).where(
        among(w.db, _rebill.c.id, rebill_ids),
        _rebill.c.kind == Kind.VOID.value,
        _rebill.c.state == State.REJECTED.value,
        _rebill.c.version_id.is_not(None),
        w.within(_rebill.c.entity_id),
    )
    service_void.withdraw(w, list(w.db.execute(query).scalars()))


def _give_up_voids(w: Work, done: Sequence[Done]) -> None:
    sent = (one.row for one in done if one.move is Move.REFUSE_FILE and one.row.kind == Kind.VOID.value)
    service_void.withdraw(w, [row.version_id for row in sent if row.version_id])


# ---------------------------------------------------------------- remits


def remitted(w: Work, posted: Posted) -> None:
    """A consequence of posting: a submission is answered by the remit that carries its number; a void by the
    payer's reversal (CLP02 22), whatever number it carries.
    """
    lasting = {one.control: one for one in posted.claims if one.status != REVERSAL}
    back = {one.claim_id: one for one in posted.claims if one.status == REVERSAL}
    told: list[Moved] = []
    for row in _waiting_for(w, posted.entity_id, among(w.db, _rebill.c.control, sorted(lasting))):
        if row.kind != Kind.VOID.value and row.claim_id == lasting[row.control].claim_id:
            told.append(_answered(row, lasting[row.control], posted.effective_date))
    if back:
        voids = (among(w.db, _rebill.c.claim_id, sorted(back)), _rebill.c.kind == Kind.VOID.value)
        for row in _waiting_for(w, posted.entity_id, *voids):
            if back[row.claim_id].rank == row.rank:
                told.append(_answered(row, back[row.claim_id], posted.effective_date))
    _apply(w, told)


def _waiting_for(w: Work, entity_id: int, *which: Any) -> list[Any]:
    query = select(_rebill.c.id, _rebill.c.claim_id, _rebill.c.control, _rebill.c.kind, _rebill.c.rank)
    mine = (_rebill.c.entity_id == entity_id, _rebill.c.state.in_(_WAITING), *which)
    return list(w.db.execute(query.where(*mine).order_by(_rebill.c.id)))


def _answered(row: Any, one: Any, day: date) -> Moved:
    return Moved(row.id, Move.ANSWER, day, one.remit_claim_id, {"kind": "835", "status": one.status})


def hear_parked(w: Work, remit_id: int) -> None:
    """A remit names submissions of a batch we were not sure of: it arrived; what is parked finds its claims
    when the file is taken in.
    """
    _prove(w, _doubted_by_claims(_remit_claim, _remit_claim.c.remit_id == remit_id), "835")


# ---------------------------------------------------------------- batches in doubt


def _doubted_by_claims(table: Any, which: Any) -> Any:
    """Batches in doubt of which a document names a claim by the number we gave it."""
    same = and_(table.c.control == _rebill.c.control, _rebill.c.state == State.BATCHED.value)
    return (
        select(_batch.c.id)
        .join(_rebill, _rebill.c.batch_id == _batch.c.id)
        .join(table, same)
        .where(which, _batch.c.state.in_(_IN_DOUBT))
    )


def _doubted_by_number(source_id: int) -> Any:
    """Batches in doubt that a TA1 or 999 of their receiver names by ISA13 or GS06, if no other file of that
    number was sent.
    """
    ours = and_(
        _said.c.about_id.is_(None),
        _said.c.partner == _receiver.c.receiver,
        _said.c.source_id == source_id,
    )
    return (
        select(_batch.c.id, _batch.c.interchange, _batch.c.first_group, _batch.c.groups, _said.c.level,
               _said.c.interchange.label("opened"), _said.c.group_control)
        .join(_receiver, _receiver.c.id == _batch.c.receiver_id)
        .join(_said, ours)
        .where(_batch.c.state.in_(_IN_DOUBT))
    )  # fmt: skip


def _prove(w: Work, query: Any, kind: str) -> None:
    found = set()
    for row in w.db.execute(query.where(w.within(_batch.c.entity_id))):
        if "level" not in row._fields or _names(row):
            found.add(int(row.id))
    for batch_id in sorted(found):
        service_sending.proven(w, batch_id, f"A {kind} of the receiver speaks of it.")


def _names(row: Any) -> bool:
    if row.level == "interchange":
        return bool(row.opened == str(row.interchange))
    groups = {str(row.first_group + number) for number in range(row.groups)}
    return row.group_control in groups


# ---------------------------------------------------------------- how a batch stands


def _batches_with(w: Work, controls: Any) -> list[int]:
    """The batches whose taken-in file carries these control numbers."""
    query = (
        select(_batch.c.id)
        .join(_transaction, _transaction.c.file_no == _batch.c.file_no)
        .join(_version, _version.c.transaction_id == _transaction.c.id)
        .where(_version.c.control.in_(controls), w.within(_batch.c.entity_id))
    )
    return sorted(set(w.db.execute(query).scalars()))


def stand(w: Work, batch_ids: Iterable[int]) -> None:
    """Write down what was said of these batches: TA1, 999, and claims accepted and rejected."""
    ids = sorted(set(batch_ids))
    rows = w.db.execute(select(_batch).where(among(w.db, _batch.c.id, ids), w.within(_batch.c.entity_id)))
    opened, sets = _opened(w, ids), _sets(w, ids)
    claims = heard(w, ids)
    changed = []
    for row in rows:
        own = claims.get(row.id, {})
        refused = {control for control, said in own.items() if said is None}
        told = [(control, bool(bad)) for control, said in own.items() for bad in said or ()]
        accepted, rejected = counted(list(own), told, refused)
        now = (opened.get(row.id, ""), syntax_of(sets.get(row.id, ())), accepted, rejected)
        if now != (row.ta1, row.syntax, row.accepted, row.rejected):
            changed.append(dict(this=row.id, open=now[0], read=now[1], good=accepted, bad=rejected))
    if changed:
        marked = update(_batch).where(_batch.c.id == bindparam("this"))
        said = marked.values(ta1=bindparam("open"), syntax=bindparam("read"), accepted=bindparam("good"))
        w.db.execute(said.values(rejected=bindparam("bad"), version=_batch.c.version + 1), changed)


def _opened(w: Work, ids: Sequence[int]) -> dict[int, str]:
    """By batch, the last TA1 about its file."""
    query = (
        select(_batch.c.id, _said.c.code)
        .join(_transaction, _transaction.c.file_no == _batch.c.file_no)
        .join(_said, _said.c.about_id == _transaction.c.id)
        .where(among(w.db, _batch.c.id, ids), _said.c.level == "interchange", w.within(_batch.c.entity_id))
        .order_by(_said.c.day, _said.c.id)
    )
    return {row.id: row.code for row in w.db.execute(query)}


def _sets(w: Work, ids: Sequence[int]) -> dict[int, list[str]]:
    """By batch, the verdict of a 999 on each of its transaction sets."""
    query = (
        select(_batch.c.id, _said.c.code)
        .join(_transaction, _transaction.c.file_no == _batch.c.file_no)
        .join(_way, _way.c.transaction_id == _transaction.c.id)
        .join(_said, _said.c.id == _way.c.acknowledgement_id)
        .where(among(w.db, _batch.c.id, ids), _said.c.level != "interchange", w.within(_batch.c.entity_id))
    )
    found: dict[int, list[str]] = {}
    for row in w.db.execute(query):
        found.setdefault(row.id, []).append(row.code)
    return found


def heard(w: Work, batch_ids: Sequence[int]) -> dict[int, dict[str, list[bool] | None]]:
    """By batch, for each claim of its file by control number: whether each report or remit refused it; an
    empty list when nothing was heard of it, None when its transaction set was refused.
    """
    query = (
        select(_batch.c.id, _version.c.control, _version.c.entity_id, _way.c.state)
        .join(_transaction, _transaction.c.file_no == _batch.c.file_no)
        .join(_version, _version.c.transaction_id == _transaction.c.id)
        .outerjoin(_way, _way.c.transaction_id == _transaction.c.id)
        .where(among(w.db, _batch.c.id, batch_ids), w.within(_batch.c.entity_id))
    )
    found: dict[int, dict[str, list[bool] | None]] = {}
    owner: dict[tuple[int, str], int] = {}
    for batch, control, entity, way in w.db.execute(query):
        found.setdefault(batch, {})[control] = None if way in _REFUSED_WAYS else []
        owner[entity, control] = batch
    controls = sorted({control for _, control in owner})
    for entity, control, bad in _reports(w, controls):
        batch = owner.get((entity, control))
        said = found[batch][control] if batch is not None else None
        if said is not None:
            said.append(bad)
    return found


def _reports(w: Work, controls: Sequence[str]) -> list[tuple[int, str, bool]]:
    """(entity, control number, was it refused) of each 277CA and each remit about these."""
    answers = select(_answer.c.entity_id, _answer.c.control, _answer.c.move).where(
        among(w.db, _answer.c.control, controls), _answer.c.kind == "277CA", w.within(_answer.c.entity_id)
    )
    remits = select(_remit_claim.c.entity_id, _remit_claim.c.control).where(
        among(w.db, _remit_claim.c.control, controls),
        _remit_claim.c.claim_id.is_not(None),
        w.within(_remit_claim.c.entity_id),
    )
    found = [(row.entity_id, row.control, row.move in REFUSED) for row in w.db.execute(answers)]
    return found + [(row.entity_id, row.control, False) for row in w.db.execute(remits)]
