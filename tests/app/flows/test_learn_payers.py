"""A payer that signs its remits with another name than we bill it under is one payer all the same."""

from typing import Any

from app.kernel.db import table_of
from app.kernel.paging import Ask
from app.kernel.work import reading
from app.payers import queries
from app.payers.models import PayerAlias
from tests import books, era

_alias = table_of(PayerAlias)


def names() -> list[str]:
    with reading(books.CLERK) as w:
        return sorted(one.name for one in queries.payers(w, Ask(sort="name")).rows)


def answered(charge: str = "300", status: str = "1", **named: Any) -> bytes:
    one = era.claim("A1", era.line("99214", charge, "250", f"CO*45*{int(charge) - 250}"), status=status)
    return era.era(one, payer_name="QUITE ANOTHER NAME INC", **named)


def test_a_payer_known_only_by_different_names_shows_once(house: Any) -> None:
    del house
    books.practice()
    books.take(era.bill(era.billed("A1", "99214 300")))
    assert len(names()) == 1
    books.take(answered())
    assert len(names()) == 1 and len(books.rows(_alias)) == 1
    assert books.rows(_alias)[0].reason == "claim_match"
    with reading(books.CLERK) as w:
        by_either = [queries.payers(w, Ask(sort="name", filters={"q": text})).rows for text in
                     ("quite another", names()[0][:12])]  # fmt: skip
        page = queries.payer(w, by_either[0][0].public_id)
    assert [len(rows) for rows in by_either] == [1, 1]
    assert {one.value for one in page.known if one.kind == "name"} >= {"QUITE ANOTHER NAME"}
    assert page.row.records == 2
    assert books.problems() == []


def test_a_secondary_answer_proves_nothing(house: Any) -> None:
    del house
    books.practice()
    books.take(era.bill(era.billed("A1", "99214 300")))
    books.take(answered(status="2"))
    assert books.rows(_alias) == []


def test_a_claim_of_another_charge_proves_nothing(house: Any) -> None:
    del house
    books.practice()
    books.take(era.bill(era.billed("A1", "99214 300")))
    books.take(answered(charge="290"))
    assert books.rows(_alias) == []
