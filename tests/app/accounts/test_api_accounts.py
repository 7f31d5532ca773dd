"""Accounts for programs: the list, one account explained, its services."""

from typing import Any

from app.web.application import API_PREFIX, make_app
from tests import books
from tests.conftest import House
from tests.era import bill, billed, claim, era, line
from tests.policy.visitors import add


def test_a_program_reads_who_owes_what_and_why(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "300")), era(claim("A1", line("99214", "300", cas="CO*45*100 PR*3*40"))))
    visitor, client = add("desk", "clerk"), make_app().test_client()

    def ask(path: str, **query: str) -> Any:
        answer = client.get(f"{API_PREFIX}{path}", query_string=query, headers=visitor.bearer)
        assert answer.status_code == 200, answer.text
        return answer.json

    (row,) = ask("/accounts")["rows"]
    assert (row["due"], row["waiting"]) == ("40.00", "0.00")
    whole = ask(f"/accounts/{row['id']}")
    assert (whole["balance"], whole["explained"]) == ("40.00", "40.00")
    (visit,) = ask(f"/accounts/{row['id']}/visits", language="es")["rows"]
    assert [step["amount"] for step in visit["steps"]] == ["300.00", "-160.00", "-100.00"]
    assert visit["steps"][0]["words"] == "Cargo por esta visita"
    assert visit["figures"]["balance"] == "40.00"
    (service,) = ask(f"/accounts/{row['id']}/visits/{visit['id']}/services")["rows"]
    assert (service["words"], service["charge"]) == ("Office visit", "300.00")
    assert ask("/placements")["rows"] == []
    scrub = ask(f"/placements/{row['id']}")
    assert not scrub["ready"]
    assert {one["code"] for one in scrub["lights"] if not one["green"]} >= {"stage", "days", "letters"}
    gone = client.get(f"{API_PREFIX}/accounts/0123456789abcdef0123", headers=visitor.bearer)
    assert gone.status_code == 404
