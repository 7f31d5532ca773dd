"""Reads of contacts: what was said about a piece of work, which promises are due, how payers keep their
word.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import func, select

from app.access.models import Person
from app.contacts.models import Contact as ContactRow
from app.contacts.models import PayerPromise
from app.contacts.rules import ContactKind, PromiseState
from app.kernel.crypto import keyring
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import SQL_VARIABLES
from app.kernel.money import Money
from app.kernel.work import Work
from app.payers.models import Payer

_contact, _promise = table_of(ContactRow), table_of(PayerPromise)
_payer, _person = table_of(Payer), table_of(Person)
SEALED = "contact.said"
DAYS_AHEAD = 7


@dataclass(frozen=True, slots=True)
class Contact:
    """A note or a call as people read it; `key` is for joining and stays inside. `struck`: taken back."""

    key: int
    public_id: str
    kind: str
    at: datetime
    who: str
    text: str
    representative: str
    reference: str
    outcome: str
    promised_on: date | None
    promised_amount: Money | None
    promise: str
    received: Money | None
    struck: bool


def about(w: Work, subject: str, subject_id: int) -> list[Contact]:
    """Every note and call about one piece of work, newest first. The caller's page audits the patient."""
    return about_many(w, subject, [subject_id]).get(subject_id, [])


def about_many(w: Work, subject: str, subject_ids: Sequence[int]) -> dict[int, list[Contact]]:
    """The same for many, by subject key."""
    found: dict[int, list[Contact]] = {}
    for chunk in in_chunks(sorted(set(subject_ids)), SQL_VARIABLES // 2):
        query = (
            select(_contact, _person.c.name.label("who"), _promise.c.promised_on, _promise.c.amount,
                   _promise.c.state.label("promise"), _promise.c.received)
            .outerjoin(_person, _person.c.id == _contact.c.author_id)
            .outerjoin(_promise, _promise.c.contact_id == _contact.c.id)
            .where(w.within(_contact.c.entity_id), _contact.c.subject == subject)
            .where(_contact.c.subject_id.in_(chunk))
            .order_by(_contact.c.id.desc())
        )  # fmt: skip
        rows = w.db.execute(query).all()
        struck = {row.strikes for row in rows if row.strikes}
        for row in rows:
            if row.kind != ContactKind.STRIKE.value:
                found.setdefault(row.subject_id, []).append(_told(row, row.id in struck))
    return found


def _told(row: object, struck: bool) -> Contact:
    get = row._mapping  # type: ignore[attr-defined]  # a row of the query above
    said = json.loads(keyring().open(get["said"], SEALED)) if get["said"] else {}
    return Contact(
        key=get["id"],
        public_id=get["public_id"],
        kind=get["kind"],
        at=get["at"],
        who=get["who"] or get["actor"],
        text=said.get("text", ""),
        representative=said.get("representative", ""),
        reference=get["reference"],
        outcome=get["outcome"],
        promised_on=get["promised_on"],
        promised_amount=get["amount"],
        promise=get["promise"] or "",
        received=get["received"],
        struck=struck,
    )


@dataclass(frozen=True, slots=True)
class PromiseDue:
    """A promise of a payer that is open; `subject_id` is for joining and stays inside."""

    public_id: str
    payer: str
    subject: str
    subject_id: int
    made_on: date
    promised_on: date
    amount: Money | None
    author: str


def promises_due(w: Work, person_id: int | None, on: date) -> list[PromiseDue]:
    """Open promises whose day is today or past, oldest first; of one person, or of everybody."""
    query = (
        select(_promise, _payer.c.name.label("payer"), _person.c.name.label("author"))
        .outerjoin(_payer, _payer.c.id == _promise.c.payer_id)
        .outerjoin(_person, _person.c.id == _promise.c.author_id)
        .where(w.within(_promise.c.entity_id), _promise.c.state == PromiseState.OPEN.value)
        .where(_promise.c.promised_on <= on)
        .order_by(_promise.c.promised_on, _promise.c.id)
    )
    if person_id is not None:
        query = query.where(_promise.c.author_id == person_id)
    return [
        PromiseDue(
            public_id=row.public_id,
            payer=row.payer or "Unknown payer",
            subject=row.subject,
            subject_id=row.subject_id,
            made_on=row.made_on,
            promised_on=row.promised_on,
            amount=row.amount,
            author=row.author or "",
        )
        for row in w.db.execute(query.limit(1_000))
    ]


@dataclass(frozen=True, slots=True)
class KeepRate:
    """How a payer keeps its word. `rate` is kept of ended promises, to four decimals; None without any."""

    payer: str
    payer_name: str
    open: int
    kept: int
    partial: int
    broken: int
    promised: Money
    received: Money

    @property
    def rate(self) -> Decimal | None:
        """Numerator `kept`, denominator every ended promise that was not withdrawn."""
        ended = self.kept + self.partial + self.broken
        if not ended:
            return None
        return (Decimal(self.kept) / ended).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def keep_rates(w: Work, payer_id: int | None = None) -> list[KeepRate]:
    """Promises kept by payer, by name; of one payer when given."""
    counted = [
        func.count().filter(_promise.c.state == one.value).label(one.value)
        for one in (PromiseState.OPEN, PromiseState.KEPT, PromiseState.PARTIAL, PromiseState.BROKEN)
    ]
    standing = _promise.c.state != PromiseState.WITHDRAWN.value
    query = (
        select(_payer.c.public_id, _payer.c.name, *counted, func.sum(_promise.c.amount).label("promised"),
               func.sum(_promise.c.received).label("received"))
        .join(_payer, _payer.c.id == _promise.c.payer_id)
        .where(w.within(_promise.c.entity_id), standing)
        .group_by(_payer.c.public_id, _payer.c.name)
        .order_by(_payer.c.name, _payer.c.public_id)
    )  # fmt: skip
    if payer_id is not None:
        query = query.where(_promise.c.payer_id == payer_id)
    return [
        KeepRate(
            payer=row.public_id,
            payer_name=row.name,
            open=row.open,
            kept=row.kept,
            partial=row.partial,
            broken=row.broken,
            promised=Money.of_sum(int(row.promised or 0)),
            received=Money.of_sum(int(row.received or 0)),
        )
        for row in w.db.execute(query)
    ]
