"""The same letter for a browser and as plain text: sections and tables in the order of `body`."""

from html import escape
from typing import Any

from letters.catalog import Letter, parts


def html(letter: Letter, made: dict[str, Any], shown: dict[str, Any], lang: str) -> str:
    """A whole document without style or script; every value is escaped."""
    out = [
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">',
        f"<title>{escape(made['title'])}</title></head><body><h1>{escape(made['title'])}</h1>",
    ]
    for name in parts(letter, shown):
        if name in letter.tables:
            out.append(_table(letter, name, made, shown))
        else:
            out += [_block(block) for block in made["words"].get(name, ())]
    return "".join([*out, "</body></html>"])


def _block(block: dict[str, Any]) -> str:
    text = "".join(
        f"<strong>{escape(run['text'])}</strong>" if run["bold"] else escape(run["text"])
        for run in block["runs"]
    )
    return f"<ul><li>{text}</li></ul>" if block["kind"] == "li" else f"<p>{text}</p>"


def _table(letter: Letter, name: str, made: dict[str, Any], shown: dict[str, Any]) -> str:
    columns = letter.tables[name]
    if not shown[name]:
        return ""
    head = "".join(f'<th scope="col">{escape(made["labels"][one])}</th>' for one in columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(row[one])}</td>" for one in columns) + "</tr>" for row in shown[name]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def plain(letter: Letter, made: dict[str, Any], shown: dict[str, Any]) -> str:
    """Plain text: paragraphs, and tables as `Label: value` lines."""
    out = [made["title"], ""]
    for name in parts(letter, shown):
        if name in letter.tables:
            for row in shown[name]:
                said = [f"{made['labels'][one]}: {row[one]}" for one in letter.tables[name] if row[one]]
                out.append("; ".join(said))
        else:
            for block in made["words"].get(name, ()):
                text = "".join(run["text"] for run in block["runs"])
                out.append(f"- {text}" if block["kind"] == "li" else text)
        out.append("")
    return "\n".join(out).strip() + "\n"
