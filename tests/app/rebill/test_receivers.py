"""Receivers: what a file needs to know, secrets nobody sees again, one server key, payers routed by day."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.entities.rules import Practice
from app.kernel.errors import NotAllowed, NotFound, NotPermitted, Refused, Stale
from app.kernel.settings import settings
from app.kernel.work import Actor, Work, reading, work
from app.rebill import queries_receivers, service_batches, service_receivers
from app.rebill.rules_batches import ReceiverFacts, Route, Routing, checked, file_name
from app.web.application import make_app
from tests import batches, books, sftp
from tests.books import CLERK
from tests.conftest import House
from tests.policy import visitors
from tests.sftp import Receiver

SECRET = "practice makes perfect"  # pragma: allowlist secret - opens nothing but the tests' server
SFTP: dict[str, Any] = dict(how="sftp", host="sftp.example.com", port=22, username="billing", place="/in")


@pytest.fixture
def practice(house: House) -> Practice:
    return books.practice()


@pytest.fixture
def server(practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("RECLAIM_SFTP_HOSTS", "127.0.0.1")
    settings.cache_clear()
    with sftp.server(tmp_path / "receiver") as made:
        yield made


def view(public: str) -> queries_receivers.ReceiverView:
    with reading(CLERK) as w:
        return queries_receivers.receiver(w, public)


def facts(**other: Any) -> ReceiverFacts:
    return ReceiverFacts(**batches.FACTS | other)


def test_a_secret_is_sealed_and_kept_when_none_is_given(practice: Practice) -> None:
    made = batches.receiver(practice, secret=SECRET, **SFTP)
    row = books.rows(batches.RECEIVER)[0]
    assert SECRET.encode() not in row.secret_sealed and view(made).has_secret
    assert SECRET not in repr(view(made))
    with work(CLERK) as w:
        service_receivers.change(w, made, facts(**SFTP, name="Other"), version=1)
    assert view(made).has_secret and view(made).name == "Other"
    with work(CLERK) as w:
        service_receivers.change(w, made, facts(), version=2)
    assert not view(made).has_secret, "a folder needs none"


def test_another_server_has_to_be_confirmed_anew(practice: Practice) -> None:
    made = batches.receiver(practice, secret=SECRET, **SFTP)
    assert "confirmed" in view(made).missing
    with work(CLERK) as w:
        service_receivers.confirm_key(w, made, "ssh-ed25519 SHA256:" + "A" * 43, version=1)
    assert view(made).missing == ""
    with work(CLERK) as w:
        service_receivers.change(w, made, facts(**SFTP | {"place": "/other"}), version=2)
    assert view(made).host_key
    with work(CLERK) as w:
        service_receivers.change(w, made, facts(**SFTP | {"host": "other.example.com"}), version=3)
    assert view(made).host_key == ""


def test_nothing_is_released_to_a_server_nobody_confirmed(practice: Practice) -> None:
    made = batches.receiver(practice, secret=SECRET, **SFTP)
    batches.ready("A1")
    with pytest.raises(NotAllowed) as refused:
        batches.release(made)
    assert refused.value.code == "receiver_not_ready"


def test_one_receiver_is_the_default(practice: Practice) -> None:
    first = batches.receiver(practice)
    second = batches.receiver(practice, name="Second", place="second")
    assert (view(first).is_default, view(second).is_default) == (False, True)
    with work(CLERK) as w:
        service_receivers.switch(w, second, active=False, version=1)
    assert (view(second).active, view(second).is_default) == (False, False)
    with pytest.raises(NotAllowed):
        batches.release(second)


def test_an_address_stays_while_a_batch_is_on_its_way(practice: Practice) -> None:
    made = batches.receiver(practice, how="download", place="")
    batches.ready("A1")
    batch = batches.release(made)
    for verb in (
        lambda w: service_receivers.change(w, made, facts(how="folder"), version=1),
        lambda w: service_receivers.switch(w, made, active=False, version=1),
    ):
        with pytest.raises(NotAllowed), work(CLERK) as w:
            verb(w)
    with work(CLERK) as w:
        service_batches.cancel(w, batch, "never mind", 1)
    with work(CLERK) as w:
        service_receivers.switch(w, made, active=False, version=1)


def test_a_payer_is_routed_from_a_day_on(practice: Practice) -> None:
    default = batches.receiver(practice)
    other = batches.receiver(practice, name="Other", place="other", is_default=False)
    [ready] = batches.ready("A1")
    payer = batches.payer_of(ready)
    with work(CLERK) as w:
        today = w.today(practice.time_zone)
        with pytest.raises(Refused):
            service_receivers.route(w, other, payer, since=today - timedelta(1), version=1)
        service_receivers.route(w, other, payer, since=today, version=1)
    with reading(CLERK) as w:
        [route] = queries_receivers.routes(w, view(other).id)
        assert (route.payer, route.effective_from, route.effective_to) == (payer, today, None)
    with pytest.raises(Refused), work(CLERK) as w:
        service_receivers.end_route(w, other, "0" * 20, until=today, version=2)
    with pytest.raises(Refused):
        batches.release(default)
    with work(CLERK) as w:
        service_receivers.end_route(w, other, payer, until=today, version=2)
    batches.release(default, ready)


def test_the_day_decides_which_receiver_takes_a_payer() -> None:
    day = books.now().date()
    past = Route(1, 7, day - timedelta(9), day - timedelta(1))
    now, later = Route(2, 7, day - timedelta(1), None), Route(3, 7, day + timedelta(5), None)
    routing = Routing((past, now, later), frozenset({1, 2, 3, 9}), 9, {70: 7})
    assert routing.of(7, day) == 2 and routing.of(70, day) == 2, "the same payer, another record"
    assert routing.of(7, day - timedelta(2)) == 1 and routing.of(7, day + timedelta(5)) == 3
    assert routing.of(8, day) == 9 and routing.of(None, day) == 9
    assert Routing((now,), frozenset({9}), 9, {}).of(7, day) == 9, "one that is off takes nothing"
    assert Routing((), frozenset(), None, {}).of(7, day) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 61), ("sender", "A"), ("sender", "X" * 16), ("receiver", "A*B"),
     ("submitter_name", "A~B"), ("contact_phone", "12"), ("receiver_number", ""), ("usage", "X"),
     ("sender_qualifier", "XX"), ("how", "fax"), ("name", "a\x00b")],
)  # fmt: skip
def test_what_a_file_cannot_carry_is_refused_with_its_field(field: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(facts(**{field: value}))
    assert refused.value.field == field


@pytest.mark.parametrize("place", ["", "../out", "/etc"])
def test_a_folder_elsewhere_is_refused(practice: Practice, place: str) -> None:
    with pytest.raises(Refused):
        batches.receiver(practice, place=place)


def test_what_is_typed_is_written_as_files_have_it() -> None:
    made = checked(
        facts(sender=" clinic ", submitter_name="Example  clinic", contact_phone="1 (555) 555-0101")
    )
    assert (made.sender, made.submitter_name, made.contact_phone) == (
        "CLINIC",
        "EXAMPLE CLINIC",
        "5555550101",
    )
    assert file_name("ab*c/../d", books.now().date(), 7).startswith("ABCD-")


def test_every_verb_refuses_stale_eyes_strangers_and_clerks(practice: Practice) -> None:
    made = batches.receiver(practice, secret=SECRET, **SFTP)
    other = books.practice("Other Clinic", npi="1679576722", tax_id="222223333")
    stranger = Actor("stranger", permissions=frozenset({"rebill.receivers"}), scope=frozenset({other.id}))
    clerk = Actor("clerk", permissions=frozenset({"rebill.read"}), scope=frozenset({practice.id}))
    day = books.now().date()
    verbs: list[Callable[[Work, int], object]] = [
        lambda w, version: service_receivers.change(w, made, facts(), version=version),
        lambda w, version: service_receivers.switch(w, made, active=False, version=version),
        lambda w, version: service_receivers.confirm_key(w, made, "SHA256:" + "A" * 43, version=version),
        lambda w, version: service_receivers.route(w, made, "0" * 20, since=day, version=version),
        lambda w, version: service_receivers.end_route(w, made, "0" * 20, until=day, version=version),
    ]
    for verb in verbs:
        with pytest.raises(Stale), work(CLERK) as w:
            verb(w, 7)
        with pytest.raises(NotFound), work(stranger) as w:
            verb(w, 1)
        with pytest.raises(NotPermitted), work(clerk) as w:
            verb(w, 1)
    with pytest.raises(Refused) as refused:
        batches.receiver(practice, actor=stranger)
    assert refused.value.field == "entity"


@pytest.fixture
def app(server: Receiver) -> Flask:
    return make_app()


def test_a_supervisor_names_a_receiver_confirms_its_key_and_tries_it(app: Flask, server: Receiver) -> None:
    with reading(CLERK) as w:
        entity = books.ENTITY.c.public_id
        public = w.db.execute(books.select(entity)).scalar_one()
    sue = visitors.add("sue", "supervisor").browser(app)
    token = visitors.form_token(sue, "/rebill/receivers/new")
    form = {**batches.FACTS, **SFTP, "host": server.host, "port": str(server.port), "is_default": "yes"}
    form |= {"secret": SECRET, "entity": public, "csrf_token": token, "first_number": "500"}
    wrong = sue.post("/rebill/receivers/new", data=form | {"sender": ""})
    assert wrong.status_code == 422 and "is missing" in wrong.text and SECRET not in wrong.text
    added = sue.post("/rebill/receivers/new", data=form)
    assert added.status_code == 303
    page = added.headers["Location"]
    asked = sue.post(page + "/look", data={"csrf_token": token})
    assert server.fingerprint in asked.text and "Compare it" in asked.text
    key = {"csrf_token": token, "version": "1", "host_key": f"ssh-ed25519 {server.fingerprint}"}
    assert sue.post(page + "/key", data=key).status_code == 303
    tried = sue.post(page + "/try", data={"csrf_token": token})
    assert "let us in" in tried.text and not server.journal()
    shown = sue.get(page).text
    assert server.fingerprint in shown and SECRET not in shown and "000000500" in shown
    again = sue.post(page + "/switch", data={"csrf_token": token, "version": "1", "active": ""})
    assert again.status_code == 409 and "Somebody changed this" in again.text
    clerk = visitors.add("carl", "clerk").browser(app)
    assert clerk.get(page).status_code == 200 and "Try the connection" not in clerk.get(page).text
    assert (
        clerk.post(page + "/try", data={"csrf_token": visitors.form_token(clerk, "/password")}).status_code
        == 403
    )
