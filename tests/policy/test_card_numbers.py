"""No card number stays in a field of the desk: refused in words or taken out, in any spelling (RSEC-20)."""

import pytest

from app.kernel.clock import now
from app.web.application import API_PREFIX, make_app
from tests import books
from tests.app.contacts import people
from tests.conftest import House
from tests.policy import visitors

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
CARD = "4111111111111111"  # pragma: allowlist secret - a test number of every processor
SPELT = (CARD, "4111 1111 1111 1111", "4111-1111-1111-1111")
NOTED = "Their card is {}, they said"


@ONE_DATABASE
@pytest.mark.parametrize("spelt", SPELT)
def test_no_card_number_stays_in_words_about_an_account(
    house: House, spelt: str, capfd: pytest.CaptureFixture[str]
) -> None:
    entity = books.practice()
    key = people.account(entity.id)
    app, clerk = make_app(), visitors.add("kim", "clerk", "supervisor")
    words, path = NOTED.format(spelt), f"{API_PREFIX}/accounts/{people.public(key)}"
    asked = (
        (f"{path}/notes", {"text": words}),
        (f"{path}/holds", {"kind": "manager", "reason": words}),
        (f"{path}/holds", {"kind": "attorney", "reason": "Letter", "detail": {"attorney": words[:60]}}),
        (f"{path}/disputes", {"said": words}),
        (f"{path}/attempts", {"reach": "call", "direction": "in", "result": "other", "note": words}),
        (f"{API_PREFIX}/payments", {"account": people.public(key), "amount": "5.00", "tender": "cash",
                                    "key": "one", "reference": words[:40]}),
        (f"{API_PREFIX}/payments/cards", {"account": people.public(key), "token": spelt,
                                          "authorised": "Any day"}),
        (f"{API_PREFIX}/rules/collection", {"code": "calls_most", "value": "5", "reason": words,
                                            "since": now().date().isoformat()}),
    )  # fmt: skip
    for where, body in asked:
        answer = app.test_client().post(where, json=body, headers=clerk.bearer)
        assert answer.status_code < 500, f"{where}: {answer.text[:200]}"
    for each in ("notes", "holds", "disputes", "attempts"):
        shown = app.test_client().get(f"{path}/{each}", headers=clerk.bearer)
        assert shown.status_code == 200 and spelt not in shown.text, f"{each} shows it"
    kept = b"".join(one.read_bytes() for one in house.folder.rglob("*") if one.is_file())
    told = "".join(capfd.readouterr())
    for each in SPELT:
        assert each.encode() not in kept, f"{each} is stored"
        assert each not in told, f"{each} is in a log"
