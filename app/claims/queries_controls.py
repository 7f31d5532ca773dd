"""Control numbers (CLM01) we gave submissions of claims: whose they are, before any file says so."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, and_, select

from app.claims.models import Claim, ClaimControl
from app.claims.rules import Known
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work

_claim, _control = table_of(Claim), table_of(ClaimControl)
_KNOWN = ("id", "encounter", "control", "patient_id", "service_from", "charge")
CONTROL = ("entity_id", "control", "claim_id")


def given(w: Work, entity_id: int, controls: Iterable[str]) -> dict[str, int]:
    """Control number -> claim, of those we gave; one statement whatever their number."""
    query = select(_control.c.control, _control.c.claim_id).where(
        _control.c.entity_id == entity_id, among(w.db, _control.c.control, sorted(set(controls)))
    )
    return {row.control: row.claim_id for row in w.db.execute(query)}


def given_claims(w: Work, entity_id: int, controls: Iterable[str]) -> dict[str, Known]:
    """Control number -> the claim we gave it to, as linking takes it; undone claims stand no more."""
    rows = w.db.execute(_claims(w, controls).where(_control.c.entity_id == entity_id))
    return {row.named: Known(*(getattr(row, name) for name in _KNOWN)) for row in rows}


def owners(w: Work, controls: Iterable[str]) -> list[Any]:
    """The claims of these control numbers in all entities of the scope, with `named` and `entity_id`."""
    return list(w.db.execute(_claims(w, controls).where(w.within(_control.c.entity_id))))


def _claims(w: Work, controls: Iterable[str]) -> Select[Any]:
    columns = (_control.c.control.label("named"), _claim.c.entity_id, *(_claim.c[name] for name in _KNOWN))
    same = and_(_claim.c.id == _control.c.claim_id, _claim.c.entity_id == _control.c.entity_id)
    return (
        select(*columns)
        .join(_claim, same)
        .where(
            among(w.db, _control.c.control, sorted(set(controls))),
            ~_claim.c.encounter.startswith("undone:"),
        )
    )
