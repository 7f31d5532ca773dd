"""What documents say, gathered for up to fifty accounts at once: figures, address, plan, notices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.lifecycle import OwedState, Waits
from app.accounts.models import Owed
from app.accounts.queries_lines import ServiceLine, lines
from app.accounts.queries_visits import Visit, visits
from app.contacts.rules_law import Law
from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.patients.queries_guarantors import GuarantorRow, by_ids
from app.patients.queries_reach import Address, addresses
from app.plans import queries as plans
from app.plans.models import Plan as PlanTable
from app.plans.models import PlanItem
from app.statements.models import Dunning, Statement
from app.statements.rules_content import NO_VALUE, Content, PlanFacts, Service, VisitFacts, asked_of
from app.statements.rules_dunning import RUNNING_PLANS, legal, mail_day
from app.statements.rules_policy import LETTERS
from app.statements.translate import notices

_dunning, _plan, _plan_item = table_of(Dunning), table_of(PlanTable), table_of(PlanItem)
_owed, _statement = table_of(Owed), table_of(Statement)
NAMES = ("charges", "insurance_paid", "insurance_adjusted", "patient_paid", "patient_adjusted", "refunded",
         "balance")  # fmt: skip
LINK = "statement.link"
INSURED = frozenset({OwedState.WAITING.value, OwedState.CLEAR.value})
"""States of a visit whose open part insurance has yet to answer for."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A document to be written. asked: cents; named: sensitive services by their names (RPAT-12)."""

    account_id: int
    letter: str
    number: str
    day: date
    language: str
    message: str
    asked: int
    named: bool = False


@dataclass(frozen=True, slots=True)
class Books:
    """Everything read for a set of accounts."""

    practice: str
    law: Law
    due_days: int
    who: Mapping[int, GuarantorRow]
    homes: Mapping[int, Address]
    visits: Mapping[int, list[Visit]]
    services: Mapping[int, list[ServiceLine]]
    plans: Mapping[int, Any]
    on_plan: Mapping[int, frozenset[int]]
    glances: Mapping[int, accounts.AccountStanding]
    dunning: Mapping[int, Any]
    latest: Mapping[int, str]


def read(
    w: Work, entity_id: int, ids: Sequence[int], law: Law, due_days: int, *, named: bool = False
) -> Books:
    """Read what documents to these accounts say; a fixed number of statements.

    named: for itemised bills, which tell sensitive services by their names (RPAT-12).
    """
    found = visits(w, ids)
    claims = [one.claim_id for each in found.values() for one in each]
    dunning = select(_dunning.c.account_id, _dunning.c.first_on, _dunning.c.notice_on).where(
        among(w.db, _dunning.c.account_id, list(ids)), w.within(_dunning.c.entity_id)
    )
    return Books(
        practice=entities.get(w, entity_id).name,
        law=law,
        due_days=due_days,
        who=by_ids(w, ids),
        homes=addresses(w, ids),
        visits=found,
        services=lines(w, claims, named=named),
        plans=plans.of(w, ids),
        on_plan=_on_plan(w, ids),
        glances=accounts.standing(w, ids),
        dunning={row.account_id: row for row in w.db.execute(dunning)},
        latest=_latest(w, ids),
    )


def _latest(w: Work, ids: Sequence[int]) -> dict[int, str]:
    """The number of the newest statement with a link of each account: what the code of a letter opens."""
    query = select(_statement.c.account_id, _statement.c.number).where(
        among(w.db, _statement.c.account_id, list(ids)), w.within(_statement.c.entity_id),
        _statement.c.link.is_not(None),
    )  # fmt: skip
    return {row.account_id: row.number for row in w.db.execute(query.order_by(_statement.c.id))}


def _on_plan(w: Work, ids: Sequence[int]) -> dict[int, frozenset[int]]:
    query = (
        select(_plan.c.account_id, _plan_item.c.claim_id)
        .join(_plan_item, _plan_item.c.plan_id == _plan.c.id)
        .where(among(w.db, _plan.c.account_id, list(ids)), w.within(_plan.c.entity_id),
               _plan.c.state.in_(sorted(RUNNING_PLANS)))
    )  # fmt: skip
    found: dict[int, set[int]] = {}
    for account_id, claim_id in w.db.execute(query):
        found.setdefault(account_id, set()).add(claim_id)
    return {key: frozenset(claims) for key, claims in found.items()}


def content(books: Books, ask: Ask) -> Content | None:
    """What one document says; None when the visits do not come to what was planned: look again."""
    who, home = books.who[ask.account_id], books.homes.get(ask.account_id)
    covered = books.on_plan.get(ask.account_id, frozenset())
    found = [one for one in books.visits.get(ask.account_id, ()) if ask.named or one.open]
    glance = books.glances.get(ask.account_id)
    on_plan = int(glance.on_plan) if glance else 0
    parts = asked_of([(one.claim_id, int(one.due)) for one in found], covered, on_plan)
    shown = [_visit(one, books, ask.language, Money(parts[one.claim_id])) for one in found]
    held = (glance.unapplied, glance.credit, glance.pending) if glance else ()
    setoff = Money(sum(max(int(one), 0) for one in held))
    due = sum(parts.values())
    if not ask.named and due - int(setoff) != ask.asked:
        return None
    days = _legal(books, ask)
    day, due_on = ask.day, mail_day(ask.day + timedelta(books.due_days))[0]
    return Content(
        practice=books.practice, account=who.number, guarantor=who.full_name,
        address_id=home.id if home else None, address=_address(home), number=ask.number, day=day,
        due_on=due_on, language=ask.language, message=ask.message, amount=Money(ask.asked), setoff=setoff,
        visits=shown,
        plan=_plan_facts(books, ask), paid=glance.paid if glance else Money(0),
        paid_on=glance.paid_on if glance else None, link=_link(books, who, ask), state=who.state,
        notices=notices(who.state, day, ask.letter, ask.language), agency_on=days.get("agency"),
        apply_by=days.get("application_ends"),
        ages=tuple(int(one) for one in books.law.listed("statement_ageing_days")),
    )  # fmt: skip


def _link(books: Books, who: GuarantorRow, ask: Ask) -> str:
    """A letter is no page of its own behind its code: it opens the statement it reminds of."""
    number = books.latest.get(ask.account_id) if ask.letter in LETTERS else ask.number
    return link_of(books.law, who, number) if number else ""


def _address(home: Address | None) -> tuple[str, str, str]:
    if home is None:
        return ("", "", "")
    return home.street, home.street2, " ".join(part for part in (home.city, home.state, home.zip) if part)


def _legal(books: Books, ask: Ask) -> dict[str, date]:
    row = books.dunning.get(ask.account_id)
    if row is None or row.first_on is None:
        return {}
    notice = row.notice_on or (ask.day if ask.letter == "final_notice" else None)
    state = books.who[ask.account_id].state
    return {
        one.what: one.on for one in legal(row.first_on, notice, lambda code: books.law.number(code, state))
    }


def _plan_facts(books: Books, ask: Ask) -> PlanFacts | None:
    plan = books.plans.get(ask.account_id)
    if plan is None or not plan.running:
        return None
    line = plan.next
    return PlanFacts(plan.late_since is not None, plan.instalment, line.due_on if line else None, plan.left)


def _visit(one: Visit, books: Books, language: str, asked: Money) -> VisitFacts:
    services = [
        Service(line.words(language), line.code, line.units, line.charge, line.service_from)
        for line in books.services.get(one.claim_id, ())
    ]
    return VisitFacts(
        claim_id=one.claim_id, patient_id=one.patient_id, number=one.control, day=one.service_from,
        patient=one.patient, provider=one.provider, place=one.place_words(language),
        figures={name: getattr(one.figures, name) for name in NAMES}, asked=asked,
        waiting=one.figures.balance - asked, since=one.since, payer=next(iter(one.payers), ""),
        with_payer=one.state in INSURED and one.reason != Waits.NEVER_BILL, services=services,
    )  # fmt: skip


def patients_of(w: Work, ids: Sequence[int]) -> set[int]:
    """The patients whose visits accounts answer for."""
    query = select(_owed.c.patient_id).where(among(w.db, _owed.c.account_id, list(ids)))
    return {int(one) for one in w.db.execute(query.where(w.within(_owed.c.entity_id))).scalars()}


def token_of(entity_id: int, number: str) -> str:
    """The secret in a document's link: nobody guesses it, and the same document always has the same."""
    return keyring().mac(f"{entity_id}:{number}".encode(), LINK)[:32]


def link_of(law: Law, who: GuarantorRow, number: str) -> str:
    """The address of a document's QR code; empty when the practice has no page of that kind."""
    base = law.text("link_url", who.state)
    return "" if base == NO_VALUE else f"{base.rstrip('/')}/s/{token_of(who.entity_id, number)}"
