"""Claims made ready to go out, and receivers they go to: the kit of tests that send."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.claims.models import Claim
from app.entities.rules import Practice
from app.kernel.clock import today
from app.kernel.db import table_of
from app.kernel.work import Actor, system, work
from app.rebill import service, service_batches, service_receivers
from app.rebill.lifecycle import Cause, How, Kind
from app.rebill.models import Rebill as _Rebill
from app.rebill.models import RebillBatch
from app.rebill.models import Receiver as _Receiver
from app.rebill.rules import New
from app.rebill.rules_batches import ReceiverFacts
from tests import books
from tests.era import PLAIN, bill, billed
from tests.sftp import Receiver

REBILL, BATCH, CLAIM = table_of(_Rebill), table_of(RebillBatch), table_of(Claim)
RECEIVER = table_of(_Receiver)
ZONE = "America/Chicago"
HELPER = system("tests", door="cli")
NUMBER = "EXCLEAR01"


def ago(days: int) -> str:
    """CCYYMMDD of so many days before today: filing limits count from the day the tests run."""
    return f"{today(ZONE) - timedelta(days):%Y%m%d}"


def submitted(controls: Sequence[str], *, service: int = 30, number: int = 4001) -> bytes:
    """An 837 of claims of 100.00 each, for services so many days ago."""
    claims = [billed(one, "99214 100", day=ago(service), member=f"M{one}", patient=f"DOE*{one}")
              for one in controls]  # fmt: skip
    return bill(*claims, dress=replace(PLAIN, control=number, day=ago(service - 2)))


def facts(how: How = How.SFTP, server: Receiver | None = None, **given: Any) -> ReceiverFacts:
    """A receiver as a person would describe it."""
    place = (
        {"host": server.host, "port": server.port, "username": server.login, "place": "/in"} if server else {}
    )
    known = dict(
        name="Example Clearinghouse", how=how, usage="P", sender_qualifier="ZZ", sender="CLINIC",
        receiver_qualifier="ZZ", receiver=NUMBER, submitter_name="Example Clinic", submitter_number="CLINIC",
        contact_name="Billing", contact_phone="5555550101", receiver_name="Example Clearinghouse",
        receiver_number=NUMBER, is_default=True,
    )  # fmt: skip
    return ReceiverFacts(**{**known, **place, **given})


def receiver(clinic: Practice, server: Receiver, *, actor: Actor = HELPER, key: bool = False) -> str:
    """The clinic sends to this server, whose key somebody confirmed; its public id."""
    secret = server.private_key if key else server.password
    with work(actor) as w:
        public = service_receivers.add(w, clinic.public_id, facts(server=server), secret=secret)
        service_receivers.confirm_key(w, public, server.host_key, version=1)
    return public


def ready(clinic: Practice, controls: Sequence[str], *, actor: Actor = HELPER) -> list[str]:
    """Claims nobody answered, made ready to go out once more; their public ids in the order of `controls`."""
    with books.looking() as line:
        keys = {row.control: row.id for row in line.execute(CLAIM.select())}
    news = [New(claim_id=keys[one], kind=Kind.NEW, rank=1, cause=Cause.SILENCE) for one in controls]
    with work(actor) as w:
        opened = service.open_many(w, clinic.id, news, w.now.date())
    rows = {row.claim_id: row for row in books.rows(REBILL)}
    found = [rows[keys[one]] for one in controls]
    assert {one.public_id for one in found} == set(opened)
    for one in found:
        with work(actor) as w:
            service.finish(w, one.public_id, one.version)
    return [str(one.public_id) for one in found]


def release(receiver_public: str, *rebills: str, actor: Actor = HELPER) -> str:
    """Release a batch of these (all that are ready when none is named); its public id."""
    with work(actor) as w:
        return service_batches.release(w, receiver_public, list(rebills) or None)


def batch(public: str) -> Any:
    """A batch as it is stored."""
    return books.rows(BATCH, BATCH.c.public_id == public)[0]


def batches() -> list[Any]:
    """Every batch, oldest first."""
    return books.rows(BATCH)


def receiver_row(public: str) -> Any:
    """A receiver as it is stored."""
    return books.rows(RECEIVER, RECEIVER.c.public_id == public)[0]


def public(control: str) -> str:
    """The public id of a claim."""
    return str(books.rows(CLAIM, CLAIM.c.control == control)[0].public_id)


def row(public: str) -> Any:
    """A submission as it is stored."""
    return books.rows(REBILL, REBILL.c.public_id == public)[0]


__all__ = [
    "BATCH", "CLAIM", "HELPER", "NUMBER", "REBILL", "ago", "batch", "batches", "facts", "public", "ready",
    "receiver", "receiver_row", "release", "row", "submitted",
]  # fmt: skip
