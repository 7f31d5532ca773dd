"""Returned mail: the list somebody works down, and one piece with what was done about it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select

from app.contacts.lifecycle import RETURNED, ReturnMove, ReturnState
from app.contacts.models import AccountEvent, ReturnedMail
from app.contacts.rules_returned import OPEN, SOURCES, STATE_WORDS, codes
from app.entities.models import Entity
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients import queries_guarantors
from app.patients.models import Guarantor
from app.patients.rules_people import Home, home_of

_mail, _event = table_of(ReturnedMail), table_of(AccountEvent)
_guarantor, _entity = table_of(Guarantor), table_of(Entity)
SUBJECT, SEALED = "returned_mail", "returned_mail.candidate"
SORTS = {
    "returned": Sort(_mail.c.returned_on, descending=True),
    "recorded": Sort(_mail.c.id, descending=True),
    "name": Sort(_guarantor.c.last),
}
FILTERS = ("state", "code", "entity")
TO_DO = "open"
COLUMNS = [
    Column("returned_on", "Came back", Kind.DAY),
    Column("number", "Account", Kind.CODE),
    Column("name", "Guarantor"),
    Column("code", "Code", Kind.CODE),
    Column("meaning", "Reason"),
    Column("state_words", "State"),
    Column("searched", "Sources asked", Kind.COUNT),
    Column("entity", "Entity"),
]
MEANINGS = {one.code: one.meaning for one in codes()}


@dataclass(frozen=True, slots=True)
class MailRow:
    """A piece of returned mail; `id`, `account_id` and `entity_id` stay inside."""

    id: int
    public_id: str
    entity_id: int
    entity: str
    time_zone: str
    account_id: int
    account: str
    number: str
    name: str
    code: str
    returned_on: date
    state: str
    searched: int
    candidate: Home | None
    candidate_source: str
    document_id: int | None
    address_id: int | None
    author: str
    version: int

    @property
    def meaning(self) -> str:
        """The reason in words."""
        return MEANINGS.get(self.code, self.code)

    @property
    def state_words(self) -> str:
        """Where it stands, in words."""
        return STATE_WORDS[ReturnState(self.state)]

    @property
    def moves(self) -> list[str]:
        """What can be done now."""
        found = [one.value for one in RETURNED.moves(ReturnState(self.state))]
        if self.state == ReturnState.SEARCHING.value:
            found.insert(0, ReturnMove.SEARCH.value)
        return [one for one in found if one not in (ReturnMove.GIVE_UP.value, ReturnMove.STOP.value)]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done about it."""

    at: datetime
    move: str
    who: str
    reason: str
    source: str


def _listed(w: Work) -> Select[Any]:
    joined = _mail.join(_guarantor, _guarantor.c.id == _mail.c.account_id).join(
        _entity, _entity.c.id == _mail.c.entity_id
    )
    columns = (
        _guarantor.c.public_id.label("account"), _guarantor.c.number, _guarantor.c.last, _guarantor.c.first,
        _entity.c.name.label("entity"), _entity.c.time_zone,
    )  # fmt: skip
    return select(*_mail.c, *columns).select_from(joined).where(w.within(_mail.c.entity_id))


def _row(row: Row[Any]) -> MailRow:
    kept = row.candidate_sealed
    return MailRow(
        row.id, row.public_id, row.entity_id, row.entity, row.time_zone, row.account_id, row.account,
        row.number, ", ".join(part for part in (row.last, row.first) if part), row.code, row.returned_on,
        row.state, row.searched, home_of(keyring().open(bytes(kept), SEALED)) if kept else None,
        SOURCES.get(row.candidate_source, row.candidate_source), row.document_id, row.address_id, row.author,
        row.version,
    )  # fmt: skip


def returned(w: Work, ask: Ask) -> Slice[MailRow]:
    """Pieces of returned mail, the newest first; state `open`: all that wait for somebody."""
    query = _listed(w)
    if ask.get("state") == TO_DO:
        query = query.where(_mail.c.state.in_(sorted(one.value for one in OPEN)))
    elif ask.get("state"):
        query = query.where(_mail.c.state == ask.get("state"))
    if ask.get("code"):
        query = query.where(_mail.c.code == ask.get("code").upper())
    if ask.get("entity"):
        query = query.where(_entity.c.public_id == ask.get("entity"))
    found = page(w.db, query, ask, sorts=SORTS, key=_mail.c.id, row=_row)
    _noted(w, "returned.list", [row.account_id for row in found.rows])
    return found


def one(w: Work, public_id: str) -> MailRow:
    """One piece; `NotFound` for a foreign one."""
    row = w.db.execute(_listed(w).where(_mail.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such piece of mail.")
    made = _row(row)
    _noted(w, "returned.one", [made.account_id])
    return made


def steps(w: Work, mail_id: int) -> list[Step]:
    """What was done about a piece, the newest first."""
    query = select(_event).where(
        w.within(_event.c.entity_id), _event.c.subject == SUBJECT, _event.c.subject_id == mail_id
    )
    return [
        Step(row.at, row.move, row.author, row.reason, SOURCES.get(row.detail.get("source", ""), ""))
        for row in w.db.execute(query.order_by(_event.c.id.desc()))
    ]


def _noted(w: Work, kind: str, account_ids: list[int]) -> None:
    of = queries_guarantors.patients_of(w, account_ids)
    seen = [one.patient_id for each in of.values() for one in each]
    w.audit(kind, "R", "returned_mail", patients=seen, detail={"rows": len(account_ids)})
