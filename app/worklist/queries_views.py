"""Reads of saved views."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from app.access.models import Person
from app.kernel.db import table_of
from app.kernel.work import Work
from app.worklist.models import SavedView, SavedViewChoice, SavedViewShare

_view, _choice, _person = table_of(SavedView), table_of(SavedViewChoice), table_of(Person)
_share = table_of(SavedViewShare)


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A saved view; `query` goes behind the `?` of its page. `default`: my list opens with it."""

    public_id: str
    page: str
    name: str
    query: str
    shared: bool
    owner: str
    mine: bool
    default: bool


def views(w: Work, page: str) -> list[ViewRow]:
    """The views of a page this person may use: their own first, then the team's, by name."""
    me = w.actor.person_id or 0
    shared = select(_share.c.view_id).where(w.within(_share.c.entity_id))
    chosen = select(_choice.c.view_id).where(_choice.c.person_id == me, _choice.c.page == page)
    query = (
        select(_view, _person.c.name.label("owner"), _view.c.id.in_(chosen).label("chosen"))
        .join(_person, _person.c.id == _view.c.owner_id)
        .where(_view.c.page == page, or_(_view.c.owner_id == me, _view.c.id.in_(shared)))
    )
    found = [
        ViewRow(
            public_id=row.public_id,
            page=row.page,
            name=row.name,
            query=row.query,
            shared=row.shared,
            owner=row.owner,
            mine=row.owner_id == me,
            default=bool(row.chosen),
        )
        for row in w.db.execute(query)
    ]
    return sorted(found, key=lambda one: (not one.mine, one.name.casefold(), one.public_id))


def default_query(w: Work, page: str) -> str | None:
    """What this person's list opens with; None when they chose no view."""
    return next((one.query for one in views(w, page) if one.default), None)
