"""One page of a statement drawn again and again, in a process of its own: `python -m tests.bench.statements
WAY COUNT`. WAY: typst (ours), weasyprint or reportlab.

All three draw the same: head, address, twelve lines of visits, what to know, a slip with the QR code and the
scan line. Only ours is tagged for a screen reader and kept for decades (PDF/UA-1, PDF/A-2a).
Prints {"cpu", "wall", "count", "peak", "bytes"}.
"""

import base64
import io
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import segno
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table
from weasyprint import HTML

import letters
from tests.bench.measure import peak_mb

ON = date(2026, 3, 2)
LINES = 12
MONEY = ("charges", "insurance_paid", "insurance_adjusted", "patient_paid", "patient_adjusted", "balance")
HEAD = ("practice", "practice_street", "practice_place", "number", "day", "account", "amount_due",
        "guarantor", "street", "place")  # fmt: skip
Draw = Callable[[dict[str, Any]], bytes]


def facts(number: int) -> dict[str, Any]:
    """A statement nobody had before: another name, number and link each time."""
    sample = letters.LETTERS["statement"].sample
    visit = {**sample["visits"][1], "patient": "Jane Doe"}
    visits = [{**visit, "visit": f"V{one}"} for one in range(LINES // 2)]
    lines = [{**sample["lines"][0], "visit": one["visit"]} for one in visits]
    return {
        **sample, "number": f"S{number:08d}", "guarantor": f"JANE DOE {number}", "visits": visits,
        "lines": lines, "waiting": [], "total_waiting": "", "pay_link": f"https://pay.example/s/{number:032x}",
    }  # fmt: skip


def typst(said: dict[str, Any]) -> bytes:
    """Ours."""
    return letters.render("statement", said, on=ON).pdf


def _code(said: dict[str, Any], kind: str) -> bytes:
    out = io.BytesIO()
    segno.make(said["pay_link"], error="m", micro=False, boost_error=False).save(out, kind=kind, border=0)
    return out.getvalue()


def _rows(shown: dict[str, Any]) -> list[list[str]]:
    rows = [[f"{one['day']} {one['patient']} {one['provider']}", *(one[name] for name in MONEY)]
            for one in shown["visits"]]  # fmt: skip
    rows += [[one["words"], one["charge"], *([""] * 5)] for one in shown["lines"]]
    return [*rows, ["Total", *(shown[f"total_{name}"] for name in MONEY)]]


def _words(shown: dict[str, Any]) -> list[str]:
    text = letters.LETTERS["statement"].texts["en"]
    said = [source for name in ("assistance", "questions", "ways") for _, source in text.sections[name]]
    return [one.replace("**", "") for one in said]


def weasyprint() -> Draw:
    """The page as HTML."""

    style = (
        "@page{size:letter;margin:.6in}body{font:9pt sans-serif}table{width:100%;border-collapse:collapse}"
        "td,th{text-align:right;border-bottom:.4pt solid #999;padding:2pt}td:first-child{text-align:left}"
        ".slip{position:absolute;bottom:0;border-top:1pt dashed #666;width:100%}.scan{font:11pt monospace}"
    )

    def draw(said: dict[str, Any]) -> bytes:
        shown = letters.shown("statement", said, "en")
        rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in _rows(shown))
        code = base64.b64encode(_code(said, "svg")).decode()
        page = (
            f"<html lang=en><head><title>Statement</title><style>{style}</style></head><body>"
            f"<h1>{shown['practice']}</h1><p>{shown['practice_street']}<br>{shown['practice_place']}</p>"
            f"<p>{shown['number']} {shown['day']} {shown['account']}</p><h2>{shown['amount_due']}</h2>"
            f"<p>{shown['guarantor']}<br>{shown['street']}<br>{shown['place']}</p><table>{rows}</table>"
            f"{''.join(f'<p>{one}</p>' for one in _words(shown))}<div class=slip>{shown['remit_name']}<br>"
            f"{shown['remit_street']}<img width=90 alt='QR code' src='data:image/svg+xml;base64,{code}'>"
            f"<p>{shown['amount_due']} {shown['due_on']}</p><p class=scan>{shown['scan_line']}</p></div>"
            "</body></html>"
        )
        made: bytes = HTML(string=page).write_pdf()
        return made

    return draw


def reportlab() -> Draw:
    """The page by Platypus."""

    fonts = Path(letters.__file__).parent / "fonts"  # a kept document has its fonts in it, as ours has
    for name in ("Regular", "Bold"):
        pdfmetrics.registerFont(TTFont(name, str(fonts / f"AtkinsonHyperlegible-{name}.ttf")))
    normal = ParagraphStyle("normal", fontName="Regular", fontSize=9, leading=11)
    small = ParagraphStyle("small", parent=normal, fontSize=8, leading=10)

    def draw(said: dict[str, Any]) -> bytes:
        shown = letters.shown("statement", said, "en")
        code = ImageReader(io.BytesIO(_code(said, "png")))

        def slip(canvas: Any, _document: Any) -> None:
            canvas.setDash(3, 3)
            canvas.line(0, 264, 612, 264)
            canvas.drawString(60, 220, shown["remit_name"])
            canvas.drawString(60, 206, shown["remit_street"])
            canvas.drawString(420, 220, f"{shown['amount_due']} {shown['due_on']}")
            canvas.drawImage(code, 60, 90, 68, 68)
            canvas.setFont("Courier", 11)
            canvas.drawString(60, 50, shown["scan_line"])

        story: list[Any] = [Paragraph(shown[name], normal) for name in HEAD]
        rows = [[Paragraph(cell, small) for cell in row] for row in _rows(shown)]
        lines = [("LINEBELOW", (0, 0), (-1, -1), 0.4, "#999999")]
        story += [Spacer(1, 12), Table(rows, style=lines, colWidths=[150, *([60] * 6)])]
        story += [Paragraph(one, normal) for one in _words(shown)]
        out = io.BytesIO()
        SimpleDocTemplate(out, pagesize=letter, bottomMargin=40).build(story, onFirstPage=slip)
        return out.getvalue()

    return draw


WAYS: dict[str, Callable[[], Draw]] = {
    "typst": lambda: typst, "weasyprint": weasyprint, "reportlab": reportlab,
}  # fmt: skip


def main() -> None:
    """Draw once to warm up, then COUNT times, and say what it took."""
    draw, count = WAYS[sys.argv[1]](), int(sys.argv[2])
    size = len(draw(facts(0)))
    wall, cpu = time.perf_counter(), time.process_time()
    for number in range(1, count + 1):
        draw(facts(number))
    answer = {
        "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "count": count,
        "peak": peak_mb(), "bytes": size,
    }  # fmt: skip
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
