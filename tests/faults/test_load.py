"""While a remit is imported, everybody else works on: no request fails, and the books are whole (O6)."""

from pathlib import Path

from tests import books
from tests.conftest import House
from tests.faults import load

SECONDS, RATE, CLAIMS = 12, 60, 1_500


def test_sixty_requests_a_second_meet_no_failure_while_a_remit_is_imported(
    house: House, tmp_path: Path
) -> None:
    books.practice(npi=load.NPI, tax_id=load.TAX_ID)
    with load.product(house) as url:
        met = load.run(url, tmp_path, seconds=SECONDS, rate=RATE, claims=CLAIMS)
    assert met.asked == SECONDS * RATE
    assert met.failed == 0, met.statuses
    assert set(met.statuses) <= {200, 303}, met.statuses
    assert books.states() == ["posted"]
    assert books.problems() == []
