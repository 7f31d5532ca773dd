"""A file that is looked at before it posts: nothing on the books until then, and then what was seen."""

import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from app.cli import main
from app.flows import preview, receive_file
from app.flows.preview import PlanChanged
from app.intake.models import IntakeTransaction
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.work import system, work
from app.web.application import make_app
from tests import books, eobs, era
from tests.app.flows.test_preview import seal_in
from tests.conftest import House
from tests.policy import visitors

_transaction = table_of(IntakeTransaction)
PERSON = system("tests")
BILLED = era.bill(era.billed("A1", "99214 300"), era.billed("A2", "99213 100"))
PAID = era.era(era.claim("A1", era.line("99214", "300", "220", "CO*45*80")), trace="EFT0001")
DENIED = era.era(era.claim("A2", era.line("99213", "100", "0", "CO*16*100")), trace="EFT0002")


def look_first(content: bytes, name: str = "a.835") -> str:
    """Take a file in and hold it; the public id of its only transaction."""
    offered = receive_file.offer(PERSON, io.BytesIO(content), name, look_first=True)
    books.settle()
    [row] = books.rows(_transaction, _transaction.c.file_no == offered.file_no)
    assert (row.state, row.reason) == ("held", "intake.look_first")
    return str(row.public_id)


@pytest.fixture
def billed(house: House) -> None:
    books.practice()
    books.take(BILLED)


def test_nothing_is_on_the_books_before_and_exactly_the_plan_after(billed: None) -> None:
    before = books.content()
    held = look_first(PAID)
    assert books.content() == before and books.states() == ["held"]
    plan = preview.preview(PERSON, held, "post")
    assert books.content() == before and plan.state == "posted"
    with work(PERSON) as w:
        preview.commit(w, held, "post", seal=plan.seal, reason="")
    posted = [(row.debit, row.credit, int(row.amount)) for row in books.posted("EFT0001")]
    assert posted == [(one.debit, one.credit, int(one.cents)) for one in plan.entries]
    books.settle()
    assert books.states() == ["posted"] and books.balance("A1") == ("0.00", "0.00")
    assert not books.problems()


def test_the_books_are_those_of_a_file_nobody_held(billed: None, tmp_path: Path) -> None:
    held = look_first(PAID)
    plan = preview.preview(PERSON, held, "post")
    with work(PERSON) as w:
        preview.commit(w, held, "post", seal=plan.seal, reason="")
    ours = books.content()
    with books.elsewhere(tmp_path / "other"):
        books.practice()
        books.take(BILLED, PAID)
        assert books.content() == ours


def test_what_changed_meanwhile_posts_nothing(billed: None) -> None:
    held = look_first(PAID)
    plan = preview.preview(PERSON, held, "post")
    books.take(era.era(era.claim("A1", era.line("99214", "300", "100", "CO*45*200")), trace="EFT9"))
    with pytest.raises(PlanChanged) as refusal, work(PERSON) as w:
        preview.commit(w, held, "post", seal=plan.seal, reason="")
    assert refusal.value.status == 409 and sorted(books.states()) == ["held", "posted"]


def test_a_payment_of_nothing_posts_without_an_entry(billed: None) -> None:
    held = look_first(DENIED)
    plan = preview.preview(PERSON, held, "post")
    assert [one.carc for one in plan.denials] == ["16"] and plan.posts
    with work(PERSON) as w:
        preview.commit(w, held, "post", seal=plan.seal, reason="")
    assert books.states() == ["posted"]


def test_claims_and_eobs_can_be_held_as_well(house: House) -> None:
    books.practice()
    claims = look_first(BILLED, "a.837")
    assert books.entries() == []
    plan = preview.preview(PERSON, claims, "post")
    with work(PERSON) as w:
        preview.commit(w, claims, "post", seal=plan.seal, reason="")
    assert str(plan.total) == "400.00" and books.balance("A1") == ("300.00", "0.00")
    line = eobs.item("99214", submitted="300", benefit="200", discount="100", paidtoprovider="200")
    held = look_first(eobs.written(eobs.eob("A1", line, paid="200")), "a.json")
    plan = preview.preview(PERSON, held, "post")
    assert plan.state == "posted" and plan.claims
    with work(PERSON) as w:
        preview.commit(w, held, "post", seal=plan.seal, reason="")
    [claim] = plan.claims
    assert books.balance("A1") == (str(claim.payer_after), str(claim.patient_after))


def test_what_is_wrong_with_a_file_comes_before_the_wish_to_see_it(billed: None) -> None:
    offered = receive_file.offer(PERSON, io.BytesIO(PAID.replace(b"IEA*1", b"")), "cut.835", look_first=True)
    books.settle()
    found = books.rows(_transaction, _transaction.c.file_no == offered.file_no)
    assert found[0].reason != "intake.look_first"
    with pytest.raises(NotAllowed):
        preview.preview(PERSON, found[0].public_id, "post")


def test_a_replay_posts_it_without_a_look(billed: None) -> None:
    held = look_first(PAID)
    plan = preview.preview(PERSON, held, "replay")
    assert plan.state == "posted"
    assert preview.doings(plan.transaction)[0] == "post"


@pytest.fixture
def app(house: House, billed: None) -> Flask:
    return make_app(house.settings)


def test_a_clerk_ticks_the_box_looks_and_posts(app: Flask) -> None:
    carl = visitors.add("carl", "clerk").browser(app)
    token = visitors.form_token(carl, "/files/")
    form = {"csrf_token": token, "look_first": "1", "file": (io.BytesIO(PAID), "a.835")}
    assert carl.post("/files/", data=form).status_code == 303
    books.settle()
    [row] = [one for one in books.transactions() if one.kind == "835"]
    assert row.state == "held"
    address = f"/files/transactions/{row.public_id}/preview/post"
    file = next(one["file"] for one in _listed(app) if one["transaction"] == row.public_id)
    assert address in carl.get(f"/files/{file}").text
    page = carl.get(address)
    assert page.status_code == 200 and "1010 Cash clearing" in page.text
    form = {"plan": seal_in(page.text), "csrf_token": token}
    done = carl.post(f"/files/transactions/{row.public_id}/commit/post", data=form)
    assert done.status_code == 303 and books.states() == ["posted"]


def _listed(app: Flask) -> list[dict[str, Any]]:
    program = visitors.add("program", "clerk")
    return list(app.test_client().get("/api/v1/files", headers=program.bearer).get_json()["rows"])


def test_a_program_asks_for_it_and_posts_what_it_saw(app: Flask) -> None:
    vera, client = visitors.add("vera", "clerk"), app.test_client()
    body = {"file": (io.BytesIO(PAID), "a.835")}
    taken = client.post("/api/v1/files?look_first=true", data=body, headers=vera.bearer)
    assert taken.status_code == 201
    books.settle()
    [row] = [one for one in books.transactions() if one.kind == "835"]
    base = f"/api/v1/transactions/{row.public_id}"
    plan = client.get(f"{base}/preview?doing=post", headers=vera.bearer).get_json()
    headers = {**vera.bearer, "Idempotency-Key": "k1"}
    asked = {"plan": plan["seal"], "reason": ""}
    assert client.post(f"{base}/commit/post", json=asked, headers=headers).get_json()["state"] == "posted"
    assert books.states() == ["posted"]


def test_the_command_line_holds_what_it_imports(billed: None, tmp_path: Path) -> None:
    (tmp_path / "a.835").write_bytes(PAID)
    told = CliRunner().invoke(main, ["import", "--look-first", str(tmp_path / "a.835")])
    assert told.exit_code == 0 and "held" in told.output and "looked at" in told.output
    assert books.states() == ["held"]
