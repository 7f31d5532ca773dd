"""Small balances: proposed by one person with what they come to, written off (4130) by another (H11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.accounts import queries as accounts
from app.accounts.lifecycle import OwedState
from app.accounts.models import Owed
from app.claims.models import Claim
from app.contacts import service_law
from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, NotPermitted, Refused, Stale
from app.kernel.ids import public_ids
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger import rules_patient
from app.ledger.entry import Event
from app.ledger.models import ClaimBalance
from app.ledger.service import Batch
from app.payments import rules, service_papers
from app.payments.lifecycle import SMALL, SmallMove, SmallState
from app.payments.models import SmallBalance
from app.payments.queries_posted import entry
from app.payments.rules_small import SmallFacts, why_not

_small, _owed, _claim = table_of(SmallBalance), table_of(Owed), table_of(Claim)
_balance = table_of(ClaimBalance)
SUBJECT, KIND = "small_balance", "small_balance"
CHUNK, SHOWN = 2_000, 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A visit whose balance may be written off."""

    claim_id: int
    account_id: int
    claim: str
    control: str
    patient_id: int
    amount: Money


@dataclass(frozen=True)
class Proposal:
    """What proposing would ask for: how many, how much, ten of them."""

    count: int
    total: Money
    sample: tuple[Candidate, ...]


FirstSent = dict[int, date]
"""The day of each account's first statement; an account without one is not in it."""


def candidates(w: Work, entity_id: int, first_sent: FirstSent) -> list[Candidate]:
    """Visits at or below the small amount, long enough after the first statement, by rows of law."""
    today = w.today(entities.get(w, entity_id).time_zone)
    law = service_law.law(w, entity_id, today)
    most, days = int(law.cents("small_debit_most")), law.number("small_debit_days")
    medicare = law.yes("small_debit_medicare")
    due = sorted(key for key, day in first_sent.items() if day + timedelta(days) <= today)
    asked = select(_small.c.claim_id).where(
        _small.c.entity_id == entity_id, w.within(_small.c.entity_id),
        _small.c.state.in_((SmallState.PROPOSED.value, SmallState.TAKEN_BACK.value)),
    )  # fmt: skip
    # What a person brought back is theirs to decide about: it is never proposed again by itself.
    open_ones = set(w.db.execute(asked).scalars())
    found: list[Candidate] = []
    for at in range(0, len(due), CHUNK):
        items = accounts.due_items(w, due[at : at + CHUNK])
        kept = [
            one
            for each in items.values()
            for one in each
            if one.claim_id not in open_ones and not why_not(
                SmallFacts(int(one.due), one.payer_classes, first_sent[one.account_id],
                           one.state != OwedState.DUE.value, one.since),
                most=most, days=days, medicare=medicare, today=today,
            )
        ]  # fmt: skip
        names = _names(w, [one.claim_id for one in kept])
        found += [
            Candidate(one.claim_id, one.account_id, *names[one.claim_id], one.patient_id, one.due)
            for one in kept
        ]
    return found


def _names(w: Work, claim_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    if not claim_ids:
        return {}
    query = select(_claim.c.id, _claim.c.public_id, _claim.c.control).where(
        among(w.db, _claim.c.id, list(claim_ids)), w.within(_claim.c.entity_id)
    )
    return {row.id: (row.public_id, row.control) for row in w.db.execute(query)}


def preview(w: Work, entity_id: int, first_sent: FirstSent) -> Proposal:
    """What `propose` would ask for now; writes nothing."""
    w.may("payments.small")
    found = candidates(w, entity_id, first_sent)
    return Proposal(len(found), Money.of_sum(sum(int(one.amount) for one in found)), tuple(found[:SHOWN]))


def propose(w: Work, entity_id: int, first_sent: FirstSent, *, count: int, cents: int) -> int:
    """Ask for the write-off of every candidate, as previewed; `Stale` when it is not what was looked at."""
    w.may("payments.small")
    found = candidates(w, entity_id, first_sent)
    if (count, cents) != (len(found), sum(int(one.amount) for one in found)):
        raise Stale()
    if not found:
        raise NotAllowed("No balance is small and old enough.", code="nothing_small")
    first, names = w.numbers("small_balance", len(found)), public_ids(len(found))
    w.db.execute(
        insert(_small),
        [
            dict(id=first + at, public_id=names[at], entity_id=entity_id, account_id=one.account_id,
                 claim_id=one.claim_id, amount=one.amount, state=SmallState.PROPOSED.value,
                 asked_by=w.actor.name[:80], asked_by_id=w.actor.person_id, asked_at=w.now, decided_by="",
                 decided_at=None, entry_id=None, file_no=None, version=1)
            for at, one in enumerate(found)
        ],
    )  # fmt: skip
    w.audit("small.proposed", "C", SUBJECT, entity_id=entity_id, patients=[one.patient_id for one in found],
            detail={"count": len(found)})  # fmt: skip
    return len(found)


def decide(w: Work, chosen: Sequence[tuple[str, int]], *, approve: bool) -> list[int]:
    """A second person approves or declines proposals: (public id, version) each; returns the accounts.

    One batch, whole or not at all. Refused to whoever asked, and where the balance is another by now.
    """
    w.may("payments.small_approve")
    rows = _locked(w, chosen)
    own = w.actor.person_id
    if own is not None and any(row.asked_by_id == own for row in rows):
        raise NotPermitted("Somebody else decides about what you proposed.", code="same_person")
    move = SmallMove.APPROVE if approve else SmallMove.DECLINE
    for row in rows:
        SMALL.next(SmallState(row.state), move)
    made = _write_off(w, rows) if approve else {}
    state = SmallState.APPROVED if approve else SmallState.DECLINED
    for row in rows:
        values: dict[str, Any] = dict(state=state.value, decided_by=w.actor.name[:80], decided_at=w.now)
        values |= dict(version=row.version + 1)
        values |= dict(entry_id=made[row.id][0], file_no=made[row.id][1]) if approve else {}
        w.db.execute(update(_small).where(_small.c.id == row.id).values(**values))
    w.audit(f"small.{state.value}", "U", SUBJECT, entity_id=rows[0].entity_id, detail={"count": len(rows)})
    return sorted({row.account_id for row in rows})


def _locked(w: Work, chosen: Sequence[tuple[str, int]]) -> list[Any]:
    versions = dict(chosen)
    query = select(_small).where(_small.c.public_id.in_(versions), w.within(_small.c.entity_id))
    rows = list(w.db.execute(query.order_by(_small.c.id).with_for_update()))
    if not rows or len(rows) != len(versions):
        raise NotFound("There is no such proposal.")
    if len({row.entity_id for row in rows}) > 1:
        raise Refused("Decide about one practice at a time.", code="entities")
    if any(row.version != versions[row.public_id] for row in rows):
        raise Stale()
    return rows


def _write_off(w: Work, rows: Sequence[Any]) -> dict[int, tuple[int, int]]:
    """The entry and the paper of each."""
    balances = select(_balance.c.claim_id, _balance.c.patient).where(
        _balance.c.claim_id.in_([row.claim_id for row in rows]), w.within(_balance.c.entity_id)
    )
    now = {row.claim_id: int(row.patient) for row in w.db.execute(balances)}
    if any(now.get(row.claim_id) != int(row.amount) for row in rows):
        raise NotAllowed("A balance changed since it was proposed; decline it.", code="balance_changed")
    today = w.today(entities.get(w, rows[0].entity_id).time_zone)
    names, papers = _names(w, [row.claim_id for row in rows]), []
    for row in rows:
        told = (row.public_id, "small", "4130")
        paper = service_papers.DECISION, told, int(row.amount)
        papers.append(service_papers.write(w, *paper, day=today, about=names[row.claim_id][0]))
    batch = Batch(w, rows[0].entity_id, KIND, f"small:{rows[0].public_id}:{len(rows)}", today)
    ids = batch.add(
        [
            rules_patient.small_balance(row.claim_id, int(row.amount), service_papers.source(paper))
            for row, paper in zip(rows, papers, strict=True)
        ]
    )
    batch.close()
    return {row.id: pair for row, pair in zip(rows, zip(ids, papers, strict=True), strict=True)}


def take_back(w: Work, public: str, *, reason: str, version: int) -> int:
    """Bring a written-off balance back to the account; returns the account."""
    w.may("payments.small_approve")
    (row,) = _locked(w, [(public, version)])
    why = rules.no_card(reason, "reason", rules.WORDS_CHARACTERS)
    state = SMALL.next(SmallState(row.state), SmallMove.TAKE_BACK)
    if not why:
        raise NotAllowed("Say why, so that others can follow it later.", code="no_reason", field="reason")
    found = entry(w, row.entry_id)
    if found is None:
        raise NotFound("There is no such proposal.")
    today = w.today(entities.get(w, row.entity_id).time_zone)
    batch = Batch(w, row.entity_id, KIND, f"small:{row.public_id}:back", today, reason=why)
    batch.add([rules_patient.taken_back(Event.SMALL_BALANCE_BACK, row.entry_id, found)])
    batch.close()
    change = dict(state=state.value, version=row.version + 1)
    w.db.execute(update(_small).where(_small.c.id == row.id).values(**change))
    w.audit("small.taken_back", "U", SUBJECT, public, entity_id=row.entity_id)
    return int(row.account_id)
