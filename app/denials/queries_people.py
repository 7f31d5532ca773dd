"""Who may work what where."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from app.access.models import Person, PersonState, RoleGrant
from app.access.queries import EVERY_ENTITY
from app.access.rules import policy
from app.kernel.db import table_of
from app.kernel.work import ALL, Work

_person, _grant = table_of(Person), table_of(RoleGrant)


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody cases can be given to; `key` stays inside."""

    public_id: str
    name: str
    key: int


def workers(w: Work, right: str = "denials.work") -> list[Worker]:
    """Everybody with this right at an entity of mine, by name."""
    roles = sorted(policy().rights[right])
    query = (
        select(_person.c.public_id, _person.c.name, _person.c.id)
        .join(_grant, _grant.c.person_id == _person.c.id)
        .where(_person.c.state == PersonState.ACTIVE.value, _grant.c.role.in_(roles))
        .distinct()
        .order_by(_person.c.name, _person.c.public_id)
    )
    if w.scope is not ALL:
        query = query.where(or_(_grant.c.entity_id == EVERY_ENTITY, w.within(_grant.c.entity_id)))
    return [Worker(row.public_id, row.name, row.id) for row in w.db.execute(query)]


def may_work(w: Work, person_id: int, entity_id: int, right: str = "denials.work") -> bool:
    """Does this person have this right at this entity?"""
    roles = sorted(policy().rights[right])
    query = (
        select(_person.c.id)
        .join(_grant, _grant.c.person_id == _person.c.id)
        .where(_person.c.id == person_id, _person.c.state == PersonState.ACTIVE.value)
        .where(_grant.c.role.in_(roles), _grant.c.entity_id.in_((EVERY_ENTITY, entity_id)))
    )
    return w.db.execute(query.limit(1)).scalar() is not None
