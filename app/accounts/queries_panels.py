"""What accounts show on pages of others: the patient's part of a claim, and who answers for a patient."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.accounts import queries_visits
from app.accounts.models import Owed, Standing
from app.denials.models import Denial
from app.kernel.db import table_of
from app.kernel.paging import Panel
from app.kernel.work import Work
from app.patients.models import Guarantor

_owed, _standing, _guarantor = table_of(Owed), table_of(Standing), table_of(Guarantor)
_denial = table_of(Denial)


def panel(w: Work, kind: str, key: int) -> Panel | None:
    """The patient balance of a claim, also on its denials; the accounts of a patient's visits."""
    if not {"*", "accounts.read"} & w.actor.permissions:
        return None
    if kind == "patient":
        rows = accounts_of(w, key)
        return Panel("Accounts", "accounts", "accounts/panel_patient.html", {"rows": rows}) if rows else None
    claim_id = _claim_of(w, kind, key)
    found = queries_visits.visits_of_claims(w, [claim_id]) if claim_id is not None else []
    if not found:
        return None
    account = _account(w, found[0].account_id)
    values = {"visit": found[0], "account": account}
    return Panel("Patient balance", "patient-balance", "accounts/panel_claim.html", values)


def _claim_of(w: Work, kind: str, key: int) -> int | None:
    if kind == "claim":
        return key
    if kind != "denial":
        return None
    mine = (_denial.c.id == key, w.within(_denial.c.entity_id))
    return w.db.execute(select(_denial.c.claim_id).where(*mine)).scalar()


def _account(w: Work, account_id: int) -> Any:
    columns = (_guarantor.c.public_id, _guarantor.c.number, _guarantor.c.last, _guarantor.c.first)
    mine = (_guarantor.c.id == account_id, w.within(_guarantor.c.entity_id))
    return w.db.execute(select(*columns).where(*mine)).one_or_none()


def accounts_of(w: Work, patient_id: int) -> Sequence[Any]:
    """The accounts that visits of a patient are on, with what each of them owes in all."""
    visits = select(_owed.c.account_id).where(_owed.c.patient_id == patient_id, w.within(_owed.c.entity_id))
    query = (
        select(_guarantor.c.public_id, _guarantor.c.number, _guarantor.c.last, _guarantor.c.first,
               _guarantor.c.relation, _standing.c.due, _standing.c.waiting)
        .outerjoin(_standing, _standing.c.account_id == _guarantor.c.id)
        .where(_guarantor.c.id.in_(visits), w.within(_guarantor.c.entity_id))
        .order_by(_guarantor.c.number)
    )  # fmt: skip
    return w.db.execute(query).all()
