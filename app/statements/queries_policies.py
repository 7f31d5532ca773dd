"""Dunning policies: the one in force on a day, every version, and the steps of each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, or_, select

from app.entities.models import Entity
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.work import Work
from app.statements.lifecycle import POLICY, PolicyState
from app.statements.models import Level, Policy
from app.statements.rules_policy import Plan, Step, as_facts

_policy, _level, _entity = table_of(Policy), table_of(Level), table_of(Entity)
_PLAIN = (
    "id", "public_id", "entity_id", "name", "number", "state", "minimum", "cycle_days", "due_days",
    "households", "effective_from", "effective_to", "author", "author_id", "approved_by", "recorded_at",
    "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A version of a policy with its steps; in force `[effective_from, effective_to)` while live."""

    id: int
    public_id: str
    entity_id: int
    name: str
    number: int
    state: str
    minimum: Money
    cycle_days: int
    due_days: int
    households: bool
    effective_from: date
    effective_to: date | None
    author: str
    author_id: int | None
    approved_by: str
    recorded_at: datetime
    version: int
    entity: str
    entity_name: str
    time_zone: str
    steps: tuple[Step, ...]

    @property
    def moves(self) -> list[str]:
        """What a person may do with it now."""
        change = ["change"] if self.state == PolicyState.DRAFT else []
        return change + [move.value for move in POLICY.moves(PolicyState(self.state))]

    @property
    def levels(self) -> list[dict[str, Any]]:
        """Its steps as lists show them."""
        return as_facts(self.steps)

    @property
    def plan(self) -> Plan:
        """What the rules take."""
        return Plan(self.id, self.name, int(self.minimum), self.cycle_days, self.due_days, self.households,
                    self.steps)  # fmt: skip


COLUMNS = [
    Column("entity_name", "Practice"),
    Column("name", "Policy"),
    Column("number", "Version", Kind.COUNT),
    Column("state", "State", Kind.STATE),
    Column("minimum", "Smallest balance", Kind.MONEY),
    Column("effective_from", "From", Kind.DAY),
    Column("effective_to", "Until", Kind.DAY),
    Column("author", "Written by"),
    Column("approved_by", "Approved by"),
]


def policies(w: Work, entity_ids: Collection[int] | None = None) -> list[PolicyRow]:
    """Every version, the newest of each policy first."""
    query = _joined(w).order_by(_entity.c.name, _policy.c.name, _policy.c.number.desc())
    if entity_ids is not None:
        query = query.where(_policy.c.entity_id.in_(list(entity_ids)))
    return _rows(w, query)


def policy(w: Work, public_id: str) -> PolicyRow:
    """One version; `NotFound` when there is none of yours."""
    found = _rows(w, _joined(w).where(_policy.c.public_id == public_id))
    if not found:
        raise NotFound("There is no such policy.")
    return found[0]


def in_force(w: Work, entity_id: int, on: date) -> Plan | None:
    """The live policy of an entity on a day; None before it has one."""
    query = _joined(w).where(
        _policy.c.entity_id == entity_id,
        _policy.c.state == PolicyState.LIVE.value,
        _policy.c.effective_from <= on,
        or_(_policy.c.effective_to.is_(None), _policy.c.effective_to > on),
    )
    found = _rows(w, query.order_by(_policy.c.effective_from.desc(), _policy.c.number.desc()).limit(1))
    return found[0].plan if found else None


def _joined(w: Work) -> Any:
    columns = [_policy.c[name] for name in _PLAIN]
    named = (_entity.c.public_id.label("entity"), _entity.c.name.label("entity_name"), _entity.c.time_zone)
    joined = select(*columns, *named).select_from(_policy).join(_entity, _entity.c.id == _policy.c.entity_id)
    return joined.where(w.within(_policy.c.entity_id))


def _rows(w: Work, query: Any) -> list[PolicyRow]:
    rows = w.db.execute(query).all()
    steps: dict[int, list[Step]] = {}
    of = select(_level).where(among(w.db, _level.c.policy_id, [row.id for row in rows]))
    for row in w.db.execute(of.where(w.within(_level.c.entity_id)).order_by(_level.c.number)):
        steps.setdefault(row.policy_id, []).append(_step(row))
    more = ("entity", "entity_name", "time_zone")
    return [
        PolicyRow(
            **{name: getattr(row, name) for name in (*_PLAIN, *more)}, steps=tuple(steps.get(row.id, ()))
        )
        for row in rows
    ]


def _step(row: Row[Any]) -> Step:
    return Step(row.number, row.stage, row.after_days, row.wait_days, int(row.minimum), row.statement,
                row.letter, row.review, row.message)  # fmt: skip
