"""What follows when a patient pays, and when a payment comes back: told to everybody it concerns.

Every door that moves a patient's money goes through here: the verb, then each consequence for the accounts it
touched, in one transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from app.accounts import service as accounts
from app.accounts import service_calls
from app.contacts import service_law
from app.contacts import service_promises as promises
from app.entities import queries as entities
from app.kernel.work import Work
from app.payments import queries, service, service_apply, service_reverse
from app.payments.lifecycle import Mode
from app.payments.rules_apply import Named, Parts
from app.payments.service import Taken, Taking
from app.payments.service_reverse import Return, Reversed
from app.plans import queries as plan_queries
from app.plans import service_daily as plans
from app.statements import service_dunning as dunning
from app.statements.queries_latest import latest_items

Consequence = Callable[[Work, int, Sequence[int]], None]


def _tell_accounts(w: Work, entity_id: int, account_ids: Sequence[int]) -> None:
    """What each account has paid, has unapplied and has under way; then it is decided about anew."""
    waiting, pending = queries.unapplied(w, account_ids), queries.pending(w, account_ids)
    last = queries.last_paid(w, account_ids)
    facts = {
        key: dict(
            unapplied=int(waiting.get(key, 0)), pending=int(pending.get(key, 0)),
            paid_on=last[key][0] if key in last else None, paid=last[key][1] if key in last else 0,
        )
        for key in account_ids
    }  # fmt: skip
    accounts.note_many(w, entity_id, facts)
    accounts.refresh(w, entity_id, account_ids)


def _judge_plans(w: Work, entity_id: int, account_ids: Sequence[int]) -> None:
    """Plans are worked out anew from what came: instalments paid, cured, completed, or open again."""
    plans.paid(w, entity_id, account_ids, w.today(entities.get(w, entity_id).time_zone))


def _judge_promises(w: Work, entity_id: int, account_ids: Sequence[int]) -> None:
    """Promises are judged by what came; a payment that bounced reopens the judgement."""
    day = w.today(entities.get(w, entity_id).time_zone)
    since = promises.open_to_judgement(w, account_ids, day)
    if since:
        came = queries.received(w, list(since), min(since.values()))
        promises.judge_accounts(w, entity_id, came, day, since=since)


def _move_stages(w: Work, entity_id: int, account_ids: Sequence[int]) -> None:
    """Dunning: an account that owes nothing is cleared, a good part paid pauses one step (section 4)."""
    day = w.today(entities.get(w, entity_id).time_zone)
    dunning.move_due(w, entity_id, day, account_ids)


def _rank_calls(w: Work, entity_id: int, account_ids: Sequence[int]) -> None:
    """Who paid leaves the call list at once, or stands elsewhere in it."""
    service_calls.rank_some(w, entity_id, account_ids)


AFTER_PAYMENT: tuple[Consequence, ...] = (
    _judge_promises, _tell_accounts, _judge_plans, _move_stages, _rank_calls,
)  # fmt: skip
"""In this order, for the accounts a payment or its return touched."""


def follow(w: Work, entity_id: int, account_ids: Iterable[int | None]) -> None:
    """Tell everybody about accounts whose money moved."""
    known = sorted({one for one in account_ids if one is not None})
    for consequence in AFTER_PAYMENT if known else ():
        consequence(w, entity_id, known)


def take(w: Work, given: Taking) -> Taken:
    """Take a payment and tell; the same key again tells nobody twice.

    Unless the patient names visits, those of their running plan come first, then those of the latest
    statement (section 8).
    """
    taken = service.take(w, with_items(w, given))
    if not taken.again:
        follow(w, given.entity_id, [given.account_id])
    return taken


def with_items(w: Work, given: Taking) -> Taking:
    """The payment with the visits that come first: of the running plan, else of the latest statement.

    Somebody's own choice wins; where there is neither, the house's row says how a payment is spread.
    """
    if given.account_id is None or given.designated or given.plan_items or given.statement_items:
        return given
    if given.mode in (None, Mode.PLAN) and (found := plan_queries.items(w, given.account_id)):
        return replace(given, plan_items=found)
    if given.mode in (None, Mode.STATEMENT) and (found := latest_items(w, given.account_id)):
        return replace(given, statement_items=found)
    if given.mode is None:
        day = given.received_on or w.today(entities.get(w, given.entity_id).time_zone)
        order = service_law.law(w, given.entity_id, day).text("payment_order")
        return replace(given, mode=Mode.PROPORTIONAL) if order == Mode.PROPORTIONAL else given
    return given


def apply(
    w: Work, public: str, *, mode: Mode | None, designated: Sequence[Named] = (), version: int
) -> Parts:
    """Put unapplied money of a payment on visits, and tell."""
    parts = service_apply.apply(w, public, mode=mode, designated=designated, version=version)
    _tell_of(w, public)
    return parts


def apply_rest(w: Work, entity_id: int, account_id: int) -> Parts:
    """Put all unapplied money of an account on its visits, and tell."""
    parts = service_apply.apply_rest(w, account_id)
    follow(w, entity_id, [account_id])
    return parts


def take_off(
    w: Work, public: str, *, reason: str, version: int, visits: Sequence[int] | None = None
) -> Parts:
    """Take a payment off its visits, and tell."""
    parts = service_apply.take_off(w, public, reason=reason, version=version, visits=visits)
    _tell_of(w, public)
    return parts


def identify(w: Work, public: str, account_id: int, *, version: int) -> Parts:
    """Say whose a receipt is, and tell."""
    parts = service_apply.identify(w, public, account_id, version=version)
    _tell_of(w, public)
    return parts


def clear_review(w: Work, public: str, *, reason: str, version: int) -> Parts:
    """A person looked at a payment that waited: it may pay, and whoever it concerns is told."""
    parts = service_apply.clear_review(w, public, reason=reason, version=version)
    _tell_of(w, public)
    return parts


def reverse(w: Work, public: str, given: Return, *, version: int) -> Reversed:
    """Take a payment back, and tell: promises and plans it kept are judged anew."""
    done = service_reverse.reverse(w, public, given, version=version)
    _tell_of(w, public)
    return done


def waive_fee(w: Work, public: str, *, reason: str, version: int) -> int:
    """Take the fee of a returned item back, and tell."""
    cents = service_reverse.waive_fee(w, public, reason=reason, version=version)
    _tell_of(w, public)
    return cents


def _tell_of(w: Work, public: str) -> None:
    row = queries.payment(w, public)
    follow(w, row.entity_id, [row.account_id])
