"""Reading claims."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.claims.models import Claim
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.work import Work

_claim = table_of(Claim)


@dataclass(frozen=True)
class ClaimHead:
    """What names a claim."""

    id: int
    public_id: str
    entity_id: int
    patient_id: int
    control: str
    kind: str
    service_from: date | None
    service_to: date | None
    charge: Money
    current_version_id: int


def by_public(w: Work, public: str) -> ClaimHead:
    """A claim by its public id; `NotFound` outside the scope."""
    columns = [_claim.c[name] for name in ClaimHead.__dataclass_fields__]
    row = w.db.execute(select(*columns).where(_claim.c.public_id == public, w.within(_claim.c.entity_id))).first()
    if row is None:
        raise NotFound("There is no such claim.")
    return ClaimHead(*row)
