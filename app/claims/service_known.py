"""What the books know of the claims a batch of billed ones may belong to: a fixed number of reads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select

from app.claims.models import Claim, ClaimControl, ClaimLine, ClaimVersion
from app.claims.rules import REPLACES, VOIDS, Billed, Known, Line, age_of
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work

_claim, _version = table_of(Claim), table_of(ClaimVersion)
_line, _control = table_of(ClaimLine), table_of(ClaimControl)


class Late(NamedTuple):
    """Late charges (frequency 5) that stand beside the version in force."""

    age: tuple[int, str, int]
    lines: list[Line]


@dataclass
class Standing:
    """A claim as it stands while a batch is read. claim_level: cents charged without lines, else 0; byte:
    of the CLM in force; added: the late charges that stand beside it, by version.
    """

    id: int
    current_id: int
    age: tuple[int, str, int]
    lines: list[Line]
    contents: set[str]
    cents: int
    claim_level: int = 0
    has_original: bool = False
    byte: int = 0
    added: dict[int, Late] = field(default_factory=dict)

    def lines_before(self, age: tuple[int, str, int]) -> list[Line]:
        """The lines a version of this age restates: all but late charges sent after it."""
        newer = {line.id for late in self.added.values() if late.age > age for line in late.lines}
        return [line for line in self.lines if line.id not in newer]


def known_claims(
    w: Work, entity_id: int, batch: Sequence[Billed], encounters: Sequence[str], ours: dict[str, Known]
) -> list[Known]:
    """The claims with one of these encounters or control numbers, and those whose numbers we gave."""
    controls = list({one.control for one in batch})
    names = ("id", "encounter", "control", "patient_id", "service_from", "charge")
    either = or_(among(w.db, _claim.c.encounter, encounters), among(w.db, _claim.c.control, controls))
    standing = ~_claim.c.encounter.startswith("undone:")
    query = select(*(_claim.c[name] for name in names)).where(
        _claim.c.entity_id == entity_id, either, standing
    )
    found = {row.id: Known(*row) for row in w.db.execute(query.order_by(_claim.c.id))}
    return list({**found, **{one.id: one for one in ours.values()}}.values())


def standing_of(w: Work, claim_ids: Sequence[int]) -> dict[int, Standing]:
    """How these claims stand by all versions of them that were taken in."""
    found: dict[int, Standing] = {}
    for chunk in in_chunks(claim_ids, BATCH_CLAIMS):
        for row in w.db.execute(_versions(chunk)):
            age = age_of(row.frequency, row.sent, row.id, ours=row.given is not None)
            at = found.setdefault(row.claim_id, Standing(row.claim_id, 0, (-1, "", 0), [], set(), 0))
            at.contents.add(row.content)
            at.has_original |= row.frequency not in (REPLACES, VOIDS)
            if row.state == "current":
                at.current_id, at.age, at.byte = row.id, age, row.byte
            if row.state in ("current", "added"):
                at.cents += int(row.charge)
                at.added |= {row.id: Late(age, [])} if row.state == "added" else {}
        lines = select(_line).where(_line.c.claim_id.in_(chunk), _line.c.live.is_(True)).order_by(_line.c.id)
        for row in w.db.execute(lines):
            at = found[row.claim_id]
            at.lines.append(line_of(row))
            if row.version_id in at.added:
                at.added[row.version_id].lines.append(at.lines[-1])
    for at in found.values():
        if sum(line.cents for line in at.lines) != at.cents:
            at.claim_level = at.cents
    return found


def _versions(claim_ids: Sequence[int]) -> Any:
    given = and_(_control.c.entity_id == _version.c.entity_id, _control.c.control == _version.c.control)
    return (
        select(_version, _control.c.id.label("given"))
        .outerjoin(_control, given)
        .where(_version.c.claim_id.in_(claim_ids))
    )


def line_of(row: Any) -> Line:
    """A stored line as the rules take it."""
    first = row.service_from.isoformat() if row.service_from else None
    last = row.service_to.isoformat() if row.service_to else None
    head = (row.id, row.number, row.control, row.qualifier, row.code, row.modifiers, row.revenue)
    return Line(*head, int(row.charge), row.units, first, last, row.byte, row.element)
