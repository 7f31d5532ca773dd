"""One account as whoever answers the phone needs it, put together from every part of the house."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts import queries_calls, queries_visits, rules_steps
from app.accounts.lifecycle import Blocks
from app.accounts.queries import AccountStanding
from app.accounts.queries_calls import PlaceRow
from app.accounts.queries_visits import Visit
from app.accounts.rules_steps import Step
from app.contacts import rules_guards, service_guards
from app.contacts.lifecycle import DISPUTE_ENDED, Act
from app.contacts.models import Dispute, PatientPromise
from app.contacts.queries_holds import HoldTold, of_account
from app.contacts.rules_guards import No
from app.contacts.rules_law import Law
from app.contacts.service_law import law
from app.flows.account_story import LETTERS, story
from app.flows.patient_account import Happening
from app.kernel.db import table_of
from app.kernel.money import ZERO, Money
from app.kernel.work import Work
from app.patients import queries_guarantors, queries_reach
from app.patients.queries_guarantors import AnswersFor, GuarantorRow
from app.patients.queries_reach import Address, Consents, Point
from app.payments import queries as payments
from app.payments import queries_small
from app.payments.queries import Part, PaymentRow
from app.payments.queries_small import CardRow
from app.plans import queries as plans
from app.plans.queries import PlanView
from app.statements.lifecycle import Stage
from app.statements.models import CollectionLetter, Dunning, Statement

_promise, _dispute, _dunning = table_of(PatientPromise), table_of(Dispute), table_of(Dunning)
_statement, _letter = table_of(Statement), table_of(CollectionLetter)
PAPERS_MOST = 100


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of the guarantor, cents."""

    public_id: str
    amount: Money
    promised_on: date
    grace_until: date
    state: str
    received: Money
    made_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute: which visit (None: the account), how much, by when it is answered."""

    public_id: str
    claim_id: int | None
    amount: Money | None
    state: str
    opened_on: date
    acknowledge_by: date
    resolve_by: date
    outcome: str
    version: int

    @property
    def open(self) -> bool:
        """Is it still to be answered?"""
        return self.state not in DISPUTE_ENDED


@dataclass(frozen=True, slots=True)
class Paper:
    """A statement or letter as issued; kind: statement or letter, for its PDF."""

    kind: str
    public_id: str
    number: str
    words: str
    day: date
    amount: Money
    way: str
    language: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reachable:
    """Whether somebody may be reached one way at this moment. until: when that ends today; nos: why not."""

    label: str
    nos: Sequence[No]
    until: datetime | None = None
    words: str = ""

    @property
    def allowed(self) -> bool:
        """Does nothing stand against it?"""
        return not self.nos


@dataclass(frozen=True, slots=True)
class Dunned:
    """Where collection stands."""

    stage: str
    since: date | None
    first_on: date | None
    next_on: date | None
    statement_on: date | None
    statement_due: Money


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole account. Sums are cents; lists are newest first."""

    head: GuarantorRow
    today: date
    law: Law
    standing: AccountStanding
    dunned: Dunned
    patients: Sequence[AnswersFor]
    address: Address | None
    points: Sequence[Point]
    consents: Consents
    now: Sequence[Reachable]
    visits: Sequence[Visit]
    holds: Sequence[HoldTold]
    promises: Sequence[Promise]
    disputes: Sequence[DisputeRow]
    plan: PlanView | None
    payments: Sequence[PaymentRow]
    parts: Mapping[int, Sequence[Part]]
    papers: Sequence[Paper]
    story: Sequence[Happening]
    step: Step
    place: PlaceRow | None
    cards: Sequence[CardRow]

    @property
    def promise(self) -> Promise | None:
        """The one that is open."""
        return _open(self.promises)

    @property
    def dispute(self) -> DisputeRow | None:
        """The oldest one that is open."""
        return next((one for one in reversed(self.disputes) if one.open), None)

    @property
    def kept(self) -> tuple[int, int]:
        """Promises kept, and how many were judged."""
        judged = [one for one in self.promises if one.state not in ("open", "withdrawn")]
        return sum(one.state == "kept" for one in judged), len(judged)


def _open(promises: Sequence[Promise]) -> Promise | None:
    return next((one for one in promises if one.state == "open"), None)


def desk(w: Work, public_id: str) -> Desk:
    """Everything about one account; `NotFound` for a stranger. A fixed number of statements."""
    head = queries_guarantors.by_public(w, public_id)
    today = w.today(head.time_zone)
    patients = queries_guarantors.patients_of(w, [head.id]).get(head.id, [])
    visits = queries_visits.visits(w, [head.id]).get(head.id, [])[::-1]
    seen = [*(one.patient_id for one in patients), *(one.patient_id for one in visits)]
    w.audit("accounts.account", "R", "account", public_id, entity_id=head.entity_id, patients=seen)
    standing = accounts.standing(w, [head.id]).get(head.id) or _nothing(head)
    address = queries_reach.addresses(w, [head.id]).get(head.id)
    promises, disputes = _promises(w, head.id), _disputes(w, head.id)
    plan, dunned = plans.of(w, [head.id]).get(head.id), _dunned(w, head.id)
    paid = payments.payments(w, [head.id]).get(head.id, [])
    facts = _facts(
        head, standing, today, mail=address.mail if address else "", promise=_open(promises),
        dispute=next((one for one in reversed(disputes) if one.open), None), plan=plan, stage=dunned.stage,
        waits=", ".join(sorted({one.why().lower() for one in visits if one.waiting and one.why()})),
    )  # fmt: skip
    return Desk(
        head=head,
        today=today,
        law=law(w, head.entity_id, today),
        standing=standing,
        dunned=dunned,
        patients=patients,
        address=address,
        points=queries_reach.points(w, [head.id]).get(head.id, []),
        consents=queries_reach.consents(w, [head.id])[head.id],
        now=reachable(w, head.id),
        visits=visits,
        holds=of_account(w, head.id),
        promises=promises,
        disputes=disputes,
        plan=plan,
        payments=paid,
        parts=payments.parts(w, [one.id for one in paid]),
        papers=papers(w, head.id),
        story=story(w, head.id),
        step=rules_steps.next_step(facts, today),
        place=queries_calls.place(w, head.id),
        cards=[one for one in queries_small.cards(w, account_id=head.id) if one.usable(today)],
    )


_REACHES = (
    (Act.CALL, "Call"), (Act.SMS, "Text"), (Act.EMAIL, "E-mail"), (Act.LETTER, "Letter"),
    (Act.STATEMENT, "Statement"),
)  # fmt: skip


def reachable(w: Work, account_id: int) -> list[Reachable]:
    """What the guards say of each way of reaching them, just now; nothing of it is kept as a refusal."""
    answers, known = service_guards.ask_each(w, [act for act, _ in _REACHES], account_id)
    found = []
    for act, label in _REACHES:
        nos = answers[act]
        # Without a number there is nothing else to say of it.
        nos = [one for one in nos if one.rule == "no_number"] or nos
        until, words = None, ""
        if act is Act.CALL and not nos and (ends := rules_guards.open_until(known.facts, known.law, w.now)):
            there = f"{ends[0].astimezone(ZoneInfo(ends[1])):%H:%M}"
            until, words = ends[0], f"{there} in {ends[1].rpartition('/')[2].replace('_', ' ')}"
        found.append(Reachable(label, nos, until, words))
    return found


def _nothing(head: GuarantorRow) -> AccountStanding:
    """An account nothing was ever owed on."""
    none: dict[str, Any] = dict.fromkeys(
        ("due", "waiting", "held", "credit", "unapplied", "pending", "on_plan", "paid"), ZERO
    )
    days: dict[str, Any] = dict.fromkeys(("oldest_since", "latest_since", "promise_until", "paid_on"))
    return AccountStanding(head.id, head.entity_id, visits=0, blocks=Blocks.NONE, plan="", **none, **days)


def _facts(
    head: GuarantorRow,
    standing: AccountStanding,
    today: date,
    *,
    mail: str,
    promise: Promise | None,
    dispute: DisputeRow | None,
    plan: PlanView | None,
    stage: str,
    waits: str,
) -> rules_steps.Facts:
    return rules_steps.Facts(
        due=int(standing.due),
        waiting=int(standing.waiting),
        unapplied=int(standing.unapplied),
        credit=int(standing.credit),
        blocks=int(standing.blocks),
        confirmed=head.confirmed,
        mail_bad=mail == "bad",
        resolve_by=dispute.resolve_by if dispute else None,
        promise=int(promise.amount) if promise else 0,
        promise_until=promise.promised_on if promise else None,
        plan=plan.state.value if plan else "",
        plan_missed=int(plan.due(today)) if plan else 0,
        stage=stage,
        waits=waits,
    )


def _promises(w: Work, account_id: int) -> list[Promise]:
    names = tuple(Promise.__dataclass_fields__)
    query = select(*(_promise.c[name] for name in names)).where(_promise.c.account_id == account_id)
    query = query.where(w.within(_promise.c.entity_id)).order_by(_promise.c.id.desc())
    return [Promise(*row) for row in w.db.execute(query)]


def _disputes(w: Work, account_id: int) -> list[DisputeRow]:
    names = tuple(DisputeRow.__dataclass_fields__)
    query = select(*(_dispute.c[name] for name in names)).where(_dispute.c.account_id == account_id)
    query = query.where(w.within(_dispute.c.entity_id)).order_by(_dispute.c.id.desc())
    return [DisputeRow(*row) for row in w.db.execute(query)]


def _dunned(w: Work, account_id: int) -> Dunned:
    names = tuple(Dunned.__dataclass_fields__)
    query = select(*(_dunning.c[name] for name in names)).where(_dunning.c.account_id == account_id)
    row = w.db.execute(query.where(w.within(_dunning.c.entity_id))).one_or_none()
    return Dunned(*row) if row else Dunned(Stage.NOT_DUE.value, None, None, None, None, ZERO)


def papers(w: Work, account_id: int) -> list[Paper]:
    """Statements and letters of an account, the newest first."""
    found = [
        Paper("statement", row.public_id, row.number, "Itemised bill" if row.kind.startswith("itemi") else
              f"Statement, {row.stage.replace('stmt_', 'no. ').replace('_', ' ')}", row.day, row.amount,
              row.way, row.language, row.state, row.recorded_at)
        for row in _issued(w, _statement, account_id)
    ]  # fmt: skip
    found += [
        Paper("letter", row.public_id, row.number, LETTERS.get(row.letter, row.letter.replace("_", " ")),
              row.day, row.amount, row.way, row.language, row.state, row.recorded_at)
        for row in _issued(w, _letter, account_id)
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.at, reverse=True)


def _issued(w: Work, table: Any, account_id: int) -> Sequence[Any]:
    query = select(table).where(table.c.account_id == account_id, w.within(table.c.entity_id))
    return w.db.execute(query.order_by(table.c.id.desc()).limit(PAPERS_MOST)).all()
