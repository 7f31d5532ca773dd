"""Work in many threads at once: whoever holds a connection also gets the numbers it needs."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import text

from app.kernel import db
from app.kernel.work import system, work
from tests.conftest import House


def test_all_who_hold_a_connection_get_numbers(house: House) -> None:
    """SQLite writes one after another and waits for nobody here."""
    at_once = db._most() if house.kind == "postgresql" else 1
    gate = Barrier(at_once)

    def one(_: int) -> int:
        with work(system("tests")) as w:
            w.db.execute(text("SELECT 1"))
            gate.wait(20)
            return w.numbers("tests")

    with ThreadPoolExecutor(at_once) as threads:
        numbers = list(threads.map(one, range(at_once)))
    assert len(set(numbers)) == at_once


def test_every_thread_of_the_web_server_has_a_connection(house: House) -> None:
    assert db._most() >= max(house.settings.web_threads, 2 * house.settings.worker_threads)
