"""Every claim the first payer left something of goes on to the second, right to the cent, and no other."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from app.kernel.work import Work, reading
from app.world import Truth, build
from edi.guide import second_opinion
from edi.segments import Segment
from edi.x837.model import Adjustment, BilledClaim
from tests.conftest import House
from tests.next_payers import Opened, money, opened, read_back, said, written
from tests.worlds import CLERK, exported, take_in

SEED, CLAIMS, SECONDS = 7, 300, 120
SENT = {"draft", "ready"}
Row = Mapping[str, str]


@pytest.mark.parametrize("leaves_second", [True, False], ids=["left to us", "billed by the office"])
@pytest.mark.parametrize("seed", [None, 5], ids=["by name", "shuffled"])
def test_every_secondary_of_a_world_is_made_and_none_else(
    house: House, tmp_path: Path, seed: int | None, leaves_second: bool
) -> None:
    truth = build(tmp_path / "world", seed=SEED, claims=CLAIMS, leaves_second=leaves_second)
    take_in(truth, seed)
    with reading(CLERK) as w:
        wanted = expected(w, truth)
        assert bool(wanted) is leaves_second
        waiting = [one for one in opened(w) if one.row.open]
        assert Counter(one.claim for one in waiting) == Counter(wanted.keys())
        exported_ones = [row for row in exported(w, "rebills") if row["state"] in SENT]
        assert {row["claim_id"]: row["expected"] for row in exported_ones} == {
            claim: row["remaining"] for claim, row in wanted.items()
        }
        for one in waiting:
            errors = {row["code"] for row in one.row.problems if row["does"] == "error"}
            assert errors <= {"guard.filing_limit"}, (one.claim, one.row.problems)
        as_read(waiting, wanted)


def expected(w: Work, truth: Truth) -> dict[str, Row]:
    """What is to be open: left to us, or forwarded by the first payer and never answered."""
    today = w.now.date().isoformat()
    return {
        row["claim_id"]: row
        for row in truth.rows("secondaries")
        if row["state"] == "expected" or (row["due"] and row["due"] <= today)
    }


def as_read(waiting: list[Opened], wanted: Mapping[str, Row]) -> None:
    """The file they would go out in, read back: each loop to the cent, and nothing odd in it."""
    if not waiting:
        return
    data = written(one.whole for one in waiting)
    found = {claim.control: claim for claim in read_back(data)}
    assert len(found) == len(waiting)
    for one in waiting:
        claim = found[one.whole.control]
        assert not claim.findings, (one.claim, list(claim.findings))
        agrees(claim, wanted[one.claim])
    assert not second_opinion(data, SECONDS)


def agrees(claim: BilledClaim, row: Row) -> None:
    """2000B, 2320, 2330 and 2430 of one claim against what the first payer decided."""
    assert claim.subscriber is not None and claim.payer is not None
    assert (claim.subscriber.sequence, claim.payer.id) == ("S", row["secondary_payer_id"])
    assert (claim.frequency, money(claim.charge)) == (row["frequency"], row["charge"])
    assert not claim.original_reference
    (first,) = claim.other_payers
    assert (first.sequence, first.payer_id) == ("P", row["payer_id"])
    assert (money(first.paid), first.payer_control) == (row["primary_paid"], row["primary_control"])
    assert first.subscriber is not None and first.subscriber.id
    assert said(first.adjustments) == row["adjustments"]
    assert remarks(first.other) == row["remarks"]
    lines = []
    for line in claim.lines:
        for answer in line.adjudications:
            assert answer.payer_id == row["payer_id"] and answer.date == row["paid_on"]
            assert answer.remaining == patient(answer.adjustments)
            lines.append(f"{line.number}: {money(answer.paid)} {said(answer.adjustments)}".strip())
    assert " / ".join(lines) == row["lines"]
    if row["lines"]:
        assert first.remaining is None and first.date is None
    else:
        assert money(first.remaining) == row["remaining"] and first.date == row["paid_on"]


def patient(adjustments: Iterable[Adjustment]) -> int | None:
    """What is in group PR; None when nothing is."""
    return sum(one.cents for one in adjustments if one.group == "PR") or None


def remarks(segments: Iterable[Segment]) -> str:
    """Remark codes of MIA and MOA, in their order."""
    places = {"MIA": (5, 20, 21, 22, 23), "MOA": (3, 4, 5, 6, 7)}
    found = []
    for one in segments:
        elements = one.elements
        found += [elements[at] for at in places.get(elements[0], ()) if at < len(elements) and elements[at]]
    return " ".join(found)
