"""What ledger rows come from, by the names people use: claims, remits, transactions, files.

The ledger knows keys only, because what it refers to is known later in the house; its screens ask here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select

from app.claims.models import Claim
from app.intake.models import IntakeFile, IntakeTransaction
from app.kernel.db import in_chunks, table_of
from app.kernel.ids import unpack
from app.kernel.limits import SQL_VARIABLES
from app.kernel.work import Work
from app.ledger.queries import BatchRow, EntryRow
from app.remits.models import Remit, RemitClaim

_claim, _remit, _remit_claim = table_of(Claim), table_of(Remit), table_of(RemitClaim)
_file, _transaction = table_of(IntakeFile), table_of(IntakeTransaction)
CHUNK = SQL_VARIABLES // 2


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with a page: what it is called, its public id, and the patient it is about (0: none)."""

    label: str
    public_id: str
    patient_id: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a remit a remit claim stands."""

    remit: str
    remit_claim: str


@dataclass
class Names:
    """Names by key; a key that is not there belongs to nobody one may see."""

    claims: dict[int, Named] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    files: dict[int, Named] = field(default_factory=dict)

    def source_href(self, source: int, remit_claim_id: int | None) -> str:
        """The page that shows the segment an amount was read from; empty when it is unknown."""
        where = unpack(source)
        if remit_claim_id is not None and remit_claim_id in self.places:
            place = self.places[remit_claim_id]
            return f"/remits/{place.remit}?claim={place.remit_claim}#segment-{where.segment}"
        found = self.files.get(where.file_no)
        return f"/files/{found.public_id}?segment={where.segment}#segment-{where.segment}" if found else ""


def of_entries(w: Work, rows: Iterable[EntryRow]) -> Names:
    """The claims, remits and files that entries speak of: three statements."""
    found = list(rows)
    return of_keys(
        w,
        claims={row.claim_id for row in found if row.claim_id},
        remit_claims={row.remit_claim_id for row in found if row.remit_claim_id},
        files={unpack(row.source).file_no for row in found},
    )


def of_keys(w: Work, *, claims: set[int], remit_claims: set[int], files: set[int]) -> Names:
    """The same for bare keys."""
    names = Names()
    for chunk in in_chunks(sorted(claims), CHUNK):
        query = select(_claim.c.id, _claim.c.control, _claim.c.public_id, _claim.c.patient_id)
        for row in w.db.execute(query.where(_claim.c.id.in_(chunk), w.within(_claim.c.entity_id))):
            names.claims[row.id] = Named(row.control, row.public_id, row.patient_id)
    for chunk in in_chunks(sorted(remit_claims), CHUNK):
        joined = select(_remit_claim.c.id, _remit.c.public_id, _remit_claim.c.public_id).join(
            _remit, _remit.c.id == _remit_claim.c.remit_id
        )
        for key, *publics in w.db.execute(
            joined.where(_remit_claim.c.id.in_(chunk), w.within(_remit_claim.c.entity_id))
        ):
            names.places[key] = Place(*publics)
    for chunk in in_chunks(sorted(files), CHUNK):
        files_of = select(_file.c.file_no, _file.c.name, _file.c.public_id).where(_file.c.file_no.in_(chunk))
        for file in w.db.execute(files_of):
            names.files[file.file_no] = Named(file.name, file.public_id)
    return names


def of_batches(w: Work, rows: Iterable[BatchRow]) -> dict[int, tuple[Named, Named | None]]:
    """By transaction key: the file it came in, and the remit it was; None for billed claims."""
    keys = sorted({row.transaction_id for row in rows if row.transaction_id})
    found: dict[int, tuple[Named, Named | None]] = {}
    for chunk in in_chunks(keys, CHUNK):
        query = (
            select(
                _transaction.c.id,
                _file.c.name,
                _file.c.public_id,
                _remit.c.trace,
                _remit.c.public_id.label("remit"),
            )
            .join(_file, _file.c.file_no == _transaction.c.file_no)
            .outerjoin(_remit, _remit.c.id == _transaction.c.id)
            .where(_transaction.c.id.in_(chunk), w.within(_transaction.c.entity_id))
        )
        for row in w.db.execute(query):
            remit = Named(row.trace, row.remit) if row.remit else None
            found[row.id] = (Named(row.name, row.public_id), remit)
    return found


def claims_called(w: Work, control: str) -> list[int]:
    """The claims with this control number or public id."""
    named = (_claim.c.control == control) | (_claim.c.public_id == control)
    query = select(_claim.c.id).where(named, w.within(_claim.c.entity_id)).limit(1_000)
    return [int(one) for one in w.db.execute(query).scalars()]
