"""Claims to the next payer, sets, releases, the sent file taken in, proofs of filing: whoever dies where, it
is as if nobody had, and each of them twice is once.
"""

from pathlib import Path
from typing import Any

import pytest

from app.kernel import outbox
from tests import books
from tests.conftest import House
from tests.faults import rebilling
from tests.faults.rebilling import Dying, Steps
from tests.faults.sending import Worker


@pytest.fixture
def undisturbed(house: House, tmp_path: Path) -> dict[str, Any]:
    """What it comes to where nothing happens."""
    del house
    with books.elsewhere(tmp_path / "undisturbed"):
        rebilling.journey(Steps())
        rebilling.again()
        return rebilling.facts()


def test_the_way_of_a_claim_to_its_next_payer_survives_every_death(
    house: House, worker: Worker, undisturbed: dict[str, Any]
) -> None:
    del house
    steps = Dying(worker)
    rebilling.journey(steps)
    assert rebilling.facts() == undisturbed
    rebilling.again()
    assert outbox.waiting() == 0 and books.problems() == []
    assert sum(steps.deaths.values()) >= 16, steps.deaths
    died_in = {each.partition(" ")[0] for each in steps.deaths}
    assert died_in >= {"bill_secondary", "stage_file", "filing_proof",
                       "rebill.after_file", "rebill.after_release", "rebill.after_opening"}  # fmt: skip
    assert steps.deaths["stage_file claims.before_commit"] == 1
    assert undisturbed["numbers"] == [2] and len(undisturbed["batches"]) == 1
    assert undisturbed["documents"] == 1 and len(undisturbed["sets"]) == 2
    assert {count for _, count in undisturbed["versions"]} == {1}
