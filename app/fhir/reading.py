"""The rows behind resources: set-wise, in scope; every read is in the audit with its patients (A8)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.claims.models import Claim
from app.denials.models import Denial
from app.entities.models import Entity
from app.fhir import parameters as given
from app.fhir.parameters import Asked
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.patients.models import Patient
from app.remits.models import ProviderAdjustment, Remit, RemitAdjustment, RemitClaim, RemitLine, RemitRemark

_remit, _claim, _line = table_of(Remit), table_of(RemitClaim), table_of(RemitLine)
_adjustment, _remark, _pair = table_of(RemitAdjustment), table_of(RemitRemark), table_of(ProviderAdjustment)
_billed, _patient, _entity = table_of(Claim), table_of(Patient), table_of(Entity)
_denial = table_of(Denial)
SHOWN = ("posted", "reversed", "estimate")
REVERSAL = "22"
STATES = {"active": ("posted", "estimate"), "cancelled": ("reversed",)}
CLOSED = ("closed", "won")


def _status(value: str) -> ColumnElement[bool]:
    states = STATES.get(given.token("status", value))
    if states is None:
        raise given.BadParameter("status", "is active or cancelled")
    return _claim.c.state.in_(states)


def _number(value: str) -> ColumnElement[bool]:
    text = given.token("identifier", value)
    return (_claim.c.payer_control == text) | (_claim.c.control == text)


def _of_patient(name: str) -> Any:
    return lambda value: _patient.c.public_id == given.token(name, value).rpartition("/")[2]


CLAIM_PARAMETERS = {
    "identifier": _number,
    "patient": _of_patient("patient"),
    "status": _status,
    "created": lambda value: given.days(
        "created", value, func.coalesce(_remit.c.produced, _remit.c.effective_date)
    ),
    "date": lambda value: given.days("date", value, _remit.c.effective_date),
    "_lastUpdated": lambda value: given.instants("_lastUpdated", value, _remit.c.recorded_at),
}
PAYMENT_PARAMETERS = {
    "identifier": lambda value: _remit.c.trace == given.token("identifier", value),
    "status": lambda value: _remit.c.id >= 0 if given.token("status", value) == "active" else _remit.c.id < 0,
    "date": lambda value: given.days("date", value, _remit.c.effective_date),
    "_lastUpdated": lambda value: given.instants("_lastUpdated", value, _remit.c.recorded_at),
}
TASK_PARAMETERS = {
    "identifier": lambda value: _denial.c.public_id == given.token("identifier", value),
    "patient": _of_patient("patient"),
    "status": lambda value: _task_status(given.token("status", value)),
    "date": lambda value: given.days("date", value, _denial.c.denied_on),
    "_lastUpdated": lambda value: given.instants(
        "_lastUpdated", value, func.coalesce(_denial.c.touched_at, _denial.c.opened_at)
    ),
}


def _task_status(wanted: str) -> ColumnElement[bool]:
    if wanted == "completed":
        return _denial.c.state.in_(CLOSED)
    if wanted in ("requested", "accepted", "in-progress", "on-hold", "failed"):
        return _denial.c.state.not_in(CLOSED)
    raise given.BadParameter("status", "is a status of Task")


class Adjudicated:
    """A page of adjudications with their lines, adjustments and remarks."""

    def __init__(self, w: Work, rows: Sequence[Any]) -> None:
        self.rows = rows
        keys = [row.id for row in rows]
        self._lines = _by_claim(w, select(_line).where(_line.c.remit_claim_id.in_(keys)).order_by(_line.c.id))
        adjusted = (
            select(_adjustment).where(_adjustment.c.remit_claim_id.in_(keys)).order_by(_adjustment.c.id)
        )
        self._adjusted = _by_claim(w, adjusted)
        remarks = select(_remark).where(_remark.c.remit_claim_id.in_(keys)).order_by(_remark.c.id)
        self._remarks = _by_claim(w, remarks)

    def parts(self, row: Any) -> tuple[list[Any], list[Any], list[Any]]:
        """(lines, adjustments, remarks) of one of the rows."""
        key = row.id
        return self._lines.get(key, []), self._adjusted.get(key, []), self._remarks.get(key, [])


def _by_claim(w: Work, query: Select[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in w.db.execute(query):
        found.setdefault(int(row.remit_claim_id), []).append(row)
    return found


def _adjudications(w: Work) -> Select[Any]:
    facts = [
        _remit.c[name] for name in ("payer_name", "trace", "payee_npi", "issued", "recorded_at", "source")
    ]
    day = func.coalesce(_remit.c.produced, _remit.c.issued, _remit.c.effective_date).label("day")
    own = [one for one in _claim.c if one.name != "version"]
    billed = [_billed.c.kind, _billed.c.provider_npi, _billed.c.public_id.label("billed")]
    who = [
        _patient.c.public_id.label("patient"),
        _patient.c.id.label("patient_id"),
        _entity.c.name.label("entity"),
    ]
    return (
        select(*own, _claim.c.version, *facts, day, *billed, *who)
        .join(_remit, _remit.c.id == _claim.c.remit_id)
        .join(_entity, _entity.c.id == _claim.c.entity_id)
        .outerjoin(_billed, _billed.c.id == _claim.c.claim_id)
        .outerjoin(_patient, _patient.c.id == _billed.c.patient_id)
        .where(w.within(_claim.c.entity_id), _claim.c.state.in_(SHOWN), _claim.c.status != REVERSAL)
    )


def adjudications(w: Work, kind: str, ask: Asked) -> tuple[Adjudicated, bool]:
    """A page of adjudications, and whether more follow."""
    rows, more = _page(w, _adjudications(w), _claim.c.public_id, ask)
    _audit(w, kind, rows)
    return Adjudicated(w, rows), more


def adjudication(w: Work, kind: str, public: str) -> Adjudicated:
    """One adjudication; `NotFound` outside the scope."""
    rows = w.db.execute(_adjudications(w).where(_claim.c.public_id == public)).all()
    _found(rows, kind)
    _audit(w, kind, rows, public)
    return Adjudicated(w, rows)


def _payments(w: Work) -> Select[Any]:
    return select(_remit).where(
        w.within(_remit.c.entity_id), _remit.c.source == "835", _remit.c.state == "posted"
    )


class Payments:
    """A page of payments with their claims and provider adjustments."""

    def __init__(self, w: Work, rows: Sequence[Any], kind: str) -> None:
        self.rows = rows
        keys = [row.id for row in rows]
        names = ("remit_id", "public_id", "status", "state", "paid", "payer_control", "original_reference")
        claims = select(*(_claim.c[name] for name in names), _patient.c.id.label("patient_id"))
        claims = claims.outerjoin(_billed, _billed.c.id == _claim.c.claim_id)
        claims = claims.outerjoin(_patient, _patient.c.id == _billed.c.patient_id)
        self._claims: dict[int, list[Any]] = {}
        found = w.db.execute(claims.where(_claim.c.remit_id.in_(keys)).order_by(_claim.c.id)).all()
        for row in found:
            self._claims.setdefault(int(row.remit_id), []).append(row)
        self._pairs: dict[int, list[Any]] = {}
        for row in w.db.execute(select(_pair).where(_pair.c.remit_id.in_(keys)).order_by(_pair.c.id)):
            self._pairs.setdefault(int(row.remit_id), []).append(row)
        _audit(w, kind, found, rows[0].public_id if len(rows) == 1 else "")

    def parts(self, row: Any) -> tuple[list[Any], list[Any]]:
        """(claims, provider adjustments) of one payment."""
        return self._claims.get(row.id, []), self._pairs.get(row.id, [])


def payments(w: Work, kind: str, ask: Asked) -> tuple[Payments, bool]:
    """A page of payments, and whether more follow."""
    rows, more = _page(w, _payments(w), _remit.c.public_id, ask)
    return Payments(w, rows, kind), more


def payment(w: Work, kind: str, public: str) -> Payments:
    """One payment; `NotFound` outside the scope."""
    rows = w.db.execute(_payments(w).where(_remit.c.public_id == public)).all()
    _found(rows, kind)
    return Payments(w, rows, kind)


def _tasks(w: Work) -> Select[Any]:
    who = [_patient.c.public_id.label("patient"), _patient.c.last.label("patient_last"),
           _patient.c.first.label("patient_first")]  # fmt: skip
    return (
        select(_denial, *who, _claim.c.public_id.label("remit_claim"))
        .outerjoin(_patient, _patient.c.id == _denial.c.patient_id)
        .outerjoin(_claim, _claim.c.id == _denial.c.latest_remit_claim_id)
        .where(w.within(_denial.c.entity_id))
    )


def tasks(w: Work, kind: str, ask: Asked) -> tuple[Sequence[Any], bool]:
    """A page of denial cases, and whether more follow."""
    rows, more = _page(w, _tasks(w), _denial.c.public_id, ask)
    _audit(w, kind, rows)
    return rows, more


def one_task(w: Work, kind: str, public: str) -> Any:
    """One denial case; `NotFound` outside the scope."""
    rows = w.db.execute(_tasks(w).where(_denial.c.public_id == public)).all()
    _found(rows, kind)
    _audit(w, kind, rows, public)
    return rows[0]


def _page(w: Work, query: Select[Any], key: Any, ask: Asked) -> tuple[Sequence[Any], bool]:
    rows = w.db.execute(
        query.where(*ask.conditions, key > ask.after).order_by(key).limit(ask.count + 1)
    ).all()
    return rows[: ask.count], len(rows) > ask.count


def _found(rows: Sequence[Any], kind: str) -> None:
    if not rows:
        raise NotFound(f"There is no such {kind}.")


def _audit(w: Work, kind: str, rows: Sequence[Any], public: str = "") -> None:
    patients = [row.patient_id for row in rows if row.patient_id]
    w.audit("fhir.read", "R", kind, public, patients=patients, detail={"count": len(rows)})
