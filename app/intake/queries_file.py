"""One file as a person reads it: its transactions, its findings, every time it was offered, how far it is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, case, func, or_, select

from app.intake.lifecycle import LOOK_FIRST, TRANSACTION, FileState, Move, State
from app.intake.models import IntakeFile, IntakeFinding, IntakeOffer, IntakeTransaction
from app.intake.queries import brought, visible
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work

_file, _transaction = table_of(IntakeFile), table_of(IntakeTransaction)
_offer, _finding = table_of(IntakeOffer), table_of(IntakeFinding)
FINDINGS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class FileHead:
    """What names a file. `file_no` stays inside; `whole` is true when every transaction in it may be seen."""

    file_no: int
    public_id: str
    name: str
    door: str
    offered_by: str
    received_at: datetime
    state: str
    kind: str
    reason: str | None
    segments: int
    size: int
    mine: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """An ST of a file with what may be done to it. `moves` are the moves its state allows."""

    id: int
    public_id: str
    kind: str
    control: str
    usage: str
    state: str
    reason: str | None
    explanation: str | None
    payer: str | None
    trace: str | None
    method: str | None
    paid: Money | None
    effective_date: date | None
    claims: int
    lines: int
    parked: int
    charge: Money | None
    released_by: str | None
    release_reason: str | None
    settled_at: datetime | None
    entity_id: int | None
    file_no: int
    version: int
    moves: tuple[str, ...]

    @property
    def to_look_at(self) -> bool:
        """Was it held by whoever brought it, to be seen before it posts?"""
        return self.state == State.HELD and self.reason == LOOK_FIRST


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding and its place: segment 1-based over the file, byte 0-based, element 0 for none."""

    code: str
    does: str
    segment: int
    byte: int
    element: int
    text: str
    transaction: str
    control: str


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A door at which the content was offered; only the first did anything."""

    name: str
    door: str
    offered_by: str
    offered_at: datetime
    first: bool


def file(w: Work, public: str, *, own: bool = False) -> FileHead:
    """A file by its public id; `NotFound` unless something in it may be seen.

    own: whoever brought it may ask how far it is, even when it turned out to belong to another entity.
    """
    row = w.db.execute(select(_file).where(_file.c.public_id == public)).one_or_none()
    if row is None:
        raise NotFound("There is no such file.")
    count = func.count(_transaction.c.id)
    counted = select(count, count.filter(visible(w))).where(_transaction.c.file_no == row.file_no)
    everything, seen = w.db.execute(counted).one()
    mine = row.person_id is not None and row.person_id == w.actor.person_id
    open_to_me = w.db.execute(
        select(_file.c.file_no).where(_file.c.file_no == row.file_no, brought(w))
    ).first()
    if not (seen or (not everything and open_to_me) or (own and mine)):
        raise NotFound("There is no such file.")
    names = ("file_no", "public_id", "name", "door", "offered_by", "received_at", "state", "kind", "reason")
    facts = {name: getattr(row, name) for name in (*names, "segments", "size")}
    return FileHead(**facts, mine=mine, whole=everything == seen)


TRANSACTION_SORTS = {"place": Sort(_transaction.c.id)}
TRANSACTION_COLUMNS = (
    Column("control", "ST", Kind.CODE),
    Column("kind", "Kind", Kind.CODE),
    Column("payer", "Payer"),
    Column("trace", "Check / TRN", Kind.CODE),
    Column("paid", "Paid", Kind.MONEY),
    Column("charge", "Charge", Kind.MONEY, wide=False),
    Column("claims", "Claims", Kind.COUNT),
    Column("lines", "Lines", Kind.COUNT, wide=False),
    Column("parked", "Parked", Kind.COUNT),
    Column("state", "State", Kind.STATE),
)


def transactions(w: Work, file_no: int, ask: Ask) -> Slice[TransactionRow]:
    """The transactions of a file in file order, those that may be seen."""
    query = select(*_transaction_columns()).where(_transaction.c.file_no == file_no, visible(w))
    return page(w.db, query, ask, sorts=TRANSACTION_SORTS, key=_transaction.c.id, row=_transaction_row)


def transaction(w: Work, public: str) -> TransactionRow:
    """One transaction; `NotFound` unless it may be seen."""
    query = select(*_transaction_columns()).where(_transaction.c.public_id == public, visible(w))
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such transaction.")
    return _transaction_row(row)


def _transaction_columns() -> list[Any]:
    names = [name for name in TransactionRow.__dataclass_fields__ if name not in ("moves", "payer")]
    return [*(_transaction.c[name] for name in names), _transaction.c.payer_name.label("payer")]


def _transaction_row(row: Row[Any]) -> TransactionRow:
    values = {name: getattr(row, name) for name in TransactionRow.__dataclass_fields__ if name != "moves"}
    return TransactionRow(**values, moves=_by_hand(row.state, row.kind))


def _by_hand(state: str, kind: str) -> tuple[str, ...]:
    """What a person may do; a kind that is only kept was never posted."""
    possible = {move.value for move in TRANSACTION.moves(State(state))}
    wanted = (Move.RELEASE.value, Move.REPLAY.value, Move.UNDO.value)
    return tuple(one for one in wanted if one in possible) if kind.startswith(("835", "837", "fhir")) else ()


def findings(
    w: Work, file_no: int, *, origin: str, transaction_id: int | None = None
) -> tuple[list[FindingRow], int]:
    """What is wrong in a file (or one of its transactions) and where, gravest first; and how many there are.

    origin: "ours" for what the product found, "guide" for the second opinion of the implementation guides.
    """
    guide = _finding.c.origin == "guide"
    conditions = [_finding.c.file_no == file_no, guide if origin == "guide" else ~guide]
    conditions.append(or_(_finding.c.transaction_id.is_(None), visible(w)))
    if transaction_id is not None:
        conditions.append(_finding.c.transaction_id == transaction_id)
    weight = case({"refuse": 0, "hold": 1, "park": 2, "warn": 3, "ignore": 4}, value=_finding.c.does, else_=5)
    joined = select(_finding, _transaction.c.public_id, _transaction.c.control).outerjoin(
        _transaction, _transaction.c.id == _finding.c.transaction_id
    )
    count = w.db.execute(joined.where(*conditions).with_only_columns(func.count())).scalar_one()
    rows = w.db.execute(joined.where(*conditions).order_by(weight, _finding.c.segment).limit(FINDINGS_SHOWN))
    return [
        FindingRow(one.code, one.does, one.segment, one.byte, one.element, one.text, one.public_id or "",
                   one.control or "")
        for one in rows
    ], int(count)  # fmt: skip


def offers(w: Work, file_no: int) -> list[OfferRow]:
    """Every time the content was offered, first one first."""
    names = [_offer.c[name] for name in OfferRow.__dataclass_fields__]
    query = select(*names).where(_offer.c.file_no == file_no).order_by(_offer.c.id).limit(200)
    return [OfferRow(*row) for row in w.db.execute(query)]


# ---------------------------------------------------------------- how far it is


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is: transactions by state, and what they hold. `done` when nothing is underway."""

    head: FileHead
    states: dict[str, int]
    claims: int
    parked: int
    paid: Money
    reasons: list[str]
    inside: int
    done: bool
    elsewhere: bool

    @property
    def total(self) -> int:
        """How many transactions have been found so far."""
        return sum(self.states.values())

    @property
    def settled(self) -> int:
        """How many of them are decided."""
        return self.total - self.states.get(State.STAGED.value, 0)


def progress(w: Work, public: str) -> Progress:
    """How far a file is, and the files inside when it is an archive; for whoever brought it or may see it."""
    head = file(w, public, own=True)
    family = or_(_file.c.file_no == head.file_no, _file.c.parent_file_no == head.file_no)
    members = w.db.execute(select(_file.c.file_no, _file.c.state, _file.c.reason).where(family)).all()
    numbers = [one.file_no for one in members]
    inside = _transaction.c.file_no.in_(numbers)
    sums = (func.count(), func.sum(_transaction.c.claims), func.sum(_transaction.c.parked))
    rows = w.db.execute(
        select(_transaction.c.state, *sums, func.sum(_transaction.c.paid))
        .where(inside, visible(w))
        .group_by(_transaction.c.state)
    ).all()
    states = {row[0]: int(row[1]) for row in rows}
    refused = [one.reason for one in members if one.state == FileState.REFUSED.value and one.reason]
    why = select(_transaction.c.explanation).where(
        inside, visible(w), _transaction.c.explanation.is_not(None)
    )
    unseen = w.db.execute(select(func.count()).where(inside, ~func.coalesce(visible(w), False))).scalar_one()
    waiting = any(one.state == FileState.RECEIVED.value for one in members)
    posted = [row for row in rows if row[0] == State.POSTED.value]
    return Progress(
        head=head,
        states=states,
        claims=sum(int(row[2] or 0) for row in posted),
        parked=sum(int(row[3] or 0) for row in posted),
        paid=Money.of_sum(sum(int(row[4] or 0) for row in posted)),
        reasons=[*refused, *w.db.execute(why.order_by(_transaction.c.id).limit(3)).scalars()][:3],
        inside=len(members) - 1,
        done=not waiting and State.STAGED.value not in states,
        elsewhere=bool(unseen),
    )
