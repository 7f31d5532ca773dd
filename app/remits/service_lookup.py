"""What the books know that a batch of payment lines may touch: read set-wise, in a few statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Text, cast, func, select, type_coerce

from app.claims.models import Claim, ClaimLine, ClaimPayer, ClaimVersion
from app.claims.queries_controls import given
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.ledger import service as ledger
from app.ledger.entry import Transfer
from app.ledger.models import ClaimBalance
from app.patients.models import Patient
from app.remits import rules
from app.remits.models import RemitAdjustment, RemitClaim
from app.remits.rules import BilledLine, Candidate
from app.remits.rules_fhir import EobFacts, OtherEob
from app.remits.service_fhir import facts as eob_facts
from app.remits.service_fhir import others as other_eobs

_claim, _adjustment, _billed = table_of(RemitClaim), table_of(RemitAdjustment), table_of(Claim)
_version, _line, _payer = table_of(ClaimVersion), table_of(ClaimLine), table_of(ClaimPayer)
_patient, _balance = table_of(Patient), table_of(ClaimBalance)


@dataclass
class Known:
    """What the books know that a batch of CLPs may touch, read set-wise. ours: numbers we gave -> claim."""

    by_control: dict[str, list[Candidate]] = field(default_factory=dict)
    by_payer_control: dict[str, list[Candidate]] = field(default_factory=dict)
    lines: dict[int, list[BilledLine]] = field(default_factory=dict)
    ranks: dict[int, list[int]] = field(default_factory=dict)
    live: dict[tuple[str, int], Any] = field(default_factory=dict)
    live_by_control: dict[str, list[Any]] = field(default_factory=dict)
    posted: dict[int, dict[tuple[str, str], int]] = field(default_factory=dict)
    entries: dict[int, list[Transfer]] = field(default_factory=dict)
    open: dict[int, int] = field(default_factory=dict)
    patients: dict[int, int] = field(default_factory=dict)
    ours: dict[str, int] = field(default_factory=dict)
    eobs: list[OtherEob] = field(default_factory=list)
    eob: EobFacts | None = None


def look_up(
    w: Work, entity_id: int, batch: Sequence[Any], claim_ids: Sequence[int] = (), *, eob: int | None = None
) -> Known:
    """Everything a batch of CLPs may touch, in a fixed number of reads.

    claim_ids: named by a person; eob: the remit, when the batch is the claim of an EOB.
    """
    known = Known()
    controls = list({clp.control for clp in batch if clp.control})
    named = list({value for clp in batch for value in payer_controls(clp)})
    mine = _version.c.entity_id == entity_id
    for candidate in _candidates(w, mine, among(w.db, _version.c.control, controls)):
        known.by_control.setdefault(candidate.control, []).append(candidate)
    known.ours = given(w, entity_id, controls)
    wanted = {one.claim_id for found in known.by_control.values() for one in found} | set(claim_ids)
    _live(w, entity_id, named, known)
    missing = {row.claim_id for rows in known.live_by_control.values() for row in rows} - wanted - {None}
    unknown = [value for value in named if value not in known.live_by_control]
    wanted |= _by_payer_control(w, entity_id, known, unknown, controls) | missing
    _eobs(w, entity_id, known, (named, [key for key in wanted if key is not None], eob))
    if wanted:
        _lines_and_ranks(w, list(wanted), known)
    if claim_ids:
        people = select(_billed.c.id, _billed.c.patient_id).where(among(w.db, _billed.c.id, claim_ids))
        known.patients = {row.id: row.patient_id for row in w.db.execute(people)}
    reversed_ids = [
        row.id
        for clp in batch
        if clp.status == rules.REVERSAL
        for value in payer_controls(clp)
        for row in known.live_by_control.get(value, ())
    ]
    if reversed_ids:
        known.entries = ledger.reversing_claims(w, reversed_ids)
        _posted_totals(w, reversed_ids, known)
    if any(rules.rank_of(clp.status) > 1 for clp in batch):
        mine = among(w.db, _balance.c.claim_id, list(wanted))
        rows = w.db.execute(select(_balance.c.claim_id, _balance.c.payer).where(mine))
        known.open = {row.claim_id: int(row.payer) for row in rows}
    return known


def _eobs(w: Work, entity_id: int, known: Known, about: tuple[list[str], list[int], int | None]) -> None:
    """EOBs are no adjudications an 835 could repeat: they are looked at apart, and give way."""
    numbers, claims, eob = about
    if eob is not None:
        known.eob = eob_facts(w, entity_id, eob, numbers, claims)
    else:
        known.eobs = other_eobs(w, entity_id, numbers, claims)
    mine = {one.id for one in (known.eob.others if known.eob else known.eobs)}
    known.live = {key: row for key, row in known.live.items() if row.id not in mine}
    known.live_by_control = {
        name: [row for row in rows if row.id not in mine] for name, rows in known.live_by_control.items()
    }


def _candidates(w: Work, *conditions: Any) -> list[Candidate]:
    charge = type_coerce(_billed.c.charge, BigInteger)
    head = (_billed.c.id, _billed.c.patient_id, _version.c.control, charge)
    columns = (*head, _billed.c.service_from, _patient.c.last)
    query = (
        select(*columns)
        .join(_billed, _billed.c.id == _version.c.claim_id)
        .join(_patient, _patient.c.id == _billed.c.patient_id)
        .where(*conditions, _version.c.state != "undone")
        .distinct()
    )
    found = w.db.execute(query).all()
    return [tuple.__new__(Candidate, (*facts, (last or "").upper())) for *facts, last in found]


def _live(w: Work, entity_id: int, named: list[str], known: Known) -> None:
    columns = (
        _claim.c.id,
        _claim.c.claim_id,
        _claim.c.control,
        _claim.c.payer_control,
        _claim.c.rank,
        _claim.c.charge,
        _claim.c.paid,
        _billed.c.patient_id,
    )
    query = select(*columns).join(_billed, _billed.c.id == _claim.c.claim_id)
    query = query.where(
        _claim.c.entity_id == entity_id, among(w.db, _claim.c.payer_control, named), _claim.c.live.is_(True)
    )
    for row in w.db.execute(query):
        known.live[row.payer_control, row.rank] = row
        known.live_by_control.setdefault(row.payer_control, []).append(row)


def _by_payer_control(
    w: Work, entity_id: int, known: Known, named: list[str], controls: list[str]
) -> set[int]:
    """Claims known by the payer's number, for CLPs whose own control number nobody knows."""
    if all(control in known.by_control for control in controls):
        return set()
    candidates: dict[int, Candidate] = {}
    pairs = w.db.execute(
        select(_claim.c.payer_control, _claim.c.claim_id)
        .where(_claim.c.entity_id == entity_id)
        .where(among(w.db, _claim.c.payer_control, [*named, *known.live_by_control]))
        .where(_claim.c.claim_id.is_not(None))
        .distinct()
    ).all()
    for one in _candidates(w, among(w.db, _version.c.claim_id, list({pair.claim_id for pair in pairs}))):
        candidates[one.claim_id] = one
    for payer_control, claim_id in pairs:
        if claim_id in candidates:
            known.by_payer_control.setdefault(payer_control, []).append(candidates[claim_id])
    return set(candidates)


def _lines_and_ranks(w: Work, wanted: list[int], known: Known) -> None:
    """Rows as the driver gives them: whole cents and ISO days need no types of their own here."""
    day, cents = cast(_line.c.service_from, Text), type_coerce(_line.c.charge, BigInteger)
    words = (_line.c.control, _line.c.code, _line.c.modifiers, _line.c.revenue)
    lines = select(_line.c.claim_id, _line.c.id, _line.c.number, *words, cents, day)
    lines = lines.where(among(w.db, _line.c.claim_id, wanted), _line.c.live.is_(True))
    for claim_id, *facts in w.db.execute(lines).all():
        known.lines.setdefault(claim_id, []).append(tuple.__new__(BilledLine, facts))
    ranks = select(_payer.c.claim_id, _payer.c.rank).where(among(w.db, _payer.c.claim_id, wanted))
    for claim_id, rank in w.db.execute(ranks).all():
        known.ranks.setdefault(claim_id, []).append(rank)


def _posted_totals(w: Work, remit_claim_ids: list[int], known: Known) -> None:
    columns = (_adjustment.c.remit_claim_id, _adjustment.c.cas_group, _adjustment.c.carc)
    query = select(*columns, func.sum(_adjustment.c.amount)).where(
        among(w.db, _adjustment.c.remit_claim_id, remit_claim_ids)
    )
    for claim_id, group, carc, cents in w.db.execute(query.group_by(*columns)):
        known.posted.setdefault(claim_id, {})[group, carc] = int(cents)


def payer_controls(clp: Any) -> list[str]:
    """The payer's claim numbers a CLP may be known by: of the original it speaks of, then its own."""
    return [value for value in (*clp.refs.get("F8", ()), clp.payer_control) if value]
