"""The oracle agrees, to the cent, with what an independent reader finds in the text of the files."""

from collections import Counter

from app.world import TABLES, Truth
from app.world.truth import dollars
from tests.app.world.clerk import DENIALS, Clerk, cents


def test_the_books_close_at_the_same_balances(world: Truth, clerk: Clerk) -> None:
    read = {
        tax_id: {account: dollars(amount) for account, amount in books.items() if amount}
        for tax_id, books in clerk.books.items()
    }
    said = {
        tax_id: {account: amount for account, amount in books.items() if amount != "0.00"}
        for tax_id, books in world.balances.items()
    }
    assert read == said


def test_every_trial_balance_is_zero(world: Truth) -> None:
    for books in world.balances.values():
        assert sum(cents(amount) for amount in books.values()) == 0


def test_every_claim_has_the_same_figures(world: Truth, clerk: Clerk) -> None:
    rows = {row["claim_id"]: row for row in world.rows("claims")}
    assert set(rows) == set(clerk.claims)
    for claim_id, seen in clerk.claims.items():
        found = seen.figures() | {
            "charge": seen.charge, "payer_balance": seen.payer, "patient_balance": seen.patient,
        }  # fmt: skip
        row = rows[claim_id]
        assert {name: row[name] for name in found} == {name: dollars(value) for name, value in found.items()}
        assert row["entity"] == seen.entity


def test_an_answered_claim_is_explained_to_the_cent(world: Truth) -> None:
    for row in world.rows("claims"):
        if row["state"] in ("unanswered", "reversed"):
            continue
        parts = ("payer_paid", "contractual", "patient_responsibility", "denied", "other_adjustments")
        assert cents(row["charge"]) == sum(cents(row[name]) for name in parts)


def test_receivables_of_the_claims_add_up_to_the_books(world: Truth) -> None:
    payer: Counter[str] = Counter()
    patient: Counter[str] = Counter()
    for row in world.rows("claims"):
        payer[row["entity"]] += cents(row["payer_balance"])
        patient[row["entity"]] += cents(row["patient_balance"])
    for tax_id, books in world.balances.items():
        assert dollars(payer[tax_id]) == books["1100"]
        assert dollars(patient[tax_id]) == books.get("1110", "0.00")


def test_every_open_denial_is_in_the_files_and_the_other_way_round(world: Truth, clerk: Clerk) -> None:
    said: Counter[tuple[str, str, str]] = Counter()
    for row in world.rows("denials"):
        if row["state"] == "open":
            said[row["claim_id"], row["group"], row["carc"]] += cents(row["amount"])
    read: Counter[tuple[str, str, str]] = Counter()
    for claim_id, seen in clerk.claims.items():
        for answer in seen.latest.values():
            for group, code, amount in answer.cas:
                if code in DENIALS:
                    read[claim_id, group, code] += amount
    assert read == said


def test_every_file_ends_as_the_truth_says(world: Truth, clerk: Clerk) -> None:
    assert {row["file"]: row["outcome"] for row in world.rows("files")} == clerk.outcomes


def test_the_parked_claims_are_those_a_reader_parks(world: Truth, clerk: Clerk) -> None:
    said = Counter(
        (row["file"], row["claim_id"]) for row in world.rows("exceptions") if row["effect"] == "park"
    )
    assert said == clerk.parked


def test_a_remit_pays_its_claims_less_its_provider_adjustments(world: Truth) -> None:
    for row in world.rows("transactions"):
        right = cents(row["claims_paid"]) - cents(row["plb"]) == cents(row["paid"])
        assert right or row["outcome"] == "held"


def test_what_the_claims_were_paid_is_what_the_remits_posted(world: Truth) -> None:
    parked = sum(cents(row["amount"]) for row in world.rows("exceptions") if row["effect"] == "park")
    posted = sum(
        cents(row["claims_paid"]) for row in world.rows("transactions") if row["outcome"] == "posted"
    )
    assert sum(cents(row["payer_paid"]) for row in world.rows("claims")) == posted - parked


def test_provider_adjustments_add_up_to_each_remit(world: Truth) -> None:
    said: Counter[tuple[str, str]] = Counter()
    for row in world.rows("provider_adjustments"):
        said[row["file"], row["control"]] += cents(row["amount"])
    for row in world.rows("transactions"):
        assert said[row["file"], row["control"]] == cents(row["plb"])


def test_a_truth_reads_back_what_was_written(world: Truth) -> None:
    again = Truth.load(world.folder)
    assert again.summary == world.summary
    for table, columns in TABLES.items():
        for row in again.rows(table):
            assert tuple(row) == columns
