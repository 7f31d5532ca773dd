"""What is ready to go out, to which receiver, and what stays behind with its reason."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from app.claims.models import Claim
from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.patients.models import Patient
from app.payers.models import Payer
from app.rebill import queries_receivers
from app.rebill.lifecycle import State
from app.rebill.models import Rebill
from app.rebill.queries_receivers import ReceiverView
from app.rebill.rules_batches import CLAIMS_MOST
from app.rebill.rules_guards import Block
from app.rebill.service_check import ERROR, is_guard
from app.rebill.service_guards import blocks

_rebill, _claim = table_of(Rebill), table_of(Claim)
_payer, _patient = table_of(Payer), table_of(Patient)
SAMPLE = 10
_COLUMNS = (
    "id", "public_id", "entity_id", "claim_id", "patient_id", "payer_id", "rank", "kind", "form", "control",
    "charge", "expected", "file_by", "problems", "on_hold",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadyRow:
    """A finished claim that waits for a batch. file_by: its last day."""

    id: int
    public_id: str
    entity_id: int
    claim_id: int
    patient_id: int
    payer_id: int | None
    rank: int
    kind: str
    form: str
    control: str
    charge: Money
    expected: Money
    file_by: date | None
    problems: list[Any]
    on_hold: bool
    payer: str
    claim: str
    patient: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A claim that stays behind, and what would unblock it."""

    row: ReadyRow
    reasons: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What is ready for one receiver (None: none takes these). going: the claims that would go now, the
    nearest last day first; blocked: those that stay behind.
    """

    entity_id: int
    receiver: ReceiverView | None
    going: tuple[ReadyRow, ...]
    blocked: tuple[Kept, ...] = field(default=())

    @property
    def claims(self) -> int:
        """How many would go."""
        return len(self.going)

    @property
    def charge(self) -> Money:
        """What they bill, in cents."""
        return Money.of_sum(sum(int(row.charge) for row in self.going))

    @property
    def sample(self) -> tuple[ReadyRow, ...]:
        """The first of them."""
        return self.going[:SAMPLE]

    @property
    def plan(self) -> str:
        """A short name of exactly these claims: whoever releases says which set was looked at."""
        named = ",".join(sorted(row.public_id for row in self.going))
        return hashlib.sha256(named.encode()).hexdigest()[:16]


NO_RECEIVER = Block(
    "batch.no_receiver",
    "No receiver takes claims for this payer.",
    "Name a default receiver, or route this payer to one.",
)


def ready_for(w: Work, entity_id: int) -> list[Group]:
    """Finished claims of an entity by the receiver they would go to; a fixed number of statements.

    Nothing is locked: a release looks again. The caller writes down whose claims were seen.
    """
    rows = _rows(w, _ready().where(_rebill.c.entity_id == entity_id))
    return grouped(w, entity_id, rows)


def grouped(w: Work, entity_id: int, rows: Sequence[ReadyRow]) -> list[Group]:
    """These claims by receiver, the guards asked for each of them."""
    today = w.today(entities.get(w, entity_id).time_zone)
    routing = queries_receivers.routing(w, entity_id, {row.payer_id for row in rows if row.payer_id})
    known = {one.id: one for one in queries_receivers.receivers(w) if one.entity_id == entity_id}
    found = blocks(w, [row.id for row in rows])
    going: dict[int, list[ReadyRow]] = {key: [] for key, one in known.items() if one.active}
    kept: dict[int, list[Kept]] = {}
    for row in rows:
        receiver = routing.of(row.payer_id, today) or 0
        hard = (*_wrong(row), *(one for one in found.get(row.id, ()) if one.hard))
        if not receiver:
            kept.setdefault(0, []).append(Kept(row, (NO_RECEIVER, *hard)))
        elif hard or len(going[receiver]) >= CLAIMS_MOST:
            kept.setdefault(receiver, []).append(Kept(row, hard or (_WAITS,)))
        else:
            going[receiver].append(row)
    return [
        Group(entity_id, known.get(key), tuple(going.get(key, ())), tuple(kept.get(key, ())))
        for key in (*going, *([0] if 0 in kept else []))
    ]


def _wrong(row: ReadyRow) -> list[Block]:
    """What an earlier release found in its content: a rule that began after it was finished."""
    return [
        Block(one["code"], one["words"], one["unblock"])
        for one in row.problems
        if one["does"] == ERROR and not is_guard(one)
    ]


_WAITS = Block(
    "batch.next_file", f"A file takes at most {CLAIMS_MOST} claims.", "It goes with the next file."
)


def _ready() -> Select[Any]:
    columns = [_rebill.c[name] for name in _COLUMNS]
    named = (
        _payer.c.name.label("payer"),
        _claim.c.public_id.label("claim"),
        _patient.c.last,
        _patient.c.first,
    )
    return (
        select(*columns, *named)
        .join(_claim, _claim.c.id == _rebill.c.claim_id)
        .outerjoin(_payer, _payer.c.id == _rebill.c.payer_id)
        .outerjoin(_patient, _patient.c.id == _rebill.c.patient_id)
        .where(_rebill.c.state == State.READY.value)
        .order_by(_rebill.c.file_by.is_(None), _rebill.c.file_by, _rebill.c.id)
    )


def _rows(w: Work, query: Select[Any]) -> list[ReadyRow]:
    found = w.db.execute(query.where(w.within(_rebill.c.entity_id)))
    return [_row(one) for one in found]


def _row(one: Any) -> ReadyRow:
    values = {name: getattr(one, name) for name in _COLUMNS}
    patient = ", ".join(filter(None, (one.last, one.first)))
    return ReadyRow(**values, payer=one.payer or "", claim=one.claim, patient=patient)


def locked(w: Work, entity_id: int) -> list[ReadyRow]:
    """Finished claims of an entity, locked until the end of this work."""
    query = _ready().where(_rebill.c.entity_id == entity_id)
    return _rows(w, query.with_for_update(of=_rebill))
