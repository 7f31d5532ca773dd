"""How guarantors may be reached: addresses with their history, numbers, yes and no to each channel."""

from datetime import date, datetime

from sqlalchemy import insert, select, update

from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.patients import queries_guarantors, queries_reach
from app.patients.lifecycle import Channel, Deliverability, PointKind, Source
from app.patients.models import Consent, ContactPoint, Guarantor, GuarantorAddress
from app.patients.queries_guarantors import GuarantorRow
from app.patients.queries_reach import POINT
from app.patients.rules_people import Home
from app.patients.rules_reach import checked, written
from app.patients.service_guarantors import HOME_LOOKUP, live_at

RIGHT = "guarantors.write"
PROOF_CHARACTERS = 200
_guarantor, _address = table_of(Guarantor), table_of(GuarantorAddress)
_point, _consent = table_of(ContactPoint), table_of(Consent)


def held(w: Work, account_public: str, version: int | None) -> GuarantorRow:
    """The guarantor somebody is about to change; `Stale` when they changed since. Needs the right."""
    w.may(RIGHT)
    row = queries_guarantors.by_public(w, account_public)
    if version is not None and row.version != version:
        raise Stale()
    return row


def touch(w: Work, row: GuarantorRow, **values: object) -> None:
    """Write the change with the next version; two at once: the second is `Stale`."""
    mine = (_guarantor.c.id == row.id, _guarantor.c.version == row.version)
    if w.db.execute(update(_guarantor).where(*mine).values(version=row.version + 1, **values)).rowcount != 1:
        raise Stale()


def noted(w: Work, row: GuarantorRow, what: str, action: str, **detail: object) -> None:
    """Note what was done to a guarantor, with the patients they answer for: codes only."""
    of = queries_guarantors.patients_of(w, [row.id]).get(row.id, [])
    w.audit(f"guarantors.{what}", action, "guarantor", row.id, entity_id=row.entity_id,
            patients=[one.patient_id for one in of], detail=detail)  # fmt: skip


def add_address(
    w: Work,
    account_public: str,
    home: Home,
    *,
    version: int | None,
    source: Source = Source.PERSON,
    effective_from: date | None = None,
) -> str:
    """A new address from a day on (today by default); the old one ends and stays. Returns its public id.

    The same address again changes nothing; one that mail came back from is refused, because typing it again
    does not make it better.
    """
    row, home = held(w, account_public, version), checked(home)
    today = w.today(row.time_zone)
    since = effective_from or today
    if since > today:
        raise Refused("Nobody lives at an address of the future.", code="future", field="effective_from")
    query = select(_address).where(_address.c.guarantor_id == row.id, _address.c.effective_to.is_(None))
    old = w.db.execute(query.order_by(_address.c.id.desc()).limit(1)).one_or_none()
    if old is not None and old.lookup == keyring().blind(home.words, HOME_LOOKUP):
        if old.mail == Deliverability.BAD.value:
            raise Refused("Mail came back from this address. Mark it good if you know that it is.",
                          code="bad_address", field="street")  # fmt: skip
        return str(old.public_id)
    if old is not None:
        w.db.execute(
            update(_address)
            .where(_address.c.guarantor_id == row.id, _address.c.effective_to.is_(None))
            .values(effective_to=max(since, old.effective_from), version=_address.c.version + 1)
        )
        since = max(since, old.effective_from)
    made = live_at(w, row.entity_id, [(row.id, home)], source, since=since)
    touch(w, row, state=home.state)
    noted(w, row, "address", "C", source=source.value)
    return made[0]


def mark_mail(
    w: Work, address_public: str, mail: Deliverability, code: str, *, on: date, version: int | None = None
) -> None:
    """Say whether the post reaches an address, by the post office's reason and its day."""
    w.may(RIGHT)
    query = select(_address).where(w.within(_address.c.entity_id), _address.c.public_id == address_public)
    found = w.db.execute(query).one_or_none()
    if found is None:
        raise NotFound("There is no such address.")
    if version is not None and found.version != version:
        raise Stale()
    mine = (_address.c.id == found.id, _address.c.version == found.version)
    values = dict(mail=mail.value, mail_code=code, mail_on=on, version=found.version + 1)
    if w.db.execute(update(_address).where(*mine).values(**values)).rowcount != 1:
        raise Stale()
    row = queries_guarantors.by_ids(w, [found.guarantor_id])[found.guarantor_id]
    noted(w, row, "mail", "U", mail=mail.value, code=code)


def add_point(
    w: Work,
    account_public: str,
    kind: PointKind,
    text: str,
    *,
    work: bool = False,
    source: Source = Source.PERSON,
    version: int | None = None,
) -> str:
    """A number or e-mail address of a guarantor; the same again changes nothing. Returns its public id."""
    row, said = held(w, account_public, version), written(kind, text)
    ring = keyring()
    lookup = ring.blind(said.value, POINT)
    live = (_point.c.guarantor_id == row.id, _point.c.lookup == lookup, _point.c.ended_at.is_(None))
    known = w.db.execute(select(_point.c.public_id).where(*live)).scalar()
    if known is not None:
        return str(known)
    name = public_id()
    values = dict(
        id=w.numbers("contact_point"), public_id=name, entity_id=row.entity_id, guarantor_id=row.id,
        kind=kind.value, sealed=ring.seal(said.value, POINT), lookup=lookup, shown=said.shown, work=work,
        zones=" ".join(said.zones), source=source.value, author=w.actor.name[:80], recorded_at=w.now,
        version=1,
    )  # fmt: skip
    w.db.execute(insert(_point).values(**values))
    noted(w, row, "point", "C", kind=kind.value)
    return name


def end_point(w: Work, point_public: str, *, version: int) -> None:
    """A number or address nobody may use any more; it stays on record."""
    w.may(RIGHT)
    query = select(_point).where(w.within(_point.c.entity_id), _point.c.public_id == point_public)
    found = w.db.execute(query).one_or_none()
    if found is None:
        raise NotFound("There is no such number.")
    mine = (_point.c.id == found.id, _point.c.version == version, _point.c.ended_at.is_(None))
    ended = update(_point).where(*mine).values(ended_at=w.now, version=version + 1)
    if w.db.execute(ended).rowcount != 1:
        raise Stale()
    row = queries_guarantors.by_ids(w, [found.guarantor_id])[found.guarantor_id]
    noted(w, row, "point", "D", kind=found.kind)


def consent(
    w: Work,
    account_public: str,
    channel: Channel,
    granted: bool,
    *,
    point_public: str = "",
    effective_at: datetime | None = None,
    source: Source = Source.PERSON,
    proof: str = "",
) -> str:
    """Write down a yes or a no; nothing is ever changed, the last word counts. Returns its public id.

    A yes needs a proof (where the paper, the recording or the message is); a no needs none and holds at once.
    """
    row = held(w, account_public, None)
    said_at = effective_at or w.now
    if granted and not proof.strip():
        raise Refused("Say where the proof of this consent is.", code="proof", field="proof")
    if said_at > w.now:
        raise Refused("Nobody has said yes in the future.", code="future", field="effective_at")
    point_id = None
    if point_public:
        mine = {one.public_id: one.id for one in queries_reach.points(w, [row.id]).get(row.id, [])}
        if point_public not in mine:
            raise NotFound("There is no such number.", field="point")
        point_id = mine[point_public]
    name = public_id()
    values = dict(
        id=w.numbers("consent"), public_id=name, entity_id=row.entity_id, guarantor_id=row.id,
        contact_point_id=point_id, channel=channel.value, granted=granted, effective_at=said_at,
        source=source.value, proof=proof.strip()[:PROOF_CHARACTERS], author=w.actor.name[:80],
        recorded_at=w.now,
    )  # fmt: skip
    w.db.execute(insert(_consent).values(**values))
    noted(w, row, "consent", "C", channel=channel.value, granted=granted)
    return name
