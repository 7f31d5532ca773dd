"""What is sealed, in which order; the one place where the format of the chain is written down."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
"""The hash before the first event."""

SEALED = (
    "version", "seq", "recorded", "type", "action", "outcome", "actor_id", "actor", "roles", "door",
    "session", "purpose", "network", "subject", "subject_key", "entity_id", "patients", "detail", "previous",
    "key_id",
)  # fmt: skip
"""The fields of format 1, in order. All of them but the seal itself: a column outside could be edited
unseen.
"""


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no blanks, ASCII. Numbers are whole: money travels as cents."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | set | tuple):
        return sorted(value)
    raise TypeError(f"an audit event holds ids, codes and counts, not {type(value).__name__}")


def sealed_bytes(event: Mapping[str, Any]) -> bytes:
    """What the HMAC of an event is made over."""
    fields = [_text(event[name]) if name == "recorded" else event[name] for name in SEALED]
    return canonical(fields).encode("ascii")


def head_bytes(seq: int, event_hash: str, key_id: str) -> bytes:
    """What the seal of the head row is made over."""
    return canonical(["head", seq, event_hash, key_id]).encode("ascii")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def ids_of(text: str) -> Sequence[int]:
    """The patient ids an event lists."""
    ids: Sequence[int] = json.loads(text)
    return ids


def short(text: str, size: int) -> str:
    """A text that fits its column and that both databases can hold."""
    return text.replace("\x00", "")[:size]
