"""What the codes of an EOB mean, whatever system a payer names: a table of aliases, never the display text.

A row of aliases.csv with a system wins over one without; systems are compared without scheme, `www.`, case.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from edi.eob.positions import Object, items, word

ALIASES = Path(__file__).with_name("aliases.csv")


@cache
def _aliases() -> Mapping[tuple[str, str, str], str]:
    with ALIASES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {(row["table"], row["system"], row["code"]): row["means"] for row in rows}


def normal_system(system: str) -> str:
    """A system as the table writes it: no scheme, no www, no version, no slash at the end, lower case."""
    plain = system.strip().lower().partition("|")[0]
    return plain.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")


def meaning(table: str, system: str, code: str) -> str:
    """What a code means; "" when no alias is known.

    A code may be written as an address (CMS names its variables so): its last part is the code, and its
    host alone names the system.
    """
    where, plain = normal_system(system), code.strip().lower().rpartition("/")[2]
    host = where.partition("/")[0]
    known = _aliases()
    for key in ((where, plain), (where, ""), (host, plain), ("", plain)):
        found = known.get((table, *key))
        if found and (key != ("", "")):
            return found
    return ""


def means(table: str, concept: Any) -> str:
    """The first coding of a CodeableConcept that has a meaning; "" when none has."""
    found = (meaning(table, word(one, "system"), word(one, "code")) for one in items(concept, "coding"))
    return next(filter(None, found), "")


def codes(table: str, concept: Any) -> list[tuple[str, str]]:
    """(meaning, code) of every coding of a concept; meaning "" for a system nobody knows."""
    found = []
    for one in items(concept, "coding"):
        code = word(one, "code")
        if code:
            found.append((meaning(table, word(one, "system"), code), code))
    return found


def identifier_kind(one: Object) -> str:
    """unique, member, account, payer, naic, npi, tax_id, or "" when neither type nor system says."""
    found = means("identifier", one.get("type"))
    return found or meaning("identifier", word(one, "system"), "")


def identifiers(holder: Any, name: str = "identifier") -> list[tuple[str, str]]:
    """(kind, value) of the identifiers of a resource or reference, in file order."""
    return [(identifier_kind(one), word(one, "value")) for one in items(holder, name) if word(one, "value")]


def shown(concept: Any) -> str:
    """How a finding names a concept: its first code, else its text."""
    found = next((word(one, "code") for one in items(concept, "coding") if word(one, "code")), "")
    return found or word(concept, "text")
