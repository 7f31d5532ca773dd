"""Taking billed claims onto the books: linked to their encounter, charged once, then by the difference."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, update

from app.claims.models import (
    Claim,
    ClaimControl,
    ClaimLine,
    ClaimPayer,
    ClaimResent,
    ClaimVersion,
)
from app.claims.queries_controls import CONTROL, given, given_claims
from app.claims.rules import ADDS, REPLACES, VOIDS, Billed, Known, Line, age_of, belongs_to, changed_lines
from app.claims.service_known import Late, Standing, known_claims, standing_of
from app.kernel.bulk import next_batch
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.errors import Stale
from app.kernel.ids import public_ids
from app.kernel.work import Work
from app.ledger import rules as ledger_rules
from app.ledger.entry import Source, Transfer
from app.ledger.rules import Amount
from app.ledger.service import Batch
from app.patients import service as patients
from app.payers import service as payers

_claim, _version = table_of(Claim), table_of(ClaimVersion)
_line, _payer, _resent = table_of(ClaimLine), table_of(ClaimPayer), table_of(ClaimResent)
_control = table_of(ClaimControl)
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
_CLM02 = 2
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
    cents: dict[int, int] = field(default_factory=dict)
    current: dict[int, dict[str, Any]] = field(default_factory=dict)
    covers: list[dict[str, Any]] = field(default_factory=list)
    again: list[tuple[Any, ...]] = field(default_factory=list)


def _short(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def receive(
    w: Work, entity_id: int, transaction_id: int, batch: Sequence[Billed], ledger: Batch, *, day: date
) -> Received:
    """Take up to 2,000 billed claims: a fixed number of statements, whatever their number.

    `day` is when the file was made; charges are dated by their last day of service, or by it.
    """
    next_batch()
    ours = given_claims(w, entity_id, [one.control for one in batch])
    people = patients.recognise(w, entity_id, [one.patient for one in batch if one.control not in ours])
    # A submission of ours is about the patient of its claim, however the name is spelled in it now.
    people |= {one.patient.id: ours[one.control].patient_id for one in batch if one.control in ours}
    payer_ids = _payers(w, entity_id, batch)
    stated = [one.encounter_words(people[one.patient.id]) for one in batch]
    encounters = [_short(words) for words in stated]
    known = known_claims(w, entity_id, batch, encounters, ours)
    standing = standing_of(w, [claim.id for claim in known])
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
        mine = ours.get(one.control)
        claim: Known | None = mine or belongs_to(one, patient_id, encounter, near)
        content = _short(one.content_words(words))
        place = _Place(entity_id, transaction_id, patient_id, encounter, content, payer_ids, day)
        if claim is None:
            _first(draft, one, place, next(publics), standing)
            whose = (one.id, encounter, one.control, patient_id, _day(one.service_from), one.cents)
            claim = Known(*whose, lacks_original=one.frequency in (REPLACES, VOIDS))
            by_encounter[encounter] = claim
            by_control.setdefault(one.control, []).append(claim)
            done.new += 1
        elif _later(draft, one, place, standing[claim.id], ours=mine is not None):
            done.versions += 1
        else:
            done.same += 1
    _write(w, draft)
    ledger.add(draft.transfers, days=draft.days)
    return done


def name_controls(w: Work, entity_id: int, named: Sequence[tuple[str, int]]) -> None:
    """These CLM01s were given to submissions of these claims, as (control number, claim): whatever comes
    under them later belongs there. A number that another claim of the entity has is refused.
    """
    rows = [(entity_id, control, claim_id) for control, claim_id in named]
    bulk_insert(w.db, _control, CONTROL, rows)
    kept = given(w, entity_id, [control for control, _ in named])
    if any(kept[control] != claim_id for control, claim_id in named):
        raise Stale("A control number belongs to another claim. Give this one a new number.")


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


def _first(draft: _Draft, one: Billed, place: _Place, public: str, standing: dict[int, Standing]) -> None:
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
    at = Standing(one.id, one.id, age_of(one.frequency, one.sent, one.id), list(one.lines), set(), one.cents)
    at.contents.add(place.content)
    at.claim_level, at.byte = 0 if whole else one.cents, one.byte
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


def _later(draft: _Draft, one: Billed, place: _Place, at: Standing, *, ours: bool) -> bool:
    """A later version: recorded with its lines; posts only what changes. False when it says nothing new.

    ours: it carries a number we gave, so the last one sent is in force, whatever its frequency.
    """
    if place.content in at.contents:
        draft.again.append((one.id, at.id, place.entity_id, place.transaction_id, one.sent[:12]))
        return False
    at.contents.add(place.content)
    age = age_of(one.frequency, one.sent, one.id, ours=ours)
    if one.frequency == VOIDS:
        _version_rows(draft, one, place, at.id, state="void_pending", live=set())
        return True
    if one.frequency == ADDS:
        _add(draft, one, place, at, age)
        return True
    gone, added = changed_lines(at.lines_before(age), one.lines)
    plain = one.line_total == one.cents and one.rank == 1
    takes_over = ours and plain and age > at.age and not (at.claim_level and at.added)
    if not takes_over and (at.claim_level or not plain or (not gone and not added)):
        _version_rows(draft, one, place, at.id, state="same", live=set())
        return True
    if age < at.age:
        _version_rows(draft, one, place, at.id, state="superseded", live=set())
        return True
    if at.claim_level:
        _uncharge_whole(draft, one, place, at)
        gone, added = at.lines, list(one.lines)
        draft.dead_lines.extend(line.id for line in gone)
    else:
        _uncharge(draft, one, place, at.id, gone)
    _version_rows(draft, one, place, at.id, state="current", live={line.id for line in added})
    _charge(draft, one, place, at.id, added)
    _take_over(draft, one, place, at, age, ours=ours)
    at.lines = [*(line for line in at.lines if line not in gone), *added]
    return True


def _add(draft: _Draft, one: Billed, place: _Place, at: Standing, age: tuple[int, str, int]) -> None:
    """Late charges stand beside the version in force; one that was sent after them states them already."""
    if age < at.age:
        _version_rows(draft, one, place, at.id, state="superseded", live=set())
        return
    _version_rows(draft, one, place, at.id, state="added", live={line.id for line in one.lines})
    _charge(draft, one, place, at.id, list(one.lines))
    at.lines.extend(one.lines)
    at.added[one.id] = Late(age, list(one.lines))
    at.cents += one.cents
    draft.cents[at.id] = at.cents


def _uncharge_whole(draft: _Draft, one: Billed, place: _Place, at: Standing) -> None:
    """Take back a charge that was posted without lines, because they did not add up to it."""
    amount = Amount(at.claim_level, Source(at.current_id, at.byte, _CLM02))
    payer_id, day = place.payer_of(one), _day(one.service_to or one.service_from) or place.day
    draft.transfers.append(
        ledger_rules.charge(at.id, None, payer_id, amount, insured=one.insured, removed=True)
    )
    draft.days.append(day)


def _take_over(
    draft: _Draft, one: Billed, place: _Place, at: Standing, age: tuple[int, str, int], *, ours: bool
) -> None:
    """This version is in force from now on: it states everything, late charges sent before it included."""
    draft.superseded += [at.current_id, *(key for key, late in at.added.items() if late.age < age)]
    at.added = {key: late for key, late in at.added.items() if late.age > age}
    at.cents = one.cents + sum(line.cents for late in at.added.values() for line in late.lines)
    draft.current[at.id] = dict(
        claim=at.id, version=one.id, first=_day(one.service_from), last=_day(one.service_to)
    )
    draft.cents[at.id] = at.cents
    if ours:
        named = (
            (each.rank, place.payer_ids[each.source], each.filing[:2], each.source) for each in one.payers
        )
        draft.covers += [
            dict(whose=at.id, at_rank=rank, payer=payer, files=filing, where=source)
            for rank, payer, filing, source in named
        ]
    at.current_id, at.age, at.byte, at.claim_level = one.id, age, one.byte, 0


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
    _update_claims(w, draft)


def _update_claims(w: Work, draft: _Draft) -> None:
    """The version in force and its charge, and the payers a correction named, as long as none answered."""
    own = update(_claim).where(_claim.c.id == bindparam("claim"))
    if draft.current:
        last = own.values(service_from=bindparam("first"), service_to=bindparam("last"))
        w.db.execute(last.values(current_version_id=bindparam("version")), list(draft.current.values()))
    if draft.cents:
        charges = [dict(claim=claim, cents=cents) for claim, cents in draft.cents.items()]
        w.db.execute(own.values(charge=bindparam("cents")), charges)
    if draft.covers:
        waits = and_(_payer.c.claim_id == bindparam("whose"), _payer.c.rank == bindparam("at_rank"))
        named = update(_payer).where(waits, _payer.c.state == "billed").values(payer_id=bindparam("payer"))
        w.db.execute(named.values(filing=bindparam("files"), source=bindparam("where")), draft.covers)
