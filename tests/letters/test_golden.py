"""What leaves the house: the same bytes for the same facts, tagged for a screen reader, word for word.

`TESTS_GOLDEN=1` writes the golden texts anew; look at them before they are committed.
"""

import io
import os
import re
import subprocess
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

import letters

ON = date(2026, 3, 1)
GOLDEN = Path(__file__).parents[1] / "fixtures" / "letters"
EVERY = [(name, lang) for name, letter in letters.LETTERS.items() for lang in letter.texts]


def _pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_a_letter_says_word_for_word_what_it_said(name: str, lang: str) -> None:
    made = letters.render(name, letters.LETTERS[name].sample, on=ON, lang=lang)
    shown = "\n".join(line.strip() for page in _pages(made.pdf) for line in page.splitlines() if line.strip())
    for place, text in (
        (GOLDEN / f"{name}.{lang}.pdf.txt", shown),
        (GOLDEN / f"{name}.{lang}.txt", made.text),
    ):
        if os.environ.get("TESTS_GOLDEN"):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text.strip() + "\n", encoding="utf-8")
        assert place.read_text(encoding="utf-8").strip() == text.strip()


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_a_letter_is_tagged_for_screen_readers_and_kept_for_decades(name: str, lang: str) -> None:
    made = letters.render(name, letters.LETTERS[name].sample, on=ON, lang=lang)
    document = PdfReader(io.BytesIO(made.pdf))
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value is True
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]).startswith(lang)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert document.metadata and document.metadata.title
    packet = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfuaid:part(>|=\")1", packet)
    assert re.search(r"pdfaid:part(>|=\")2", packet)
    assert document.metadata.title in packet
    pages: Any = document.pages
    for page in pages:
        for font in page["/Resources"]["/Font"].values():
            below = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(below.get_object())


def test_the_same_facts_on_the_same_day_are_the_same_bytes() -> None:
    sample = letters.LETTERS["eob"].sample
    first = letters.render("eob", sample, on=ON)
    assert letters.render("eob", dict(sample), on=ON) == first
    assert letters.render("eob", sample, on=date(2026, 3, 2)).pdf != first.pdf
    code = (
        "import letters, hashlib; from datetime import date;"
        "print(hashlib.sha256(letters.render('eob', letters.LETTERS['eob'].sample,"
        " on=date(2026, 3, 1)).pdf).hexdigest())"
    )
    root = Path(letters.__file__).parents[1]
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(root), "TZ": "Asia/Tokyo"}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert other.stdout.strip() == sha256(first.pdf).hexdigest()


def test_the_version_names_the_template_to_the_byte() -> None:
    version = letters.render("eob", letters.LETTERS["eob"].sample, on=ON).version
    assert re.fullmatch(r"eob 1 [0-9a-f]{12}", version)


@pytest.mark.parametrize(
    "patient", ["Иванов, Пётр", "Παπαδόπουλος, Ελένη", "ŁUKASZEWSKI, ŻANETA", "PEÑA, JOSÉ"]
)
def test_a_name_in_other_letters_is_written(patient: str) -> None:
    made = letters.render("eob", {**letters.LETTERS["eob"].sample, "patient": patient}, on=ON)
    assert patient in " ".join(_pages(made.pdf))


@pytest.mark.parametrize("patient", ["王小明", "نجيب", "ישראל", "a\x01b\u200bc", "😀 \U0010ffff"])
def test_a_name_no_font_of_ours_has_still_makes_a_letter(patient: str) -> None:
    made = letters.render("eob", {**letters.LETTERS["eob"].sample, "patient": patient}, on=ON)
    assert made.pdf.startswith(b"%PDF")
    assert "PCN1" in " ".join(_pages(made.pdf))
