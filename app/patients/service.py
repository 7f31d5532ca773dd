"""Recognising the people that claims speak of, a batch at a time."""

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select, update

from app.access.service import HOME
from app.kernel.bulk import among
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.errors import Stale
from app.kernel.ids import address, public_ids, unpack
from app.kernel.work import Work
from app.patients.models import Patient
from app.patients.rules import Lived, Named
from app.patients.rules_people import HOME_SEALED, lives_text

_patient = table_of(Patient)
_COLUMNS = (
    "id",
    "entity_id",
    "public_id",
    "natural",
    "last",
    "first",
    "middle",
    "birth",
    "sex",
    "member_sealed",
    "member_lookup",
    "home_lookup",
    "home_sealed",
    "recorded_at",
)


def recognise(w: Work, entity_id: int, people: Sequence[Named]) -> dict[int, int]:
    """The patient key of each mention: {mention id: patient id}; unknown people are added.

    `Stale` when another import adds one of them in this moment.
    """
    ring = keyring()
    blinded: dict[str, str] = {}
    naturals: dict[int, str] = {}
    for one in people:
        words = one.words
        if words not in blinded:
            blinded[words] = ring.blind(words, "patient.natural")
        naturals[one.id] = blinded[words]
    wanted = list(set(naturals.values()))
    known: dict[str, int] = dict(
        w.db.execute(
            select(_patient.c.natural, _patient.c.id).where(
                _patient.c.entity_id == entity_id, among(w.db, _patient.c.natural, wanted)
            )
        ).all()
    )
    fresh: dict[str, Named] = {}
    for one in people:
        if naturals[one.id] not in known:
            fresh.setdefault(naturals[one.id], one)
    rows = []
    for public, (natural, one) in zip(public_ids(len(fresh)), fresh.items(), strict=True):
        sealed = ring.seal(one.member, "patient.member") if one.member else None
        lookup = ring.blind(one.member, "patient.member") if one.member else None
        home = ring.blind(one.home, HOME) if one.home else None
        name = (one.last[:80], one.first[:60], one.middle[:40])
        kept = ring.seal(lives_text(*one.lives), HOME_SEALED) if one.lives else None
        said = (*name, one.birth, one.sex[:1], sealed, lookup, home, kept)
        rows.append((one.id, entity_id, public, natural, *said))
        known[natural] = one.id
    moment = instant_text(w.now)
    if bulk_insert(w.db, _patient, _COLUMNS, [(*row, moment) for row in rows]) != len(rows):
        raise Stale("Another import met the same patient in the same moment.")
    return {mention: known[natural] for mention, natural in naturals.items()}


def next_homeless(w: Work) -> int | None:
    """The number of a file whose patients were recorded before claims kept where they live; None: no more."""
    first = select(_patient.c.id).where(w.within(_patient.c.entity_id), _patient.c.home_sealed.is_(None))
    key = w.db.execute(first.order_by(_patient.c.id).limit(1)).scalar()
    return None if key is None else unpack(key).file_no


def homeless(w: Work, file_no: int) -> list[int]:
    """The patients first named by a file, of whom nobody has kept yet where they live."""
    query = select(_patient.c.id).where(
        w.within(_patient.c.entity_id), _patient.c.home_sealed.is_(None),
        _patient.c.id >= address(file_no, 0), _patient.c.id < address(file_no + 1, 0),
    )  # fmt: skip
    return list(w.db.execute(query.order_by(_patient.c.id)).scalars())


def keep_homes(w: Work, said: Mapping[int, Lived]) -> None:
    """Keep what claims say of the homes of patients who have none on record; parts as `Named.lives`."""
    ring = keyring()
    rows = [{"key": key, "kept": ring.seal(lives_text(*one), HOME_SEALED)} for key, one in said.items()]
    if rows:
        mine = (_patient.c.id == bindparam("key"), _patient.c.home_sealed.is_(None))
        w.db.execute(update(_patient).where(*mine).values(home_sealed=bindparam("kept")), rows)
