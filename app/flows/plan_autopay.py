"""Due instalments are charged to the cards of their guarantors, each try once, whoever is killed when."""

from dataclasses import dataclass
from datetime import date

from app.flows import card_payment
from app.kernel import failpoints
from app.kernel.errors import Refused
from app.kernel.work import Actor, reading, work
from app.payments.lifecycle import Mode, State, Tender
from app.payments.service import Taking
from app.plans import service_autopay
from app.plans.service_autopay import Try


@dataclass
class Charged:
    """How many instalments were paid, declined, refused, and how many nobody knows of yet."""

    posted: int = 0
    declined: int = 0
    refused: int = 0
    unknown: int = 0


def charge_due(actor: Actor, entity_id: int, day: date) -> Charged:
    """Charge every instalment of an entity that is due; the same day again charges nothing twice."""
    with reading(actor) as w:
        tries = service_autopay.due(w, entity_id, day)
    done = Charged()
    for one in tries:
        _charge(actor, one, day, done)
    return done


def _charge(actor: Actor, one: Try, day: date, done: Charged) -> None:
    given = Taking(
        entity_id=one.entity_id, account_id=one.account_id, tender=Tender.CARD, cents=int(one.cents),
        key=one.key, mode=Mode.PLAN, plan_items=one.items, plan_id=one.plan_id,
    )  # fmt: skip
    try:
        state = card_payment.charge(actor, given, one.card).state
    except Refused as problem:
        # Revoked, ended, held: nothing left the house, and a person decides what comes next.
        done.refused += 1
        _note(actor, one, day, problem.code, again=False)
        return
    failpoints.hit("plans.after_charge")
    if state is State.POSTED:
        done.posted += 1
        _note(actor, one, day, "posted", again=False)
    elif state is State.DECLINED:
        done.declined += 1
        _note(actor, one, day, "declined", again=True)
    else:
        done.unknown += 1  # the next round asks with the same key, which charges nothing


def _note(actor: Actor, one: Try, day: date, outcome: str, *, again: bool) -> None:
    with work(actor) as w:
        service_autopay.tried(w, one, day, outcome=outcome, again=again)
