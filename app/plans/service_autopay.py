"""Instalments charged to a kept card: who agreed to it, what is due today, what became of each try.

A try has a key of its own (plan, schedule, number, try), and the payment under that key is made once: whoever
is killed between the charge and its note asks with the same key again and is told how it stands.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update

from app.contacts.rules import without_cards
from app.contacts.service_law import law
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused
from app.kernel.money import Money
from app.kernel.work import Work
from app.patients import queries_guarantors
from app.payments.models import CardToken
from app.plans import queries, queries_terms, service_writes
from app.plans.lifecycle import RUNNING, State
from app.plans.models import Instalment, Plan, PlanItem
from app.plans.queries import PlanView
from app.plans.rules import Line, Terms

_plan, _line, _item = table_of(Plan), table_of(Instalment), table_of(PlanItem)
_token = table_of(CardToken)


@dataclass(frozen=True)
class Try:
    """A charge that is due. key: the same for the same try, whoever asks. items: the visits of the plan."""

    entity_id: int
    account_id: int
    plan: str
    plan_id: int
    line_id: int
    card: str
    cents: Money
    key: str
    items: tuple[int, ...]


def authorise(w: Work, plan_public: str, version: int, *, card: str, signed_on: date, witness: str) -> int:
    """From now on each instalment is charged to a kept card on its day; returns the plan's new version.

    The authorisation is an event of the plan: amount, first and last day, who saw it signed; the card keeps
    the guarantor's words. Refused: a card of somebody else, or one that was revoked.
    """
    w.may("plans.write")
    plan = service_writes.held(w, plan_public, version)
    if plan.state is not State.DRAFT and plan.state not in RUNNING:
        raise NotAllowed("Only a plan that is made or runs is paid by card.", code="not_possible_now")
    who = without_cards(witness.strip())[:80]
    if not who:
        raise Refused("Say who saw the authorisation signed.", code="no_witness", field="witness")
    query = select(_token).where(
        _token.c.public_id == card, _token.c.account_id == plan.account_id, w.within(_token.c.entity_id)
    )
    row = w.db.execute(query).one_or_none()
    if row is None or row.revoked_at is not None:
        raise Refused("There is no such card that may be charged.", code="card", field="card")
    open_ = [line for line in plan.lines if line.left > 0]
    if not open_:
        raise NotAllowed("Everything is paid.", code="nothing_due")
    if row.most is not None and max(line.left for line in open_) > row.most:
        words = f"They agreed to at most {row.most:,} a charge."
        raise Refused(words, code="card_most", field="card")
    service_writes.write(w, plan, {"token_id": row.id, "agreement_file": None})
    detail = {"card": card, "amount": str(plan.instalment), "signed_on": signed_on.isoformat(),
              "first": open_[0].due_on.isoformat(), "last": open_[-1].due_on.isoformat()}  # fmt: skip
    service_writes.note(w, plan, "autopay", plan.state, reason=f"Authorised, seen by {who}", detail=detail)
    w.audit("plan.autopay", "U", "plan", plan.public_id, entity_id=plan.entity_id, detail={"on": True})
    return version + 1


def stop(w: Work, plan_public: str, version: int, *, reason: str) -> int:
    """No instalment is charged any more; the plan runs on. Returns its new version."""
    w.may("plans.write")
    plan, why = service_writes.held(w, plan_public, version), without_cards(reason.strip())[:200]
    if plan.token_id is None:
        raise NotAllowed("It is not paid by card.", code="no_autopay")
    if not why:
        raise Refused("Say why it stops.", code="no_reason", field="reason")
    service_writes.write(w, plan, {"token_id": None})
    service_writes.note(w, plan, "autopay_stop", plan.state, reason=why, detail={})
    w.audit("plan.autopay", "U", "plan", plan.public_id, entity_id=plan.entity_id, detail={"on": False})
    return version + 1


def due(w: Work, entity_id: int, day: date) -> list[Try]:
    """The charges of an entity that are due on a day, oldest plan first; never one whose card was revoked."""
    query = (
        select(_plan.c.id, _plan.c.account_id, _token.c.public_id.label("card"))
        .join(_token, _token.c.id == _plan.c.token_id)
        .where(_plan.c.entity_id == entity_id, w.within(_plan.c.entity_id), _token.c.revoked_at.is_(None),
               _plan.c.state.in_([one.value for one in sorted(RUNNING)]))
        .order_by(_plan.c.id)
    )  # fmt: skip
    cards = {row.id: row.card for row in w.db.execute(query)}
    if not cards:
        return []
    rows = w.db.execute(
        select(_plan).where(among(w.db, _plan.c.id, list(cards)), w.within(_plan.c.entity_id))
    )
    plans = queries.viewed(w, rows.all())
    terms, items = _terms(w, entity_id, plans, day), _items(w, list(cards))
    return [
        Try(entity_id, plan.account_id, plan.public_id, plan.id, line.id, cards[plan.id], line.left,
            f"plan:{plan.public_id}:{line.schedule_no}:{line.number}:{line.tries + 1}",
            tuple(items.get(plan.id, ())))
        for plan in sorted(plans, key=lambda one: one.id)
        for line in plan.lines
        if _is_due(line, terms[plan.account_id], day)
    ]  # fmt: skip


def _is_due(line: Line, terms: Terms, day: date) -> bool:
    if line.left <= 0 or line.due_on > day or line.tries > terms.retries:
        return False
    return line.tries == 0 or (line.next_try is not None and line.next_try <= day)


def _terms(w: Work, entity_id: int, plans: list[PlanView], day: date) -> dict[int, Terms]:
    known = law(w, entity_id, day)
    accounts = queries_guarantors.by_ids(w, sorted({one.account_id for one in plans}))
    return {key: queries_terms.terms(known, row.state) for key, row in accounts.items()}


def _items(w: Work, plan_ids: list[int]) -> dict[int, list[int]]:
    query = select(_item.c.plan_id, _item.c.claim_id).where(
        among(w.db, _item.c.plan_id, plan_ids), w.within(_item.c.entity_id), _item.c.live.is_(True)
    )
    found: dict[int, list[int]] = {}
    for plan_id, claim_id in w.db.execute(query.order_by(_item.c.claim_id)):
        found.setdefault(plan_id, []).append(claim_id)
    return found


def tried(w: Work, one: Try, day: date, *, outcome: str, again: bool) -> None:
    """Note what became of a try. outcome: posted, declined, or the code of a refusal.

    again: it may be tried again, at +3 and +7 days after the first and never more often than the rule says.
    Noting the same try twice notes it once.
    """
    plan = queries.by_public(w, one.plan)
    line = next((each for each in plan.lines if each.id == one.line_id), None)
    if line is None or f":{line.tries + 1}" != one.key[one.key.rindex(":") :]:
        return
    terms = _terms(w, one.entity_id, [plan], day)[plan.account_id]
    made, next_try = line.tries + 1, None
    if again and made <= min(terms.retries, len(terms.retry_days)):
        before = terms.retry_days[made - 2] if made > 1 else 0
        next_try = day + timedelta(days=terms.retry_days[made - 1] - before)
    held = (_line.c.id == line.id, _line.c.tries == line.tries)
    if w.db.execute(update(_line).where(*held).values(tries=made, next_try=next_try)).rowcount != 1:
        return
    detail = {"number": line.number, "try": made, "outcome": outcome,
              "next": next_try.isoformat() if next_try else ""}  # fmt: skip
    service_writes.note(w, plan, "charge", plan.state, reason="Charged to the card", detail=detail)
    w.audit("plan.charge", "U", "plan", plan.public_id, entity_id=plan.entity_id, detail=detail)
