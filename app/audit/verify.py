"""Is the trail whole? Read every event, every patient row, the head and the anchors, and say what does not
agree.
"""

import hmac
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, String, func, select, type_coerce

from app.audit.models import FORMAT, AuditEvent, AuditHead, AuditPatient
from app.audit.rules import GENESIS, head_bytes, ids_of, sealed_bytes
from app.audit.service import Anchor, anchors_file, latest_file, parse_anchor, read_lines
from app.kernel.crypto import keyring
from app.kernel.db import table_of

_events, _head, _patients = table_of(AuditEvent), table_of(AuditHead), table_of(AuditPatient)
_raw = [type_coerce(one, String).label("recorded") if one.name == "recorded" else one for one in _events.c]
"""The columns as the database holds them: an unreadable moment is a finding, not a crash."""
STEP = 1_000


class Problem(NamedTuple):
    """Something in the trail that cannot be: a stable code, the event it was seen at (0: none), a
    sentence.
    """

    code: str
    seq: int
    text: str


class Verified(NamedTuple):
    """What a check of the trail found; whole when there is no problem."""

    events: int
    anchors: int
    problems: list[Problem]

    @property
    def whole(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems


def verify(db: Connection) -> Verified:
    """Check all of the trail. Memory is flat; one million events take about a minute.

    Pass a connection whose transaction sees one moment (`reading(...)`.db); on PostgreSQL events appended
    while this runs are left out, because it stops at the head it read first.
    """
    # The anchors first: one written while we read names an event we would not look at.
    anchors, problems = _anchors()
    found = db.execute(select(_head).where(_head.c.id == 1)).mappings().one_or_none()
    head = dict(found) if found else None
    problems += _head_problems(db, head)
    if head and not anchors:
        problems.append(Problem("anchor", 0, "no anchor is left in the data folder"))
    upto = head["seq"] if head else 0
    wanted = defaultdict(set)
    for one in anchors:
        wanted[one.seq].add(one.hash)
    last, previous = 0, GENESIS
    for event, about in _walk(db, upto):
        seq = event["seq"]
        if seq != last + 1:
            problems.append(Problem("missing", last + 1, f"events {last + 1} to {seq - 1} are missing"))
        problems += _event_problems(event, previous, about)
        if wanted.pop(seq, {event["hash"]}) != {event["hash"]}:
            problems.append(
                Problem("anchor", seq, "this is not the event that was anchored: the chain was rebuilt")
            )
        last, previous = seq, event["hash"]
    if last != upto or (head and previous != head["hash"]):
        problems.append(Problem("tail", last, f"the head names event {upto}, the chain ends at {last}"))
    problems += [
        Problem("tail", seq, f"the chain once reached event {seq}, now gone") for seq in wanted if seq
    ]
    return Verified(last, len(anchors), problems)


def _walk(db: Connection, upto: int) -> Iterator[tuple[Mapping[str, Any], set[int]]]:
    last = -(1 << 62)
    while True:
        query = select(*_raw).where(_events.c.seq > last, _events.c.seq <= upto).order_by(_events.c.seq)
        rows = db.execute(query.limit(STEP)).mappings().all()
        if not rows:
            return
        about: dict[int, set[int]] = defaultdict(set)
        span = _patients.c.seq.between(rows[0]["seq"], rows[-1]["seq"])
        for patient, seq in db.execute(select(_patients.c.patient_id, _patients.c.seq).where(span)):
            about[seq].add(patient)
        for row in rows:
            yield dict(row), about[row["seq"]]
        last = rows[-1]["seq"]


def _event_problems(event: Mapping[str, Any], previous: str, about: set[int]) -> Iterator[Problem]:
    seq = event["seq"]
    if event["version"] != FORMAT:
        yield Problem("version", seq, f"format {event['version']} was never written")
    if event["previous"] != previous:
        yield Problem("chain", seq, "does not follow the event before it")
    if not _same(_seal_of(event), event["hash"]):
        yield Problem("seal", seq, "was changed after it was written, or its key is gone from RECLAIM_KEYS")
        return
    if set(ids_of(event["patients"])) != about:
        yield Problem("patients", seq, "the rows of its patients were changed")


def _seal_of(event: Mapping[str, Any]) -> str:
    """The seal this event should carry; empty when a field is not even readable."""
    recorded = event["recorded"]
    try:
        moment = (
            datetime.fromisoformat(recorded).replace(tzinfo=UTC) if isinstance(recorded, str) else recorded
        )
        return keyring().mac(sealed_bytes({**event, "recorded": moment}), "audit", str(event["key_id"]))
    except (ValueError, TypeError, AttributeError):
        return ""


def _same(made: str, found: object) -> bool:
    return bool(made) and hmac.compare_digest(made.encode(), str(found).encode())


def _head_problems(db: Connection, head: Mapping[str, Any] | None) -> Iterator[Problem]:
    # One statement sees one moment: events appended meanwhile move the head with them.
    end = func.coalesce(select(_head.c.seq).where(_head.c.id == 1).scalar_subquery(), 0)
    beyond = select(func.count()).where(_events.c.seq > end)
    if extra := db.execute(beyond).scalar_one():
        yield Problem("beyond", 0, f"{extra} events stand behind the head")
    stray = select(func.count()).where(
        ~select(_events.c.seq).where(_events.c.seq == _patients.c.seq).exists()
    )
    if extra := db.execute(stray.select_from(_patients)).scalar_one():
        yield Problem("patients", 0, f"{extra} patient rows belong to no event")
    if head is None:
        return
    seal = keyring().mac(head_bytes(head["seq"], head["hash"], head["key_id"]), "audit head", head["key_id"])
    if not _same(seal, head["seal"]):
        yield Problem("head", head["seq"], "the head was changed")


def _anchors() -> tuple[list[Anchor], list[Problem]]:
    found, problems = [], []
    for place in (anchors_file(), latest_file()):
        for number, line in enumerate(read_lines(place), start=1):
            made = parse_anchor(line)
            if made is None or not made.genuine():
                problems.append(Problem("anchor", 0, f"line {number} of {place.name} was changed"))
            else:
                found.append(made)
    return found, problems
