"""Guarantors, which are accounts: by public id, by key, by what people quote, with whom they answer for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select

from app.entities.models import Entity
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.patients.models import Guarantor, Patient, PatientGuarantor, VisitGuarantor
from app.patients.queries import FOUND_MOST, begins
from app.patients.rules import asked_day
from app.patients.rules_people import account_number_of

_guarantor, _entity, _patient = table_of(Guarantor), table_of(Entity), table_of(Patient)
_of, _visit = table_of(PatientGuarantor), table_of(VisitGuarantor)
_SAME = (
    "id", "public_id", "entity_id", "number", "last", "first", "middle", "birth", "relation", "confirmed",
    "confidential", "language", "state", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GuarantorRow:
    """A guarantor, the account of a person at one entity; `id` and `entity_id` stay inside."""

    id: int
    public_id: str
    entity_id: int
    entity: str
    time_zone: str
    number: str
    last: str
    first: str
    middle: str
    birth: date | None
    relation: str
    confirmed: bool
    confidential: bool
    language: str
    state: str
    version: int

    @property
    def name(self) -> str:
        """Last name first, as lists sort."""
        given = " ".join(part for part in (self.first, self.middle) if part)
        return f"{self.last}, {given}" if given else self.last

    @property
    def full_name(self) -> str:
        """As an envelope says it."""
        return " ".join(part for part in (self.first, self.middle, self.last) if part)


@dataclass(frozen=True, slots=True)
class AnswersFor:
    """A patient somebody answers for, `[from, to)` by day of service."""

    patient_id: int
    public_id: str
    last: str
    first: str
    birth: date | None
    effective_from: date
    effective_to: date | None
    reason: str

    @property
    def name(self) -> str:
        """Last name first."""
        return f"{self.last}, {self.first}" if self.first else self.last


def listed(w: Work) -> Select[Any]:
    """The select every list of guarantors starts from: yours only."""
    columns = [*(_guarantor.c[name] for name in _SAME), _entity.c.name.label("entity"), _entity.c.time_zone]
    joined = select(*columns).select_from(_guarantor).join(_entity, _entity.c.id == _guarantor.c.entity_id)
    return joined.where(w.within(_guarantor.c.entity_id))


def guarantor_row(row: Row[Any]) -> GuarantorRow:
    """What a row of `listed` says."""
    return GuarantorRow(
        entity=row.entity, time_zone=row.time_zone, **{name: getattr(row, name) for name in _SAME}
    )


def by_public(w: Work, public_id: str) -> GuarantorRow:
    """One guarantor; `NotFound` when there is none or they are not yours. The caller notes what it told."""
    row = w.db.execute(listed(w).where(_guarantor.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such account.")
    return guarantor_row(row)


def by_ids(w: Work, ids: Collection[int]) -> dict[int, GuarantorRow]:
    """Guarantors by key, in one statement; the caller notes what it told."""
    if not ids:
        return {}
    found = w.db.execute(listed(w).where(among(w.db, _guarantor.c.id, list(ids))))
    return {row.id: guarantor_row(row) for row in found}


def patients_of(w: Work, account_ids: Collection[int]) -> dict[int, list[AnswersFor]]:
    """Whom each account answers for or answered for; visits of others by a court order included."""
    found: dict[int, list[AnswersFor]] = {}
    if not account_ids:
        return found
    named = (_patient.c.id, _patient.c.public_id, _patient.c.last, _patient.c.first, _patient.c.birth)
    days = (_of.c.guarantor_id, _of.c.effective_from, _of.c.effective_to, _of.c.reason)
    query = select(*named, *days).join(_of, _of.c.patient_id == _patient.c.id)
    query = query.where(w.within(_of.c.entity_id), among(w.db, _of.c.guarantor_id, list(account_ids)))
    for row in w.db.execute(query.order_by(_patient.c.last, _patient.c.first, _of.c.effective_from)):
        given = (row.id, row.public_id, row.last, row.first, row.birth)
        made = AnswersFor(*given, row.effective_from, row.effective_to, row.reason)
        found.setdefault(row.guarantor_id, []).append(made)
    return found


def seen_of(w: Work, account_publics: Iterable[str | None]) -> list[int]:
    """The patients that accounts (public ids) answer for: for the audit of whoever was shown the accounts."""
    wanted = sorted({one for one in account_publics if one})
    if not wanted:
        return []
    query = select(_of.c.patient_id).join(_guarantor, _guarantor.c.id == _of.c.guarantor_id).distinct()
    query = query.where(w.within(_of.c.entity_id), among(w.db, _guarantor.c.public_id, wanted))
    return sorted(w.db.execute(query).scalars())


def search(w: Work, text: str) -> list[GuarantorRow]:
    """Guarantors by what somebody typed: an account number, `last`, `last, first` or a birth date."""
    found = found_by(w, text.strip())
    of = patients_of(w, [row.id for row in found])
    seen = [one.patient_id for each in of.values() for one in each]
    w.audit("guarantors.search", "R", "guarantor", patients=seen, detail={"rows": len(found)})
    return found


def found_by(w: Work, text: str) -> list[GuarantorRow]:
    """The same for a search over everything, which notes by itself."""
    if len(text) < 2:
        return []
    number, day = account_number_of(text), asked_day(text)
    query = listed(w).order_by(_guarantor.c.last, _guarantor.c.first, _guarantor.c.id).limit(FOUND_MOST)
    if day is not None:
        query = query.where(_guarantor.c.birth == day)
    elif number:
        query = query.where(_guarantor.c.number == number)
    else:
        last, _, first = (part.strip() for part in text.partition("," if "," in text else " "))
        query = query.where(_named(_guarantor.c.last, last))
        query = query.where(_named(_guarantor.c.first, first)) if first else query
    return [guarantor_row(row) for row in w.db.execute(query)]


def _named(column: Any, text: str) -> ColumnElement[bool]:
    """Claims write names in capitals, people do not: each way is a range of the same index."""
    return or_(*(begins(column, way) for way in sorted({text, text.upper(), text.title()})))
