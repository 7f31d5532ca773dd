"""Small words for tests of submissions: a house with claims in it, people who work on them, looks at rows."""

from datetime import UTC, date, datetime
from typing import Any

import time_machine

from app.claims.models import Claim
from app.denials.models import Denial
from app.kernel.db import table_of
from app.kernel.work import Actor, work
from app.rebill import service, service_moves
from app.rebill.lifecycle import Kind, Move, State
from app.rebill.models import Rebill, RebillEvent
from app.rebill.service_moves import Moved
from app.worklist.models import WorklistItem
from tests import books, era

REBILL, EVENT, ITEM = table_of(Rebill), table_of(RebillEvent), table_of(WorklistItem)
DENIAL = table_of(Denial)
CLAIM = table_of(Claim)
RIGHTS = frozenset({"rebill.read", "rebill.work", "rebill.sign_coding"})


def entity_of(actor: Actor) -> int:
    """The practice a biller works for."""
    assert isinstance(actor.scope, frozenset)
    return next(iter(actor.scope))


def in_january(day: int = 20) -> time_machine.travel:
    """A day of January 2026: a few days after the remits of `tests.era`."""
    return time_machine.travel(datetime(2026, 1, day, 15, tzinfo=UTC), tick=True)


def in_february(day: int) -> time_machine.travel:
    """A day of February 2026: the payer has had weeks to answer."""
    return time_machine.travel(datetime(2026, 2, day, 15, tzinfo=UTC), tick=True)


def in_november() -> time_machine.travel:
    """A day after every usual filing limit of those remits."""
    return time_machine.travel(datetime(2026, 11, 1, 15, tzinfo=UTC), tick=True)


def biller(entity_id: int, name: str = "bea", person_id: int = 7) -> Actor:
    """Somebody who works on claims of one practice."""
    return Actor(name=name, person_id=person_id, permissions=RIGHTS, scope=frozenset({entity_id}))


def denied(control: str = "A1", *, cas: str = "CO*16*300", rarc: str = "M127", **named: Any) -> bytes:
    """A remit that refuses the whole of a claim of 300.00."""
    trace = named.pop("trace", f"T{control}")
    lines = named.pop("lines", (era.line("99214", "300", cas=cas, rarc=rarc, control="L1"),))
    day = named.pop("day", era.REMIT_DAY)
    return era.era(era.claim(control, *lines, **named), trace=trace, day=day)


def public(control: str) -> str:
    """The public id of a claim."""
    return str(books.rows(CLAIM, CLAIM.c.control == control)[0].public_id)


def opened(actor: Actor, control: str, kind: Kind = Kind.REPLACEMENT, **named: Any) -> str:
    """Open a submission of a claim; its public id."""
    with work(actor) as w:
        return service.open_one(w, public(control), kind=kind, **named)


def row(public_id: str) -> Any:
    """A submission as it is stored."""
    return books.rows(REBILL, REBILL.c.public_id == public_id)[0]


def moved(public_id: str, *moves: Move, day: date = date(2026, 1, 20)) -> State:
    """What batches and documents do to a submission; where it stands then."""
    with work(books.CLERK) as w:
        service_moves.move(w, [Moved(row(public_id).id, one, day) for one in moves])
    return State(row(public_id).state)


def codes(public_id: str) -> list[str]:
    """The codes of what is wrong with a submission, as stored."""
    return [str(one["code"]) for one in row(public_id).problems]


def items() -> list[tuple[str, str, str]]:
    """(reason, amount, state) of the work in the queue of claims to send."""
    return [(one.reason, str(one.amount), one.state) for one in books.rows(ITEM, ITEM.c.queue == "rebill")]


def history(public_id: str) -> list[Any]:
    """What happened to a submission, in order."""
    return books.rows(EVENT, EVENT.c.rebill_id == row(public_id).id)


SENT = (Move.FINISH, Move.BATCH, Move.TRANSMIT)
REJECTED = Move.REJECT
