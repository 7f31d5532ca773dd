"""Taking billed claims onto the books: linked to their encounter, charged once, then by the difference."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import or_, select, update

from app.claims.models import Claim, ClaimLine, ClaimPayer, ClaimResent, ClaimVersion
from app.claims.rules import ADDS, REPLACES, VOIDS, Billed, Known, Line, age_of, belongs_to, changed_lines
from app.kernel.bulk import among, next_batch
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.errors import Stale
from app.kernel.ids import public_ids
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.ledger import rules as ledger_rules
from app.ledger.entry import Source, Transfer
from app.ledger.rules import Amount
from app.ledger.service import Batch
from app.patients import service as patients
from app.payers import service as payers

_claim, _version = table_of(Claim), table_of(ClaimVersion)
_line, _payer, _resent = table_of(ClaimLine), table_of(ClaimPayer), table_of(ClaimResent)
CLAIM = (
    "id", "public_id", "entity_id", "patient_id", "encounter", "control", "kind", "service_from",
    "service_to", "charge", "current_version_id", "provider_npi", "insured", "recorded_at",
)  # fmt: skip
VERSION = (
    "id", "claim_id", "entity_id", "transaction_id", "control", "frequency", "sequence", "charge",
    "sent", "filing", "payer_id", "original_reference", "prior_authorization", "subscriber_sealed",
    "facility", "diagnoses", "content", "state", "byte", "byte_end", "segments", "drg",
)  # fmt: skip
LINE = (
    "id", "version_id", "claim_id", "number", "control", "qualifier", "code", "modifiers", "revenue",
    "charge", "units", "service_from", "service_to", "byte", "element", "live",
)  # fmt: skip
PAYER = ("claim_id", "rank", "entity_id", "payer_id", "filing", "state", "source")
RESENT = ("id", "claim_id", "entity_id", "transaction_id", "sent")


@dataclass
class Received:
    """What a batch of billed claims became."""

    new: int = 0
    versions: int = 0
    same: int = 0


@dataclass
class _Draft:
    """A batch on its way to the database."""

    claims: list[tuple[Any, ...]] = field(default_factory=list)
    versions: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[tuple[Any, ...]] = field(default_factory=list)
    payers: list[tuple[Any, ...]] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    dead_lines: list[int] = field(default_factory=list)
    current: list[dict[str, Any]] = field(default_factory=list)
    again: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass
class _Standing:
    """A claim as it stands while a batch is read."""

    id: int
    current_id: int
    age: tuple[int, str, int]
    lines: list[Line]
    contents: set[str]
    cents: int
    claim_level: int = 0
    has_original: bool = False


def _short(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def receive(
    w: Work, entity_id: int, transaction_id: int, batch: Sequence[Billed], ledger: Batch, *, day: date
) -> Received:
    """Take up to 2,000 billed claims: a fixed number of statements, whatever their number.

    `day` is when the file was made; charges are dated by their last day of service, or by it.
    """
    next_batch()
    people = patients.recognise(w, entity_id, [one.patient for one in batch])
    payer_ids = _payers(w, entity_id, batch)
    stated = [one.encounter_words(people[one.patient.id]) for one in batch]
    encounters = [_short(words) for words in stated]
    known = _known(w, entity_id, batch, encounters)
    standing = _standing(w, [claim.id for claim in known])
    known = [replace(claim, lacks_original=not standing[claim.id].has_original) for claim in known]
    draft, done = _Draft(), Received()
    publics = iter(public_ids(len(batch)))
    by_encounter = {claim.encounter: claim for claim in known}
    by_control: dict[str, list[Known]] = {}
    for each in known:
        by_control.setdefault(each.control, []).append(each)
    for one, words, encounter in zip(batch, stated, encounters, strict=True):
        patient_id = people[one.patient.id]
        near = [by_encounter[encounter]] if encounter in by_encounter else by_control.get(one.control, [])
        claim: Known | None = belongs_to(one, patient_id, encounter, near)
        content = _short(one.content_words(words))
        place = _Place(entity_id, transaction_id, patient_id, encounter, content, payer_ids, day)
        if claim is None:
            _first(draft, one, place, next(publics), standing)
            whose = (one.id, encounter, one.control, patient_id, _day(one.service_from), one.cents)
            claim = Known(*whose, lacks_original=one.frequency in (REPLACES, VOIDS))
            by_encounter[encounter] = claim
            by_control.setdefault(one.control, []).append(claim)
            done.new += 1
        elif _later(draft, one, place, standing[claim.id]):
            done.versions += 1
        else:
            done.same += 1
    _write(w, draft)
    ledger.add(draft.transfers, days=draft.days)
    return done


def _payers(w: Work, entity_id: int, batch: Sequence[Billed]) -> dict[int, int]:
    """The payer of each mention, by its source; thousands of claims name the same few."""
    sources: dict[tuple[str, tuple[tuple[str, str], ...], str], list[int]] = {}
    for one in batch:
        for each in one.payers:
            sources.setdefault((each.name, each.ids, each.filing), []).append(each.source)
    seen = [payers.SeenPayer(name=name, ids=ids, filing=filing) for name, ids, filing in sources]
    found = payers.recognise(w, entity_id, seen)
    return {source: payer for payer, named in zip(found, sources.values(), strict=True) for source in named}


class _Place(NamedTuple):
    """Where a billed claim belongs; `content` is what its version says, in short."""

    entity_id: int
    transaction_id: int
    patient_id: int
    encounter: str
    content: str
    payer_ids: dict[int, int]
    day: date

    def payer_of(self, one: Billed) -> int | None:
        return next((self.payer_ids[each.source] for each in one.payers if each.rank == one.rank), None)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _known(w: Work, entity_id: int, batch: Sequence[Billed], encounters: list[str]) -> list[Known]:
    controls = list({one.control for one in batch})
    columns = (
        _claim.c.id,
        _claim.c.encounter,
        _claim.c.control,
        _claim.c.patient_id,
        _claim.c.service_from,
        _claim.c.charge,
    )
    either = or_(among(w.db, _claim.c.encounter, encounters), among(w.db, _claim.c.control, controls))
    standing = ~_claim.c.encounter.startswith("undone:")
    query = select(*columns).where(_claim.c.entity_id == entity_id, either, standing).order_by(_claim.c.id)
    rows = w.db.execute(query)
    return [
        Known(row.id, row.encounter, row.control, row.patient_id, row.service_from, row.charge)
        for row in rows
    ]


def _standing(w: Work, claim_ids: list[int]) -> dict[int, _Standing]:
    found: dict[int, _Standing] = {}
    for chunk in in_chunks(claim_ids, BATCH_CLAIMS):
        versions = w.db.execute(select(_version).where(_version.c.claim_id.in_(chunk)))
        for row in versions:
            age = age_of(row.frequency, row.sent, row.id)
            at = found.setdefault(row.claim_id, _Standing(row.claim_id, 0, (-1, "", 0), [], set(), 0))
            at.contents.add(row.content)
            at.has_original |= row.frequency not in (REPLACES, VOIDS)
            if row.state == "current":
                at.current_id, at.age, at.cents = row.id, age, int(row.charge)
        lines = select(_line).where(_line.c.claim_id.in_(chunk), _line.c.live.is_(True)).order_by(_line.c.id)
        for row in w.db.execute(lines):
            found[row.claim_id].lines.append(line_of(row))
    for at in found.values():
        if sum(line.cents for line in at.lines) != at.cents:
            at.claim_level = at.cents
    return found


def line_of(row: Any) -> Line:
    """A stored line as the rules take it."""
    first = row.service_from.isoformat() if row.service_from else None
    last = row.service_to.isoformat() if row.service_to else None
    head = (row.id, row.number, row.control, row.qualifier, row.code, row.modifiers, row.revenue)
    return Line(*head, int(row.charge), row.units, first, last, row.byte, row.element)


def _first(draft: _Draft, one: Billed, place: _Place, public: str, standing: dict[int, _Standing]) -> None:
    """The first version of a claim: all its charges, to the first payer or to the patient."""
    moment = ""
    draft.claims.append(
        (
            one.id,
            public,
            place.entity_id,
            place.patient_id,
            place.encounter,
            one.control[:40],
            one.kind,
            one.service_from,
            one.service_to,
            one.cents,
            one.id,
            one.provider_npi[:20],
            one.insured,
            moment,
        )
    )
    state = "void_pending" if one.frequency == VOIDS else "current"
    live = state == "current"
    _version_rows(
        draft, one, place, one.id, state=state, live={line.id for line in one.lines} if live else set()
    )
    whole = one.line_total == one.cents
    at = _Standing(one.id, one.id, age_of(one.frequency, one.sent, one.id), list(one.lines), set(), one.cents)
    at.contents.add(place.content)
    at.claim_level = 0 if whole else one.cents
    standing[one.id] = at
    if live:
        _charge(draft, one, place, one.id, list(one.lines) if whole else None)


def _charge(draft: _Draft, one: Billed, place: _Place, claim_id: int, lines: list[Line] | None) -> None:
    """Charges line by line; at claim level (None) when the lines do not add up to CLM02."""
    payer_id, day = place.payer_of(one), _day(one.service_to or one.service_from) or place.day
    if lines is None:
        amounts: list[tuple[int | None, Amount]] = [(None, Amount(one.cents, Source(*one.charge_source)))]
    else:
        amounts = [(line.id, Amount(line.cents, Source(line.id, line.byte, line.element))) for line in lines]
    made = [
        ledger_rules.charge(claim_id, line_id, payer_id, amount, insured=one.insured)
        for line_id, amount in amounts
        if amount.cents
    ]
    draft.transfers += made
    draft.days += [day] * len(made)


def _uncharge(draft: _Draft, one: Billed, place: _Place, claim_id: int, lines: list[Line]) -> None:
    payer_id, day = place.payer_of(one), _day(one.service_to or one.service_from) or place.day
    for line in lines:
        amount = Amount(line.cents, Source(line.id, line.byte, line.element))
        if amount.cents:
            draft.transfers.append(
                ledger_rules.charge(claim_id, line.id, payer_id, amount, insured=one.insured, removed=True)
            )
            draft.days.append(day)
    draft.dead_lines.extend(line.id for line in lines)


def _later(draft: _Draft, one: Billed, place: _Place, at: _Standing) -> bool:
    """A later version: recorded with its lines; posts only what changes. False when it says nothing new."""
    if place.content in at.contents:
        draft.again.append((one.id, at.id, place.entity_id, place.transaction_id, one.sent[:12]))
        return False
    at.contents.add(place.content)
    age = age_of(one.frequency, one.sent, one.id)
    if one.frequency == VOIDS:
        _version_rows(draft, one, place, at.id, state="void_pending", live=set())
        return True
    if one.frequency == ADDS:
        _version_rows(draft, one, place, at.id, state="added", live={line.id for line in one.lines})
        _charge(draft, one, place, at.id, list(one.lines))
        at.lines.extend(one.lines)
        at.cents += one.cents
        draft.current.append(dict(claim=at.id, charge=at.cents))
        return True
    gone, added = changed_lines(at.lines, one.lines)
    if at.claim_level or one.line_total != one.cents or (not gone and not added) or one.rank > 1:
        _version_rows(draft, one, place, at.id, state="same", live=set())
        return True
    if age < at.age:
        _version_rows(draft, one, place, at.id, state="superseded", live=set())
        return True
    _version_rows(draft, one, place, at.id, state="current", live={line.id for line in added})
    _uncharge(draft, one, place, at.id, gone)
    _charge(draft, one, place, at.id, added)
    draft.superseded.append(at.current_id)
    days = dict(service_from=_day(one.service_from), service_to=_day(one.service_to))
    draft.current.append(dict(claim=at.id, charge=one.cents, current_version_id=one.id, **days))
    kept = [line for line in at.lines if line not in gone]
    at.current_id, at.age, at.lines, at.cents = one.id, age, [*kept, *added], one.cents
    return True


def _version_rows(
    draft: _Draft, one: Billed, place: _Place, claim_id: int, *, state: str, live: set[int]
) -> None:
    sealed = keyring().seal(one.subscriber, "claim_version.subscriber") if one.subscriber else None
    draft.versions.append(
        (
            one.id,
            claim_id,
            place.entity_id,
            place.transaction_id,
            one.control[:40],
            one.frequency[:2],
            one.sequence[:1],
            one.cents,
            one.sent[:12],
            one.filing[:2],
            place.payer_of(one),
            (one.original_reference or "")[:50] or None,
            (one.prior_authorization or "")[:50] or None,
            sealed,
            one.facility[:4],
            one.diagnoses[:240],
            place.content,
            state,
            one.byte,
            one.byte_end,
            one.segments,
            one.drg[:6] or None,
        )
    )
    for line in one.lines:
        named = (line.number, line.control[:40], line.qualifier[:2], line.code[:48], line.modifiers[:12])
        facts = (line.revenue[:8], line.cents, line.units[:16], line.service_from, line.service_to)
        draft.lines.append(
            (line.id, one.id, claim_id, *named, *facts, line.byte, line.element, line.id in live)
        )
    for payer in one.payers:
        payer_id = place.payer_ids[payer.source]
        draft.payers.append(
            (claim_id, payer.rank, place.entity_id, payer_id, payer.filing[:2], "billed", payer.source)
        )


def _write(w: Work, draft: _Draft) -> None:
    moment = instant_text(w.now)
    claims = [(*row[:-1], moment) for row in draft.claims]
    for table, columns, rows in (
        (_claim, CLAIM, claims),
        (_version, VERSION, draft.versions),
        (_line, LINE, draft.lines),
    ):
        if bulk_insert(w.db, table, columns, rows, fresh=True) != len(rows):
            raise Stale("Another import billed the same visit in the same moment.")
    bulk_insert(w.db, _payer, PAYER, draft.payers)
    bulk_insert(w.db, _resent, RESENT, draft.again)
    if draft.superseded:
        w.db.execute(update(_version).where(_version.c.id.in_(draft.superseded)).values(state="superseded"))
    if draft.dead_lines:
        w.db.execute(update(_line).where(_line.c.id.in_(draft.dead_lines)).values(live=False))
    for change in draft.current:
        claim_id = change.pop("claim")
        w.db.execute(update(_claim).where(_claim.c.id == claim_id).values(**change))
