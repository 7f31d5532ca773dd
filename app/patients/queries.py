"""Finding patients: by name, member number or birth date, never by a part of an address. Who searched and
whom they saw is noted.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select

from app.entities.models import Entity
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.paging import Ask, Hit, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Patient
from app.patients.rules import asked_day, masked

_patient, _entity = table_of(Patient), table_of(Entity)
SORTS = {
    "name": Sort(_patient.c.last),
    "birth": Sort(_patient.c.birth, nullable=True),
    "recorded": Sort(_patient.c.id, descending=True),
}
FILTERS = ("entity",)
FOUND_MOST = 50
MEMBER = "patient.member"


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient as lists show them; `member` is masked but for its end; `id` and `entity_id` stay inside."""

    id: int
    public_id: str
    entity_id: int
    entity: str
    time_zone: str
    last: str
    first: str
    middle: str
    birth: date | None
    sex: str
    member: str

    @property
    def name(self) -> str:
        """Last name first, as claims write it."""
        given = " ".join(part for part in (self.first, self.middle) if part)
        return f"{self.last}, {given}" if given else self.last


def _listed(w: Work) -> Select[Any]:
    same = ("id", "public_id", "entity_id", "last", "first", "middle", "birth", "sex", "member_sealed")
    columns = [*(_patient.c[name] for name in same), _entity.c.name.label("entity"), _entity.c.time_zone]
    joined = select(*columns).select_from(_patient).join(_entity, _entity.c.id == _patient.c.entity_id)
    return joined.where(w.within(_patient.c.entity_id))


def _row(row: Row[Any]) -> PatientRow:
    sealed = row.member_sealed
    member = masked(keyring().open(bytes(sealed), MEMBER)) if sealed else ""
    same = ("id", "public_id", "entity_id", "entity", "time_zone", "last", "first", "middle", "birth", "sex")
    return PatientRow(member=member, **{name: getattr(row, name) for name in same})


def patients(w: Work, ask: Ask) -> Slice[PatientRow]:
    """Patients by keyset, by name by default."""
    query = _listed(w)
    if ask.get("entity"):
        query = query.where(_entity.c.public_id == ask.get("entity"))
    found = page(w.db, query, ask, sorts=SORTS, key=_patient.c.id, row=_row)
    _noted(w, "patients.list", [row.id for row in found.rows])
    return found


def by_public(w: Work, public_id: str) -> PatientRow:
    """One patient; `NotFound` when there is none or they are not yours. The caller notes what it told."""
    row = w.db.execute(_listed(w).where(_patient.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such patient.")
    return _row(row)


def search(w: Work, text: str) -> list[PatientRow]:
    """Patients by what somebody typed: `last`, `last, first`, a birth date, or a member number."""
    found = _found(w, text.strip())
    _noted(w, "patients.search", [row.id for row in found])
    return found


def _found(w: Work, text: str) -> list[PatientRow]:
    if len(text) < 2:
        return []
    query = _listed(w).where(or_(*_ways(text))).order_by(_patient.c.last, _patient.c.first, _patient.c.id)
    return [_row(row) for row in w.db.execute(query.limit(FOUND_MOST))]


def _ways(text: str) -> list[ColumnElement[bool]]:
    day = asked_day(text)
    if day is not None:
        return [_patient.c.birth == day]
    last, _, first = (part.strip() for part in text.upper().partition("," if "," in text else " "))
    name = [begins(_patient.c.last, last)]
    if first:
        name.append(begins(_patient.c.first, first))
    return [and_(*name), _patient.c.member_lookup == keyring().blind(text, MEMBER)]


def begins(column: Any, text: str) -> ColumnElement[bool]:
    """A prefix as a range: LIKE would not use the index."""
    return and_(column >= text, column < text + "\uffff")


def _noted(w: Work, kind: str, ids: list[int]) -> None:
    w.audit(kind, "R", "patient", patients=ids, detail={"rows": len(ids)})


def find(w: Work, text: str) -> list[Hit]:
    """What the search of all screens finds of patients."""
    if not {"*", "patients.read"} & w.actor.permissions or text.startswith("="):
        return []
    return [
        Hit("Patient", row.name, " · ".join(filter(None, (_born(row), row.entity))), "patients.account",
            {"public_id": row.public_id}, row.id)
        for row in _found(w, text.strip())
    ]  # fmt: skip


def _born(row: PatientRow) -> str:
    return f"born {row.birth:%m/%d/%Y}" if row.birth else "no birth date"
