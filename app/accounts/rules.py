"""Whose a patient balance is, and whether it may be billed: pure, from what stands about one visit.

Only group PR after review is in 1110 at all (R835-24, RPAT-01); here it waits until nobody else is to be
asked (RPAT-02).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.accounts.lifecycle import Blocks, OwedState, Waits
from app.contacts.lifecycle import HoldKind

APPEALS = frozenset({"appeal_draft", "appeal_review", "appeal_sent", "acknowledged", "next_level"})
REBILLS = frozenset({"rebill_prep", "rebilled"})
SETTLED = frozenset({"closed", "patient_resp", "expired"})
"""Denials that keep nobody waiting: closed, asked of the patient already, or too late to be fought."""

CROSSED, ANSWERED = "crossed_over", "answered"


class Facts(NamedTuple):
    """What decides about one visit. amount: cents in 1110. payers: (rank, state) of each payer of the claim.

    look: why the next payer is still looked at (`new`, `crossover`), empty when it is not. denials: states of
    its cases. rebills: ranks of the payers something is on its way to. never: the rule of never_bill.csv that
    forbids it, hold: the kind of a hold on this very visit; both empty when there is none.
    """

    amount: int
    payers: tuple[tuple[int, str], ...] = ()
    look: str = ""
    denials: frozenset[str] = frozenset()
    rebills: frozenset[int] = frozenset()
    parked: bool = False
    never: str = ""
    hold: str = ""


def decide(facts: Facts) -> tuple[OwedState, str]:
    """The state of a visit's patient balance and its reason: a `Waits`, or the kind of the hold.

    A credit keeps the reason its visit would wait for: what is not settled yet is no refund either.
    """
    if not facts.amount:
        return OwedState.CLEAR, Waits.NONE.value
    waits = waiting_for(facts)
    if facts.amount < 0:
        return OwedState.CREDIT, waits.value
    if waits is not Waits.NONE:
        return OwedState.WAITING, waits.value
    if facts.hold:
        return OwedState.HELD, facts.hold
    return OwedState.DUE, Waits.NONE.value


def waiting_for(facts: Facts) -> Waits:
    """Who has to answer before the patient; what may never be billed comes first, since nothing ends it."""
    open_denials = facts.denials - SETTLED
    open_payers = [(rank, state) for rank, state in facts.payers if state != ANSWERED]
    found = (
        (facts.amount > 0 and facts.never, Waits.NEVER_BILL),
        (any(rank == 1 for rank, _ in open_payers), Waits.PAYER_PENDING),
        (facts.look == "crossover" or any(state == CROSSED for _, state in open_payers), Waits.CROSSOVER),
        (open_payers or facts.look or any(rank > 1 for rank in facts.rebills), Waits.NEXT_PAYER),
        (open_denials & APPEALS, Waits.APPEAL_OPEN),
        (facts.rebills or open_denials & REBILLS, Waits.REBILL_OPEN),
        (open_denials, Waits.DENIAL_OPEN),
        (facts.parked, Waits.PARKED_REMIT),
    )
    return next((why for applies, why in found if applies), Waits.NONE)


def due_since(state: str, before: tuple[str, date | None] | None, today: date) -> date | None:
    """The first day a visit was due without a break: kept while it stays due, today when it comes due anew.

    before: its state and day as they stood; None when it is new.
    """
    if state != OwedState.DUE:
        return None
    if before is not None and before[0] == OwedState.DUE and before[1] is not None:
        return before[1]
    return today


# ---------------------------------------------------------------- an account at a glance

BLOCK_OF = {
    HoldKind.DISPUTE: Blocks.DISPUTE,
    HoldKind.ASSISTANCE: Blocks.ASSISTANCE,
    HoldKind.BANKRUPTCY: Blocks.BANKRUPTCY,
    HoldKind.DECEASED: Blocks.DECEASED,
    HoldKind.ATTORNEY: Blocks.ATTORNEY,
    HoldKind.CEASE: Blocks.CEASE,
    HoldKind.RETURNED_MAIL: Blocks.RETURNED_MAIL,
    HoldKind.MAIL_PAUSED: Blocks.RETURNED_MAIL,
    HoldKind.NO_GUARANTOR: Blocks.NO_GUARANTOR,
    HoldKind.ESTIMATE_DISPUTE: Blocks.ESTIMATE_DISPUTE,
}


def blocks_of(holds: Collection[str], *, promise: bool, plan: bool, pending: bool) -> Blocks:
    """What stands in the way of the account as a whole, as bits.

    holds: kinds of its open holds, those of single visits left out.
    """
    found = Blocks.NONE
    for kind in holds:
        found |= BLOCK_OF.get(HoldKind(kind), Blocks.OTHER_HOLD)
    for stands, bit in ((promise, Blocks.PROMISE), (plan, Blocks.PLAN), (pending, Blocks.PENDING_PAYMENT)):
        found |= bit if stands else Blocks.NONE
    return found


class Item(NamedTuple):
    """A visit as it counts for its account."""

    amount: int
    state: str
    since: date | None


@dataclass(frozen=True, slots=True)
class Sums:
    """What the visits of an account come to; credit is positive."""

    due: int = 0
    waiting: int = 0
    held: int = 0
    credit: int = 0
    visits: int = 0
    oldest_since: date | None = None
    latest_since: date | None = None


def sums_of(items: Collection[Item]) -> Sums:
    """An account's visits added up; those at zero do not count."""
    by: dict[str, int] = {}
    for one in items:
        by[one.state] = by.get(one.state, 0) + one.amount
    days = [one.since for one in items if one.state == OwedState.DUE and one.since is not None]
    return Sums(
        due=by.get(OwedState.DUE, 0),
        waiting=by.get(OwedState.WAITING, 0),
        held=by.get(OwedState.HELD, 0),
        credit=-by.get(OwedState.CREDIT, 0),
        visits=sum(one.state != OwedState.CLEAR for one in items),
        oldest_since=min(days, default=None),
        latest_since=max(days, default=None),
    )


BUCKETS = (("current", 0, 30), ("31-60", 31, 60), ("61-90", 61, 90), ("91-120", 91, 120), ("120+", 121, None))
"""Ageing buckets in days (RPAT-10), inclusive at both ends."""


def bucket_of(since: date | None, today: date) -> str:
    """The ageing bucket of what is due since a day; what is not due yet is current."""
    days = (today - since).days if since else 0
    return next(name for name, _, to in BUCKETS if to is None or days <= to)
