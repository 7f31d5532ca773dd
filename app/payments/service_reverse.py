"""Taking a payment back: what it paid opens again to the cent, and nothing else (RCASH-07)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update

from app.contacts import service_law
from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotPermitted
from app.kernel.work import Work
from app.ledger import rules_patient
from app.ledger.entry import Event
from app.ledger.service import Batch
from app.payments import rules, rules_fee, service_papers
from app.payments.lifecycle import Move, Reversal, State, Tender
from app.payments.models import PatientPayment, PaymentEvent
from app.payments.queries_checks import came_back
from app.payments.queries_posted import entry, standing
from app.payments.rules_fee import FeeFacts
from app.payments.service import KIND, SUBJECT, close_items, keep_parts, lock_account, locked, note, step
from app.payments.service_apply import applications

_payment, _event = table_of(PatientPayment), table_of(PaymentEvent)


@dataclass(frozen=True, kw_only=True)
class Return:
    """Why and when a payment comes back. code: what the bank said (R01 ...), empty when it said nothing.

    fee: a person wants the fee charged. printed: the statement told them of it. fee_no: why a guard bars it.
    """

    why: Reversal
    day: date | None = None
    code: str = ""
    words: str = ""
    fee: bool = False
    printed: bool = False
    fee_no: str = ""


@dataclass(frozen=True)
class Reversed:
    """What a return did. parts: (visit, cents) open again. fee: cents charged; fee_words: why none was."""

    account_id: int | None
    parts: tuple[tuple[int, int], ...]
    fee: int
    fee_words: str


def reverse(w: Work, public: str, given: Return, *, version: int) -> Reversed:
    """Take a payment back whole: its visits open again, its unapplied part goes too, a fee where allowed.

    Refused to whoever posted it when it was a mistake or cash: somebody else looks (maker is not checker).
    """
    w.may("payments.reverse")
    row = locked(w, public, version)
    why, words = given.why, rules.no_card(given.words, "words", rules.WORDS_CHARACTERS)
    rules.check_why(why, Tender(row.tender))
    own = row.author_id is not None and row.author_id == w.actor.person_id
    if own and (why is Reversal.ERROR or row.tender == Tender.CASH):
        raise NotPermitted("Somebody else takes back what you posted yourself.", code="same_person")
    if why is Reversal.ERROR and not words:
        raise NotAllowed("Say what the mistake was.", code="no_reason", field="words")
    today = w.today(entities.get(w, row.entity_id).time_zone)
    day = given.day or today
    rules.check_day(day, today)
    before = came_back(w, row.account_id, day, but=row.id)[0]
    step(w, row, Move.REVERSE, words, reversal=why.value, reversed_on=day, applied=0, unapplied=0, review="")
    parts = _take_back(w, row, day, f"{why.value} {given.code}".strip())
    fee, fee_words = _fee(w, row, given, day, before=before, parts=parts)
    close_items(w, row, "reversed")
    w.audit("payment.reverse", "U", SUBJECT, row.public_id, entity_id=row.entity_id,
            detail={"why": why.value, "fee": fee})  # fmt: skip
    return Reversed(row.account_id, tuple(parts), fee, fee_words)


def _take_back(w: Work, row: Any, day: date, reason: str) -> list[tuple[int, int]]:
    entries, rows = standing(w, row), applications(w, row.id)
    batch = Batch(w, row.entity_id, KIND, f"payment:{row.id}:back", day, reason=reason)
    ids = batch.add(rules_patient.returned(entries))
    batch.close()
    made = {key: back for (key, _), back in zip(entries, ids, strict=True)}
    gone = {one.takes_back for one in rows}
    last = [one for one in rows if one.id not in gone]
    stands = [one for one in last if one.amount > 0]
    # What was taken off a visit moved twice, and both moves go back: the visit is left as it is.
    off, known = [one for one in last if one.amount < 0], {one.id: one for one in rows}
    again = [((one.claim_id, -int(one.amount)), made[one.entry_id]) for one in off]
    first = keep_parts(w, row, again, batch.effective, [one.id for one in off])
    back = [((one.claim_id, int(one.amount)), made[known[one.takes_back].entry_id]) for one in off]
    keep_parts(w, row, back, batch.effective, [first + at for at in range(len(off))])
    parts = [(int(one.claim_id), int(one.amount)) for one in stands]
    taken = [((one.claim_id, -int(one.amount)), made[one.entry_id]) for one in stands]
    keep_parts(w, row, taken, batch.effective, [one.id for one in stands])
    return parts


# ---------------------------------------------------------------- the fee for a returned item


def _fee(
    w: Work, row: Any, given: Return, day: date, *, before: int, parts: list[tuple[int, int]]
) -> tuple[int, str]:
    """Charge the fee where everything allows it; returns (cents, why not)."""
    if given.why not in (Reversal.NSF, Reversal.STOPPED):
        return 0, ""
    state = lock_account(w, row.account_id).state if row.account_id is not None else ""
    law = service_law.law(w, row.entity_id, day)
    facts = FeeFacts(
        wanted=given.fee, code=given.code.upper(), before=before, visits=bool(parts), printed=given.printed,
        guard=given.fee_no, allowed=law.yes("nsf_fee_allowed", state),
        waive_first=law.yes("nsf_waive_first", state),
        barred=frozenset(law.listed("nsf_fee_barred_codes", state)), cents=law.cents("nsf_fee", state),
    )  # fmt: skip
    cents, words = rules_fee.fee(facts)
    states = (State.REVERSED.value, State.REVERSED.value)
    if not cents:
        note(w, row, "no_fee", words, states)
        return 0, words
    names = (row.public_id, row.number, given.code or given.why.value)
    paper = service_papers.write(w, service_papers.FEE, names, cents, day=day, about="")
    batch = Batch(w, row.entity_id, "item_fee", f"payment:{row.id}:fee", day)
    (made,) = batch.add([rules_patient.item_fee(parts[0][0], cents, service_papers.source(paper))])
    batch.close()
    note(w, row, "fee", "", states, entry=made, cents=cents, claim=parts[0][0])
    return cents, ""


def waive_fee(w: Work, public: str, *, reason: str, version: int) -> int:
    """Take the fee of a returned item back; returns its cents."""
    w.may("payments.reverse")
    row, why = locked(w, public, version), rules.no_card(reason, "reason", rules.WORDS_CHARACTERS)
    if not why:
        raise NotAllowed("Say why, so that others can follow it later.", code="no_reason", field="reason")
    charged = fee_entry(w, row.id)
    found = entry(w, charged) if charged is not None else None
    if charged is None or found is None:
        raise NotAllowed("No fee of this payment stands.", code="no_fee")
    today = w.today(entities.get(w, row.entity_id).time_zone)
    batch = Batch(w, row.entity_id, "item_fee", f"payment:{row.id}:fee_back", today, reason=why)
    batch.add([rules_patient.taken_back(Event.ITEM_FEE_BACK, charged, found)])
    batch.close()
    w.db.execute(update(_payment).where(_payment.c.id == row.id).values(version=row.version + 1))
    note(w, row, "fee_waived", why, entry=charged)
    w.audit("payment.fee_waived", "U", SUBJECT, public, entity_id=row.entity_id)
    return found.cents


def fee_entry(w: Work, payment_id: int) -> int | None:
    """The ledger entry of the fee a returned item cost, while it stands."""
    mine = (_event.c.payment_id == payment_id, w.within(_event.c.entity_id))
    query = select(_event.c.move, _event.c.detail).where(*mine, _event.c.move.in_(("fee", "fee_waived")))
    found = {row.move: row.detail for row in w.db.execute(query)}
    return int(found["fee"]["entry"]) if "fee" in found and "fee_waived" not in found else None
