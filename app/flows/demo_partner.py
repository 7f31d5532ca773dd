"""The demo's practice partner at work: what a new user sends is taken, acknowledged and paid within seconds.

It exists only where the demo was filled (`open_shop`), and never answers when RECLAIM_MODE is production: a
practice payment must not meet real books. Files come by folder and answers go the way of any import.
"""

import fcntl
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import structlog

from app.entities import service as entity_service
from app.entities.rules import Practice
from app.flows import receive_file
from app.kernel.clock import today
from app.kernel.settings import settings
from app.kernel.work import system, work
from app.rebill import service_receivers as receivers
from app.rebill.lifecycle import How
from app.rebill.rules_batches import ReceiverFacts
from app.world.partner import Partner, load, save
from app.world.partner_writes import Reply

NAME, NUMBER, PLACE = "Example Clearinghouse (practice partner)", "EXCLEAR01", "example-clearinghouse"
FIRST_NUMBER = 500_001
"""Above every number the example world gave its own files, so that no answer can be about one of those."""
TURN_SECONDS = 2.0
MEMORY, TAKEN = "partner.json", "taken"
log = structlog.get_logger()


def open_shop(
    practices: Sequence[tuple[Practice, str]], remits: Iterable[bytes], *, seed: int, first_year: int
) -> None:
    """Give every practice of a demo (with its tax id) the partner as its receiver.

    remits: the 835s of the example world, so that the partner knows what payers said before; first_year: the
    first year of that world's fee schedules.
    """
    partner = Partner(seed, first_year)
    for content in remits:
        partner.learn(content)
    with work(system("demo", door="cli")) as w:
        for place, (one, tax_id) in enumerate(practices, 1):
            receivers.add(w, one.public_id, _facts(one.name, tax_id, place), first_number=FIRST_NUMBER)
    _shop().mkdir(mode=0o700, parents=True, exist_ok=True)
    save(partner, _shop() / MEMORY)


def turn() -> int:
    """One turn: pay what was accepted, accept what arrived, take what is new. Returns how many files answer.

    Each claim so passes through its states one turn after the other, as a user can see.
    """
    if settings().mode != "demo" or not (_shop() / MEMORY).exists():
        return 0
    with _alone() as mine:
        return _turn() if mine else 0


def _turn() -> int:
    day = today(entity_service.DEFAULT_ZONE)
    partner = load(_shop() / MEMORY)
    replies = [*partner.pay(day), *partner.accept(day)]
    files = _new()
    for path in files:
        replies += _received(partner, path, day)
    for reply in replies:
        receive_file.offer(system("practice-partner", door="folder"), io.BytesIO(reply.content), reply.name)
    if replies:
        save(partner, _shop() / MEMORY)
    for path in files:
        os.replace(path, _shop() / TAKEN / path.name)
    return len(replies)


def _received(partner: Partner, path: Path, day: date) -> list[Reply]:
    content = path.read_bytes()
    if partner.has(content):
        return []  # taken before an interruption; it is only moved aside now
    try:
        return partner.receive(content, day)
    except (ValueError, IndexError):
        log.warning("practice_partner_cannot_read", place=path.parent.name)
        return []


def _new() -> list[Path]:
    (_shop() / TAKEN).mkdir(mode=0o700, exist_ok=True)
    return sorted((settings().outgoing / PLACE).glob("*/*.837"))


def _shop() -> Path:
    return settings().data / "practice-partner"


@contextmanager
def _alone() -> Iterator[bool]:
    """Two turns at once would take a file twice: the later one does nothing."""
    with (_shop() / "lock").open("w", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _facts(name: str, tax_id: str, place: int) -> ReceiverFacts:
    return ReceiverFacts(
        name=NAME, how=How.FOLDER, usage="P", sender_qualifier="ZZ", sender=f"RC{tax_id}",
        receiver_qualifier="ZZ", receiver=NUMBER, submitter_name=name, submitter_number=f"RC{tax_id}",
        contact_name="Billing office", contact_phone="5095550100", receiver_name="Example Clearinghouse",
        receiver_number=NUMBER, place=f"{PLACE}/{place}", is_default=True,
    )  # fmt: skip
