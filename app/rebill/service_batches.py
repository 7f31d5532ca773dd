"""The verbs of batches: release, cancel, retry, take for upload, settle; the sending itself is a job."""

import io
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select, update

from app.claims.service import name_controls
from app.documents import service as documents
from app.entities import queries as entities
from app.kernel import failpoints
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.rebill import rules_batches, service_moves, service_ready
from app.rebill.lifecycle import BATCH, BatchMove, BatchState, How, Move
from app.rebill.models import BatchAttempt, Rebill, RebillBatch, Receiver
from app.rebill.rules_batches import NUMBERS_MOST
from app.rebill.service_moves import Moved
from app.rebill.service_ready import Group, ReadyRow
from app.rebill.service_recheck import recheck
from app.rebill.translate_batches import Made, Numbers, written
from app.worklist import service as worklist

_rebill, _receiver = table_of(Rebill), table_of(Receiver)
_batch, _attempt = table_of(RebillBatch), table_of(BatchAttempt)
JOB = "send_batch"
QUEUE, SUBJECT = "rebill_batches", "rebill_batch"
WORDS_MOST = 200


def release(
    w: Work, receiver_public: str, rebill_publics: Sequence[str] | None = None, *, plan: str = ""
) -> str:
    """Make one file of what is ready for a receiver and promise its sending; returns the batch's public id.

    rebill_publics: only these; a blocked one stays behind with its reason and the others go. plan: the
    `Group.plan` that was looked at; another set by now is `Stale`. Refused when nothing may go. Two people
    at once: the second finds nothing left, and no number is missing or given twice.
    """
    w.may("rebill.release")
    receiver = _locked_receiver(w, receiver_public)
    going = _going(w, receiver, rebill_publics)
    if plan and plan != going.plan:
        raise Stale("What is ready has changed since you looked. Look again, then release.")
    wrong = recheck(w, receiver.entity_id, [row.id for row in going.going])
    clean = [row for row in going.going if row.id not in wrong]
    if not clean:
        raise Refused(str(next(iter(wrong.values()))[0]["words"]), code="nothing_to_send")
    here = ZoneInfo(entities.get(w, receiver.entity_id).time_zone)
    own = (receiver.next_interchange, receiver.next_group)
    numbers = Numbers(*own, w.now.astimezone(here), receiver.usage)
    made = written(receiver, numbers, _segments(w, clean))
    chosen = [row for row in clean if row.id in made.places]
    if not chosen:
        raise Refused(next(iter(made.refused.values())), code="nothing_to_send")
    _count_on(w, receiver, made)
    return _keep(w, receiver, numbers, made, chosen)


def _locked_receiver(w: Work, public: str) -> Any:
    mine = (_receiver.c.public_id == public, w.within(_receiver.c.entity_id))
    row = w.db.execute(select(_receiver).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such receiver.")
    if not row.active:
        raise NotAllowed("This receiver is switched off.", code="receiver_off")
    if row.how == How.SFTP and not (row.host_key and row.secret_sealed):
        words = "Its secret and the confirmed key of its server come first."
        raise NotAllowed(words, code="receiver_not_ready")
    if max(row.next_interchange, row.next_group) > NUMBERS_MOST:
        raise NotAllowed("Its control numbers are used up: name the receiver anew.", code="numbers_used_up")
    return row


def _going(w: Work, receiver: Any, publics: Sequence[str] | None) -> Group:
    """What may go to this receiver now, of the wanted ones."""
    rows = service_ready.locked(w, receiver.entity_id)
    if publics is not None:
        wanted = set(publics)
        rows = [row for row in rows if row.public_id in wanted]
        if len(rows) != len(wanted):
            raise NotFound("Not all of these claims are ready to go out.")
    for group in service_ready.grouped(w, receiver.entity_id, rows):
        if group.receiver is not None and group.receiver.id == receiver.id and group.going:
            return group
        if group.receiver is not None and group.receiver.id == receiver.id and group.blocked:
            raise Refused(group.blocked[0].reasons[0].words, code="nothing_to_send")
    raise Refused("Nothing is ready for this receiver.", code="nothing_to_send")


def _segments(w: Work, rows: Sequence[ReadyRow]) -> list[tuple[int, bytes]]:
    query = select(_rebill.c.id, _rebill.c.claim_sealed).where(
        among(w.db, _rebill.c.id, [row.id for row in rows]), w.within(_rebill.c.entity_id)
    )
    return [(row.id, row.claim_sealed) for row in w.db.execute(query.order_by(_rebill.c.id))]


def _count_on(w: Work, receiver: Any, made: Made) -> None:
    """The next file's numbers: the row is locked, and taken numbers go with the batch or not at all."""
    values = dict(
        next_interchange=receiver.next_interchange + 1, next_group=receiver.next_group + made.groups
    )
    w.db.execute(update(_receiver).where(_receiver.c.id == receiver.id).values(**values))


def _keep(w: Work, receiver: Any, numbers: Numbers, made: Made, rows: Sequence[ReadyRow]) -> str:
    file_no, sha256, size, _ = documents.put(w, io.BytesIO(made.data))
    failpoints.hit("rebill.after_file")
    name, day = public_id(), numbers.moment.date()
    values: dict[str, Any] = dict(public_id=name, entity_id=receiver.entity_id, receiver_id=receiver.id)
    values |= dict(how=receiver.how, state=BatchState.RELEASED.value, usage=receiver.usage)
    values |= dict(interchange=numbers.interchange, first_group=numbers.first_group, groups=made.groups)
    values |= dict(claims=len(rows), charge=sum(int(row.charge) for row in rows), file_no=file_no)
    values |= dict(file_name=rules_batches.file_name(receiver.receiver, day, numbers.interchange))
    values |= dict(
        size=size, sha256=sha256, released_by=w.actor.name[:80], released_at=w.now, proof=_lost(made)
    )
    values |= dict(ta1="", syntax="", accepted=0, rejected=0, version=1)
    batch_id = int(w.db.execute(insert(_batch).values(**values).returning(_batch.c.id)).scalar_one())
    if numbers.usage == "P" or entities.get(w, receiver.entity_id).test:
        # From now on the books know these numbers: the file, its 277CA and its 835 find their claims.
        name_controls(w, receiver.entity_id, [(row.control, row.claim_id) for row in rows])
    told = {key: {"taken_out": count} for key, count in made.losses.items()}
    moved = [Moved(row.id, Move.BATCH, day, batch_id, told.get(row.id, {})) for row in rows]
    service_moves.move(w, moved, strict=True)
    placing = update(_rebill).where(_rebill.c.id == bindparam("this_id"))
    w.db.execute(
        placing.values(batch_id=batch_id, place=bindparam("new_place")),
        [{"this_id": row.id, "new_place": made.places[row.id]} for row in rows],
    )
    if receiver.how != How.DOWNLOAD:
        promise(w, name)
    detail = {"claims": len(rows), "interchange": numbers.interchange, "left": len(made.refused)}
    patients = [row.patient_id for row in rows]
    w.audit("batch.release", "C", "rebill_batch", name, entity_id=receiver.entity_id, patients=patients,
            detail=detail)  # fmt: skip
    failpoints.hit("rebill.after_release")
    return name


def _lost(made: Made) -> str:
    """What of the claims a file cannot carry, told before it leaves; the claims keep it in their history."""
    if not made.losses:
        return ""
    count = sum(made.losses.values())
    return f"Signs no file can carry were taken out of {count} texts of {len(made.losses)} claims (R837-05)."


def promise(w: Work, public: str) -> None:
    """The sending of a released batch."""
    w.job(JOB, f"batch:{public}", {"batch": public}, rank=4)


# ---------------------------------------------------------------- what people do with a batch


def locked(w: Work, public: str, version: int | None = None) -> Any:
    """A batch, locked; `NotFound` out of scope, `Stale` when it changed since `version`."""
    mine = (_batch.c.public_id == public, w.within(_batch.c.entity_id))
    row = w.db.execute(select(_batch).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such batch.")
    if version is not None and row.version != version:
        raise Stale()
    return row


def step(w: Work, row: Any, *moves: BatchMove, **values: Any) -> int:
    """Move a locked batch by the table, one move after the other; returns the new version."""
    state = BatchState(row.state)
    for one in moves:
        state = BATCH.next(state, one)
    held = (_batch.c.id == row.id, _batch.c.version == row.version)
    values |= {"state": state.value, "version": row.version + 1}
    if w.db.execute(update(_batch).where(*held).values(**values)).rowcount != 1:
        raise Stale()
    detail = {"moves": [one.value for one in moves], "state": state.value}
    w.audit("batch.move", "U", "rebill_batch", row.public_id, entity_id=row.entity_id, detail=detail)
    return int(row.version) + 1


def said(words: str) -> str:
    """The reason of a person, needed and short."""
    short = " ".join(words.split())[:WORDS_MOST]
    if not short:
        raise Refused("Say how you know.", code="words_missing", field="words")
    return short


def cancel(w: Work, public: str, words: str, version: int) -> int:
    """A batch that surely never left goes no more: its claims are ready again. Returns the new version."""
    w.may("rebill.release")
    row = locked(w, public, version)
    done = step(w, row, BatchMove.CANCEL, proof=said(words))
    take_out(w, row)
    close_items(w, row, "cancelled")
    return done


def retry(w: Work, public: str, version: int) -> int:
    """Send a batch that surely did not arrive again: the same bytes under the same name."""
    w.may("rebill.release")
    row = locked(w, public, version)
    done = step(w, row, BatchMove.RETRY)
    close_items(w, row, "sent_again")
    if row.how != How.DOWNLOAD:
        promise(w, public)
    return done


def take_out(w: Work, row: Any) -> None:
    """Every claim of a batch is ready again, under the number it has: it never left the house."""
    moved = [Moved(key, Move.UNBATCH, day_of(w, row), row.id) for key in claim_ids(w, row.id)]
    service_moves.move(w, moved)


def claim_ids(w: Work, batch_id: int) -> list[int]:
    """The submissions a batch carries, in the order of its file."""
    mine = (_rebill.c.batch_id == batch_id, w.within(_rebill.c.entity_id))
    query = select(_rebill.c.id).where(*mine).order_by(_rebill.c.place, _rebill.c.id)
    return [int(one) for one in w.db.execute(query).scalars()]


def day_of(w: Work, row: Any) -> Any:
    """Today, where the entity of a batch works."""
    return w.today(entities.get(w, row.entity_id).time_zone)


def close_items(w: Work, row: Any, outcome: str) -> None:
    """Nobody has to look after this batch any more."""
    worklist.close_many(w, QUEUE, SUBJECT, [row.id], outcome)
