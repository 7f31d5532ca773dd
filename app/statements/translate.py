"""The border to `letters`: which there are, in which languages, and facts made into a stored document."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from app.kernel.errors import Refused
from letters import LETTERS, LetterError, render
from letters import notices as legal_notices
from letters import pictures as letter_pictures

STATEMENT, ITEMISED = "statement", "itemised_bill"
LANGUAGES = frozenset(LETTERS[STATEMENT].texts)
"""What statements are written in; the letters of dunning are written in the same."""


class NotDrawn(Refused):
    """Facts and layout of a document do not go together: it cannot be drawn, and nothing of it is kept."""

    def __init__(self, letter: str):
        super().__init__(f"This {letter.replace('_', ' ')} cannot be drawn.", code="not_drawable")


class Page(NamedTuple):
    """A document as made: its bytes, and the version of the template that made them."""

    pdf: bytes
    template: str


def made(letter: str, facts: Mapping[str, Any], *, on: date, language: str, words: str | None = None) -> Page:
    """The document of these facts: the same facts on the same day are the same bytes; or `NotDrawn`.

    words: an edition of the practice (`service_editions.words_for`); without one, the shipped words.
    """
    try:
        done = render(letter, dict(facts), on=on, lang=language, words=words)
    except LetterError as problem:
        raise NotDrawn(letter) from problem
    return Page(done.pdf, done.version)


def template(letter: str) -> str:
    """The version of a template as it is now."""
    return LETTERS[letter].version


def agreed(letter: str, language: str) -> bool:
    """Is there such a letter in this language?"""
    return letter in LETTERS and language in LETTERS[letter].texts


def notices(state: str, on: date, letter: str, language: str) -> list[dict[str, str]]:
    """What the law of a state asks for in a letter that day, as rows of head and words."""
    return legal_notices(state, on, letter, language)


def pictures(
    letter: str, facts: Mapping[str, Any], *, on: date, language: str, words: str | None = None
) -> list[bytes]:
    """The pages of a document as PNG, for looking at it on a screen; nothing of it is kept. `NotDrawn`."""
    try:
        return letter_pictures(letter, dict(facts), on=on, lang=language, words=words)
    except LetterError as problem:
        raise NotDrawn(letter) from problem
