"""EOBs onto the books: no cash, order makes no difference, the 835 wins (RFHIR-10 to 15)."""

from pathlib import Path

import pytest

from app.claims.models import Claim
from app.denials.models import Denial
from app.denials.queries_figures import figures
from app.flows import resolve
from app.intake.models import IntakeFile, IntakeFinding
from app.kernel.db import table_of
from app.kernel.work import reading, system, work
from app.remits.models import Eob, RemitClaim
from app.worklist.models import WorklistItem
from tests import books
from tests.conftest import House
from tests.eobs import bundle, coded, eob, golden, item, written
from tests.era import bill, billed, claim, era, line

_eob, _claim, _denial = table_of(Eob), table_of(RemitClaim), table_of(Denial)
_billed, _file, _finding, _item = (table_of(one) for one in (Claim, IntakeFile, IntakeFinding, WorklistItem))
BILL = bill(billed("PCN0001", "99214 150", "93000 100"))
ERA = era(
    claim(
        "PCN0001",
        line("99214", "150", cas="CO*45*30 PR*1*20**2*20"),
        line("93000", "100", cas="CO*197*100"),
        number="ICNPCN0001",
    )
)


def arrive(*files: bytes) -> None:
    """Files come in one after the other, each with all that follows from it."""
    for number, content in enumerate(files):
        books.offer(content, f"arrives{number}")
        books.settle()


def of_eobs() -> list[tuple[str, str | None]]:
    return [(row.state, row.reason) for row in books.transactions() if row.kind == "fhir"]


def open_denials() -> list[tuple[str, str, int]]:
    found = [row for row in books.rows(_denial) if row.outcome != "posting_undone"]
    return [(row.category, row.state, int(row.denied)) for row in found]


def test_an_eob_posts_the_adjudication_and_no_cash(house: House) -> None:
    books.practice()
    arrive(BILL, written(golden()))
    assert of_eobs() == [("posted", None)]
    # 250 billed: 30 written down, 40 to the patient; 80 said to be paid and 100 refused stay with the payer.
    assert books.balance("PCN0001") == ("180.00", "40.00")
    assert books.accounts() == {1100: "180.00", 1110: "40.00", 4000: "-250.00", 4100: "30.00"}
    assert open_denials() == [("authorization", "new", 10_000)]
    assert books.problems() == []


@pytest.mark.parametrize("order", ["bea", "bae", "eba", "eab", "abe", "aeb"])
def test_whatever_comes_first_the_books_end_the_same(house: House, order: str, tmp_path: Path) -> None:
    files = {"b": BILL, "e": written(golden()), "a": ERA}
    books.practice()
    arrive(*(files[one] for one in order))
    assert books.balance("PCN0001") == ("100.00", "40.00")
    assert open_denials() == [("authorization", "new", 10_000)]
    assert [
        (row.live, row.state) for row in books.rows(_claim, _claim.c.payer_control == "ICNPCN0001")
    ].count((True, "posted")) == 1
    assert books.problems() == []
    content = books.content()
    with books.elsewhere(tmp_path / "elsewhere"):
        books.practice()
        arrive(BILL, ERA)
        assert books.content() == content


def test_a_newer_version_takes_the_older_one_back_whichever_comes_first(house: House) -> None:
    books.practice()
    one = written(golden(version="1"))
    line = item(
        "99214", submitted="150", discount="50", copay="25", memberliability="25", paidtoprovider="75"
    )
    two = written(eob("PCN0001", line, item("93000", submitted="100", discount="100"), version="2"))
    arrive(BILL, one, two)
    assert books.balance("PCN0001") == ("75.00", "25.00")
    assert of_eobs() == [("posted", None), ("posted", None)]
    assert sorted((row.revision[:12], row.standing) for row in books.rows(_eob)) == [
        ("000000000001", False),
        ("000000000002", True),
    ]
    content = books.content()
    assert books.problems() == []
    with books.elsewhere(house.folder.parent / "elsewhere"):
        books.practice()
        arrive(two, one, BILL)
        assert books.content() == content
        assert books.balance("PCN0001") == ("75.00", "25.00")


@pytest.mark.parametrize("order", ["bac", "bca", "cab", "acb"])
def test_a_cancelled_eob_leaves_nothing_on_the_books(house: House, order: str) -> None:
    del house
    books.practice()
    files = {
        "b": BILL,
        "a": written(golden(version="1")),
        "c": written(golden(version="2", status="cancelled")),
    }
    arrive(*(files[one] for one in order))
    assert books.balance("PCN0001") == ("250.00", "0.00")
    assert open_denials() == []
    assert books.problems() == []


def test_the_same_facts_again_change_nothing_and_the_same_version_with_others_waits(house: House) -> None:
    del house
    books.practice()
    arrive(
        BILL, written(golden(version="1")), written(golden(version="2")), b" " + written(golden(version="3"))
    )
    other = eob("PCN0001", item("99214", submitted="250", discount="250"), version="1")
    arrive(written(other))
    assert of_eobs() == [
        ("posted", None),
        ("ignored", "intake.same_facts"),
        ("ignored", "intake.same_facts"),
        ("held", "fhir.same_version"),
    ]


def test_where_the_835_says_otherwise_it_counts_and_the_difference_is_told(house: House) -> None:
    del house
    books.practice()
    less = era(
        claim(
            "PCN0001",
            line("99214", "150", cas="CO*45*35 PR*1*20**2*20"),
            line("93000", "100", cas="CO*197*100"),
            number="ICNPCN0001",
        )
    )
    arrive(BILL, written(golden()), less)
    told = [row.text for row in books.rows(_finding) if row.code == "eob.differs"]
    assert told == [
        "The 835 says 5.00 less payment than the EOB; the 835 counts.",
        "The 835 says 5.00 more other adjustments than the EOB; the 835 counts.",
    ]
    assert books.balance("PCN0001") == ("100.00", "40.00")


def test_an_835_that_is_undone_lets_the_eob_stand_again(house: House) -> None:
    del house
    books.practice()
    arrive(BILL, written(golden()), ERA)
    remit = next(row for row in books.transactions() if row.kind == "835")
    with work(system("supervisor")) as w:
        resolve.undo(w, remit.public_id, reason="wrong bank")
    assert books.balance("PCN0001") == ("180.00", "40.00")
    assert [row.standing for row in books.rows(_eob)] == [True]
    assert open_denials() == [("authorization", "new", 10_000)]
    with work(system("supervisor")) as w:
        resolve.replay(w, remit.public_id, reason="it was right")
    books.settle()
    assert books.balance("PCN0001") == ("100.00", "40.00")
    assert books.problems() == []


def test_nothing_goes_to_the_patient_without_a_stated_liability(house: House) -> None:
    del house
    books.practice()
    one = item("99214", submitted="150", copay="50", paidtoprovider="100")
    arrive(BILL, written(eob("PCN0001", one, item("93000", submitted="100", discount="100"))))
    assert books.balance("PCN0001") == ("150.00", "0.00")
    codes = {row.code for row in books.rows(_finding)}
    assert "fhir.no_member_liability" in codes


def test_money_sent_to_the_member_is_theirs_to_pay_when_the_payer_says_so(house: House) -> None:
    del house
    books.practice()
    payee = {"type": coded("http://terminology.hl7.org/CodeSystem/payeetype", "subscriber")}
    one = item("99214", submitted="150", discount="30", copay="20", benefit="100", memberliability="20")
    arrive(BILL, written(eob("PCN0001", one, item("93000", submitted="100", discount="100"), payee=payee)))
    assert books.balance("PCN0001") == ("0.00", "120.00")


def test_estimates_errors_and_what_is_not_decided_move_nothing(house: House) -> None:
    del house
    books.practice()
    arrive(
        BILL,
        written(golden(number="N1", use="predetermination")),
        written(golden(number="N2", outcome="queued")),
        written(golden(number="N3", outcome="error", disposition="no such member")),
        written(golden(number="N4", status="draft")),
        written(golden(number="N5", status="entered-in-error")),
    )
    assert [state for state, _ in of_eobs()] == ["posted", "kept", "held", "kept", "kept"]
    assert books.balance("PCN0001") == ("250.00", "0.00")
    waiting = [row for row in books.rows(_item) if row.reason == "fhir.outcome_error"]
    assert len(waiting) == 1


def test_a_bundle_with_one_bad_eob_posts_the_others(house: House) -> None:
    del house
    books.practice()
    arrive(BILL, written(bundle(golden(), golden("PCN0007", number="B", total={"submitted": "1"}))))
    assert [state for state, _ in of_eobs()] == ["posted", "held"]
    assert books.balance("PCN0001") == ("180.00", "40.00")


def test_a_supervisor_releases_an_unbalanced_eob_and_nothing_is_plugged(house: House) -> None:
    del house
    books.practice()
    one = item("99214", submitted="150", paidtoprovider="60", copay="15", memberliability="15")
    arrive(BILL, written(eob("PCN0001", one, item("93000", submitted="100", discount="100"))))
    [held] = [row for row in books.transactions() if row.kind == "fhir"]
    assert held.reason == "fhir.unbalanced"
    with work(system("supervisor")) as w:
        resolve.release(w, held.public_id, reason="the payer confirmed it by phone")
    books.settle()
    assert books.balance("PCN0001") == ("135.00", "15.00")
    assert books.problems() == []


def test_the_figures_of_a_claim_add_up_while_the_cash_is_not_here(house: House) -> None:
    del house
    books.practice()
    arrive(BILL, written(golden()))
    with reading(system("clerk")) as w:
        [one] = figures(w, [row.id for row in books.rows(_billed)]).values()
    parts = one.payer_paid, one.contractual, one.patient_responsibility, one.denied, one.other_adjustments
    # What the payer says it paid is in none of the first four: it is what is still to be explained by money.
    assert [str(part) for part in parts] == ["0.00", "30.00", "40.00", "100.00", "80.00"]


def test_the_figures_of_a_day_do_not_count_an_eob_that_an_835_replaced(house: House) -> None:
    del house
    books.practice()
    arrive(BILL, written(golden()), ERA)
    with reading(system("clerk")) as w:
        claims = [row.id for row in books.rows(_billed)]
        last = max(row.effective_date for row in books.entries())
        for day in (None, last, last.replace(year=2027)):
            [one] = figures(w, claims, as_of=day).values()
            assert (str(one.payer_paid), str(one.other_adjustments), one.adjudications) == (
                "80.00",
                "0.00",
                1,
            )


def test_what_only_an_eob_says_was_paid_is_not_recovered(house: House, tmp_path: Path) -> None:
    del house
    books.practice()
    refused = era(
        claim(
            "PCN0001",
            line("99214", "150", cas="CO*45*30 PR*1*20**2*20"),
            line("93000", "100", cas="CO*197*100"),
            number="OTHER",
        )
    )
    again = eob(
        "PCN0001",
        item(
            "99214",
            submitted="150",
            discount="30",
            deductible="40",
            memberliability="40",
            paidtoprovider="80",
        ),
        item("93000", submitted="100", paidtoprovider="100"),
        created="2026-02-20",
    )
    arrive(BILL, refused, written(again))
    assert [int(row.recovered) for row in books.rows(_denial)] == [0]
    with books.elsewhere(tmp_path / "elsewhere"):
        books.practice()
        arrive(BILL, written(golden()), written(again | {"meta": {"versionId": "2"}}))
        assert [(int(row.recovered), row.state) for row in books.rows(_denial)] != []
        assert all(int(row.recovered) == 0 for row in books.rows(_denial))


SAMPLES = Path("tests/fixtures/fhir")


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_every_sample_ends_posted_held_kept_or_refused_with_a_reason(house: House) -> None:
    del house
    books.practice()
    for path in sorted(SAMPLES.glob("*.json")):
        books.offer(path.read_bytes(), path.name)
    books.settle()
    files = {row.file_no: row for row in books.rows(_file)}
    ended = {row.file_no for row in books.transactions()}
    assert len(files) >= 10
    assert all(row.file_no in ended or (row.state == "refused" and row.reason) for row in files.values())
    assert all(row.state != "staged" and row.explanation for row in books.transactions())
    assert books.problems() == []
