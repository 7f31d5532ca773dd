"""Where a visit was, in words (place of service)."""

import csv
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "places.csv"


@cache
def _places() -> dict[str, tuple[str, str]]:
    with DATA.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: (row["words_en"], row["words_es"]) for row in csv.DictReader(lines)}


def place_words(code: str, language: str = "en") -> str:
    """The words of a place of service; empty for a code that is not listed."""
    return _places().get(code, ("", ""))[1 if language == "es" else 0]
