"""A file of guarantors (CSV or a workbook), tried or taken in; then the accounts it touched stand anew."""

from contextlib import closing
from typing import BinaryIO

from sqlalchemy import select

from app.accounts import service as accounts
from app.claims.models import Claim
from app.contracts.translate import rows_of
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.patients import service_people_file
from app.patients.service_people_file import PeopleTaken

_claim = table_of(Claim)


def import_people(w: Work, entity_id: int, content: BinaryIO, *, preview: bool = False) -> PeopleTaken:
    """Take a file of guarantors into the accounts of an entity, or say with `preview` what it would do."""
    with closing(rows_of(content)) as rows:
        if preview:
            return service_people_file.preview(w, entity_id, rows)
        done = service_people_file.take(w, entity_id, rows)
    if done.patients:
        mine = (w.within(_claim.c.entity_id), among(w.db, _claim.c.patient_id, sorted(done.patients)))
        ids = w.db.execute(select(_claim.c.id).where(*mine)).scalars().all()
        accounts.refresh_claims(w, entity_id, ids)
        accounts.refresh(w, entity_id, done.accounts)
    return done
