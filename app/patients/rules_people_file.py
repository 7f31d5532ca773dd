"""One row of a file of guarantors: what it says, or what is wrong with it by row and column. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from app.kernel.errors import Refused
from app.patients.lifecycle import Channel, PointKind, Relation
from app.patients.rules import asked_day
from app.patients.rules_people import HOME_PARTS, LANGUAGES, Home, checked_name
from app.patients.rules_reach import Written, checked, written

PATIENT = ("patient_last", "patient_first", "patient_birth")
PERSON = ("last", "first", "middle", "birth", "relation")
POINTS = {"phone": PointKind.PHONE, "mobile": PointKind.MOBILE, "email": PointKind.EMAIL}
CONSENTS = {f"consent_{one.value}": one for one in Channel}
COLUMNS = (
    *PATIENT, *PERSON, *HOME_PARTS, *POINTS, "language", *CONSENTS, "consent_date", "consent_proof",
)  # fmt: skip
REQUIRED = (*PATIENT, "last", "first", "relation")
ON_POINT = {Channel.SMS: "mobile", Channel.AUTO: "mobile", Channel.EMAIL: "email", Channel.STATEMENT: "email"}
"""The column whose number or address a consent of a row is about; calls: the person as a whole."""


class FileFinding(NamedTuple):
    """What is wrong at a row (headings are row 1) and a column; such a row changes nothing."""

    row: int
    column: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A good row."""

    row: int
    patient_last: str
    patient_first: str
    patient_birth: date
    last: str
    first: str
    middle: str
    birth: date | None
    relation: Relation
    home: Home | None
    points: tuple[Written, ...]
    language: str
    consents: tuple[tuple[Channel, bool], ...]
    consent_date: date | None
    consent_proof: str


def headings(cells: Sequence[Any]) -> dict[str, int]:
    """Where each known column stands, in any order; `Refused` without one it must have, or with one twice."""
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name = re.sub(r"[^a-z0-9]+", "_", str(cell or "").strip().lower()).strip("_")
        if name not in COLUMNS:
            continue
        if name in found:
            raise Refused(f"The column {name} stands there twice.", code="column_twice", field=name)
        found[name] = at
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        words = f"Not a file of guarantors: no column {', '.join(missing)} in its first row."
        raise Refused(words, code="columns_missing", field=missing[0])
    return found


def read_row(number: int, cells: Sequence[Any], places: Mapping[str, int]) -> PersonRow | list[FileFinding]:
    """A row of cells as facts, or everything that is wrong with it."""
    reader = _Reader(
        number, {name: _text(cells[at]) if at < len(cells) else "" for name, at in places.items()}
    )
    patient_birth, birth = reader.day("patient_birth", needed=True), reader.day("birth")
    names = {name: reader.name(name) for name in ("last", "first", "middle")}
    relation, home = reader.relation(), reader.home()
    points = tuple(filter(None, (reader.point(name, kind) for name, kind in POINTS.items())))
    consents, said_on = reader.consents(), reader.day("consent_date")
    language = reader.text("language").lower() or "en"
    if language not in LANGUAGES:
        reader.wrong("language", "language", "Statements are written in en or es.")
    for name in ("patient_last", "patient_first"):
        if not reader.text(name):
            reader.wrong(name, "missing", "The patient's name is missing.")
    if consents and said_on is None:
        reader.wrong("consent_date", "missing", "A consent needs its day.")
    if any(yes for _, yes in consents) and not reader.text("consent_proof"):
        reader.wrong("consent_proof", "missing", "A yes needs its proof.")
    if reader.findings or patient_birth is None or relation is None:
        return reader.findings
    return PersonRow(
        number, reader.text("patient_last"), reader.text("patient_first"), patient_birth, names["last"],
        names["first"], names["middle"], birth, relation, home, points, language, consents, said_on,
        reader.text("consent_proof")[:200],
    )  # fmt: skip


def _text(cell: Any) -> str:
    return cell.isoformat()[:10] if isinstance(cell, date) else str(cell if cell is not None else "").strip()


class _Reader:
    """The cells of a row by column, and what is wrong with them."""

    def __init__(self, row: int, cells: Mapping[str, str]) -> None:
        self.row, self.cells = row, cells
        self.findings: list[FileFinding] = []

    def wrong(self, column: str, code: str, text: str) -> None:
        self.findings.append(FileFinding(self.row, column, code, text))

    def text(self, name: str) -> str:
        return self.cells.get(name, "")

    def day(self, name: str, *, needed: bool = False) -> date | None:
        text = self.text(name)
        found = asked_day(text)
        if found is None and (text or needed):
            self.wrong(name, "day", "A day is written 1970-01-31 or 01/31/1970.")
        return found

    def name(self, name: str) -> str:
        try:
            return checked_name(self.text(name), name)
        except Refused as problem:
            self.wrong(name, problem.code, problem.message)
            return ""

    def relation(self) -> Relation | None:
        text = self.text("relation").lower()
        if text not in {one.value for one in Relation}:
            self.wrong("relation", "relation", f"Not one of {', '.join(Relation)}.")
            return None
        return Relation(text)

    def home(self) -> Home | None:
        parts = {name: self.text(name) for name in HOME_PARTS}
        if not any(parts.values()):
            return None
        try:
            return checked(Home(**parts))
        except Refused as problem:
            self.wrong(problem.field or "street", problem.code, problem.message)
            return None

    def point(self, name: str, kind: PointKind) -> Written | None:
        if not self.text(name):
            return None
        try:
            return written(kind, self.text(name))
        except Refused as problem:
            self.wrong(name, problem.code, problem.message)
            return None

    def consents(self) -> tuple[tuple[Channel, bool], ...]:
        found = []
        for name, channel in CONSENTS.items():
            text = self.text(name).lower()
            if text in ("yes", "no"):
                found.append((channel, text == "yes"))
            elif text:
                self.wrong(name, "consent", "Write yes or no, or nothing.")
            if text and (column := ON_POINT.get(channel)) and not self.text(column):
                self.wrong(name, "consent", f"A consent to this needs the column {column}.")
        return tuple(found)
