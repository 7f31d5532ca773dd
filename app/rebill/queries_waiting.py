"""Claims whose next payer may get them by itself: until when each is waited for; and what each tab holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, select

from app.claims.models import Claim, ClaimPayer
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Patient
from app.payers.models import Payer
from app.rebill.lifecycle import State
from app.rebill.models import NextPayerLook, Rebill
from app.rebill.queries_filters import ANY, FLAGS, GROUPS, ON_THE_WAY, WORK, flagged

_look, _rebill = table_of(NextPayerLook), table_of(Rebill)
_claim, _covered = table_of(Claim), table_of(ClaimPayer)
_patient, _payer = table_of(Patient), table_of(Payer)
CROSSOVER = "crossover"
WAITING = "waiting"
SORTS = {
    "due_on": Sort(_look.c.due_on),
    "charge": Sort(_claim.c.charge, descending=True),
}
COLUMNS = [
    Column("due_on", "Waits until", Kind.DAY, "due_on", hint="Then it is billed to the next payer by itself"),
    Column("patient", "Patient"),
    Column("control", "Claim", Kind.CODE),
    Column("service_from", "Service", Kind.DAY),
    Column("before", "Forwarded by"),
    Column("answered_on", "Answered", Kind.DAY),
    Column("payer", "Next payer"),
    Column("charge", "Charge", Kind.MONEY, "charge"),
]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim a payer said it forwarded. claim: its public id; rank, payer: who has not answered yet;
    before, answered_on: the payer that said so and the day; due_on: the day the wait is over.
    """

    claim: str
    control: str
    patient: str
    service_from: date | None
    charge: Money
    due_on: date
    rank: int
    payer: str
    before: str
    answered_on: date | None


def waiting(w: Work, ask: Ask) -> Slice[Waiting]:
    """Claims that wait for a crossover by keyset, the first day first; whose patients were shown is noted."""
    found = page(w.db, _waits(w), ask, sorts=SORTS, key=_look.c.claim_id, row=lambda row: row)
    covers = _covers(w, [row.claim_id for row in found.rows])
    patients = [row.patient_id for row in found.rows]
    w.audit("rebill.waiting", "R", "claim", patients=patients, detail={"rows": len(patients)})
    rows = [_told(row, covers.get(row.claim_id, [])) for row in found.rows]
    return Slice(rows, found.next, found.previous)


def total(w: Work) -> tuple[int, Money]:
    """How many wait, and what they billed."""
    listed = _waits(w).subquery()
    count, cents = w.db.execute(select(func.count(), func.coalesce(func.sum(listed.c.charge), 0))).one()
    return int(count), Money.of_sum(int(cents))


def _waits(w: Work) -> Select[Any]:
    # Somebody did not wait: what stands open to a later payer is in the list of submissions.
    ours = (_rebill.c.claim_id == _look.c.claim_id, _rebill.c.rank > 1, _rebill.c.open.is_(True))
    billed = select(_rebill.c.id).where(w.within(_rebill.c.entity_id), *ours).exists()
    return (
        select(
            _look.c.claim_id, _look.c.due_on, _claim.c.public_id, _claim.c.control, _claim.c.service_from,
            _claim.c.charge, _claim.c.patient_id, _patient.c.last, _patient.c.first,
        )
        .select_from(_look)
        .join(_claim, _claim.c.id == _look.c.claim_id)
        .outerjoin(_patient, _patient.c.id == _claim.c.patient_id)
        .where(w.within(_look.c.entity_id), _look.c.reason == CROSSOVER, ~billed)
    )  # fmt: skip


def _covers(w: Work, claim_ids: Sequence[int]) -> dict[int, list[Any]]:
    query = (
        select(_covered.c.claim_id, _covered.c.rank, _covered.c.answered_on, _payer.c.name)
        .outerjoin(_payer, _payer.c.id == _covered.c.payer_id)
        .where(among(w.db, _covered.c.claim_id, list(claim_ids)), w.within(_covered.c.entity_id))
    )
    found: dict[int, list[Any]] = {}
    for row in w.db.execute(query.order_by(_covered.c.claim_id, _covered.c.rank)):
        found.setdefault(row.claim_id, []).append(row)
    return found


def _told(row: Row[Any], covers: Sequence[Any]) -> Waiting:
    """The claim with the payer that answered last, and the first one after it."""
    answered = [one for one in covers if one.answered_on]
    last = answered[-1] if answered else None
    after = next((one for one in covers if one.rank > (last.rank if last else 1)), None)
    return Waiting(
        claim=row.public_id,
        control=row.control,
        patient=", ".join(filter(None, (row.last, row.first))),
        service_from=row.service_from,
        charge=row.charge,
        due_on=row.due_on,
        rank=int(after.rank) if after else 2,
        payer=(after.name or "") if after else "",
        before=(last.name or "") if last else "",
        answered_on=last.answered_on if last else None,
    )


# ---------------------------------------------------------------- tabs


def counts(w: Work) -> dict[str, int]:
    """How many submissions each tab of the screen holds, by its name; three statements."""
    mine = w.within(_rebill.c.entity_id)
    query = select(_rebill.c.state, func.count()).where(mine).group_by(_rebill.c.state)
    by_state = {State(state): int(count) for state, count in w.db.execute(query)}
    flags = select(func.count()).select_from(_rebill).where(mine, flagged())
    return {
        WORK: sum(by_state.get(one, 0) for one in GROUPS[WORK]),
        State.READY.value: by_state.get(State.READY, 0),
        ON_THE_WAY: sum(by_state.get(one, 0) for one in GROUPS[ON_THE_WAY]),
        FLAGS: int(w.db.execute(flags).scalar_one()),
        WAITING: total(w)[0],
        ANY: sum(by_state.values()),
    }
