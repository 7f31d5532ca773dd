"""Adding billing entities and their numbers."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import insert, select

from app.entities.models import Entity, EntityIdentifier
from app.entities.rules import Identifier, Practice
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.ids import public_id
from app.kernel.work import Work

DEFAULT_ZONE = "America/New_York"
ALWAYS = date(1900, 1, 1)
_entity, _identifier = table_of(Entity), table_of(EntityIdentifier)


def add(
    w: Work,
    name: str,
    identifiers: Sequence[Identifier],
    *,
    time_zone: str = DEFAULT_ZONE,
    test: bool = False,
) -> Practice:
    """Add a billing entity with its numbers; `Refused` when one of them belongs to another entity."""
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refused(f"{time_zone} is not a time zone.", code="time_zone", field="time_zone") from None
    public = public_id()
    values = dict(name=name[:120], time_zone=time_zone, test=test, post_on_era=True, version=1)
    entity_id = w.db.execute(
        insert(_entity).values(public_id=public, created_at=w.now, **values).returning(_entity.c.id)
    ).scalar_one()
    for one in identifiers:
        identify(w, entity_id, one)
    w.audit("entity", "C", "entity", public, entity_id=entity_id)
    w.job("retry_held", f"entity:{entity_id}", {"entity": entity_id}, rank=6)
    return Practice(entity_id, public, name, time_zone, test, True)


def identify(w: Work, entity_id: int, one: Identifier, *, since: date = ALWAYS) -> None:
    """Give an entity one more number; a number belongs to one entity only."""
    if not one.value:
        return
    kind = "tax_id" if one.kind == "ssn" else one.kind
    owner = w.db.execute(
        select(_identifier.c.entity_id).where(_identifier.c.kind == kind, _identifier.c.lookup == one.lookup)
    ).scalar()
    if owner == entity_id:
        return
    if owner is not None:
        raise Refused("This number belongs to another billing entity.", code="identifier_taken", field=kind)
    secret = one.kind == "ssn"
    w.db.execute(
        insert(_identifier).values(
            entity_id=entity_id,
            kind=kind,
            value=None if secret else one.value,
            sealed=keyring().seal(one.value, "entity_identifier.value") if secret else None,
            lookup=one.lookup,
            effective_from=since,
            effective_to=None,
            recorded_at=w.now,
        )
    )
    w.audit("entity", "U", "entity_identifier", kind, entity_id=entity_id)


def identify_more(w: Work, entity_id: int, found: Sequence[Identifier]) -> None:
    """Learn further numbers of an entity that nobody else holds (a first import only)."""
    for one in found:
        taken = select(_identifier.c.id).where(_identifier.c.lookup == one.lookup)
        if one.value and w.db.execute(taken).first() is None:
            identify(w, entity_id, one)
