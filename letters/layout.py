"""From data to a tagged PDF, by Typst. Data goes in as JSON and is never read as markup or code; the layout
reads no file and no network, it has all in memory, and knows no time but the letter's day.
"""

import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import typst

from letters.catalog import ROOT, Letter, LetterError

MISSING = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
UNKNOWN = "□"
"""What stands for a sign that none of our fonts has; PDF/A allows no empty place."""
ATTEMPTS = 5
FONTS = ROOT / "fonts"
_OF_THREAD = threading.local()
T = TypeVar("T")
PPI = 110.0
"""Of pictures: a page is as wide as a screen shows it."""
LATIN = 0x24F
"""The last sign of the Latin blocks that our own font has."""


def compile_pdf(letter: Letter, data: dict[str, Any], on: date) -> bytes:
    """The letter as PDF/UA-1 and PDF/A-2a; the same data on the same day give the same bytes."""
    return _tried(letter, data, on, _compile)


def compile_pictures(letter: Letter, data: dict[str, Any], on: date) -> list[bytes]:
    """Its pages as PNG, to be looked at on a screen."""
    return _tried(letter, data, on, _drawn)


def _tried(
    letter: Letter, data: dict[str, Any], on: date, drawing: Callable[[Letter, dict[str, Any], date], T]
) -> T:
    given = {**data, "day": [on.year, on.month, on.day]}
    for _ in range(ATTEMPTS):
        try:
            return drawing(letter, given, on)
        except typst.TypstError as problem:
            missing = {sign for text in MISSING.findall(str(problem)) for sign in _plain(text)}
            if not missing:
                raise LetterError(f"{letter.name}: {problem}") from problem
            given = _without(given, missing)
    try:
        return drawing(letter, _latin(given), on)
    except typst.TypstError as problem:
        raise LetterError(f"{letter.name}: {problem}") from problem


def _drawn(letter: Letter, data: dict[str, Any], on: date) -> list[bytes]:
    files: Any = letter.sources
    made = _compiler(letter).compile(
        input=files,
        format="png",
        ppi=PPI,
        sys_inputs={"data": json.dumps(data)},
        timestamp=int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp()),
    )
    return [made] if isinstance(made, bytes) else list(made or [])


def _compile(letter: Letter, data: dict[str, Any], on: date) -> bytes:
    files: Any = letter.sources  # the stubs of typst know no files by name
    made = _compiler(letter).compile(
        input=files,
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["ua-1", "a-2a"],
        timestamp=int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp()),
    )
    if not isinstance(made, bytes):
        raise LetterError(f"{letter.name}: no single document was made")
    return made


def _compiler(letter: Letter) -> typst.Compiler:
    """The compiler of a letter in this thread: it knows fonts and parsed layouts, so a letter costs a third
    less than with a new one, and its memory stays flat over thousands of letters.
    """
    kept: dict[str, typst.Compiler] = _OF_THREAD.__dict__
    if letter.version not in kept:
        files: Any = letter.sources
        kept[letter.version] = typst.Compiler(
            files,
            root=str(FONTS),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            package_path=str(FONTS),  # there are no packages, and none is fetched
            package_cache_path=str(FONTS),
        )
    return kept[letter.version]


def _plain(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)


def _without(value: Any, missing: set[str]) -> Any:
    return _each(value, lambda sign: UNKNOWN if sign in missing else sign)


def _latin(value: Any) -> Any:
    """What is left to do when Typst names one missing sign at a time: every foreign letter gives way."""
    return _each(value, lambda sign: UNKNOWN if ord(sign) > LATIN and sign not in "–—•…’“”□" else sign)


def _each(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return "".join(change(sign) for sign in value)
    if isinstance(value, list):
        return [_each(one, change) for one in value]
    if isinstance(value, dict):
        return {key: _each(one, change) for key, one in value.items()}
    return value
