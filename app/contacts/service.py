"""The verbs of contacts: write down, take back, judge what was promised."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select, update

from app.contacts import rules
from app.contacts.models import Contact, PayerPromise
from app.contacts.rules import ContactKind, PromiseState
from app.entities import queries as entities
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.ids import public_id, public_ids
from app.kernel.limits import SQL_VARIABLES
from app.kernel.money import Money
from app.kernel.work import Work

_contact, _promise = table_of(Contact), table_of(PayerPromise)
SEALED = "contact.said"
COLUMNS = (
    "id", "public_id", "entity_id", "subject", "subject_id", "kind", "at", "actor", "author_id", "payer_id",
    "patient_id", "said", "reference", "outcome", "strikes",
)  # fmt: skip
CHUNK = SQL_VARIABLES // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Which piece of work an entry is about."""

    entity_id: int
    subject: str
    subject_id: int
    payer_id: int | None = None
    patient_id: int | None = None


def note(
    w: Work, entity_id: int, subject: str, subject_id: int, text: str, *, patient_id: int | None = None
) -> int:
    """Write a note; returns its key. Card numbers are taken out; an empty note is refused."""
    about = About(entity_id=entity_id, subject=subject, subject_id=subject_id, patient_id=patient_id)
    return note_many(w, [about], text)[0]


def note_many(w: Work, abouts: Sequence[About], text: str) -> list[int]:
    """The same note about many pieces of work; returns the keys in order."""
    plain = rules.cleaned(text, rules.TEXT_CHARACTERS, "text")
    if not plain:
        raise Refused("An empty note helps nobody.", code="text_missing", field="text")
    return _write(w, abouts, ContactKind.NOTE, said={"text": plain})


def log_call(
    w: Work,
    entity_id: int,
    payer_id: int | None,
    subject: str,
    subject_id: int,
    *,
    representative: str = "",
    reference: str = "",
    outcome: str = "other",
    promised_on: date | None = None,
    promised_amount: Money | None = None,
    note: str = "",
    patient_id: int | None = None,
) -> int:
    """Write down a call with a payer; returns its key. A promised day opens a promise that is judged by what
    comes.

    outcome: one of `rules.OUTCOMES`. promised_amount: cents, above zero; needs a day.
    """
    if outcome not in rules.OUTCOMES:
        raise Refused("Choose how the call ended.", code="unknown_outcome", field="outcome")
    today = w.today(entities.get(w, entity_id).time_zone)
    rules.check_promise(promised_on, promised_amount, today)
    said = {
        "text": rules.cleaned(note, rules.TEXT_CHARACTERS, "note"),
        "representative": rules.cleaned(representative, rules.NAME_CHARACTERS, "representative"),
    }
    spoken = rules.cleaned(reference, rules.REFERENCE_CHARACTERS, "reference")
    about = About(entity_id=entity_id, subject=subject, subject_id=subject_id, payer_id=payer_id,
                  patient_id=patient_id)  # fmt: skip
    key = _write(w, [about], ContactKind.CALL, said=said, reference=spoken, outcome=outcome)[0]
    if promised_on is not None:
        w.db.execute(
            insert(_promise).values(
                id=w.numbers("payer_promise"),
                public_id=public_id(),
                entity_id=entity_id,
                contact_id=key,
                payer_id=payer_id,
                subject=subject,
                subject_id=subject_id,
                author_id=w.actor.person_id,
                made_on=today,
                promised_on=promised_on,
                amount=promised_amount,
                state=PromiseState.OPEN.value,
                received=0,
                version=1,
            )
        )
    return key


def _write(
    w: Work,
    abouts: Sequence[About],
    kind: ContactKind,
    *,
    said: Mapping[str, str] | None = None,
    reference: str = "",
    outcome: str = "",
    strikes: Sequence[int] = (),
) -> list[int]:
    if not abouts:
        return []
    if unknown := {one.subject for one in abouts} - set(rules.SUBJECTS):
        raise Refused(f"Nobody writes about {min(unknown)}.", code="unknown_subject", field="subject")
    if any(one.entity_id not in w.scope for one in abouts):
        raise NotFound()
    first, names = w.numbers("contact", len(abouts)), public_ids(len(abouts))
    ring, text, at = keyring(), json.dumps(said) if said else "", instant_text(w.now)
    rows = [
        (
            first + place, names[place], one.entity_id, one.subject, one.subject_id, kind.value, at,
            w.actor.name[:80], w.actor.person_id, one.payer_id, one.patient_id,
            ring.seal(text, SEALED) if text else None, reference, outcome,
            strikes[place] if strikes else None,
        )
        for place, one in enumerate(abouts)
    ]  # fmt: skip
    bulk_insert(w.db, _contact, COLUMNS, rows)
    for entity_id in sorted({one.entity_id for one in abouts}):
        mine = [one for one in abouts if one.entity_id == entity_id]
        patients = [one.patient_id for one in mine if one.patient_id]
        w.audit(f"contacts.{kind.value}", "C", "contact", entity_id=entity_id, patients=patients,
                detail={"subject": mine[0].subject, "count": len(mine)})  # fmt: skip
    return [first + place for place in range(len(abouts))]


def strike(w: Work, contact_ids: Sequence[int]) -> int:
    """Take entries back; returns how many were struck now. Twice is once.

    Each stays and is marked as struck, and a promise made in it is withdrawn.
    """
    struck = 0
    for chunk in in_chunks(contact_ids, CHUNK):
        again = select(_contact.c.strikes).where(
            w.within(_contact.c.entity_id), _contact.c.strikes.in_(chunk)
        )
        done = set(w.db.execute(again).scalars())
        named = ("id", "entity_id", "subject", "subject_id", "payer_id", "patient_id")
        found = w.db.execute(
            select(*(_contact.c[name] for name in named))
            .where(w.within(_contact.c.entity_id), _contact.c.id.in_(chunk))
            .where(_contact.c.kind != ContactKind.STRIKE.value, _contact.c.id.not_in(done))
            .order_by(_contact.c.id)
        ).all()
        abouts = [
            About(entity_id=row.entity_id, subject=row.subject, subject_id=row.subject_id,
                  payer_id=row.payer_id, patient_id=row.patient_id)
            for row in found
        ]  # fmt: skip
        _write(w, abouts, ContactKind.STRIKE, strikes=[row.id for row in found])
        promised = (w.within(_promise.c.entity_id), _promise.c.contact_id.in_([row.id for row in found]))
        taken = dict(state=PromiseState.WITHDRAWN.value, version=_promise.c.version + 1)
        w.db.execute(update(_promise).where(*promised).values(**taken))
        struck += len(found)
    return struck


def judge(w: Work, entity_id: int, subject: str, received: Mapping[int, Money], on: date) -> int:
    """Measure the open promises about these subjects against what came since; returns how many ended.

    received: by subject key, the cents that came after the promise was made; a subject left out received
    nothing.
    """
    query = select(_promise).where(
        _promise.c.entity_id == entity_id,
        w.within(_promise.c.entity_id),
        _promise.c.subject == subject,
        _promise.c.state == PromiseState.OPEN.value,
    )
    ended = 0
    for row in w.db.execute(query.order_by(_promise.c.id)).all():
        came = received.get(row.subject_id, Money(0))
        state = rules.judge(row.amount, came, row.promised_on, on)
        if state is PromiseState.OPEN:
            continue
        values = {"state": state.value, "received": came, "judged_on": on, "version": row.version + 1}
        held = (_promise.c.id == row.id, _promise.c.version == row.version)
        ended += w.db.execute(update(_promise).where(*held).values(**values)).rowcount
    return ended
