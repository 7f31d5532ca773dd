"""Claims that go on to their next payer: looked at, opened, withdrawn, flagged; for many at once.

Looking twice changes nothing more, whatever came in which order (R837-20 to 26).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from app.claims.models import Claim
from app.documents import service as documents
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, table_of
from app.kernel.errors import Refused
from app.kernel.ids import unpack
from app.kernel.work import Work
from app.payers import service as payers
from app.rebill import queries_secondary as queries
from app.rebill import service_moves, translate_secondary
from app.rebill.lifecycle import AT_WORK, Cause, Kind, Move, State
from app.rebill.models import NextPayerLook, Rebill
from app.rebill.queries_secondary import Told
from app.rebill.rules import New
from app.rebill.rules_secondary import Act, Do, Facts, decide
from app.rebill.service_moves import Moved
from app.rebill.service_open import open_many
from app.rebill.service_whole import whole_of
from app.worklist import service as worklist
from app.worklist.service import NewItem

_claim, _rebill, _look = table_of(Claim), table_of(Rebill), table_of(NextPayerLook)
QUEUE, SUBJECT = "rebill_flags", "rebill"
"""Not the queue of the submissions themselves: what moves one of those closes its item there."""

NEW, CROSSOVER = "new", "crossover"


# ---------------------------------------------------------------- what is to be looked at


def note(w: Work, entity_id: int, claim_ids: Sequence[int], today: date) -> None:
    """These claims are to be looked at now, also those that wait for a later day."""
    mine = (among(w.db, _look.c.claim_id, list(claim_ids)), w.within(_look.c.entity_id))
    w.db.execute(update(_look).where(*mine).values(due_on=today, reason=NEW))
    rows = [(claim_id, entity_id, today.isoformat(), NEW) for claim_id in claim_ids]
    bulk_insert(w.db, _look, ("claim_id", "entity_id", "due_on", "reason"), rows)


def noted(w: Work, claim_ids: Sequence[int], waits: Mapping[int, date]) -> None:
    """They were looked at: those that wait come back on their day, the others are done."""
    done = [claim_id for claim_id in claim_ids if claim_id not in waits]
    w.db.execute(_look.delete().where(among(w.db, _look.c.claim_id, done), w.within(_look.c.entity_id)))
    if waits:
        statement = update(_look).where(_look.c.claim_id == bindparam("this_id"))
        later = {"due_on": bindparam("until"), "reason": CROSSOVER}
        rows = [{"this_id": key, "until": day} for key, day in sorted(waits.items())]
        w.db.execute(statement.values(later), rows)


def put_off(w: Work, claim_ids: Sequence[int], until: date) -> None:
    """They are looked at apart from the others; what is left of them by that day, with the others again."""
    mine = (among(w.db, _look.c.claim_id, list(claim_ids)), w.within(_look.c.entity_id))
    w.db.execute(update(_look).where(*mine).values(due_on=until))


def set_aside(w: Work, entity_id: int, claim_id: int, reason: str) -> None:
    """The product could not make this one, whatever it tried: a person bills the next payer."""
    noted(w, [claim_id], {})
    words = f"Reclaim could not make the claim ({reason})."[:200]
    act = Act(claim_id, 2, Do.FLAG, "not_made", words)
    about = ("claim", claim_id, {"why": words})
    worklist.reopen_many(w, [_item(entity_id, act, "secondary.not_made", about)])


def look(
    w: Work, entity_id: int, claim_ids: Sequence[int], today: date, *, asked: int = 0
) -> dict[int, date]:
    """Decide about these claims and do it; returns those that wait, with the day they are looked at again.

    asked: the rank of the payer a person wants billed now, whatever waits.
    """
    if not claim_ids:
        return {}
    facts = queries.facts_of(w, claim_ids)
    _waits(w, entity_id, facts, today)
    acts = [act for claim_id in claim_ids for act in decide(facts[claim_id], today, asked=asked)]
    _withdraw(w, [act for act in acts if act.do is Do.WITHDRAW], today)
    _flag(w, entity_id, [act for act in acts if act.do is Do.FLAG], today)
    _open(w, entity_id, facts, [act for act in acts if act.do is Do.OPEN], today)
    waits: dict[int, date] = {}
    for act in acts:
        if act.do is Do.WAIT and act.until is not None:
            waits[act.claim_id] = min(act.until, waits.get(act.claim_id, act.until))
    return waits


NOTHING = "There is nothing to bill this payer for yet: the payers before it have not all decided."


def ask(w: Work, entity_id: int, claim_id: int, rank: int, today: date) -> None:
    """A person wants this payer billed now: no wait and no earlier cancellation is a bar (R837-26)."""
    look(w, entity_id, [claim_id], today, asked=rank)


def _waits(w: Work, entity_id: int, facts: Mapping[int, Facts], today: date) -> None:
    """Days each payer has that a claim was forwarded to, by its terms of today: how long we wait is ours."""
    asked = [(one, rank) for one in facts.values() for rank in one.forwarded_to() if rank in one.covers]
    if asked:
        terms = payers.terms_of(w, entity_id, {one.covers[rank] for one, rank in asked}, today)
        for one, rank in asked:
            one.waits[rank] = terms[one.covers[rank]].crossover_wait_days


# ---------------------------------------------------------------- opening


def _open(w: Work, entity_id: int, facts: Mapping[int, Facts], acts: Sequence[Act], today: date) -> None:
    if not acts:
        return
    ids = sorted({act.claim_id for act in acts})
    query = select(_claim.c.id, _claim.c.current_version_id).where(
        among(w.db, _claim.c.id, ids), w.within(_claim.c.entity_id)
    )
    base = {row.id: row.current_version_id for row in w.db.execute(query)}
    billed, lost = _billed(w, sorted(base.values()))
    _cannot(w, entity_id, [(act, lost[base[act.claim_id]]) for act in acts if base[act.claim_id] in lost])
    acts = [act for act in acts if base[act.claim_id] in billed]
    before = {act: facts[act.claim_id].before(act.rank) for act in acts}
    keys = sorted({one.remit_claim_id for answers in before.values() for one in answers})
    told = queries.told_by(w, keys, queries.lines_of(w, ids, base))
    _remarks(w, told)
    news = []
    for act in acts:
        answers = [(told[one.remit_claim_id], one.corrects) for one in before[act]]
        made, words = translate_secondary.next_claim(billed[base[act.claim_id]], answers, act)
        news.append(_new(act, base[act.claim_id], made, words))
    _finish(w, open_many(w, entity_id, news, today), today)
    before_this = [one.id for act in acts for one in facts[act.claim_id].ours if one.rank == act.rank]
    worklist.close_many(w, QUEUE, SUBJECT, before_this, "made_anew")


def _new(act: Act, version: int, made: Any, words: str) -> New:
    return New(
        claim_id=act.claim_id,
        kind=Kind.SECONDARY,
        rank=act.rank,
        cause=Cause.PRIMARY_PAID,
        cause_id=act.basis.remit_claim_id if act.basis else None,
        remit_claim_id=act.basis.remit_claim_id if act.basis else None,
        base_version_id=version,
        whole=made,
        expected=act.expected,
        previous_id=act.rebill_id,
        reason=(words or act.words)[:200],
    )


def _billed(w: Work, versions: Sequence[int]) -> tuple[dict[int, Any], dict[int, str]]:
    """The claims as billed, whole; and of those that cannot be had the reason. One walk for each file."""
    try:
        return whole_of(w, versions), {}
    except Refused:
        # One of them cannot be had; that is no reason to leave the others.
        found: dict[int, Any] = {}
        lost: dict[int, str] = {}
        for version in versions:
            try:
                found |= whole_of(w, [version])
            except Refused as refusal:
                lost[version] = refusal.code
        return found, lost


def _remarks(w: Work, told: Mapping[int, Told]) -> None:
    """MIA and MOA as the payer wrote them, read where they stand; one look into each file."""
    by_file: dict[int, list[Told]] = {}
    for one in told.values():
        if one.remarks:
            by_file.setdefault(unpack(one.row.id).file_no, []).append(one)
    spans = queries.spans_of(w, sorted({one.row.remit_id for found in by_file.values() for one in found}))
    for file_no, found in sorted(by_file.items()):
        with documents.open_file(w, file_no) as stream:
            for one in found:
                place = (unpack(one.row.id).segment, one.row.byte, one.row.byte_end)
                one.outpatient, one.inpatient = translate_secondary.remarks(
                    stream, spans[one.row.remit_id], place
                )


def _finish(w: Work, names: Sequence[str], today: date) -> None:
    """What has no problem is ready to go with the next batch; the rest waits for a person."""
    mine = (among(w.db, _rebill.c.public_id, list(names)), w.within(_rebill.c.entity_id))
    query = select(_rebill.c.id).where(*mine, _rebill.c.errors == 0).order_by(_rebill.c.id)
    ready = [Moved(key, Move.FINISH, today) for key in w.db.execute(query).scalars()]
    service_moves.move(w, ready)


def _cannot(w: Work, entity_id: int, lost: Sequence[tuple[Act, str]]) -> None:
    """The claim as billed cannot be had whole, so that a person bills the next payer otherwise."""
    worklist.open_many(
        w,
        [
            _item(entity_id, act, f"secondary.{code}"[:60], ("claim", act.claim_id, {"rank": act.rank}))
            for act, code in lost
        ],
    )


# ---------------------------------------------------------------- what no longer holds


def withdraw(w: Work, entity_id: int, remit_claim_ids: Sequence[int], today: date) -> None:
    """A posting was undone: what was made of it by itself and is not away goes no further."""
    mine = (
        among(w.db, _rebill.c.remit_claim_id, list(remit_claim_ids)),
        w.within(_rebill.c.entity_id),
        _rebill.c.kind == Kind.SECONDARY.value,
        _rebill.c.cause == Cause.PRIMARY_PAID.value,
        _rebill.c.open.is_(True),
    )
    names = ("id", "claim_id", "rank", "state")
    rows = w.db.execute(select(*(_rebill.c[name] for name in names)).where(*mine)).all()
    words = "The posting it rests on was undone."
    gone: list[Act] = []
    away: list[Act] = []
    for row in rows:
        at_work = State(row.state) in AT_WORK
        act = Act(row.claim_id, row.rank, Do.WITHDRAW, "posting_undone", words, row.id)
        (gone if at_work else away).append(act)
    _withdraw(w, gone, today)
    _flag(w, entity_id, away, today)


def _withdraw(w: Work, acts: Sequence[Act], today: date) -> None:
    if not acts:
        return
    moved = [Moved(act.rebill_id or 0, Move.SUPERSEDE, today, detail={"why": act.why}) for act in acts]
    service_moves.move(w, moved)
    statement = update(_rebill).where(_rebill.c.id == bindparam("this_id"))
    w.db.execute(
        statement.values(reason=bindparam("words")),
        [{"this_id": act.rebill_id, "words": act.words[:200]} for act in acts],
    )


def _flag(w: Work, entity_id: int, acts: Sequence[Act], today: date) -> None:
    """What is away already cannot be withdrawn: a person looks, and its history says why. Said once."""
    known = queries.flagged(w, QUEUE, SUBJECT, {(act.why, act.rebill_id or 0) for act in acts})
    fresh = [act for act in acts if (act.why, act.rebill_id) not in known]
    if not fresh:
        return
    rows = service_moves.rows_of(w, [act.rebill_id or 0 for act in fresh])
    told = [(act, rows[act.rebill_id]) for act in fresh if act.rebill_id in rows]
    items = [
        _item(entity_id, act, f"secondary.{act.why}"[:60], (SUBJECT, row.id, {"rebill": row.public_id}))
        for act, row in told
    ]
    worklist.open_many(w, items)
    service_moves.note_many(w, [(row, act.why, today, {"why": act.why}) for act, row in told])


def _item(entity_id: int, act: Act, reason: str, about: tuple[str, int, dict[str, Any]]) -> NewItem:
    subject, subject_id, detail = about
    return NewItem(
        entity_id=entity_id,
        queue=QUEUE,
        kind=act.why,
        subject=subject,
        subject_id=subject_id,
        reason=reason,
        amount=act.expected,
        claim_id=act.claim_id,
        detail=detail,
    )
