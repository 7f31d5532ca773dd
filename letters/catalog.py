"""Finds templates/*/letter.toml at start and refuses a house with a broken letter.

about = "What one payer said of one claim"
edition = "1"
languages = ["en", "es"]
body = ["greeting", "lines"]           # order of sections and tables in HTML and plain text; `level_{stage}`:
                                       # the section a fact names; `fee?amount`: left out while it is empty
[facts]
paid = "usd"                           # text, usd or us_date
[tables.lines]
charge = "usd"
"""

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from letters import words
from letters.filters import FILTERS, formatted
from letters.words import Text

ROOT = Path(__file__).parent
KINDS = ("text", "qr", *FILTERS)
IMPORTED = re.compile(r'^#import "/([a-z]+\.typ)"', re.MULTILINE)
USED_IN_LAYOUT = re.compile(r"\b(facts|row|label|words)\.([a-z][a-z0-9_]*)\b(?!\()")
LANGUAGES = ("en", "es")
"""Every letter speaks these."""
ROWS = 5_000
VALUE_CHARACTERS = 2_000


class LetterError(ValueError):
    """A template or its facts are wrong; a person who writes templates or code has to mend it."""


@dataclass(frozen=True)
class Letter:
    """A template. version: edition and the hash of everything that decides what it looks like.

    written: the words as they were written, by language. required: fields that no edition may leave out.
    sources: what Typst is given to read, main.typ and what it imports; nothing else is read for a letter.
    """

    name: str
    about: str
    version: str
    sources: dict[str, bytes]
    body: tuple[str, ...]
    facts: dict[str, str]
    tables: dict[str, dict[str, str]]
    texts: dict[str, Text]
    written: dict[str, str]
    required: frozenset[str]
    sample: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of `body`. named_by: the fact whose value ends the name; only_with: the fact it needs."""

    name: str
    named_by: str
    only_with: str

    @classmethod
    def read(cls, entry: str) -> "Part":
        name, _, only_with = entry.partition("?")
        stem, _, named_by = name.partition("{")
        return cls(stem, named_by.rstrip("}"), only_with)


def parts(letter: Letter, shown: dict[str, Any]) -> list[str]:
    """The sections and tables this letter has, in their order."""
    read = [Part.read(entry) for entry in letter.body]
    return [
        one.name + (shown[one.named_by] if one.named_by else "")
        for one in read
        if (not one.only_with or shown[one.only_with]) and (not one.named_by or shown[one.named_by])
    ]


def load(root: Path = ROOT) -> dict[str, Letter]:
    """Every letter under `templates`, checked; `LetterError` names all that is wrong in all of them."""
    found, wrong = {}, []
    for place in sorted(root.glob("templates/*/letter.toml")):
        try:
            letter = _read(place.parent, root)
            wrong += [f"{letter.name}: {one}" for one in problems(letter, place.parent, root)]
            found[letter.name] = letter
        except (OSError, KeyError, ValueError, TypeError) as problem:
            wrong.append(f"{place.parent.name}: {problem or type(problem).__name__}")
    if wrong:
        raise LetterError("; ".join(wrong))
    return found


def _read(folder: Path, root: Path) -> Letter:
    given = tomllib.loads((folder / "letter.toml").read_text(encoding="utf-8"))
    texts = {lang: (folder / f"text.{lang}.md").read_text(encoding="utf-8") for lang in given["languages"]}
    layout = (folder / "letter.typ").read_text(encoding="utf-8")
    shared = _shared(layout, root)
    whole = json.dumps([given, layout, *shared.values(), *texts.values()], sort_keys=True)
    digest = hashlib.sha256(whole.encode()).hexdigest()[:12]
    return Letter(
        name=folder.name,
        about=given["about"],
        version=f"{folder.name} {given['edition']} {digest}",
        sources={"main.typ": layout.encode(), **{name: text.encode() for name, text in shared.items()}},
        body=tuple(given["body"]),
        facts=dict(given.get("facts", {})),
        tables={name: dict(columns) for name, columns in given.get("tables", {}).items()},
        texts={lang: words.parse(text) for lang, text in texts.items()},
        written=texts,
        required=frozenset(given.get("required", ())),
        sample=json.loads((folder / "sample.json").read_text(encoding="utf-8")),
    )


def _shared(layout: str, root: Path) -> dict[str, str]:
    """What the layout is set with, name → text: house.typ, and what else it imports."""
    names = {"house.typ", *IMPORTED.findall(layout)}
    return {name: (root / name).read_text(encoding="utf-8") for name in sorted(names)}


def problems(letter: Letter, folder: Path, root: Path = ROOT) -> list[str]:
    """What is wrong with a template: languages, fields, declarations, the layout's names, the sample."""
    found = [f"no words in {lang}" for lang in LANGUAGES if lang not in letter.texts]
    kinds = [*letter.facts.values(), *(kind for one in letter.tables.values() for kind in one.values())]
    found += [f"there is no kind {kind}" for kind in sorted(set(kinds) - set(KINDS))]
    layout = (folder / "letter.typ").read_text(encoding="utf-8")
    used = {(owner, name) for owner, name in USED_IN_LAYOUT.findall(layout)}
    declared = set(letter.facts) | set(letter.tables)
    merged: set[str] = {fact for one in map(Part.read, letter.body) for fact in (one.named_by, one.only_with)}
    found += [f"letter.toml: there is no fact {one}" for one in sorted(merged - declared - {""})]
    for lang, text in letter.texts.items():
        source = (folder / f"text.{lang}.md").read_text(encoding="utf-8")
        found += [f"text.{lang}.md: {one}" for one in words.problems(source, letter.facts)]
        merged |= {name for name, _ in text.fields()}
        found += _unlike(lang, text, letter.texts[next(iter(letter.texts))])
        asked = {name for owner, name in used if owner == "label"} | _columns(letter)
        found += [f"text.{lang}.md: no label {name}" for name in sorted(asked - set(text.labels))]
        wanted = {name for owner, name in used if owner == "words"} | _sections(letter)
        found += [f"text.{lang}.md: no section {name}" for name in sorted(wanted - set(text.sections))]
    of_layout = {name for owner, name in used if owner == "facts"}
    shared = {name for text in _shared(layout, root).values() for _, name in USED_IN_LAYOUT.findall(text)}
    found += [f"letter.typ: there is no fact {name}" for name in sorted(of_layout - declared)]
    found += [f"letter.toml: nothing uses {name}" for name in sorted(declared - of_layout - merged - shared)]
    columns = {name for one in letter.tables.values() for name in one}
    of_rows = {name for owner, name in used if owner == "row"}
    found += [f"letter.typ: no table has a column {name}" for name in sorted(of_rows - columns)]
    for lang in letter.texts:
        try:
            shown(letter, letter.sample, lang)
        except (LetterError, ValueError) as problem:
            found.append(f"sample.json: {problem}")
    return found


def edited(letter: Letter, lang: str, text: str) -> list[str]:
    """What is wrong with words somebody wrote for a letter, in sentences; none when it can be sent with them.

    They say what the shipped ones say: the same sections and labels; fields may be left out or added, only
    not those the letter needs for its truth.
    """
    if found := words.problems(text, letter.facts):
        return found
    read, shipped = words.parse(text), letter.texts[lang]
    found += [f"the section {one} is missing" for one in sorted(set(shipped.sections) - set(read.sections))]
    found += [f"there is no section {one}" for one in sorted(set(read.sections) - set(shipped.sections))]
    found += [f"the section {one} says nothing" for one, blocks in read.sections.items() if not blocks]
    found += [f"the label {one} is missing" for one in sorted(set(shipped.labels) - set(read.labels))]
    found += [f"there is no label {one}" for one in sorted(set(read.labels) - set(shipped.labels))]
    missing = letter.required - {name for name, _ in read.fields()}
    found += [f"the field {one} may not be left out" for one in sorted(missing)]
    if not read.title:
        found.append("the first line is the title, written # Title")
    return found


def _columns(letter: Letter) -> set[str]:
    return {column for name in letter.body if name in letter.tables for column in letter.tables[name]}


def _sections(letter: Letter) -> set[str]:
    """The sections `body` always needs; which of `level_{stage}` there are, the words say."""
    return {one.name for one in map(Part.read, letter.body) if not one.named_by} - set(letter.tables)


def _unlike(lang: str, text: Text, first: Text) -> list[str]:
    """A language says the same as the first one: the same sections, labels and fields."""
    found = []
    if set(text.sections) != set(first.sections):
        found.append(f"text.{lang}.md: other sections than the first language")
    if set(text.labels) != set(first.labels):
        found.append(f"text.{lang}.md: other labels than the first language")
    if text.fields() != first.fields():
        found.append(f"text.{lang}.md: other merge fields than the first language")
    if not text.title:
        found.append(f"text.{lang}.md: no title")
    return found


def shown(letter: Letter, facts: dict[str, Any], lang: str) -> dict[str, Any]:
    """The facts as a reader sees them, each by its kind; exactly what was declared, nothing more or less."""
    declared = set(letter.facts) | set(letter.tables)
    if set(facts) != declared:
        other = ", ".join(sorted(set(facts) ^ declared))
        raise LetterError(f"facts and declaration differ: {other}")
    made: dict[str, Any] = {
        name: _one(name, kind, facts[name], lang, short=False) for name, kind in letter.facts.items()
    }
    for name, columns in letter.tables.items():
        rows = facts[name]
        if not isinstance(rows, list) or len(rows) > ROWS:
            raise LetterError(f"{name} is a list of at most {ROWS} rows")
        for row in rows:
            if set(row) != set(columns):
                raise LetterError(f"a row of {name} has {', '.join(sorted(set(row) ^ set(columns)))}")
        made[name] = [
            {key: _one(f"{name}.{key}", kind, row[key], lang, short=True) for key, kind in columns.items()}
            for row in rows
        ]
    return made


def _one(name: str, kind: str, value: Any, lang: str, *, short: bool) -> str:
    if not isinstance(value, str):
        raise LetterError(f"{name} is a text, not {type(value).__name__}")
    try:
        made = formatted(kind, value, lang, short=short)
    except ValueError as problem:
        raise LetterError(f"{name}: {problem}") from None
    plain = "".join(sign if sign.isprintable() else " " for sign in made)
    return plain[:VALUE_CHARACTERS]
