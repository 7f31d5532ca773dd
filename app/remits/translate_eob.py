"""The border to `letters`: an EOB as a letter. Every letter is checked when this is imported."""

from datetime import date
from typing import Any

from letters import render

LETTER = "eob"
LANGUAGES = ("en", "es")


def pdf(facts: dict[str, Any], *, on: date, lang: str) -> bytes:
    """One claim's EOB as a tagged PDF; facts as letters/templates/eob/letter.toml declares them."""
    return render(LETTER, facts, on=on, lang=lang).pdf
