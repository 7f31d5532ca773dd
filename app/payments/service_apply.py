"""Unapplied money: put on visits later, taken off again, or told whose it is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound
from app.kernel.work import Work
from app.ledger import rules_patient
from app.ledger.service import Batch
from app.payments import rules, service_papers
from app.payments.lifecycle import Mode, State
from app.payments.models import PatientPayment, PaymentApplication
from app.payments.queries_due import due_visits
from app.payments.rules_apply import Named, Parts, spread
from app.payments.service import KIND, SUBJECT, close_items, keep_parts, lock_account, locked, note

_payment, _application = table_of(PatientPayment), table_of(PaymentApplication)


def apply_rest(w: Work, account_id: int) -> Parts:
    """Put an account's unapplied money on its visits, the oldest receipt first, each as it was meant.

    What the patient designated stays with the visits they named; what a person has to look at stays put.
    Returns (visit, cents); nothing when nothing is due.
    """
    w.may("payments.post")
    return _rest(w, account_id)


def _rest(w: Work, account_id: int) -> Parts:
    lock_account(w, account_id)
    mine = (_payment.c.account_id == account_id, w.within(_payment.c.entity_id))
    waiting = (_payment.c.state == State.POSTED.value, _payment.c.unapplied > 0, _payment.c.review == "")
    query = select(_payment).where(*mine, *waiting).order_by(_payment.c.received_on, _payment.c.id)
    done: Parts = []
    for row in w.db.execute(query.with_for_update()).all():
        named: list[Named] = [(one[0], one[1]) for one in row.designated or []]
        items = [one.item for one in due_visits(w, account_id)]
        done += _put(w, row, spread(Mode(row.mode), int(row.unapplied), items, named=named))
    return done


def apply(
    w: Work, public: str, *, mode: Mode | None, designated: Sequence[Named] = (), version: int
) -> Parts:
    """A person puts what is unapplied of one payment on visits of its account; returns (visit, cents)."""
    w.may("payments.post")
    row = locked(w, public, version)
    _standing(row)
    if row.account_id is None:
        raise NotAllowed("Say first whose money it is.", code="unidentified")
    if row.review:
        raise NotAllowed("A person has to look at this payment first.", code="review")
    how = rules.mode_of(mode, designated=bool(designated), plan=False, statement=False)
    items = [one.item for one in due_visits(w, row.account_id)]
    parts = spread(how, int(row.unapplied), items, named=designated)
    if not parts:
        raise NotAllowed("Nothing it could pay is due.", code="nothing_due")
    return _put(w, row, parts)


def _standing(row: Any) -> None:
    if row.state != State.POSTED:
        raise NotAllowed("Only a payment that stands can be applied.", code="not_possible_now")


def _put(w: Work, row: Any, parts: Parts) -> Parts:
    if not parts:
        return []
    today = w.today(entities.get(w, row.entity_id).time_zone)
    batch = Batch(w, row.entity_id, KIND, f"payment:{row.id}:apply:{row.version}", today)
    ids = batch.add(rules_patient.apply_unapplied(parts, service_papers.source(row.file_no)))
    batch.close()
    keep_parts(w, row, list(zip(parts, ids, strict=True)), batch.effective)
    _change(w, row, sum(part for _, part in parts), "apply")
    return parts


def _change(w: Work, row: Any, cents: int, move: str, reason: str = "") -> None:
    """Cents go from unapplied to applied, or back when negative."""
    values = dict(applied=row.applied + cents, unapplied=row.unapplied - cents, version=row.version + 1)
    w.db.execute(update(_payment).where(_payment.c.id == row.id).values(**values))
    note(w, row, move, reason, cents=cents)
    w.audit("payment." + move, "U", SUBJECT, row.public_id, entity_id=row.entity_id)


def take_off(
    w: Work, public: str, *, reason: str, version: int, visits: Sequence[int] | None = None
) -> Parts:
    """Take a payment off what it paid (all, or these visits): the money waits in 2010 again.

    Returns (visit, cents) taken off; each application is taken back whole.
    """
    w.may("payments.reverse")
    row, why = locked(w, public, version), rules.no_card(reason, "reason", rules.WORDS_CHARACTERS)
    _standing(row)
    if not why:
        raise NotAllowed("Say why, so that others can follow it later.", code="no_reason", field="reason")
    chosen = [one for one in standing_parts(w, row.id) if visits is None or one.claim_id in visits]
    if not chosen:
        raise NotAllowed("It pays nothing that could be taken off.", code="nothing_applied")
    today = w.today(entities.get(w, row.entity_id).time_zone)
    here = service_papers.source(row.file_no)
    batch = Batch(w, row.entity_id, KIND, f"payment:{row.id}:off:{row.version}", today, reason=why)
    ids = batch.add([rules_patient.take_off(one.claim_id, int(one.amount), here) for one in chosen])
    batch.close()
    parts = [(int(one.claim_id), int(one.amount)) for one in chosen]
    back = [((claim_id, -cents), entry) for (claim_id, cents), entry in zip(parts, ids, strict=True)]
    keep_parts(w, row, back, batch.effective, [one.id for one in chosen])
    _change(w, row, -sum(cents for _, cents in parts), "take_off", why)
    return parts


def applications(w: Work, payment_id: int) -> list[Any]:
    """Every application of a payment and what took it back, in the order they were made."""
    mine = (_application.c.payment_id == payment_id, w.within(_application.c.entity_id))
    return list(w.db.execute(select(_application).where(*mine).order_by(_application.c.id)))


def standing_parts(w: Work, payment_id: int) -> list[Any]:
    """What a payment pays at this moment: applications nothing took back."""
    rows = applications(w, payment_id)
    gone = {one.takes_back for one in rows}
    return [one for one in rows if one.amount > 0 and one.id not in gone]


def identify(w: Work, public: str, account_id: int, *, version: int) -> Parts:
    """Say whose an unidentified receipt is; it pays what that account owes, oldest first."""
    w.may("payments.post")
    row = locked(w, public, version)
    _standing(row)
    if row.account_id is not None:
        raise NotAllowed("This payment has its account.", code="identified")
    if lock_account(w, account_id).entity_id != row.entity_id:
        raise NotFound("There is no such account.", field="account")
    change = dict(account_id=account_id, version=row.version + 1)
    w.db.execute(update(_payment).where(_payment.c.id == row.id).values(**change))
    note(w, row, "identify", "")
    w.audit("payment.identify", "U", SUBJECT, row.public_id, entity_id=row.entity_id)
    close_items(w, row, "identified")
    return _rest(w, account_id)


def clear_review(w: Work, public: str, *, reason: str, version: int) -> Parts:
    """A person looked: the money may be kept, and pays what is due."""
    w.may("payments.reverse")
    row, why = locked(w, public, version), rules.no_card(reason, "reason", rules.WORDS_CHARACTERS)
    _standing(row)
    if not row.review:
        raise NotAllowed("Nobody has to look at this payment.", code="no_review")
    if not why:
        raise NotAllowed("Say why, so that others can follow it later.", code="no_reason", field="reason")
    change = dict(review="", version=row.version + 1)
    w.db.execute(update(_payment).where(_payment.c.id == row.id).values(**change))
    note(w, row, "keep", why)
    w.audit("payment.keep", "U", SUBJECT, row.public_id, entity_id=row.entity_id)
    close_items(w, row, "kept")
    return _rest(w, row.account_id)
