"""An office that sends claims to a real SFTP server, and a partner behind it that answers: by API alone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.entities.rules import Practice
from app.kernel.clock import today
from app.kernel.ids import public_id
from app.kernel.settings import settings
from app.web import application
from app.world.partner import Partner
from app.world.partner_writes import Reply
from tests import books, rebills, sftp
from tests.policy import visitors
from tests.rebills import ZONE
from tests.sftp import Receiver

API = "/api/v1"


class Office:
    """A clinic with its people, its receiver and what came back so far."""

    def __init__(self, app: Flask, clinic: Practice, server: Receiver, partner: Partner):
        self.app, self.clinic, self.server, self.partner = app, clinic, server, partner
        self.people = {
            "ann": visitors.add("ann", "denial_specialist"),
            "bea": visitors.add("bea", "denial_specialist"),
            "vera": visitors.add("vera", "supervisor"),
        }
        self.fetched = 0

    def ask(self, who: str, method: str, path: str, *, expect: int = 200, **body: Any) -> Any:
        """One request of a program with this person's token; its answer."""
        given: dict[str, Any] = {"json": body} if method != "GET" else {"query_string": body}
        headers = {**self.people[who].bearer, "Idempotency-Key": public_id()}
        answer = self.app.test_client().open(f"{API}{path}", method=method, headers=headers, **given)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text[:600]}"
        return answer.get_json()

    def name_the_receiver(self) -> str:
        """Vera names the clearinghouse, compares its key with the one in its letter, and tries the line."""
        facts = {name: getattr(rebills.facts(server=self.server), name)
                 for name in rebills.facts().__dataclass_fields__}  # fmt: skip
        made = self.ask("vera", "POST", "/rebill/receivers", expect=201, entity=self.clinic.public_id,
                        secret=self.server.password, first_number=1, **facts)  # fmt: skip
        at = f"/rebill/receivers/{made['id']}"
        shown = self.ask("vera", "POST", f"{at}/key/look")
        assert shown["host_key"].endswith(self.server.fingerprint) and not shown["confirmed"]
        assert not self.ask("vera", "POST", f"{at}/try")["works"], "nobody confirmed its key yet"
        self.ask("vera", "PUT", f"{at}/key", host_key=self.server.host_key, version=made["version"])
        assert self.ask("vera", "POST", f"{at}/try")["works"]
        return str(made["id"])

    def denial(self, control: str) -> Any:
        """The denial of a claim, as the list shows it."""
        rows = self.ask("ann", "GET", "/denials", state="all")["rows"]
        [found] = [row for row in rows if row["control"] == control]
        return found

    def submission(self, public: str) -> Any:
        """One submission as the API shows it."""
        return self.ask("ann", "GET", f"/rebill/{public}")["rebill"]

    def type(self, public: str, who: str = "ann", **values: str) -> None:
        """Somebody types values into fields of the claim; a name ending in _1 is of the first line."""
        edits = []
        for name, value in values.items():
            field, _, line = name.rpartition("_")
            known = (field, int(line)) if line.isdigit() else (name, 0)
            edits.append({"field": known[0], "line": known[1], "value": value})
        version = self.submission(public)["version"]
        self.ask(who, "PUT", f"/rebill/{public}/fields", version=version, edits=edits)

    def finish(self, public: str, who: str = "ann") -> None:
        """It is right."""
        self.ask(who, "POST", f"/rebill/{public}/finish", version=self.submission(public)["version"])

    def release(self, who: str = "vera") -> str:
        """Somebody looks at what is ready and releases exactly that; the job sends it. Its public id."""
        [group] = [row for row in self.ask(who, "GET", "/rebill/ready")["rows"] if row["claims"]]
        made = self.ask(who, "POST", "/rebill/batches", expect=201, receiver=group["receiver"],
                        plan=group["plan"])  # fmt: skip
        books.settle()
        return str(made["id"])

    def batch(self, public: str) -> Any:
        """A batch as the API shows it."""
        return self.ask("vera", "GET", f"/rebill/batches/{public}")

    def arrived(self) -> list[bytes]:
        """What the receiver got since the last look, in the order it came."""
        done = self.server.delivered()[self.fetched :]
        self.fetched += len(done)
        return [(self.server.folder / "home" / one.name.lstrip("/")).read_bytes() for one in done]

    def received(self, mood: str = "") -> list[str]:
        """The clearinghouse looks at what arrived and answers; the kinds of its files, taken in."""
        day = today(ZONE)
        return self.take(
            [one for content in self.arrived() for one in self.partner.receive(content, day, mood)]
        )

    def accepted(self, mood: str = "") -> list[str]:
        """The payers take claims into adjudication, or refuse them."""
        return self.take(self.partner.accept(today(ZONE), mood))

    def paid(self) -> list[str]:
        """The payers pay what they took."""
        return self.take(self.partner.pay(today(ZONE)))

    def take(self, replies: Sequence[Reply]) -> list[str]:
        """Answers come in like any file."""
        for one in replies:
            books.take(one.content, name=one.name)
        return [one.kind for one in replies]


@contextmanager
def office(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The office, its receiver named and confirmed; what it did is all it knows."""
    monkeypatch.setenv("RECLAIM_SFTP_HOSTS", "127.0.0.1")
    settings.cache_clear()
    clinic = books.practice()
    with sftp.server(folder / "receiver") as server:
        made = Office(application.make_app(), clinic, server, Partner())
        made.name_the_receiver()
        yield made
