"""Cards by token: kept with what the guarantor agreed to, charged once, settled by asking (C5, RSEC-20).

A charge is on record as asked before anything leaves the house. Whoever is killed in between leaves that
record, and `settle` is told what the processor says about its key; nothing is ever charged a second time.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.contacts import service_guards
from app.contacts.lifecycle import Act
from app.entities import queries as entities
from app.gateways.cards import Card, Charged
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.payments import rules, service
from app.payments.lifecycle import ChargeState, Move, State, Tender
from app.payments.models import CardCharge, CardToken, PatientPayment
from app.payments.service import Taken, Taking

_token, _charge, _payment = table_of(CardToken), table_of(CardCharge), table_of(PatientPayment)
CONTEXT, JOB = "card_token", "settle_card"
AUTHORISED_CHARACTERS = 400
ASK_AFTER = timedelta(minutes=1)
"""When a job asks about a charge nobody told the end of."""
SURE_AFTER = timedelta(minutes=15)
"""From then on a key the processor never heard of was surely not charged: no request travels that long."""


@dataclass(frozen=True)
class Asked:
    """A charge that may leave now. token: the processor's; `begun` False: the answer is known already."""

    payment_id: int
    key: str
    token: str
    cents: int
    begun: bool


def keep(
    w: Work, account_id: int, token: str, card: Card, *, authorised: str, most: int | None, until: date | None
) -> str:
    """Keep a card's token with what the guarantor agreed to; returns its public id.

    authorised: their words (what for, which days, how to revoke). most: cents of a charge; until: last day.
    """
    w.may("payments.post")
    row = service.lock_account(w, account_id)
    plain = rules.no_card(token, "token", 200)
    words = rules.no_card(authorised, "authorised", AUTHORISED_CHARACTERS)
    if not words:
        raise Refused("Write down what they agreed to.", code="authorised", field="authorised")
    if most is not None and most <= 0:
        raise Refused("The most is above zero.", code="amount", field="most")
    today = w.today(entities.get(w, row.entity_id).time_zone)
    lookup, made = keyring().blind(plain, CONTEXT), public_id()
    known = select(_token.c.public_id).where(
        _token.c.entity_id == row.entity_id, _token.c.account_id == account_id, _token.c.lookup == lookup
    )
    if w.db.execute(known.where(w.within(_token.c.entity_id))).scalar() is not None:
        raise Refused("This card is kept already.", code="token_known", field="token")
    values = dict(id=w.numbers("card_token"), public_id=made, entity_id=row.entity_id, account_id=account_id)
    values |= dict(sealed=keyring().seal(plain, CONTEXT), lookup=lookup, brand=card.brand[:20])
    values |= dict(last4=card.last4[-4:], expires=card.expires, authorised=words, authorised_on=today)
    values |= dict(most=most, until=until, author=w.actor.name[:80], version=1)
    w.db.execute(insert(_token).values(**values))
    w.audit("card.kept", "C", "card_token", made, entity_id=row.entity_id)
    return made


def revoke(w: Work, public: str, *, version: int) -> None:
    """The guarantor takes the authorisation back: never charged again, from this moment."""
    w.may("payments.post")
    row = token_row(w, public)
    if row.revoked_at is not None:
        raise NotAllowed("This card was revoked already.", code="card_revoked")
    change = update(_token).where(_token.c.id == row.id, _token.c.version == version)
    if w.db.execute(change.values(revoked_at=w.now, version=version + 1)).rowcount != 1:
        raise Stale()
    w.audit("card.revoked", "U", "card_token", public, entity_id=row.entity_id)


def token_row(w: Work, public: str) -> Any:
    """A kept card; `NotFound` when there is none or it is not yours."""
    query = select(_token).where(_token.c.public_id == public, w.within(_token.c.entity_id))
    row = w.db.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such card.", field="card")
    return row


def begin(w: Work, given: Taking, card: str) -> Asked:
    """Put a charge on record, so that it may leave once this is committed.

    The same key again begins nothing. Refused: a revoked or expired card, more than they agreed to, somebody
    else's card, and whatever the guard of charges says.
    """
    w.may("payments.post")
    row = token_row(w, card)
    if given.account_id is None or row.account_id != given.account_id:
        raise NotFound("There is no such card.", field="card")
    today = w.today(entities.get(w, row.entity_id).time_zone)
    taking = replace(given, tender=Tender.CARD, token_id=row.id)
    taken = service.begin(w, taking, State.PENDING)
    if taken.again:
        return Asked(taken.id, "", "", given.cents, begun=False)
    _may_charge(row, given.cents, today)
    service_guards.must(w, Act.CHARGE, row.account_id)
    key = f"{row.entity_id}-{taken.public_id}"
    w.db.execute(
        insert(_charge).values(
            id=w.numbers("card_charge"), entity_id=row.entity_id, payment_id=taken.id, token_id=row.id,
            key=key, amount=given.cents, state=ChargeState.ASKED.value, reference="", code="", asked_at=w.now,
        )
    )  # fmt: skip
    w.job(JOB, key, {"payment": taken.id}, run_at=w.now + ASK_AFTER, once=True)
    w.audit("card.asked", "C", service.SUBJECT, taken.public_id, entity_id=row.entity_id)
    return Asked(taken.id, key, keyring().open(row.sealed, CONTEXT), given.cents, begun=True)


def _may_charge(row: Any, cents: int, today: date) -> None:
    if row.revoked_at is not None:
        raise NotAllowed("They revoked this card; it is not charged.", code="card_revoked", field="card")
    if row.expires < today or (row.until is not None and row.until < today):
        raise NotAllowed("This card, or what they agreed to, has ended.", code="card_ended", field="card")
    if row.most is not None and cents > row.most:
        words = f"They agreed to at most {row.most:,} a charge."
        raise NotAllowed(words, code="card_most", field="amount")


def under_way(w: Work, payment_id: int) -> Any:
    """The charge of a payment whose end nobody knows; None when it is settled."""
    open_ones = _charge.c.state.in_((ChargeState.ASKED.value, ChargeState.UNKNOWN.value))
    mine = (_charge.c.payment_id == payment_id, w.within(_charge.c.entity_id), open_ones)
    return w.db.execute(select(_charge).where(*mine)).one_or_none()


def settle(w: Work, payment_id: int, answer: Charged | None, *, looked: bool = False) -> Taken | None:
    """Write down what the processor said: posted, declined, or unknown. None when it was settled before.

    answer: None when none came. looked: the processor was asked about the key and knows of none, which is
    proof only after a while (`SURE_AFTER`).
    """
    query = select(_payment).where(_payment.c.id == payment_id, w.within(_payment.c.entity_id))
    seen = w.db.execute(query).one()
    service.lock_account(w, seen.account_id)
    row = w.db.execute(query.with_for_update()).one()
    charge = under_way(w, payment_id)
    if charge is None:
        return None
    if answer is None and looked and w.now - charge.asked_at >= SURE_AFTER:
        answer = Charged(
            approved=False, reference="", code="never_arrived", words="It never reached the bank."
        )
    if answer is None:
        return _lose_sight(w, row, charge)
    state = ChargeState.APPROVED if answer.approved else ChargeState.DECLINED
    values = dict(
        state=state.value, reference=answer.reference[:60], code=answer.code[:24], answered_at=w.now
    )
    w.db.execute(update(_charge).where(_charge.c.id == charge.id).values(**values))
    service.close_items(w, row, state.value)
    if answer.approved:
        return service.post(w, payment_id, asked=True)
    service.step(w, row, Move.DECLINE, answer.words[:200])
    return service.taken(w, payment_id)


def _lose_sight(w: Work, row: Any, charge: Any) -> Taken:
    """Nobody knows: a person is told, and the processor is asked again."""
    if row.state == State.PENDING:
        service.step(w, row, Move.LOSE_SIGHT, "No answer of the card processor.")
        w.db.execute(update(_charge).where(_charge.c.id == charge.id).values(state=ChargeState.UNKNOWN.value))
        service.ask_person(w, row, "card_unknown")
    again = w.now + (ASK_AFTER if w.now - charge.asked_at < SURE_AFTER else SURE_AFTER)
    w.job(JOB, f"{charge.key}:{w.now.isoformat()}", {"payment": row.id}, run_at=again)
    return service.taken(w, row.id)
