"""The verbs of webhooks: name a receiver, announce what happened, deliver it, deliver it again."""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update

from app.entities.models import Entity
from app.hooks import queries, rules
from app.hooks.models import Hook, HookDelivery, HookEvent
from app.hooks.rules import DeliveryState
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id, public_ids
from app.kernel.work import Work

_hook, _event, _delivery = table_of(Hook), table_of(HookEvent), table_of(HookDelivery)
_entity = table_of(Entity)
SECRET = "hook.secret"  # nosec B105 - what the sealed secret is authenticated with, not a secret
_EVENT_COLUMNS = (
    "id", "public_id", "entity_id", "kind", "subject", "subject_public", "detail", "at",
)  # fmt: skip
_DELIVERY_COLUMNS = (
    "public_id", "entity_id", "hook_id", "first_event_id", "last_event_id", "state", "tries", "status",
    "problem", "made_at",
)  # fmt: skip


class Made(NamedTuple):
    """A receiver just named, and the secret that is shown once."""

    public_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class News:
    """One thing to announce; detail holds codes, counts and public ids, never a name or an amount."""

    kind: str
    subject: str
    subject_public: str
    detail: dict[str, Any] = field(default_factory=dict)


class Message(NamedTuple):
    """A delivery in hand: where it goes, its bytes, and the secret that signs them."""

    delivery_id: int
    public_id: str
    url: str
    body: bytes
    secret: str


def add(w: Work, entity: str, url: str, kinds: Sequence[str]) -> Made:
    """Name a receiver for one entity (its public id). The caller has checked the address with the gateway."""
    w.may("hooks.write")
    entity_id = w.db.execute(
        select(_entity.c.id).where(_entity.c.public_id == entity, w.within(_entity.c.id))
    ).scalar()
    if entity_id is None:
        raise Refused("There is no such billing entity.", code="entity", field="entity")
    secret, name = "rch_" + secrets.token_urlsafe(32), public_id()
    values = dict(public_id=name, entity_id=entity_id, url=url, kinds=_known(kinds), active=True, version=1)
    sealed = keyring().seal(secret, SECRET)
    w.db.execute(insert(_hook).values(**values, secret=sealed, author=w.actor.name, made_at=w.now))
    w.audit("hook.add", "C", "hook", name, entity_id=int(entity_id), detail={"kinds": values["kinds"]})
    return Made(name, secret)


def _known(kinds: Sequence[str]) -> list[str]:
    wanted = sorted(set(kinds)) or [rules.EVERYTHING]
    for kind in wanted:
        if kind != rules.EVERYTHING and kind not in rules.KINDS:
            raise Refused(f"Nothing is announced as {kind[:40]}.", code="kind", field="kinds")
    return wanted


def change(w: Work, public_id: str, *, url: str, kinds: Sequence[str], active: bool, version: int) -> int:
    """Other address, other events, or a pause; returns the new version. `Stale` when it changed meanwhile."""
    w.may("hooks.write")
    held = (_hook.c.public_id == public_id, w.within(_hook.c.entity_id))
    row = w.db.execute(select(_hook.c.id, _hook.c.entity_id, _hook.c.version).where(*held)).one_or_none()
    if row is None:
        raise NotFound()
    values: dict[str, Any] = dict(url=url, kinds=_known(kinds), active=active, version=version + 1)
    values["ended_why"] = None if active else "switched off"
    done = w.db.execute(
        update(_hook).where(_hook.c.id == row.id, _hook.c.version == version).values(**values)
    )
    if done.rowcount != 1:
        raise Stale()
    w.audit("hook.change", "U", "hook", public_id, entity_id=row.entity_id, detail={"active": active})
    return version + 1


def listeners(w: Work, entity_id: int) -> bool:
    """Does anybody want to be told about this entity? One look, before anything is put together."""
    query = select(_hook.c.id).where(_hook.c.entity_id == entity_id, _hook.c.active).limit(1)
    return w.db.execute(query).scalar() is not None


def announce_each(w: Work, news: Iterable[tuple[int, News]]) -> int:
    """The same for news of several entities: (entity, news). A fixed number of statements per entity."""
    grouped: dict[int, list[News]] = {}
    for entity_id, one in news:
        grouped.setdefault(entity_id, []).append(one)
    return sum(announce(w, entity_id, grouped[entity_id]) for entity_id in sorted(grouped))


def announce(w: Work, entity_id: int, news: Iterable[News]) -> int:
    """Write down what happened and promise its delivery, in the transaction of the change itself.

    Returns how many events were written: none while nobody listens. A fixed number of statements per batch.
    """
    hooks = w.db.execute(
        select(_hook.c.id, _hook.c.kinds).where(_hook.c.entity_id == entity_id, _hook.c.active)
    ).all()
    wanted = [one for one in news if any(rules.wants(hook.kinds, one.kind) for hook in hooks)]
    if not wanted:
        return 0
    first, names, at = w.numbers("hook_event", len(wanted)), public_ids(len(wanted)), instant_text(w.now)
    rows = [
        (first + place, names[place], entity_id, one.kind, one.subject, one.subject_public,
         json.dumps(one.detail, sort_keys=True), at)
        for place, one in enumerate(wanted)
    ]  # fmt: skip
    bulk_insert(w.db, _event, _EVENT_COLUMNS, rows)
    for chunk in in_chunks(list(enumerate(wanted, start=first)), rules.EVENTS_PER_MESSAGE):
        chosen = [hook.id for hook in hooks if any(rules.wants(hook.kinds, one.kind) for _, one in chunk)]
        _promise(w, entity_id, chosen, chunk[0][0], chunk[-1][0])
    return len(rows)


def _promise(w: Work, entity_id: int, hook_ids: Sequence[int], first: int, last: int) -> None:
    names = public_ids(len(hook_ids))
    rows = [
        (name, entity_id, hook_id, first, last, DeliveryState.QUEUED.value, 0, 0, "", instant_text(w.now))
        for name, hook_id in zip(names, hook_ids, strict=True)
    ]
    bulk_insert(w.db, _delivery, _DELIVERY_COLUMNS, rows)
    for name in names:
        w.job("deliver_hook", name, {"delivery": name}, rank=6)


def replay(w: Work, public_id: str) -> None:
    """Deliver once more what the receiver lost or was away for; it keeps its id, so twice can be seen."""
    w.may("hooks.write")
    row = w.db.execute(
        select(_delivery.c.id, _delivery.c.entity_id, _delivery.c.state).where(
            _delivery.c.public_id == public_id, w.within(_delivery.c.entity_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    if row.state == DeliveryState.QUEUED:
        raise NotAllowed("This delivery is still on its way.", code="not_possible_now")
    values: dict[str, Any] = dict(state=DeliveryState.QUEUED.value, tries=0, problem="", ended_at=None)
    w.db.execute(update(_delivery).where(_delivery.c.id == row.id).values(**values))
    w.job("deliver_hook", public_id, {"delivery": public_id}, rank=6)
    w.audit("hook.replay", "E", "hook_delivery", public_id, entity_id=row.entity_id)


def to_send(w: Work, public_id: str) -> Message | None:
    """A delivery with its bytes; None when it is done or its receiver was switched off."""
    row = w.db.execute(
        select(
            *(_delivery.c[name] for name in ("id", "public_id", "first_event_id", "last_event_id")),
            *(_hook.c[name] for name in ("url", "kinds", "secret")),
        )
        .join(_hook, _hook.c.id == _delivery.c.hook_id)
        .where(
            _delivery.c.public_id == public_id,
            _delivery.c.state == DeliveryState.QUEUED.value,
            _hook.c.active,
        )
    ).one_or_none()
    if row is None:
        return None
    body = queries.message(w, row.public_id, row.first_event_id, row.last_event_id, row.kinds)
    return Message(row.id, row.public_id, row.url, body, keyring().open(row.secret, SECRET))


def settle(w: Work, message: Message, *, status: int, problem: str) -> datetime | None:
    """Write down what the receiver said; returns when to try again, None when there is nothing more to do.

    A receiver that answers 410 Gone is switched off.
    """
    taken = 200 <= status < 300
    tries = _delivery.c.tries + 1
    values: dict[str, Any] = dict(tries=tries, status=status, problem=problem[:200])
    mine = (_delivery.c.id == message.delivery_id, _delivery.c.state == DeliveryState.QUEUED.value)
    tried = w.db.execute(select(_delivery.c.tries, _delivery.c.hook_id).where(*mine)).one_or_none()
    if tried is None:
        return None
    again = None if taken or status == rules.GONE else rules.next_try(tried.tries + 1, w.now)
    if again is None:
        state = DeliveryState.DELIVERED if taken else DeliveryState.GIVEN_UP
        values |= dict(state=state.value, ended_at=w.now, next_at=None)
    else:
        values["next_at"] = again
    w.db.execute(update(_delivery).where(*mine).values(**values))
    if status == rules.GONE:
        gone: dict[str, Any] = dict(active=False, ended_why="the receiver answered 410 Gone")
        w.db.execute(
            update(_hook).where(_hook.c.id == tried.hook_id).values(**gone, version=_hook.c.version + 1)
        )
    return again


def give_up(w: Work, public_id: str, why: str) -> None:
    """The house itself could not send it in all its tries."""
    values: dict[str, Any] = dict(state=DeliveryState.GIVEN_UP.value, problem=why[:200], ended_at=w.now)
    w.db.execute(
        update(_delivery)
        .where(_delivery.c.public_id == public_id, _delivery.c.state == DeliveryState.QUEUED.value)
        .values(**values, next_at=None)
    )
