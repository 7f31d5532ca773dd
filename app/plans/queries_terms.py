"""The limits of plans in force, and how this clinic's plans of each term ended."""

from datetime import date

from sqlalchemy import func, select

from app.contacts.rules_law import Law
from app.kernel.db import table_of
from app.kernel.work import Work
from app.plans.lifecycle import State
from app.plans.models import Plan
from app.plans.rules import Terms
from app.plans.rules_offers import Kept, band

_plan = table_of(Plan)
ENDED = (State.COMPLETED, State.DEFAULTED, State.CANCELLED)


def terms(law: Law, state: str = "") -> Terms:
    """What a plan may be in a state (two letters, empty: unknown) under these rows of law."""
    return Terms(
        minimum=law.cents("plan_least", state),
        months_clerk=law.number("plan_months", state),
        months_supervisor=law.number("plan_longer_months", state),
        months_manager=law.number("plan_longest_months", state),
        months_most=law.number("plan_months_most", state),
        first_due_days=law.number("plan_first_due_days", state),
        due_day_most=law.number("plan_last_due_day", state),
        disclosure_over=law.number("plan_disclosure_instalments", state),
        income_percent=int(law.decimal("plan_income_percent", state)),
        grace_days=law.number("plan_grace_days", state),
        missed_default=law.number("plan_missed_in_a_row", state),
        overdue_default_days=law.number("plan_default_days", state),
        cure_days=law.number("plan_cure_days", state),
        re_establish_months=law.number("plan_again_months", state),
        retry_days=tuple(int(one) for one in law.listed("autopay_retry_days", state)),
        retries=law.number("autopay_retries", state),
        notice_days=law.number("autopay_notice_days", state),
    )


def kept(w: Work, entity_id: int, since: date) -> dict[int, Kept]:
    """How an entity's plans that began on a day or later ended, by the term offered they count towards.

    A plan in default that was set up again counts by its end; one cancelled before it was signed not at all.
    """
    query = (
        select(_plan.c.count, _plan.c.state, func.count())
        .where(
            w.within(_plan.c.entity_id), _plan.c.entity_id == entity_id, _plan.c.first_due >= since,
            _plan.c.signed_on.is_not(None), _plan.c.state.in_([one.value for one in ENDED]),
        )
        .group_by(_plan.c.count, _plan.c.state)
    )  # fmt: skip
    found: dict[int, Kept] = {}
    for count, state, cases in w.db.execute(query):
        was = found.get(band(count), Kept())
        done = int(cases) if state == State.COMPLETED else 0
        found[band(count)] = Kept(was.ended + int(cases), was.completed + done)
    return found
