"""The border to `letters` for those who edit words: shipped words, what is wrong with new ones, a look at
them with the letter's own sample.
"""

from datetime import date
from typing import Any, NamedTuple

from letters import LETTERS, pictures, problems, render, shown

EDITABLE = ("statement", "second_notice", "final_notice", "pre_collection", "plan_agreement", "receipt",
            "itemised_bill")  # fmt: skip
"""Letters to patients, whose words a practice may write anew; those to payers are evidence and stay."""
LANGUAGES = {"en": "English", "es": "Spanish"}


class Template(NamedTuple):
    """A letter that can be edited. fields: merge fields with their kind; required: those that must stay."""

    name: str
    about: str
    version: str
    fields: dict[str, str]
    required: frozenset[str]


def templates() -> list[Template]:
    """Every letter that can be edited, in the order they are sent."""
    found = [LETTERS[name] for name in EDITABLE]
    return [Template(one.name, one.about, one.version, one.facts, one.required) for one in found]


def known(letter: str, language: str) -> bool:
    """Is there such a letter to edit, in this language?"""
    return letter in EDITABLE and language in LANGUAGES


def shipped(letter: str, language: str) -> str:
    """The words a letter comes with."""
    return LETTERS[letter].written[language]


def wrong(letter: str, language: str, text: str) -> list[str]:
    """What is wrong with words, in sentences; none when they can be sent (W5)."""
    return problems(letter, language, text)


def looked_at(letter: str, language: str, text: str, on: date) -> bytes:
    """A PDF of these words about nobody: the letter's own sample."""
    return render(letter, LETTERS[letter].sample, on=on, lang=language, words=text).pdf


def pictured(letter: str, language: str, text: str, on: date) -> list[bytes]:
    """The same as PNG, a page each."""
    return pictures(letter, LETTERS[letter].sample, on=on, lang=language, words=text)


def page(facts: dict[str, Any], language: str) -> dict[str, Any]:
    """The facts of a statement for a browser: dollars and days written out, and the labels of the letter."""
    made = shown("statement", facts, language)
    return {"facts": made, "label": LETTERS["statement"].texts[language].labels}
