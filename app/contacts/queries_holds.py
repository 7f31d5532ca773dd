"""What holds accounts back, and what it stops."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select

from app.contacts.lifecycle import Act, HoldKind
from app.contacts.models import AccountEvent, AccountHold
from app.contacts.rules_holds import label, shipped
from app.contacts.rules_holds import stops as stops
from app.kernel.bulk import among
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.patients.models import Guarantor

_hold, _event, _account = table_of(AccountHold), table_of(AccountEvent), table_of(Guarantor)
SEALED = "account_hold.detail_sealed"


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in force. id, account_id and claim_id (None: the whole account) are for joining and stay inside.

    ends: the first day it no longer holds; lifts: a person, or the part of the product that alone ends it.
    """

    id: int
    public_id: str
    entity_id: int
    account_id: int
    claim_id: int | None
    kind: HoldKind
    label: str
    reason: str
    starts: date
    ends: date | None
    review_on: date | None
    author: str
    placed_at: datetime
    version: int
    lifts: str
    legal: bool

    @property
    def stops(self) -> frozenset[Act]:
        """The acts its kind stops as shipped; the guards ask the law of the entity."""
        return shipped()[self.kind].stops


def _of(row: Row[Any]) -> Hold:
    rule = shipped()[HoldKind(row.kind)]
    return Hold(
        row.id, row.public_id, row.entity_id, row.account_id, row.claim_id, rule.kind, rule.label, row.reason,
        row.starts, row.ends, row.review_on, row.author, row.placed_at, row.version, rule.lifts, rule.legal,
    )  # fmt: skip


def in_force(on: date) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a hold that holds on a day: not lifted, begun, its end not reached."""
    return (
        _hold.c.open.is_(True),
        _hold.c.starts <= on,
        or_(_hold.c.ends.is_(None), _hold.c.ends > on),
    )


def open_holds(w: Work, account_ids: Collection[int], on: date) -> dict[int, list[Hold]]:
    """What holds each account (or a visit of it) on a day, oldest first; those without one are left out."""
    query = select(_hold).where(
        w.within(_hold.c.entity_id), among(w.db, _hold.c.account_id, sorted(set(account_ids))), *in_force(on)
    )
    found: dict[int, list[Hold]] = {}
    for row in w.db.execute(query.order_by(_hold.c.id)):
        found.setdefault(row.account_id, []).append(_of(row))
    return found


def held_claims(w: Work, claim_ids: Collection[int], on: date) -> dict[int, list[Hold]]:
    """The holds of single visits, by claim."""
    query = select(_hold).where(
        w.within(_hold.c.entity_id), among(w.db, _hold.c.claim_id, sorted(set(claim_ids))), *in_force(on)
    )
    found: dict[int, list[Hold]] = {}
    for row in w.db.execute(query.order_by(_hold.c.id)):
        found.setdefault(row.claim_id, []).append(_of(row))
    return found


@dataclass(frozen=True, slots=True)
class HoldTold:
    """A hold as its page tells it, ended ones too. detail: what its kind asks for, by name."""

    hold: Hold
    open: bool
    detail: Mapping[str, str]
    lifted_at: datetime | None
    lifted_by: str
    lifted_why: str

    @property
    def state(self) -> str:
        """open or lifted."""
        return "open" if self.open else "lifted"


def of_account(w: Work, account_id: int) -> list[HoldTold]:
    """Every hold an account ever had, newest first. The caller audits who it tells about."""
    query = select(_hold).where(w.within(_hold.c.entity_id), _hold.c.account_id == account_id)
    return [_told(row) for row in w.db.execute(query.order_by(_hold.c.id.desc()))]


def told(w: Work, hold_public: str) -> HoldTold:
    """One hold with its sealed detail; `NotFound` for a foreign one."""
    query = select(_hold).where(w.within(_hold.c.entity_id), _hold.c.public_id == hold_public)
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such hold.")
    return _told(row)


def _told(row: Row[Any]) -> HoldTold:
    sealed = row.detail_sealed
    detail = json.loads(keyring().open(sealed, SEALED)) if sealed else {}
    return HoldTold(_of(row), row.open, detail, row.lifted_at, row.lifted_by, row.lifted_why)


__all__ = [
    "Hold",
    "HoldTold",
    "held_claims",
    "in_force",
    "label",
    "of_account",
    "open_holds",
    "stops",
    "told",
]
