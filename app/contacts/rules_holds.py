"""What each kind of hold stops, for how long, who lifts it and what is asked: data/holds.csv. Pure."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from app.contacts.lifecycle import Act, HoldKind
from app.contacts.rules import cleaned
from app.contacts.rules_law import DATA, Law
from app.kernel.errors import Refused

BY_PERSON = "person"
FIELDS = {
    "applied_on": "Applied on", "program": "Program", "chapter": "Chapter", "case_number": "Case number",
    "court": "Court", "petition_on": "Petition filed on", "trustee": "Trustee",
    "trustee_phone": "Trustee's phone", "attorney": "Attorney", "attorney_phone": "Attorney's phone",
    "attorney_address": "Attorney's address", "government": "We are a government unit",
    "died_on": "Died on", "executor": "Executor or spouse", "executor_phone": "Their phone",
    "notice_on": "Notice of probate on", "asked_on": "Asked on", "how": "How they asked",
    "opened_on": "Opened on", "insurer": "Insurer", "injured_on": "Injured on",
    "report_number": "Report number", "police": "Where it was reported", "fund": "Compensation fund",
    "since": "Since", "until": "Until",
}  # fmt: skip
"""What a kind may ask for, by its name in the sealed detail; names that end in _on, since and until are
days.
"""
DAYS = frozenset(name for name in FIELDS if name.endswith("_on") or name in ("since", "until"))
FIELD_CHARACTERS = 120
REASON_CHARACTERS = 200
LONGEST_DAYS = 3_660


@dataclass(frozen=True, slots=True)
class HoldRule:
    """A kind of hold. lifts: a person, or the part of the product that alone ends it. legal: only those who
    may answer for the law lift it. fields: what is asked, by the names of FIELDS.
    """

    kind: HoldKind
    label: str
    stops: frozenset[Act]
    lifts: str
    legal: bool
    fields: tuple[str, ...]
    source: str


@lru_cache(maxsize=1)
def shipped() -> Mapping[HoldKind, HoldRule]:
    """The kinds of data/holds.csv; their days and what they stop are rules of law.csv's kind too."""
    with (DATA / "holds.csv").open(encoding="utf-8", newline="") as lines:
        return {HoldKind(row["kind"]): _rule(row) for row in csv.DictReader(lines)}


def _rule(row: Mapping[str, str]) -> HoldRule:
    return HoldRule(
        kind=HoldKind(row["kind"]),
        label=row["label"],
        stops=frozenset(Act(one) for one in row["stops"].split("|")),
        lifts=row["lifts"],
        legal=row["legal"] == "yes",
        fields=tuple(one for one in row["fields"].split("|") if one),
        source=row["source"],
    )


def label(kind: HoldKind | str) -> str:
    """A kind in a biller's words."""
    return shipped()[HoldKind(kind)].label


def stops(kind: HoldKind | str, law: Law | None = None) -> frozenset[Act]:
    """The acts a kind of hold stops; with the law of an entity, as it set them."""
    known = HoldKind(kind)
    if law is None:
        return shipped()[known].stops
    return frozenset(Act(one) for one in law.listed(f"hold_stops.{known.value}"))


NEEDS = {
    HoldKind.BANKRUPTCY: ("petition_on", "court", "case_number"),
    HoldKind.DECEASED: ("died_on",),
    HoldKind.ATTORNEY: ("attorney",),
}
"""What a person must find out soon, when it was not known at once."""


def missing(kind: HoldKind, detail: Mapping[str, str]) -> list[str]:
    """What is still to be found out about a hold, by the names of FIELDS."""
    return [name for name in NEEDS.get(kind, ()) if not detail.get(name)]


def days_of(
    kind: HoldKind, law: Law, today: date, until: date | None, *, verify: bool = False
) -> tuple[date | None, date | None]:
    """(the day it ends, the day a person looks at it again) of a hold placed today.

    verify: something about it must still be found out, so the look comes within `hold_verify_days`.
    until: the first day it no longer holds, when somebody says; refused unless after today, within ten years.
    """
    if until is not None and not today < until <= today + timedelta(LONGEST_DAYS):
        raise Refused("A hold ends after today, within ten years.", code="bad_until", field="until")
    lasts, looks = law.number(f"hold_days.{kind.value}"), law.number(f"hold_review_days.{kind.value}")
    ends = until or (today + timedelta(lasts) if lasts else None)
    if verify:
        looks = min(looks or LONGEST_DAYS, law.number("hold_verify_days"))
    return ends, today + timedelta(looks) if looks else None


def detail_of(kind: HoldKind, given: Mapping[str, str] | None) -> dict[str, str]:
    """What was said about a hold, cleaned: only what its kind asks for; days in ISO 8601.

    Refused: a field the kind does not ask for, a day that is none, a chapter there is none of. Nothing must
    be there: whoever says on the phone that they are bankrupt is left alone from that moment on.
    """
    rule, found = shipped()[kind], dict[str, str]()
    for name, value in (given or {}).items():
        if name not in rule.fields:
            raise Refused("This kind of hold does not ask for that.", code="unknown_field", field=name)
        plain = cleaned(str(value), FIELD_CHARACTERS, name)
        if plain and name in DAYS:
            plain = _day(plain, name)
        if plain:
            found[name] = plain
    if found.get("chapter", "7") not in ("7", "9", "11", "12", "13"):
        raise Refused("A chapter is 7, 9, 11, 12 or 13.", code="bad_chapter", field="chapter")
    return found


def _day(text: str, name: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refused("A day looks like 2026-11-23.", code="bad_day", field=name) from None
