"""The queues of the house as people meet them: what each is called, the screen it is worked on, the page of
one item.
"""

from typing import Any, NamedTuple

from flask import current_app, url_for

from app.web import nav
from app.worklist.queries_day import Place


class Queue(NamedTuple):
    """What a queue is called, its screen, and what must be asked of that screen to see it."""

    label: str
    endpoint: str
    asked: dict[str, str] = {}


QUEUES = {
    "denials": Queue("Denials", "denials.worklist"),
    "expired": Queue("Denials out of time", "denials.worklist", {"state": "expired"}),
    "bulk_close_review": Queue("Denials not worth the work", "denials.worklist"),
    "underpayments": Queue("Underpayments", "underpayments.worklist"),
    "rebill": Queue("Rebill", "rebill.worklist"),
    "rebill_flags": Queue("Claims sent that need a look", "rebill.worklist", {"state": "flags"}),
    "rebill_batches": Queue("Batches that did not arrive", "rebill.batches", {"state": "underway"}),
    "filing_escalated": Queue("Filing limits, last days and past", "rebill.worklist", {"state": "open"}),
    "filing": Queue("Filing limits that are near", "rebill.worklist", {"state": "open"}),
    "exceptions": Queue("Exceptions", "remits.exceptions"),
    "plb": Queue("Provider adjustments", "remits.exceptions", {"queue": "plb"}),
    "rejections": Queue("Rejections", "claims.rejections"),
    "silent_claims": Queue("Silent claims", "claims.silent"),
    "privacy": Queue("Privacy reviews", "audit.privacy"),
    "payments": Queue("Payments a person looks at", "payments.payments", {"show": "unapplied"}),
    "posting": Queue("Posting", "remits.remits"),
    "accounts": Queue("Accounts that need a look", "accounts.accounts"),
}
ORDER = {name: at for at, name in enumerate(QUEUES)}
ITEMS = {"rejections": "claims.rejection"}
"""Queues whose items have a page of their own."""
RECORDS = {
    "denial": ("denials.case", "denial"),
    "underpayment": ("underpayments.case", "underpayment"),
    "rebill": ("rebill.editor", "rebill"),
    "rebill_batch": ("rebill.batches_one", "batch"),
    "patient_payment": ("payments.payments_one", "payment"),
    "returned_mail": ("contacts.returned_one", "returned_mail"),
    "account": ("accounts.account", "account"),
    "statement_run": ("statements.runs_one", "statement_run"),
}
"""The page of one item by its subject: the route, and where its detail keeps the public id."""


def label(queue: str) -> str:
    """What people call a queue."""
    return QUEUES[queue].label if queue in QUEUES else queue.replace("_", " ").capitalize()


def screen(queue: str, *, mine: bool = False) -> str:
    """The address of a queue's screen, empty while it has none or this person may not see it; `mine` shows
    only what is one's own.
    """
    known = QUEUES.get(queue)
    if known is None or not _open(known.endpoint):
        return ""
    asked: dict[str, Any] = {**known.asked, **({"owner": "me"} if mine else {})}
    return url_for(known.endpoint, **asked)


def page_of(place: Place) -> str:
    """The address where an item is worked: its own page where it has one, else the queue's screen on it."""
    endpoint, key = RECORDS.get(place.subject, ("", ""))
    if _open(endpoint) and place.detail.get(key):
        return url_for(endpoint, public_id=place.detail[key])
    if _open(ITEMS.get(place.queue, "")):
        return url_for(ITEMS[place.queue], public_id=place.public_id)
    known = QUEUES.get(place.queue)
    if known is None or not _open(known.endpoint):
        return ""
    asked: dict[str, Any] = {**known.asked, "item": place.public_id}
    return url_for(known.endpoint, **asked)


def _open(endpoint: str) -> bool:
    return endpoint in current_app.view_functions and nav.allowed(endpoint)
