"""A file of guarantors taken in: good rows at once, bad ones with their place; twice is once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import select

from app.kernel.bulk import among
from app.kernel.crypto import keyring
from app.kernel.db import in_chunks, table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work
from app.patients import queries_guarantors, queries_reach, service_people, service_reach
from app.patients.lifecycle import Relation, Source
from app.patients.models import Patient, PatientGuarantor
from app.patients.queries_guarantors import GuarantorRow
from app.patients.rules_people import ALWAYS, Proposed, person_words
from app.patients.rules_people_file import ON_POINT, FileFinding, PersonRow, headings, read_row
from app.patients.service_guarantors import NATURAL, open_accounts

FINDINGS, CHUNK = 500, 500
_patient, _of = table_of(Patient), table_of(PatientGuarantor)


@dataclass
class PeopleTaken:
    """What a file did, or would do. rows = changed + same + bad; accounts and patients: keys touched."""

    entity_id: int
    rows: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0
    findings: list[FileFinding] = field(default_factory=list)
    patients: set[int] = field(default_factory=set)
    accounts: set[int] = field(default_factory=set)

    def note(self, findings: Iterable[FileFinding]) -> None:
        """Keep the first of them; the row is counted once."""
        self.bad += 1
        self.findings += list(findings)[: FINDINGS - len(self.findings)]


def preview(w: Work, entity_id: int, rows: Iterable[tuple[int, Sequence[Any]]]) -> PeopleTaken:
    """What a file would do: the whole of it, taken back before anybody can see it."""
    with w.db.begin_nested() as point:
        done = take(w, entity_id, rows)
        point.rollback()
    return done


def take(w: Work, entity_id: int, rows: Iterable[tuple[int, Sequence[Any]]]) -> PeopleTaken:
    """Take the good rows of a file into the accounts of an entity; rows: (number in the file, cells)."""
    w.may(service_reach.RIGHT)
    if entity_id not in w.scope:
        raise NotFound("There is no such entity.", field="entity")
    line = iter(rows)
    first = next(line, None)
    if first is None:
        raise Refused("The file is empty.", code="empty_file")
    places, done = headings(first[1]), PeopleTaken(entity_id)
    for chunk in in_chunks(line, CHUNK):
        good = []
        for number, cells in chunk:
            done.rows += 1
            read = read_row(number, cells, places)
            if isinstance(read, PersonRow):
                good.append(read)
            else:
                done.note(read)
        _take(w, done, good)
    w.audit("guarantors.import", "C", "entity", entity_id, entity_id=entity_id, patients=done.patients,
            detail={"rows": done.rows, "changed": done.changed, "bad": done.bad})  # fmt: skip
    return done


def _natural(last: str, first: str, birth: Any) -> str:
    return keyring().blind(person_words(last, first, birth), NATURAL)


def _take(w: Work, done: PeopleTaken, rows: Sequence[PersonRow]) -> None:
    """A chunk: patients and accounts found set-wise, then what differs is changed row by row."""
    naturals = [_natural(one.patient_last, one.patient_first, one.patient_birth) for one in rows]
    query = select(_patient.c.natural, _patient.c.id, _patient.c.public_id).where(
        w.within(_patient.c.entity_id), _patient.c.entity_id == done.entity_id,
        among(w.db, _patient.c.natural, naturals),
    )  # fmt: skip
    known = {row.natural: row for row in w.db.execute(query)}
    mine: list[tuple[PersonRow, Any, str]] = []
    wanted: dict[str, Proposed] = {}
    for one, natural in zip(rows, naturals, strict=True):
        if natural not in known:
            words = "No patient of this name and birth date came with a claim."
            done.note([FileFinding(one.row, "patient_last", "unknown_patient", words)])
            continue
        place = one.home.words if one.home else natural
        who = natural if one.relation is Relation.SELF else keyring().blind(
            person_words(one.last, one.first, one.birth, place), NATURAL)  # fmt: skip
        person = (one.last, one.first, one.middle, one.birth, one.relation)
        wanted.setdefault(who, Proposed(who, *person, True, one.home, ALWAYS, None))
        mine.append((one, known[natural], who))
    accounts = open_accounts(w, done.entity_id, wanted, Source.FILE)
    for one, patient, who in mine:
        row = queries_guarantors.by_ids(w, [accounts[who]])[accounts[who]]
        if _apply(w, one, patient, row):
            done.changed += 1
            done.patients.add(patient.id)
            done.accounts.add(row.id)
        else:
            done.same += 1


def _apply(w: Work, one: PersonRow, patient: Any, row: GuarantorRow) -> bool:
    changed = _reach(w, one, row)
    if one.relation is not Relation.SELF and not _answers(w, patient.id, row.id):
        service_people.set_guarantor(
            w, patient.public_id, row.public_id, from_day=ALWAYS, reason="File of guarantors"
        )
        changed = True
    now = queries_guarantors.by_ids(w, [row.id])[row.id]
    if not now.confirmed:
        service_people.confirm(w, now.public_id, now.version)
        now, changed = queries_guarantors.by_ids(w, [row.id])[row.id], True
    if now.language != one.language:
        service_people.change(w, now.public_id, now.version, language=one.language)
        changed = True
    return changed


def _answers(w: Work, patient_id: int, account_id: int) -> bool:
    mine = (_of.c.patient_id == patient_id, _of.c.guarantor_id == account_id, w.within(_of.c.entity_id))
    return w.db.execute(select(_of.c.id).where(*mine).limit(1)).scalar() is not None


def _reach(w: Work, one: PersonRow, row: GuarantorRow) -> bool:
    changed = False
    home = queries_reach.addresses(w, [row.id]).get(row.id)
    if one.home is not None and (home is None or queries_reach.words_of(home) != one.home.words):
        service_reach.add_address(w, row.public_id, one.home, version=None, source=Source.FILE)
        changed = True
    there = {point.value: point for point in queries_reach.points(w, [row.id]).get(row.id, [])}
    for said in one.points:
        if said.value not in there:
            service_reach.add_point(w, row.public_id, said.kind, said.value, source=Source.FILE)
            changed = True
    return _consents(w, one, row) or changed


def _consents(w: Work, one: PersonRow, row: GuarantorRow) -> bool:
    if not one.consents or one.consent_date is None:
        return False
    points = {point.kind: point for point in queries_reach.points(w, [row.id]).get(row.id, [])}
    said = queries_reach.consents(w, [row.id])[row.id].said
    at, changed = datetime.combine(one.consent_date, time(12), UTC), False
    at = min(at, w.now)
    for channel, granted in one.consents:
        point = points.get(ON_POINT.get(channel, ""))
        key = (channel.value, granted, point.id if point else None, at.date())
        if key in {(each.channel, each.granted, each.contact_point_id, each.effective_at.date())
                   for each in said}:  # fmt: skip
            continue
        service_reach.consent(
            w, row.public_id, channel, granted, point_public=point.public_id if point else "",
            effective_at=at, source=Source.FILE, proof=one.consent_proof or "file",
        )  # fmt: skip
        changed = True
    return changed
