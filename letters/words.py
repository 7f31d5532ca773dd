"""The words of a letter: a little Markdown with merge fields, which are placeholders and never programs.

    # Title of the document
    ## section
    A paragraph with **bold** words and {{ amount | usd }}.
    - a point of a list
    ## labels
    - charge: Charge

Only `{{ name }}` and `{{ name | filter }}` are fields; anything else in double braces is refused when the
letter is read. Values are put in after the Markdown was read, so no value can become markup.
"""

import re
from dataclasses import dataclass
from typing import Any

from letters.filters import FILTERS, formatted

FIELD = re.compile(r"\{\{ *([a-z][a-z0-9_]*) *(?:\| *([a-z_]+) *)?\}\}")
BRACES = re.compile(r"\{[{%#]|[}%#]\}")
BOLD = re.compile(r"\*\*(.+?)\*\*")
LABEL = re.compile(r"- ([a-z][a-z0-9_]*): (.+)")
CHARACTERS = 20_000
"""No letter is longer; what people may edit needs a limit."""


@dataclass(frozen=True)
class Text:
    """The words of one language. sections: name → blocks (kind `p` or `li`, text); labels: name → words."""

    title: str
    sections: dict[str, list[tuple[str, str]]]
    labels: dict[str, str]

    def all(self) -> list[str]:
        """Every text with fields in it."""
        return [self.title, *(text for blocks in self.sections.values() for _, text in blocks)]

    def fields(self) -> set[tuple[str, str]]:
        """(name, filter or "") of every merge field."""
        return {(name, used or "") for text in self.all() for name, used in FIELD.findall(text)}


def parse(text: str) -> Text:
    """The words as written; nothing is merged yet."""
    title, section, title_seen = "", "", False
    sections: dict[str, list[tuple[str, str]]] = {}
    labels: dict[str, str] = {}
    paragraph: list[str] = []

    def close() -> None:
        if paragraph:
            sections.setdefault(section, []).append(("p", " ".join(paragraph)))
            paragraph.clear()

    for line in [*text.splitlines(), ""]:
        line = line.strip()
        if line.startswith("# ") and not title_seen:
            title, title_seen = line[2:].strip(), True
        elif line.startswith("## "):
            close()
            section = line[3:].strip()
            sections.setdefault(section, [])
        elif section == "labels" and (found := LABEL.fullmatch(line)):
            labels[found[1]] = found[2]
        elif line.startswith("- "):
            close()
            sections.setdefault(section, []).append(("li", line[2:].strip()))
        elif line:
            paragraph.append(line)
        else:
            close()
    sections.pop("labels", None)
    return Text(title, sections, labels)


def problems(text: str, declared: dict[str, str]) -> list[str]:
    """What is wrong with words somebody wrote, in sentences; none when they may be used (W5).

    declared: field → kind (`text`, `usd`, `us_date`).
    """
    found = []
    if len(text) > CHARACTERS:
        return [f"the text is longer than {CHARACTERS} characters"]
    if any(not sign.isprintable() and sign not in "\n\r\t" for sign in text):
        found.append("the text holds control characters")
    left = FIELD.sub("", text)
    if BRACES.search(left):
        found.append("only {{ field }} and {{ field | filter }} are read; other braces are not")
    for name, used in sorted(parse(text).fields()):
        kind = declared.get(name)
        if kind is None:
            found.append(f"there is no field {name}")
        elif used and used not in FILTERS:
            found.append(f"there is no filter {used}; there are {' and '.join(FILTERS)}")
        elif kind in FILTERS and used != kind:
            found.append(f"the field {name} is written {{{{ {name} | {kind} }}}}")
        elif used and kind != used:
            found.append(f"the field {name} is not for the filter {used}")
    return found


def merged(text: Text, shown: dict[str, Any], facts: dict[str, Any], lang: str) -> dict[str, Any]:
    """Title, sections and labels with their values, as layouts and pages read them: runs of (bold, text)."""

    def fill(source: str) -> str:
        return FIELD.sub(lambda found: _value(found, shown, facts, lang), source)

    sections = {
        name: [{"kind": kind, "runs": _runs(source, fill)} for kind, source in blocks]
        for name, blocks in text.sections.items()
    }
    return {"title": fill(text.title), "words": sections, "labels": text.labels}


def _value(found: re.Match[str], shown: dict[str, Any], facts: dict[str, Any], lang: str) -> str:
    name, used = found[1], found[2]
    return formatted(used, str(facts.get(name, "")), lang) if used else str(shown[name])


def _runs(source: str, fill: Any) -> list[dict[str, Any]]:
    # Bold is read from the words before any value is in them.
    parts = BOLD.split(source)
    runs = [{"bold": number % 2 == 1, "text": fill(part)} for number, part in enumerate(parts)]
    return [one for one in runs if one["text"]]
