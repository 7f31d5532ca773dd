"""The queue of rejections: claims and whole transactions that were refused before anybody decided on them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from app.access.models import Person
from app.claims import rules_actions
from app.claims.models import Acknowledgement, Claim, ClaimAnswer, ClaimState
from app.entities.models import Entity
from app.intake.models import IntakeFile, IntakeTransaction
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.ids import unpack
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Patient
from app.payers.models import Payer
from app.worklist.models import ItemState, WorklistItem
from app.worklist.queries import owned

_item, _claim, _state = table_of(WorklistItem), table_of(Claim), table_of(ClaimState)
_answer, _said, _person = table_of(ClaimAnswer), table_of(Acknowledgement), table_of(Person)
_entity, _payer, _patient = table_of(Entity), table_of(Payer), table_of(Patient)
_transaction, _file = table_of(IntakeTransaction), table_of(IntakeFile)
QUEUE = "rejections"
SORTS = {
    "rank": Sort(_item.c.rank, descending=True),
    "due": Sort(_item.c.due, nullable=True),
    "amount": Sort(_item.c.amount, descending=True),
    "opened": Sort(_item.c.opened_at),
    "code": Sort(_item.c.reason),
}
FILTERS = ("entity", "kind", "payer", "code", "owner", "state", "due_by", "amount_from")
KINDS = {
    "claim_rejected": "Claim rejected",
    "file_rejected": "File rejected",
    "missing_999": "No 999",
    "missing_277ca": "No 277CA",
}
ITEM_STATES = {"open": "Open", "done": "Done", "all": "All"}


@dataclass(frozen=True, slots=True)
class RejectionRow:
    """A rejection as the list shows it. code: `category:status:entity` of a claim, `999:R`, `TA1:R` or what
    is missing; due: the last day to send the claim anew; `claims`: how many a refused transaction holds.
    """

    public_id: str
    entity: str
    entity_id: int
    time_zone: str
    kind: str
    code: str
    words: str
    action: str
    instruction: str
    payer: str | None
    patient_id: int | None
    last: str | None
    first: str | None
    claim: str | None
    claim_public: str | None
    file: str | None
    file_public: str | None
    set_control: str | None
    claims: int
    amount: Money
    opened_at: datetime
    age: int
    due: date | None
    resubmitted_on: date | None
    owner_id: int | None
    owner: str | None
    state: str
    outcome: str | None
    version: int
    item_id: int
    payer_id: int | None
    source: int | None

    @property
    def patient(self) -> str:
        """Last name first, as claims write it; empty when the rejection is of a whole transaction."""
        return ", ".join(one for one in (self.last, self.first) if one)

    @property
    def subject(self) -> str:
        """The claim's control number, or the transaction's in its file."""
        return self.claim or f"ST {self.set_control} of {self.file}"


def _listed(w: Work) -> Select[Any]:
    names = ("public_id", "entity_id", "kind", "amount", "opened_at", "due", "owner_id", "state", "outcome",
             "version", "payer_id", "patient_id", "source")  # fmt: skip
    columns = [_item.c[name] for name in names]
    return (
        select(
            *columns, _item.c.id.label("item_id"), _item.c.reason.label("code"),
            _entity.c.name.label("entity"),
            _entity.c.time_zone, _payer.c.name.label("payer"), _patient.c.last, _patient.c.first,
            _claim.c.control.label("claim"), _claim.c.public_id.label("claim_public"),
            _file.c.name.label("file"), _file.c.public_id.label("file_public"),
            _transaction.c.control.label("set_control"),
            func.coalesce(_transaction.c.claims, 0).label("claims"),
            _state.c.resubmitted_on, _person.c.name.label("owner"),
            _answer.c.category, _answer.c.status, _answer.c.entity_code, _answer.c.label, _answer.c.proposed,
            _said.c.notes,
        )
        .select_from(_item)
        .join(_entity, _entity.c.id == _item.c.entity_id)
        .outerjoin(_claim, and_(_item.c.subject == "claim", _claim.c.id == _item.c.subject_id))
        .outerjoin(_state, _state.c.claim_id == _claim.c.id)
        .outerjoin(_patient, _patient.c.id == _item.c.patient_id)
        .outerjoin(_payer, _payer.c.id == _item.c.payer_id)
        .outerjoin(_person, _person.c.id == _item.c.owner_id)
        .outerjoin(_answer, and_(_item.c.subject == "claim", _answer.c.id == _item.c.source))
        .outerjoin(_said, and_(_item.c.subject != "claim", _said.c.id == _item.c.source))
        .outerjoin(
            _transaction, and_(_item.c.subject != "claim", _transaction.c.id == _item.c.subject_id)
        )
        .outerjoin(_file, _file.c.file_no == _transaction.c.file_no)
        .where(w.within(_item.c.entity_id), _item.c.queue == QUEUE)
    )  # fmt: skip


def _row(w: Work, row: Row[Any]) -> RejectionRow:
    values: dict[str, Any] = {name: getattr(row, name, None) for name in RejectionRow.__dataclass_fields__}
    values |= dict(zip(("words", "action", "instruction"), _told(w, row), strict=True))
    values["age"] = (w.now - row.opened_at).days
    return RejectionRow(**values)


def _told(w: Work, row: Row[Any]) -> tuple[str, str, str]:
    today = w.now.date()
    if row.category:
        action = rules_actions.action(row.category, row.status, row.entity_code, row.proposed, today)
        return rules_actions.label(row.label, row.entity_code, today), action.title, action.words
    kind, _, code = row.code.partition(":")
    if row.kind.startswith("missing"):
        action = rules_actions.action(
            "MISSING", "999" if row.kind == "missing_999" else "277CA", "", "", today
        )
        return KINDS[row.kind], action.title, action.words
    action = rules_actions.action(kind, code, "", "", today)
    notes = [
        rules_actions.syntax("TA105" if kind == "TA1" else "IK502", note, today) or note
        for note in (row.notes or "").split()
    ]
    plain = "The file could not be opened" if kind == "TA1" else "The transaction was refused"
    return f"{plain}: {'; '.join(notes)}" if notes else plain, action.title, action.words


def _conditions(ask: Ask, w: Work) -> list[ColumnElement[bool]]:
    state = ask.get("state") or ItemState.OPEN.value
    if state not in ITEM_STATES:
        raise Refused("There is no such state.", code="unknown_state", field="state")
    found = [] if state == "all" else [_item.c.state == state]
    if ask.get("entity"):
        own = select(_entity.c.id).where(_entity.c.public_id == ask.get("entity"))
        found.append(_item.c.entity_id == own.scalar_subquery())
    if ask.get("kind"):
        found.append(_item.c.kind == ask.get("kind"))
    if ask.get("payer"):
        named = select(_payer.c.id).where(_payer.c.public_id == ask.get("payer"))
        found.append(_item.c.payer_id == named.scalar_subquery())
    if ask.get("code"):
        found.append(_item.c.reason.startswith(ask.get("code"), autoescape=True))
    if ask.get("due_by"):
        found.append(_item.c.due <= _day(ask.get("due_by")))
    if ask.get("amount_from"):
        found.append(_item.c.amount >= Money.parse(ask.get("amount_from")))
    return [*found, *owned(w, _item.c.owner_id, ask)]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("A day is written 2026-01-31.", code="day_unreadable", field="due_by") from None


def rejections(w: Work, ask: Ask) -> Slice[RejectionRow]:
    """Rejections, the most pressing first by default; whose patients were shown is noted."""
    query = _listed(w).where(*_conditions(ask, w))
    found = page(w.db, query, ask, sorts=SORTS, key=_item.c.id, row=lambda row: _row(w, row))
    shown = [row.patient_id for row in found.rows if row.patient_id]
    w.audit("rejections.list", "R", "worklist_item", patients=shown, detail={"rows": len(found.rows)})
    return found


def after(w: Work, last: int, most: int) -> list[RejectionRow]:
    """The next rejections behind a key (`item_id`), open and done, for whoever reads them all; noted."""
    query = _listed(w).where(_item.c.id > last).order_by(_item.c.id).limit(most)
    found = [_row(w, row) for row in w.db.execute(query)]
    shown = [row.patient_id for row in found if row.patient_id]
    w.audit("rejections.export", "R", "worklist_item", patients=shown, detail={"rows": len(found)})
    return found


@dataclass(frozen=True, slots=True)
class RejectionTotals:
    """What a filter selects."""

    count: int
    amount: Money


def totals(w: Work, ask: Ask) -> RejectionTotals:
    """The totals of the whole list, not of one page."""
    query = (
        select(func.count(), func.sum(_item.c.amount))
        .select_from(_item)
        .outerjoin(_person, _person.c.id == _item.c.owner_id)
        .where(w.within(_item.c.entity_id), _item.c.queue == QUEUE, *_conditions(ask, w))
    )
    count, amount = w.db.execute(query).one()
    return RejectionTotals(int(count), Money.of_sum(int(amount or 0)))


def rejection(w: Work, public_id: str) -> RejectionRow:
    """One rejection; `NotFound` outside the scope."""
    row = w.db.execute(_listed(w).where(_item.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such rejection.")
    found = _row(w, row)
    patients = [found.patient_id] if found.patient_id else []
    w.audit("rejections.read", "R", "worklist_item", public_id, entity_id=found.entity_id, patients=patients)
    return found


def following(w: Work, public_id: str) -> str:
    """The open rejection next in rank below this one that is mine or nobody's; after the last the first
    again, empty when there is no other.
    """
    open_ones = (
        w.within(_item.c.entity_id), _item.c.queue == QUEUE, _item.c.state == ItemState.OPEN.value,
        _item.c.public_id != public_id,
        or_(_item.c.owner_id.is_(None), _item.c.owner_id == w.actor.person_id),
    )  # fmt: skip
    this = select(_item.c.rank, _item.c.id).where(w.within(_item.c.entity_id), _item.c.public_id == public_id)
    at = w.db.execute(this).one()
    ranked = select(_item.c.public_id).where(*open_ones).order_by(_item.c.rank.desc(), _item.c.id.desc())
    below = or_(_item.c.rank < at.rank, and_(_item.c.rank == at.rank, _item.c.id < at.id))
    found = w.db.execute(ranked.where(below).limit(1)).scalar()
    return found or w.db.execute(ranked.limit(1)).scalar() or ""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing an answer objects to: where, and in words."""

    place: str
    words: str
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The file that says so."""

    name: str
    public_id: str
    segment: int


def details(w: Work, row: RejectionRow) -> tuple[list[Detail], Document | None, str]:
    """Everything the answer behind a rejection says: its objections, its file, its own words."""
    if row.source is None:
        return [], None, ""
    document = _document(w, row.source)
    answer = w.db.execute(
        select(_answer).where(_answer.c.id == row.source, w.within(_answer.c.entity_id))
    ).one_or_none()
    if answer is not None:
        return _claim_details(answer, w.now.date()), document, answer.words
    said = w.db.execute(
        select(_said).where(_said.c.id == row.source, or_(w.within(_said.c.entity_id)))
    ).one_or_none()
    return (_set_details(said.errors or [], w.now.date()) if said else []), document, ""


def _document(w: Work, source: int) -> Document | None:
    at = unpack(source)
    row = w.db.execute(select(_file.c.name, _file.c.public_id).where(_file.c.file_no == at.file_no)).first()
    return Document(row.name, row.public_id, at.segment) if row else None


def _claim_details(answer: Any, today: date) -> list[Detail]:
    codes = [("Claim", said) for said in answer.statuses]
    codes += [(f"Line {one['control'] or one['code']}", one["said"]) for one in answer.lines]
    return [
        Detail(place, f"{':'.join(code for code in said if code)} {_entity_words(said, today)}".strip())
        for place, said in codes
    ]


def _entity_words(said: list[str], today: date) -> str:
    return f"({rules_actions.entity_name(said[2], today)})" if len(said) > 2 and said[2] else ""


def _set_details(errors: list[dict[str, str]], today: date) -> list[Detail]:
    """IK3 and IK4 in plain words, with the place of the element and the claim a CTX names."""
    found = []
    for one in errors:
        business = one.get("business", "")
        claim = business.partition(":")[2] if business.startswith("CLM01") else business
        position = one.get("element", "")
        if position:
            place = f"{one['segment_id']}{int(position):02d}" if position.isdigit() else one["segment_id"]
            words = rules_actions.syntax("IK403", one["code"], today)
        else:
            place, words = one["segment_id"], rules_actions.syntax("IK304", one["code"], today)
        loop = f", loop {one['loop']}" if one.get("loop") else ""
        found.append(
            Detail(f"{place} (segment {one['position']}{loop})", words or f"code {one['code']}", claim)
        )
    return found
