"""By when a refused claim must be answered."""

from datetime import date

from app.denials.rules_deadlines import clocks
from app.payers.rules import make_terms
from tests.app.denials.batches import REMIT_DAY
from tests.app.denials.test_rules import read


def test_the_nearest_clock_wins_and_an_appeal_is_never_restarted_by_a_rebill() -> None:
    found = read("CO-4", payer="medicare_advantage", filing="16")
    assert found is not None and found.next_action == "correct_rebill"
    terms = make_terms("medicare_advantage", REMIT_DAY)
    run = clocks(found, terms, level=1, remit_date=REMIT_DAY, service_from=None)
    assert run.nearest is not None
    assert (run.nearest.rule, run.level, run.nearest.legal_due) == ("ma-contract-1", 1, date(2026, 4, 16))
    assert (run.appeal_by, run.file_by) == (date(2026, 4, 16), date(2026, 7, 15))


def test_without_an_appeal_right_the_filing_limit_is_the_clock() -> None:
    found = read("CO-16", "MA130", payer="medicare", filing="MB")
    assert found is not None
    terms = make_terms("medicare", REMIT_DAY)
    run = clocks(found, terms, level=1, remit_date=REMIT_DAY, service_from=date(2025, 12, 16))
    clock = run.nearest
    assert clock is not None and run.appeal_by is None
    assert (clock.rule, clock.event, run.level) == ("medicare:corrected_filing", "service_date", 0)
    assert clock.legal_due == date(2026, 12, 16)
