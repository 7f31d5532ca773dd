"""What insurance paid and what the patient paid are told apart, everywhere the visit is explained."""

from app.accounts.models import Owed
from app.claims.models import Claim
from app.denials.queries_figures import figures
from app.flows import patient_account, patient_paid
from app.kernel.db import table_of
from app.kernel.work import reading, work
from app.patients.models import Patient
from app.payments.lifecycle import Tender
from app.payments.service import Taking
from tests import books
from tests.conftest import House
from tests.era import bill, billed, claim, era, line

_owed, _patient, _claim = table_of(Owed), table_of(Patient), table_of(Claim)


def test_a_patients_payment_is_not_the_insurances(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "300")), era(claim("A1", line("99214", "300", cas="CO*45*100 PR*3*40"))))
    (visit,) = books.rows(_owed)
    with work(books.CLERK) as w:
        given = Taking(entity_id=visit.entity_id, account_id=visit.account_id, tender=Tender.CASH,
                       cents=15_00, key="k1")  # fmt: skip
        patient_paid.take(w, given)
    books.settle()
    with reading(books.CLERK) as w:
        told = patient_account.account(w, books.rows(_patient)[0].public_id)
        (found,) = figures(w, [visit.claim_id]).values()
    assert [(step.words, str(step.cents)) for step in told.visits[0].steps] == [
        ("Charged for this visit", "300.00"),
        ("Insurance paid", "-160.00"),
        ("The patient paid", "-15.00"),
        ("Written off because of the contract with the insurance", "-100.00"),
    ]
    assert told.explained == told.total("patient_balance")
    assert sorted(one.label for one in told.payments) == ["EFT0001", "Patient"]
    assert (str(found.payer_paid), str(found.patient_balance)) == ("160.00", "25.00")
