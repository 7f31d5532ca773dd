"""Who answers for what: found for whole batches of visits, proposed where nobody said, changed by people."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, exists, select, update

from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.ids import public_ids
from app.kernel.work import Work
from app.patients.lifecycle import Deliverability, Source
from app.patients.models import Guarantor, GuarantorAddress, Patient, PatientGuarantor, VisitGuarantor
from app.patients.queries_reach import ADDRESS
from app.patients.rules_people import (
    ADULT_AT,
    HOME_SEALED,
    Home,
    Person,
    Proposed,
    Visit,
    account_number,
    lives_of,
    propose,
)

NATURAL, HOME_LOOKUP = "patient.natural", "guarantor.home"
GUARANTOR = (
    "id", "public_id", "entity_id", "number", "natural", "last", "first", "middle", "birth", "relation",
    "confirmed", "confidential", "language", "state", "recorded_at", "version",
)  # fmt: skip
ADDRESS_COLUMNS = (
    "id", "public_id", "entity_id", "guarantor_id", "sealed", "lookup", "state", "source", "effective_from",
    "mail", "mail_code", "author", "recorded_at", "version",
)  # fmt: skip
OF = (
    "id", "entity_id", "patient_id", "guarantor_id", "effective_from", "effective_to", "reason", "author",
    "recorded_at",
)  # fmt: skip
_guarantor, _address = table_of(Guarantor), table_of(GuarantorAddress)
_of, _visit, _patient = table_of(PatientGuarantor), table_of(VisitGuarantor), table_of(Patient)
ADULTS: Mapping[str, int] = {"": ADULT_AT}
Spans = dict[int, list[tuple[date, date | None, int]]]


def resolve(
    w: Work, entity_id: int, visits: Sequence[Visit], *, ages: Mapping[str, int] = ADULTS
) -> dict[int, int | None]:
    """The account that answers for each visit: {claim: account}; None while nobody is known.

    A word about the visit itself comes first, then who answers for the patient on its day of service, then
    the adult patient; a minor's is proposed and waits to be confirmed. Missing guarantors are made. A fixed
    number of statements whatever the number of visits; any order, and twice, gives the same.

    ages: years from which people answer for themselves, by state; "" for the others.
    """
    if not visits:
        return {}
    today = w.today(entities.get(w, entity_id).time_zone)
    ruled = _ruled(w, [one.claim_id for one in visits])
    left = [one for one in visits if one.claim_id not in ruled]
    spans = _spans(w, [one.patient_id for one in left])
    open_ = {
        (one.patient_id, one.service_from or today)
        for one in left
        if _of_day(spans, one.patient_id, one.service_from or today) is None
    }
    if open_:
        _propose(w, entity_id, open_, ages)
        spans |= _spans(w, [patient for patient, _ in open_])
    found: dict[int, int | None] = dict(ruled)
    for one in left:
        found[one.claim_id] = _of_day(spans, one.patient_id, one.service_from or today)
    return found


def _ruled(w: Work, claim_ids: Sequence[int]) -> dict[int, int]:
    query = select(_visit.c.claim_id, _visit.c.guarantor_id).where(w.within(_visit.c.entity_id))
    return dict(w.db.execute(query.where(among(w.db, _visit.c.claim_id, claim_ids))).all())


def _spans(w: Work, patient_ids: Iterable[int]) -> Spans:
    keys = sorted(set(patient_ids))
    query = select(_of.c.patient_id, _of.c.effective_from, _of.c.effective_to, _of.c.guarantor_id)
    query = query.where(w.within(_of.c.entity_id), among(w.db, _of.c.patient_id, keys))
    found: Spans = {}
    for patient_id, *span in w.db.execute(query) if keys else ():
        found.setdefault(patient_id, []).append((span[0], span[1], span[2]))
    return found


def _of_day(spans: Spans, patient_id: int, on: date) -> int | None:
    for since, until, account in spans.get(patient_id, ()):
        if since <= on and (until is None or on < until):
            return account
    return None


def _propose(w: Work, entity_id: int, asked: Iterable[tuple[int, date]], ages: Mapping[str, int]) -> None:
    asked = sorted(asked)
    people = persons(w, [patient for patient, _ in asked])
    made: dict[tuple[int, date], Proposed] = {}
    for patient, on in asked:
        proposed = propose(people[patient], on, ages) if patient in people else None
        if proposed is not None:
            made[patient, proposed.effective_from] = proposed
    ring = keyring()
    naturals = {
        key: ring.blind(one.identity, NATURAL) if one.identity else people[key[0]].natural
        for key, one in made.items()
    }
    accounts = open_accounts(w, entity_id, {naturals[key]: one for key, one in made.items()}, Source.CLAIM)
    spans = [
        (patient, accounts[naturals[patient, since]], since, one.effective_to, one.relation.value)
        for (patient, since), one in made.items()
    ]
    answer_for(w, entity_id, spans)


def persons(w: Work, patient_ids: Iterable[int]) -> dict[int, Person]:
    """What decides who answers for these patients; their home is opened for that."""
    named = ("id", "natural", "last", "first", "middle", "birth", "member_lookup", "home_sealed")
    query = select(*(_patient.c[name] for name in named)).where(w.within(_patient.c.entity_id))
    ring, found = keyring(), {}
    for row in w.db.execute(query.where(among(w.db, _patient.c.id, sorted(set(patient_ids))))):
        lives = lives_of(ring.open(bytes(row.home_sealed), HOME_SEALED)) if row.home_sealed else None
        known = (row.id, row.natural, row.last, row.first, row.middle, row.birth)
        found[row.id] = Person(*known, row.member_lookup or "", lives)
    return found


def open_accounts(w: Work, entity_id: int, wanted: Mapping[str, Proposed], source: Source) -> dict[str, int]:
    """The account of each person by fingerprint; missing ones are opened, with the address that is known."""
    found = accounts_of(w, entity_id, list(wanted))
    fresh = [(natural, one) for natural, one in wanted.items() if natural not in found]
    if not fresh:
        return found
    first, names = w.numbers("guarantor", len(fresh)), public_ids(len(fresh))
    nth, moment = w.numbers(f"account:{entity_id}", len(fresh)), instant_text(w.now)
    rows = [
        (
            first + n, names[n], entity_id, account_number(nth + n), natural, one.last[:80], one.first[:60],
            one.middle[:40], one.birth and one.birth.isoformat(), one.relation.value, one.confirmed, False,
            "en", one.home.state if one.home and one.home.whole else "", moment, 1,
        )
        for n, (natural, one) in enumerate(fresh)
    ]  # fmt: skip
    bulk_insert(w.db, _guarantor, GUARANTOR, rows)
    found |= accounts_of(w, entity_id, [natural for natural, _ in fresh])
    mine = {row[4] for row in rows if found[row[4]] == row[0]}
    homes = [(found[natural], one.home) for natural, one in fresh if natural in mine and one.home]
    live_at(w, entity_id, [(account, home) for account, home in homes if home.whole], source)
    return found


def accounts_of(w: Work, entity_id: int, naturals: Sequence[str]) -> dict[str, int]:
    """The ordinary account of each fingerprint that has one."""
    query = select(_guarantor.c.natural, _guarantor.c.id).where(
        w.within(_guarantor.c.entity_id), _guarantor.c.entity_id == entity_id,
        _guarantor.c.confidential.is_(False), among(w.db, _guarantor.c.natural, naturals),
    )  # fmt: skip
    return dict(w.db.execute(query).all())


def live_at(
    w: Work,
    entity_id: int,
    homes: Sequence[tuple[int, Home]],
    source: Source,
    *,
    since: date | None = None,
) -> list[str]:
    """New addresses of accounts, in one write, from a day on (today by default); returns public ids."""
    if not homes:
        return []
    first, names, ring = w.numbers("guarantor_address", len(homes)), public_ids(len(homes)), keyring()
    day = (since or w.today(entities.get(w, entity_id).time_zone)).isoformat()
    end = (Deliverability.GOOD.value, "", w.actor.name[:80], instant_text(w.now), 1)
    rows = [
        (
            first + n, names[n], entity_id, account, ring.seal(home.text, ADDRESS),
            ring.blind(home.words, HOME_LOOKUP), home.state, source.value, day, *end,
        )
        for n, (account, home) in enumerate(homes)
    ]  # fmt: skip
    bulk_insert(w.db, _address, ADDRESS_COLUMNS, rows)
    return names


def answer_for(w: Work, entity_id: int, spans: Sequence[tuple[int, int, date, date | None, str]]) -> None:
    """Write who answers for whom, as (patient, account, from, until, reason); a day that has one keeps it."""
    if not spans:
        return
    first, moment = w.numbers("patient_guarantor", len(spans)), instant_text(w.now)
    rows: list[tuple[Any, ...]] = [
        (
            first + n, entity_id, patient, account, since.isoformat(), until and until.isoformat(), reason,
            w.actor.name[:80], moment,
        )
        for n, (patient, account, since, until, reason) in enumerate(spans)
    ]  # fmt: skip
    bulk_insert(w.db, _of, OF, rows)


def house(w: Work, patient_ids: Sequence[int]) -> None:
    """Give the patients' own accounts that have no address the one their claims say."""
    joined = _guarantor.join(
        _patient,
        and_(_patient.c.entity_id == _guarantor.c.entity_id, _patient.c.natural == _guarantor.c.natural),
    )
    query = select(_guarantor.c.id, _guarantor.c.entity_id, _patient.c.id.label("patient")).select_from(
        joined
    )
    none = ~exists().where(_address.c.guarantor_id == _guarantor.c.id)
    query = query.where(w.within(_guarantor.c.entity_id), among(w.db, _patient.c.id, patient_ids), none)
    found = w.db.execute(query.order_by(_guarantor.c.id)).all()
    people = persons(w, [row.patient for row in found])
    homes: dict[int, list[tuple[int, Home]]] = {}
    for row in found:
        lives = people[row.patient].lives
        if lives is not None and lives.home.whole:
            homes.setdefault(row.entity_id, []).append((row.id, lives.home))
    for entity_id, made in homes.items():
        live_at(w, entity_id, made, Source.CLAIM)
        set_state = update(_guarantor).where(_guarantor.c.id == bindparam("key"))
        states = [{"key": account, "said": home.state} for account, home in made]
        w.db.execute(set_state.values(state=bindparam("said")), states)
