"""The statement by ReportLab's Platypus, amounts as plain cells, which is its quickest way.

Imported by the one process that measures it.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import segno
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

import letters

FONTS = Path(letters.__file__).parent / "fonts"
MONO = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")
MONEY = ("charges", "insurance_paid", "insurance_adjusted", "patient_paid", "patient_adjusted", "balance")
AGES = ("age_current", "age_31", "age_61", "age_91", "age_121")
WIDTHS = [192, *([56] * 6)]
NORMAL = ParagraphStyle("normal", fontName="Regular", fontSize=9.5, leading=12, spaceAfter=6)
RIGHT = ParagraphStyle("right", parent=NORMAL, fontSize=9, leading=11, alignment=2, spaceAfter=0)
CELL = ParagraphStyle("cell", parent=RIGHT, alignment=0)
HEAD = ParagraphStyle("head", parent=NORMAL, fontName="Bold", fontSize=11, spaceBefore=8)
SOFT = "#4d5a6a"


class Counted(Canvas):
    """Pages with their number and how many there are, which is known at the end."""

    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - the library's name
        """Keep the page until all are known."""
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Number the pages and write them."""
        for number, page in enumerate(self._kept, start=1):
            self.__dict__.update(page)
            self.setFont("Regular", 8)
            self.drawRightString(569, 30, f"{number} / {len(self._kept)}")
            super().showPage()
        super().save()


def reportlab(said: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], bytes]:
    """The same pages, without tags: it has none."""
    for name in ("Regular", "Bold"):  # a kept document has its fonts in it, as ours has
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"AtkinsonHyperlegible-{name}.ttf")))
    pdfmetrics.registerFont(TTFont("Mono", str(MONO)))
    pdfmetrics.registerFontFamily("Regular", normal="Regular", bold="Bold")

    def draw(given: dict[str, Any]) -> bytes:
        made, out = said(given), io.BytesIO()
        document = BaseDocTemplate(out, pagesize=letter, title="Statement", lang="en")
        first, later = Frame(43, 270, 526, 256, 0, 0, 0, 0), Frame(43, 45, 526, 690, 0, 0, 0, 0)
        document.addPageTemplates([
            PageTemplate("first", first, onPage=lambda canvas, _: _front(canvas, made)),
            PageTemplate("later", later, onPage=lambda canvas, _: _top(canvas, made)),
        ])  # fmt: skip
        document.build([NextPageTemplate("later"), *_story(made)], canvasmaker=Counted)
        return out.getvalue()

    return draw


def _story(made: dict[str, Any]) -> list[Flowable]:
    shown, label, words = made["facts"], made["label"], made["words"]

    def paragraphs(name: str) -> list[Flowable]:
        return [Paragraph(one, NORMAL) for one in words[name]]

    wash = [("BACKGROUND", (0, 0), (-1, -1), "#f1f5f6"), ("LINEBEFORE", (0, 0), (0, -1), 2.5, "#1c5566")]
    ages = [[Paragraph(label[one], RIGHT) for one in AGES], [Paragraph(shown[one], RIGHT) for one in AGES]]
    notices = [Paragraph(f"<b>{one['head']}.</b> {one['words']}", NORMAL) for one in shown["notices"]]
    return [
        *paragraphs("message_first"), Table([[paragraphs("assistance")]], style=wash, colWidths=[526]),
        Paragraph(label["your_visits"], HEAD), _visits(shown, label), Paragraph(label["ages"], HEAD),
        Table(ages, style=wash, colWidths=[105] * 5), Spacer(1, 6), *paragraphs("last_paid"),
        Paragraph(label["good_to_know"], HEAD), *paragraphs("questions"), *paragraphs("ways"),
        *paragraphs("returned_check"), *notices, *paragraphs("language_help"),
    ]  # fmt: skip


def _visits(shown: dict[str, Any], label: dict[str, str]) -> Table:
    rows: list[list[Any]] = [[Paragraph(f"<b>{label[one]}</b>", RIGHT) for one in ("words", *MONEY)]]
    style: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, "#1b2430"),
    ]
    style += [("LEFTPADDING", (0, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 3)]
    style += [("FONT", (1, 1), (-1, -1), "Regular", 9, 11), ("ALIGN", (1, 1), (-1, -1), "RIGHT")]
    for one in shown["visits"]:
        where = f"{label['visit']} {one['visit']} · {one['provider']}, {one['place']}"
        about = f"<b>{one['day']}</b> · {one['patient']}<br/><font size=8 color='{SOFT}'>{where}</font>"
        rows.append([Paragraph(about, CELL), *(one[name] for name in MONEY)])
        for line in shown["lines"]:
            if line["visit"] == one["visit"]:
                words = f"{line['words']} <font color='{SOFT}'>{line['code']}</font>"
                style.append(("SPAN", (2, len(rows)), (-1, len(rows))))
                rows.append([Paragraph(words, CELL), line["charge"], *([""] * 5)])
        style.append(("LINEBELOW", (0, len(rows) - 1), (-1, len(rows) - 1), 0.4, "#b9c3cf"))
    style.append(("FONT", (0, len(rows)), (-1, len(rows)), "Bold", 9, 11))
    rows.append([label["total"], *(shown[f"total_{name}"] for name in MONEY)])
    return Table(rows, style=style, colWidths=WIDTHS, repeatRows=1)


def _top(canvas: Canvas, made: dict[str, Any]) -> None:
    shown, label = made["facts"], made["label"]
    canvas.setFont("Regular", 8)
    canvas.drawString(43, 752, f"{shown['practice']}, {label['number']} {shown['number']}")


def _lines(canvas: Canvas, x: float, y: float, lines: list[str], size: float = 9) -> None:
    canvas.setFont("Regular", size)
    for number, line in enumerate(lines):
        canvas.drawString(x, y - number * (size + 2.5), line)


def _front(canvas: Canvas, made: dict[str, Any]) -> None:
    """What stands at fixed places of page 1: the head, the address, the amount and the slip."""
    shown, label = made["facts"], made["label"]
    canvas.setFont("Bold", 14)
    canvas.drawString(43, 740, shown["practice"])
    canvas.drawRightString(569, 740, label["statement"])
    _lines(canvas, 43, 722, [shown[one] for one in ("practice_street", "practice_place", "phone")])
    _lines(canvas, 430, 722, [f"{label[one]} {shown[one]}" for one in ("number", "day", "account")])
    to = [shown[one] for one in ("guarantor", "street", "street2", "place") if shown[one]]
    _lines(canvas, 63, 610, to, 10)
    canvas.setFillColor("#f1f5f6")
    canvas.roundRect(411, 570, 158, 70, 4, stroke=0, fill=1)
    canvas.setFillColor("#1b2430")
    _lines(canvas, 420, 625, [label["amount_due"], "", label["due_on"], shown["due_on"]])
    canvas.setFont("Bold", 22)
    canvas.drawString(420, 603, shown["amount_due"])
    _slip(canvas, made)


def _slip(canvas: Canvas, made: dict[str, Any]) -> None:
    shown, label = made["facts"], made["label"]
    canvas.saveState()
    canvas.setDash(3, 3)
    canvas.line(0, 264, 612, 264)
    canvas.restoreState()
    canvas.setFont("Regular", 7.5)
    canvas.drawCentredString(306, 254, label["slip"])
    payee = [label["payable"], *(shown[f"remit_{one}"] for one in ("name", "street", "place"))]
    _lines(canvas, 63, 230, payee)
    figures = [f"{label[one]} {shown[one]}" for one in ("account", "number", "due_on", "amount_due")]
    _lines(canvas, 400, 238, figures)
    canvas.rect(389, 150, 180, 38)
    _lines(canvas, 395, 178, [label["enclosed"], "", "", shown["guarantor"]])
    _lines(canvas, 140, 130, [label["scan"], shown["pay_url"], label["no_cards"]], 8)
    canvas.setFont("Mono", 11)
    canvas.drawString(43, 50, shown["scan_line"])
    _code(canvas, made["link"])


def _code(canvas: Canvas, link: str) -> None:
    """The code as one path of runs."""
    matrix = segno.make(link, error="m", micro=False, boost_error=False).matrix
    size, path = 68 / len(matrix), canvas.beginPath()
    for row, cells in enumerate(matrix):
        start = None
        for column, dark in enumerate([*cells, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                path.rect(63 + start * size, 148 - row * size, (column - start) * size, size)
                start = None
    canvas.setFillColor("#000000")
    canvas.drawPath(path, stroke=0, fill=1)
