"""What may be told, how a message is signed, and when a failed one is tried again. Pure."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

KINDS = {
    "remit.posted": "A remit is on the books.",
    "remit.held": "A remit is held and waits for a person.",
    "remit.undone": "A posted remit was taken off the books.",
    "claims.received": "Claims of a file are on the books.",
    "denial.opened": "A denial case opened, or a new round of one.",
    "denial.changed": "A person or the schedule moved a denial case.",
    "underpayment.opened": "A line was paid otherwise than agreed, and a case opened.",
    "rebill.sent": "A file of claims of ours arrived at its receiver.",
    "rejection.opened": "A claim or a file of claims was rejected before any payer judged it.",
}
"""What is announced, with the sentence its receiver reads."""
EVERYTHING = "*"
EVENTS_PER_MESSAGE = 100
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440))
"""How long a failed delivery waits before each further try; after the last it is given up."""
GONE = 410
SIGNATURE = "Reclaim-Signature"
FRESH = timedelta(minutes=5)


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


def wants(kinds: Sequence[str], kind: str) -> bool:
    """Does a receiver that asked for these kinds want this one?"""
    return EVERYTHING in kinds or kind in kinds


def body(delivery: str, events: Sequence[Mapping[str, Any]]) -> bytes:
    """The message: the same delivery has the same bytes at every try."""
    return json.dumps({"id": delivery, "events": list(events)}, sort_keys=True).encode()


def signed(secret: str, message: bytes, at: datetime) -> str:
    """What proves a message ours and fresh: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`."""
    moment = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), moment.encode() + b"." + message, hashlib.sha256)
    return f"t={moment},v1={mac.hexdigest()}"


def is_ours(secret: str, message: bytes, header: str, now: datetime) -> bool:
    """What a receiver does with the header; what is older than five minutes is a replay by somebody else."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    moment = parts.get("t", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        return False
    if abs(now.timestamp() - int(moment)) > FRESH.total_seconds():
        return False
    expected = signed(secret, message, datetime.fromtimestamp(int(moment), tz=now.tzinfo))
    return hmac.compare_digest(expected, header)


def next_try(tries: int, now: datetime) -> datetime | None:
    """When a delivery that failed `tries` times is tried again; None: never."""
    return now + WAITS[tries - 1] if 1 <= tries <= len(WAITS) else None
