"""From the charge to what is owed: nothing is lost, whatever was posted."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as some

from app.accounts.rules_figures import OPEN_PATIENT, OPEN_PAYER, WORDS, Moved, Said, figures, steps
from app.ledger.accounts import Account

DAY = date(2026, 3, 2)
OTHERS = [int(one) for one in Account if one not in (Account.AR_PAYER, Account.AR_PATIENT)]


def both_sides(batch: int, debit: int, credit: int, cents: int) -> list[Moved]:
    """An entry as the ledger tells it to a visit: once for each receivable it moves."""
    found = []
    if debit in (OPEN_PAYER, OPEN_PATIENT):
        found.append(Moved(batch, DAY, debit, credit, cents))
    if credit in (OPEN_PAYER, OPEN_PATIENT):
        found.append(Moved(batch, DAY, credit, debit, -cents))
    return found


account = some.sampled_from([OPEN_PAYER, OPEN_PATIENT, *OTHERS])
entry = some.tuples(some.integers(1, 6), account, account, some.integers(1, 100_000_00))
ledger = some.lists(entry, max_size=12)


@settings(max_examples=60)
@given(ledger)
def test_the_figures_of_any_ledger_add_up(found: list[tuple[int, int, int, int]]) -> None:
    moved = [one for row in found for one in both_sides(*row)]
    made = figures(moved)
    assert made.adds_up
    assert made.patient_open == sum(one.cents for one in moved if one.side == OPEN_PATIENT)


@settings(max_examples=60)
@given(ledger)
def test_the_steps_of_any_ledger_add_up_to_what_the_patient_owes(
    found: list[tuple[int, int, int, int]],
) -> None:
    moved = [one for row in found for one in both_sides(*row)]
    told = steps(moved, {1: Said("A PLAN", "EFT1", "remit", "x")}, "A PLAN")
    assert sum(int(step.cents) for step in told) == figures(moved).patient_open
    assert all(step.words("en") and step.words("es") for step in told)
    assert all(step.cents for step in told)


def test_every_word_is_there_in_both_languages() -> None:
    for english, spanish in WORDS.values():
        assert english[0]
        assert spanish[0]
        assert ("{who}" in english[1]) == ("{who}" in spanish[1])


def test_a_visit_paid_by_both_tells_each_of_them_apart() -> None:
    moved = [
        *both_sides(1, OPEN_PAYER, Account.CHARGES, 300_00),
        *both_sides(2, Account.CASH_CLEARING, OPEN_PAYER, 160_00),
        *both_sides(2, Account.CONTRACTUAL, OPEN_PAYER, 100_00),
        *both_sides(2, OPEN_PATIENT, OPEN_PAYER, 40_00),
        *both_sides(3, Account.CASH_CLEARING, OPEN_PATIENT, 15_00),
        *both_sides(4, OPEN_PATIENT, Account.CASH_CLEARING, 15_00),
        *both_sides(5, OPEN_PATIENT, Account.FEES, 25_00),
        *both_sides(6, Account.SMALL_BALANCE, OPEN_PATIENT, 5_00),
        *both_sides(7, OPEN_PATIENT, Account.REFUNDS_PATIENT, 2_00),
    ]
    made = figures(moved)
    told = (made.charges, made.insurance_paid, made.insurance_adjusted, made.patient_paid)
    assert [str(one) for one in told] == ["300.00", "160.00", "100.00", "0.00"]
    assert (str(made.patient_adjusted), str(made.refunded)) == ("-20.00", "2.00")
    assert (str(made.payer_open), str(made.patient_open)) == ("0.00", "62.00")
    codes = [step.code for step in steps(moved, {})]
    assert codes == ["charged", "insurance_paid", "contract", "patient_paid", "patient_back", "fee", "small",
                     "refunded"]  # fmt: skip
