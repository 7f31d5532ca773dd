"""The verbs of plans: offer, draft, activate, cancel; `service_change` has those of a running one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select

from app.accounts import queries as accounts
from app.accounts.queries import DueItem
from app.claims.models import Claim
from app.contacts.rules import without_cards
from app.contacts.service_law import law
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused
from app.kernel.ids import public_id
from app.kernel.money import ZERO, Money, total
from app.kernel.work import Work
from app.patients import queries_guarantors
from app.patients.queries_guarantors import GuarantorRow
from app.payments.service import lock_account
from app.plans import queries, queries_terms, rules, rules_offers, service_settle, service_writes
from app.plans.lifecycle import PLAN, InstalmentState, Move, State
from app.plans.models import Plan
from app.plans.queries_received import newest_application
from app.plans.rules import Line, Terms
from app.plans.rules_offers import Offer

_plan, _claim = table_of(Plan), table_of(Claim)
KEPT_DAYS = 3 * 365
"""Plans of the last three years say how such plans end here."""
DUE_DAY = 15


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody asks for: a number of months or an amount a month, exactly one of them.

    down: cents paid at once. first_due: a day; else the next due_day. income: cents a month as told, used for
    the law's cap and kept nowhere. visits: public ids of claims; none: every visit that is due.
    """

    count: int = 0
    amount: Money = ZERO
    down: Money = ZERO
    due_day: int = 0
    first_due: date | None = None
    income: Money | None = None
    visits: Sequence[str] = ()


@dataclass(frozen=True)
class Offered:
    """What fits an account today: the balance, the visits it is made of, the ways to pay it."""

    account: GuarantorRow
    balance: Money
    visits: tuple[DueItem, ...]
    terms: Terms
    offers: tuple[Offer, ...]


def terms_of(w: Work, account: GuarantorRow, on: date) -> Terms:
    """What a plan of an account may be on a day: by the state they live in, if it is known."""
    return queries_terms.terms(law(w, account.entity_id, on), account.state)


def coverable(w: Work, account: GuarantorRow, visits: Collection[str] = ()) -> list[DueItem]:
    """The visits of an account a new plan may take on: due, and in no other running plan.

    visits: public ids of claims; one that cannot be in it is refused. None: all that can.
    """
    due = [one for one in accounts.due_items(w, [account.id]).get(account.id, ()) if one.billable]
    elsewhere = service_writes.taken(w, [one.claim_id for one in due])
    free = [one for one in due if one.claim_id not in elsewhere]
    if not visits:
        return free
    query = select(_claim.c.id).where(_claim.c.public_id.in_(sorted(set(visits))))
    wanted = set(w.db.execute(query.where(w.within(_claim.c.entity_id))).scalars())
    chosen = [one for one in free if one.claim_id in wanted]
    if len(chosen) != len(set(visits)):
        words = "A visit is not due, is held, or is in another plan."
        raise Refused(words, code="visit_not_due", field="visits")
    return chosen


def offer(w: Work, account_public: str, wish: Wish) -> Offered:
    """The ways an account could pay by instalments, best first; changes nothing.

    Of the wish only the down payment, the days, the income and the visits are read.
    """
    account = queries_guarantors.by_public(w, account_public)
    today = w.today(account.time_zone)
    terms, visits = terms_of(w, account, today), coverable(w, account, wish.visits)
    balance = total(one.due for one in visits)
    kept = queries_terms.kept(w, account.entity_id, today - timedelta(days=KEPT_DAYS))
    found = rules_offers.offers(
        balance, terms, kept, made_on=today, first=first_of(wish, terms, today), down=wish.down,
        income=wish.income,
    )  # fmt: skip
    seen = [one.patient_id for one in visits]
    w.audit("plan.offer", "R", "account", account_public, entity_id=account.entity_id, patients=seen)
    return Offered(account, balance, tuple(visits), terms, tuple(found))


def first_of(wish: Wish, terms: Terms, today: date) -> date:
    """The day of the first instalment."""
    if wish.first_due is not None:
        return wish.first_due
    day = wish.due_day or min(DUE_DAY, terms.due_day_most)
    if not 1 <= day <= terms.due_day_most:
        words = f"A due day is the 1st to the {terms.due_day_most}th, so that every month has it."
        raise Refused(words, code="due_day", field="due_day")
    return rules.first_due(today, day, within=terms.first_due_days)


def agreed(w: Work, balance: Money, wish: Wish, terms: Terms, today: date) -> list[Line]:
    """The schedule a wish makes of a balance, within the limits and the rights of whoever asks."""
    first = first_of(wish, terms, today)
    lines = rules.schedule(
        balance, count=wish.count, amount=wish.amount, down=wish.down, first=first, made_on=today
    )
    term = rules.months(lines)
    right = rules.right_for(term, terms)
    rules.checked(lines, terms, made_on=today, income=wish.income)
    if not {right, "*"} & w.actor.permissions:
        raise rules.too_long(term, terms)
    return lines


def shape(lines: Sequence[Line], terms: Terms) -> dict[str, Any]:
    """What a plan's row says of the schedule in force."""
    regular = [line for line in lines if line.number != rules.DOWN]
    first = regular[0]
    return dict(instalment=first.amount, count=len(regular), due_day=first.due_on.day,
                first_due=first.due_on, down=rules.sum_of(lines) - rules.sum_of(regular),
                disclosures=rules.discloses(lines, terms))  # fmt: skip


def preview(w: Work, account_public: str, wish: Wish) -> tuple[Offered, list[Line]]:
    """The schedule a draft would have now, beside what else fits; writes nothing."""
    found = offer(w, account_public, wish)
    if not found.balance:
        raise NotAllowed("Nothing is due that a plan could cover.", code="nothing_due")
    today = w.today(found.account.time_zone)
    return found, agreed(w, found.balance, wish, found.terms, today)


def draft(w: Work, account_public: str, wish: Wish, *, reason: str = "", previous: int | None = None) -> str:
    """Write a plan down for signing; returns its public id. Nothing changes for the account yet.

    Refused: nothing due, a visit that waits, is held or is in another plan, a schedule outside the policy or
    longer than the role of whoever asks allows.
    """
    w.may("plans.write")
    account = queries_guarantors.by_public(w, account_public)
    lock_account(w, account.id)
    today = w.today(account.time_zone)
    terms, visits = terms_of(w, account, today), coverable(w, account, wish.visits)
    balance = total(one.due for one in visits)
    if not balance:
        raise NotAllowed("Nothing is due that a plan could cover.", code="nothing_due")
    lines = agreed(w, balance, wish, terms, today)
    made, name = w.numbers("plan"), public_id()
    values = dict(id=made, public_id=name, entity_id=account.entity_id, account_id=account.id,
                  state=State.DRAFT.value, total=balance, schedule_no=1, missed=0, witness="",
                  previous_id=previous, reason=without_cards(reason.strip())[:200],
                  author=w.actor.name[:80], author_id=w.actor.person_id, approved_by="", opened_at=w.now,
                  version=1)  # fmt: skip
    w.db.execute(insert(_plan).values(**values, **shape(lines, terms)))
    amounts = {one.claim_id: int(one.due) for one in visits}
    service_writes.add_items(w, (account.entity_id, made), amounts, live=False, since_id=0)
    service_writes.add_lines(w, account.entity_id, made, 1, lines)
    plan = queries.by_public(w, name)
    detail = {"total": str(balance), "count": plan.count, "instalment": str(plan.instalment)}
    service_writes.note(w, plan, "draft", State.DRAFT, reason=plan.reason, detail=detail)
    w.audit("plan.draft", "C", "plan", name, entity_id=account.entity_id,
            patients=[one.patient_id for one in visits], detail=detail)  # fmt: skip
    return name


def activate(w: Work, plan_public: str, version: int, *, signed_on: date, witness: str) -> State:
    """The guarantor signed: from now on the plan runs and dunning waits. Returns where it stands.

    signed_on: the day on the agreement, from the draft's day to today. witness: who saw them sign, or how.
    Refused: a visit that owes less by now, is held or is in another plan; a first instalment that is past.
    """
    w.may("plans.write")
    plan = service_writes.held(w, plan_public, version)
    PLAN.next(plan.state, Move.ACTIVATE)
    account = queries_guarantors.by_ids(w, [plan.account_id])[plan.account_id]
    today, who = w.today(account.time_zone), without_cards(witness.strip())[:80]
    if not who:
        raise Refused("Say who saw the signature.", code="no_witness", field="witness")
    if not plan.opened_at.date() - timedelta(days=1) <= signed_on <= today:
        words = "It was signed between the day it was written and today."
        raise Refused(words, code="signed_on", field="signed_on")
    if plan.first_due < today:
        raise NotAllowed("Its first instalment is past: write it anew.", code="first_due_past")
    covers = {one.claim_id: one.amount for one in queries.covered(w, plan.id)}
    due = {one.claim_id: one.due for one in coverable(w, account)}
    if any(due.get(claim_id, ZERO) < amount for claim_id, amount in covers.items()):
        words = "A visit owes less by now, is held, or is in another plan: write the plan anew."
        raise NotAllowed(words, code="balance_changed")
    service_writes.start_items(w, plan.id, newest_application(w, list(covers)))
    detail = {"signed_on": signed_on.isoformat(), "total": str(plan.total), "count": plan.count}
    values = {"signed_on": signed_on, "witness": who}
    service_writes.move(w, plan, Move.ACTIVATE, values, reason="Signed", detail=detail)
    service_settle.settle(w, plan.entity_id, [plan.id], today)
    service_writes.tell(w, plan.entity_id, [plan.account_id])
    return queries.by_public(w, plan_public).state


def cancel(w: Work, plan_public: str, version: int, *, reason: str) -> State:
    """Give a plan up: what is open of its visits is due as if it had never been. Returns where it stands."""
    w.may("plans.write")
    why = without_cards(reason.strip())[:200]
    if not why:
        raise Refused("Say why the plan ends.", code="no_reason", field="reason")
    plan = service_writes.held(w, plan_public, version)
    PLAN.next(plan.state, Move.CANCEL)
    service_writes.put_away(w, plan, InstalmentState.CANCELLED)
    service_writes.hold_items(w, [plan.id], live=False)
    values = {"closed_at": w.now, "missed": 0, "late_since": None}
    to = service_writes.move(w, plan, Move.CANCEL, values, reason=why, detail={"left": str(plan.left)})
    service_writes.tell(w, plan.entity_id, [plan.account_id])
    return to
