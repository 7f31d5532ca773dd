"""What patients are sent: the same statement by three engines, and a run planned over a million accounts."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.houses import Houses
from tests.bench.measure import Answer, in_child, rounds, told

ENGINES = ("typst", "weasyprint", "reportlab")
PLAN_WITHIN, PLAN_MB = 3.0, 40
"""Of the bare query; and beyond what the process had before, whatever the number of accounts."""


def drawing(count: int, times: int) -> dict[str, Answer]:
    """The same statement by our letters and by two other engines."""
    told(f"drawing {count} statements")
    return rounds(
        {way: partial(in_child, "tests.bench.statements", way, str(count)) for way in ENGINES},
        dict.fromkeys(ENGINES, times),
    )


def drawing_figures(found: Mapping[str, Answer]) -> list[Figure]:
    """Statements a second on one core, by CPU, and how much faster than the others we are."""
    rate = {way: one["count"] / one["cpu"] for way, one in found.items()}
    count, made = int(found["typst"]["count"]), []
    for way in ENGINES:
        made.append(
            Figure("statements", count, f"{way}: statements a second on one core", rate[way], unit="/s")
        )
        made.append(Figure("statements", count, f"{way}: most memory", found[way]["peak"], unit="MB"))
    for way in ENGINES[1:]:
        words = f"ours, tagged and archival, against the same page by {way}"
        made.append(Figure("statements", count, words, rate["typst"] / rate[way], target=1.0))
    return made


def planning(folder: Path, kinds: Sequence[str], accounts: int) -> dict[str, Answer]:
    """One plan on each database over so many accounts."""
    found: dict[str, Answer] = {}
    with Houses(folder, kinds) as houses:
        for kind in kinds:
            told(f"a run planned over {accounts:,} accounts, {kind}")
            with houses.fresh(kind) as house:
                asked = (str(accounts), str(houses.server(kind)))
                found[kind] = in_child("tests.bench.dunning", *asked, environ=house.environ)
            told(f"  {found[kind]}")
    return found


def planning_figures(accounts: int, found: Mapping[str, Answer]) -> list[Figure]:
    """Every account with its outcome and reason on record, against reading the same rows and no more."""
    made = []
    for kind, one in found.items():
        words = f"run planned and kept: time of the bare query ({one['floor']:.1f} s)"
        ratio = one["plan"] / one["floor"]
        part = f"dunning {kind}"
        made.append(Figure(part, accounts, words, ratio, target=PLAN_WITHIN, more=False, cpu=one["plan"]))
        grown = one["peak"] - one["before"]
        words = "the same: memory beyond what the process had"
        made.append(Figure(part, accounts, words, grown, unit="MB", target=PLAN_MB, more=False))
    return made
