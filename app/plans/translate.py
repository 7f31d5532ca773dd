"""The border to `letters`: an agreement made of its facts."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from letters import LETTERS, notices, render

AGREEMENT = "plan_agreement"


def language(wanted: str) -> str:
    """The language of an agreement: the guarantor's, or English."""
    return wanted if wanted in LETTERS[AGREEMENT].texts else "en"


def agreement(facts: Mapping[str, Any], *, on: date, lang: str, words: str | None = None) -> bytes:
    """The PDF both sides sign. words: an edition of the practice; without one, the shipped words."""
    return render(AGREEMENT, dict(facts), on=on, lang=lang, words=words).pdf


def said_by_law(state: str, on: date, lang: str) -> list[dict[str, str]]:
    """What the law of a state asks for in it, as rows of head and words."""
    return notices(state, on, AGREEMENT, lang)
