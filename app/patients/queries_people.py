"""One guarantor as their page and the API tell it, and guarantors who look like one person."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.work import Work
from app.patients import queries_guarantors, queries_reach
from app.patients.models import Guarantor
from app.patients.queries_guarantors import AnswersFor, GuarantorRow
from app.patients.queries_reach import Address, Point
from app.patients.rules_reach import Said

_guarantor = table_of(Guarantor)
ALIKE_MOST = 200
ENDED = "a number no longer used"


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A yes or no, with the number or address it is about as screens show it; empty: about everything."""

    said: Said
    about: str
    counts: bool


@dataclass(frozen=True, slots=True)
class GuarantorTold:
    """All that is known of a guarantor but money."""

    head: GuarantorRow
    patients: list[AnswersFor]
    address: Address | None
    addresses: list[Address]
    points: list[Point]
    consents: list[ConsentRow]
    zones: tuple[str, ...]


def told(w: Work, public_id: str) -> GuarantorTold:
    """One guarantor with everything; who looked is noted with whom they answer for."""
    head = queries_guarantors.by_public(w, public_id)
    of = queries_guarantors.patients_of(w, [head.id]).get(head.id, [])
    addresses = queries_reach.address_history(w, head.id)
    points = queries_reach.points(w, [head.id]).get(head.id, [])
    said = queries_reach.consents(w, [head.id])[head.id]
    w.audit("guarantors.one", "R", "guarantor", head.id, entity_id=head.entity_id,
            patients=[one.patient_id for one in of])  # fmt: skip
    return GuarantorTold(
        head, of, queries_reach.addresses(w, [head.id]).get(head.id), addresses, points,
        _consents(said.said, points), queries_reach.zones(w, [head.id])[head.id],
    )  # fmt: skip


def _consents(said: Sequence[Said], points: Sequence[Point]) -> list[ConsentRow]:
    shown = {one.id: one.shown for one in points}
    last = {(one.channel, one.contact_point_id): one.id for one in said}
    return [
        ConsentRow(
            one,
            "" if one.contact_point_id is None else shown.get(one.contact_point_id, ENDED),
            last[one.channel, one.contact_point_id] == one.id,
        )
        for one in reversed(said)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alike:
    """Two accounts of one name whose birth dates do not speak against each other."""

    first: GuarantorRow
    second: GuarantorRow


def alike(w: Work, entity_public: str = "") -> list[Alike]:
    """Accounts that look like one person: the same name, and the same birth date or one not known.

    200 pairs at most; accounts kept apart on purpose are no pair.
    """
    one, two = _guarantor.alias("one"), _guarantor.alias("two")
    same = and_(
        one.c.entity_id == two.c.entity_id, one.c.last == two.c.last, one.c.first == two.c.first,
        one.c.id < two.c.id, one.c.confidential.is_(False), two.c.confidential.is_(False),
        or_(one.c.birth.is_(None), two.c.birth.is_(None), one.c.birth == two.c.birth),
    )  # fmt: skip
    query = select(one.c.id, two.c.id.label("other")).join(two, same).where(w.within(one.c.entity_id))
    wanted = entities.chosen(w, entity_public)
    if wanted is not None:
        query = query.where(one.c.entity_id.in_(wanted))
    pairs = [tuple(row) for row in w.db.execute(query.order_by(one.c.last, one.c.id).limit(ALIKE_MOST))]
    rows = queries_guarantors.by_ids(w, sorted({key for pair in pairs for key in pair}))
    of = queries_guarantors.patients_of(w, list(rows))
    seen = [each.patient_id for patients in of.values() for each in patients]
    w.audit("guarantors.alike", "R", "guarantor", patients=seen, detail={"rows": len(pairs)})
    return [Alike(rows[first], rows[second]) for first, second in pairs]
