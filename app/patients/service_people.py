"""What people change about who answers: another guarantor from a day on, for one visit, apart mail, a yes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.patients import queries, queries_guarantors
from app.patients.lifecycle import Relation, Source
from app.patients.models import Guarantor, PatientGuarantor, VisitGuarantor
from app.patients.queries_guarantors import GuarantorRow
from app.patients.rules_people import (
    LANGUAGES,
    Home,
    Proposed,
    account_number,
    adult_from,
    checked_name,
    person_words,
    spliced,
)
from app.patients.rules_reach import checked
from app.patients.service_guarantors import ADULTS, NATURAL, answer_for, live_at, open_accounts
from app.patients.service_reach import RIGHT, held, noted, touch

REASON_CHARACTERS = 200
_guarantor, _of, _visit = table_of(Guarantor), table_of(PatientGuarantor), table_of(VisitGuarantor)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGuarantor:
    """Somebody who shall answer and may have no account yet; the same person twice has one account."""

    last: str
    first: str
    middle: str = ""
    birth: date | None = None
    relation: Relation
    home: Home | None = None


Who = str | NewGuarantor
"""An account by its public id, or a person."""


def set_guarantor(
    w: Work,
    patient_public: str,
    who: Who,
    *,
    from_day: date,
    reason: str,
    until: date | None = None,
    ages: Mapping[str, int] = ADULTS,
) -> str:
    """Somebody else answers for a patient's services `[from_day, until)`; returns the account's public id.

    A minor's, and a parent's, ends by itself on the day the patient comes of age; whoever else is named for
    somebody of age answers on. Services before the day keep who answered for them.
    A person said it, so the account is confirmed.
    """
    w.may(RIGHT)
    patient, why = queries.by_public(w, patient_public), _why(reason)
    row = _account(w, patient.entity_id, who)
    grown = adult_from(patient.birth, row.state, ages)
    ends = row.relation == Relation.PARENT or w.today(row.time_zone) < grown
    if until is None and from_day < grown and ends:
        until = grown
    if until is not None and until <= from_day:
        raise Refused("The last day comes before the first.", code="days", field="until")
    _splice(w, patient.id, from_day, until)
    answer_for(w, patient.entity_id, [(patient.id, row.id, from_day, until, why)])
    _said(w, row)
    detail = {"from": from_day.isoformat(), "until": until.isoformat() if until else ""}
    w.audit("guarantors.set", "U", "guarantor", row.id, entity_id=patient.entity_id, patients=[patient.id],
            detail=detail)  # fmt: skip
    return row.public_id


def _splice(w: Work, patient_id: int, start: date, until: date | None) -> None:
    """Make room in who answers: spans that overlap `[start, until)` end, are cut or go."""
    mine = (w.within(_of.c.entity_id), _of.c.patient_id == patient_id)
    rows = w.db.execute(select(_of).where(*mine).with_for_update()).all()
    for row in rows:
        left, right = spliced((row.effective_from, row.effective_to), (start, until))
        same = _of.c.id == row.id
        if left is None:
            w.db.execute(delete(_of).where(same))
        elif left != (row.effective_from, row.effective_to):
            w.db.execute(update(_of).where(same).values(effective_from=left[0], effective_to=left[1]))
        if right is not None:
            span = (row.patient_id, row.guarantor_id, right[0], right[1], row.reason)
            answer_for(w, row.entity_id, [span])


def set_visit_guarantor(
    w: Work, entity_id: int, claim_id: int, patient_id: int, who: Who, *, reason: str
) -> str:
    """Somebody answers for this one visit: a court order, a minor's own confidential care. Returns the
    account's public id.
    """
    w.may(RIGHT)
    why, row = _why(reason), _account(w, entity_id, who)
    w.db.execute(delete(_visit).where(_visit.c.claim_id == claim_id, w.within(_visit.c.entity_id)))
    w.db.execute(
        insert(_visit).values(
            claim_id=claim_id, entity_id=entity_id, guarantor_id=row.id, reason=why,
            author=w.actor.name[:80], recorded_at=w.now,
        )
    )  # fmt: skip
    _said(w, row)
    w.audit("guarantors.visit", "U", "claim", claim_id, entity_id=entity_id, patients=[patient_id],
            detail={"account": row.id})  # fmt: skip
    return row.public_id


def confidential(w: Work, account_public: str, *, reason: str, home: Home | None, version: int) -> str:
    """A second account of the same person, whose mail is kept apart (RPAT-13); returns its public id.

    home: where that mail goes; without one nothing is mailed for it. One that exists is given back.
    """
    row, why = held(w, account_public, version), _why(reason)
    if row.confidential:
        raise NotAllowed("This account is the confidential one.", code="confidential")
    _natural = select(_guarantor).where(w.within(_guarantor.c.entity_id), _guarantor.c.id == row.id)
    whole = dict(w.db.execute(_natural).one()._mapping)
    same = (_guarantor.c.entity_id == row.entity_id, _guarantor.c.natural == whole["natural"])
    known = select(_guarantor.c.public_id).where(*same, _guarantor.c.confidential.is_(True))
    if (there := w.db.execute(known).scalar()) is not None:
        return str(there)
    from_number = w.numbers(f"account:{row.entity_id}")
    made: dict[str, Any] = whole | dict(
        id=w.numbers("guarantor"), public_id=public_id(), number=account_number(from_number),
        confidential=True, confirmed=True, state="", recorded_at=w.now, version=1,
    )  # fmt: skip
    place = checked(home) if home is not None else None
    made["state"] = place.state if place else ""
    w.db.execute(insert(_guarantor).values(**made))
    if place is not None:
        live_at(w, row.entity_id, [(made["id"], place)], Source.PERSON)
    touch(w, row)
    noted(w, row, "confidential", "C", reason=bool(why))
    return str(made["public_id"])


def confirm(w: Work, account_public: str, version: int) -> None:
    """Somebody says that this person answers; only then a statement may go out. Twice is once."""
    row = held(w, account_public, version)
    if row.confirmed:
        return
    touch(w, row, confirmed=True)
    noted(w, row, "confirm", "U")


def change(w: Work, account_public: str, version: int, **said: Any) -> None:
    """Correct a guarantor: last, first, middle, birth, relation, language; what is left out stays."""
    row = held(w, account_public, version)
    values: dict[str, Any] = {}
    for name in ("last", "first", "middle"):
        if name in said:
            values[name] = checked_name(said[name], name)
    if "birth" in said:
        if said["birth"] is not None and said["birth"] > w.today(row.time_zone):
            raise Refused("Nobody is born in the future.", code="birth", field="birth")
        values["birth"] = said["birth"]
    if "relation" in said:
        values["relation"] = Relation(said["relation"]).value
    if "language" in said:
        if said["language"] not in LANGUAGES:
            raise Refused("Statements are written in English or Spanish.", code="language", field="language")
        values["language"] = said["language"]
    if any(getattr(row, name) != value for name, value in values.items()):
        touch(w, row, **values)
        noted(w, row, "change", "U", fields=sorted(values))


def _why(reason: str) -> str:
    plain = " ".join(reason.split())[:REASON_CHARACTERS]
    if not plain:
        raise Refused("Say why.", code="reason_missing", field="reason")
    return plain


def _account(w: Work, entity_id: int, who: Who) -> GuarantorRow:
    if isinstance(who, str):
        row = queries_guarantors.by_public(w, who)
        if row.entity_id != entity_id:
            raise NotFound("There is no such account.")
        return row
    last, first = checked_name(who.last, "last"), checked_name(who.first, "first")
    home = checked(who.home) if who.home is not None else None
    words = person_words(last, first, who.birth, home.words if home else public_id())
    natural = keyring().blind(words, NATURAL)
    proposed = Proposed(
        words, last, first, checked_name(who.middle, "middle"), who.birth, who.relation, True, home,
        date.min, None,
    )  # fmt: skip
    key = open_accounts(w, entity_id, {natural: proposed}, Source.PERSON)[natural]
    return queries_guarantors.by_ids(w, [key])[key]


def _said(w: Work, row: GuarantorRow) -> None:
    """Who is named by a person is confirmed by it."""
    if not row.confirmed:
        touch(w, row, confirmed=True)
