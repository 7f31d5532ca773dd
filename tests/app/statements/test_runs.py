"""A run goes from a plan with a reason for everybody to documents that say what the ledger says."""

from app.statements.rules_scan import verify
from tests import books, statements
from tests.conftest import House
from tests.statements import LINE, STATEMENT


def test_a_copay_becomes_a_statement_with_a_number(house: House) -> None:
    clinic = statements.owing("A1", "A2")
    public = statements.sent(clinic)
    row = statements.run(public)
    assert (row.state, row.looked, row.made, str(row.amount)) == ("made", 2, 2, "80.00")
    made = books.rows(STATEMENT)
    assert [one.number for one in made] == ["S00000001", "S00000002"]
    assert {str(one.amount) for one in made} == {"40.00"}
    slip = verify(made[0].scan_line)
    assert (slip.number, str(slip.amount)) == ("S00000001", "40.00")
    [shown, _] = books.rows(LINE)
    assert shown.charges - shown.insurance_paid - shown.insurance_adjusted == shown.balance == shown.asked
