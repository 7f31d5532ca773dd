"""One plan with everything a screen or a program shows of it."""

from dataclasses import dataclass
from datetime import date

from app.kernel.work import Work
from app.patients import queries_guarantors
from app.patients.queries_guarantors import GuarantorRow
from app.plans import queries
from app.plans.lifecycle import PLAN, RUNNING, Move
from app.plans.queries import Covered, Happened, PlanView

BY_HAND = (Move.ACTIVATE, Move.RE_ESTABLISH, Move.CANCEL)
"""The moves people make; the others are the postings' and the calendar's."""


@dataclass(frozen=True)
class Whole:
    """A plan, whom it is with, its visits and history. today: at its practice."""

    plan: PlanView
    account: GuarantorRow
    visits: tuple[Covered, ...]
    events: tuple[Happened, ...]
    today: date

    @property
    def agreement(self) -> bool:
        """Is there a PDF of the schedule in force?"""
        return self.plan.agreement_file is not None

    @property
    def autopay(self) -> bool:
        """Is a kept card charged on each due day?"""
        return self.plan.token_id is not None

    @property
    def moves(self) -> list[str]:
        """What a person may do with it now."""
        found = [move.value for move in PLAN.moves(self.plan.state) if move in BY_HAND]
        return [*found, "change", "add"] if self.plan.state in RUNNING else found


def whole(w: Work, plan_public: str) -> Whole:
    """One plan; whose visits it names is noted."""
    plan = queries.by_public(w, plan_public)
    account = queries_guarantors.by_ids(w, [plan.account_id])[plan.account_id]
    visits = queries.covered(w, plan.id)
    seen = [one.patient_id for one in visits]
    w.audit("plan.read", "R", "plan", plan_public, entity_id=plan.entity_id, patients=seen)
    today = w.today(account.time_zone)
    return Whole(plan, account, tuple(visits), tuple(queries.history(w, plan.id)), today)
