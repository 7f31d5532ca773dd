"""How fast a remit is read, against splitting its bytes: `python -m tests.edi.measure [claims]`.

The split is the floor of any reader in Python. The remit is generated: three lines a claim, two adjustments a
line, amounts of a fee schedule as payers send them.
"""

import io
import random
import resource
import sys
import time
from collections.abc import Callable

from edi.envelope import scan_file
from edi.findings import money
from edi.x835.reader import read
from tests.edi.files import remit

FEES = 400
PARTS = (
    "NM1*QC*1*DOE*JANE****MI*M1", "NM1*82*1*DOC*A****XX*1234567893", "REF*1L*GRP", "DTM*232*20260101",
    "DTM*050*20260103",
)  # fmt: skip


def generated(claims: int, line_end: str = "") -> bytes:
    """A balanced remit of that many claims, always the same for the same number."""
    dice = random.Random(1)
    fees = [(dice.randrange(10_000, 99_999), dice.randrange(5_000, 50_000)) for _ in range(FEES)]
    segments: list[str] = []
    total = 0
    for number in range(claims):
        lines: list[str] = []
        paid = charged = owed = 0
        for line in range(dice.choice([1, 2, 3, 3, 4, 5])):
            code, charge = dice.choice(fees)
            discount, share = charge // 3, dice.choice([0, 2_000])
            part = charge - discount - share
            paid, charged, owed = paid + part, charged + charge, owed + share
            lines += [f"SVC*HC:{code}:25*{money(charge)}*{money(part)}**1", "DTM*472*20260105"]
            lines += [f"CAS*CO*45*{money(discount)}"] + ([f"CAS*PR*2*{money(share)}"] if share else [])
            lines += [f"REF*6R*{number}L{line}", f"AMT*B6*{money(part + share)}"]
        total += paid
        clp = f"CLP*PCN{number}*1*{money(charged)}*{money(paid)}*{money(owed)}*12*ICN{number}*11*1"
        segments += [clp, *PARTS, *lines]
    return remit(*segments, paid=money(total), line_end=line_end)


def split(data: bytes) -> None:
    """The floor: elements of every segment, nothing else."""
    kept = [segment.split(b"*") for segment in data.split(b"~")]
    del kept


def scan(data: bytes) -> None:
    """Pass 1."""
    scan_file(io.BytesIO(data))


def facts(data: bytes) -> None:
    """Pass 1 and every claim, typed, placed and balanced."""
    stream = io.BytesIO(data)
    for span in scan_file(stream).transactions:
        one = read(stream, span)
        for _ in one.claims():
            pass
        if not one.balanced:
            raise SystemExit("the generated remit does not balance")


def best(work: Callable[[bytes], None], data: bytes) -> float:
    """Seconds of CPU of the best of five runs."""
    times = []
    for _ in range(5):
        start = time.process_time()
        work(data)
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Print the ratios."""
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for name, line_end in (("one line", ""), ("a segment a line", "\r\n")):
        data = generated(claims, line_end)
        floor, first, whole = best(split, data), best(scan, data), best(facts, data)
        print(
            f"{name}: {len(data) / 1e6:.1f} MB, split {floor:.3f} s, pass 1 {first / floor:.2f}x, "
            f"facts without pass 1 {(whole - first) / floor:.2f}x, with it {whole / floor:.2f}x, "
            f"{claims / whole:,.0f} claims/s"
        )
    print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, the file included"
    )


if __name__ == "__main__":
    main()
