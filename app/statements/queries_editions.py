"""Edited words of letters: every version there was, and the ones in force on a day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select

from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.statements.lifecycle import EDITION, EditionState
from app.statements.models import LetterEdition

_edition, _entity = table_of(LetterEdition), table_of(Entity)


@dataclass(frozen=True, slots=True)
class EditionRow:
    """One version of a letter's words. effective_from: the first day it is used, absent for a draft."""

    id: int
    public_id: str
    entity_id: int
    letter: str
    language: str
    number: int
    words: str
    state: str
    author: str
    author_id: int | None
    approved_by: str
    effective_from: date | None
    recorded_at: datetime
    version: int
    entity: str
    time_zone: str

    @property
    def moves(self) -> list[str]:
        """What a person may do with it now."""
        change = ["change"] if self.state == EditionState.DRAFT else []
        return change + [move.value for move in EDITION.moves(EditionState(self.state))]


def _query(w: Work) -> Select[Any]:
    names = (*(_edition.c[name] for name in EditionRow.__slots__[:-2]), _entity.c.name, _entity.c.time_zone)
    joined = _edition.join(_entity, _entity.c.id == _edition.c.entity_id)
    return select(*names).select_from(joined).where(w.within(_edition.c.entity_id))


def edition(w: Work, public: str) -> EditionRow:
    """One version; `NotFound` out of scope."""
    row = w.db.execute(_query(w).where(_edition.c.public_id == public)).one_or_none()
    if row is None:
        raise NotFound("There is no such edition.")
    return EditionRow(*row)


def editions(w: Work, entity_id: int | None = None) -> list[EditionRow]:
    """Every version, the newest of each letter first; of one practice, or of all one may see."""
    query = _query(w).order_by(_edition.c.letter, _edition.c.language, _edition.c.id.desc())
    if entity_id is not None:
        query = query.where(_edition.c.entity_id == entity_id)
    return [EditionRow(*row) for row in w.db.execute(query)]


def in_force(w: Work, entity_id: int, on: date) -> dict[tuple[str, str], str]:
    """(letter, language) → the words to send that day; a letter without an edition has its shipped words."""
    query = select(_edition.c.letter, _edition.c.language, _edition.c.words).where(
        w.within(_edition.c.entity_id), _edition.c.entity_id == entity_id,
        _edition.c.state == EditionState.LIVE.value, _edition.c.effective_from <= on,
    )  # fmt: skip
    # The last one of a day counts: they are read from the oldest on.
    rows = w.db.execute(query.order_by(_edition.c.effective_from, _edition.c.number))
    return {(row.letter, row.language): row.words for row in rows}
