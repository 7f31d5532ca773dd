"""Reads of receivers: where claims go, and which payer's claims go where."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.payers.models import Payer, PayerAlias
from app.rebill.models import Receiver, ReceiverRoute
from app.rebill.rules_batches import Route, Routing

_receiver, _route, _entity = table_of(Receiver), table_of(ReceiverRoute), table_of(Entity)
_payer, _alias = table_of(Payer), table_of(PayerAlias)
_FACTS = (
    "id", "public_id", "entity_id", "name", "how", "usage", "sender_qualifier", "sender",
    "receiver_qualifier", "receiver", "submitter_name", "submitter_number", "contact_name", "contact_phone",
    "receiver_name", "receiver_number", "place", "host", "port", "username", "host_key", "is_default",
    "active", "next_interchange", "next_group", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReceiverView:
    """A receiver; of its secret only whether there is one. host_key: kind and fingerprint, empty when
    nobody confirmed one.
    """

    id: int
    public_id: str
    entity_id: int
    entity: str
    entity_name: str
    time_zone: str
    test: bool
    name: str
    how: str
    usage: str
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    submitter_name: str
    submitter_number: str
    contact_name: str
    contact_phone: str
    receiver_name: str
    receiver_number: str
    place: str
    host: str
    port: int
    username: str
    host_key: str
    is_default: bool
    active: bool
    next_interchange: int
    next_group: int
    version: int
    has_secret: bool

    @property
    def missing(self) -> str:
        """What has to be done before it can be sent to, in words; empty when nothing."""
        if self.how != "sftp":
            return ""
        if not self.has_secret:
            return "Its password or private key is missing."
        return "" if self.host_key else "Nobody has confirmed the key of its server."


@dataclass(frozen=True, slots=True)
class RouteView:
    """Claims for a payer go here from a day on; `effective_to` is the first day they do not."""

    payer: str
    payer_name: str
    effective_from: date
    effective_to: date | None
    author: str


def _receivers(w: Work) -> Select[Any]:
    return (
        select(
            *(_receiver.c[name] for name in _FACTS),
            _receiver.c.secret_sealed.is_not(None).label("has_secret"),
            _entity.c.public_id.label("entity"),
            _entity.c.name.label("entity_name"),
            _entity.c.time_zone,
            _entity.c.test,
        )
        .join(_entity, _entity.c.id == _receiver.c.entity_id)
        .where(w.within(_receiver.c.entity_id))
    )


def _view(row: Any) -> ReceiverView:
    return ReceiverView(**{name: getattr(row, name) for name in ReceiverView.__dataclass_fields__})


def receivers(w: Work) -> list[ReceiverView]:
    """Every receiver in scope, by practice; those in use first."""
    query = _receivers(w).order_by(
        _entity.c.name, _receiver.c.active.desc(), _receiver.c.is_default.desc(), _receiver.c.name,
        _receiver.c.id,
    )  # fmt: skip
    return [_view(row) for row in w.db.execute(query)]


def receiver(w: Work, public_id: str) -> ReceiverView:
    """One receiver; `NotFound` when there is none or it is not yours."""
    row = w.db.execute(_receivers(w).where(_receiver.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such receiver.")
    return _view(row)


def routes(w: Work, receiver_id: int) -> list[RouteView]:
    """The payers whose claims go to a receiver, now, later and before; the newest first."""
    query = (
        select(
            _payer.c.public_id.label("payer"),
            _payer.c.name.label("payer_name"),
            *(_route.c[name] for name in ("effective_from", "effective_to", "author")),
        )
        .join(_payer, _payer.c.id == _route.c.payer_id)
        .where(_route.c.receiver_id == receiver_id, w.within(_route.c.entity_id))
        .order_by(_route.c.effective_from.desc(), _route.c.id.desc())
    )
    return [RouteView(*row) for row in w.db.execute(query)]


def routing(w: Work, entity_id: int, payer_ids: Iterable[int]) -> Routing:
    """Which receiver takes the claims of these payers: three statements."""
    used = select(_receiver.c.id, _receiver.c.is_default).where(
        _receiver.c.entity_id == entity_id, _receiver.c.active, w.within(_receiver.c.entity_id)
    )
    known = w.db.execute(used).all()
    columns = (_route.c.receiver_id, _route.c.payer_id, _route.c.effective_from, _route.c.effective_to)
    listed = select(*columns).where(_route.c.entity_id == entity_id, w.within(_route.c.entity_id))
    rows = tuple(Route(*row) for row in w.db.execute(listed))
    wanted = sorted({*payer_ids, *(one.payer_id for one in rows)})
    alias = select(_alias.c.payer_id, _alias.c.same_as).where(
        _alias.c.entity_id == entity_id, _alias.c.payer_id.in_(wanted), w.within(_alias.c.entity_id)
    )
    return Routing(
        rows,
        frozenset(row.id for row in known),
        next((row.id for row in known if row.is_default), None),
        {row.payer_id: row.same_as for row in w.db.execute(alias)},
    )


def payer_choices(w: Work, entity_id: int) -> list[tuple[str, str]]:
    """(public id, name) of an entity's payers, those that read as another left out."""
    same = select(_alias.c.payer_id).where(_alias.c.entity_id == entity_id)
    query = (
        select(_payer.c.public_id, _payer.c.name)
        .where(_payer.c.entity_id == entity_id, w.within(_payer.c.entity_id), _payer.c.id.not_in(same))
        .order_by(_payer.c.name, _payer.c.id)
    )
    return [(row.public_id, row.name) for row in w.db.execute(query)]
