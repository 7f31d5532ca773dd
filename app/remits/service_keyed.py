"""Keying paper EOBs (A9, B13): saved as typed, judged as an 835, committed as an 835 of our own.

From `commit` on nothing is special any more: the file goes through intake and posting like every other.
"""

import io
from collections.abc import Mapping
from datetime import date
from typing import IO, Any

from sqlalchemy import insert, select, update

from app.documents import service as documents
from app.entities import queries as entities
from app.intake import service as intake
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.limits import FORM_BYTES
from app.kernel.money import Money
from app.kernel.work import Work
from app.remits import queries_keyed, rules_keyed
from app.remits.lifecycle_keyed import KEYED, Keyed, KeyedMove
from app.remits.models import KeyedBatch
from app.remits.queries_keyed import Batch
from app.remits.rules_days import with_days
from app.remits.rules_keyed import KeyedCheck, Problem
from app.remits.translate_keyed import Ours, as_835, company_of, problems

_batch = table_of(KeyedBatch)
SCAN_BYTES = 20_000_000
SCANS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}
SHOWN = frozenset({"image/png", "image/jpeg"})
"""What a browser draws by itself."""


def start(w: Work, entity: str) -> str:
    """Begin a batch for a billing entity (public id, or empty when there is only one); returns its id."""
    w.may("remits.key")
    found = entities.chosen(w, entity)
    own = found or [one.id for one in entities.practices(w)]
    if len(own) != 1:
        raise Refused("Say for which billing entity.", code="entity", field="entity")
    made = public_id()
    values = dict(public_id=made, entity_id=own[0], state=Keyed.DRAFT.value, version=1, body={}, claims=0)
    values |= dict(payer_name="", trace="", paid=Money(0), difference=Money(0), scan_name="", scan_media="")
    values |= dict(person_id=w.actor.person_id, keyed_by=w.actor.name[:80], second_by="", disagreed="")
    w.db.execute(insert(_batch).values(started_at=w.now, saved_at=w.now, **values))
    w.audit("keyed", "C", "keyed_batch", made, entity_id=own[0])
    return made


def _lock(w: Work, public: str, version: int, move: KeyedMove) -> Any:
    """The batch, when it may be moved and is the one that was looked at; keeps others out until the end."""
    query = select(_batch).where(_batch.c.public_id == public, w.within(_batch.c.entity_id))
    row = w.db.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such keyed batch.")
    KEYED.next(Keyed(row.state), move)
    if row.version != version:
        raise Stale("Somebody else saved this batch meanwhile; open it again.")
    return row


def _write(w: Work, row: Any, **values: Any) -> int:
    changed = update(_batch).where(_batch.c.id == row.id, _batch.c.version == row.version)
    if w.db.execute(changed.values(version=row.version + 1, **values)).rowcount != 1:
        raise Stale("Somebody else saved this batch meanwhile; open it again.")
    return int(row.version) + 1


def save(w: Work, public: str, body: Mapping[str, Any], *, version: int) -> tuple[int, list[Problem]]:
    """Keep the grid as typed, right or wrong; returns (version, what is wrong so far)."""
    w.may("remits.key")
    row = _lock(w, public, version, KeyedMove.SAVE)
    if row.person_id is not None and row.person_id != w.actor.person_id:
        _take_over(w, row)
    body = with_days(body, w.today(entities.get(w, row.entity_id).time_zone))
    check, _ = rules_keyed.read(body)
    kept = {"header": body.get("header") or {}, "claims": body.get("claims") or []}
    values = dict(body=kept, payer_name=check.payer_name, trace=check.trace, paid=check.amount)
    values |= dict(claims=len(check.claims), difference=check.difference, saved_at=w.now)
    made = _write(w, row, **values)
    # An audit event per keystroke would say nothing: who keyed is on the row, what counts is the commit.
    return made, judge(w, row.entity_id, kept)


def _take_over(w: Work, row: Any) -> None:
    w.audit("keyed", "U", "keyed_batch", row.public_id, entity_id=row.entity_id, detail={"taken_over": True})
    change = dict(person_id=w.actor.person_id, keyed_by=w.actor.name[:80])
    w.db.execute(update(_batch).where(_batch.c.id == row.id).values(**change))


def judge(w: Work, entity_id: int, body: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a grid: unreadable fields, control totals, and whatever an 835 would be held for."""
    check, found = rules_keyed.read(body)
    if check.claims and check.trace and check.payer_name:
        seen = {(one.field, one.words) for one in found}
        data = as_835(check, _ours(w, entity_id, check, control=0))
        found += [one for one in problems(data) if (one.field, one.words) not in seen]
    if check.trace and check.amount:
        twin = queries_keyed.posted_check(w, entity_id, check.trace, check.amount)
        if twin is not None:
            day = twin.recorded_at.strftime("%m/%d/%Y")
            words = f"Check {twin.trace} over {twin.paid} of {twin.payer} is in the books since {day}."
            found.append(Problem("header.trace", words))
    return found


def _ours(w: Work, entity_id: int, check: KeyedCheck, *, control: int) -> Ours:
    on: date = check.day or w.now.date()
    npi, tax_id = queries_keyed.payee(w, entity_id, on)
    known = queries_keyed.payer_named(w, entity_id, check.payer_name)
    company = (known.company if known else "") or company_of(check.payer_name)
    plan = known.plan if known else ""
    return Ours(entities.get(w, entity_id).name, npi, tax_id, company, plan, control, w.now)


def submit(w: Work, public: str, *, version: int) -> Keyed:
    """The batch is done: committed, or handed to a second person when the check is above the limit.

    `Refused` with the first field that keeps it from being a payment: what does not balance never posts.
    """
    w.may("remits.key")
    row = _lock(w, public, version, KeyedMove.SUBMIT)
    check, _ = rules_keyed.read(row.body)
    wrong = [one for one in judge(w, row.entity_id, row.body) if one.does == "hold"]
    if wrong:
        raise Refused(wrong[0].words, code="keyed_not_ready", field=wrong[0].field)
    if check.amount > rules_keyed.second_above(check.day or w.now.date()):
        _write(w, row, state=Keyed.WAITING.value, disagreed="", saved_at=w.now)
        w.audit("keyed", "U", "keyed_batch", public, entity_id=row.entity_id, detail={"state": "waiting"})
        return Keyed.WAITING
    _commit(w, row, check)
    return Keyed.COMMITTED


def second(w: Work, public: str, totals: Mapping[str, Any], *, version: int) -> tuple[Keyed, list[str]]:
    """Another person keys the totals without seeing them: (committed, []) or (draft again, what differs)."""
    w.may("remits.key")
    row = _lock(w, public, version, KeyedMove.COMMIT)
    if row.state != Keyed.WAITING:
        raise Refused("This batch needs no second person now.", code="not_possible_now")
    if w.actor.person_id is None or w.actor.person_id == row.person_id:
        raise Refused("Somebody else has to key the totals.", code="same_person")
    check, _ = rules_keyed.read(row.body)
    wrong = rules_keyed.disagreements(check, totals)
    who = dict(second_id=w.actor.person_id, second_by=w.actor.name[:80], second_at=w.now)
    if wrong:
        _write(w, row, state=Keyed.DRAFT.value, disagreed=" ".join(wrong), **who)
        detail = {"state": "draft", "disagreed": wrong}
        w.audit("keyed", "U", "keyed_batch", public, entity_id=row.entity_id, detail=detail)
        return Keyed.DRAFT, wrong
    _commit(w, row, check, **who)
    return Keyed.COMMITTED, []


def _commit(w: Work, row: Any, check: KeyedCheck, **who: Any) -> None:
    """Write the 835 and hand it to intake, in the transaction that moves the batch: once, or not at all."""
    control = w.numbers("keyed_interchange")
    data = as_835(check, _ours(w, row.entity_id, check, control=control))
    options = {"keyed": row.public_id}
    offered = intake.record_offer(w, io.BytesIO(data), f"keyed-{row.public_id}.835", options=options)
    change = dict(state=Keyed.COMMITTED.value, file_no=offered.file_no, committed_at=w.now, disagreed="")
    _write(w, row, **change, **who)
    detail = {"state": "committed", "claims": len(check.claims), "scan": bool(row.scan_file_no)}
    w.audit("keyed", "U", "keyed_batch", row.public_id, entity_id=row.entity_id, detail=detail)


def discard(w: Work, public: str, *, version: int) -> None:
    """Throw a draft away; the row stays, with who did it in the audit trail."""
    w.may("remits.key")
    row = _lock(w, public, version, KeyedMove.DISCARD)
    _write(w, row, state=Keyed.DISCARDED.value)
    w.audit("keyed", "D", "keyed_batch", public, entity_id=row.entity_id)


# ---------------------------------------------------------------- the scan


def attach_scan(w: Work, public: str, content: IO[bytes], name: str) -> None:
    """Put the paper beside the grid: a PDF, PNG, JPEG or TIFF of at most 20 MB, sealed in the store."""
    w.may("remits.key")
    head = content.read(8)
    media = next((media for start, media in SCANS.items() if head.startswith(start)), None)
    size = content.seek(0, io.SEEK_END)
    if media is None:
        raise Refused("A scan is a PDF, PNG, JPEG or TIFF.", code="scan_kind", field="scan")
    if size > SCAN_BYTES:
        raise Refused(f"A scan has at most {SCAN_BYTES // FORM_BYTES} MB.", code="scan_size", field="scan")
    query = select(_batch).where(_batch.c.public_id == public, w.within(_batch.c.entity_id))
    row = w.db.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such keyed batch.")
    KEYED.next(Keyed(row.state), KeyedMove.SAVE)
    number, *_ = documents.put(w, content)
    change = dict(scan_file_no=number, scan_name=intake.clean_name(name), scan_media=media)
    w.db.execute(update(_batch).where(_batch.c.id == row.id).values(**change))
    w.audit("keyed.scan", "C", "keyed_batch", public, entity_id=row.entity_id)


def scan(w: Work, public: str) -> tuple[bytes, Batch]:
    """The paper of a batch; the read is audited."""
    found = queries_keyed.batch(w, public)
    if found.scan_file_no is None:
        raise NotFound("This batch has no scan.")
    w.audit("keyed.scan", "R", "keyed_batch", public, entity_id=found.entity_id)
    with documents.open_file(w, found.scan_file_no) as content:
        return content.read(), found
