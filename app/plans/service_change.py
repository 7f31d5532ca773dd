"""The verbs of a plan that runs or is in default: other terms, more visits, set up again; all by consent."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.contacts.rules import without_cards
from app.kernel.errors import NotAllowed, Refused
from app.kernel.money import total
from app.kernel.work import Work
from app.patients import queries_guarantors
from app.patients.queries_guarantors import GuarantorRow
from app.plans import queries, rules, service, service_settle, service_writes
from app.plans.lifecycle import PLAN, RUNNING, InstalmentState, Move, State
from app.plans.queries import PlanView
from app.plans.queries_received import newest_application
from app.plans.rules import Line, Terms
from app.plans.service import Wish


@dataclass(frozen=True)
class Consent:
    """The guarantor agreed to the new schedule: the day they signed or said so, and who saw or heard it."""

    signed_on: date
    witness: str


def change(w: Work, plan_public: str, version: int, wish: Wish, consent: Consent) -> State:
    """Spread what is open of a running plan anew; what was paid stays as it is. Returns where it stands.

    Its visits stay, so `wish.visits` is not read. Refused without consent, and outside the policy.
    """
    w.may("plans.write")
    plan, account, terms = _running(w, plan_public, version)
    values, day = _consented(w, account, consent)
    if plan.left <= 0:
        raise NotAllowed("Everything is paid.", code="nothing_due")
    lines = service.agreed(w, plan.left, wish, terms, day)
    _reschedule(w, plan, lines)
    _written(w, plan, {**values, **service.shape(lines, terms)}, "change", {"left": str(plan.left)})
    return _settled(w, plan, day)


def add(w: Work, plan_public: str, version: int, wish: Wish, consent: Consent) -> State:
    """Take new balances into a running plan and spread the whole anew; a separate plan is the other way.

    wish.visits: public ids of claims; none: every visit that is due and in no plan. Without a number or an
    amount of instalments the amount stays and the plan runs longer.
    """
    w.may("plans.write")
    plan, account, terms = _running(w, plan_public, version)
    values, day = _consented(w, account, consent)
    covers = {one.claim_id for one in queries.covered(w, plan.id)}
    fresh = [one for one in service.coverable(w, account, wish.visits) if one.claim_id not in covers]
    more = total(one.due for one in fresh)
    if not more:
        raise NotAllowed("Nothing new is due that could be added.", code="nothing_due")
    if not wish.count and not wish.amount:
        wish = replace(wish, amount=plan.instalment)
    lines = service.agreed(w, plan.left + more, wish, terms, day)
    _reschedule(w, plan, lines)
    amounts = {one.claim_id: int(one.due) for one in fresh}
    since = newest_application(w, list(amounts))
    service_writes.add_items(w, (plan.entity_id, plan.id), amounts, live=True, since_id=since)
    shape = {**service.shape(lines, terms), "total": plan.total + more}
    _written(w, plan, {**values, **shape}, "add", {"left": str(plan.left), "added": str(more)})
    return _settled(w, plan, day)


def re_establish(
    w: Work, plan_public: str, version: int, wish: Wish, consent: Consent, *, reason: str
) -> State:
    """Set a plan in default up again with a new schedule over what is open, once in twelve months.

    Whoever may approve longer plans approves it. Without a number or an amount as many instalments as were
    open: after 3 x 83.33 of 1,000.00 the 750.01 left over nine are 83.33 x 8 + 83.37.
    """
    w.may("plans.longer")
    plan = service_writes.held(w, plan_public, version)
    PLAN.next(plan.state, Move.RE_ESTABLISH)
    account = queries_guarantors.by_ids(w, [plan.account_id])[plan.account_id]
    values, day = _consented(w, account, consent)
    terms = service.terms_of(w, account, day)
    why = without_cards(reason.strip())[:200]
    if not why:
        raise Refused("Say why it is set up again.", code="no_reason", field="reason")
    before = plan.re_established_on
    if before is not None:
        months = terms.re_establish_months
        again = rules.month_after(before, months, min(before.day, terms.due_day_most))
        if day < again:
            words = (
                f"It was set up again on {before:%b} {before.day}, {before.year}: once in {months} months."
            )
            raise NotAllowed(words, code="re_established_already")
    if not wish.count and not wish.amount:
        wish = replace(wish, count=_open_instalments(plan))
    lines = service.agreed(w, plan.left, wish, terms, day)
    _reschedule(w, plan, lines)
    facts: dict[str, Any] = dict(re_established_on=day, approved_by=w.actor.name[:80], missed=0,
                                 late_since=None, defaulted_on=None)  # fmt: skip
    facts |= {**values, **service.shape(lines, terms), "schedule_no": plan.schedule_no + 1}
    detail = {"left": str(plan.left), "count": rules.months(lines)}
    service_writes.move(w, plan, Move.RE_ESTABLISH, facts, reason=why, detail=detail)
    return _settled(w, plan, day)


def _open_instalments(plan: PlanView) -> int:
    return max(sum(line.left > 0 and line.number != rules.DOWN for line in plan.lines), 1)


def _running(w: Work, plan_public: str, version: int) -> tuple[PlanView, GuarantorRow, Terms]:
    plan = service_writes.held(w, plan_public, version)
    if plan.state not in RUNNING:
        words = f"Terms are not changed while a plan is {plan.state.value.replace('_', ' ')}."
        raise NotAllowed(words, code="not_possible_now")
    account = queries_guarantors.by_ids(w, [plan.account_id])[plan.account_id]
    return plan, account, service.terms_of(w, account, w.today(account.time_zone))


def _consented(w: Work, account: GuarantorRow, consent: Consent) -> tuple[dict[str, Any], date]:
    today, who = w.today(account.time_zone), without_cards(consent.witness.strip())[:80]
    if not who:
        raise Refused("Say who saw or heard the consent.", code="no_witness", field="witness")
    if consent.signed_on > today:
        raise Refused("Consent is given before the schedule changes.", code="signed_on", field="signed_on")
    return {"signed_on": consent.signed_on, "witness": who, "agreement_file": None}, today


def _reschedule(w: Work, plan: PlanView, lines: list[Line]) -> None:
    service_writes.put_away(w, plan, InstalmentState.MOVED)
    service_writes.add_lines(w, plan.entity_id, plan.id, plan.schedule_no + 1, lines)


def _written(w: Work, plan: PlanView, values: dict[str, Any], does: str, detail: dict[str, Any]) -> None:
    """A change that is no move of the machine: the state is judged anew right after it."""
    service_writes.write(w, plan, {**values, "schedule_no": plan.schedule_no + 1})
    service_writes.note(w, plan, does, plan.state, reason="By consent", detail=detail)
    w.audit(f"plan.{does}", "U", "plan", plan.public_id, entity_id=plan.entity_id, detail=detail)


def _settled(w: Work, plan: PlanView, day: date) -> State:
    service_settle.settle(w, plan.entity_id, [plan.id], day)
    service_writes.tell(w, plan.entity_id, [plan.account_id])
    return queries.by_public(w, plan.public_id).state
