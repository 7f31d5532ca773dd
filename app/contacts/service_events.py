"""What happened to a hold, a dispute, a promise: rows that are added and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select

from app.contacts.models import AccountEvent
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.patients.models import Guarantor

_event, _account = table_of(AccountEvent), table_of(Guarantor)


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. subject: hold, dispute, promise, returned_mail, attempt; detail: ids and codes only."""

    entity_id: int
    account_id: int
    subject: str
    subject_id: int
    move: str
    before: str = ""
    after: str = ""
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def happened(w: Work, events: Sequence[Happened]) -> None:
    """Write events down, in one statement."""
    if not events:
        return
    rows = [
        dict(
            entity_id=one.entity_id, account_id=one.account_id, subject=one.subject,
            subject_id=one.subject_id, move=one.move, from_state=one.before, to_state=one.after,
            reason=one.reason[:200], detail=dict(one.detail), author=w.actor.name[:80], at=w.now,
        )
        for one in events
    ]  # fmt: skip
    w.db.execute(insert(_event), rows)


@dataclass(frozen=True, slots=True)
class Account:
    """Which account: the guarantor's key, public id, entity, state of their address, language."""

    id: int
    public_id: str
    entity_id: int
    state: str
    language: str


_NAMED = tuple(_account.c[name] for name in ("id", "public_id", "entity_id", "state", "language"))


def account(w: Work, account_id: int) -> Account:
    """One account by key; `NotFound` when it is not in scope."""
    row = w.db.execute(
        select(*_NAMED).where(w.within(_account.c.entity_id), _account.c.id == account_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such account.")
    return Account(*row)


def account_named(w: Work, account_public: str) -> Account:
    """One account by its public id."""
    row = w.db.execute(
        select(*_NAMED).where(w.within(_account.c.entity_id), _account.c.public_id == account_public)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such account.")
    return Account(*row)
