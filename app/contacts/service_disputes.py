"""A guarantor says that a bill is wrong: held from the first moment, acknowledged, resolved, on time."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.contacts import queries_law, service_holds
from app.contacts.lifecycle import DISPUTE, DISPUTE_ENDED, DisputeMove, DisputeState, HoldKind
from app.contacts.models import AccountHold, Dispute
from app.contacts.rules import TEXT_CHARACTERS, cleaned
from app.contacts.rules_disputes import OUTCOMES
from app.contacts.service_events import Happened, account, happened
from app.entities import queries as entities
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.money import Money
from app.kernel.work import Work
from app.payers.rules import add_business_days

_dispute, _hold = table_of(Dispute), table_of(AccountHold)
SEALED = "dispute.said"
NEEDS_WORDS = frozenset({DisputeMove.PROPOSE, DisputeMove.RESOLVE, DisputeMove.ESCALATE})


def open_dispute(
    w: Work, account_id: int, *, said: str, claim_id: int | None = None, amount: Money | None = None
) -> str:
    """Take a dispute down and hold what it is about in the same moment; returns its public id.

    claim_id: the visit, None for the whole account. amount: what they dispute, in cents, when they say.
    Due: acknowledged within 5 business days, resolved within 30 days (dated rows).
    """
    w.may("accounts.work")
    about = account(w, account_id)
    words = cleaned(said, TEXT_CHARACTERS, "said")
    if not words:
        raise Refused("Write down what they say is wrong.", code="text_missing", field="said")
    if amount is not None and amount <= 0:
        raise Refused("A disputed amount is above zero.", code="bad_amount", field="amount")
    hold = service_holds.place_for(
        w, account_id, HoldKind.DISPUTE, reason="Dispute opened", claim_id=claim_id
    )
    today = w.today(entities.get(w, about.entity_id).time_zone)
    law = queries_law.law(w, about.entity_id, today)
    key, public = w.numbers("dispute"), public_id()
    acknowledge = add_business_days(today, law.number("dispute_acknowledge_days", about.state))
    resolve = today + timedelta(law.number("dispute_resolve_days", about.state))
    w.db.execute(
        insert(_dispute).values(
            id=key, public_id=public, entity_id=about.entity_id, account_id=account_id, claim_id=claim_id,
            hold_id=_hold_id(w, hold), state=DisputeState.OPENED.value, amount=amount,
            said=keyring().seal(json.dumps({"said": words}), SEALED), opened_on=today,
            acknowledge_by=acknowledge, resolve_by=resolve, outcome="", author=w.actor.name[:80], version=1,
        )
    )  # fmt: skip
    happened(w, [Happened(about.entity_id, account_id, "dispute", key, "open", "", DisputeState.OPENED.value,
                          detail={"visit": claim_id is not None})])  # fmt: skip
    w.audit("accounts.dispute", "C", "dispute", public, entity_id=about.entity_id,
            detail={"resolve_by": resolve.isoformat()})  # fmt: skip
    return public


def move(
    w: Work, dispute_public: str, what: DisputeMove | str, *, version: int, why: str = "", outcome: str = ""
) -> tuple[int, int]:
    """Take a dispute a step on; returns the keys of its entity and account.

    At the resolution the hold ends, and the cycle goes on.
    why: needed to propose, resolve and escalate. outcome: one of OUTCOMES, at the resolution. Escalated
    after its resolution, it is held again. Refused: a move its state does not allow.
    """
    w.may("accounts.work")
    mine = (w.within(_dispute.c.entity_id), _dispute.c.public_id == dispute_public)
    row = w.db.execute(select(_dispute).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such dispute.")
    if row.version != version:
        raise Stale()
    try:
        step = DisputeMove(what)
    except ValueError:
        raise Refused("There is no such step.", code="unknown_move", field="move") from None
    words = cleaned(why, 200, "why")
    if step in NEEDS_WORDS and not words:
        raise Refused("Say why.", code="reason_missing", field="why")
    if step is DisputeMove.RESOLVE and outcome not in OUTCOMES:
        raise Refused("Say how it ended.", code="unknown_outcome", field="outcome")
    before = DisputeState(row.state)
    after = DISPUTE.next(before, step)
    values: dict[str, Any] = {"state": after.value, "version": version + 1}
    if step is DisputeMove.RESOLVE:
        values["outcome"] = outcome
        service_holds.lift_for(w, [row.hold_id], why=f"Dispute resolved: {OUTCOMES[outcome].lower()}")
    if before in DISPUTE_ENDED and after not in DISPUTE_ENDED:
        values["hold_id"] = _held_again(w, row)
    held = (_dispute.c.id == row.id, _dispute.c.version == version)
    if not w.db.execute(update(_dispute).where(*held).values(**values)).rowcount:
        raise Stale()
    happened(w, [Happened(row.entity_id, row.account_id, "dispute", row.id, step.value, before.value,
                          after.value, words, {"outcome": outcome} if outcome else {})])  # fmt: skip
    w.audit("accounts.dispute.move", "U", "dispute", dispute_public, entity_id=row.entity_id,
            detail={"move": step.value, "to": after.value})  # fmt: skip
    return row.entity_id, row.account_id


def _hold_id(w: Work, hold_public: str) -> int:
    mine = (w.within(_hold.c.entity_id), _hold.c.public_id == hold_public)
    return int(w.db.execute(select(_hold.c.id).where(*mine)).scalar_one())


def _held_again(w: Work, row: Any) -> int:
    public = service_holds.place_for(w, row.account_id, HoldKind.DISPUTE, reason="Dispute escalated",
                                     claim_id=row.claim_id)  # fmt: skip
    return _hold_id(w, public)
