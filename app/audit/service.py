"""The one writer of the audit trail, and the daily note of where it ends."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from app.audit.models import FORMAT, AuditEvent, AuditHead, AuditPatient
from app.audit.rules import GENESIS, canonical, head_bytes, sealed_bytes, short
from app.kernel.clock import now
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, table_of
from app.kernel.settings import settings
from app.kernel.work import Event, Work, audit_with

_events, _head, _patients = table_of(AuditEvent), table_of(AuditHead), table_of(AuditPatient)


class Head(NamedTuple):
    """The end of the chain; seq 0 and the genesis hash while it is empty."""

    seq: int
    hash: str


def append(db: Connection, w: Work, events: list[Event]) -> None:
    """Write events at the end of the chain, in the transaction of what they tell about.

    The head row stays locked until that transaction ends, which is why `Work` flushes its events last.
    """
    head, ring = lock_head(db), keyring()
    note_head(head)
    rows, about = [], []
    seq, previous = head
    for event in events:
        seq += 1
        row = _row(w, event, seq, previous, ring.newest_id)
        row["hash"] = previous = ring.mac(sealed_bytes(row), "audit")
        rows.append(row)
        about += [(patient, seq) for patient in event.patients]
    db.execute(insert(_events), rows)
    bulk_insert(db, _patients, ("patient_id", "seq"), about, fresh=True)
    seal = ring.mac(head_bytes(seq, previous, ring.newest_id), "audit head")
    db.execute(
        update(_head).where(_head.c.id == 1).values(seq=seq, hash=previous, key_id=ring.newest_id, seal=seal)
    )


def _row(w: Work, event: Event, seq: int, previous: str, key_id: str) -> dict[str, Any]:
    actor = w.actor
    return {
        "seq": seq,
        "version": FORMAT,
        "recorded": w.now,
        "type": short(event.type, 60),
        "action": short(event.action, 1),
        "outcome": event.outcome,
        "actor_id": actor.person_id,
        "actor": short(actor.name, 80),
        "roles": " ".join(sorted(actor.roles)),
        "door": short(actor.door, 10),
        "session": short(actor.session or "", 64),
        "purpose": short(actor.purpose, 20),
        "network": canonical(actor.network),
        "subject": short(event.subject, 60),
        "subject_key": short(event.key, 120),
        "entity_id": event.entity_id,
        "patients": canonical(list(event.patients)),
        "detail": canonical(event.detail),
        "previous": previous,
        "key_id": key_id,
    }


def lock_head(db: Connection) -> Head:
    """Where the chain ends, held until the transaction does. SQLite holds the whole database, so no row lock
    there.
    """
    query = select(_head.c.seq, _head.c.hash).where(_head.c.id == 1)
    if db.dialect.name == "postgresql":
        query = query.with_for_update()
    row = db.execute(query).one_or_none()
    if row is None:
        seal = keyring().mac(head_bytes(0, GENESIS, keyring().newest_id), "audit head")
        bulk_insert(
            db, _head, ("id", "seq", "hash", "key_id", "seal"), [(1, 0, GENESIS, keyring().newest_id, seal)]
        )
        row = db.execute(query).one()
    return Head(*row)


class Anchor(NamedTuple):
    """A note outside the database: at this moment the chain had reached this event."""

    moment: str
    seq: int
    hash: str
    key_id: str
    seal: str

    def line(self) -> str:
        """One line of a file."""
        return json.dumps(self._asdict()) + "\n"

    def genuine(self) -> bool:
        """Was this line written by us? A line we lack the key for is not."""
        sealed = keyring().mac(_anchor_bytes(self.moment, self.seq, self.hash), "audit anchor", self.key_id)
        return bool(sealed) and sealed == self.seal


def _anchor_bytes(moment: str, seq: int, event_hash: str) -> bytes:
    return canonical(["anchor", moment, seq, event_hash]).encode("ascii")


def _anchor(head: Head) -> Anchor:
    moment, ring = now().isoformat(), keyring()
    return Anchor(
        moment, head.seq, head.hash, ring.newest_id, ring.mac(_anchor_bytes(moment, *head), "audit anchor")
    )


def anchors_file() -> Path:
    """The daily anchors, one line each, oldest first."""
    return settings().data / "audit" / "anchors.jsonl"


def latest_file() -> Path:
    """The last head somebody appended behind: a running anchor, one transaction late at most."""
    return settings().data / "audit" / "latest.json"


def note_head(head: Head) -> None:
    """Remember a committed head outside the database; never goes backwards, so a shortened chain cannot
    hide.
    """
    place = latest_file()
    known = read_anchor(place)
    if known and known.seq >= head.seq:
        return
    _write(place, _anchor(head).line(), os.O_TRUNC)


def anchor(w: Work) -> Anchor:
    """Note the head of this moment among the anchors; a daily job, and part of every `verify`."""
    row = w.db.execute(select(_head.c.seq, _head.c.hash).where(_head.c.id == 1)).one_or_none()
    made = _anchor(Head(*row) if row else Head(0, GENESIS))
    _write(anchors_file(), made.line(), os.O_APPEND)
    return made


def _write(place: Path, line: str, how: int) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | how, 0o600)
    try:
        os.write(handle, line.encode("ascii"))
    finally:
        os.close(handle)


def read_anchor(place: Path) -> Anchor | None:
    """The anchor a one-line file holds; None when there is none that can be read."""
    lines = read_lines(place)
    return parse_anchor(lines[-1]) if lines else None


def read_lines(place: Path) -> list[str]:
    """The lines of an anchor file; none when there is no file."""
    try:
        return place.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def parse_anchor(line: str) -> Anchor | None:
    """Read one line; None when it is not one of ours."""
    try:
        found = json.loads(line)
        return Anchor(found["moment"], int(found["seq"]), found["hash"], found["key_id"], found["seal"])
    except (ValueError, KeyError, TypeError):
        return None


audit_with(append)
