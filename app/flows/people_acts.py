"""What people change about guarantors, with what follows from it: the visits find their account anew."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select

from app.accounts import service as accounts
from app.claims.models import Claim
from app.contacts import service_returned
from app.contacts.service_law import law
from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.patients import queries, queries_guarantors, service_people, service_reach
from app.patients.rules_people import Home
from app.patients.service_people import Who

_claim = table_of(Claim)


def set_guarantor(
    w: Work, patient_public: str, who: Who, *, from_day: date, reason: str, until: date | None = None
) -> str:
    """Another guarantor from a day on; every visit of the patient finds its account anew."""
    patient = queries.by_public(w, patient_public)
    today = w.today(entities.get(w, patient.entity_id).time_zone)
    ages = law(w, patient.entity_id, today).numbers("adult_age")
    made = service_people.set_guarantor(
        w, patient_public, who, from_day=from_day, reason=reason, until=until, ages=ages
    )
    _again(w, patient.entity_id, [patient.id])
    return made


def set_visit_guarantor(w: Work, claim_public: str, who: Who, *, reason: str) -> str:
    """Somebody answers for one visit; `NotFound` when there is none or it is not yours."""
    found = select(_claim.c.id, _claim.c.entity_id, _claim.c.patient_id).where(
        w.within(_claim.c.entity_id), _claim.c.public_id == claim_public
    )
    row = w.db.execute(found).one_or_none()
    if row is None:
        raise NotFound("There is no such visit.")
    made = service_people.set_visit_guarantor(w, row.entity_id, row.id, row.patient_id, who, reason=reason)
    accounts.refresh_claims(w, row.entity_id, [row.id])
    return made


def confidential(w: Work, account_public: str, *, reason: str, home: Home | None, version: int) -> str:
    """A second account of the same person for mail kept apart."""
    return service_people.confidential(w, account_public, reason=reason, home=home, version=version)


def confirm(w: Work, account_public: str, version: int) -> None:
    """This person answers; the account stands anew."""
    service_people.confirm(w, account_public, version)
    _stand(w, account_public)


def change(w: Work, account_public: str, version: int, **said: Any) -> None:
    """Correct name, birth date, relation or language."""
    service_people.change(w, account_public, version, **said)
    _stand(w, account_public)


def _stand(w: Work, account_public: str) -> None:
    row = queries_guarantors.by_public(w, account_public)
    accounts.refresh(w, row.entity_id, [row.id])


def _again(w: Work, entity_id: int, patient_ids: Iterable[int]) -> None:
    mine = (w.within(_claim.c.entity_id), _claim.c.patient_id.in_(sorted(set(patient_ids))))
    ids = w.db.execute(select(_claim.c.id).where(*mine)).scalars().all()
    accounts.refresh_claims(w, entity_id, ids)


def add_address(
    w: Work, account_public: str, home: Home, *, version: int, effective_from: date | None = None
) -> str:
    """A new address; a search for one that was under way ends with it."""
    made = service_reach.add_address(w, account_public, home, version=version, effective_from=effective_from)
    row = queries_guarantors.by_public(w, account_public)
    service_returned.end_search(w, row.id, "A new address was given.")
    accounts.refresh(w, row.entity_id, [row.id])
    return made
