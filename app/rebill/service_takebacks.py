"""What a void gives back: from its sending on the payer's takeback is expected, until it came (R837-13)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Protocol

from sqlalchemy import select

from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.payers import service as payers
from app.rebill.lifecycle import Kind, State
from app.rebill.models import Rebill
from app.remits.models import RemitClaim
from app.worklist import service as worklist
from app.worklist.service import NewItem

_rebill, _answer = table_of(Rebill), table_of(RemitClaim)
KIND, REASON = "takeback", "takeback_expected"
_OUT = frozenset({State.TRANSMITTED, State.RECEIVED, State.ACCEPTED})


class Done(Protocol):
    """A submission that moved, as `service_moves.move` gives it."""

    @property
    def row(self) -> Any: ...

    @property
    def state(self) -> State: ...

    @property
    def day(self) -> date: ...


def expect(w: Work, queue: str, subject: str, done: Sequence[Done]) -> None:
    """Voids on their way stand in the queue with what the payer paid and will take back (CLP02 22).

    Due when the payer usually answers what is sent again (a term). Whoever empties the queue of them has done
    so before: an answered or rejected one is expected no more.
    """
    last = {one.row.id: one for one in done if one.row.kind == Kind.VOID.value}
    voids = {key: one for key, one in last.items() if one.state in _OUT}
    if not voids:
        return
    query = (
        select(_rebill.c.id, _rebill.c.filing, _rebill.c.sent_on, _answer.c.paid)
        .outerjoin(_answer, _answer.c.id == _rebill.c.remit_claim_id)
        .where(among(w.db, _rebill.c.id, sorted(voids)), w.within(_rebill.c.entity_id))
    )
    rows = list(w.db.execute(query.order_by(_rebill.c.id)))
    items = []
    for entity_id, sent in sorted({(voids[one.id].row.entity_id, one.sent_on) for one in rows}, key=str):
        mine = [one for one in rows if (voids[one.id].row.entity_id, one.sent_on) == (entity_id, sent)]
        parties = {(voids[one.id].row.payer_id, one.filing) for one in mine}
        day = sent or voids[mine[0].id].day
        terms = payers.terms_of(w, entity_id, sorted(parties, key=str), day)
        for one in mine:
            row = voids[one.id].row
            due = day + timedelta(terms[row.payer_id, one.filing].follow_up_rebill_days)
            items.append(_item(queue, subject, row, int(one.paid or 0), due))
    worklist.reopen_many(w, items)


def _item(queue: str, subject: str, row: Any, paid: int, due: date) -> NewItem:
    return NewItem(
        entity_id=row.entity_id,
        queue=queue,
        kind=KIND,
        subject=subject,
        subject_id=row.id,
        reason=REASON,
        amount=paid,
        claim_id=row.claim_id,
        payer_id=row.payer_id,
        patient_id=row.patient_id,
        due=due,
        score=20,
        detail={"rebill": row.public_id, "kind": row.kind},
        source=row.remit_claim_id,
    )
