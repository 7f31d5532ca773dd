"""A practice that has not said who it is plans in peace, and sends nothing."""

from datetime import date
from typing import Any

import pytest

from app.contacts.rules_law import Law, LawRow
from app.kernel.errors import NotAllowed
from app.kernel.work import work
from app.statements import service_release, service_runs
from app.statements.rules_letterhead import gaps, words
from app.web import application
from app.web.application import API_PREFIX
from tests import books, statements
from tests.conftest import House
from tests.policy import visitors
from tests.statements import BOSS, RULE, RUN, TODAY

CODES = ["practice_street", "practice_place", "practice_phone"]


def _row(code: str, value: str, state: str = "") -> LawRow:
    return LawRow(code, state, date(2026, 1, 1), None, value, "text", code, "own", own=True)


def test_a_letterhead_has_a_street_a_place_and_a_telephone() -> None:
    bare = gaps(Law(TODAY))
    assert [one.code for one in bare] == CODES
    assert "practice_street, practice_place, practice_phone" in words(bare) and "/rules/collection" in words(
        bare
    )
    own = [_row(code, "said") for code in CODES]
    assert gaps(Law(TODAY, own)) == []
    [left] = gaps(Law(TODAY, [*own, _row("practice_phone", "-", "NY")]))
    assert (left.code, left.state) == ("practice_phone", "NY") and "practice_phone in NY" in words([left])


def _forgotten(house: Any) -> str:
    """A planned run of a clinic whose letterhead went missing."""
    del house
    public = statements.planned(statements.owing("A1"))
    with work(BOSS) as w:
        w.db.execute(RULE.delete().where(RULE.c.code != "practice_place"))
    return public


def test_without_a_letterhead_a_run_is_planned_and_looked_at_but_not_signed_nor_released(
    house: House,
) -> None:
    public = _forgotten(house)
    with pytest.raises(NotAllowed, match=r"practice_street, practice_phone.*/rules/collection") as no:
        statements.signed(public)
    assert no.value.code == "letterhead_missing"
    with work(BOSS) as w:
        w.db.execute(RUN.update().where(RUN.c.public_id == public).values(state="signed"))
    with pytest.raises(NotAllowed, match="practice_street") as no, work(BOSS) as w:
        service_release.release(w, public, statements.run(public).version)
    assert (no.value.code, statements.run(public).state) == ("letterhead_missing", "signed")
    [clinic] = books.rows(books.ENTITY)
    with work(BOSS) as w:
        service_runs.reopen(w, public, statements.run(public).version)
        w.db.execute(RULE.delete())
    statements.letterhead(clinic)
    statements.released(public)
    books.settle()
    assert statements.run(public).made == 1


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_the_plan_says_what_its_letterhead_lacks(house: House) -> None:
    public = _forgotten(house)
    app = application.make_app()
    bo = visitors.add("bo", "supervisor")
    page = bo.browser(app).get(f"/statements/runs/{public}").text
    assert 'id="letterhead"' in page and "code=practice_street" in page and "code=practice_phone" in page
    assert "code=practice_place" not in page
    answer: Any = app.test_client().get(f"{API_PREFIX}/statements/runs/{public}", headers=bo.bearer)
    assert [one["code"] for one in answer.json["letterhead"]] == ["practice_street", "practice_phone"]
