"""What a patient's payment moves, to the cent (refunds-cash section 7)."""

from collections import Counter

from app.ledger.entry import Event, Source, Transfer
from app.ledger.rules_patient import (
    apply_unapplied,
    item_fee,
    payment,
    returned,
    small_balance,
    take_off,
    taken_back,
)

HERE = Source(1 << 40, 0, 4)


def moved(found: list[Transfer]) -> list[tuple[int, int, int, int | None]]:
    return [(one.debit, one.credit, one.cents, one.claim_id) for one in found]


def test_cash_and_checks_go_through_cash_clearing_and_cards_through_card_clearing() -> None:
    assert moved(payment([(7, 120_00), (8, 30_00)], 0, HERE, card=False)) == [
        (1010, 1110, 120_00, 7),
        (1010, 1110, 30_00, 8),
    ]
    assert moved(payment([(7, 20_00)], 5_00, HERE, card=True)) == [
        (1020, 1110, 20_00, 7),
        (1020, 2010, 5_00, None),
    ]


def test_a_receipt_of_nobody_waits_in_unapplied_patient_cash() -> None:
    assert moved(payment([], 80_00, HERE, card=False)) == [(1010, 2010, 80_00, None)]


def test_unapplied_cash_is_applied_and_taken_off_again() -> None:
    assert moved(apply_unapplied([(7, 50_00)], HERE)) == [(2010, 1110, 50_00, 7)]
    assert moved([take_off(7, 50_00, HERE)]) == [(1110, 2010, 50_00, 7)]


def test_a_returned_check_opens_what_it_paid_and_nothing_else() -> None:
    came = payment([(7, 120_00)], 30_00, HERE, card=False) + apply_unapplied([(8, 20_00)], HERE)
    back = returned(list(enumerate(came, start=1)))
    assert moved(back) == [(1110, 1010, 120_00, 7), (2010, 1010, 30_00, None), (1110, 2010, 20_00, 8)]
    assert [one.reverses for one in back] == [1, 2, 3]
    net: Counter[int] = Counter()
    for one in came + back:
        net[one.debit] += one.cents
        net[one.credit] -= one.cents
    assert not any(net.values())


def test_a_returned_item_costs_a_fee_that_can_be_taken_back() -> None:
    fee = item_fee(7, 25_00, HERE)
    assert moved([fee]) == [(1110, 4230, 25_00, 7)]
    assert moved([taken_back(Event.ITEM_FEE_BACK, 5, fee)]) == [(4230, 1110, 25_00, 7)]


def test_a_small_balance_is_written_off_and_brought_back() -> None:
    gone = small_balance(7, 4_99, HERE)
    assert moved([gone]) == [(4130, 1110, 4_99, 7)]
    assert moved([taken_back(Event.SMALL_BALANCE_BACK, 5, gone)]) == [(1110, 4130, 4_99, 7)]
