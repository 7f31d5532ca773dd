"""The list of claims on their way out: a page of it, what a filter comes to, the search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, select

from app.access.models import Person
from app.claims.models import Claim
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.export import Column, Kind
from app.kernel.limits import SQL_VARIABLES
from app.kernel.money import Money
from app.kernel.paging import Ask, Hit, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Patient
from app.payers.models import Payer
from app.rebill import lifecycle
from app.rebill.lifecycle import Cause, HoldReason
from app.rebill.models import Rebill, RebillHold
from app.rebill.queries_filters import FLAG_QUEUE, conditions
from app.worklist.models import ItemState, WorklistItem

_rebill, _hold, _item = table_of(Rebill), table_of(RebillHold), table_of(WorklistItem)
_claim, _patient, _payer, _person = table_of(Claim), table_of(Patient), table_of(Payer), table_of(Person)
SORTS = {
    "file_by": Sort(_rebill.c.file_by, nullable=True),
    "charge": Sort(_rebill.c.charge, descending=True),
    "expected": Sort(_rebill.c.expected, descending=True),
    "opened": Sort(_rebill.c.id, descending=True),
    "changed": Sort(_rebill.c.changed_at, descending=True),
}
KINDS = {
    lifecycle.Kind.NEW: "New claim",
    lifecycle.Kind.REPLACEMENT: "Replacement",
    lifecycle.Kind.VOID: "Void",
    lifecycle.Kind.SECONDARY: "To the next payer",
    lifecycle.Kind.LATE_CHARGES: "Late charges",
}
CAUSES = {
    Cause.DENIAL: "Denied",
    Cause.REJECTION: "Rejected on the way",
    Cause.SILENCE: "No answer",
    Cause.PRIMARY_PAID: "Payer before it paid",
    Cause.PERSON: "Opened by a person",
}
HOLDS = {
    HoldReason.RECORDS: "Records are missing",
    HoldReason.CODING: "With the coder",
    HoldReason.AUTHORIZATION: "Authorization is awaited",
    HoldReason.COVERAGE: "Coverage is being checked",
    HoldReason.PATIENT: "Patient must answer",
    HoldReason.CROSSOVER: "Crosses over by itself",
    HoldReason.MANAGER: "Held by a manager",
    HoldReason.OTHER: "Another reason",
}
FLAGS = {
    "answer_changed": "The payer before it changed its answer after this one was sent",
    "answer_gone": "The answer it was made of no longer stands, and it had left",
    "nothing_left": "Nothing is left for this payer any more, and it had left",
    "not_made": "The claim to the next payer could not be made: bill it by hand",
    "posting_undone": "The answer it was made of was taken back after it was sent",
    "double_billed": "The payer before it forwarded the claim too: this payer may have it twice",
}
"""What happened after a submission left, by the kind of its work item."""
RANKS = {1: "primary", 2: "secondary", 3: "tertiary"}
FOUND_MOST = 20


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a submission is kept back, in words, and the last day it is."""

    public_id: str
    reason: str
    note: str
    until: date
    author: str

    @property
    def words(self) -> str:
        """The reason as people say it."""
        return HOLDS[HoldReason(self.reason)]


@dataclass(frozen=True, slots=True)
class RebillRow:
    """A submission as the list shows it. `id` and `patient_id` are for joining and stay inside.

    claim: the public id of its claim; control: the claim's number; number: the CLM01 it goes out under.
    flag: what happened after it was sent that a person looks at; empty: nothing.
    charge: what is billed; expected: what it may bring. problems: rows of `rebill.problems`.
    """

    id: int
    public_id: str
    entity_id: int
    claim: str
    claim_id: int
    control: str
    number: str
    patient_id: int
    patient: str
    payer: str
    rank: int
    kind: str
    form: str
    frequency: str
    service_from: date | None
    charge: Money
    expected: Money
    cause: str
    reason: str
    state: str
    problems: tuple[Mapping[str, Any], ...]
    errors: int
    on_hold: bool
    file_by: date | None
    file_rule: str
    owner: str
    owner_id: int | None
    opened_at: datetime
    changed_at: datetime
    sent_on: date | None
    version: int
    holds: tuple[Hold, ...] = ()
    flag: str = ""

    @property
    def kind_words(self) -> str:
        """What is sent."""
        return KINDS[lifecycle.Kind(self.kind)]

    @property
    def cause_words(self) -> str:
        """What it was opened for."""
        return CAUSES[Cause(self.cause)]

    @property
    def rank_words(self) -> str:
        """Which of its payers gets it."""
        return RANKS.get(self.rank, f"payer {self.rank}")

    @property
    def problem(self) -> str:
        """The first thing wrong with it, errors before warnings; empty when nothing is."""
        first = sorted(self.problems, key=lambda one: one.get("does") != "error")
        return str(first[0].get("words", "")) if first else ""

    @property
    def hold(self) -> str:
        """Why it is kept back."""
        return ", ".join(one.words for one in self.holds)

    @property
    def held_until(self) -> date | None:
        """The day the last of its holds ends."""
        return max((one.until for one in self.holds), default=None)

    def days_left(self, today: date) -> int | None:
        """Days to the last day to file; below zero when it has passed, None without a limit."""
        return (self.file_by - today).days if self.file_by else None


COLUMNS = [
    Column("file_by", "File by", Kind.DAY, "file_by", hint="The last day it may be filed"),
    Column("file_rule", "Rule", Kind.CODE),
    Column("kind", "Kind", value=lambda row: row.kind_words),
    Column("rank", "Goes to", value=lambda row: row.rank_words),
    Column("control", "Claim", Kind.CODE),
    Column("number", "Sent as", Kind.CODE),
    Column("patient", "Patient"),
    Column("service_from", "Service", Kind.DAY),
    Column("payer", "Payer"),
    Column("charge", "Charge", Kind.MONEY, "charge"),
    Column("expected", "Expected", Kind.MONEY, "expected", hint="What it may bring"),
    Column("cause", "Cause", value=lambda row: row.cause_words),
    Column("reason", "Why"),
    Column("state", "State", Kind.STATE),
    Column("problem", "Problem"),
    Column("errors", "Errors", Kind.COUNT),
    Column("flag", "Flag"),
    Column("hold", "Hold"),
    Column("held_until", "Held until", Kind.DAY),
    Column("owner", "Owner"),
    Column("opened_at", "Opened", Kind.INSTANT, "opened"),
    Column("sent_on", "Sent", Kind.DAY),
]
"""The columns of a file."""
GRID = [
    Column("file_by", "File by", Kind.DAY, "file_by", hint="The last day it may be filed; below, days left"),
    Column("patient", "Patient, claim"),
    Column("kind", "Kind, cause"),
    Column("payer", "Payer, service"),
    Column("charge", "Charge", Kind.MONEY, "charge"),
    Column("expected", "Expected", Kind.MONEY, "expected", hint="What it may bring", wide=False),
    Column("problem", "Problem or hold"),
    Column("state", "State", Kind.STATE),
    Column("owner", "Owner, age", sort="opened"),
]
"""The columns of the screen: two facts in a cell where they are read together."""
_SAME = (
    "id", "public_id", "entity_id", "claim_id", "patient_id", "rank", "kind", "form", "frequency", "charge",
    "expected", "cause", "reason", "state", "errors", "on_hold", "file_by", "file_rule", "owner_id",
    "opened_at", "changed_at", "sent_on", "version", "problems",
)  # fmt: skip


def rebills(w: Work, ask: Ask) -> Slice[RebillRow]:
    """Claims on their way by keyset, the nearest limit first; whose patients were shown is noted."""
    found = page(w.db, listed(w, ask), ask, sorts=SORTS, key=_rebill.c.id, row=_row)
    rows = _with_flags(w, with_holds(w, found.rows))
    seen(w, rows)
    return Slice(rows, found.next, found.previous)


def seen(w: Work, rows: Sequence[RebillRow]) -> None:
    """Note whose claims were looked at."""
    patients = [row.patient_id for row in rows]
    w.audit("rebill.list", "R", "rebill", patients=patients, detail={"rows": len(rows)})


def listed(w: Work, ask: Ask) -> Select[Any]:
    """The submissions a filter finds, in no order."""
    return _listed().where(*conditions(w, ask))


def _listed() -> Select[Any]:
    return (
        select(
            *(_rebill.c[name] for name in _SAME),
            _rebill.c.control.label("number"),
            _claim.c.public_id.label("claim"),
            _claim.c.control,
            _claim.c.service_from,
            _patient.c.last,
            _patient.c.first,
            _payer.c.name.label("payer"),
            _person.c.name.label("owner"),
        )
        .select_from(_rebill)
        .join(_claim, _claim.c.id == _rebill.c.claim_id)
        .outerjoin(_patient, _patient.c.id == _rebill.c.patient_id)
        .outerjoin(_payer, _payer.c.id == _rebill.c.payer_id)
        .outerjoin(_person, _person.c.id == _rebill.c.owner_id)
    )


def _row(row: Row[Any]) -> RebillRow:
    values = {name: getattr(row, name) for name in _SAME}
    values["problems"] = tuple(values["problems"] or ())
    return RebillRow(
        **values,
        claim=row.claim,
        control=row.control,
        number=row.number,
        service_from=row.service_from,
        patient=", ".join(filter(None, (row.last, row.first))),
        payer=row.payer or "",
        owner=row.owner or "",
    )


def _with_flags(w: Work, rows: Sequence[RebillRow]) -> list[RebillRow]:
    """The same rows with what happened to them after they left."""
    found: dict[int, str] = {}
    for chunk in in_chunks([row.id for row in rows], SQL_VARIABLES // 2):
        query = select(_item.c.subject_id, _item.c.kind).where(
            w.within(_item.c.entity_id), _item.c.queue == FLAG_QUEUE, _item.c.subject == "rebill",
            _item.c.subject_id.in_(chunk), _item.c.state == ItemState.OPEN.value,
        )  # fmt: skip
        for subject_id, kind in w.db.execute(query.order_by(_item.c.id)):
            found.setdefault(subject_id, FLAGS.get(kind, kind.replace("_", " ").capitalize()))
    return [replace(row, flag=found[row.id]) if row.id in found else row for row in rows]


def with_holds(w: Work, rows: Sequence[RebillRow]) -> list[RebillRow]:
    """The same rows with what keeps them back."""
    held: dict[int, list[Hold]] = {}
    for chunk in in_chunks([row.id for row in rows if row.on_hold], SQL_VARIABLES // 2):
        query = select(_hold).where(
            w.within(_hold.c.entity_id), _hold.c.rebill_id.in_(chunk), _hold.c.ended_at.is_(None)
        )
        for one in w.db.execute(query.order_by(_hold.c.until.desc(), _hold.c.id)):
            hold = Hold(one.public_id, one.reason, one.note, one.until, one.author)
            held.setdefault(one.rebill_id, []).append(hold)
    return [replace(row, holds=tuple(held[row.id])) if row.id in held else row for row in rows]


def row_of(w: Work, rebill_id: int) -> RebillRow:
    """One submission by its key, as the list shows it."""
    return with_holds(w, [_row(w.db.execute(_listed().where(_rebill.c.id == rebill_id)).one())])[0]


def these(w: Work, public_ids: Sequence[str]) -> list[RebillRow]:
    """Submissions that were selected one by one, the nearest limit first."""
    mine = _listed().where(
        w.within(_rebill.c.entity_id), among(w.db, _rebill.c.public_id, list(dict.fromkeys(public_ids)))
    )
    rows = [_row(one) for one in w.db.execute(mine.order_by(_rebill.c.file_by, _rebill.c.id))]
    rows = with_holds(w, rows)
    seen(w, rows)
    return rows


def find(w: Work, text: str) -> list[Hit]:
    """Submissions by the number they went out under."""
    text = text.strip().upper()
    if not {"*", "rebill.read"} & w.actor.permissions or len(text) < 2:
        return []
    begins = and_(_rebill.c.control >= text, _rebill.c.control < text + "\uffff")
    query = _listed().where(w.within(_rebill.c.entity_id), begins).order_by(_rebill.c.id.desc())
    rows = [_row(one) for one in w.db.execute(query.limit(FOUND_MOST))]
    return [
        Hit(
            "Rebill",
            row.number,
            " · ".join(filter(None, (row.patient, row.kind_words, row.payer, row.state))),
            "rebill.editor",
            {"public_id": row.public_id},
            row.patient_id,
        )
        for row in rows
    ]
