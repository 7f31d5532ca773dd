"""Claims written, or only joined, in a process of its own: `python -m tests.bench.outgoing NAME FILE`.

Both take the same whole claims, read in batches whose reading does not count; what counts is the way from
segments in memory to bytes in a file. Prints {"cpu", "read", "peak", "base", "claims", "segments", "bytes"}.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from edi.envelope import scan_file
from edi.x837.whole import Whole, whole_claims
from edi.x837.writer import Envelope, Writer
from tests.bench.measure import peak_mb

BATCH = 500
ENVELOPE = Envelope(
    sender="CLINIC", receiver="CLEARING", submitter_name="EXAMPLE CLINIC", submitter_number="C1",
    contact_name="BILLING", contact_phone="5095550100", receiver_name="CLEARING", receiver_number="EXCLEAR01",
    moment=datetime(2026, 3, 1, 12, 0, tzinfo=UTC), interchange=1, first_group=1,
)  # fmt: skip
Step = Callable[[list[Whole]], None]


def joined(out: BinaryIO) -> tuple[Step, Callable[[], object]]:
    """The floor: the segments of each claim as tuples, joined and written; no levels, counts or checks."""

    def step(claims: list[Whole]) -> None:
        for one in claims:
            out.write(("~".join(["*".join(elements) for _, elements in one.rows]) + "~").encode())

    return step, out.flush


def written(out: BinaryIO) -> tuple[Step, Callable[[], object]]:
    """Our writer, from ISA to IEA."""
    writer = Writer(out, ENVELOPE)

    def step(claims: list[Whole]) -> None:
        for one in claims:
            writer.add(one)

    return step, writer.close


WAYS = {"join": joined, "write": written}


def claims_of(path: Path) -> Iterator[Whole]:
    """Every claim of a file, one at a time."""
    with path.open("rb") as stream:
        for span in scan_file(stream).transactions:
            for _, one in whole_claims(stream, span):
                yield one


def main() -> None:
    """Measure one way."""
    name, path = sys.argv[1], Path(sys.argv[2])
    base, cpu, claims, segments = peak_mb(), 0.0, 0, 0
    begun = time.process_time()
    with tempfile.TemporaryFile() as out:
        step, close = WAYS[name](out)
        source = claims_of(path)
        while batch := list(islice(source, BATCH)):
            start = time.process_time()
            step(batch)
            cpu += time.process_time() - start
            claims += len(batch)
            segments += sum(len(one.rows) for one in batch)
        start = time.process_time()
        close()
        cpu += time.process_time() - start
        size = out.tell()
    read = time.process_time() - begun - cpu
    found = {
        "cpu": round(cpu, 4),
        "read": round(read, 3),
        "peak": round(peak_mb(), 1),
        "base": round(base, 1),
    }
    print(json.dumps({**found, "claims": claims, "segments": segments, "bytes": size}))


if __name__ == "__main__":
    main()
