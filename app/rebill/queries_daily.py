"""What runs out: submissions and denials whose filing limit is near or past, for the daily look."""

from datetime import date
from typing import Any

from sqlalchemy import select

from app.denials.lifecycle import State as DenialState
from app.denials.models import Denial
from app.denials.rules import MAY_EXPIRE
from app.kernel.db import table_of
from app.kernel.work import Work
from app.rebill.lifecycle import AT_WORK, Kind
from app.rebill.models import Rebill
from app.worklist.models import ItemState, WorklistItem

_rebill, _denial, _item = table_of(Rebill), table_of(Denial), table_of(WorklistItem)
_ROW = ("id", "public_id", "claim_id", "payer_id", "patient_id", "file_by", "state", "owner_id")

NO_CLAIM = frozenset(
    {"appeal", "clinical_appeal", "contract_review", "bill_patient", "bill_next_payer", "none_post", "wait"}
)
"""What is done about a denial without another claim."""

WITHOUT = MAY_EXPIRE | {DenialState.EXPIRED}
WITHOUT -= {DenialState.REBILL_PREP, DenialState.APPEAL_DRAFT, DenialState.APPEAL_REVIEW}
"""States of denials a claim may still answer, and none is made for."""


def submissions(w: Work, entity_id: int, by: date) -> list[Any]:
    """Submissions a person has, whose last day is this one or earlier; a void is never too late."""
    query = select(*(_rebill.c[name] for name in _ROW), _rebill.c.expected.label("amount")).where(
        _rebill.c.entity_id == entity_id,
        w.within(_rebill.c.entity_id),
        _rebill.c.state.in_(sorted(one.value for one in AT_WORK)),
        _rebill.c.kind != Kind.VOID.value,
        _rebill.c.file_by <= by,
    )
    return list(w.db.execute(query.order_by(_rebill.c.id)))


def denials(w: Work, entity_id: int, by: date) -> list[Any]:
    """Denials a claim may answer and none does yet, whose last day is this one or earlier."""
    query = select(*(_denial.c[name] for name in _ROW), _denial.c.at_stake.label("amount")).where(
        _denial.c.entity_id == entity_id,
        w.within(_denial.c.entity_id),
        _denial.c.state.in_(sorted(one.value for one in WITHOUT)),
        _denial.c.next_action.not_in(sorted(NO_CLAIM)),
        _denial.c.file_by <= by,
    )
    return list(w.db.execute(query.order_by(_denial.c.id)))


def at_work(w: Work, entity_id: int) -> list[int]:
    """The submissions a person has, to be looked at anew."""
    query = select(_rebill.c.id).where(
        _rebill.c.entity_id == entity_id,
        w.within(_rebill.c.entity_id),
        _rebill.c.state.in_(sorted(one.value for one in AT_WORK)),
    )
    return list(w.db.execute(query.order_by(_rebill.c.id)).scalars())


def asked(w: Work, entity_id: int, queue: str) -> dict[str, set[int]]:
    """What waits in a queue of the limits: subject -> keys."""
    query = select(_item.c.subject, _item.c.subject_id).where(
        _item.c.entity_id == entity_id,
        w.within(_item.c.entity_id),
        _item.c.queue == queue,
        _item.c.state == ItemState.OPEN.value,
    )
    found: dict[str, set[int]] = {}
    for row in w.db.execute(query):
        found.setdefault(row.subject, set()).add(row.subject_id)
    return found
