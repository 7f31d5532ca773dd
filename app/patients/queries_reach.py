"""How guarantors may be reached: the address in force, numbers, what they said yes and no to, time zones."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from app.kernel.bulk import among
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.work import Work
from app.patients.models import Consent, ContactPoint, GuarantorAddress
from app.patients.rules_people import Home, home_of
from app.patients.rules_reach import Said, address_zones, allowed

_address, _point, _consent = table_of(GuarantorAddress), table_of(ContactPoint), table_of(Consent)
ADDRESS, POINT = "guarantor.address", "guarantor.point"


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a guarantor; mail: good, held or bad, with the post office's reason and its day."""

    id: int
    public_id: str
    guarantor_id: int
    street: str
    street2: str
    city: str
    state: str
    zip: str
    mail: str
    mail_code: str
    mail_on: date | None
    source: str
    effective_from: date
    effective_to: date | None
    version: int

    @property
    def lines(self) -> list[str]:
        """As on an envelope, without the name."""
        code = f"{self.zip[:5]}-{self.zip[5:]}" if len(self.zip) == 9 and self.zip.isdigit() else self.zip
        town = " ".join(part for part in (self.city, self.state, code) if part)
        return [part for part in (self.street, self.street2, town) if part]


@dataclass(frozen=True, slots=True)
class Point:
    """A number or e-mail address; value is +1... or the address, shown is masked, zones IANA names."""

    id: int
    public_id: str
    kind: str
    value: str
    shown: str
    work: bool
    zones: tuple[str, ...]
    source: str
    version: int


@dataclass(frozen=True)
class Consents:
    """What somebody said yes and no to, newest last."""

    said: tuple[Said, ...] = field(default_factory=tuple)

    def allows(self, channel: str, point_id: int | None = None) -> bool | None:
        """Their last word about a channel, for a number or as a whole; None: they said nothing."""
        return allowed(self.said, channel, point_id)


def words_of(one: Address) -> str:
    """What makes two addresses one."""
    return Home(one.street, one.street2, one.city, one.state, one.zip).words


def _opened(row: Row[Any]) -> Address:
    home = home_of(keyring().open(bytes(row.sealed), ADDRESS))
    return Address(
        row.id, row.public_id, row.guarantor_id, home.street, home.street2, home.city, home.state, home.zip,
        row.mail, row.mail_code, row.mail_on, row.source, row.effective_from, row.effective_to, row.version,
    )  # fmt: skip


def addresses(w: Work, ids: Collection[int]) -> dict[int, Address]:
    """The address in force of each guarantor: the newest without an end. The caller notes what it told."""
    if not ids:
        return {}
    query = select(_address).where(w.within(_address.c.entity_id), _address.c.effective_to.is_(None))
    query = query.where(among(w.db, _address.c.guarantor_id, list(ids))).order_by(_address.c.id)
    return {row.guarantor_id: _opened(row) for row in w.db.execute(query)}


def address_history(w: Work, account_id: int) -> list[Address]:
    """Every address a guarantor ever had, the newest first."""
    query = select(_address).where(w.within(_address.c.entity_id), _address.c.guarantor_id == account_id)
    order = (_address.c.effective_from.desc(), _address.c.id.desc())
    return [_opened(row) for row in w.db.execute(query.order_by(*order))]


def points(w: Work, ids: Collection[int]) -> dict[int, list[Point]]:
    """The numbers and e-mail addresses in use, in the order they were added."""
    found: dict[int, list[Point]] = {}
    if not ids:
        return found
    query = select(_point).where(w.within(_point.c.entity_id), _point.c.ended_at.is_(None))
    ring = keyring()
    for row in w.db.execute(query.where(among(w.db, _point.c.guarantor_id, list(ids))).order_by(_point.c.id)):
        made = Point(
            row.id, row.public_id, row.kind, ring.open(bytes(row.sealed), POINT), row.shown, row.work,
            tuple(row.zones.split()), row.source, row.version,
        )  # fmt: skip
        found.setdefault(row.guarantor_id, []).append(made)
    return found


def consents(w: Work, ids: Collection[int]) -> Mapping[int, Consents]:
    """What each guarantor said; everybody asked for is in the answer."""
    said: dict[int, list[Said]] = {one: [] for one in ids}
    if ids:
        columns = (_consent.c[name] for name in Said._fields)
        query = select(_consent.c.guarantor_id, *columns).where(w.within(_consent.c.entity_id))
        for row in w.db.execute(query.where(among(w.db, _consent.c.guarantor_id, list(ids)))):
            said[row.guarantor_id].append(Said(*row[1:]))
    return {one: Consents(tuple(sorted(words, key=lambda one: one.order))) for one, words in said.items()}


def zones(
    w: Work, ids: Collection[int], *, point_ids: Collection[int] | None = None
) -> dict[int, tuple[str, ...]]:
    """All IANA time zones each guarantor may be in: by their numbers and by their address; empty: unknown.

    point_ids: only these numbers, when it is known which one will ring.
    """
    homes, numbers = addresses(w, ids), points(w, ids)
    found = {}
    for one in ids:
        mine = [each for each in numbers.get(one, []) if point_ids is None or each.id in point_ids]
        home = homes.get(one)
        by_home = address_zones(home.state, home.zip) if home else ()
        found[one] = tuple(sorted({*by_home, *(zone for each in mine for zone in each.zones)}))
    return found
