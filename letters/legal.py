"""Paragraphs the law asks for, by state, day and letter; see notices/README.md."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from letters.catalog import LANGUAGES, ROOT, LetterError


@dataclass(frozen=True, slots=True)
class Notice:
    """One dated row, in force `[effective_from, effective_to)`. head, words: language → text."""

    name: str
    state: str
    effective_from: date
    effective_to: date | None
    letters: tuple[str, ...]
    source: str
    head: dict[str, str]
    words: dict[str, str]


def load(root: Path = ROOT) -> tuple[Notice, ...]:
    """Every notice there is; `LetterError` names all that is wrong in all of them."""
    found, wrong = [], []
    for place in sorted(root.glob("notices/*/*.toml")):
        try:
            rows = tomllib.loads(place.read_text(encoding="utf-8"))["rows"]
            found += [_read(place, row) for row in rows]
        except (OSError, KeyError, ValueError, TypeError) as problem:
            wrong.append(f"{place.parent.name}/{place.name}: {problem or type(problem).__name__}")
    if wrong:
        raise LetterError("; ".join(wrong))
    return tuple(found)


def _read(place: Path, row: dict[str, Any]) -> Notice:
    extra = set(row) - {"effective_from", "effective_to", "letters", "source", "head", "words"}
    missing = [lang for lang in LANGUAGES if not row["words"].get(lang) or not row["head"].get(lang)]
    if extra or missing or not row["source"] or len(place.stem) != 2:
        raise ValueError(f"wrong: {', '.join([*sorted(extra), *missing]) or 'no source or no state'}")
    return Notice(
        name=place.parent.name,
        state=place.stem,
        effective_from=_day(row["effective_from"]),
        effective_to=_day(row["effective_to"]) if "effective_to" in row else None,
        letters=tuple(row["letters"]),
        source=row["source"],
        head=dict(row["head"]),
        words={lang: text.strip() for lang, text in row["words"].items()},
    )


def _day(value: object) -> date:
    if type(value) is not date:
        raise ValueError(f"{value} is not a day")
    return value
