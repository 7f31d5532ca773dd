"""The visits of an account: explained to the cent, in words people use."""

from app.accounts import queries
from app.accounts.models import Owed
from app.accounts.queries import AccountView
from app.accounts.queries_lines import lines
from app.kernel.db import table_of
from app.kernel.work import reading
from app.patients import queries_guarantors
from tests import books
from tests.conftest import House
from tests.era import bill, billed, claim, era, line

_owed = table_of(Owed)


def account() -> AccountView:
    key = books.rows(_owed)[0].account_id
    with reading(books.CLERK) as w:
        return queries.by_public(w, queries_guarantors.by_ids(w, [key])[key].public_id)


def test_a_visit_is_explained_from_its_charge_to_what_is_owed(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "300")), era(claim("A1", line("99214", "300", cas="CO*45*100 PR*3*40"))))
    told = account()
    (visit,) = told.visits
    assert [(step.words(), str(step.cents)) for step in visit.steps] == [
        ("Charged for this visit", "300.00"),
        ("EXAMPLE HEALTH PLAN paid", "-160.00"),
        ("Taken off by the contract with EXAMPLE HEALTH PLAN", "-100.00"),
    ]
    assert visit.steps[1].words("es") == "Pago de EXAMPLE HEALTH PLAN"
    assert (visit.steps[1].source, visit.steps[1].reference) == ("remit", "EFT0001")
    assert (str(told.balance), told.explained, str(visit.due)) == ("40.00", told.balance, "40.00")
    assert visit.figures.adds_up
    assert (visit.place_words(), visit.place_words("es")) == ("Office", "Consultorio")


def test_what_waits_says_for_whom(house: House) -> None:
    books.practice()
    denied = claim(
        "A1", line("99214", "300", cas="CO*45*100 PR*3*40"), line("99213", "80", cas="CO*16*80", rarc="M127")
    )
    books.take(bill(billed("A1", "99214 300", "99213 80")), era(denied))
    (visit,) = account().visits
    assert visit.why() == "The insurance refused part of it, and we are working on that."
    assert visit.steps[-1].words() == "EXAMPLE HEALTH PLAN still has to answer for this part"
    assert [str(one) for one in (visit.figures.balance, visit.due, visit.waiting)] == [
        "120.00", "0.00", "120.00",
    ]  # fmt: skip


def test_services_are_named_in_plain_words_and_sensitive_ones_are_not(house: House) -> None:
    books.practice()
    ours = claim("A1", line("99214", "200", cas="PR*3*40"), line("90834", "100", cas="PR*3*10"))
    books.take(bill(billed("A1", "99214 200", "90834 100")), era(ours))
    key = books.rows(_owed)[0].claim_id
    with reading(books.CLERK) as w:
        shown = lines(w, [key])[key]
        named = lines(w, [key], named=True)[key]
    assert [(one.code, one.words("en"), one.words("es"), str(one.charge)) for one in shown] == [
        ("99214", "Office visit", "Consulta médica", "200.00"),
        ("", "Professional services", "Servicios profesionales", "100.00"),
    ]
    assert [one.code for one in named] == ["99214", "90834"]
