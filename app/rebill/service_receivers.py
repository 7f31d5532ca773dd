"""The verbs of receivers: add, change, switch off; seal a secret, confirm a server's key, route a payer."""

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from app.entities.models import Entity
from app.gateways import folder, sftp
from app.gateways.folder import FolderWay
from app.gateways.handing import Way
from app.gateways.sftp import Account, SftpWay
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work, exists
from app.payers import queries as payers
from app.rebill import queries_receivers, rules_batches
from app.rebill.lifecycle import How
from app.rebill.models import RebillBatch, Receiver, ReceiverRoute
from app.rebill.rules_batches import NUMBERS_MOST, STILL_UNDERWAY, ReceiverFacts

_receiver, _route, _batch = table_of(Receiver), table_of(ReceiverRoute), table_of(RebillBatch)
_entity = table_of(Entity)
SECRET = "receiver.secret"  # nosec B105 - what the sealed secret is authenticated with, not a secret
_ADDRESS = ("how", "host", "port", "place", "username")


def add(w: Work, entity: str, given: ReceiverFacts, *, secret: str = "", first_number: int = 1) -> str:
    """Name a receiver for one entity (its public id); returns its public id. first_number: of its files."""
    w.may("rebill.receivers")
    entity_id = w.db.execute(
        select(_entity.c.id).where(_entity.c.public_id == entity, w.within(_entity.c.id))
    ).scalar()
    if entity_id is None:
        raise Refused("There is no such billing entity.", code="entity", field="entity")
    if not 1 <= first_number <= NUMBERS_MOST:
        words = "The number of the first file has one to nine digits."
        raise Refused(words, code="first_number", field="first_number")
    facts, name = _checked(given), public_id()
    if facts.is_default:
        _no_other_default(w, int(entity_id))
    values: dict[str, Any] = dict(public_id=name, entity_id=entity_id, host_key="", active=True, version=1)
    values |= dict(next_interchange=first_number, next_group=first_number, secret_sealed=_sealed(secret))
    w.db.execute(insert(_receiver).values(**asdict(facts), **values))
    w.audit("receiver.add", "C", "receiver", name, entity_id=int(entity_id), detail={"how": facts.how})
    return name


def _checked(given: ReceiverFacts) -> ReceiverFacts:
    facts = rules_batches.checked(given)
    if facts.how == How.SFTP:
        sftp.checked(facts.host, facts.port)
    elif facts.how == How.FOLDER:
        folder.checked(facts.place)
    return facts


def _sealed(secret: str) -> bytes | None:
    if not secret:
        return None
    sftp.checked_secret(secret)
    return keyring().seal(secret, SECRET)


def _no_other_default(w: Work, entity_id: int) -> None:
    others = (_receiver.c.entity_id == entity_id, _receiver.c.is_default)
    w.db.execute(update(_receiver).where(*others).values(is_default=False, version=_receiver.c.version + 1))


def change(w: Work, public: str, given: ReceiverFacts, *, secret: str = "", version: int) -> int:
    """Other facts; an empty secret keeps the old one. Another server has to be confirmed anew.

    Returns the new version; `Stale` when it changed meanwhile; `NotAllowed` for another address while a
    batch is underway there.
    """
    w.may("rebill.receivers")
    row, facts = _locked(w, public, version), _checked(given)
    moved = [name for name in _ADDRESS if getattr(row, name) != getattr(facts, name)]
    if moved and _underway(w, row.id):
        words = "A batch is on its way there: settle it before the address changes."
        raise NotAllowed(words, code="batches_underway")
    if facts.is_default and not row.is_default:
        _no_other_default(w, row.entity_id)
    values: dict[str, Any] = asdict(facts)
    if secret:
        values["secret_sealed"] = _sealed(secret)
    elif facts.how != How.SFTP:
        values["secret_sealed"] = None
    if {"how", "host", "port"} & set(moved):
        values["host_key"] = ""
    return _write(w, row, version, values, {"moved": moved, "secret": bool(secret)})


def switch(w: Work, public: str, *, active: bool, version: int) -> int:
    """Use a receiver no more, or again; one that is off is nobody's default. Returns the new version."""
    w.may("rebill.receivers")
    row = _locked(w, public, version)
    if not active and _underway(w, row.id):
        words = "A batch is on its way there: settle it first."
        raise NotAllowed(words, code="batches_underway")
    values: dict[str, Any] = {"active": active} | ({} if active else {"is_default": False})
    return _write(w, row, version, values, {"active": active})


def confirm_key(w: Work, public: str, host_key: str, *, version: int) -> int:
    """A person compared the key of the server and says it is the one; only that one is spoken to."""
    w.may("rebill.receivers")
    row = _locked(w, public, version)
    if row.how != How.SFTP:
        raise NotAllowed("Only an SFTP server shows a key.", code="not_possible_now")
    key = sftp.pinned(host_key)
    return _write(w, row, version, {"host_key": key}, {"host_key": key})


def route(w: Work, public: str, payer: str, *, since: date, version: int) -> int:
    """From a day on claims for a payer go to this receiver, and no more to another. Returns the version.

    since: today or later: where claims went cannot be changed any more.
    """
    w.may("rebill.receivers")
    row, payer_id = _locked(w, public, version), _payer_of(w, public, payer)
    today = w.today(queries_receivers.receiver(w, public).time_zone)
    if since < today:
        raise Refused("A route begins today or later.", code="since", field="since")
    _end(w, row.entity_id, payers.family(w, payer_id), since)
    values = dict(entity_id=row.entity_id, receiver_id=row.id, payer_id=payer_id, effective_from=since)
    w.db.execute(insert(_route).values(**values, author=w.actor.name[:80]))
    return _write(w, row, version, {}, {"route": payer, "from": since.isoformat()})


def end_route(w: Work, public: str, payer: str, *, until: date, version: int) -> int:
    """From a day on claims for a payer go to the default receiver again. Returns the version."""
    w.may("rebill.receivers")
    row, payer_id = _locked(w, public, version), _payer_of(w, public, payer)
    if until < w.today(queries_receivers.receiver(w, public).time_zone):
        raise Refused("A route ends today or later.", code="until", field="until")
    if not _end(w, row.entity_id, payers.family(w, payer_id), until):
        raise NotFound("No route for this payer is in force then.")
    return _write(w, row, version, {}, {"end_route": payer, "until": until.isoformat()})


def _payer_of(w: Work, public: str, payer: str) -> int:
    try:
        payer_id, entity_id = payers.by_id(w, payer)
    except NotFound:
        raise Refused("There is no such payer.", code="payer", field="payer") from None
    if entity_id != queries_receivers.receiver(w, public).entity_id:
        raise Refused("There is no such payer.", code="payer", field="payer")
    return payer_id


def _end(w: Work, entity_id: int, payer_ids: list[int], day: date) -> int:
    """Close what is in force on a day, and forget what would begin on it or later; returns how many."""
    mine = (_route.c.entity_id == entity_id, _route.c.payer_id.in_(payer_ids))
    later = w.db.execute(delete(_route).where(*mine, _route.c.effective_from >= day)).rowcount
    still = or_(_route.c.effective_to.is_(None), _route.c.effective_to > day)
    ended = w.db.execute(update(_route).where(*mine, still).values(effective_to=day)).rowcount
    return int(later + ended)


def _locked(w: Work, public: str, version: int) -> Any:
    query = select(_receiver).where(_receiver.c.public_id == public, w.within(_receiver.c.entity_id))
    row = w.db.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such receiver.")
    if row.version != version:
        raise Stale()
    return row


def _underway(w: Work, receiver_id: int) -> bool:
    states = [one.value for one in STILL_UNDERWAY]
    query = select(_batch.c.id).where(_batch.c.receiver_id == receiver_id, _batch.c.state.in_(states))
    return exists(w, query)


def _write(w: Work, row: Any, version: int, values: dict[str, Any], detail: dict[str, Any]) -> int:
    held = (_receiver.c.id == row.id, _receiver.c.version == version)
    if w.db.execute(update(_receiver).where(*held).values(**values, version=version + 1)).rowcount != 1:
        raise Stale()
    w.audit("receiver.change", "U", "receiver", row.public_id, entity_id=row.entity_id, detail=detail)
    return version + 1


def way(w: Work, receiver_id: int) -> Way:
    """How files get to a receiver, with its secret opened: used between transactions, kept nowhere."""
    row = w.db.execute(
        select(_receiver).where(_receiver.c.id == receiver_id, w.within(_receiver.c.entity_id))
    ).one()
    if row.how == How.FOLDER:
        return FolderWay(row.place)
    if row.how == How.SFTP:
        secret = keyring().open(row.secret_sealed, SECRET) if row.secret_sealed else ""
        return SftpWay(Account(row.host, row.port, row.username, secret, row.host_key, row.place))
    raise NotAllowed("A person carries these files; there is no line to try.", code="not_possible_now")
