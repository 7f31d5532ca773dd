"""Finding billing entities."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select

from app.entities.models import Entity, EntityIdentifier
from app.entities.rules import Identifier, Practice
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work

_entity, _identifier = table_of(Entity), table_of(EntityIdentifier)
_COLUMNS = (
    _entity.c.id,
    _entity.c.public_id,
    _entity.c.name,
    _entity.c.time_zone,
    _entity.c.test,
    _entity.c.post_on_era,
)


def owner_of(w: Work, identifiers: Sequence[Identifier], *, on: date) -> Practice | None:
    """The entity that holds one of these numbers on a day, first match in the given order; None: unknown."""
    for one in identifiers:
        if not one.value:
            continue
        kind = "tax_id" if one.kind == "ssn" else one.kind
        valid = (
            _identifier.c.effective_from <= on,
            or_(_identifier.c.effective_to.is_(None), _identifier.c.effective_to > on),
        )
        query = (
            select(*_COLUMNS)
            .join(_identifier, _identifier.c.entity_id == _entity.c.id)
            .where(
                _identifier.c.kind == kind, _identifier.c.lookup == one.lookup, *valid, w.within(_entity.c.id)
            )
        )
        row = w.db.execute(query).first()
        if row:
            return Practice(*row)
    return None


def get(w: Work, entity_id: int) -> Practice:
    """One entity by key; `NotFound` when it is not in scope."""
    row = w.db.execute(select(*_COLUMNS).where(_entity.c.id == entity_id, w.within(_entity.c.id))).first()
    if row is None:
        raise NotFound("There is no such billing entity.")
    return Practice(*row)


def practices(w: Work) -> list[Practice]:
    """Every entity in scope, by name."""
    rows = w.db.execute(
        select(*_COLUMNS).where(w.within(_entity.c.id)).order_by(_entity.c.name, _entity.c.id)
    )
    return [Practice(*row) for row in rows]


def chosen(w: Work, public_id: str) -> list[int] | None:
    """The key of the entity somebody named, alone in a list; None when none was named, which means all."""
    if not public_id:
        return None
    for one in practices(w):
        if one.public_id == public_id:
            return [one.id]
    raise NotFound("There is no such billing entity.")
