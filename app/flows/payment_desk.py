"""What every door does with a patient's payment: names become keys, the latest statement's visits are found,
and a return is judged with what statements and guards know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from app.claims.models import Claim
from app.contacts import service_guards, service_law
from app.contacts.lifecycle import Act
from app.entities import queries as entities
from app.flows import card_payment, patient_paid
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.work import Actor, Work, reading, work
from app.patients import queries_guarantors
from app.payments import queries, service_cards
from app.payments.lifecycle import Mode, Tender
from app.payments.rules_apply import Named
from app.payments.service import Taken, Taking
from app.payments.service_reverse import Return, Reversed
from app.statements.models import Statement

_claim, _statement = table_of(Claim), table_of(Statement)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A payment as a person or a program names it: public ids. account: empty while nobody knows whose."""

    entity: str = ""
    account: str = ""
    tender: Tender = Tender.CASH
    cents: int = 0
    key: str = ""
    received_on: date | None = None
    reference: str = ""
    mode: Mode | None = None
    designated: Sequence[tuple[str, int | None]] = ()
    card: str = ""


def taking(w: Work, wanted: Wanted) -> Taking:
    """The same with keys; `NotFound` for what is not theirs."""
    account_id: int | None = None
    if wanted.account:
        row = queries_guarantors.by_public(w, wanted.account)
        account_id, entity_id = row.id, row.entity_id
    else:
        chosen = entities.chosen(w, wanted.entity) or [one.id for one in entities.practices(w)]
        if len(chosen) != 1:
            raise Refused("Say for which billing entity.", code="entity", field="entity")
        entity_id = chosen[0]
    return Taking(
        entity_id=entity_id, account_id=account_id, tender=wanted.tender, cents=wanted.cents, key=wanted.key,
        received_on=wanted.received_on, reference=wanted.reference, mode=wanted.mode,
        designated=visits(w, wanted.designated),
    )  # fmt: skip


def visits(w: Work, named: Sequence[tuple[str, int | None]]) -> list[Named]:
    """Visits somebody named by their public ids, as keys; `NotFound` for one that is not yours."""
    if not named:
        return []
    query = select(_claim.c.id, _claim.c.public_id).where(
        _claim.c.public_id.in_([public for public, _ in named]), w.within(_claim.c.entity_id)
    )
    keys = {row.public_id: int(row.id) for row in w.db.execute(query)}
    if any(public not in keys for public, _ in named):
        raise NotFound("There is no such visit.", field="designated")
    return [(keys[public], most) for public, most in named]


def take(actor: Actor, wanted: Wanted) -> Taken:
    """Take a payment; a card is charged between two transactions."""
    if wanted.tender is Tender.CARD:
        with reading(actor) as w:
            given = taking(w, wanted)
        return card_payment.charge(actor, given, wanted.card)
    with work(actor) as w:
        return patient_paid.take(w, taking(w, wanted))


def reverse(w: Work, public: str, given: Return, *, version: int) -> Reversed:
    """Take a payment back; whether a fee may be charged is asked of the guards and of the last statement."""
    row = queries.payment(w, public)
    if given.fee and row.account_id is not None:
        nos = service_guards.ask(w, Act.FEE, [row.account_id])[row.account_id]
        service_guards.refused(w, Act.FEE, {row.account_id: nos})
        printed = _printed(w, row.account_id, row.entity_id, given.day or row.received_on)
        given = replace(given, fee_no=nos[0].words if nos else "", printed=printed)
    return patient_paid.reverse(w, public, given, version=version)


def _printed(w: Work, account_id: int, entity_id: int, on: date) -> bool:
    """Did a statement of the account tell them what a returned item costs?"""
    query = select(_statement.c.day).where(
        _statement.c.account_id == account_id, w.within(_statement.c.entity_id), _statement.c.day <= on
    )
    day = w.db.execute(query.order_by(_statement.c.day.desc()).limit(1)).scalar()
    if day is None:
        return False
    state = queries_guarantors.by_ids(w, [account_id])[account_id].state
    law = service_law.law(w, entity_id, day)
    return law.yes("nsf_fee_allowed", state) and law.yes("returned_fee_notice", state)


def keep_card(actor: Actor, account: str, given: Mapping[str, Any]) -> str:
    """Keep a card by the token its processor gave; the processor says which card it is."""
    shown = card_payment.processor().describe(given["token"])
    with work(actor) as w:
        row = queries_guarantors.by_public(w, account)
        return service_cards.keep(
            w, row.id, given["token"], shown, authorised=given["authorised"], most=given["most"],
            until=given["until"],
        )  # fmt: skip


def identify(w: Work, public: str, account: str, *, version: int) -> list[tuple[int, int]]:
    """Say whose a receipt is, by the account's public id."""
    row = queries_guarantors.by_public(w, account)
    return patient_paid.identify(w, public, row.id, version=version)


def cents_of(text: str) -> int:
    """An amount somebody typed; `Refused` when it is none or not above zero."""
    money = Money.parse(text.replace(",", "").replace("$", "").strip())
    if money <= 0:
        raise Refused("A payment is above zero.", code="amount", field="amount")
    return int(money)
