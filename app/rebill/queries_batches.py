"""The list of batches, one batch with its tries and claims: what was sent, and what its receiver said."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select

from app.claims.models import Claim
from app.entities.models import Entity
from app.intake.models import IntakeFile
from app.kernel.clock import day_of, now
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Patient
from app.payers.models import Payer
from app.payers.rules_terms import read_day
from app.rebill.lifecycle import BATCH, BatchMove, BatchState, How
from app.rebill.lifecycle import Kind as SubmissionKind
from app.rebill.models import BatchAttempt, Rebill, RebillBatch, Receiver
from app.rebill.queries import KINDS
from app.rebill.rules_batches import UNDERWAY

_batch, _attempt, _receiver = table_of(RebillBatch), table_of(BatchAttempt), table_of(Receiver)
_rebill, _entity, _claim = table_of(Rebill), table_of(Entity), table_of(Claim)
_payer, _file, _patient = table_of(Payer), table_of(IntakeFile), table_of(Patient)
FILTERS = ("state", "receiver", "released_from", "released_to", "answer", "q")
SORTS = {
    "released": Sort(_batch.c.released_at, descending=True),
    "charge": Sort(_batch.c.charge, descending=True),
    "claims": Sort(_batch.c.claims, descending=True),
    "number": Sort(_batch.c.interchange, descending=True),
}
CLAIM_SORTS = {"place": Sort(_rebill.c.place, nullable=True), "charge": Sort(_rebill.c.charge)}
_UNDERWAY = ("released", "sending", "unknown", "failed")
_ANSWERED: dict[str, Callable[[], Any]] = {
    "none": lambda: (_batch.c.ta1 == "") & (_batch.c.syntax == "") & (_batch.c.accepted == 0)
    & (_batch.c.rejected == 0),
    "refused": lambda: _batch.c.ta1.in_(("R",)) | _batch.c.syntax.in_(("R", "P")),
    "rejected": lambda: _batch.c.rejected > 0,
}  # fmt: skip
_PLAIN = (
    "id", "public_id", "entity_id", "how", "state", "interchange", "first_group", "groups", "usage", "claims",
    "charge", "file_no", "file_name", "size", "sha256", "released_by", "released_at", "sent_at", "proof",
    "ta1", "syntax", "accepted", "rejected", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A file to one receiver. ta1, syntax: A, E, P, R or empty; accepted, rejected: claims by their 277CA;
    file: its public id among the files, empty until it was sent.
    """

    id: int
    public_id: str
    entity_id: int
    how: str
    state: str
    interchange: int
    first_group: int
    groups: int
    usage: str
    claims: int
    charge: Money
    file_no: int
    file_name: str
    size: int
    sha256: str
    released_by: str
    released_at: datetime
    sent_at: datetime | None
    proof: str
    ta1: str
    syntax: str
    accepted: int
    rejected: int
    version: int
    entity: str
    entity_name: str
    time_zone: str
    receiver: str
    receiver_name: str
    file: str

    @property
    def moves(self) -> list[str]:
        """What a person may do with it now: take, confirm, cancel, retry, settle."""
        carried = self.how == How.DOWNLOAD
        doable = []
        for move in BATCH.moves(BatchState(self.state)):
            if move is BatchMove.START and carried:
                doable.append("take")
            elif move is BatchMove.ARRIVE and carried:
                doable.append("confirm")
            elif move is BatchMove.FOUND_ARRIVED:
                doable.append("settle")
            elif move in (BatchMove.CANCEL, BatchMove.RETRY):
                doable.append(move.value)
        return doable


COLUMNS = (
    Column("interchange", "Number", Kind.CODE, sort="number", hint="ISA13, counted for each receiver"),
    Column("receiver_name", "Receiver"),
    Column("state", "State", Kind.STATE),
    Column("claims", "Claims", Kind.COUNT, sort="claims"),
    Column("charge", "Charges", Kind.MONEY, sort="charge"),
    Column("released_at", "Released", Kind.INSTANT, sort="released"),
    Column("released_by", "By", wide=False),
    Column("sent_at", "Arrived", Kind.INSTANT),
    Column("ta1", "TA1", Kind.CODE, hint="What the receiver said of the envelope", wide=False),
    Column("syntax", "999", Kind.CODE, hint="What it said of the form"),
    Column("accepted", "Accepted", Kind.COUNT, hint="Claims its 277CA took"),
    Column("rejected", "Rejected", Kind.COUNT, hint="Claims its 277CA refused"),
)
EXPORT_COLUMNS = (
    *COLUMNS,
    Column("entity_name", "Practice"),
    Column("file_name", "File"),
    Column("sha256", "SHA-256", Kind.CODE),
    Column("usage", "Usage", Kind.CODE),
)


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole list: how many batches, claims, cents, and what their receivers said."""

    rows: int
    claims: int
    charge: Money
    accepted: int
    rejected: int


def _batches(w: Work) -> Select[Any]:
    return (
        select(
            *(_batch.c[name] for name in _PLAIN),
            _entity.c.public_id.label("entity"),
            _entity.c.name.label("entity_name"),
            _entity.c.time_zone,
            _receiver.c.public_id.label("receiver"),
            _receiver.c.name.label("receiver_name"),
            func.coalesce(_file.c.public_id, "").label("file"),
        )
        .join(_entity, _entity.c.id == _batch.c.entity_id)
        .join(_receiver, _receiver.c.id == _batch.c.receiver_id)
        .outerjoin(_file, _file.c.file_no == _batch.c.file_no)
        .where(w.within(_batch.c.entity_id))
    )


def _filtered(query: Select[Any], ask: Ask) -> Select[Any]:
    state, receiver, answer = ask.get("state"), ask.get("receiver"), ask.get("answer")
    if state:
        states = _UNDERWAY if state == UNDERWAY else (state,)
        query = query.where(_batch.c.state.in_(states))
    if receiver:
        query = query.where(_receiver.c.public_id == receiver)
    if answer in _ANSWERED:
        query = query.where(_ANSWERED[answer]())
    if named := ask.get("q"):
        number = int(named) if named.isascii() and named.isdigit() and len(named) <= 9 else -1
        query = query.where((_batch.c.interchange == number) | (_batch.c.file_name == named[:80]))
    if first := _day(ask, "released_from"):
        query = query.where(_batch.c.released_at >= datetime(first.year, first.month, first.day, tzinfo=UTC))
    if last := _day(ask, "released_to"):
        end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
        query = query.where(_batch.c.released_at < end)
    return query


def _day(ask: Ask, name: str) -> date | None:
    text = ask.get(name)
    try:
        return read_day(text, name, now().date()) if text else None
    except OverflowError:
        raise Refused("This day is too far away.", code="day_unreadable", field=name) from None


def _row(row: Row[Any]) -> BatchRow:
    return BatchRow(**{name: getattr(row, name) for name in BatchRow.__dataclass_fields__})


def batches(w: Work, ask: Ask) -> Slice[BatchRow]:
    """Batches, the newest first."""
    return page(w.db, _filtered(_batches(w), ask), ask, sorts=SORTS, key=_batch.c.id, row=_row)


def totals(w: Work, ask: Ask) -> Totals:
    """What the filtered list comes to."""
    listed = _filtered(_batches(w), ask).order_by(None).subquery()
    sums = [
        func.coalesce(func.sum(listed.c[name]), 0) for name in ("claims", "charge", "accepted", "rejected")
    ]
    count, claims, charge, accepted, rejected = w.db.execute(select(func.count(), *sums)).one()
    return Totals(int(count), int(claims), Money.of_sum(int(charge)), int(accepted), int(rejected))


def batch(w: Work, public_id: str) -> BatchRow:
    """One batch; `NotFound` when there is none or it is not yours."""
    row = w.db.execute(_batches(w).where(_batch.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such batch.")
    return _row(row)


def released(w: Work) -> list[str]:
    """Public ids of what Reclaim has yet to send by itself, the oldest first."""
    ours = (_batch.c.state.in_(("released", "sending")), _batch.c.how != How.DOWNLOAD.value)
    query = select(_batch.c.public_id).where(*ours, w.within(_batch.c.entity_id)).order_by(_batch.c.id)
    return [str(one) for one in w.db.execute(query).scalars()]


@dataclass(frozen=True, slots=True)
class AttemptView:
    """A try to hand a batch over. outcome: arrived, not_sent, unknown; empty while it is under way."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    words: str


def attempts(w: Work, batch_id: int) -> list[AttemptView]:
    """Every try, the newest first."""
    columns = [_attempt.c[name] for name in AttemptView.__dataclass_fields__]
    mine = (_attempt.c.batch_id == batch_id, w.within(_attempt.c.entity_id))
    rows = w.db.execute(select(*columns).where(*mine).order_by(_attempt.c.number.desc()))
    return [AttemptView(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class BatchClaim:
    """A claim of a batch: where it stands in the file and where it stands now."""

    public_id: str
    place: int | None
    control: str
    kind: str
    charge: Money
    state: str
    file_by: date | None
    payer: str
    claim: str
    patient_id: int
    patient: str

    @property
    def kind_words(self) -> str:
        """What is sent."""
        return KINDS[SubmissionKind(self.kind)]


CLAIM_COLUMNS = (
    Column("place", "Place", Kind.COUNT, sort="place", hint="Which claim of the file it is"),
    Column("control", "Control number", Kind.CODE, hint="CLM01 it went out under"),
    Column("patient", "Patient"),
    Column("kind", "Kind", value=lambda row: row.kind_words),
    Column("payer", "Payer"),
    Column("charge", "Charge", Kind.MONEY, sort="charge"),
    Column("file_by", "Last day", Kind.DAY, wide=False),
    Column("state", "State", Kind.STATE),
)


def claims(w: Work, batch_id: int, ask: Ask) -> Slice[BatchClaim]:
    """The submissions a batch carries, in the order of its file; who was seen is written down."""
    plain = ("public_id", "place", "control", "kind", "charge", "state", "file_by", "patient_id")
    query = (
        select(
            *(_rebill.c[name] for name in plain),
            func.coalesce(_payer.c.name, "").label("payer"),
            _claim.c.public_id.label("claim"),
            _patient.c.last,
            _patient.c.first,
        )
        .join(_claim, _claim.c.id == _rebill.c.claim_id)
        .outerjoin(_payer, _payer.c.id == _rebill.c.payer_id)
        .outerjoin(_patient, _patient.c.id == _rebill.c.patient_id)
        .where(_rebill.c.batch_id == batch_id, w.within(_rebill.c.entity_id))
    )
    found = page(w.db, query, ask, sorts=CLAIM_SORTS, key=_rebill.c.id, row=_claim_row)
    w.audit("batch.claims", "R", "rebill", patients=[one.patient_id for one in found.rows],
            detail={"rows": len(found.rows)})  # fmt: skip
    return found


def _claim_row(row: Row[Any]) -> BatchClaim:
    plain = {name: getattr(row, name) for name in BatchClaim.__dataclass_fields__ if name != "patient"}
    return BatchClaim(**plain, patient=", ".join(filter(None, (row.last, row.first))))


def export_batches(w: Work, as_of: date | None = None) -> tuple[list[Column], Iterator[Any]]:
    """Every batch, the oldest first, for `reclaim export`; as_of: those released up to this day."""
    rows = w.db.execute(_batches(w).order_by(_batch.c.released_at, _batch.c.id))
    listed = (_row(row) for row in rows)
    kept = (one for one in listed if as_of is None or day_of(one.released_at, one.time_zone) <= as_of)
    return [_snake(one) for one in EXPORT_COLUMNS], kept


def _snake(column: Column) -> Column:
    return Column(column.key, column.key, column.kind)
