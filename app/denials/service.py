"""The verbs of denials.

`open_from` is a consequence of posting; the others are a person's or the schedule's.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from app.denials import queries_around, rules_priority, rules_settle, service_acts
from app.denials import service_rows as rows
from app.denials.lifecycle import BY_HAND, Move, State
from app.denials.models import Denial, DenialEvent, DenialItem
from app.denials.rules_acts import Act, Wanted
from app.denials.rules_cases import UNDONE, Around, Case
from app.denials.service_rows import Told
from app.entities import queries as entities
from app.kernel.db import in_chunks, table_of
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.work import Work
from app.payers import service as payers
from app.remits.rules import Posted
from app.worklist import service as worklist

_denial, _item = table_of(Denial), table_of(DenialItem)
_event = table_of(DenialEvent)


# ---------------------------------------------------------------- what a posting does


def open_from(w: Work, posted: Posted) -> None:
    """Open, pay, reverse and count rounds of denial cases for a batch just posted (RDEN-01 to 09).

    Twice is once: an adjustment already in a case is skipped. A fixed number of statements for any batch.
    """
    if not posted.claims:
        return
    wanted = {(posted.payer_id, claim.filing) for claim in posted.claims}
    terms = payers.terms_of(w, posted.entity_id, wanted, posted.remit_date)
    known = rows.load(w, sorted({claim.claim_id for claim in posted.claims}))
    refused = rules_settle.perhaps_refused(posted)
    around = Around(terms)
    if refused or known:
        around = queries_around.around(w, posted, refused, {case.claim_id for case in known}, terms)
    changed = rules_settle.settle(posted, known, around)
    if not changed:
        return
    today = w.today(entities.get(w, posted.entity_id).time_zone)
    chances = queries_around.recovery(w, posted.entity_id)
    for case in changed:
        _rank(case, today, chances)
    rows.write(w, posted, changed)
    rows.queue(w, posted.entity_id, changed)


def _rank(case: Case, today: date, chances: Mapping[tuple[str, int | None], Decimal]) -> None:
    if case.reading is None:
        return
    due = case.deadline.internal_due if case.deadline else None
    found = rules_priority.rank(
        Money(case.at_stake),
        case.category,
        due,
        today,
        chance=rules_priority.chance(chances, case.category, case.payer_id),
    )
    case.score, case.reasons, case.hopeless = found.score, found.reasons, found.hopeless


def withdraw(w: Work, remit_claim_ids: Sequence[int]) -> int:
    """A posting was undone: what it did to denials is taken back; returns how many cases changed.

    Cases it opened close as `posting_undone`; cases it paid, reversed or refused again stand as before it.
    Nothing is deleted, and posting again takes the same cases up again.
    """
    opened: dict[int, Any] = {}
    moved: dict[int, Any] = {}
    for chunk in in_chunks(remit_claim_ids, rows.CHUNK):
        mine = (w.within(_denial.c.entity_id), _denial.c.remit_claim_id.in_(chunk))
        opened |= {
            row.id: row
            for row in w.db.execute(select(_denial).where(*mine, _denial.c.outcome.is_distinct_from(UNDONE)))
        }
        told = select(_event).where(w.within(_event.c.entity_id), _event.c.remit_claim_id.in_(chunk))
        for row in w.db.execute(told.order_by(_event.c.id)):
            if row.was:
                moved.setdefault(row.denial_id, row)
        taken = (w.within(_item.c.entity_id), _item.c.remit_claim_id.in_(chunk))
        w.db.execute(update(_item).where(*taken).values(withdrawn=True))
    _withdraw_opened(w, opened)
    moved = {key: row for key, row in moved.items() if key not in opened}
    _put_back(w, moved)
    again = _take_up_again(w, remit_claim_ids)
    return len({*opened, *moved, *again})


def _take_up_again(w: Work, remit_claim_ids: Sequence[int]) -> list[int]:
    """What still pays the cases of these claims is asked anew; those that stand open get their work back."""
    claim_ids = queries_around.claims_of(w, remit_claim_ids)
    known = [case for case in rows.load(w, claim_ids) if case.outcome != UNDONE]
    paid, _ = queries_around.payments(w, claim_ids) if known else ({}, set())
    for case in known:
        rules_settle.take_up_again(case, paid.get(case.claim_id, ()))
    changed = [case for case in known if case.touched or case.state != case.before]
    rows.change(
        w,
        {
            case.id: {
                "state": case.state,
                "outcome": case.outcome,
                "recovered": case.recovered,
                "closed_at": None if case.is_open else case.row["closed_at"],
            }
            for case in changed
        },
    )
    rows.log(
        w,
        [
            Told(case.row["entity_id"], case.id, Move.WITHDRAW.value, case.before, case.state, UNDONE)
            for case in changed
        ],
    )
    worklist.reopen_many(w, [rows.item_again(case) for case in known if case.is_open])
    return [case.id for case in changed]


def _withdraw_opened(w: Work, opened: Mapping[int, Any]) -> None:
    closed = {"state": State.CLOSED.value, "outcome": UNDONE, "closed_at": w.now, "patient_hold": False}
    rows.change(w, dict.fromkeys(opened, closed))
    rows.leave(w, list(opened), UNDONE)
    rows.log(
        w,
        [
            Told(row.entity_id, key, Move.WITHDRAW.value, row.state, State.CLOSED.value, UNDONE)
            for key, row in opened.items()
        ],
    )


def _put_back(w: Work, moved: Mapping[int, Any]) -> None:
    """Cases as they stood before the first event of an undone posting."""
    told = []
    for key, event in sorted(moved.items()):
        values = rows.as_it_was(event.was)
        rows.change(w, {key: values})
        told.append(Told(event.entity_id, key, Move.WITHDRAW.value, event.after, values["state"], UNDONE))
    rows.leave(w, list(moved), UNDONE)
    rows.log(w, told)


# ---------------------------------------------------------------- what a person does


def advance(
    w: Work, public_id: str, move: Move, *, version: int, reason: str = "", until: date | None = None
) -> int:
    """Move a case by hand; returns its new version.

    until: the day it comes back by itself; a waiting state gets the payer's usual follow-up when it is absent
    (RDEN-11). Refused: a move the table does not have, a version somebody changed, an appeal without appeal
    rights or after its last day, a missing reason where the move ends or delays work, an end while the
    payer's balance is open (RDEN-13).
    """
    if move not in BY_HAND:
        raise Refused("This move belongs to the posting or to an approval.", code="not_by_hand", field="move")
    wanted = Wanted(act=Act.MOVE, move=move, reason=reason, until=until)
    return service_acts.act_on_one(w, public_id, version, wanted)[0]


def assign(w: Work, public_id: str, *, owner_id: int | None, version: int) -> int:
    """Give a case to a person who works denials there, or to nobody; returns its new version.

    `Stale` when somebody changed it.
    """
    wanted = Wanted(act=Act.ASSIGN, owner_id=owner_id)
    return service_acts.act_on_one(w, public_id, version, wanted)[0]
