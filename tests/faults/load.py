"""Sixty requests a second against the running product while a remit is imported: what came back, how soon.

Requests leave by the clock, not when the one before is answered, so a slow answer makes no room for itself.
"""

import http.client
import itertools
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from app.__main__ import ROOT
from app.web.gate import cookie_name
from tests import books
from tests.bench.files import NPI, TAX_ID, write_pair
from tests.conftest import House
from tests.policy import visitors
from tests.services import free_port

SERVE = "from app import supervisor; from app.kernel.settings import settings; supervisor.run(settings())"
START_SECONDS = 60
IMPORT_SECONDS = 600
CLERKS = 8
AT_ONCE = 48
LISTS = ("/denials", "/claims", "/remits/", "/files/", "/exceptions", "/ledger/", "/search", "/healthz")


@dataclass
class Load:
    """What a run met. statuses: HTTP status → how often, 0 for no answer; seconds: of each answer."""

    asked: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    imported_in: float = 0.0

    @property
    def failed(self) -> int:
        """Answers that blame the server, and questions without an answer."""
        return sum(count for status, count in self.statuses.items() if status >= 500 or status == 0)

    def percentile(self, share: int) -> float:
        """Seconds within which this share of a hundred answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, len(ordered) * share // 100)] if ordered else 0.0


@contextmanager
def product(house: House) -> Iterator[str]:
    """The whole installation as one command starts it; its address."""
    port = free_port()
    environ = {**os.environ, **house.environ, "RECLAIM_PORT": str(port), "RECLAIM_LOG_LEVEL": "ERROR"}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], cwd=ROOT, env=environ, stderr=subprocess.DEVNULL
    )
    try:
        give_up = time.monotonic() + START_SECONDS
        while _ask(f"http://127.0.0.1:{port}", "/healthz", "")[0] != 200:
            if time.monotonic() > give_up or process.poll() is not None:
                raise AssertionError("the product does not answer")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ask(url: str, path: str, cookie: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=30)
    try:
        line.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = line.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        line.close()


def _addresses(url: str, cookie: str) -> list[str]:
    """The lists, and a few records of each: what a clerk opens all day."""
    found = list(LISTS)
    for path in LISTS:
        page = _ask(url, path, cookie)[1].decode(errors="replace")
        hrefs = [part.partition('"')[0] for part in page.split('class="open" href="')[1:6]]
        found += [href for href in hrefs if href.startswith("/") and "format=" not in href]
    return found


def run(url: str, folder: Path, *, seconds: int, rate: int, claims: int) -> Load:
    """Import `claims` claims and their remit through the API while `rate` requests a second come for a while.

    The practice of the files must exist. It goes on until the time is over and the import is done.
    """
    people = [visitors.add(f"clerk{number}", "clerk", "denial_specialist") for number in range(CLERKS)]
    cookies = [f"{cookie_name()}={one.cookie}" for one in people]
    addresses = _addresses(url, cookies[0])
    pair = write_pair(folder, claims)
    load = Load()
    visits = zip(itertools.cycle(addresses), itertools.cycle(cookies), strict=False)
    begin = time.monotonic()

    def visit(at: float, path: str, cookie: str) -> tuple[int, float]:
        time.sleep(max(0.0, at - time.monotonic()))
        started = time.monotonic()
        status, _ = _ask(url, path, cookie)
        return status, time.monotonic() - started

    with ThreadPoolExecutor(1) as importer, ThreadPoolExecutor(AT_ONCE) as pool:
        offered = importer.submit(_import, url, people[0], [pair.billed, pair.remit])
        answers = []
        for number in range(seconds * rate):
            at = begin + number / rate
            time.sleep(max(0.0, at - time.monotonic() - 0.2))
            path, cookie = next(visits)
            answers.append(pool.submit(visit, at, path, cookie))
        for one in answers:
            status, took = one.result()
            load.asked += 1
            load.statuses[status] += 1
            load.seconds.append(took)
        load.imported_in = offered.result()
    return load


def _import(url: str, person: visitors.Visitor, files: Sequence[Path]) -> float:
    """Offer files through the API and wait until both are on the books; the seconds it took."""
    started = time.monotonic()
    parts = urlsplit(url)
    for place in files:
        boundary = "a-part-of-a-remit"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{place.name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + place.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        line = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=120)
        headers = {**person.bearer, "Content-Type": f"multipart/form-data; boundary={boundary}"}
        line.request("POST", "/api/v1/files", body=body, headers=headers)
        answer = line.getresponse()
        answer.read()
        line.close()
        if answer.status >= 300:
            raise AssertionError(f"{place.name} was answered {answer.status}")
    while books.states("837P") + books.states() != ["posted", "posted"]:
        if time.monotonic() - started > IMPORT_SECONDS:
            raise AssertionError("the import did not end")
        time.sleep(0.5)
    return time.monotonic() - started


__all__ = ["NPI", "TAX_ID", "Load", "product", "run"]
