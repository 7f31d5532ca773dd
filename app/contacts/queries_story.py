"""What happened with an account: attempts, promises, disputes, and what the guards refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Select, func, select

from app.contacts.lifecycle import Act, PatientPromiseState
from app.contacts.models import Attempt, Dispute, PatientPromise, Refusal
from app.contacts.rules_attempts import results
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import ContactPoint, Guarantor

_attempt, _promise, _dispute = table_of(Attempt), table_of(PatientPromise), table_of(Dispute)
_refusal, _account, _point = table_of(Refusal), table_of(Guarantor), table_of(ContactPoint)


@dataclass(frozen=True, slots=True)
class AttemptTold:
    """An attempt as people read it; consented: why a limit of frequency was passed over;
    because: the code of why a hold was.
    """

    public_id: str
    at: datetime
    reach: str
    direction: str
    shown: str
    right_party: bool
    spoke: bool
    result: str
    label: str
    why: str
    note: str
    consented: str
    because: str
    next_on: date | None
    who: str


def attempts(w: Work, account_id: int) -> list[AttemptTold]:
    """Every attempt on an account, newest first. The caller audits whom it tells about."""
    query = (
        select(_attempt, _point.c.shown)
        .outerjoin(_point, _point.c.id == _attempt.c.contact_point_id)
        .where(w.within(_attempt.c.entity_id), _attempt.c.account_id == account_id)
        .order_by(_attempt.c.at.desc(), _attempt.c.id.desc())
    )
    labels, ring, found = {one.code: one.label for one in results()}, keyring(), []
    for row in w.db.execute(query):
        said = json.loads(ring.open(row.said, "attempt.said")) if row.said else {}
        found.append(
            AttemptTold(
                row.public_id, row.at, row.reach, row.direction, row.shown or "", row.right_party, row.spoke,
                row.result, labels.get(row.result, row.result), row.why, said.get("text", ""),
                said.get("consented", ""), said.get("because", ""), row.next_on, row.actor,
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class PromiseTold:
    """A promise of a guarantor; nth: how many in a row; received: what came for it."""

    public_id: str
    made_at: datetime
    promised_on: date
    grace_until: date
    amount: Money
    received: Money
    state: str
    nth: int
    judged_on: date | None
    author: str
    version: int


_PROMISED = ("public_id", "made_at", "promised_on", "grace_until", "amount", "received", "state", "nth",
             "judged_on", "author", "version")  # fmt: skip


def promises(w: Work, account_id: int) -> list[PromiseTold]:
    """Every promise of an account, newest first."""
    query = select(*(_promise.c[name] for name in _PROMISED)).where(
        w.within(_promise.c.entity_id), _promise.c.account_id == account_id
    )
    return [PromiseTold(*row) for row in w.db.execute(query.order_by(_promise.c.id.desc()))]


@dataclass(frozen=True, slots=True)
class Keeps:
    """How a guarantor keeps their word: promises ended, kept, and the part kept to four decimals (I7)."""

    ended: int
    kept: int

    @property
    def rate(self) -> Decimal | None:
        """Kept of ended, None before the first one ended; withdrawn ones count for nothing."""
        if not self.ended:
            return None
        return (Decimal(self.kept) / self.ended).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def keeps(w: Work, account_id: int) -> Keeps:
    """The keep rate of one guarantor."""
    state = PatientPromiseState
    query = select(_promise.c.state, func.count()).where(
        w.within(_promise.c.entity_id), _promise.c.account_id == account_id,
        _promise.c.state.not_in((state.OPEN.value, state.WITHDRAWN.value)),
    )  # fmt: skip
    counted = {row[0]: int(row[1]) for row in w.db.execute(query.group_by(_promise.c.state))}
    return Keeps(sum(counted.values()), counted.get(state.KEPT.value, 0))


@dataclass(frozen=True, slots=True)
class DisputeTold:
    """A dispute as people read it; claim_id (None: the whole account) is for joining and stays inside."""

    public_id: str
    claim_id: int | None
    state: str
    amount: Money | None
    said: str
    opened_on: date
    acknowledge_by: date
    resolve_by: date
    outcome: str
    author: str
    version: int


def disputes(w: Work, account_id: int) -> list[DisputeTold]:
    """Every dispute of an account, newest first."""
    query = select(_dispute).where(w.within(_dispute.c.entity_id), _dispute.c.account_id == account_id)
    return [_disputed(row) for row in w.db.execute(query.order_by(_dispute.c.id.desc()))]


def dispute(w: Work, dispute_public: str) -> DisputeTold:
    """One dispute; `NotFound` for a foreign one."""
    query = select(_dispute).where(w.within(_dispute.c.entity_id), _dispute.c.public_id == dispute_public)
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such dispute.")
    return _disputed(row)


def _disputed(row: Any) -> DisputeTold:
    said = json.loads(keyring().open(row.said, "dispute.said")).get("said", "") if row.said else ""
    return DisputeTold(
        row.public_id, row.claim_id, row.state, row.amount, said, row.opened_on, row.acknowledge_by,
        row.resolve_by, row.outcome, row.author, row.version,
    )  # fmt: skip


# ---------------------------------------------------------------- what the guards refused


@dataclass(frozen=True, slots=True)
class RefusalTold:
    """An act a guard refused; account is the public id of whom it was about, also: further rules."""

    at: datetime
    account: str
    number: str
    act: str
    rule: str
    also: str
    until: datetime | None
    door: str
    actor: str


SORTS = {"at": Sort(_refusal.c.id, descending=True)}
FILTERS = ("entity", "act", "rule", "door", "account", "since", "until")
COLUMNS = (
    Column("at", "When", Kind.INSTANT, sort="at"),
    Column("number", "Account", Kind.CODE),
    Column("act", "Act", Kind.STATE),
    Column("rule", "Rule", Kind.CODE),
    Column("also", "Also", wide=False),
    Column("until", "Until", Kind.INSTANT),
    Column("door", "Door", Kind.STATE),
    Column("actor", "By"),
)


def refusals(w: Work, ask: Ask, *, entity_id: int | None = None, account_id: int | None = None) -> Slice[Any]:
    """A page of refusals, newest first; filters act, rule (its beginning is enough) and door."""
    query = _refused(w, ask.filters)
    if entity_id is not None:
        query = query.where(_refusal.c.entity_id == entity_id)
    if account_id is not None:
        query = query.where(_refusal.c.account_id == account_id)
    return page(w.db, query, ask, sorts=SORTS, key=_refusal.c.id, row=_refusal_told)


def _refused(w: Work, wanted: Mapping[str, str]) -> Select[Any]:
    query = (
        select(_refusal, _account.c.public_id, _account.c.number)
        .join(_account, _account.c.id == _refusal.c.account_id)
        .where(w.within(_refusal.c.entity_id))
    )
    if wanted.get("act") in {one.value for one in Act}:
        query = query.where(_refusal.c.act == wanted["act"])
    if wanted.get("rule"):
        query = query.where(_refusal.c.rule.startswith(wanted["rule"][:40], autoescape=True))
    if wanted.get("door"):
        query = query.where(_refusal.c.door == wanted["door"])
    if wanted.get("account"):
        query = query.where(_account.c.public_id == wanted["account"])
    return query


def _refusal_told(row: Any) -> RefusalTold:
    also = ", ".join(row.detail.get("also", ()))
    return RefusalTold(row.at, row.public_id, row.number, row.act, row.rule, also, row.until, row.door,
                       row.actor)  # fmt: skip
