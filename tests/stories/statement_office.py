"""A clinic that asks its patients for what is theirs: its people by API, and days that pass."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import time_machine
from flask import Flask
from pypdf import PdfReader

from app.access import service_tokens
from app.contacts.models import Dispute
from app.flows import collection_day
from app.kernel.db import table_of
from app.kernel.ids import public_id
from app.kernel.work import system, work
from app.web import application
from tests import books, statements
from tests.era import Dress, bill, billed, claim, era
from tests.policy import visitors

DISPUTE = table_of(Dispute)
API = "/api/v1"
QUIET = timedelta(14)
NOON_UTC = 17
"""Noon or one o'clock in New York, where the clinic is; a permitted hour everywhere in the states."""


class Office:
    """A clinic with its people; `day` is today there."""

    def __init__(self, app: Flask, day: date, clock: time_machine.Traveller):
        self.app, self.day, self.clock = app, day, clock
        self.clinic, self.visits = books.practice(), 0
        statements.letterhead(self.clinic)
        self.people = {
            "carla": visitors.add("carla", "clerk"),
            "vera": visitors.add("vera", "supervisor"),
            "max": visitors.add("max", "manager"),
        }

    # -------------------------------------------------------------- days

    def until(self, *day: int) -> None:
        """Let time pass up to a day with its job: a week at a time while nothing happens, then day by day."""
        wanted = date(*day)
        assert wanted > self.day
        while self.day < wanted:
            self.day += timedelta(7 if wanted - self.day > QUIET else 1)
            self._morning()

    def _morning(self) -> None:
        self.clock.move_to(datetime(self.day.year, self.day.month, self.day.day, NOON_UTC, tzinfo=UTC))
        collection_day.ask()
        books.settle()

    # -------------------------------------------------------------- what comes in

    def visit(self, control: str, owed: str, *, patient: str = "DOE*JANE", member: str = "MEM0001") -> str:
        """A visit for 300.00 the payer has answered: so much is left to the patient. Their account."""
        share = 300_00 - round(float(owed) * 100) - 100_00
        self.visits += 1
        day = (self.day - timedelta(60 - self.visits)).strftime("%Y%m%d")
        dress = Dress(control=sum(control.encode()), day=self.day.strftime("%Y%m%d"))
        of: Any = {"patient": patient, "member": member}
        paid = claim(control, charge="300", paid=f"{share / 100:.2f}", cas=f"CO*45*100 PR*1*{owed}", **of)
        books.take(bill(billed(control, "99214 300", day=day, birth="19800504", **of), dress=dress))
        books.take(era(paid, trace=f"T{control}", day=dress.day, dress=dress))
        return statements.public_of(statements.accounts_of(control))

    # -------------------------------------------------------------- what people do

    def ask(self, who: str, method: str, path: str, *, expect: int = 200, **body: Any) -> Any:
        """One request of a program with this person's rights; its answer."""
        answer = self.open(who, method, path, **body)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text[:600]}"
        return answer.get_json(silent=True)

    def open(self, who: str, method: str, path: str, **body: Any) -> Any:
        """The same as it comes, whatever it is."""
        given: dict[str, Any] = {"json": body} if method != "GET" else {"query_string": body}
        with work(system("tests")) as w:
            token = service_tokens.open_tokens(w, self.people[who].person_id, service_tokens.family(w)).token
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": public_id()}
        return self.app.test_client().open(f"{API}{path}", method=method, headers=headers, **given)

    def account(self, account: str) -> Any:
        """How an account stands."""
        return self.ask("carla", "GET", f"/accounts/{account}")

    def why(self, account: str) -> Any:
        """Why it gets no statement today, and where it stands."""
        return self.ask("carla", "GET", f"/statements/why/{account}")

    def planned(self, kind: str = "statements") -> Any:
        """Carla plans a run of today."""
        entity = self.clinic.public_id
        made = self.ask("carla", "POST", "/statements/runs", expect=201, entity=entity, kind=kind)
        return self.ask("carla", "GET", f"/statements/runs/{made['id']}")

    def reasons(self, run: str) -> dict[str, tuple[str, str]]:
        """(outcome, reason) of each account of a run."""
        rows = self.ask("carla", "GET", f"/statements/runs/{run}/items")["rows"]
        return {row["account"]: (row["outcome"], row["reason"]) for row in rows}

    def signed(self, run: str) -> None:
        """Vera looks at each document of the sample and signs the lines she saw."""
        at = f"/statements/runs/{run}"
        for row in self.ask("vera", "GET", f"{at}/items", sampled="yes")["rows"]:
            version = self.ask("vera", "GET", at)["version"]
            self.ask("vera", "POST", f"{at}/marks", account=row["account"], fine=True, version=version)
        seen = self.ask("vera", "GET", at)
        self.ask("vera", "POST", f"{at}/sign", plan_hash=seen["plan_hash"], version=seen["version"])

    def released(self, run: str) -> Any:
        """Max releases it and its documents are made."""
        at = f"/statements/runs/{run}"
        self.ask("max", "POST", f"{at}/release", version=self.ask("max", "GET", at)["version"])
        books.settle()
        return self.ask("max", "GET", at)

    def run(self, kind: str = "statements") -> str:
        """A run of today that goes the whole way."""
        made = self.planned(kind)["id"]
        self.signed(made)
        assert self.released(made)["state"] == "made"
        return str(made)

    def statements(self, account: str) -> list[Any]:
        """The statements of an account, the first one first."""
        rows = self.ask("carla", "GET", "/statements", account=account)["rows"]
        return sorted(rows, key=lambda row: str(row["number"]))

    def words(self, document: str) -> str:
        """What a stored PDF says."""
        answer = self.open("carla", "GET", f"/statements/{document}/file")
        assert answer.status_code == 200 and answer.data.startswith(b"%PDF")
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)

    def pay(self, account: str, amount: str, *, expect: int = 201, **more: Any) -> Any:
        """Carla takes a check."""
        return self.ask("carla", "POST", "/payments", expect=expect, account=account, amount=amount,
                        **{"tender": "check", "key": public_id(), **more})  # fmt: skip

    def promise(self, account: str, amount: str, day: date) -> Any:
        """They call in, are identified, and promise an amount by a day."""
        self.ask("carla", "POST", f"/accounts/{account}/identify", birth="1980-05-04", zip="68101")
        promise = {"amount": amount, "promised_on": day.isoformat()}
        said: dict[str, Any] = {"reach": "call", "direction": "in", "result": "promise", "right_party": True}
        at = f"/accounts/{account}/attempts"
        return self.ask("carla", "POST", at, expect=201, promise=promise, **said)

    def dispute(self, public: str, move: str, **said: Any) -> Any:
        """A dispute goes a step on."""
        [version] = [one.version for one in books.rows(DISPUTE, DISPUTE.c.public_id == public)]
        return self.ask("carla", "POST", f"/disputes/{public}/move", move=move, version=version, **said)

    def mail(self, at: str, step: str, **said: Any) -> Any:
        """Returned mail goes a step on."""
        version = self.ask("carla", "GET", at)["mail"]["version"]
        return self.ask("carla", "POST", f"{at}/{step}", version=version, **said)

    def promises(self, account: str) -> list[str]:
        """What became of their promises, the newest first."""
        rows = self.ask("carla", "GET", f"/accounts/{account}/promises")["rows"]
        return [row["state"] for row in rows]

    def due(self, account: str) -> str:
        """What may be asked of them now."""
        return str(self.account(account)["due"])

    def stage(self, account: str) -> str:
        """The step of dunning they are at."""
        return str(self.why(account)["stands"]["stage"])


@contextmanager
def office(*day: int) -> Iterator[Office]:
    """The clinic on a day; at the end its books are right."""
    first = date(*day)
    noon = datetime(first.year, first.month, first.day, NOON_UTC, tzinfo=UTC)
    with time_machine.travel(noon, tick=True) as clock:
        made = Office(application.make_app(), first, clock)
        yield made
        assert books.problems() == []
