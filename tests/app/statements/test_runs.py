"""A run goes from a plan with a reason for everybody to documents that say what the ledger says."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import update

from app.accounts.queries_visits import visits
from app.contacts.lifecycle import HoldKind
from app.contacts.service_holds import place
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused, Stale
from app.kernel.work import reading, system, work
from app.patients.models import GuarantorAddress
from app.statements import (
    service_editions,
    service_release,
    service_reproduce,
    service_runs,
    service_why,
    translate_letters,
)
from app.statements.rules_scan import verify
from app.statements.service_dunning import move_due
from tests import books, statements
from tests.conftest import House
from tests.statements import BOSS, CLERK, DUNNING, ITEM, LETTER, LINE, STATEMENT, TODAY

_address = table_of(GuarantorAddress)


def reasons(public: str) -> dict[str, tuple[str, str]]:
    """(outcome, reason) of each account of a run, by its public id."""
    return {
        statements.public_of(one.account_id): (one.outcome, one.reason) for one in statements.items(public)
    }


def test_a_copay_becomes_a_statement_that_says_what_the_ledger_says(house: House) -> None:
    clinic = statements.owing("A1", "A2")
    public = statements.sent(clinic)
    row = statements.run(public)
    assert (row.state, row.looked, row.made, str(row.amount)) == ("made", 2, 2, "80.00")
    made = books.rows(STATEMENT)
    assert [one.number for one in made] == ["S00000001", "S00000002"]
    slip = verify(made[0].scan_line)
    assert (slip.number, str(slip.amount)) == ("S00000001", "40.00")
    with reading(CLERK) as w:
        found = visits(w, [one.account_id for one in made], as_of=made[0].day)
    for shown in books.rows(LINE):
        [visit] = [one for each in found.values() for one in each if one.claim_id == shown.claim_id]
        parts = ("charges", "insurance_paid", "insurance_adjusted", "patient_paid", "patient_adjusted",
                 "refunded", "balance")  # fmt: skip
        assert [getattr(shown, name) for name in parts] == [getattr(visit.figures, name) for name in parts]
    assert {one.stage for one in books.rows(DUNNING)} == {"stmt_1"}


def test_any_past_statement_comes_back_byte_for_byte(house: House) -> None:
    statements.sent(statements.owing("A1"))
    [row] = books.rows(STATEMENT)
    with reading(CLERK) as w:
        found = service_reproduce.reproduce(w, row.public_id, draw=True)
        assert found.same_template and found.data.startswith(b"%PDF")
        assert service_reproduce.problems(w) == []


def test_words_of_the_practice_are_kept_with_what_was_sent(house: House) -> None:
    """Retired or edited later, a past statement is still drawn the same; one drawn plainly would differ."""
    clinic = statements.owing("A1")
    words = translate_letters.shipped("statement", "en").replace("We can help.", "We gladly help.")
    with work(CLERK) as w:
        name = service_editions.draft(w, clinic.public_id, "statement", "en", words)
    with work(BOSS) as w:
        service_editions.approve(w, name, w.today(clinic.time_zone), 1)
    statements.sent(clinic)
    with work(BOSS) as w:
        service_editions.retire(w, name, 2)
    [row] = books.rows(STATEMENT)
    with reading(CLERK) as w:
        found = service_reproduce.reproduce(w, row.public_id, draw=True)
        assert found.same_template
        assert service_reproduce.sealed_facts(w, found.row)["words"] == words
        assert service_reproduce.problems(w) == []
    assert " words " in row.template


def test_the_next_run_says_to_everybody_why_not_yet(house: House) -> None:
    clinic = statements.owing("A1", "A2")
    statements.sent(clinic)
    public = statements.planned(clinic)
    assert set(reasons(public).values()) == {("skip", "not_time")}
    with pytest.raises(NotAllowed, match="open"):
        statements.planned(clinic)


def test_nobody_signs_their_own_run_nor_one_that_was_not_looked_at(house: House) -> None:
    public = statements.planned(statements.owing("A1", "A2"))
    with work(BOSS) as w:
        service_runs.begin_audit(w, public, 1)
    row = statements.run(public)
    with pytest.raises(NotAllowed) as own, work(CLERK) as w:
        service_runs.sign(w, public, row.plan_hash, row.version)
    with pytest.raises(NotAllowed) as unseen, work(BOSS) as w:
        service_runs.sign(w, public, row.plan_hash, row.version)
    with pytest.raises(Stale), work(BOSS) as w:
        service_runs.sign(w, public, "0" * 64, row.version)
    assert (own.value.code, unseen.value.code) == ("own_run", "audit_open")


def test_what_is_not_fine_keeps_the_run_until_it_is_dropped(house: House) -> None:
    public = statements.planned(statements.owing("A1", "A2"))
    first, _ = [statements.public_of(one.account_id) for one in statements.items(public)]
    with pytest.raises(Refused), work(BOSS) as w:
        service_runs.mark(w, public, first, fine=False, remark="", version=1)
    with work(BOSS) as w:
        service_runs.mark(w, public, first, fine=False, remark="Wrong name", version=1)
    with pytest.raises(NotAllowed):
        statements.signed(public)
    with work(CLERK) as w:
        service_runs.drop(w, public, [first], remark="Name", version=statements.run(public).version)
    statements.released(public)
    books.settle()
    assert reasons(public)[first] == ("dropped", "not_fine")
    assert len(books.rows(STATEMENT)) == 1


def test_a_hold_stops_a_statement_at_the_plan_and_at_the_release(house: House) -> None:
    clinic = statements.owing("A1", "A2", "A3")
    held, late, _ = sorted(statements.accounts_of(one) for one in ("A1", "A2", "A3"))
    with work(CLERK) as w:
        place(w, held, HoldKind.ATTORNEY, reason="Letter of May 2")
    statements.refreshed([held])
    public = statements.planned(clinic)
    assert reasons(public)[statements.public_of(held)] == ("held", "hold_attorney")
    statements.signed(public)
    with work(CLERK) as w:
        place(w, late, HoldKind.BANKRUPTCY, reason="Petition", detail={"petition_on": "2026-01-05"})
    with work(BOSS) as w:
        service_release.release(w, public, statements.run(public).version)
    books.settle()
    assert reasons(public)[statements.public_of(late)] == ("dropped", "hold_bankruptcy")
    assert len(books.rows(STATEMENT)) == 1 and statements.run(public).made == 1


def test_a_payment_after_the_plan_drops_the_line(house: House) -> None:
    clinic = statements.owing("A1")
    account = statements.accounts_of("A1")
    public = statements.planned(clinic)
    statements.signed(public)
    statements.standing(account, pending=3_000)
    with work(BOSS) as w:
        service_release.release(w, public, statements.run(public).version)
    books.settle()
    assert set(reasons(public).values()) == {("dropped", "balance_changed")}
    assert books.rows(STATEMENT) == [] and statements.run(public).state == "made"


def test_a_run_that_was_released_is_not_taken_back(house: House) -> None:
    public = statements.sent(statements.owing("A1"))
    with pytest.raises(NotAllowed) as gone, work(BOSS) as w:
        service_runs.cancel(w, public, statements.run(public).version)
    assert gone.value.code == "already_made"


def test_two_releases_at_once_are_one(house: House) -> None:
    public = statements.planned(statements.owing("A1", "A2"))
    statements.signed(public)
    version = statements.run(public).version

    def one(name: str) -> bool:
        try:
            with work(system(name, door="cli")) as w:
                service_release.release(w, public, version)
        except (Stale, NotAllowed):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, ("first", "second"))) == [False, True]
    books.settle()
    assert [one.number for one in books.rows(STATEMENT)] == ["S00000001", "S00000002"]


def test_why_no_bill_says_it_in_words_with_whose_move_it_is(house: House) -> None:
    statements.owing("A1")
    account = statements.accounts_of("A1")
    public = statements.public_of(account)
    with reading(CLERK) as w:
        assert service_why.why_no_bill(w, public).code == "first_bill"
    with work(CLERK) as w:
        w.db.execute(update(_address).values(mail="bad"))
    with reading(CLERK) as w:
        found = service_why.why_no_bill(w, public)
    assert (found.code, found.who) == ("bad_address", "clerk") and "address" in found.unblock


def test_the_whole_cycle_ends_with_the_letter_before_collection(house: House) -> None:
    clinic = statements.owing("A1")
    account = statements.accounts_of("A1")
    told = []
    for kind in ("statements", "statements", "statements", "letters", "letters", "letters"):
        statements.sent(clinic, kind)
        [row] = books.rows(DUNNING, DUNNING.c.account_id == account)
        told.append(row.stage)
        if kind == "letters" or row.stage != "stmt_3":
            statements.days_ago(account, 31)
    assert told == ["stmt_1", "stmt_2", "stmt_3", "stmt_3", "final_notice", "pre_collection"]
    letters = [(one.letter, one.number, one.reason) for one in books.rows(LETTER)]
    assert [one[0] for one in letters] == ["second_notice", "final_notice", "pre_collection"]
    assert all(reason for _, _, reason in letters)


def test_letting_a_day_pass_twice_is_once(house: House) -> None:
    clinic = statements.owing("A1")
    for expected in (1, 0):
        with work(CLERK) as w:
            assert move_due(w, clinic.id, TODAY) == expected
    [row] = books.rows(DUNNING)
    assert (row.stage, row.next_on) == ("eligible", TODAY)


def test_every_account_looked_at_has_one_line(house: House) -> None:
    public = statements.planned(statements.owing("A1", "A2", "A3"), day=date(2026, 12, 1))
    row = statements.run(public)
    assert row.looked == row.sending + row.skipped == len(books.rows(ITEM)) == 3
