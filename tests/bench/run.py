"""`python3 -m tests bench`: how fast, against what, and what was promised. Ratios of one run, CPU beside.

    --claims 10000,100000       sizes of the files
    --only read|claims|rebill|statements|dunning|import|memory|desk|load   one part
    --open 1000000              open cases of the desk
    --statements 500            statements each engine draws
    --accounts 1000000          accounts of a dunning run
    --database sqlite|postgresql
    --rounds 3                  of each contender, interleaved; the median counts

The machine may be busy: trust ratios, and absolute figures only roughly.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from app.__main__ import ROOT
from tests.bench.collecting import drawing, drawing_figures, planning, planning_figures
from tests.bench.figures import Figure, keep, table
from tests.bench.files import Pair, write_pair
from tests.bench.houses import Houses
from tests.bench.measure import Answer, in_child, rounds, told

WAYS = ("join", "write")
OURS = ("split", "scan", "typed 835", "scan + typed 835", "oxedi parse_file", "oxedi rows")
SLOW = ("pyx12 X12Reader", "openx12", "edi-835-parser")
SAMPLE = 1_000
WITHIN = 2.5
WRITE_WITHIN = 3.0
RELEASED, RELEASE_WITHIN = 2_000, 2.0
PER_SECOND = 5_000
FLAT = 1.25
READ_MB = 60
WORLD = 3_000
"""Claims of the example world whose open cases are copied for the desk."""
PAGE_MS = 100
LOAD_SECONDS, LOAD_RATE, LOAD_CLAIMS = 60, 60, 5_000


def main() -> int:
    """Measure what was asked for; the status is 1 when a target was missed."""
    asked = arguments(sys.argv[1:])
    figures: list[Figure] = []
    raw: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="reclaim-bench-") as name:
        folder = Path(name)
        pairs = [write_pair(folder, size) for size in asked.claims]
        if asked.only in ("", "read", "memory"):
            read = {pair.claims: reading(pair, folder, asked.rounds) for pair in pairs}
            raw["read"] = read
            if asked.only != "memory":
                for pair in pairs:
                    figures += reading_figures(pair.claims, read[pair.claims])
            figures += reading_memory(read)
        if asked.only in ("", "claims"):
            out = {pair.claims: writing(pair, asked.rounds) for pair in pairs}
            raw["claims"] = out
            figures += writing_figures(out)
        if asked.only in ("", "import", "memory"):
            with Houses(folder, asked.database) as houses:
                for kind in asked.database:
                    found = {pair.claims: importing(pair, houses, kind, asked.rounds) for pair in pairs}
                    raw[f"import {kind}"] = found
                    if asked.only != "memory":
                        figures += [one for size in found for one in import_figures(kind, size, found[size])]
                    figures += import_memory(kind, found)
        if asked.only in ("", "rebill"):
            raw["rebill"] = releasing(folder, asked.database, asked.rounds)
            figures += releasing_figures(raw["rebill"])
        if asked.only in ("", "statements"):
            raw["statements"] = drawing(asked.statements, asked.rounds)
            figures += drawing_figures(raw["statements"])
        if asked.only in ("", "dunning"):
            raw["dunning"] = planning(folder, asked.database, asked.accounts)
            figures += planning_figures(asked.accounts, raw["dunning"])
        if asked.only in ("", "desk"):
            with Houses(folder, ["postgresql"]) as houses, houses.fresh("postgresql") as house:
                told(f"the desk over {asked.open:,} open cases")
                raw["desk"] = in_child("tests.bench.desk", str(WORLD), str(asked.open), environ=house.environ)
            figures += desk_figures(asked.open, raw["desk"])
        if asked.only in ("", "load"):
            raw["load"] = loads(folder, asked.database)
            figures += load_figures(raw["load"])
    print(table(figures))
    told(f"\nkept in {keep(figures, raw, ROOT / 'var' / 'bench').relative_to(ROOT)}")
    return 1 if any(one.verdict == "missed" for one in figures) else 0


def sizes_of(text: str) -> list[int]:
    """The sizes in a list with commas."""
    return [int(one) for one in text.split(",")]


def arguments(given: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python3 -m tests bench", description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=sizes_of, default=[10_000, 100_000])
    parser.add_argument(
        "--only",
        choices=("", "read", "claims", "rebill", "statements", "dunning", "import", "memory", "desk", "load"),
        default="",
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--open", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--statements", type=int, default=500)
    asked = parser.parse_args(given)
    asked.database = asked.database or ["sqlite", "postgresql"]
    return asked


# ---------------------------------------------------------------- reading


def reading(pair: Pair, folder: Path, times: int) -> dict[str, Answer]:
    """Every reader on the same file; those that take many times as long get one round."""
    told(f"reading {pair.claims:,} claims")
    files: dict[str, Path] = {**dict.fromkeys((*OURS, *SLOW), pair.remit), "typed 837": pair.billed}
    small = pair.claims <= 10_000
    count = {name: times if small or name not in SLOW else 1 for name in files}
    if small:
        files["pyx12 validate"] = write_pair(folder, SAMPLE).remit
        count["pyx12 validate"] = 1
    runs = {name: partial(in_child, "tests.bench.readers", name, str(path)) for name, path in files.items()}
    return rounds(runs, count)


def reading_figures(claims: int, found: Mapping[str, Answer]) -> list[Figure]:
    """Our reader against the others, from one sitting."""
    own, whole = found["typed 835"]["cpu"], found["scan + typed 835"]["cpu"]
    made: list[Figure] = []

    def add(what: str, value: float, cpu: float | None = None, **target: Any) -> None:
        made.append(Figure("read", claims, what, value, cpu=cpu, **target))

    split, rows = found["split"]["cpu"], found["oxedi rows"]["cpu"]
    add("typed 835: time of the bytes split into elements", own / split, own, target=3, floor=5, more=False)
    add("typed 835: speed of oxedi to Python rows", rows / own, rows, target=1.2, floor=0.8)
    add("envelope pass + typed 835: time of the split", whole / split, whole)
    add("envelope pass + typed 835: speed of oxedi rows", rows / whole)
    add("typed 835: speed of oxedi parse_file (columns)", found["oxedi parse_file"]["cpu"] / own)
    for name, target in (("pyx12 X12Reader", 6.0), ("edi-835-parser", 7.0), ("openx12", None)):
        cpu = found[name]["cpu"]
        add(f"typed 835: speed of {name}", cpu / own, cpu, target=target)
    if "pyx12 validate" in found:
        each = found["pyx12 validate"]["cpu"] / SAMPLE
        add(f"typed 835: speed of pyx12 validate ({SAMPLE:,} claims)", each * claims / own, target=100)
    bills = found["typed 837"]
    ratio = bills["cpu"] / bills["segments"] / (own / found["typed 835"]["segments"])
    add("typed 837: time of the 835 path, per segment", ratio, bills["cpu"], target=1.5, more=False)
    made.append(Figure("read", claims, "typed 835: claims a CPU second", claims / own, unit="claims/s"))
    return made


def reading_memory(read: Mapping[int, Mapping[str, Answer]]) -> list[Figure]:
    """The peak of the typed readers, at each size and from the smallest to the largest."""
    made = []
    for name in ("scan + typed 835", "typed 837"):
        for size, found in read.items():
            target: dict[str, Any] = {"target": READ_MB, "more": False} if name.endswith("835") else {}
            peak = found[name]["peak"]
            made.append(Figure("memory", size, f"{name}: peak of the process", peak, unit="MB", **target))
        made += _flat(name, {size: found[name]["peak"] for size, found in read.items()})
    return made


def _flat(name: str, peaks: Mapping[int, float]) -> list[Figure]:
    if len(peaks) < 2:
        return []
    small, large = min(peaks), max(peaks)
    words = f"{name}: peak against that of {small:,} claims"
    return [Figure("memory", large, words, peaks[large] / peaks[small], target=FLAT, more=False)]


# ---------------------------------------------------------------- writing claims


def writing(pair: Pair, times: int) -> dict[str, Answer]:
    """The same claims joined from tuples, and written as a file of ours."""
    told(f"writing {pair.claims:,} claims")
    runs = {name: partial(in_child, "tests.bench.outgoing", name, str(pair.billed)) for name in WAYS}
    return rounds(runs, dict.fromkeys(WAYS, times if pair.claims <= 10_000 else 1))


def writing_figures(found: Mapping[int, Mapping[str, Answer]]) -> list[Figure]:
    """Our writer against a bare join of the same tuples, its speed, and its memory at each size."""
    made: list[Figure] = []
    for size, one in found.items():
        cpu = one["write"]["cpu"]
        words = "837 written: time of the same tuples joined"
        ratio = cpu / one["join"]["cpu"]
        made.append(Figure("claims", size, words, ratio, target=WRITE_WITHIN, more=False, cpu=cpu))
        made.append(Figure("claims", size, "837 written: claims a CPU second", size / cpu, unit="claims/s"))
        read = size / one["write"]["read"]
        made.append(Figure("claims", size, "837 read whole: claims a CPU second", read, unit="claims/s"))
        made.append(
            Figure("claims", size, "837 written: peak of the process", one["write"]["peak"], unit="MB")
        )
    return made + _flat("837 written", {size: one["write"]["peak"] for size, one in found.items()})


def releasing(folder: Path, kinds: Sequence[str], times: int) -> dict[str, Answer]:
    """A batch of ready claims, released on each database."""
    found: dict[str, Answer] = {}
    with Houses(folder, kinds) as houses:
        for kind in kinds:

            def released(kind: str = kind) -> Answer:
                with houses.fresh(kind) as house:
                    return in_child("tests.bench.rebill", str(RELEASED), environ=house.environ)

            found |= rounds({kind: released}, {kind: times})
    return found


def releasing_figures(found: Mapping[str, Answer]) -> list[Figure]:
    """A release against its claims formatted and its rows written."""
    made = []
    for kind, one in found.items():
        part, whole = f"rebill {kind}", one["release"] / (one["floor"] + one["checked"])
        words = "batch released: time of its claims formatted and as many rows written"
        made.append(Figure(part, RELEASED, words, one["release"] / one["floor"], cpu=one["release"]))
        words = "the same, with each claim checked by the rules of the day"
        made.append(Figure(part, RELEASED, words, whole, target=RELEASE_WITHIN, more=False))
    return made


# ---------------------------------------------------------------- importing


def importing(pair: Pair, houses: Houses, kind: str, times: int) -> dict[str, Answer]:
    """Import and floor in turn; the rows of the floor are those the first import left behind."""
    told(f"importing {pair.claims:,} claims, {kind}")
    rows = Path(tempfile.mkdtemp(prefix="rows-", dir=houses.folder))
    files = (str(pair.billed), str(pair.remit), str(pair.claims), str(houses.server(kind)))

    def take_in() -> Answer:
        with houses.fresh(kind) as house:
            answer = in_child("tests.bench.importer", *files, environ=house.environ)
            if not any(rows.iterdir()):
                in_child("tests.bench.floor", "take", kind, house.url, str(rows))
        return answer

    def floor() -> Answer:
        with houses.fresh(kind) as house:
            return in_child(
                "tests.bench.floor", "write", kind, house.url, str(rows), str(houses.server(kind))
            )

    often = times if pair.claims <= 10_000 else max(1, times - 2)
    found = rounds({"import": take_in, "floor": floor}, {"import": often, "floor": often})
    shutil.rmtree(rows)
    return found


def import_figures(kind: str, claims: int, found: Mapping[str, Answer]) -> list[Figure]:
    """The import against its floor, and its speed where the floor allows it."""
    done, floor = found["import"], found["floor"]
    part, made = f"import {kind}", []
    ratio = done["cpu"] / floor["cpu"]
    words = "837 and 835 to posted ledger: time of the same rows written"
    made.append(Figure(part, claims, words, ratio, target=WITHIN, more=False, cpu=done["cpu"]))
    words = f"the floor itself: {floor['rows']:,.0f} rows, {floor['rows'] / claims:.1f} a claim"
    made.append(Figure(part, claims, words, floor["rows"] / floor["cpu"], unit="rows/s", cpu=floor["cpu"]))
    for name, what in (("remit", "835 to posted ledger"), ("billed", "837 to posted ledger")):
        cpu = done[name]
        made.append(Figure(part, claims, f"{what}: a CPU second", claims / cpu, unit="claims/s", cpu=cpu))
    if done["next_claims"]:
        words = f"{done['next_claims']:,.0f} claims to a next payer made of it: a CPU second"
        speed = done["next_claims"] / done["next"]
        made.append(Figure(part, claims, words, speed, unit="claims/s", cpu=done["next"]))
    cores = cores_of(kind)
    possible = min(PER_SECOND, cores * claims / (WITHIN * floor["cpu"]))
    speed = cores * claims / done["cpu"]
    words = f"both files, {cores} core(s) busy: claims a second, at most what {WITHIN} floors allow"
    made.append(Figure(part, claims, words, speed, unit="claims/s", target=possible))
    return made


def cores_of(kind: str) -> int:
    """How many of two cores an import can keep busy: SQLite has one writer, PostgreSQL has many."""
    return 1 if kind == "sqlite" else 2


def import_memory(kind: str, found: Mapping[int, Mapping[str, Answer]]) -> list[Figure]:
    """The peak of the importing process."""
    made = [
        Figure("memory", size, f"import {kind}: peak of the process", one["import"]["peak"], unit="MB")
        for size, one in found.items()
    ]
    return made + _flat(f"import {kind}", {size: one["import"]["peak"] for size, one in found.items()})


# ---------------------------------------------------------------- the desk, and everybody at once


def desk_figures(size: int, found: Mapping[str, Any]) -> list[Figure]:
    """Reads against the bare query, and pages against the clock, over so many open cases."""
    made = [
        Figure("desk", size, f"{name}: time of the bare query ({one['bare']} ms)", one["ours"] / one["bare"],
               target=3.0, more=False)
        for name, one in found["reads"].items()
    ]  # fmt: skip
    made += [
        Figure("desk", size, f"page {name}: p95", one["p95"], unit="ms", target=PAGE_MS, more=False)
        for name, one in found["pages"].items()
    ]
    return made


def loads(folder: Path, kinds: Sequence[str]) -> dict[str, Any]:
    """A minute of requests while a remit is imported, on each database."""
    found = {}
    with Houses(folder, kinds) as houses:
        for kind in kinds:
            with houses.fresh(kind) as house:
                told(f"{LOAD_RATE} requests a second, {kind}")
                asked = (str(LOAD_SECONDS), str(LOAD_RATE), str(LOAD_CLAIMS))
                found[kind] = in_child("tests.bench.rush", *asked, environ=house.environ)
                told(f"  {found[kind]}")
    return found


def load_figures(found: Mapping[str, Any]) -> list[Figure]:
    """What failed, and how soon the rest was answered."""
    made = []
    for kind, one in found.items():
        part, words = (
            f"load {kind}",
            f"{LOAD_RATE} requests a second for {LOAD_SECONDS} s while a remit imports",
        )
        made.append(
            Figure(part, LOAD_CLAIMS, f"{words}: failed", one["failed"], unit="", target=0, more=False)
        )
        made += [
            Figure(part, LOAD_CLAIMS, f"answered within, p{share}", one[f"p{share}"] * 1000, unit="ms")
            for share in (50, 95, 99)
        ]
        made.append(Figure(part, LOAD_CLAIMS, "both files on the books after", one["imported"], unit="s"))
    return made


if __name__ == "__main__":
    sys.exit(main())
