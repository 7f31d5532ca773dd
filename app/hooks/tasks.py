"""Deliveries: read what to send, send it between two transactions, write down what came back."""

from app.gateways import web_post
from app.hooks import rules, service
from app.kernel import failpoints, outbox
from app.kernel.outbox import Claimed
from app.kernel.work import reading, system, work


def _deliver(job: Claimed) -> None:
    """One try. A crash between sending and writing sends again: the receiver knows a message by its id."""
    actor = system(f"job:{job.kind}")
    with reading(actor) as w:
        message = service.to_send(w, job.payload["delivery"])
        at = w.now
    answer = None
    if message is not None:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Reclaim",
            "Reclaim-Delivery": message.public_id,
            rules.SIGNATURE: rules.signed(message.secret, message.body, at),
        }
        answer = web_post.post(message.url, headers, message.body)
        failpoints.hit("hooks.after_sending")
    with work(actor) as w:
        outbox.finish(w.db, job)
        if message is not None and answer is not None:
            again = service.settle(w, message, status=answer.status, problem=answer.words)
            if again is not None:
                w.job(job.kind, job.key, job.payload, run_at=again, rank=6)


def _bury(job: Claimed, reason: str) -> None:
    with work(system("supervisor")) as w:
        service.give_up(w, job.payload["delivery"], f"Reclaim could not send it ({reason}).")


HANDLERS = {"deliver_hook": _deliver}
WHEN_DEAD = {"deliver_hook": _bury}
