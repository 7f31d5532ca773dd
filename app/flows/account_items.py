"""What people have to do about accounts (queue `accounts`): opened by the day, closed when it is settled.

An item is one account and one kind. Somebody who finished it is not asked again for the same fact (its
`source`); a new fact of the same kind, or one that came back after it was settled, opens it anew.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, func, or_, select, type_coerce

from app.accounts.lifecycle import Waits
from app.accounts.models import Owed, Standing
from app.contacts import service_law
from app.contacts.lifecycle import DISPUTE_ENDED, DisputeState, HoldKind
from app.contacts.models import AccountHold, Dispute, PatientPromise
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.payments.models import PaymentApplication
from app.placements import queries as placements
from app.plans.lifecycle import RUNNING
from app.plans.models import Instalment, Plan
from app.worklist import service as worklist
from app.worklist.models import ItemState, WorklistItem
from app.worklist.service import NewItem

_hold, _dispute, _promise = table_of(AccountHold), table_of(Dispute), table_of(PatientPromise)
_line = table_of(Instalment)
_plan, _standing, _guarantor = table_of(Plan), table_of(Standing), table_of(Guarantor)
_item, _owed, _applied = table_of(WorklistItem), table_of(Owed), table_of(PaymentApplication)
QUEUE, SUBJECT = "accounts", "account"
SETTLED = "settled"
MOST_MISSED = 100
SOON = timedelta(3)
"""A dispute is brought up so long before its day."""
BROKEN, DEFAULTED, NOBODY = "broken_promise", "plan_default", "no_guarantor"
DISPUTE, REVIEW, CREDIT, AGENCY = "dispute_due", "hold_review", "credit_balance", "agency_ready"
PROTECTED, MISSED, ANNOUNCE = "protected_paid", "plan_missed", "autopay_notice"
KINDS = (BROKEN, DEFAULTED, NOBODY, DISPUTE, REVIEW, CREDIT, AGENCY, PROTECTED, MISSED, ANNOUNCE)
"""Bad addresses are asked for by the returned mail itself (contacts.service_returned)."""


class Wanted(NamedTuple):
    """Something to do about an account. source: the key of the fact; amount in cents."""

    account_id: int
    source: int
    amount: int
    due: date | None


def every_day(w: Work, entity_id: int, day: date) -> None:
    """Bring the queue up to date; a fixed number of statements per 2,000 accounts and kind."""
    found: dict[str, list[Wanted]] = {
        BROKEN: _broken(w, entity_id),
        DEFAULTED: _defaulted(w, entity_id),
        **_held(w, entity_id, day),
        DISPUTE: _disputes(w, entity_id, day),
        CREDIT: _credits(w, entity_id),
        AGENCY: _agency(w, entity_id, day),
        PROTECTED: _protected(w, entity_id),
        MISSED: _missed(w, entity_id),
        ANNOUNCE: _announced(w, entity_id, day),
    }
    for kind in KINDS:
        _settle(w, entity_id, kind, found.get(kind, []))


def _settle(w: Work, entity_id: int, kind: str, wanted: Sequence[Wanted]) -> None:
    query = select(_item.c.subject_id, _item.c.state, _item.c.outcome, _item.c.source).where(
        w.within(_item.c.entity_id), _item.c.entity_id == entity_id, _item.c.queue == QUEUE,
        _item.c.kind == kind, _item.c.subject == SUBJECT,
    )  # fmt: skip
    known = {row.subject_id: row for row in w.db.execute(query)}
    by_account = {one.account_id: one for one in wanted}
    fresh = [one for key, one in sorted(by_account.items()) if _new(known.get(key), one)]
    over = [key for key, row in known.items() if row.state == ItemState.OPEN and key not in by_account]
    _close(w, entity_id, kind, over)
    for chunk in in_chunks(fresh, BATCH_CLAIMS):
        names = _names(w, [one.account_id for one in chunk])
        worklist.reopen_many(w, [_asked(entity_id, kind, one, names) for one in chunk])


def _new(row: Any, one: Wanted) -> bool:
    if row is None:
        return True
    return row.state != ItemState.OPEN and (row.outcome == SETTLED or row.source != one.source)


def _asked(entity_id: int, kind: str, one: Wanted, names: dict[int, str]) -> NewItem:
    return NewItem(
        entity_id=entity_id, queue=QUEUE, kind=kind, subject=SUBJECT, subject_id=one.account_id,
        reason=f"account.{kind}", amount=max(0, one.amount), due=one.due, source=one.source,
        detail={"account": names.get(one.account_id, "")},
    )  # fmt: skip


def _names(w: Work, ids: Sequence[int]) -> dict[int, str]:
    mine = (among(w.db, _guarantor.c.id, list(ids)), w.within(_guarantor.c.entity_id))
    rows = w.db.execute(select(_guarantor.c.id, _guarantor.c.public_id).where(*mine))
    return {row.id: row.public_id for row in rows}


def _close(w: Work, entity_id: int, kind: str, ids: Iterable[int]) -> None:
    """Of this kind only: other work about the same accounts stays."""
    for chunk in in_chunks(sorted(ids), BATCH_CLAIMS):
        worklist.close_kind(w, entity_id, (QUEUE, kind, SUBJECT), chunk, SETTLED)


# ---------------------------------------------------------------- what asks for a person


def _broken(w: Work, entity_id: int) -> list[Wanted]:
    """The last promise of an account was not kept, and something is still due."""
    last = select(func.max(_promise.c.id)).where(_promise.c.entity_id == entity_id)
    query = (
        select(_promise.c.account_id, _promise.c.id, _promise.c.amount, _promise.c.received)
        .join(_standing, _standing.c.account_id == _promise.c.account_id)
        .where(w.within(_promise.c.entity_id), _promise.c.id.in_(last.group_by(_promise.c.account_id)),
               _promise.c.state.in_(("broken", "partial", "nsf")), _standing.c.due > 0)
    )  # fmt: skip
    rows = w.db.execute(query)
    return [Wanted(row.account_id, row.id, int(row.amount) - int(row.received), None) for row in rows]


def _defaulted(w: Work, entity_id: int) -> list[Wanted]:
    query = (
        select(_plan.c.account_id, _plan.c.id, _standing.c.due)
        .join(_standing, _standing.c.account_id == _plan.c.account_id)
        .where(w.within(_plan.c.entity_id), _plan.c.entity_id == entity_id, _plan.c.state == "defaulted")
    )
    return [Wanted(row.account_id, row.id, int(row.due), None) for row in w.db.execute(query)]


def _missed(w: Work, entity_id: int) -> list[Wanted]:
    """A plan is late: its grace is over, and somebody reminds the guarantor (section 9)."""
    query = select(_plan.c.account_id, _plan.c.id, _plan.c.instalment, _plan.c.missed).where(
        w.within(_plan.c.entity_id), _plan.c.entity_id == entity_id, _plan.c.state == "late"
    )
    # One more missed instalment is a new fact: who was reminded of one is reminded of the next.
    return [
        Wanted(
            row.account_id, row.id * MOST_MISSED + min(row.missed, MOST_MISSED - 1), int(row.instalment), None
        )
        for row in w.db.execute(query)
    ]


def _announced(w: Work, entity_id: int, day: date) -> list[Wanted]:
    """An instalment will be charged to a card so soon that the guarantor is told of it now."""
    until = day + timedelta(service_law.law(w, entity_id, day).number("autopay_notice_days"))
    query = (
        select(_plan.c.account_id, _line.c.id, _line.c.amount, _line.c.paid, _line.c.due_on)
        .join(_plan, _plan.c.id == _line.c.plan_id)
        .where(
            w.within(_plan.c.entity_id), _plan.c.entity_id == entity_id, _plan.c.token_id.is_not(None),
            _plan.c.state.in_([one.value for one in RUNNING]), _line.c.schedule_no == _plan.c.schedule_no,
            _line.c.due_on > day, _line.c.due_on <= until, _line.c.paid < _line.c.amount,
        )
    )  # fmt: skip
    return [Wanted(row.account_id, row.id, int(row.amount) - int(row.paid), row.due_on)
            for row in w.db.execute(query)]  # fmt: skip


HELD = {HoldKind.NO_GUARANTOR.value: NOBODY}


def _held(w: Work, entity_id: int, day: date) -> dict[str, list[Wanted]]:
    """Holds that a person has to do something about, and those whose review has come."""
    query = (
        select(_hold.c.account_id, _hold.c.id, _hold.c.kind, _hold.c.review_on, _standing.c.due)
        .outerjoin(_standing, _standing.c.account_id == _hold.c.account_id)
        .where(
            w.within(_hold.c.entity_id), _hold.c.entity_id == entity_id, _hold.c.open.is_(True),
            or_(_hold.c.kind.in_(list(HELD)), _hold.c.review_on <= day),
        )
    )  # fmt: skip
    found: dict[str, list[Wanted]] = {NOBODY: [], REVIEW: []}
    for row in w.db.execute(query.order_by(_hold.c.id)):
        one = Wanted(row.account_id, row.id, int(row.due or 0), row.review_on)
        if row.kind in HELD:
            found[HELD[row.kind]].append(one)
        if row.review_on is not None and row.review_on <= day:
            found[REVIEW].append(one)
    return found


def _disputes(w: Work, entity_id: int, day: date) -> list[Wanted]:
    """Disputes to be acknowledged or resolved within three days; the nearer day counts."""
    ended = [one.value for one in DISPUTE_ENDED]
    query = select(_dispute.c.account_id, _dispute.c.id, _dispute.c.amount, _dispute.c.state,
                   _dispute.c.acknowledge_by, _dispute.c.resolve_by).where(
        w.within(_dispute.c.entity_id), _dispute.c.entity_id == entity_id, _dispute.c.state.not_in(ended)
    )  # fmt: skip
    found = []
    for row in w.db.execute(query.order_by(_dispute.c.id)):
        until = row.acknowledge_by if row.state == DisputeState.OPENED else row.resolve_by
        if until <= day + SOON:
            found.append(Wanted(row.account_id, row.id, int(row.amount or 0), until))
    return found


def _credits(w: Work, entity_id: int) -> list[Wanted]:
    query = select(_standing.c.account_id, _standing.c.credit).where(
        w.within(_standing.c.entity_id), _standing.c.entity_id == entity_id, _standing.c.credit > 0
    )
    return [Wanted(row.account_id, 0, int(row.credit), None) for row in w.db.execute(query)]


def _protected(w: Work, entity_id: int) -> list[Wanted]:
    """What was taken of people who never owe it: with the hold of a QMB, or a visit that may never be billed.

    It is theirs and goes back to them (patient-collections section 2).
    """
    held = select(_hold.c.account_id).where(
        _hold.c.entity_id == entity_id, w.within(_hold.c.entity_id), _hold.c.open.is_(True),
        _hold.c.kind == HoldKind.QMB.value,
        or_(_hold.c.claim_id.is_(None), _hold.c.claim_id == _owed.c.claim_id),
    )  # fmt: skip
    came = func.sum(type_coerce(_applied.c.amount, BigInteger))
    query = (
        select(_owed.c.account_id, came.label("cents"), func.max(_applied.c.id).label("last"))
        .join(_applied, _applied.c.claim_id == _owed.c.claim_id)
        .where(
            _owed.c.entity_id == entity_id, w.within(_owed.c.entity_id),
            or_(_owed.c.reason == Waits.NEVER_BILL.value, _owed.c.account_id.in_(held)),
        )
        .group_by(_owed.c.account_id)
        .having(came > 0)
    )  # fmt: skip
    rows = w.db.execute(query)
    return [
        Wanted(row.account_id, row.last, int(row.cents), None) for row in rows if row.account_id is not None
    ]


def _agency(w: Work, entity_id: int, day: date) -> list[Wanted]:
    """Accounts an agency could have: every light of the scrub is green."""
    ready = placements.ready(w, entity_id, day)
    return [Wanted(account_id, 0, cents, None) for account_id, cents in ready]
