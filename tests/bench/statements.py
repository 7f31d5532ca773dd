"""The same statement drawn again and again, in a process of its own: `python -m tests.bench.statements WAY
COUNT [PDF]`. WAY: typst (ours), weasyprint or reportlab; PDF: where to keep the last one, to be looked at.

All three draw the same two pages with the same fonts in them: head, address, amount, what to know, an
itemised table whose head repeats, ages, a slip with the code as vectors and the scan line, pages counted.
Ours is PDF/UA-1 and PDF/A-2a, WeasyPrint's tagged PDF/UA-1; ReportLab knows no tags.
Prints {"cpu", "wall", "count", "peak", "bytes", "pages"}.
"""

import base64
import io
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import pypdf

import letters
from letters import qr, words
from tests.bench.measure import peak_mb
from tests.bench.statements_reportlab import reportlab
from tests.bench.statements_weasyprint import weasyprint

ON = date(2026, 3, 2)
VISITS = 6


def facts(number: int) -> dict[str, Any]:
    """A statement nobody had before: another name, number and link each time."""
    sample = letters.LETTERS["statement"].sample
    visit = {**sample["visits"][1], "patient": "Jane Doe"}
    visits = [{**visit, "visit": f"V{one}"} for one in range(VISITS)]
    lines = [{**sample["lines"][0], "visit": one["visit"]} for one in visits]
    return {
        **sample, "number": f"S{number:08d}", "guarantor": f"JANE DOE {number}", "visits": visits,
        "lines": lines, "waiting": [], "total_waiting": "",
        "pay_link": f"https://pay.example/s/{number:032x}",
    }  # fmt: skip


def said(given: dict[str, Any]) -> dict[str, Any]:
    """What the others are given: facts as shown, labels, and sections as marked paragraphs."""
    shown = letters.shown("statement", given, "en")
    made = words.merged(letters.LETTERS["statement"].texts["en"], shown, given, "en")
    marked = {name: [_marked(one["runs"]) for one in blocks] for name, blocks in made["words"].items()}
    return {"facts": shown, "label": made["labels"], "words": marked, "link": given["pay_link"]}


def _marked(runs: list[dict[str, Any]]) -> str:
    return "".join(f"<b>{escape(one['text'])}</b>" if one["bold"] else escape(one["text"]) for one in runs)


def typst() -> Callable[[dict[str, Any]], bytes]:
    """Ours, with the text and the HTML that come with it."""
    return lambda given: letters.render("statement", given, on=ON).pdf


def code(link: str) -> str:
    """The code as an image of vectors in an HTML page."""
    return base64.b64encode(qr.svg(link).encode()).decode()


WAYS: dict[str, Callable[[], Callable[[dict[str, Any]], bytes]]] = {
    "typst": typst,
    "weasyprint": lambda: weasyprint(said, code),
    "reportlab": lambda: reportlab(said),
}


def main() -> None:
    """Draw once to warm up, then COUNT times, and say what it took."""
    draw, count = WAYS[sys.argv[1]](), int(sys.argv[2])
    last = draw(facts(0))
    wall, cpu = time.perf_counter(), time.process_time()
    for number in range(1, count + 1):
        last = draw(facts(number))
    answer = {
        "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "count": count,
        "peak": peak_mb(), "bytes": len(last), "pages": len(pypdf.PdfReader(io.BytesIO(last)).pages),
    }  # fmt: skip
    if sys.argv[3:]:
        Path(sys.argv[3]).write_bytes(last)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
