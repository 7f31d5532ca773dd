"""Other programs are told what happened: signed, tried again, replayed, and never led inside."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from app.claims.models import Claim
from app.denials import service_acts, service_daily
from app.denials.lifecycle import Move
from app.denials.models import Denial
from app.denials.rules_acts import Act, Wanted
from app.gateways import web_post
from app.hooks import queries, rules, service
from app.kernel.db import table_of
from app.kernel.errors import Refused, Stale
from app.kernel.paging import Ask
from app.kernel.settings import settings
from app.kernel.work import reading, system, work
from app.worker import run_until_idle
from tests import answers, books
from tests.conftest import House
from tests.era import bill, billed, claim, era, line


class Receiver:
    """A program that is told: keeps what it got and answers as it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:9/inside")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}/told"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for _, body in self.got for event in json.loads(body)["events"]]


@pytest.fixture
def receiver(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("RECLAIM_HOOK_HOSTS", "localhost")
    settings.cache_clear()
    one = Receiver()
    yield one
    one.server.shutdown()
    one.server.server_close()


def named(url: str, *kinds: str) -> tuple[service.Made, Any]:
    practice = books.practice()
    with work(system("tests")) as w:
        return service.add(w, practice.public_id, url, kinds), practice


def denied() -> None:
    books.take(bill(billed("A1", "100")))
    books.take(era(claim("A1", line("99213", "100", "0", "CO*16*100"))))


def deliveries() -> list[queries.DeliveryView]:
    with reading(system("tests")) as w:
        return list(queries.deliveries(w, Ask("made", descending=True)).rows)


def test_a_program_learns_of_a_remit_and_the_denial_in_it(receiver: Receiver) -> None:
    made, _ = named(receiver.url)
    denied()
    run_until_idle()
    kinds = sorted(event["kind"] for event in receiver.events)
    assert kinds == ["claims.received", "denial.opened", "remit.posted"]
    for headers, body in receiver.got:
        assert rules.is_ours(made.secret, body, headers[rules.SIGNATURE], datetime.now(UTC))
    assert {one.state for one in deliveries()} == {"delivered"}


def test_a_message_holds_no_name_and_no_amount(receiver: Receiver) -> None:
    named(receiver.url)
    denied()
    run_until_idle()
    told = b" ".join(body for _, body in receiver.got)
    assert b"A1" not in told and b"100" not in told.replace(b'"remit', b"") and b"DOE" not in told.upper()


def test_only_what_was_asked_for_is_told(receiver: Receiver) -> None:
    named(receiver.url, "denial.opened")
    denied()
    run_until_idle()
    assert [event["kind"] for event in receiver.events] == ["denial.opened"]


def test_a_receiver_that_is_away_is_told_later_in_the_same_words(receiver: Receiver) -> None:
    named(receiver.url, "remit.posted")
    receiver.answers = [500, 503]
    start = datetime.now(UTC)
    with time_machine.travel(start, tick=True):
        denied()
        run_until_idle()
    assert [one.state for one in deliveries()] == ["queued"]
    for minutes in (2, 10):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=True):
            run_until_idle()
    assert [(one.state, one.tries) for one in deliveries()] == [("delivered", 3)]
    assert len({body for _, body in receiver.got}) == 1


def test_a_message_nobody_takes_is_given_up_and_can_be_sent_again(receiver: Receiver) -> None:
    named(receiver.url, "remit.posted")
    receiver.answers = [500] * 7
    start = datetime.now(UTC)
    with time_machine.travel(start, tick=True):
        denied()
        run_until_idle()
    moment = start
    for wait in rules.WAITS:
        moment += wait + timedelta(seconds=5)
        with time_machine.travel(moment, tick=True):
            run_until_idle()
    (lost,) = deliveries()
    assert (lost.state, lost.tries, lost.status) == ("given_up", 7, 500)
    with time_machine.travel(moment, tick=True):
        with work(system("tests")) as w:
            service.replay(w, lost.public_id)
        run_until_idle()
    (found,) = deliveries()
    assert (found.state, found.public_id) == ("delivered", lost.public_id)


def test_a_receiver_that_is_gone_is_not_asked_again(receiver: Receiver) -> None:
    made, _ = named(receiver.url, "remit.posted")
    receiver.answers = [410]
    denied()
    run_until_idle()
    with reading(system("tests")) as w:
        assert not queries.one(w, made.public_id).active


def test_a_redirect_leads_nowhere(receiver: Receiver) -> None:
    named(receiver.url, "remit.posted")
    receiver.answers = [302]
    denied()
    run_until_idle()
    assert len(receiver.got) == 1
    assert [one.state for one in deliveries()] == ["queued"]


def the_case() -> Any:
    return books.rows(table_of(Denial))[0]


def test_a_person_and_the_schedule_move_a_case_and_programs_learn_of_it(receiver: Receiver) -> None:
    _, practice = named(receiver.url, "denial.changed")
    denied()
    run_until_idle()
    assert receiver.events == [], "what a remit opened is told as opened"
    with work(system("tests")) as w:
        row = the_case()
        service_acts.act_on_one(w, row.public_id, row.version, Wanted(act=Act.MOVE, move=Move.TRIAGE))
    run_until_idle()
    [event] = receiver.events
    assert (event["subject_id"], event["detail"]["move"], event["detail"]["after"]) == (
        the_case().public_id, "triage", the_case().state,
    )  # fmt: skip
    with time_machine.travel(datetime.now(UTC) + timedelta(days=900), tick=True):
        with work(system("schedule")) as w:
            service_daily.every_day(w, practice.id)
        run_until_idle()
    assert [one["detail"]["after"] for one in receiver.events][-1] == the_case().state == "expired"


def test_a_rejection_is_told(receiver: Receiver) -> None:
    named(receiver.url, "rejection.opened")
    books.take(bill(billed("A1", "100"), billed("A2", "200", patient="ROE*ANN", member="MEM2")))
    books.take(answers.report("A1 A2:20", "A2 A7:562:85"))
    run_until_idle()
    [event] = receiver.events
    assert (event["subject"], event["detail"]) == ("claim", {"state": "rejected"})
    [claim_row] = [row for row in books.rows(table_of(Claim)) if row.control == "A2"]
    assert event["subject_id"] == claim_row.public_id


def test_nothing_is_written_while_nobody_listens(house: House) -> None:
    books.practice()
    denied()
    with reading(system("tests")) as w:
        assert queries.events(w, Ask("at")).rows == []


def test_another_practice_is_not_told(receiver: Receiver) -> None:
    other = books.practice("Other Clinic", npi="1679576722", tax_id="222223333")
    with work(system("tests")) as w:
        service.add(w, other.public_id, receiver.url, [])
    books.practice()
    denied()
    run_until_idle()
    assert receiver.got == []


def test_a_stale_change_of_a_receiver_is_refused(receiver: Receiver) -> None:
    made, _ = named(receiver.url)
    with work(system("tests")) as w:
        service.change(w, made.public_id, url=receiver.url, kinds=[], active=True, version=1)
    with pytest.raises(Stale), work(system("tests")) as w:
        service.change(w, made.public_id, url=receiver.url, kinds=[], active=True, version=1)


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "ftp://example.com/", "https://who@example.com/", "https://example.com:8443/",
     "https:///x", "javascript:alert(1)", "https://exa mple.com", "https://ex\u00e4mple.com/",
     "https://[::1/"],
)  # fmt: skip
def test_an_address_that_is_no_web_server_is_refused(house: House, url: str) -> None:
    with pytest.raises(Refused):
        web_post.checked(url)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.8", "[::1]", "0.0.0.0"]
)
def test_the_own_network_is_not_reached(house: House, host: str) -> None:
    answer = web_post.post(f"https://{host}/", {}, b"{}")
    assert (answer.status, answer.taken) == (0, False)
    assert "own network" in answer.words


@given(st.binary(max_size=200), st.text(max_size=80))
def test_a_signature_fits_its_message_and_no_other(message: bytes, forged: str) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    header = rules.signed("secret", message, at)
    assert rules.is_ours("secret", message, header, at + timedelta(minutes=4))
    assert not rules.is_ours("secret", message, header, at + timedelta(minutes=6))
    assert not rules.is_ours("other", message, header, at)
    assert not rules.is_ours("secret", message + b"x", header, at)
    assert not rules.is_ours("secret", message, forged, at)
