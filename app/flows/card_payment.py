"""A card is charged: on record first, the processor between two transactions, then posted and told."""

from app.flows import patient_paid
from app.gateways.cards import Cards, Charged
from app.gateways.cards_simulator import Simulator
from app.kernel import failpoints, outbox
from app.kernel.errors import Unavailable
from app.kernel.outbox import Claimed
from app.kernel.work import Actor, reading, system, work
from app.payments import queries, service, service_cards
from app.payments.service import Taken, Taking


def processor() -> Cards:
    """The card processor of this house; a real one is another class of the same shape."""
    return Simulator()


def charge(actor: Actor, given: Taking, card: str) -> Taken:
    """Charge a kept card (its public id) and post what was approved.

    The same key again charges nothing and tells how the payment stands: what is pending or unknown is
    settled by the job that asks the processor.
    """
    with work(actor) as w:
        asked = service_cards.begin(w, patient_paid.with_items(w, given), card)
        if not asked.begun:
            return service.taken(w, asked.payment_id, again=True)
        patient_paid.follow(w, given.entity_id, [given.account_id])
    failpoints.hit("payments.before_charge")
    answer = _charge(asked.key, asked.token, asked.cents)
    failpoints.hit("payments.after_charge")
    with work(actor) as w:
        done = service_cards.settle(w, asked.payment_id, answer)
        if done is not None:
            patient_paid.follow(w, given.entity_id, [given.account_id])
        found = done or service.taken(w, asked.payment_id)
    failpoints.hit("payments.after_settle")
    return found


def _charge(key: str, token: str, cents: int) -> Charged | None:
    try:
        return processor().charge(key, token, cents)
    except Unavailable:
        return None  # nobody knows: the job asks about the key


def ask(job: Claimed) -> None:
    """Ask the processor what became of a charge; never charges."""
    actor, payment_id = system(f"job:{job.kind}"), job.payload["payment"]
    with reading(actor) as w:
        open_one = service_cards.under_way(w, payment_id)
    answer = processor().ask(open_one.key) if open_one is not None else None
    with work(actor) as w:
        if open_one is not None:
            done = service_cards.settle(w, payment_id, answer, looked=True)
            if done is not None:
                patient_paid.follow(w, open_one.entity_id, [done.account_id])
        outbox.finish(w.db, job)


def bury(job: Claimed, reason: str) -> None:
    """The processor could not be asked in all tries: a person finds out."""
    with work(system("supervisor")) as w:
        w.audit("job", "E", "job", job.key, detail={"gave_up": reason[:80]}, outcome=4)
        done = service_cards.settle(w, job.payload["payment"], None)
        if done is not None:
            row = queries.payment(w, done.public_id)
            patient_paid.follow(w, row.entity_id, [row.account_id])
