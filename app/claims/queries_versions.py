"""One claim as billed: its versions in order, their lines, their payers, and what each changed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select

from app.claims.models import ClaimLine, ClaimPayer, ClaimVersion
from app.claims.rules import Line, age_of, changed_lines
from app.intake.models import IntakeFile, IntakeTransaction
from app.kernel.db import table_of
from app.kernel.ids import unpack
from app.kernel.money import Money
from app.kernel.work import Work
from app.payers.models import Payer

_version, _line, _covered = table_of(ClaimVersion), table_of(ClaimLine), table_of(ClaimPayer)
_payer, _transaction, _file = table_of(Payer), table_of(IntakeTransaction), table_of(IntakeFile)
FREQUENCIES = {
    "1": "original",
    "2": "interim, first",
    "3": "interim, continuing",
    "4": "interim, last",
    "5": "late charges",
    "7": "replacement",
    "8": "void",
}
SEQUENCES = {"P": "primary", "S": "secondary", "T": "tertiary"}
COMPARED = {
    "charge": "charge",
    "control": "control number",
    "payer": "payer",
    "facility": "place of service",
    "original_reference": "payer's claim number",
    "prior_authorization": "prior authorization",
    "diagnoses": "diagnoses",
}


@dataclass(frozen=True, slots=True)
class LineView:
    """A billed line. `live` ones carry the charges on the books."""

    number: int
    control: str
    code: str
    modifiers: str
    revenue: str
    charge: Money
    units: str
    service_from: date | None
    service_to: date | None
    live: bool
    segment: int
    byte: int


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between a version and the one before it; `what` in words, empty texts: it was not
    there."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class VersionView:
    """A claim as sent once. `sent` is when its file says it was made, `recorded_at` when we took it in; `key`
    stays inside.
    """

    key: int
    number: int
    control: str
    frequency: str
    sequence: str
    charge: Money
    sent: str
    filing: str
    payer: str | None
    original_reference: str | None
    prior_authorization: str | None
    facility: str
    diagnoses: str
    state: str
    segment: int
    segments: int
    byte: int
    file: str
    file_public: str
    recorded_at: datetime
    lines: tuple[LineView, ...]
    changes: tuple[Change, ...]

    @property
    def title(self) -> str:
        """`Version 2: replacement, primary`."""
        kind = FREQUENCIES.get(self.frequency, f"frequency {self.frequency}")
        return f"Version {self.number}: {kind}, {SEQUENCES.get(self.sequence, 'payer ' + self.sequence)}"

    @property
    def sent_on(self) -> date | None:
        """The day its file was made, as the file says."""
        digits = self.sent[:8]
        try:
            return date.fromisoformat(digits) if len(digits) == 8 else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class CoveredView:
    """A payer of a claim by rank."""

    rank: int
    payer: str | None
    payer_public: str | None
    filing: str
    state: str


def payers(w: Work, claim_id: int) -> list[CoveredView]:
    """The payers of a claim, primary first."""
    query = (
        select(_covered.c.rank, _payer.c.name, _payer.c.public_id, _covered.c.filing, _covered.c.state)
        .outerjoin(_payer, _payer.c.id == _covered.c.payer_id)
        .where(_covered.c.claim_id == claim_id, w.within(_covered.c.entity_id))
    )
    return [CoveredView(*row) for row in w.db.execute(query.order_by(_covered.c.rank))]


def versions(w: Work, claim_id: int) -> list[VersionView]:
    """Every version of a claim in the order of their age, each with its lines and what it changed."""
    query = (
        select(
            _version,
            _payer.c.name.label("payer"),
            _file.c.name.label("file"),
            _file.c.public_id.label("file_public"),
            _file.c.received_at,
        )
        .outerjoin(_payer, _payer.c.id == _version.c.payer_id)
        .join(_transaction, _transaction.c.id == _version.c.transaction_id)
        .join(_file, _file.c.file_no == _transaction.c.file_no)
        .where(_version.c.claim_id == claim_id, w.within(_version.c.entity_id))
    )
    rows = sorted(w.db.execute(query), key=lambda row: age_of(row.frequency, row.sent, row.id))
    lines: dict[int, list[Row[Any]]] = {}
    of_claim = select(_line).where(_line.c.version_id.in_([row.id for row in rows]))
    for line in w.db.execute(of_claim.order_by(_line.c.number, _line.c.id)):
        lines.setdefault(line.version_id, []).append(line)
    found: list[VersionView] = []
    for at, row in enumerate(rows):
        before = rows[at - 1] if at else None
        changes = _changes(before, row, lines) if before is not None else ()
        found.append(_view(at + 1, row, lines.get(row.id, []), changes))
    return found


def _view(number: int, row: Row[Any], lines: list[Row[Any]], changes: tuple[Change, ...]) -> VersionView:
    same = ("control", "frequency", "sequence", "charge", "sent", "filing", "payer", "original_reference",
            "prior_authorization", "facility", "diagnoses", "state", "segments", "byte", "file",
            "file_public")  # fmt: skip
    return VersionView(
        key=row.id,
        number=number,
        segment=unpack(row.id).segment,
        recorded_at=row.received_at,
        lines=tuple(_line_view(line) for line in lines),
        changes=changes,
        **{name: getattr(row, name) for name in same},
    )


def _line_view(row: Row[Any]) -> LineView:
    same = ("number", "control", "code", "modifiers", "revenue", "charge", "units", "service_from",
    "service_to", "live", "byte")  # fmt: skip
    return LineView(segment=unpack(row.id).segment, **{name: getattr(row, name) for name in same})


def _changes(before: Row[Any], after: Row[Any], lines: dict[int, list[Row[Any]]]) -> tuple[Change, ...]:
    found = [
        Change(words, str(getattr(before, name) or ""), str(getattr(after, name) or ""))
        for name, words in COMPARED.items()
        if (getattr(before, name) or "") != (getattr(after, name) or "")
    ]
    gone, added = changed_lines(
        [_as_rule(line) for line in lines.get(before.id, [])],
        [_as_rule(line) for line in lines.get(after.id, [])],
    )
    found += [Change(f"line {line.number}", _said(line), "") for line in gone]
    found += [Change(f"line {line.number}", "", _said(line)) for line in added]
    return tuple(found)


def _as_rule(row: Row[Any]) -> Line:
    day = row.service_from.isoformat() if row.service_from else None
    named = (row.id, row.number, row.control, row.qualifier, row.code, row.modifiers, row.revenue)
    return Line(*named, int(row.charge), row.units, day, None, row.byte, row.element)


def _said(line: Line) -> str:
    modifiers = f"-{line.modifiers}" if line.modifiers else ""
    return f"{line.code or line.revenue}{modifiers} × {line.units}, {Money(line.cents):,}"
