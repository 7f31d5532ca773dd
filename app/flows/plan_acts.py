"""Acts over a plan that concern more than the plan: its agreement in the practice's words, its account.

Every door that changes a plan goes through here: guards, verb, then the account is decided about anew.
"""

from datetime import date

from app.contacts.lifecycle import Act
from app.contacts.service_guards import must
from app.entities import queries as entities
from app.flows import account_acts
from app.kernel.work import Work
from app.patients import queries_guarantors
from app.plans import queries, service, service_agreement, service_autopay, service_change
from app.plans.lifecycle import State
from app.plans.service import Wish
from app.plans.service_change import Consent
from app.plans.translate import AGREEMENT
from app.statements import queries_editions


def draft(w: Work, account_public: str, wish: Wish, *, reason: str = "") -> str:
    """Write a plan and its agreement; returns its public id.

    Refused like a charge: nobody in bankruptcy, in dispute or protected is talked into paying.
    """
    account = queries_guarantors.by_public(w, account_public)
    must(w, Act.CHARGE, account.id)
    made = service.draft(w, account_public, wish, reason=reason)
    write(w, made, queries.by_public(w, made).version)
    return made


def write(w: Work, plan_public: str, version: int) -> int:
    """Make the agreement of the schedule in force anew; returns the plan's new version."""
    plan = queries.by_public(w, plan_public)
    today = w.today(entities.get(w, plan.entity_id).time_zone)
    found = queries_editions.in_force(w, plan.entity_id, today)
    words = {lang: text for (letter, lang), text in found.items() if letter == AGREEMENT}
    return service_agreement.write(w, plan_public, version, words=words)


def authorise(w: Work, plan_public: str, version: int, *, card: str, signed_on: date, witness: str) -> int:
    """Let a kept card pay each instalment; the agreement says so. Returns the plan's new version."""
    made = service_autopay.authorise(w, plan_public, version, card=card, signed_on=signed_on, witness=witness)
    return write(w, plan_public, made)


def activate(w: Work, plan_public: str, version: int, *, signed_on: date, witness: str) -> State:
    """The guarantor signed; the plan runs."""
    must(w, Act.CHARGE, queries.by_public(w, plan_public).account_id)
    state = service.activate(w, plan_public, version, signed_on=signed_on, witness=witness)
    return _decided(w, plan_public, state)


def cancel(w: Work, plan_public: str, version: int, *, reason: str) -> State:
    """Give a plan up."""
    return _decided(w, plan_public, service.cancel(w, plan_public, version, reason=reason))


def change(w: Work, plan_public: str, version: int, wish: Wish, consent: Consent) -> State:
    """Spread what is open anew; the agreement is written anew too."""
    return _rewritten(w, plan_public, service_change.change(w, plan_public, version, wish, consent))


def add(w: Work, plan_public: str, version: int, wish: Wish, consent: Consent) -> State:
    """Take new balances in; the agreement is written anew too."""
    return _rewritten(w, plan_public, service_change.add(w, plan_public, version, wish, consent))


def re_establish(
    w: Work, plan_public: str, version: int, wish: Wish, consent: Consent, *, reason: str
) -> State:
    """Set a plan in default up again; the agreement is written anew too."""
    must(w, Act.CHARGE, queries.by_public(w, plan_public).account_id)
    state = service_change.re_establish(w, plan_public, version, wish, consent, reason=reason)
    return _rewritten(w, plan_public, state)


def _rewritten(w: Work, plan_public: str, state: State) -> State:
    write(w, plan_public, queries.by_public(w, plan_public).version)
    return _decided(w, plan_public, state)


def _decided(w: Work, plan_public: str, state: State) -> State:
    plan = queries.by_public(w, plan_public)
    account_acts.stand(w, plan.entity_id, [plan.account_id])
    return state
