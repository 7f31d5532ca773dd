"""Decisions into words: a letter is layout, words in each language, and facts; nothing of it is a program.

    render("eob", facts, on=date(2026, 3, 1), lang="es") → Rendered(pdf, html, text, version)

Owns    templates/<letter>/: letter.toml (facts and order), letter.typ (layout), text.<language>.md (words),
        sample.json (facts to look at it with); house.typ, what all layouts share; fonts/; notices/
Facts   texts: "80.00" for dollars, "2026-03-01" for days; the catalog refuses what a letter did not declare
PDF     tagged PDF/UA-1 and PDF/A-2a; the same facts on the same day are the same bytes
Imports nothing of the application. A broken template stops the start, see `catalog`.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from letters import catalog, layout, legal, pages, qr
from letters import words as markdown
from letters.catalog import LetterError, load

__all__ = [
    "LETTERS",
    "NOTICES",
    "LetterError",
    "Rendered",
    "notices",
    "pictures",
    "problems",
    "render",
    "shown",
]

LETTERS = load()
"""Every letter by its name; `LetterError` at import when one of them is broken."""
NOTICES = legal.load()
"""Every paragraph the law of a state asks for."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One letter as it leaves the house; version names the template that made it, to the byte."""

    pdf: bytes
    html: str
    text: str
    version: str


def render(
    name: str, facts: dict[str, Any], *, on: date, lang: str = "en", words: str | None = None
) -> Rendered:
    """A letter about these facts, dated `on`; `LetterError` for an unknown letter, language or fact.

    words: what somebody wrote instead of the shipped words of this language (W5); the version names them.
    """
    letter, data, given = _read(name, facts, lang, words)
    pdf = layout.compile_pdf(letter, data, on)
    made, shown = given.made, data["facts"]
    return Rendered(
        pdf, pages.html(letter, made, shown, lang), pages.plain(letter, made, shown), given.version
    )


def pictures(
    name: str, facts: dict[str, Any], *, on: date, lang: str = "en", words: str | None = None
) -> list[bytes]:
    """The pages of the same letter as PNG, for a screen; what is kept and sent is the PDF."""
    letter, data, _ = _read(name, facts, lang, words)
    return layout.compile_pictures(letter, data, on)


class _Given(NamedTuple):
    """What is written, and the version that wrote it."""

    made: dict[str, Any]
    version: str


def _read(
    name: str, facts: dict[str, Any], lang: str, words: str | None
) -> tuple[catalog.Letter, dict[str, Any], _Given]:
    """A letter, everything its layout takes, and its version; `LetterError` as `render` says."""
    letter = LETTERS.get(name)
    if letter is None:
        raise LetterError(f"there is no letter {name!r}")
    if lang not in letter.texts:
        raise LetterError(f"{name} has no words in {lang!r}")
    text, version = letter.texts[lang], letter.version
    if words is not None:
        if wrong := catalog.edited(letter, lang, words):
            raise LetterError(f"{name}: {'; '.join(wrong)}")
        text, version = markdown.parse(words), f"{version} words {_digest(words)}"
    shown = catalog.shown(letter, facts, lang)
    made = markdown.merged(text, shown, facts, lang)
    data = {"facts": shown, "images": _codes(letter, facts), "lang": lang, **made}
    return letter, data, _Given(made, version)


def shown(name: str, facts: dict[str, Any], lang: str) -> dict[str, Any]:
    """The facts of a letter as its reader sees them: dollars and days written out."""
    return catalog.shown(LETTERS[name], facts, lang)


def problems(name: str, lang: str, words: str) -> list[str]:
    """What is wrong with words somebody wrote for a letter, in sentences; none when they can be used."""
    return catalog.edited(LETTERS[name], lang, words)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _codes(letter: catalog.Letter, facts: dict[str, Any]) -> dict[str, str]:
    """A QR code for each fact that is one; none when it is empty."""
    return {name: qr.svg(facts[name]) for name, kind in letter.facts.items() if kind == "qr" and facts[name]}


def notices(state: str, on: date, applies: str, lang: str = "en") -> list[dict[str, str]]:
    """Rows of (head, words) the law of a state asks for in the letter `applies` that day; often none."""
    return [
        {"head": one.head[lang], "words": one.words[lang]}
        for one in NOTICES
        if one.state == state
        and applies in one.letters
        and one.effective_from <= on
        and (one.effective_to is None or on < one.effective_to)
    ]
