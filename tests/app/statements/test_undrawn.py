"""One document that cannot be made stops nobody else: its line says why, a person is told, no number gaps."""

from typing import Any

import pytest

from app.kernel.db import table_of
from app.kernel.errors import Broken
from app.statements import rules_content, translate
from app.statements.rules_content import Content
from app.worklist.models import WorklistItem
from letters import LetterError
from tests import books, statements
from tests.conftest import House
from tests.statements import STATEMENT

ITEM = table_of(WorklistItem)


def told() -> list[tuple[int, str, dict[str, Any] | None]]:
    """(account, state, detail) of what people are asked about documents that were not made."""
    return [
        (row.subject_id, row.state, row.detail) for row in books.rows(ITEM, ITEM.c.kind == "not_drawable")
    ]


def _breaks_for(number: str, why: str, patch: pytest.MonkeyPatch) -> None:
    """Let the document of one account fail, in its layout or in its sums."""
    render, checked = translate.render, rules_content.checked

    def drawing(name: str, facts: dict[str, Any], **more: Any) -> Any:
        if facts["account"] == number:
            raise LetterError("statement: the layout did not converge")
        return render(name, facts, **more)

    def adding(content: Content) -> None:
        if content.account == number:
            raise Broken("RPAT-11 does not hold")
        checked(content)

    if why == "not_drawable":
        patch.setattr(translate, "render", drawing)
    else:
        patch.setattr(rules_content, "checked", adding)


@pytest.mark.parametrize("why", ["not_drawable", "sums_differ"])
def test_a_document_that_fails_is_dropped_and_the_others_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    clinic = statements.owing("A1", "A2", "A3")
    bad = statements.accounts_of("A2")
    [row] = books.rows(statements.GUARANTOR, statements.GUARANTOR.c.id == bad)
    with monkeypatch.context() as patch:
        _breaks_for(row.number, why, patch)
        public = statements.sent(clinic)
    run = statements.run(public)
    assert (run.state, run.made, run.sending, run.dropped, str(run.amount)) == ("made", 2, 2, 1, "80.00")
    [line] = [one for one in statements.items(public) if one.outcome == "dropped"]
    assert (line.account_id, line.reason, line.statement_id) == (bad, why, None)
    made = books.rows(STATEMENT)
    assert [one.number for one in made] == ["S00000001", "S00000002"]
    assert bad not in [one.account_id for one in made]
    assert told() == [(bad, "open", {"account": row.public_id, "statement_run": public})]

    again = statements.sent(clinic)
    assert statements.run(again).made == 1
    assert [one.number for one in books.rows(STATEMENT)][-1] == "S00000003"
    assert [state for _, state, _ in told()] == ["done"]
