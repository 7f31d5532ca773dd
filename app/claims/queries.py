"""Reading claims: the list, the search, and one claim as billed, version by version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select

from app.claims.models import Claim, ClaimPayer
from app.claims.queries_states import STATES, current_state, in_state, since_day, with_state
from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.kept import Counted, counted
from app.kernel.money import Money
from app.kernel.paging import Ask, Hit, Slice, Sort, page
from app.kernel.work import Work
from app.ledger.models import ClaimBalance
from app.ledger.queries import read_day
from app.patients.models import Patient
from app.payers.models import Payer, PayerAlias

_claim, _covered, _balance = table_of(Claim), table_of(ClaimPayer), table_of(ClaimBalance)
_entity, _patient = table_of(Entity), table_of(Patient)
_payer, _alias = table_of(Payer), table_of(PayerAlias)
_owed, _due = func.coalesce(_balance.c.payer, 0), func.coalesce(_balance.c.patient, 0)
GOOD_FOR = timedelta(minutes=1)
UNDONE = "undone:"
"""How the encounter of a claim begins whose billing was taken off the books."""

STANDINGS = ("with_payer", "with_patient", "with_both", "settled", "credit", "undone")
_standing = case(
    (_claim.c.encounter.startswith(UNDONE), "undone"),
    (or_(_owed < 0, _due < 0), "credit"),
    (and_(_owed > 0, _due > 0), "with_both"),
    (_owed > 0, "with_payer"),
    (_due > 0, "with_patient"),
    else_="settled",
)
SORTS = {
    "recorded": Sort(_claim.c.id, descending=True),
    "service": Sort(_claim.c.service_from, nullable=True, descending=True),
    "charge": Sort(_claim.c.charge, descending=True),
    "control": Sort(_claim.c.control),
    "payer_balance": Sort(_owed, descending=True),
    "patient_balance": Sort(_due, descending=True),
}
FILTERS = ("entity", "payer", "standing", "state", "control", "from", "to", "charge_from", "charge_to")
FOUND_MOST = 20


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
    row = w.db.execute(
        select(*columns).where(_claim.c.public_id == public, w.within(_claim.c.entity_id))
    ).first()
    if row is None:
        raise NotFound("There is no such claim.")
    return ClaimHead(*row)


# ---------------------------------------------------------------- the list


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim as the list shows it.

    kind: P professional, I institutional, D dental. Balances: what is open with payers and with the patient,
    debit positive; below zero is a credit. `standing` says in a word who owes, `state` where the claim is on
    its way to payment, `since` since when.
    """

    id: int
    public_id: str
    entity: str
    entity_id: int
    time_zone: str
    control: str
    kind: str
    patient_id: int
    last: str
    first: str
    payer: str | None
    service_from: date | None
    service_to: date | None
    charge: Money
    payer_balance: Money
    patient_balance: Money
    standing: str
    provider_npi: str
    insured: bool
    recorded_at: datetime
    state: str = ""
    since: date | None = None

    @property
    def patient(self) -> str:
        """Last name first, as claims write it."""
        return f"{self.last}, {self.first}" if self.first else self.last


def _listed(w: Work) -> Select[Any]:
    same = ("id", "public_id", "entity_id", "control", "kind", "patient_id", "service_from", "service_to",
    "charge", "provider_npi", "insured", "recorded_at")  # fmt: skip
    columns = [
        *(_claim.c[name] for name in same),
        _entity.c.name.label("entity"),
        _entity.c.time_zone,
        _patient.c.last,
        _patient.c.first,
        _payer.c.name.label("payer"),
        _owed.label("payer_balance"),
        _due.label("patient_balance"),
        _standing.label("standing"),
        current_state.label("state"),
        since_day.label("since"),
    ]
    joined = (
        select(*columns)
        .select_from(_claim)
        .join(_entity, _entity.c.id == _claim.c.entity_id)
        .join(_patient, _patient.c.id == _claim.c.patient_id)
        .outerjoin(_balance, _balance.c.claim_id == _claim.c.id)
        .outerjoin(_covered, and_(_covered.c.claim_id == _claim.c.id, _covered.c.rank == 1))
        .outerjoin(_payer, _payer.c.id == _covered.c.payer_id)
    )
    listed: Select[Any] = with_state(joined).where(w.within(_claim.c.entity_id))
    return listed


def _claim_row(row: Row[Any]) -> ClaimRow:
    values = {name: getattr(row, name) for name in ClaimRow.__dataclass_fields__}
    for name in ("payer_balance", "patient_balance"):
        values[name] = Money.of_sum(int(values[name]))
    return ClaimRow(**values)


def _conditions(ask: Ask) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if ask.get("entity"):
        own = select(_entity.c.id).where(_entity.c.public_id == ask.get("entity"))
        found.append(_claim.c.entity_id == own.scalar_subquery())
    if ask.get("payer"):
        found.append(_covered.c.payer_id.in_(_family(ask.get("payer"))))
    if ask.get("standing"):
        if ask.get("standing") not in STANDINGS:
            raise Refused("There is no such standing.", code="unknown_standing", field="standing")
        found.append(_standing == ask.get("standing"))
    if ask.get("state"):
        if ask.get("state") not in STATES:
            raise Refused("There is no such state.", code="unknown_state", field="state")
        found.append(in_state(ask.get("state")))
    if ask.get("control"):
        found.append(_begins(_claim.c.control, ask.get("control")))
    if (first := read_day(ask.get("from"), "from")) is not None:
        found.append(_claim.c.service_from >= first)
    if (last := read_day(ask.get("to"), "to")) is not None:
        found.append(_claim.c.service_from <= last)
    if ask.get("charge_from"):
        found.append(_claim.c.charge >= Money.parse(ask.get("charge_from")))
    if ask.get("charge_to"):
        found.append(_claim.c.charge <= Money.parse(ask.get("charge_to")))
    return found


def _begins(column: Any, text: str) -> ColumnElement[bool]:
    """A prefix as a range: LIKE would not use the index."""
    return and_(column >= text, column < text + "\uffff")


def _family(public_id: str) -> Select[Any]:
    """A payer and the records that turned out to be the same one."""
    itself = select(_payer.c.id).where(_payer.c.public_id == public_id)
    also = select(_alias.c.payer_id).join(_payer, _payer.c.id == _alias.c.same_as)
    return select(itself.union(also.where(_payer.c.public_id == public_id)).subquery().c.id)


def claims(w: Work, ask: Ask) -> Slice[ClaimRow]:
    """Claims by keyset, last recorded first by default; whose patients were shown is noted."""
    query = _listed(w).where(*_conditions(ask))
    found = page(w.db, query, ask, sorts=SORTS, key=_claim.c.id, row=_claim_row)
    shown = [row.patient_id for row in found.rows]
    w.audit("claims.list", "R", "claim", patients=shown, detail={"rows": len(shown)})
    return found


@dataclass(frozen=True, slots=True)
class ClaimTotals:
    """What a filter selects."""

    count: int
    charge: Money
    payer_balance: Money
    patient_balance: Money


def totals(w: Work, ask: Ask) -> Counted[ClaimTotals]:
    """The totals of the whole list, not of one page; those over very many claims are of the last minute."""
    return counted(
        ("claims", w.scope, tuple(sorted(ask.filters.items()))),
        partial(_totals, w, ask),
        rows=lambda found: found.count,
        good_for=GOOD_FOR,
    )


def _totals(w: Work, ask: Ask) -> ClaimTotals:
    """Reads no more tables than the filters speak of."""
    joined = select(func.count(), func.sum(_claim.c.charge), func.sum(_owed), func.sum(_due)).select_from(
        _claim
    )
    joined = joined.outerjoin(_balance, _balance.c.claim_id == _claim.c.id)
    if ask.get("payer"):
        joined = joined.join(_covered, and_(_covered.c.claim_id == _claim.c.id, _covered.c.rank == 1))
    if ask.get("state"):
        joined = with_state(joined)
    row = w.db.execute(joined.where(w.within(_claim.c.entity_id), *_conditions(ask))).one()
    return ClaimTotals(int(row[0]), *(Money.of_sum(int(cents or 0)) for cents in row[1:]))


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a filter."""

    public_id: str
    name: str


def payer_choices(w: Work) -> list[Choice]:
    """The payers of these practices by name; records that turned out to be another's are left out."""
    same = select(_alias.c.payer_id).where(_alias.c.payer_id == _payer.c.id)
    query = select(_payer.c.public_id, _payer.c.name).where(w.within(_payer.c.entity_id), ~same.exists())
    return [Choice(*row) for row in w.db.execute(query.order_by(_payer.c.name, _payer.c.id).limit(500))]


def entity_choices(w: Work) -> list[Choice]:
    """The billing entities in scope, by name."""
    query = select(_entity.c.public_id, _entity.c.name).where(w.within(_entity.c.id))
    return [Choice(*row) for row in w.db.execute(query.order_by(_entity.c.name, _entity.c.id))]


def one(w: Work, public: str) -> ClaimRow:
    """A claim by its public id, as the list shows it; `NotFound` outside the scope."""
    row = w.db.execute(_listed(w).where(_claim.c.public_id == public)).one_or_none()
    if row is None:
        raise NotFound("There is no such claim.")
    return _claim_row(row)


# ---------------------------------------------------------------- the search


def find(w: Work, text: str) -> list[Hit]:
    """Claims by control number, by `=123.45` (the charge), by the patient's name (`last, first` or
    `last`)."""
    text = text.strip()
    if not {"*", "claims.read"} & w.actor.permissions or len(text) < 2:
        return []
    # One way at a time: each enters its own index, where an OR over all of them would read every claim.
    ids: set[int] = set()
    for way in _ways(w, text):
        ids |= {int(one) for one in w.db.execute(way.limit(FOUND_MOST)).scalars()}
    query = _listed(w).where(_claim.c.id.in_(ids)).order_by(_claim.c.id.desc()).limit(FOUND_MOST)
    return [_hit(_claim_row(row)) for row in w.db.execute(query)]


def _ways(w: Work, text: str) -> list[Select[Any]]:
    """The selects of claim keys that a text may mean; newest first."""
    newest = select(_claim.c.id).order_by(_claim.c.id.desc())
    own = _claim.c.entity_id.in_(
        list(w.db.execute(select(_entity.c.id).where(w.within(_entity.c.id))).scalars())
    )
    if text.startswith("="):
        try:
            return [newest.where(own, _claim.c.charge == Money.parse(text[1:].strip().replace(",", "")))]
        except Refused:
            return []
    last, _, first = (part.strip() for part in text.upper().partition("," if "," in text else " "))
    name = [w.within(_patient.c.entity_id), _begins(_patient.c.last, last)]
    if first:
        name.append(_begins(_patient.c.first, first))
    people = select(_patient.c.id).where(*name).limit(FOUND_MOST)
    known = list(w.db.execute(people).scalars())
    numbers = {text, text.upper()}
    return [
        *(newest.where(own, _begins(_claim.c.control, number)) for number in sorted(numbers)),
        newest.where(w.within(_claim.c.entity_id), _claim.c.patient_id.in_(known)),
    ]


def _hit(row: ClaimRow) -> Hit:
    told: Sequence[str] = (
        row.patient,
        row.payer or "no payer",
        f"service {row.service_from:%m/%d/%Y}" if row.service_from else "no service date",
        f"charge {row.charge:,}",
    )
    return Hit(
        "Claim", row.control, " · ".join(told), "denials.claim", {"public_id": row.public_id}, row.patient_id
    )
