"""One reader on one file, measured in a process of its own: `python -m tests.bench.readers NAME FILE`.

Importing a reader does not count, and only the one asked for is imported. Prints {"cpu": seconds, "peak": MB,
"base": MB before it, ...counts}.
"""

import io
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from edi.envelope import scan_file
from tests.bench.measure import peak_mb

Run = Callable[[Path], dict[str, Any]]


def _split() -> Run:
    def run(path: Path) -> dict[str, Any]:
        # Every element of the file as an object, as any reader of facts has to make them; nothing else.
        elements = [segment.split(b"*") for segment in path.read_bytes().split(b"~")]
        return {"segments": len(elements)}

    return run


def _scan() -> Run:
    def run(path: Path) -> dict[str, Any]:
        with path.open("rb") as stream:
            return {"segments": scan_file(stream).segments}

    return run


def _typed(package: str, whole: bool) -> Run:
    read = import_module(f"edi.{package}.reader").read
    clock = time.process_time

    def run(path: Path) -> dict[str, Any]:
        with path.open("rb") as stream:
            start = clock()
            scan = scan_file(stream)
            scanned = clock() - start
            claims = faults = 0
            for span in [one for isa in scan.interchanges for one in isa.transactions]:
                facts = read(stream, span)
                for claim in facts.claims():
                    claims += 1
                    faults += len(claim.findings)
                if package == "x835" and not facts.balanced:
                    raise SystemExit("the file does not balance: the bench is wrong")
        left_out = 0.0 if whole else scanned
        return {"claims": claims, "segments": scan.segments, "findings": faults, "left_out": left_out}

    return run


def _oxedi(rows: bool) -> Run:
    oxedi, polars = import_module("oxedi"), import_module("polars")

    polars.thread_pool_size()

    def run(path: Path) -> dict[str, Any]:
        result = oxedi.parse_file(str(path))
        if not rows:
            return {"claims": result.count_claims()}
        listed = {name: frame.rows() for name, frame in result.tables.to_polars().items()}
        return {"claims": len(listed["claims"]), "rows": sum(map(len, listed.values()))}

    return run


def _pyx12_reader() -> Run:
    reader = import_module("pyx12.x12file").X12Reader

    return lambda path: {"segments": sum(1 for _ in reader(str(path)))}


def _pyx12_validate() -> Run:
    document = import_module("pyx12.x12n_document")

    logging.disable(logging.CRITICAL)
    settings = import_module("pyx12.params").params()
    settings.set("exclude_external_codes", "remark_code")

    def run(path: Path) -> dict[str, Any]:
        source = io.StringIO(path.read_text(encoding="ascii"))
        answer = io.StringIO()
        return {"valid": bool(document.x12n_document(settings, source, None, None, fd_json=answer))}

    return run


def _openx12() -> Run:
    x835 = import_module("openx12.x835")

    return lambda path: {"claims": len(x835.parse(path.read_text(encoding="ascii")).claims)}


def _edi_835_parser() -> Run:
    parse = import_module("edi_835_parser").parse

    warnings.simplefilter("ignore")
    return lambda path: {"claims": len(parse(str(path)).to_dataframe())}


READERS: dict[str, Callable[[], Run]] = {
    "split": _split,
    "scan": _scan,
    "typed 835": lambda: _typed("x835", False),
    "scan + typed 835": lambda: _typed("x835", True),
    "typed 837": lambda: _typed("x837", False),
    "oxedi parse_file": lambda: _oxedi(False),
    "oxedi rows": lambda: _oxedi(True),
    "pyx12 X12Reader": _pyx12_reader,
    "pyx12 validate": _pyx12_validate,
    "openx12": _openx12,
    "edi-835-parser": _edi_835_parser,
}


def main() -> None:
    """Measure one reader."""
    name, path = sys.argv[1], Path(sys.argv[2])
    run = READERS[name]()
    base, start = peak_mb(), time.process_time()
    counts = run(path)
    cpu = time.process_time() - start - counts.pop("left_out", 0.0)
    print(json.dumps({"cpu": round(cpu, 3), "peak": round(peak_mb(), 1), "base": round(base, 1), **counts}))


if __name__ == "__main__":
    main()
