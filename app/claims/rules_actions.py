"""What to do about an answer, in a biller's words: dated rows, the most specific one counts. Pure."""

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

DATA = Path(__file__).parent / "data"
Row = Mapping[str, str]


class Action(NamedTuple):
    """What to do: the name of the task, its title, and how it is done."""

    code: str
    title: str
    words: str


@cache
def _table(name: str) -> tuple[Row, ...]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return tuple(MappingProxyType(row) for row in csv.DictReader(lines))


def _in_force(name: str, on: date) -> list[Row]:
    day = on.isoformat()
    return [
        row
        for row in _table(name)
        if (row["effective_from"] or "0000") <= day and (not row["effective_to"] or day < row["effective_to"])
    ]


@cache
def setting(name: str, on: date) -> int:
    """A number of the rules of waiting (timing.csv) in force on a day. KeyError for a name it lacks."""
    found = [row for row in _in_force("timing.csv", on) if row["name"] == name]
    if not found:
        raise KeyError(name)
    return int(found[-1]["value"])


@cache
def entity_name(code: str, on: date) -> str:
    """Whom an entity code of a status speaks of, in words; the code itself when it is not in the list."""
    found = [row for row in _in_force("entity_codes.csv", on) if row["code"] == code]
    return found[-1]["name"] if found else code


def label(words: str, entity_code: str, on: date) -> str:
    """The words of a status code about its entity: `Entity NPI` about 85 is `Billing provider NPI`."""
    if not entity_code:
        return words
    name = entity_name(entity_code, on)
    told = words.replace("Entity", name, 1) if "Entity" in words else f"{words}: {name}"
    return told[:1].upper() + told[1:]


@cache
def action(category: str, status: str, entity_code: str, proposed: str, on: date) -> Action:
    """What to do about a status. proposed: the next action the code lists name for it.

    A row of next_actions.csv that names category, status or entity wins over the words of the proposed
    action; the more of them it names, the more it counts.
    """
    asked = {"category": category, "status": status, "entity": entity_code}
    best: tuple[int, Row] | None = None
    for row in _in_force("next_actions.csv", on):
        named = {name: row[name] for name in asked if row[name]}
        if not named or any(asked[name] != value for name, value in named.items()):
            continue
        if best is None or len(named) >= best[0]:
            best = (len(named), row)
    if best is not None:
        return Action(best[1]["action"], best[1]["title"], best[1]["words"])
    for row in _in_force("next_actions.csv", on):
        if row["action"] == proposed and not (row["category"] or row["status"] or row["entity"]):
            return Action(proposed, row["title"], row["words"])
    return Action(proposed or "review", "Look at it", "Read the answer and decide what it asks for.")


def syntax(list_name: str, code: str, on: date) -> str:
    """A code of a TA1 or 999 (lists TA105, IK304, IK403, IK502, AK905) in words; empty when unknown."""
    found = [
        row for row in _in_force("syntax_codes.csv", on) if (row["list"], row["code"]) == (list_name, code)
    ]
    return found[-1]["words"] if found else ""
