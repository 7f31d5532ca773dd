"""A posting seen before it is made: the very entries, nothing left behind, and never anything else."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.flows import preview, resolve
from app.intake.models import IntakeTransaction
from app.kernel.db import Base, table_of
from app.kernel.errors import NotAllowed, NotFound
from app.kernel.work import system, work
from app.web.application import make_app
from tests import books, era
from tests.conftest import House
from tests.policy import visitors

_transaction, _audit = table_of(IntakeTransaction), table_of(AuditEvent)
PERSON = system("tests")
LINES = (era.line("99214", "300", "220", "CO*45*80"), era.line("93000", "100", "0", "CO*197*100"))
CLAIMS = (
    era.claim("A1", *LINES, number="P1"),
    era.claim("NOBODY", era.line("99213", "50", "50"), number="P9", patient="WHO*KNOWS", member="MEM9"),
)
HELD = re.sub(rb"SE\*\d+", b"SE*99", era.era(*CLAIMS))
"""The sender counted its segments wrongly: the whole payment is held, one claim in it is nobody's."""
SERIES = "number_block"
"""What refuses after it took numbers leaves gaps on PostgreSQL; a preview takes none."""
UNBALANCED = era.era(*CLAIMS, paid="269.99")
"""A cent is missing, which only shows while it posts."""


@pytest.fixture
def held(house: House) -> str:
    """The public id of a held remit."""
    books.practice()
    books.take(era.bill(era.billed("A1", "99214 300", "93000 100")), HELD)
    [row] = books.rows(_transaction, _transaction.c.state == "held")
    return str(row.public_id)


def dump(*but: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but what was noted of who looked."""
    found = {}
    with books.looking() as line:
        for table in Base.metadata.sorted_tables:
            if not table.name.startswith("audit") and table.name not in but:
                found[table.name] = sorted(map(tuple, line.execute(select(table))), key=repr)
    return found


def test_a_preview_shows_what_would_post_and_leaves_nothing(held: str) -> None:
    before = dump()
    plan = preview.preview(PERSON, held, "release")
    assert dump() == before
    assert plan.state == "posted" and [one.control for one in plan.claims] == ["A1"]
    [claim] = plan.claims
    assert [str(claim.payer_before), str(claim.payer_after)] == ["400.00", "100.00"]
    [parked] = plan.parked
    assert (parked.control, parked.reason, str(parked.paid)) == ("NOBODY", "match.none", "50.00")
    [denial] = plan.denials
    assert (denial.move, denial.carc, str(denial.denied)) == ("open", "197", "100.00")
    assert sum(one.debit for one in plan.accounts) == sum(one.credit for one in plan.accounts) == plan.total
    assert "edi.transaction_count" in {one.code for one in plan.findings}
    seen = [row for row in books.rows(_audit) if row.type == "posting.preview"]
    assert len(seen) == 1 and seen[0].actor == "tests"


def test_what_was_seen_is_what_posts(held: str) -> None:
    plan = preview.preview(PERSON, held, "release")
    with work(PERSON) as w:
        preview.commit(w, held, "release", seal=plan.seal, reason="The payer says a cent is missing.")
    posted = [(row.debit, row.credit, int(row.amount)) for row in books.entries() if row.event != "charge"]
    assert posted == [(one.debit, one.credit, int(one.cents)) for one in plan.entries]
    assert books.balance("A1") == ("100.00", "0.00") and books.states() == ["posted"]
    books.settle()
    assert books.balance("A1") == ("100.00", "0.00"), "the promised job finds nothing left to do"
    assert not books.problems()


def test_the_books_are_those_of_a_release_without_a_preview(held: str, tmp_path: Any) -> None:
    plan = preview.preview(PERSON, held, "release")
    with work(PERSON) as w:
        preview.commit(w, held, "release", seal=plan.seal, reason="as sent")
    books.settle()
    ours = books.content()
    with books.elsewhere(tmp_path / "other"):
        books.practice()
        books.take(era.bill(era.billed("A1", "99214 300", "93000 100")), HELD)
        with work(PERSON) as w:
            resolve.release(w, books.rows(_transaction, _transaction.c.state == "held")[0].public_id,
                            reason="as sent")  # fmt: skip
        books.settle()
        assert books.content() == ours


def test_a_plan_that_is_no_longer_true_posts_nothing(held: str) -> None:
    plan = preview.preview(PERSON, held, "release")
    books.take(era.bill(era.billed("NOBODY", "99213 50", patient="WHO*KNOWS", member="MEM9")))
    before = dump(SERIES)
    with pytest.raises(preview.PlanChanged) as refusal, work(PERSON) as w:
        preview.commit(w, held, "release", seal=plan.seal, reason="as sent")
    assert refusal.value.status == 409
    assert {"the entries", "the parked lines"} <= set(refusal.value.parts)
    assert "the parked lines" in refusal.value.message
    assert dump(SERIES) == before
    again = preview.preview(PERSON, held, "release")
    assert not again.parked and again.seal != plan.seal


def test_another_posting_of_the_same_claim_changes_the_plan(held: str) -> None:
    plan = preview.preview(PERSON, held, "release")
    books.take(era.era(era.claim("A1", era.line("99214", "300", "300"), number="P1"), trace="EFT0002"))
    with pytest.raises(preview.PlanChanged) as refusal, work(PERSON) as w:
        preview.commit(w, held, "release", seal=plan.seal, reason="as sent")
    assert refusal.value.parts, "what the claim owes is no longer what was seen"
    with pytest.raises(preview.PlanChanged), work(PERSON) as w:
        preview.commit(w, held, "release", seal="x", reason="as sent")


def test_what_would_be_held_again_says_why_and_cannot_be_posted(house: House) -> None:
    books.practice()
    books.take(era.bill(era.billed("A1", "99214 300", "93000 100")), UNBALANCED)
    held = books.transactions()[-1].public_id
    before = dump(SERIES)
    plan = preview.preview(PERSON, held, "replay")
    assert plan.state == "held" and not plan.entries and plan.words
    with pytest.raises(NotAllowed), work(PERSON) as w:
        preview.commit(w, held, "replay", seal=plan.seal, reason="again")
    assert dump(SERIES) == before


def test_taking_it_back_can_be_looked_at_first(held: str) -> None:
    plan = preview.preview(PERSON, held, "release")
    with work(PERSON) as w:
        preview.commit(w, held, "release", seal=plan.seal, reason="as sent")
    [row] = [one for one in books.transactions() if one.kind == "835"]
    undone = preview.preview(PERSON, row.public_id, "undo")
    assert undone.state == "undone" and undone.total == plan.total
    with work(PERSON) as w:
        preview.commit(w, row.public_id, "undo", seal=undone.seal, reason="wrong day")
    assert books.balance("A1") == ("400.00", "0.00") and not books.problems()


def test_billed_claims_can_be_looked_at_as_well(house: House) -> None:
    books.practice()
    books.take(era.bill(era.billed("A1", "99214 300")))
    [row] = books.transactions()
    with work(PERSON) as w:
        resolve.undo(w, row.public_id, reason="sent twice")
    before = dump()
    plan = preview.preview(PERSON, row.public_id, "replay")
    assert dump() == before and plan.state == "posted" and str(plan.total) == "300.00"
    assert [one.event for one in plan.entries] == ["charge"]


def test_a_decision_that_is_not_possible_now_is_refused(held: str) -> None:
    with pytest.raises(NotAllowed):
        preview.preview(PERSON, held, "undo")
    with pytest.raises(NotFound):
        preview.preview(PERSON, "0" * 20, "release")


# ---------------------------------------------------------------- doors


@pytest.fixture
def app(house: House, held: str) -> Flask:
    """The house at its doors."""
    return make_app(house.settings)


def seal_in(page: str) -> str:
    found = re.search(r'name="plan" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_supervisor_looks_and_posts(app: Flask, held: str) -> None:
    vera = visitors.add("vera", "supervisor").browser(app)
    address = f"/files/transactions/{held}/preview/release"
    page = vera.get(address).text
    for words in ("1010 Cash clearing", "2000 Unapplied payer cash", "No claim of ours", "400.00", "197"):
        assert words in page, words
    form = {"plan": seal_in(page), "csrf_token": visitors.form_token(vera, address)}
    commit = f"/files/transactions/{held}/commit/release"
    silent = vera.post(commit, data=form)
    assert silent.status_code == 422 and "Say why" in silent.text
    stale = vera.post(commit, data=form | {"plan": "a.b.c.d.e", "reason": "as sent"})
    assert stale.status_code == 409 and "the entries" in stale.text and books.states() == ["held"]
    done = vera.post(commit, data=form | {"reason": "as sent"})
    assert done.status_code == 303 and books.states() == ["posted"]


def test_who_may_not_release_may_look(app: Flask, held: str) -> None:
    carl = visitors.add("carl", "clerk").browser(app)
    page = carl.get(f"/files/transactions/{held}/preview/release")
    assert page.status_code == 200 and "not your role" in page.text and 'name="plan"' not in page.text
    token = visitors.form_token(carl, "/files/")
    form = {"plan": "x", "reason": "me", "csrf_token": token}
    assert carl.post(f"/files/transactions/{held}/commit/release", data=form).status_code == 403


def test_a_program_posts_what_it_saw_once(app: Flask, held: str) -> None:
    vera, client = visitors.add("vera", "supervisor"), app.test_client()
    base = f"/api/v1/transactions/{held}"
    plan = client.get(f"{base}/preview?doing=release", headers=vera.bearer).get_json()
    assert (plan["state"], len(plan["entries"]), plan["parked"][0]["reason"]) == (
        "posted", len(plan["entries"]), "match.none",
    )  # fmt: skip
    asked = {"plan": plan["seal"], "reason": "as sent"}
    headers = {**vera.bearer, "Idempotency-Key": "k1"}
    stale = client.post(f"{base}/commit/release", json=asked | {"plan": "old"}, headers=headers)
    assert stale.status_code == 409 and stale.get_json()["error"]["code"] == "plan_changed"
    headers["Idempotency-Key"] = "k2"
    done = [client.post(f"{base}/commit/release", json=asked, headers=headers) for _ in range(2)]
    assert [one.status_code for one in done] == [200, 200] and done[0].json == done[1].json
    assert done[0].get_json()["entries"] == len(plan["entries"])
    assert books.balance("A1") == ("100.00", "0.00")


def test_another_practice_finds_no_preview(app: Flask, held: str) -> None:
    other = books.practice("Other Clinic", "1992999999", "777777777")
    gina = visitors.add("gina", "supervisor", entity_id=other.id)
    client = gina.browser(app)
    assert client.get(f"/files/transactions/{held}/preview/release").status_code == 404
    api = app.test_client().get(f"/api/v1/transactions/{held}/preview?doing=release", headers=gina.bearer)
    assert api.status_code == 404
