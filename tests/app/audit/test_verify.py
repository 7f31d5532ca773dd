"""Whatever is done to the trail with all rights on the database, and even with the key, is found (D2)."""

import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from app.audit import service
from app.audit.models import AuditEvent, AuditHead, AuditPatient
from app.audit.rules import head_bytes, sealed_bytes
from app.audit.verify import verify
from app.kernel.crypto import keyring
from app.kernel.db import engine, table_of
from app.kernel.work import system, work

EVENTS, PATIENTS, HEAD = table_of(AuditEvent), table_of(AuditPatient), table_of(AuditHead)
TAMPERS = 500
Tamper = Callable[[Connection, random.Random], None]


def fill(count: int = 24) -> None:
    for number in range(count // 2):
        with work(system("tests")) as w:
            w.audit("view", "R", "claim", number, entity_id=1, patients=(number + 1, number + 50))
            w.audit("note", "C", "claim", number, detail={"code": "call", "count": number})


def without_triggers(db: Connection) -> None:
    """What an intruder with the owner's rights does first."""
    if db.dialect.name == "postgresql":
        db.exec_driver_sql("RESET ROLE")
        listed = "SELECT tgname || ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
    else:
        listed = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    for name in db.exec_driver_sql(listed).scalars().all():
        db.exec_driver_sql("DROP TRIGGER " + name)


def a_seq(db: Connection, chance: random.Random) -> int:
    return chance.choice(db.execute(select(EVENTS.c.seq)).scalars().all())


def edit_a_field(db: Connection, chance: random.Random) -> None:
    column = chance.choice([one for one in EVENTS.c if one.name not in ("seq", "recorded")])
    seq = a_seq(db, chance)
    old = db.execute(select(column).where(EVENTS.c.seq == seq)).scalar()
    new = (
        (old or 0) + 1
        if column.name in ("version", "outcome", "actor_id", "entity_id")
        else other_text(str(old), column)
    )
    db.execute(update(EVENTS).where(EVENTS.c.seq == seq).values({column.name: new}))


def other_text(old: str, column: Any) -> str:
    room = getattr(column.type, "length", None) or 60
    return (("x" if not old.startswith("x") else "y") + old[1:])[:room] if old else "x"


def move_in_time(db: Connection, chance: random.Random) -> None:
    seq = a_seq(db, chance)
    moment = db.execute(select(EVENTS.c.recorded).where(EVENTS.c.seq == seq)).scalar_one()
    db.execute(update(EVENTS).where(EVENTS.c.seq == seq).values(recorded=moment + timedelta(microseconds=1)))


def remove_one(db: Connection, chance: random.Random) -> None:
    seq = a_seq(db, chance)
    db.execute(delete(PATIENTS).where(PATIENTS.c.seq == seq))
    db.execute(delete(EVENTS).where(EVENTS.c.seq == seq))


def swap_two(db: Connection, chance: random.Random) -> None:
    one, other = chance.sample(db.execute(select(EVENTS.c.seq)).scalars().all(), 2)
    db.execute(delete(PATIENTS).where(PATIENTS.c.seq.in_((one, other))))
    for old, new in ((one, 10_000), (other, one), (10_000, other)):
        db.execute(update(EVENTS).where(EVENTS.c.seq == old).values(seq=new))


def add_one_behind(db: Connection, chance: random.Random) -> None:
    row = dict(db.execute(select(EVENTS).where(EVENTS.c.seq == a_seq(db, chance))).mappings().one())
    db.execute(insert(EVENTS).values({**row, "seq": 1_000}))


def forget_a_patient(db: Connection, chance: random.Random) -> None:
    patient = chance.choice(db.execute(select(PATIENTS.c.patient_id)).scalars().all())
    db.execute(delete(PATIENTS).where(PATIENTS.c.patient_id == patient))


def blame_on_another_patient(db: Connection, chance: random.Random) -> None:
    patient = chance.choice(db.execute(select(PATIENTS.c.patient_id)).scalars().all())
    db.execute(update(PATIENTS).where(PATIENTS.c.patient_id == patient).values(patient_id=patient + 500))


def invent_a_look(db: Connection, chance: random.Random) -> None:
    db.execute(insert(PATIENTS).values(patient_id=9_999, seq=a_seq(db, chance)))


def cut_the_tail(db: Connection, chance: random.Random) -> None:
    """With the key: the head is sealed anew, so that only the anchors know of what is gone."""
    keep = chance.randrange(1, 22)
    db.execute(delete(PATIENTS).where(PATIENTS.c.seq > keep))
    db.execute(delete(EVENTS).where(EVENTS.c.seq > keep))
    seal_head(db, keep, db.execute(select(EVENTS.c.hash).where(EVENTS.c.seq == keep)).scalar_one())


def cut_the_tail_and_keep_the_head(db: Connection, chance: random.Random) -> None:
    keep = chance.randrange(1, 24)
    db.execute(delete(PATIENTS).where(PATIENTS.c.seq > keep))
    db.execute(delete(EVENTS).where(EVENTS.c.seq > keep))


def rebuild_the_chain(db: Connection, chance: random.Random) -> None:
    """With the key: an event is rewritten and everything after it sealed anew. Only the anchors
    contradict.
    """
    target = a_seq(db, chance)
    rows = [dict(row) for row in db.execute(select(EVENTS).order_by(EVENTS.c.seq)).mappings()]
    previous = rows[0]["previous"]
    for row in rows:
        if row["seq"] == target:
            row["actor"] = "somebody else"
        row["previous"] = previous
        row["hash"] = previous = keyring().mac(sealed_bytes(row), "audit")
        db.execute(update(EVENTS).where(EVENTS.c.seq == row["seq"]).values(row))
    seal_head(db, rows[-1]["seq"], previous)


def start_afresh(db: Connection, chance: random.Random) -> None:
    for table in (PATIENTS, EVENTS, HEAD):
        db.execute(delete(table))


def move_the_head(db: Connection, chance: random.Random) -> None:
    db.execute(update(HEAD).values(seq=HEAD.c.seq + chance.choice((-1, 1))))


def seal_head(db: Connection, seq: int, event_hash: str) -> None:
    key = keyring().newest_id
    seal = keyring().mac(head_bytes(seq, event_hash, key), "audit head")
    db.execute(update(HEAD).values(seq=seq, hash=event_hash, seal=seal))


WAYS: tuple[Tamper, ...] = (
    edit_a_field, edit_a_field, edit_a_field, move_in_time, remove_one, swap_two, add_one_behind,
    forget_a_patient, blame_on_another_patient, invent_a_look, cut_the_tail, cut_the_tail_and_keep_the_head,
    rebuild_the_chain, start_afresh, move_the_head,
)  # fmt: skip


def test_every_one_of_five_hundred_tampers_is_found(house: Any) -> None:
    fill()
    with work(system("tests")) as w:
        service.anchor(w)
    chance = random.Random(20260301)
    missed = []
    with engine().connect() as db:
        assert verify(db).whole
        db.rollback()
        for number in range(TAMPERS):
            way = WAYS[number % len(WAYS)]
            without_triggers(db)
            way(db, chance)
            if verify(db).whole:
                missed.append((number, way.__name__))
            db.rollback()
    assert not missed


def test_a_tail_cut_before_the_daily_anchor_is_missed_by_nobody(house: Any) -> None:
    """Each append notes the head it stands on, so that a cut contradicts a note that is one transaction
    old.
    """
    fill()
    with engine().connect() as db:
        without_triggers(db)
        cut_the_tail(db, random.Random(1))
        assert [one.code for one in verify(db).problems] == ["tail"]
        db.rollback()


def test_a_changed_or_missing_anchor_file_is_found(house: Any) -> None:
    fill()
    with work(system("tests")) as w:
        service.anchor(w)
    places = (service.anchors_file(), service.latest_file())
    kept = {place: place.read_text() for place in places}
    for place in places:
        place.write_text(kept[place].replace('"seq": 2', '"seq": 1'))
        with engine().connect() as db:
            assert "anchor" in {one.code for one in verify(db).problems}
        place.write_text("not a line of ours\n")
        with engine().connect() as db:
            assert "anchor" in {one.code for one in verify(db).problems}
        place.write_text(kept[place])
    shutil.rmtree(places[0].parent)
    with engine().connect() as db:
        assert [one.code for one in verify(db).problems] == ["anchor"]


def test_an_unreadable_moment_is_a_finding_and_not_a_crash(house: Any) -> None:
    fill()
    if house.kind == "postgresql":
        return  # that database holds moments only
    with engine().connect() as db:
        without_triggers(db)
        db.exec_driver_sql("UPDATE audit_event SET recorded = 'yesterday' WHERE seq = 3")
        assert "seal" in {one.code for one in verify(db).problems}


def test_the_anchors_lie_where_only_we_may_read(house: Any) -> None:
    fill(2)
    place: Path = service.latest_file()
    assert place.is_relative_to(house.folder)
    assert (place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == (0o600, 0o700)
