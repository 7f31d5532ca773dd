"""One submission with its neighbours: versions and their money, what the payer decided, history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.claims import queries_versions
from app.claims.models import ClaimLine
from app.claims.queries_versions import VersionView
from app.denials.models import Denial
from app.denials.queries_claim import AnsweredLine, AnswerView, answers
from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.work import Work
from app.rebill.lifecycle import AT_WORK, REBILL, Cause, Move, State
from app.rebill.models import Rebill, RebillBatch, RebillEvent
from app.rebill.queries import RebillRow, row_of
from app.remits.models import RemitClaim

_rebill, _event, _batch = table_of(Rebill), table_of(RebillEvent), table_of(RebillBatch)
_denial, _remit_claim, _line = table_of(Denial), table_of(RemitClaim), table_of(ClaimLine)
BY_HAND = frozenset({Move.FINISH, Move.REOPEN, Move.CANCEL})
"""What a person does with one submission; files and documents do the rest."""
MOVED = {
    "open": "Opened",
    "edit": "Edited",
    "check": "Checked",
    "hold": "Held back",
    "lift": "Released from its hold",
    "sign": "Coding signed",
    "finish": "Finished, waits for a batch",
    "reopen": "Taken back to the draft",
    "batch": "Put into a batch",
    "unbatch": "Taken out of its batch",
    "transmit": "Sent",
    "take_back": "The remit that answered it was undone: it waits again",
    "refuse_file": "Its file was refused: goes out again",
    "receive": "Received",
    "accept": "Accepted for adjudication",
    "reject": "Rejected",
    "answer": "Answered by a remit",
    "supersede": "Overtaken by another submission",
    "cancel": "Cancelled",
    "assign": "Given to somebody",
}


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to it, as a timeline draws it."""

    at: datetime
    title: str
    who: str
    detail: str
    tone: str


@dataclass(frozen=True, slots=True)
class Chained:
    """Another submission of the same claim."""

    public_id: str
    number: str
    kind: str
    rank: int
    state: str
    charge: Money
    sent_on: date | None
    here: bool


@dataclass(frozen=True, slots=True)
class RebillView:
    """A submission as its page shows it; keys stay inside. `base`: the version it was made of."""

    row: RebillRow
    zone: str
    base_version_id: int
    remit_claim_id: int | None
    original_reference: str
    author: str
    coding_changed: bool
    signed_by: str
    signed_at: datetime | None
    delay_reason: str
    clock: Mapping[str, Any]
    batch: str
    batch_state: str
    denial: str
    events: tuple[EventView, ...]
    chain: tuple[Chained, ...]
    versions: tuple[VersionView, ...]
    answer: AnswerView | None
    answered: Mapping[int, tuple[AnsweredLine, ...]]
    moves: tuple[Move, ...]
    mine: bool

    @property
    def editable(self) -> bool:
        """May its fields be changed? Only a draft may; what is ready is reopened first."""
        return self.row.state == State.DRAFT.value

    @property
    def at_work(self) -> bool:
        """Has a person the next step?"""
        return State(self.row.state) in AT_WORK

    @property
    def base(self) -> VersionView | None:
        """The version it corrects."""
        return next((one for one in self.versions if one.key == self.base_version_id), None)


def one(w: Work, public_id: str) -> RebillView:
    """One submission; `NotFound` when there is none or it is not yours. Who looks is noted."""
    record = w.db.execute(
        select(_rebill, _batch.c.public_id.label("batch"), _batch.c.state.label("batch_state"))
        .outerjoin(_batch, _batch.c.id == _rebill.c.batch_id)
        .where(w.within(_rebill.c.entity_id), _rebill.c.public_id == public_id)
    ).one_or_none()
    if record is None:
        raise NotFound()
    row = row_of(w, record.id)
    w.audit(
        "rebill.read", "R", "rebill", public_id, entity_id=row.entity_id, patients=[row.patient_id]
    )  # fmt: skip
    answer = _answer(w, record)
    return RebillView(
        row=row,
        zone=entities.get(w, row.entity_id).time_zone,
        base_version_id=record.base_version_id,
        remit_claim_id=record.remit_claim_id,
        original_reference=record.original_reference,
        author=record.author,
        coding_changed=record.coding_changed,
        signed_by=record.coding_signed_by,
        signed_at=record.coding_signed_at,
        delay_reason=record.delay_reason,
        clock=record.file_clock or {},
        batch=record.batch or "",
        batch_state=record.batch_state or "",
        denial=_denial_of(w, record),
        events=_events(w, record.id),
        chain=_chain(w, record.claim_id, record.id),
        versions=tuple(queries_versions.versions(w, record.claim_id)),
        answer=answer,
        answered=_by_line(w, answer.lines) if answer else {},
        moves=tuple(move for move in REBILL.moves(State(record.state)) if move in BY_HAND),
        mine=record.owner_id is not None and record.owner_id == w.actor.person_id,
    )


def _answer(w: Work, record: Any) -> AnswerView | None:
    """The adjudication it answers, else the newest that stands of its payer, else of the payer before."""
    found = answers(w, record.claim_id)
    if record.remit_claim_id is not None:
        public = w.db.execute(
            select(_remit_claim.c.public_id).where(_remit_claim.c.id == record.remit_claim_id)
        ).scalar()
        named = [one for one in found if one.public_id == public]
        if named:
            return named[0]
    standing = [one for one in found if one.standing and one.rank <= record.rank]
    return standing[-1] if standing else None


def _by_line(w: Work, lines: Sequence[AnsweredLine]) -> dict[int, tuple[AnsweredLine, ...]]:
    """What was answered to each billed line, by its number (LX)."""
    keys = {one.claim_line_id for one in lines if one.claim_line_id is not None}
    query = select(_line.c.id, _line.c.number).where(_line.c.id.in_(keys))
    numbers = {row.id: int(row.number) for row in w.db.execute(query)}
    found: dict[int, tuple[AnsweredLine, ...]] = {}
    for one in lines:
        number = numbers.get(one.claim_line_id or 0)
        if number is not None:
            found[number] = (*found.get(number, ()), one)
    return found


def _denial_of(w: Work, record: Any) -> str:
    """The public id of the denial it was opened for; empty when it was for something else."""
    if record.cause != Cause.DENIAL.value or record.cause_id is None:
        return ""
    mine = (w.within(_denial.c.entity_id), _denial.c.id == record.cause_id)
    return str(w.db.execute(select(_denial.c.public_id).where(*mine)).scalar() or "")


TONES = {"reject": "bad", "refuse_file": "bad", "accept": "good", "answer": "good", "transmit": "info",
         "hold": "warn"}  # fmt: skip


def _events(w: Work, rebill_id: int) -> tuple[EventView, ...]:
    query = select(_event).where(w.within(_event.c.entity_id), _event.c.rebill_id == rebill_id)
    return tuple(
        EventView(
            row.at,
            MOVED.get(row.move, row.move.replace("_", " ").capitalize()),
            row.author,
            str((row.detail or {}).get("words") or (row.detail or {}).get("reason") or ""),
            TONES.get(row.move, "mute"),
        )
        for row in w.db.execute(query.order_by(_event.c.id.desc()))
    )


def _chain(w: Work, claim_id: int, rebill_id: int) -> tuple[Chained, ...]:
    query = select(_rebill).where(w.within(_rebill.c.entity_id), _rebill.c.claim_id == claim_id)
    return tuple(
        Chained(
            row.public_id,
            row.control,
            row.kind,
            row.rank,
            row.state,
            row.charge,
            row.sent_on,
            row.id == rebill_id,
        )
        for row in w.db.execute(query.order_by(_rebill.c.id))
    )
