"""Taking in what answers before payment: kept as said, matched to what we sent, and what follows from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update

from app.claims import queries_controls, service_states
from app.claims.models import Acknowledgement, Claim, ClaimAnswer, ClaimEvent, ClaimVersion, Transmission
from app.claims.rules_answers import Asked, Candidate, Way, answered, way_state, whose
from app.claims.translate import Acked, ClaimAnswered
from app.entities import queries as entities
from app.intake.models import IntakeInterchange, IntakeTransaction
from app.intake.translate import CLAIM_KINDS
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.ids import public_ids
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work, exists
from app.patients.models import Patient

_said, _way = table_of(Acknowledgement), table_of(Transmission)
_answer, _event = table_of(ClaimAnswer), table_of(ClaimEvent)
_claim, _version, _patient = table_of(Claim), table_of(ClaimVersion), table_of(Patient)
_transaction, _interchange = table_of(IntakeTransaction), table_of(IntakeInterchange)
SAID = (
    "id", "public_id", "source_id", "level", "interchange", "group_control", "set_control", "partner",
    "code", "notes", "day", "errors", "recorded_at",
)  # fmt: skip
ANSWER = (
    "id", "public_id", "source_id", "kind", "origin", "origin_name", "control", "payer_control",
    "clearinghouse_control", "provider", "last", "service_from", "amount", "category", "status",
    "entity_code", "label", "proposed", "statuses", "lines", "move", "day", "words", "paid", "finalized",
    "remitted", "remit_trace", "recorded_at",
)  # fmt: skip
EVENT = (
    "claim_id", "entity_id", "answer_id", "source_id", "kind", "move", "category", "status",
    "entity_code", "origin", "day", "recorded_at",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """The document that answers: its transaction, its kind, the day it was made, who sent it (ISA06)."""

    id: int
    kind: str
    day: date
    partner: str


@dataclass(frozen=True)
class Taken:
    """What an answer came to: how much it says, how much of that is about something of ours, whose."""

    said: int
    matched: int
    entities: frozenset[int]


def take_ways(w: Work, source: Source, acked: Sequence[Acked]) -> Taken:
    """Keep what a TA1 or 999 says, and move the transactions and claims it speaks of."""
    moment, names = instant_text(w.now), public_ids(len(acked))
    rows = [
        (
            one.id, names[at], source.id, one.level, one.interchange, one.group_control, one.set_control,
            source.partner, one.code[:2], one.notes[:60], source.day.isoformat(),
            service_states.as_json(one.errors), moment,
        )
        for at, one in enumerate(acked)
    ]  # fmt: skip
    bulk_insert(w.db, _said, SAID, rows)
    groups = {one.group_control for one in acked if one.group_control}
    match_ways(w, groups, {one.interchange for one in acked if one.interchange})
    mine = select(_said.c.entity_id).where(_said.c.source_id == source.id, _said.c.entity_id.is_not(None))
    found = list(w.db.execute(mine).scalars())
    return Taken(len(acked), len(found), frozenset(found))


def match_ways(w: Work, groups: Iterable[str], interchanges: Iterable[str]) -> None:
    """Find which of our transactions the TA1s and 999s with these numbers speak of, and where that leaves
    them. Depends on what is known, not on what came first.
    """
    sent = _sent(w, set(groups), set(interchanges))
    if not sent:
        return
    groups = {row.group_control for row in sent if row.group_control}
    controls = {row.interchange.lstrip("0") for row in sent}
    sent = _sent(w, groups, controls)
    said = w.db.execute(
        select(_said).where(
            or_(
                and_(_said.c.level == "interchange", among(w.db, _said.c.interchange, sorted(controls))),
                and_(_said.c.level != "interchange", among(w.db, _said.c.group_control, sorted(groups))),
            )
        )
    ).all()
    about: dict[int, list[Way]] = {}
    owners: list[dict[str, Any]] = []
    for one in said:
        spoken = _spoken_of(one, sent)
        for row in spoken:
            about.setdefault(row.about, []).append(Way(one.day, one.id, one.level, one.code))
        if spoken:
            owners.append({"this": one.id, "owner": spoken[0].entity_id, "which": spoken[0].about})
    if owners:
        found = update(_said).where(_said.c.id == bindparam("this"))
        w.db.execute(found.values(entity_id=bindparam("owner"), about_id=bindparam("which")), owners)
    entity_of = {row.about: row.entity_id for row in sent}
    _stand(w, about, entity_of)


@dataclass(frozen=True)
class _Sent:
    """A transaction of claims we sent. about: itself, or the one it repeats word for word."""

    id: int
    about: int
    entity_id: int
    group_control: str
    control: str
    interchange: str
    interchange_id: int
    receiver: str
    day: date


def _sent(w: Work, groups: set[str], interchanges: set[str]) -> list[_Sent]:
    columns = (
        _transaction.c.id, _transaction.c.same_as_id, _transaction.c.entity_id, _transaction.c.group_control,
        _transaction.c.control, _transaction.c.state, _interchange.c.control.label("interchange"),
        _interchange.c.id.label("interchange_id"), _interchange.c.receiver, _interchange.c.day,
    )  # fmt: skip
    padded = sorted({form for one in interchanges for form in (one, one.zfill(9))})
    query = (
        select(*columns)
        .join(_interchange, _interchange.c.id == _transaction.c.interchange_id)
        .where(
            _transaction.c.kind.in_(CLAIM_KINDS),
            or_(
                _transaction.c.state == "posted",
                and_(_transaction.c.state == "ignored", _transaction.c.same_as_id.is_not(None)),
            ),
            or_(
                among(w.db, _transaction.c.group_control, sorted(groups)),
                among(w.db, _interchange.c.control, padded),
            ),
        )
    )
    rows = w.db.execute(query).all()
    originals = [row.same_as_id for row in rows if row.state == "ignored"]
    owners = select(_transaction.c.id, _transaction.c.entity_id).where(_transaction.c.id.in_(originals))
    owner = dict(tuple(row) for row in w.db.execute(owners)) if originals else {}
    found = []
    for row in rows:
        about = row.same_as_id if row.state == "ignored" else row.id
        entity = owner.get(about, row.entity_id)
        if entity is not None:
            facts = (row.group_control, row.control.lstrip("0"), row.interchange, row.interchange_id)
            found.append(_Sent(row.id, about, entity, *facts, row.receiver, day_of(row.day) or date.min))
    return found


def day_of(text: str) -> date | None:
    """A day as an envelope writes it: YYMMDD or YYYYMMDD; None when it is none."""
    whole = f"20{text}" if len(text) == 6 else text
    try:
        return date(int(whole[:4]), int(whole[4:6]), int(whole[6:8]))
    except ValueError:
        return None


def _spoken_of(one: Any, sent: Sequence[_Sent]) -> list[_Sent]:
    """The transactions an answer speaks of: numbers are used again, so the partner and the day decide."""
    if one.level == "interchange":
        near = [row for row in sent if row.interchange.lstrip("0") == one.interchange]
    else:
        near = [row for row in sent if row.group_control == one.group_control]
        if one.level == "set":
            near = [row for row in near if row.control == one.set_control]
    near = [row for row in near if row.receiver == one.partner] or near
    chosen = answered([(row.day, row.interchange_id) for row in near], one.day)
    return [row for row in near if row.interchange_id == chosen]


def _stand(w: Work, about: dict[int, list[Way]], entity_of: dict[int, int]) -> None:
    """Write where these transactions stand; their claims and the queue follow."""
    if not about:
        return
    known = select(_way.c.transaction_id, _way.c.state, _way.c.acknowledgement_id, _way.c.public_id)
    before = {
        row.transaction_id: row
        for row in w.db.execute(known.where(among(w.db, _way.c.transaction_id, sorted(about))))
    }
    rows = []
    for key, ways in sorted(about.items()):
        stood = way_state(ways)
        old = before.get(key)
        if stood is None or (old and (old.state, old.acknowledgement_id) == (stood[0].value, stood[1].key)):
            continue
        public = old.public_id if old else public_ids(1)[0]
        facts = (stood[0].value, stood[1].day.isoformat(), stood[1].key, instant_text(w.now))
        rows.append((key, public, entity_of[key], *facts))
    changed = [row[0] for row in rows]
    w.db.execute(_way.delete().where(_way.c.transaction_id.in_(changed)))
    columns = (
        "transaction_id",
        "public_id",
        "entity_id",
        "state",
        "since",
        "acknowledgement_id",
        "recorded_at",
    )
    bulk_insert(w.db, _way, columns, rows)
    service_states.follow_transmissions(w, changed)


# ---------------------------------------------------------------- claims


def take_claims(w: Work, source: Source, origin: tuple[str, str], answers: Sequence[ClaimAnswered]) -> Taken:
    """Keep what a 277CA or 277 says of up to 2,000 claims, and move those that are ours."""
    moment, names = instant_text(w.now), public_ids(len(answers))
    rows = [
        (
            one.id, names[at], source.id, source.kind, *origin, one.controls[0] if one.controls else "",
            one.payer_control, one.clearinghouse_control, one.asked.provider, one.asked.last[:60].upper(),
            one.asked.service_from.isoformat() if one.asked.service_from else None, one.asked.cents,
            *one.said, one.label, one.proposed, service_states.as_json(one.statuses),
            service_states.as_json(one.lines), one.move.value, one.day or source.day.isoformat(), one.words,
            one.paid, one.finalized, one.remitted, one.trace, moment,
        )
        for at, one in enumerate(answers)
    ]  # fmt: skip
    bulk_insert(w.db, _answer, ANSWER, rows)
    found = match_claims(w, _answer.c.source_id == source.id)
    return Taken(len(answers), len(found), frozenset(found.values()))


def match_claims(w: Work, which: Any) -> dict[int, int]:
    """Match waiting answers to claims by control number; returns {answer: entity} of those found."""
    waiting = w.db.execute(select(_answer).where(which, _answer.c.claim_id.is_(None))).all()
    found: dict[int, int] = {}
    for chunk in in_chunks(waiting, BATCH_CLAIMS):
        controls = {row.control for row in chunk if row.control}
        known, ours = _candidates(w, controls), _given(w, controls)
        matched = []
        for row in chunk:
            asked = Asked(row.last, row.service_from, _cents(row.amount), row.provider)
            claim = ours.get(row.control) or whose(asked, known.get(row.control, []))
            if claim is not None:
                matched.append((row, claim))
                found[row.id] = claim.entity_id
        _keep_events(w, matched)
        service_states.restate(w, sorted({claim.claim_id for _, claim in matched}))
        asked_for = [claim.claim_id for row, claim in matched if row.kind == "277"]
        service_states.note_status(w, asked_for, w.now.date())
    return found


def _cents(amount: Any) -> int | None:
    return None if amount is None else int(amount)


def _candidates(w: Work, controls: set[str]) -> dict[str, list[Candidate]]:
    """The claims that were ever sent under these control numbers, the undone ones left out."""
    owners = [one.id for one in entities.practices(w)]
    query = (
        select(
            _version.c.control, _claim.c.id, _claim.c.entity_id, _patient.c.last, _claim.c.service_from,
            _claim.c.charge, _claim.c.provider_npi,
        )
        .join(_claim, _claim.c.id == _version.c.claim_id)
        .join(_patient, _patient.c.id == _claim.c.patient_id)
        .where(
            _version.c.entity_id.in_(owners),
            among(w.db, _version.c.control, sorted(controls)),
            _version.c.state != "undone",
        )
        .distinct()
    )  # fmt: skip
    found: dict[str, list[Candidate]] = {}
    for row in w.db.execute(query):
        one = Candidate(row.id, row.entity_id, row.last, row.service_from, int(row.charge), row.provider_npi)
        found.setdefault(row.control, []).append(one)
    return found


def _given(w: Work, controls: set[str]) -> dict[str, Candidate]:
    """The claims of the control numbers we gave: each is given once, so nothing else has to agree. Known
    from the moment the number was given, whether or not the file that carries it was taken in already.
    """
    found: dict[str, Candidate | None] = {}
    for row in queries_controls.owners(w, controls):
        one = Candidate(row.id, row.entity_id, "", row.service_from, int(row.charge), "")
        found[row.named] = None if row.named in found else one
    return {control: one for control, one in found.items() if one is not None}


def _keep_events(w: Work, matched: Sequence[tuple[Any, Candidate]]) -> None:
    if not matched:
        return
    moment = instant_text(w.now)
    rows = [
        (
            claim.claim_id, claim.entity_id, row.id, row.source_id, row.kind, row.move, row.category,
            row.status, row.entity_code, row.origin, row.day.isoformat(), moment,
        )
        for row, claim in matched
    ]  # fmt: skip
    bulk_insert(w.db, _event, EVENT, rows)
    belongs = update(_answer).where(_answer.c.id == bindparam("this"))
    w.db.execute(
        belongs.values(claim_id=bindparam("which"), entity_id=bindparam("owner")),
        [{"this": row.id, "which": claim.claim_id, "owner": claim.entity_id} for row, claim in matched],
    )


def retry(w: Work, transaction_id: int) -> None:
    """A transaction of claims was posted: answers that came before it find their claims now, and claims
    that went out again stand anew.
    """
    row = w.db.execute(
        select(_transaction.c.group_control, _interchange.c.control)
        .join(_interchange, _interchange.c.id == _transaction.c.interchange_id)
        .where(_transaction.c.id == transaction_id, _transaction.c.kind.in_(CLAIM_KINDS))
    ).one_or_none()
    if row is None:
        return
    number = row.control.lstrip("0")
    about = or_(
        and_(_said.c.group_control == row.group_control, _said.c.group_control != ""),
        and_(_said.c.interchange == number, _said.c.interchange != ""),
    )
    if exists(w, select(_said.c.id).where(about)):
        match_ways(w, {row.group_control} if row.group_control else (), {number})
    waiting = _answer.c.claim_id.is_(None)
    if exists(w, select(_answer.c.id).where(waiting)):
        own = select(_version.c.control).where(_version.c.transaction_id == transaction_id)
        match_claims(w, _answer.c.control.in_(own))
    service_states.restate_again(w, transaction_id)
