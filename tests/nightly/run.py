"""`python3 -m tests nightly [--only NAME] [--seed N] [--database sqlite|postgresql]`: the long doses.

Each part prints its seed and runs alone; a part that fails says with which line it runs again, and keeps what
it failed on where the tests of every change find it.

    kills       200 kills on a month of a practice, each followed by a restart
    sends       50 kills each before, during and after claims are sent, on both databases
    rebills     2,000 histories of 25 steps of claims sent again, against their model
    histories   5,000 histories of 50 steps against the model
    flow        10,000 damaged files through the whole product
    reader      1,000,000 damaged files through the readers
    undo        5,000 claims posted and reversed, and as many undone
    statements  a fault at every statement, of every kind, of a remit and of a batch on its way
    seconds     10,000 claims of a world whose next payers are left to us (`--claims N`), against its truth
    holds       100,000 random attempts to reach people on hold, through every door (`--dose N`); stopped, it
                goes on there
    api         every operation of the API as every role, with made-up requests
    quarter     a quarter of a clinic day by day with hundreds of accounts (`--dose N`)
    world       100,000 claims of a seeded world (`--claims N`): denials and underpayments against its truth
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.access.rules import ROLES
from app.kernel import db
from app.kernel.settings import settings
from tests import books, services, sftp
from tests.conftest import KEYS, SECRET, House, copy_postgresql, copy_sqlite, drop_postgresql
from tests.edi.test_laws import read_everything
from tests.faults import (
    month,
    sending,
    test_imports_killed,
    test_release_statements,
    test_statement_faults,
    test_taken_back,
)
from tests.fuzz import test_mutants
from tests.fuzz.mutators import mutant
from tests.model import test_histories, test_rebills
from tests.nightly import quarters, worlds
from tests.policy import api_recipes, on_hold, on_hold_doors, test_api_truth

Part = Callable[[House, int], None]
DOSES = {"rebills": 2_000, "sends": 50, "holds": 100_000, "quarter": 300}
CRASHERS = Path(test_mutants.__file__).with_name("crashers")


@contextmanager
def a_house(kind: str) -> Iterator[House]:
    """An empty installation on one database, named by this process's environment."""
    with tempfile.TemporaryDirectory(prefix="reclaim-nightly-") as place:
        folder = Path(place) / "data"
        folder.mkdir(mode=0o700)
        url = copy_sqlite(folder) if kind == "sqlite" else copy_postgresql()
        environ = {"RECLAIM_DATA": str(folder), "RECLAIM_DATABASE_URL": url}
        environ |= {"RECLAIM_KEYS": KEYS, "RECLAIM_SECRET": SECRET}
        os.environ |= environ
        settings.cache_clear()
        try:
            yield House(kind, url, folder, settings(), environ)
        finally:
            db.dispose()
            settings.cache_clear()
            if kind == "postgresql":
                drop_postgresql(url)


def kills(house: House, seed: int) -> None:
    """200 moments on one month; the books are those of an undisturbed run."""
    post = month.deliveries(seed, claims=60)
    expected, states = test_imports_killed.undisturbed(house.folder / "undisturbed", post)
    books.practice()
    worker, dice = test_imports_killed.Worker(house), random.Random(seed)
    died = sum(test_imports_killed.killed_import(worker, part, kills=100, dice=dice) for part in post)
    worker.stop()
    print(f"   {died} of 200 kills met a living worker")
    if sorted(books.states()) != states or books.content() != expected or books.problems():
        raise AssertionError("the books differ from those of an undisturbed run")


def sends(house: House, seed: int) -> None:
    """Batches sent to a receiver that remembers, by workers that die at every moment."""
    os.environ |= dict([sending.OWN_NETWORK])
    settings.cache_clear()
    worker = sending.sender(house)
    with sftp.process(house.folder / "receiver") as server:
        print(f"   {dict(sending.kill_many(server, worker, DOSES['sends']))}")
    worker.stop()


def rebills(house: House, seed: int) -> None:
    """Random histories of claims sent again."""
    random.seed(seed)
    test_rebills.run(DOSES["rebills"], 25)


def histories(house: House, seed: int) -> None:
    """Random histories against the model."""
    random.seed(seed)
    test_histories.run(5_000, 50)


def flow(house: House, seed: int) -> None:
    """Damaged files through the whole product."""
    books.practice()
    test_mutants.feed(10_000, seed, keep=CRASHERS)


def reader(house: House, seed: int) -> None:
    """Damaged files through the readers, each under a second per megabyte."""
    dice = random.Random(seed)
    for number in range(1_000_000):
        content = mutant(dice, dice.choice(test_mutants.good(number)))
        started = time.monotonic()
        read_everything(content)
        took = time.monotonic() - started
        if took > max(1.0, len(content) / 1_000_000):
            CRASHERS.mkdir(exist_ok=True)
            (CRASHERS / f"slow-{seed}-{number}.edi").write_bytes(content)
            raise AssertionError(f"file {number} took {took:.1f} s; it is kept")


def undo(house: House, seed: int) -> None:
    """Posted, then reversed or undone."""
    test_taken_back.ROUNDS, test_taken_back.CLAIMS = 50, 100
    books.practice()
    test_taken_back.test_what_a_payer_reverses_is_as_if_it_had_never_been(house)
    test_taken_back.test_what_is_undone_is_as_if_it_had_never_been_and_can_be_read_again(house)


def statements(house: House, seed: int) -> None:
    """Every kind of fault at every statement."""
    struck = test_release_statements.strike_all(1, shift=seed % len(test_statement_faults.FAULTS))
    print(f"   {struck} statements of a batch")
    for shift in range(len(test_statement_faults.FAULTS)):
        for number in range(1, test_statement_faults.STATEMENTS):
            if not test_statement_faults.strike(number + 1_000 * shift, shift=shift, at=number):
                break


def api(house: House, seed: int) -> None:
    """Every operation as every role, made up."""
    os.environ |= {"RECLAIM_API_PER_MINUTE": "100000", "RECLAIM_HOOK_HOSTS": "localhost"}
    os.environ["RECLAIM_SFTP_HOSTS"] = "127.0.0.1"
    settings.cache_clear()
    world = test_api_truth.world_of(claims=300)
    with api_recipes.small_states(world):
        test_api_truth.reach(world)
        test_api_truth.make_up(world, list(ROLES), count=20, dice=seed)
    if world.wrong:
        raise AssertionError("\n".join(world.wrong))


def holds(house: House, seed: int) -> None:
    """Attempts at people on hold, in parts of 2,000: part n runs again alone as the first of `--seed` + n.

    What is done is on file: started again after it was stopped, it goes on there, with the seed of then.
    """
    os.environ["RECLAIM_API_PER_MINUTE"] = "100000"
    settings.cache_clear()
    log = Path("var") / f"nightly-holds-{house.kind}.json"
    parts, done = -(-DOSES["holds"] // 2_000), 0
    if log.exists():
        seed, done = json.loads(log.read_text())
    for part in range(done, parts):
        with a_house(house.kind):
            through, due = on_hold.storm(on_hold.town(random.Random(seed + part)), min(2_000, DOSES["holds"]))
        ways = len(on_hold.ATTEMPTS), len(on_hold_doors.ROWS)
        print(f"   seed {seed + part}: {due} refused, {ways[0]} ways of which {ways[1]} by lists", flush=True)
        if through:
            raise AssertionError(f"seed {seed + part}: {through[:5]}")
        log.parent.mkdir(exist_ok=True)
        log.write_text(json.dumps([seed, part + 1]))
    log.unlink(missing_ok=True)


PARTS: dict[str, Part] = {
    one.__name__: one for one in (
        kills, sends, rebills, histories, flow, reader, undo, statements, worlds.world, worlds.seconds, holds,
        quarters.quarter, api,
    )
}  # fmt: skip


def main() -> int:
    """Run the parts asked for on the databases asked for; 1 when one failed."""
    asked = argparse.ArgumentParser(prog="python3 -m tests nightly")
    asked.add_argument("--only", choices=sorted(PARTS))
    asked.add_argument("--seed", type=int, default=int(time.time()))
    asked.add_argument("--database", choices=("sqlite", "postgresql"))
    asked.add_argument("--claims", type=int, help="of the parts `world` and `seconds`")
    asked.add_argument("--dose", type=int, help="of the parts `rebills`, `sends`, `holds`, `quarter`")
    chosen = asked.parse_args()
    services.find_binaries()
    if chosen.claims:
        worlds.CLAIMS = worlds.SECONDS = chosen.claims
    if chosen.dose:
        DOSES.update(dict.fromkeys(DOSES, chosen.dose))
    quarters.ACCOUNTS = DOSES["quarter"]
    failed = []
    for name, part in PARTS.items():
        for kind in ("sqlite", "postgresql"):
            if chosen.only not in (None, name) or chosen.database not in (None, kind):
                continue
            line = f"python3 -m tests nightly --only {name} --database {kind} --seed {chosen.seed}"
            print(f"── {line}", flush=True)
            started = time.monotonic()
            try:
                with a_house(kind) as house:
                    part(house, chosen.seed)
            except AssertionError as problem:
                failed.append(line)
                print(f"   failed: {problem}", flush=True)
            print(f"   {time.monotonic() - started:.0f} s", flush=True)
    print("\n".join(["all of it holds" if not failed else "run again:", *failed]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
