"""The screen Silent claims: who has not answered, since when, until when it was expected, what was done."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from app.access.models import Person
from app.claims.lifecycle import Track
from app.claims.models import Claim, ClaimAnswer, PayerLag, SilentClaim
from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Patient
from app.payers.models import Payer
from app.worklist.models import WorklistItem
from app.worklist.queries import owned

_silent, _claim, _item = table_of(SilentClaim), table_of(Claim), table_of(WorklistItem)
_entity, _payer, _patient = table_of(Entity), table_of(Payer), table_of(Patient)
_person, _lag, _answer = table_of(Person), table_of(PayerLag), table_of(ClaimAnswer)
SORTS = {
    "expected": Sort(_silent.c.expected_by),
    "sent": Sort(_silent.c.sent),
    "first_sent": Sort(_silent.c.first_sent),
    "amount": Sort(_silent.c.amount, descending=True),
    "payer": Sort(_payer.c.name, nullable=True),
}
FILTERS = ("entity", "payer", "provider", "days_from", "days_to", "since", "track", "owner", "suppressed")
TRACKS = {one.value: one.value.capitalize() for one in Track}
SINCE = {"sent": "Last sent", "first_sent": "First sent"}
SUPPRESSED = {"no": "Not put aside", "yes": "Put aside", "all": "All"}
MOST_DAYS = 9_999


@dataclass(frozen=True, slots=True)
class SilentRow:
    """A silent claim as the list shows it. days: since it was last sent; kind: P, I or D; basis: `lag` when
    the wait is measured of this payer (cases and days beside it), `default` when it is the usual one.
    """

    public_id: str
    entity: str
    entity_id: int
    claim_id: int
    claim: str
    claim_public: str
    kind: str
    provider_npi: str
    payer: str | None
    payer_id: int | None
    rank: int
    patient_id: int
    last: str
    first: str
    service_from: date | None
    sent: date
    first_sent: date
    amount: Money
    days: int
    expected_by: date
    escalate_on: date
    basis: str
    wait_days: int
    cases: int
    track: str
    track_on: date | None
    suppressed_until: date | None
    suppressed_reason: str
    suppressed_by: str
    owner_id: int | None
    owner: str | None
    open: bool
    outcome: str
    version: int

    @property
    def patient(self) -> str:
        """Last name first, as claims write it."""
        return f"{self.last}, {self.first}" if self.first else self.last

    @property
    def waited(self) -> str:
        """Why it was expected by that day, in words."""
        if self.basis == "lag":
            return f"this payer answers 9 of 10 claims within {self.wait_days} days ({self.cases} measured)"
        return f"{self.wait_days} days, the usual wait: too few answers of this payer to measure its own"


def _listed(w: Work) -> Select[Any]:
    names = ("public_id", "entity_id", "claim_id", "payer_id", "rank", "sent", "first_sent", "amount",
             "expected_by", "escalate_on", "basis", "wait_days", "track", "track_on", "suppressed_until",
             "suppressed_reason", "suppressed_by", "open", "outcome", "version")  # fmt: skip
    return (
        select(
            *(_silent.c[name] for name in names), _entity.c.name.label("entity"),
            _claim.c.control.label("claim"), _claim.c.public_id.label("claim_public"), _claim.c.kind,
            _claim.c.provider_npi, _claim.c.patient_id, _claim.c.service_from, _patient.c.last,
            _patient.c.first, _payer.c.name.label("payer"), func.coalesce(_lag.c.cases, 0).label("cases"),
            _item.c.owner_id, _person.c.name.label("owner"),
        )
        .select_from(_silent)
        .join(_entity, _entity.c.id == _silent.c.entity_id)
        .join(_claim, _claim.c.id == _silent.c.claim_id)
        .join(_patient, _patient.c.id == _claim.c.patient_id)
        .outerjoin(_payer, _payer.c.id == _silent.c.payer_id)
        .outerjoin(_lag, _lag.c.payer_id == _silent.c.payer_id)
        .outerjoin(_item, _worked())
        .outerjoin(_person, _person.c.id == _item.c.owner_id)
        .where(w.within(_silent.c.entity_id))
    )  # fmt: skip


def _worked() -> ColumnElement[bool]:
    return and_(
        _item.c.subject == "silent_claim",
        _item.c.subject_id == _silent.c.claim_id,
        _item.c.queue == "silent_claims",
    )


def _row(today: date, row: Row[Any]) -> SilentRow:
    values: dict[str, Any] = {name: getattr(row, name, None) for name in SilentRow.__dataclass_fields__}
    return SilentRow(**values | {"days": (today - row.sent).days, "open": bool(row.open)})


def _conditions(w: Work, ask: Ask, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_silent.c.open.is_(True)]
    aside = ask.get("suppressed") or "no"
    if aside not in SUPPRESSED:
        raise Refused("Choose yes, no or all.", code="unknown_choice", field="suppressed")
    if aside != "all":
        waiting = or_(_silent.c.suppressed_until.is_(None), _silent.c.suppressed_until < today)
        found.append(waiting if aside == "no" else ~waiting)
    if ask.get("entity"):
        own = select(_entity.c.id).where(_entity.c.public_id == ask.get("entity"))
        found.append(_silent.c.entity_id == own.scalar_subquery())
    if ask.get("payer"):
        named = select(_payer.c.id).where(_payer.c.public_id == ask.get("payer"))
        found.append(_silent.c.payer_id == named.scalar_subquery())
    if ask.get("provider"):
        found.append(_claim.c.provider_npi == ask.get("provider"))
    if ask.get("track"):
        found.append(_silent.c.track == ask.get("track"))
    since = _silent.c[ask.get("since")] if ask.get("since") in SINCE else _silent.c.sent
    if ask.get("days_from"):
        found.append(since <= today - timedelta(_number(ask.get("days_from"), "days_from")))
    if ask.get("days_to"):
        found.append(since >= today - timedelta(_number(ask.get("days_to"), "days_to")))
    return [*found, *owned(w, _item.c.owner_id, ask)]


def _number(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_DAYS):
        raise Refused(f"A number of days is at most {MOST_DAYS}.", code="days", field=field)
    return int(text)


def silent(w: Work, ask: Ask) -> Slice[SilentRow]:
    """Silent claims, the longest overdue first by default; whose patients were shown is noted."""
    today = w.now.date()
    query = _listed(w).where(*_conditions(w, ask, today))
    found = page(w.db, query, ask, sorts=SORTS, key=_silent.c.claim_id, row=lambda row: _row(today, row))
    shown = [row.patient_id for row in found.rows]
    w.audit("silent.list", "R", "silent_claim", patients=shown, detail={"rows": len(found.rows)})
    return found


def after(w: Work, last: int, most: int) -> list[SilentRow]:
    """The next silent claims behind a key (`claim_id`), those put aside too, for whoever reads them all."""
    query = _listed(w).where(_silent.c.open.is_(True), _silent.c.claim_id > last)
    rows = w.db.execute(query.order_by(_silent.c.claim_id).limit(most))
    found = [_row(w.now.date(), row) for row in rows]
    shown = [row.patient_id for row in found]
    w.audit("silent.export", "R", "silent_claim", patients=shown, detail={"rows": len(found)})
    return found


@dataclass(frozen=True, slots=True)
class SilentTotals:
    """What a filter selects."""

    count: int
    amount: Money


def totals(w: Work, ask: Ask) -> SilentTotals:
    """The totals of the whole list, not of one page."""
    query = (
        select(func.count(), func.sum(_silent.c.amount))
        .select_from(_silent)
        .join(_claim, _claim.c.id == _silent.c.claim_id)
        .outerjoin(_item, _worked())
        .outerjoin(_person, _person.c.id == _item.c.owner_id)
        .where(w.within(_silent.c.entity_id), *_conditions(w, ask, w.now.date()))
    )
    count, amount = w.db.execute(query).one()
    return SilentTotals(int(count), Money.of_sum(int(amount or 0)))


def one(w: Work, public_id: str) -> SilentRow:
    """One silent claim; `NotFound` outside the scope."""
    row = w.db.execute(_listed(w).where(_silent.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such silent claim.")
    found = _row(w.now.date(), row)
    w.audit(
        "silent.read", "R", "silent_claim", public_id, entity_id=found.entity_id, patients=[found.patient_id]
    )
    return found


@dataclass(frozen=True, slots=True)
class Hint:
    """What a 277 says about where the money is: the last answer of the payer to a question."""

    day: date
    label: str
    codes: str
    paid: Money | None
    finalized: date | None
    remitted: date | None
    trace: str


def hint(w: Work, claim_id: int) -> Hint | None:
    """The payer's last 277 about a claim; None when it was never asked, or never answered."""
    query = (
        select(_answer)
        .where(_answer.c.claim_id == claim_id, _answer.c.kind == "277", w.within(_answer.c.entity_id))
        .order_by(_answer.c.day.desc(), _answer.c.id.desc())
        .limit(1)
    )
    row = w.db.execute(query).first()
    if row is None:
        return None
    codes = ":".join(code for code in (row.category, row.status, row.entity_code) if code)
    return Hint(row.day, row.label, codes, row.paid, row.finalized, row.remitted, row.remit_trace)
