"""Saved views of lists: kept, shared, chosen as the one a list opens with."""

from urllib.parse import parse_qsl, urlencode

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.ids import public_id
from app.kernel.work import ALL, Work
from app.worklist.models import SavedView, SavedViewChoice, SavedViewShare

_view, _share, _choice = table_of(SavedView), table_of(SavedViewShare), table_of(SavedViewChoice)
NAME_CHARACTERS, QUERY_CHARACTERS, VIEWS_MOST = 60, 1_000, 100
PASSING = frozenset({"cursor", "format", "find", "limit"})
"""Parts of an address that belong to a moment or a patient, and are in no view."""


def clean_query(query: str) -> str:
    """What stands behind the `?` of a list, without what belongs to a moment or names a patient."""
    kept = [(name, value) for name, value in parse_qsl(query.lstrip("?")) if name not in PASSING]
    made = urlencode(kept)
    if len(made) > QUERY_CHARACTERS or not made.isascii():
        raise Refused("These filters are too long for a view.", code="view_long", field="query")
    return made


def save(w: Work, page: str, name: str, query: str, *, shared: bool = False, default: bool = False) -> str:
    """Keep a view under a name, over one of mine of that name; returns its public id.

    shared: whoever works at one of my entities sees it. default: my list opens with it.
    """
    person = _person(w)
    plain = " ".join(name.split())
    if not plain or len(plain) > NAME_CHARACTERS or not plain.isprintable():
        raise Refused(f"A view has a name of up to {NAME_CHARACTERS} characters.", code="view_name",
                      field="name")  # fmt: skip
    values = {"query": clean_query(query), "shared": shared, "made_at": w.now}
    same = (_view.c.owner_id == person, _view.c.page == page, _view.c.name == plain)
    row = w.db.execute(select(_view.c.id, _view.c.public_id).where(*same)).one_or_none()
    if row is None:
        if len(w.db.execute(select(_view.c.id).where(_view.c.owner_id == person)).all()) >= VIEWS_MOST:
            raise Refused(f"At most {VIEWS_MOST} views; forget one first.", code="views_full", field="name")
        key, public = w.numbers("saved_view"), public_id()
        fixed = {"id": key, "public_id": public, "owner_id": person, "page": page, "name": plain}
        w.db.execute(insert(_view).values(**fixed, **values, version=1))
    else:
        key, public = row.id, row.public_id
        w.db.execute(update(_view).where(_view.c.id == key).values(**values, version=_view.c.version + 1))
    w.db.execute(delete(_share).where(_share.c.view_id == key))
    if shared:
        rows = [{"view_id": key, "entity_id": entity_id} for entity_id in _entities(w)]
        w.db.execute(insert(_share), rows)
    if default:
        choose(w, public)
    w.audit("worklist.view", "C", "saved_view", public, detail={"page": page, "shared": shared})
    return public


def _entities(w: Work) -> list[int]:
    return [one.id for one in entities.practices(w) if w.scope is ALL or one.id in w.scope]


def choose(w: Work, public: str | None, page: str = "") -> None:
    """My list opens with this view, or (None) with none."""
    person = _person(w)
    chosen: int | None = None
    if public is not None:
        row = w.db.execute(select(_view).where(_view.c.public_id == public, seen_by(w))).one_or_none()
        if row is None:
            raise NotFound("There is no such view.")
        page, chosen = row.page, row.id
    w.db.execute(delete(_choice).where(_choice.c.person_id == person, _choice.c.page == page))
    if chosen is not None:
        w.db.execute(insert(_choice).values(person_id=person, page=page, view_id=chosen))


def forget(w: Work, public: str) -> None:
    """Throw a view of mine away; for those who chose it, their list opens plain again."""
    mine = (_view.c.public_id == public, _view.c.owner_id == _person(w))
    key = w.db.execute(select(_view.c.id).where(*mine)).scalar()
    if key is None:
        raise NotFound("There is no such view.")
    w.db.execute(delete(_choice).where(_choice.c.view_id == key))
    w.db.execute(delete(_share).where(_share.c.view_id == key))
    w.db.execute(delete(_view).where(_view.c.id == key))
    w.audit("worklist.view", "D", "saved_view", public)


def seen_by(w: Work) -> ColumnElement[bool]:
    """The views this actor may see: their own, and those shared at an entity of theirs."""
    shared = select(_share.c.view_id).where(w.within(_share.c.entity_id))
    return or_(_view.c.owner_id == (w.actor.person_id or 0), _view.c.id.in_(shared))


def _person(w: Work) -> int:
    if w.actor.person_id is None:
        raise Refused("Views belong to people.", code="no_person")
    return w.actor.person_id
