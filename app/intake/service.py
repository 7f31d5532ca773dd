"""Recording what came in and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any

from sqlalchemy import delete, insert, select, update

from app.documents import service as documents
from app.intake.lifecycle import LOOK_FIRST, TRANSACTION, FileState, Move, State
from app.intake.models import (
    IntakeFile,
    IntakeFinding,
    IntakeInterchange,
    IntakeOffer,
    IntakeTransaction,
)
from app.intake.queries import seen, visible
from app.intake.rules import Offered
from app.intake.translate import (
    ANSWER_KINDS,
    EOB,
    READ_KINDS,
    Found,
    FoundInterchange,
    FoundTransaction,
    Split,
    split_file,
)
from app.kernel.db import bulk_insert, table_of
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.ids import public_id, public_ids
from app.kernel.limits import FILE_NAME_CHARACTERS
from app.kernel.work import Work, exists

_file, _offer = table_of(IntakeFile), table_of(IntakeOffer)
_interchange, _transaction = table_of(IntakeInterchange), table_of(IntakeTransaction)
_finding = table_of(IntakeFinding)
OPINION_AFTER = timedelta(seconds=60)
"""pyx12 is slow and judges nothing: it reads a file when nobody waits for the posting any more."""
ANSWERED = (*READ_KINDS, "277CA", "277")
"""What gets a second opinion and an acknowledgement of ours; what acknowledges is never acknowledged."""
RANKS = {"837P": 3, "837I": 3, "837D": 3, "835": 5, EOB: 6}


def record_offer(
    w: Work,
    content: IO[bytes],
    name: str,
    *,
    parent: int | None = None,
    options: dict[str, Any] | None = None,
) -> Offered:
    """Keep an offered content and promise its reading; the same content again is told of the first offer."""
    number, _sha, size, _new = documents.put(w, content)
    clean = clean_name(name)
    row = w.db.execute(select(_file).where(_file.c.file_no == number)).one_or_none()
    first = row is None
    if row is None:
        values = dict(
            file_no=number, public_id=public_id(), name=clean, door=w.actor.door, size=size, segments=0
        )
        values |= dict(offered_by=w.actor.name[:80], person_id=w.actor.person_id, received_at=w.now, kind="")
        values |= dict(state=FileState.RECEIVED.value, parent_file_no=parent, options=options or {})
        row = w.db.execute(insert(_file).values(**values).returning(_file)).one()
        w.job("stage_file", f"file:{number}", {"file": number}, rank=2)
    offer = dict(file_no=number, name=clean, door=w.actor.door, offered_by=w.actor.name[:80], first=first)
    w.db.execute(insert(_offer).values(offered_at=w.now, **offer))
    w.audit("file", "C", "intake_file", row.public_id, detail={"door": w.actor.door, "first": first})
    at = row.received_at.strftime("%Y-%m-%d %H:%M UTC")
    mine = select(_file.c.file_no).outerjoin(_transaction, _transaction.c.file_no == _file.c.file_no)
    if first or exists(w, mine.where(_file.c.file_no == number, seen(w))):
        return Offered(row.public_id, number, first, row.name, at, row.offered_by)
    # Somebody of another entity brought it: that it is known is all one may hear (A2).
    return Offered(row.public_id, number, first, "another file", at, "somebody else")


def clean_name(name: str) -> str:
    """A file name without folders or control characters (W6)."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[:FILE_NAME_CHARACTERS] or "unnamed"


def refuse(w: Work, file_no: int, code: str, words: str) -> None:
    """Refuse a file, with the reason."""
    change = dict(state=FileState.REFUSED.value, reason=words)
    w.db.execute(update(_file).where(_file.c.file_no == file_no).values(**change))
    w.audit("file", "U", "intake_file", file_no, detail={"refused": code}, outcome=4)


def stage_members(w: Work, file_no: int, members: int) -> None:
    """A zip was unpacked: its members are files of their own."""
    change = dict(state=FileState.STAGED.value, kind="zip", reason=f"{members} files inside")
    w.db.execute(update(_file).where(_file.c.file_no == file_no).values(**change))


def stage(w: Work, file_no: int) -> int:
    """Split a received file into transactions and promise the posting of each; returns how many there are.

    Second deliveries of an interchange, unclosed ones and those with faulty counts are ignored or held here.
    """
    row = w.db.execute(select(_file.c.state, _file.c.options).where(_file.c.file_no == file_no)).one()
    if row.state != FileState.RECEIVED:
        return 0
    with documents.open_file(w, file_no) as stream:
        split = split_file(stream, file_no)
    if split.refusal is not None:
        _keep_findings(w, file_no, None, [*split.findings, split.refusal])
        refuse(w, file_no, split.refusal.code, split.refusal.text)
        return 0
    _keep_findings(w, file_no, None, split.findings)
    known, look = _known_interchanges(w, split), bool((row.options or {}).get("look_first"))
    for one in split.interchanges:
        _stage_interchange(w, file_no, one, known.get(one.natural), look=look)
    change = dict(state=FileState.STAGED.value, kind=split.kind[:20], segments=split.segments)
    w.db.execute(update(_file).where(_file.c.file_no == file_no).values(**change))
    if split.kind == EOB:
        w.job("validate_eobs", f"file:{file_no}", {"file": file_no}, run_at=w.now + OPINION_AFTER, rank=9)
    elif any(one.kind in ANSWERED for isa in split.interchanges for one in isa.transactions):
        w.job("second_opinion", f"file:{file_no}", {"file": file_no}, run_at=w.now + OPINION_AFTER, rank=9)
    return sum(len(one.transactions) for one in split.interchanges)


def _known_interchanges(w: Work, split: Split) -> dict[str, Any]:
    naturals = [one.natural for one in split.interchanges]
    closed = _interchange.c.closed.is_(True)
    query = (
        select(_interchange)
        .where(_interchange.c.natural.in_(naturals), closed)
        .order_by(_interchange.c.id.desc())
    )
    return {row.natural: row for row in w.db.execute(query)}


def _stage_interchange(w: Work, file_no: int, one: FoundInterchange, earlier: Any, *, look: bool) -> None:
    values = dict(id=one.id, file_no=file_no, natural=one.natural, sender=one.sender, receiver=one.receiver)
    values |= dict(
        control=one.control, day=one.day, usage=one.usage, closed=one.closed, content_hash=one.content_hash
    )
    w.db.execute(insert(_interchange).values(**values))
    for transaction, public in zip(one.transactions, public_ids(len(one.transactions)), strict=True):
        _stage_transaction(w, file_no, one, transaction, public=public, earlier=earlier, look=look)
    _keep_findings(w, file_no, None, one.findings)
    if one.closed:
        _supersede_cut(w, file_no, one)


def _supersede_cut(w: Work, file_no: int, one: FoundInterchange) -> None:
    """The complete file came in: what was held because it was cut needs nobody any more (R5)."""
    cut = select(_interchange.c.id).where(
        _interchange.c.natural == one.natural, _interchange.c.closed.is_(False)
    )
    held = _transaction.c.state.in_([state.value for state in TRANSACTION.before(Move.IGNORE)])
    words = f"The complete file came in as {_name_of(w, file_no)}."
    change = dict(state=State.IGNORED.value, reason="intake.completed", explanation=words)
    w.db.execute(
        update(_transaction)
        .where(_transaction.c.interchange_id.in_(cut), held)
        .values(version=_transaction.c.version + 1, **change)
    )


def _stage_transaction(
    w: Work,
    file_no: int,
    isa: FoundInterchange,
    one: FoundTransaction,
    *,
    public: str,
    earlier: Any,
    look: bool,
) -> None:
    state, reason, words = State.STAGED, None, None
    if one.kind not in (*READ_KINDS, *ANSWER_KINDS):
        state, reason, words = (
            State.HELD,
            "intake.unknown_kind",
            f"Reclaim does not read {one.kind or 'this'} yet.",
        )
    elif earlier is not None and earlier.content_hash == isa.content_hash:
        state, reason = State.IGNORED, "intake.same_interchange"
        words = f"The same interchange {isa.control} came in before, in {_name_of(w, earlier.file_no)}."
    elif earlier is not None and one.kind in READ_KINDS:
        # Answers are read all the same: clearinghouses number them anew each day, and they move no money.
        state, reason = State.HELD, "intake.interchange_reused"
        words = (
            f"Interchange {isa.control} came in before with other content, in {_name_of(w, earlier.file_no)}."
        )
    elif one.holds:
        state, reason, words = State.HELD, one.holds[0].code, one.holds[0].text
    elif look and one.kind in READ_KINDS:
        state, reason, words = State.HELD, LOOK_FIRST, "It waits to be looked at before it posts."
    values = dict(id=one.id, public_id=public, file_no=file_no, interchange_id=isa.id, kind=one.kind)
    values |= dict(control=one.control, usage=one.usage, state=state.value, reason=reason, explanation=words)
    values |= dict(group_control=one.group_control)
    w.db.execute(
        insert(_transaction).values(**values, span=one.span, content_hash=one.content_hash, claims=0)
    )
    _keep_findings(w, file_no, one.id, one.findings)
    if state is State.STAGED:
        promise_posting(w, one.id, one.kind)


def promise_posting(w: Work, transaction_id: int, kind: str) -> None:
    """Promise the posting of one transaction: claims before the remits that pay them."""
    w.job(
        "post_transaction", f"st:{transaction_id}", {"transaction": transaction_id}, rank=RANKS.get(kind, 4)
    )


def _name_of(w: Work, file_no: int) -> str:
    return str(w.db.execute(select(_file.c.name).where(_file.c.file_no == file_no)).scalar_one())


def _keep_findings(w: Work, file_no: int, transaction_id: int | None, findings: Sequence[Found]) -> None:
    keep_findings(w, file_no, transaction_id, [(None, one) for one in findings])


def keep_findings(
    w: Work,
    file_no: int,
    transaction_id: int | None,
    findings: Sequence[tuple[int | None, Found]],
    *,
    origin: str = "reader",
) -> None:
    """Keep findings, each with the remit claim it speaks of (or None)."""
    columns = (
        "file_no",
        "transaction_id",
        "remit_claim_id",
        "origin",
        "code",
        "does",
        "segment",
        "byte",
        "element",
    )
    rows = [
        (
            file_no,
            transaction_id,
            claim,
            origin,
            one.code[:40],
            one.does,
            one.segment,
            one.byte,
            one.element,
            one.text,
        )
        for claim, one in findings
    ]
    bulk_insert(w.db, _finding, (*columns, "text"), rows)


def forget_findings(w: Work, transaction_id: int, origin: str = "posting") -> None:
    """Before a replay: what the last posting found is found again, or not."""
    w.db.execute(
        delete(_finding).where(_finding.c.transaction_id == transaction_id, _finding.c.origin == origin)
    )


@dataclass(frozen=True)
class Staged:
    """A transaction about to be posted, locked for this work."""

    id: int
    public_id: str
    file_no: int
    file_name: str
    kind: str
    usage: str
    state: str
    span: dict[str, Any]
    content_hash: str
    released_by: str | None
    posting: int
    options: dict[str, Any]
    entity_id: int | None


def lock(w: Work, transaction_id: int) -> Staged | None:
    """Take a staged transaction for posting; None when somebody else has settled it."""
    columns = (
        _transaction.c.id,
        _transaction.c.public_id,
        _transaction.c.file_no,
        _file.c.name,
        _transaction.c.kind,
        _transaction.c.usage,
        _transaction.c.state,
        _transaction.c.span,
        _transaction.c.content_hash,
        _transaction.c.released_by,
        _transaction.c.posting,
        _file.c.options,
        _transaction.c.entity_id,
    )
    query = select(*columns).join(_file, _file.c.file_no == _transaction.c.file_no)
    query = query.where(_transaction.c.id == transaction_id, _transaction.c.state == State.STAGED.value)
    row = w.db.execute(query.with_for_update(of=_transaction)).one_or_none()
    return Staged(*tuple(row)) if row else None


def settle(w: Work, transaction_id: int, move: Move, **facts: Any) -> None:
    """Record what became of a staged transaction: posted, held, ignored or quarantined, with its facts."""
    state = TRANSACTION.next(State.STAGED, move)
    changed = w.db.execute(
        update(_transaction)
        .where(_transaction.c.id == transaction_id, _transaction.c.state == State.STAGED.value)
        .values(state=state.value, settled_at=w.now, version=_transaction.c.version + 1, **facts)
    ).rowcount
    if changed != 1:
        raise Stale()


def original_of(w: Work, posted_hash: str) -> tuple[int, str] | None:
    """The posted transaction with the same content: (id, file name)."""
    query = select(_transaction.c.id, _file.c.name).join(_file, _file.c.file_no == _transaction.c.file_no)
    row = w.db.execute(query.where(_transaction.c.posted_hash == posted_hash)).one_or_none()
    return (int(row.id), str(row.name)) if row else None


def move(w: Work, public: str, doing: Move, *, reason: str, version: int | None = None) -> int:
    """A person replays, releases or undoes a transaction; returns its key. Refuses stale versions (C6)."""
    query = select(_transaction.c.id, _transaction.c.state, _transaction.c.version, _transaction.c.kind)
    row = w.db.execute(
        query.where(_transaction.c.public_id == public, visible(w)).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such transaction.")
    if version is not None and version != row.version:
        raise Stale()
    if not reason.strip():
        raise Refused(
            "Say why: the reason stays with the transaction.", code="reason_missing", field="reason"
        )
    state = TRANSACTION.next(State(row.state), doing)
    change: dict[str, Any] = dict(state=state.value, version=_transaction.c.version + 1)
    if doing is Move.RELEASE:
        change |= dict(released_by=w.actor.name[:80], release_reason=reason[:200])
    if doing is Move.UNDO:
        change |= dict(posted_hash=None, batch_id=None)
    w.db.execute(update(_transaction).where(_transaction.c.id == row.id).values(**change))
    w.audit("transaction", "U", "intake_transaction", public, detail={"move": doing.value})
    if state is State.STAGED:
        forget_findings(w, int(row.id))
        promise_posting(w, int(row.id), row.kind)
    return int(row.id)


def retry_held(w: Work, reasons: Sequence[str]) -> int:
    """Stage again what was held for one of these reasons (an entity arrived); returns how many."""
    rows = w.db.execute(
        update(_transaction)
        .where(_transaction.c.state == State.HELD.value, _transaction.c.reason.in_(reasons))
        .values(state=State.STAGED.value, version=_transaction.c.version + 1)
        .returning(_transaction.c.id, _transaction.c.kind)
    ).all()
    for row in rows:
        forget_findings(w, int(row.id))
        promise_posting(w, int(row.id), row.kind)
    return len(rows)


def depth_of(w: Work, file_no: int) -> tuple[int, dict[str, Any]]:
    """How many archives deep a file lies, and the options it was offered with."""
    depth, options, parent = -1, None, file_no
    while parent is not None:
        row = w.db.execute(
            select(_file.c.parent_file_no, _file.c.options).where(_file.c.file_no == parent)
        ).one()
        options = options if options is not None else dict(row.options or {})
        depth, parent = depth + 1, row.parent_file_no
    return depth, options or {}


def prepare_again(w: Work, transaction_id: int) -> None:
    """A transaction will be posted once more: its posting batches need another name."""
    again = dict(posting=_transaction.c.posting + 1)
    w.db.execute(update(_transaction).where(_transaction.c.id == transaction_id).values(**again))


def fewer_parked(w: Work, transaction_id: int, count: int) -> None:
    """So many of its parked claims are settled: lists show what still waits."""
    left = dict(parked=_transaction.c.parked - count)
    w.db.execute(update(_transaction).where(_transaction.c.id == transaction_id).values(**left))
