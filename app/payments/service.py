"""Taking a patient's payment: onto the books, onto the visits it pays, once.

A payment is one row, one stored receipt and one posting batch; what it pays are rows of its own. Whoever
calls a verb here tells the account afterwards: `flows/patient_paid.py` does, and every door goes through it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.contacts.lifecycle import HoldKind
from app.contacts.models import AccountHold
from app.entities import queries as entities
from app.kernel import failpoints
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.money import Money, total
from app.kernel.work import Work
from app.ledger import rules_patient
from app.ledger.service import Batch
from app.patients.models import Guarantor
from app.payments import rules, service_papers
from app.payments.lifecycle import PAYMENT, Mode, Move, State, Tender
from app.payments.models import PatientPayment, PaymentApplication, PaymentEvent
from app.payments.queries_checks import checks_blocked
from app.payments.queries_due import DueVisit, due_visits
from app.payments.rules_apply import Named, spread
from app.worklist import service as worklist
from app.worklist.service import NewItem

_payment, _application = table_of(PatientPayment), table_of(PaymentApplication)
_event, _guarantor, _hold = table_of(PaymentEvent), table_of(Guarantor), table_of(AccountHold)
KIND, SUBJECT, QUEUE = "patient_payment", "patient_payment", "payments"
REVIEW_BANKRUPTCY = "bankruptcy"
SCORE = 40


@dataclass(frozen=True, kw_only=True)
class Taking:
    """What somebody hands over. cents: whole, above zero. account_id: None when nobody knows whose it is.

    key: the caller's name for this very payment; the same key is the same payment. received_on: the day the
    money came, today when absent. designated: visits the patient names, with the most for each (None: all).
    plan_items, statement_items: visits of the plan or of the latest statement, which then come first.
    """

    entity_id: int
    account_id: int | None
    tender: Tender
    cents: int
    key: str
    received_on: date | None = None
    reference: str = ""
    mode: Mode | None = None
    designated: Sequence[Named] = ()
    plan_items: Sequence[int] = ()
    statement_items: Sequence[int] = ()
    plan_id: int | None = None
    token_id: int | None = None


@dataclass(frozen=True)
class Taken:
    """A payment as it stands. parts: (visit, cents) it pays. again: the same key was taken before."""

    id: int
    public_id: str
    number: str
    account_id: int | None
    applied: Money
    unapplied: Money
    state: State
    parts: tuple[tuple[int, int], ...] = ()
    again: bool = False


@dataclass(frozen=True)
class Planned:
    """What a payment would pay: each visit with its part, and what would stay unapplied."""

    mode: Mode
    parts: tuple[tuple[DueVisit, Money], ...]
    unapplied: Money
    review: str = ""


def lock_account(w: Work, account_id: int) -> Any:
    """The account's row, kept from others until the end: two payments never see the same visit open."""
    query = select(_guarantor.c.id, _guarantor.c.entity_id, _guarantor.c.public_id, _guarantor.c.state)
    mine = (_guarantor.c.id == account_id, w.within(_guarantor.c.entity_id))
    row = w.db.execute(query.where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such account.")
    return row


def preview(w: Work, given: Taking) -> Planned:
    """What `take` would do now; writes nothing."""
    w.may("payments.read")
    mode, _ = _mode(given)
    visits, review = _payable(w, given.account_id)
    return _planned(mode, given.cents, visits, _named(given), review)


def _planned(
    mode: Mode, cents: int, visits: Sequence[DueVisit], named: Sequence[Named], review: str
) -> Planned:
    known = {one.item.claim_id: one for one in visits}
    parts = spread(mode, cents, [one.item for one in visits], named=named)
    rest = cents - sum(part for _, part in parts)
    return Planned(mode, tuple((known[key], Money(part)) for key, part in parts), Money(rest), review)


def _payable(w: Work, account_id: int | None) -> tuple[list[DueVisit], str]:
    """The visits a payment may pay now, or why none may: after a petition a person looks first.

    The hold counts from its petition, which came before anybody here heard of it: so does a check that was
    received in between.
    """
    if account_id is None:
        return [], ""
    query = select(_hold.c.id).where(
        w.within(_hold.c.entity_id), _hold.c.account_id == account_id, _hold.c.open.is_(True),
        _hold.c.kind == HoldKind.BANKRUPTCY.value,
    )  # fmt: skip
    if w.db.execute(query.limit(1)).scalar() is not None:
        return [], REVIEW_BANKRUPTCY
    return due_visits(w, account_id), ""


def _named(given: Taking) -> list[Named]:
    if given.designated:
        return list(given.designated)
    return [(claim_id, None) for claim_id in (given.plan_items or given.statement_items)]


def _mode(given: Taking) -> tuple[Mode, list[Named]]:
    mode = rules.mode_of(
        given.mode, designated=bool(given.designated), plan=bool(given.plan_items),
        statement=bool(given.statement_items),
    )  # fmt: skip
    named = _named(given) if mode in (Mode.DESIGNATED, Mode.PLAN, Mode.STATEMENT) else []
    return mode, named


def take(w: Work, given: Taking) -> Taken:
    """Post a payment of cash, check, money order or ACH; a card's is asked for first (`service_cards`).

    The same key and facts again: the payment as it stands, nothing moves. Other facts under a known key are
    refused.
    """
    w.may("payments.post")
    if given.tender is Tender.CARD:
        raise Refused("A card is charged by its token.", code="card_token", field="tender")
    if given.tender is Tender.CHECK and given.account_id is not None:
        _take_checks(w, given.account_id)
    row = begin(w, given, State.POSTED)
    return row if row.again else post(w, row.id)


def _take_checks(w: Work, account_id: int) -> None:
    """Refuse a check of somebody whose checks came back too often (RCASH-07)."""
    if words := checks_blocked(w, account_id, w.now.date()):
        raise NotAllowed(words, code="RCASH-07", field="tender")


def begin(w: Work, given: Taking, state: State) -> Taken:
    """Write the row of a payment, without posting anything; or find the one of the same key."""
    mode, named = _mode(given)
    rules.check_amount(given.cents)
    Money(given.cents)
    key = rules.no_card(given.key, "key", rules.KEY_CHARACTERS)
    reference = rules.no_card(given.reference, "reference", rules.REFERENCE_CHARACTERS)
    if not key:
        raise Refused("Name the payment by a key of yours.", code="key_missing", field="key")
    today = w.today(entities.get(w, given.entity_id).time_zone)
    day = given.received_on or today
    rules.check_day(day, today)
    if given.account_id is not None and lock_account(w, given.account_id).entity_id != given.entity_id:
        raise NotFound("There is no such account.")
    made = w.numbers("patient_payment")
    values: dict[str, Any] = dict(
        id=made, public_id=public_id(), entity_id=given.entity_id, account_id=given.account_id,
        number=f"P{made:07d}", key=key, tender=given.tender.value, amount=given.cents, applied=0, unapplied=0,
        received_on=day.isoformat(), reference=reference, mode=mode.value, plan_id=given.plan_id,
        token_id=given.token_id, state=state.value, review="", author=w.actor.name[:80],
        author_id=w.actor.person_id, recorded_at=instant_text(w.now), version=1,
    )  # fmt: skip
    if not bulk_insert(w.db, _payment, list(values), [tuple(values.values())]):
        return _same(w, given, day, reference)
    if named:
        kept = [[claim_id, most] for claim_id, most in named]
        w.db.execute(update(_payment).where(_payment.c.id == made).values(designated=kept))
    return Taken(made, values["public_id"], values["number"], given.account_id, Money(0), Money(0), state)


def _same(w: Work, given: Taking, day: date, reference: str) -> Taken:
    """The payment this key already is; `Refused` when it was another one."""
    mine = (_payment.c.entity_id == given.entity_id, w.within(_payment.c.entity_id))
    row = w.db.execute(select(_payment).where(*mine, _payment.c.key == given.key.strip())).one_or_none()
    if row is None:
        raise Stale()
    told = (given.account_id, given.tender.value, given.cents, reference, given.plan_id, given.token_id)
    known = (row.account_id, row.tender, int(row.amount), row.reference, row.plan_id, row.token_id)
    days = given.received_on is None or row.received_on == day
    if told != known or not days or _wished(given) not in (None, _wish(row)):
        raise Refused("This key was used for another payment.", code="key_reused", field="key")
    return _taken(row, again=True)


Wish = tuple[str, list[tuple[int, int | None]]]


def _wished(given: Taking) -> Wish | None:
    """How somebody wants a payment spread; None when they left it to the house, which may see another plan or
    statement by now.
    """
    if given.designated:
        return Mode.DESIGNATED.value, [(one[0], one[1]) for one in given.designated]
    return (given.mode.value, []) if given.mode is not None else None


def _wish(row: Any) -> Wish:
    chosen = row.designated or [] if row.mode == Mode.DESIGNATED else []
    return row.mode, [(one[0], one[1]) for one in chosen]


def _taken(row: Any, *, parts: Sequence[tuple[int, int]] = (), again: bool = False) -> Taken:
    return Taken(
        row.id, row.public_id, row.number, row.account_id, row.applied, row.unapplied, State(row.state),
        tuple(parts), again,
    )  # fmt: skip


def taken(w: Work, payment_id: int, *, again: bool = False) -> Taken:
    """A payment as it stands."""
    query = select(_payment).where(_payment.c.id == payment_id, w.within(_payment.c.entity_id))
    return _taken(w.db.execute(query).one(), again=again)


def locked(w: Work, public: str, version: int | None = None) -> Any:
    """A payment and its account, kept from others until the end; `Stale` when it is not the one looked at."""
    query = select(_payment).where(_payment.c.public_id == public, w.within(_payment.c.entity_id))
    seen = w.db.execute(query).one_or_none()
    if seen is None:
        raise NotFound("There is no such payment.")
    if seen.account_id is not None:
        lock_account(w, seen.account_id)
    row = w.db.execute(query.with_for_update()).one()
    if version is not None and row.version != version:
        raise Stale()
    return row


def post(w: Work, payment_id: int, *, asked: bool = False) -> Taken:
    """Onto the books: the receipt is stored, each visit gets its part, the rest waits in 2010.

    asked: a card's payment, which was under way and is posted now.
    """
    query = select(_payment).where(_payment.c.id == payment_id, w.within(_payment.c.entity_id))
    row = w.db.execute(query.with_for_update()).one()
    visits, review = _payable(w, row.account_id)
    named: list[Named] = [(one[0], one[1]) for one in row.designated or []]
    planned = _planned(Mode(row.mode), int(row.amount), visits, named, review)
    parts = [(visit.item.claim_id, int(part)) for visit, part in planned.parts]
    account = lock_account(w, row.account_id).public_id if row.account_id is not None else ""
    names = (row.public_id, row.number, row.tender)
    paper = service_papers.write(
        w, service_papers.RECEIPT, names, int(row.amount), day=row.received_on, about=account
    )
    made = rules_patient.payment(
        parts, int(planned.unapplied), service_papers.source(paper), card=row.tender == Tender.CARD
    )
    batch = Batch(w, row.entity_id, KIND, f"payment:{row.id}", row.received_on)
    ids = batch.add(made)
    batch.close()
    failpoints.hit("payments.after_batch")
    keep_parts(w, row, list(zip(parts, ids, strict=False)), batch.effective)
    applied = total(part for _, part in parts)
    change: dict[str, Any] = dict(
        applied=applied, unapplied=planned.unapplied, batch_id=batch.id, file_no=paper, review=review
    )
    if asked:
        change |= dict(state=PAYMENT.next(State(row.state), Move.POST).value, version=row.version + 1)
    w.db.execute(update(_payment).where(_payment.c.id == row.id).values(**change))
    note(w, row, Move.POST, review, (row.state if asked else "", State.POSTED))
    seen = [visit.patient_id for visit, _ in planned.parts]
    w.audit("payment", "C", SUBJECT, row.public_id, entity_id=row.entity_id, patients=seen,
            detail={"tender": row.tender, "mode": row.mode})  # fmt: skip
    if review or row.account_id is None:
        ask_person(w, row, review or "unidentified")
    return _taken(w.db.execute(query).one(), parts=parts)


def keep_parts(
    w: Work, row: Any, parts: Sequence[tuple[tuple[int, int], int]], on: date, back: Sequence[int] = ()
) -> int:
    """Rows of what a payment paid: ((visit, cents), entry) each; `back` names the rows they take back.

    Returns the id of the first; they count on from it.
    """
    if not parts:
        return 0
    first = w.numbers("payment_application", len(parts))
    w.db.execute(
        insert(_application),
        [
            dict(id=first + at, entity_id=row.entity_id, payment_id=row.id, claim_id=claim_id,
                 amount=Money(cents), entry_id=entry_id, takes_back=back[at] if back else None, applied_on=on)
            for at, ((claim_id, cents), entry_id) in enumerate(parts)
        ],
    )  # fmt: skip
    return first


def ask_person(w: Work, row: Any, reason: str) -> None:
    """A person's item: whose money it is, or whether it may be kept."""
    due = w.today(entities.get(w, row.entity_id).time_zone)
    item = NewItem(
        entity_id=row.entity_id, queue=QUEUE, kind=reason, subject=SUBJECT, subject_id=row.id, reason=reason,
        amount=int(row.amount), due=due, score=SCORE, detail={"payment": row.public_id},
    )  # fmt: skip
    worklist.reopen_many(w, [item])


def note(
    w: Work, row: Any, move: str, reason: str, states: tuple[str, str] | None = None, **detail: Any
) -> None:
    """Write down what happened to a payment. states: from and to, where it moved."""
    before, after = states or (row.state, row.state)
    values = dict(entity_id=row.entity_id, payment_id=row.id, move=str(move), from_state=str(before))
    values |= dict(to_state=str(after), reason=reason[:200], detail=detail, author=w.actor.name[:80])
    w.db.execute(insert(_event).values(**values, at=w.now))


def step(w: Work, row: Any, move: Move, reason: str = "", **values: Any) -> None:
    """Move a locked payment on, with its event; refused when the table does not allow it."""
    state = PAYMENT.next(State(row.state), move)
    changed = update(_payment).where(_payment.c.id == row.id, _payment.c.version == row.version)
    if w.db.execute(changed.values(state=state.value, version=row.version + 1, **values)).rowcount != 1:
        raise Stale()
    note(w, row, move, reason, (row.state, state))


def close_items(w: Work, row: Any, reason: str) -> None:
    """What a person was asked about a payment is settled."""
    worklist.close_many(w, QUEUE, SUBJECT, [row.id], reason)
