"""Two practices whose patients owe, and one of each thing the account desk, payments, plans, statements and
contacts keep: whose ids they are, who may ask for them.
"""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, update

from app.access.models import Credential
from app.accounts.models import Owed
from app.contacts import service_attempts, service_disputes, service_holds, service_law, service_promises
from app.contacts.lifecycle import Reach
from app.contacts.models import ReturnedMail
from app.contacts.service_promises import Promising
from app.entities.rules import Practice
from app.flows import patient_paid, plan_acts, returned_mail, small_balances
from app.gateways.cards_simulator import Simulator
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.ids import public_id
from app.kernel.money import Money
from app.kernel.work import system, work
from app.patients import service_reach
from app.patients.lifecycle import PointKind
from app.patients.models import Patient
from app.payments import service_cards
from app.payments.lifecycle import Tender
from app.payments.models import PatientPayment, SmallBalance
from app.payments.service import Taking
from app.plans.models import Plan
from app.plans.service import Wish
from app.statements import service_editions, service_policies, translate_letters
from app.statements.models import Policy, PrintBatch, StatementEmail
from app.statements.queries_policies import policy
from app.web.application import make_app
from tests import books, paying, statements
from tests.era import NPI, SERVICE_DAY, TAX_ID, bill, billed, claim, era, line
from tests.policy import visitors
from tests.policy.visitors import NO_SUCH_ID, Visitor

OTHER = {"npi": "1679576722", "tax_id": "222223333"}
FIRST, SECOND = "QUILLFEATHER", "MARROWBONE"
"""The last names of everybody at either practice: what a page must not say."""
ROLES = ("clerk", "denial_specialist", "supervisor", "treasury", "manager", "compliance", "operator")
AGAIN = {"6": "2"}
"""A visit of somebody who had another."""
DESK = system("desk", door="cli")
TODAY = now().date()
DAY = TODAY.isoformat()
_owed, _patient, _email = table_of(Owed), table_of(Patient), table_of(StatementEmail)
_batch, _policy, _mail = table_of(PrintBatch), table_of(Policy), table_of(ReturnedMail)


@dataclass
class Side:
    """A practice, who works there, and the ids of what is its own by kind."""

    practice: Practice
    who: Visitor
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Town:
    """The application and its two practices; `nobody` names what neither has."""

    app: Flask
    mine: Side
    hers: Side
    nobody: dict[str, str]


def made() -> Town:
    """The first practice with everything, the second with what a right request of its own needs."""
    mine = _side(books.practice(), "ann")
    hers = _side(books.practice("Other Clinic", **OTHER), "eve")
    for side, last, numbers in ((mine, FIRST, {"npi": NPI, "tax_id": TAX_ID}), (hers, SECOND, OTHER)):
        _day_and_night(side)
        _owe(last, numbers, {"1": "40"})
        _known(side, last)
        _sent(side)
        # Each practice counts its accounts for itself: the first has one more, with a number of its own.
        _owe(
            last,
            numbers,
            {"2": "90", "3": "4.99", "4": "90", "6": "30"} | ({"5": "20"} if side is mine else {}),
        )
        _more(side, last)
        _small(side, last)
        _contacts(side)
        _money(side, last)
        _words(side)
        side.ids["run"] = statements.planned(side.practice)
        _before_collection(side, last)
    unknown = dict.fromkeys(mine.ids, NO_SUCH_ID)
    unknown |= {"number": "A9999999", "document number": "S99999999", "letter number": "L99999999",
                "payment number": "P99999999", "member": "MZ9", "ticket": "bm90IGEgdGlja2V0"}  # fmt: skip
    return Town(make_app(), mine, hers, unknown)


def _side(practice: Practice, login: str) -> Side:
    who = visitors.add(login, *ROLES, entity_id=practice.id)
    with work(DESK) as w:  # whoever approves has proved a second factor
        w.db.execute(update(table_of(Credential)).values(second=b"proved"))
    return Side(practice, who, {"entity": practice.public_id})


def _day_and_night(side: Side) -> None:
    """They may be called at every hour, so that tests may run at night."""
    with work(DESK) as w:
        for code, value in (("contact_from", "00:00"), ("contact_until", "23:59")):
            side.ids["rule"] = service_law.change(
                w, side.practice.id, code=code, state="", value=value, source="tests", days=(TODAY, None),
                reason="Tests",
            )  # fmt: skip


def _owe(last: str, numbers: dict[str, str], copays: dict[str, str]) -> None:
    """More patients, each of whom owes a copay of one visit."""
    bills, paid = [], []
    for one, copay in copays.items():
        control, name = f"{last[0]}{one}", AGAIN.get(one, one)
        who: dict[str, Any] = {"patient": f"{last}*N{name}", "member": f"M{last[0]}{name}"}
        day = "20251217" if one in AGAIN else SERVICE_DAY
        bills.append(billed(control, "300", day=day, **who))
        paid.append(claim(control, line("99214", "300", cas=f"CO*45*100 PR*3*{copay}", day=day), **who))
    trace = f"T{last[0]}{min(copays)}"
    books.take(
        bill(*bills, npi=numbers["npi"], tax_id=numbers["tax_id"]),
        era(*paid, npi=numbers["npi"], trace=trace),
    )


def _key(last: str, one: str) -> int:
    return statements.accounts_of(f"{last[0]}{one}")


def _row(key: int) -> Any:
    [row] = books.rows(statements.GUARANTOR, statements.GUARANTOR.c.id == key)
    return row


def _visit(last: str, one: str) -> Any:
    [row] = books.rows(books._claim, books._claim.c.control == f"{last[0]}{one}")
    return row


def _more(side: Side, last: str) -> None:
    """Accounts nothing was done with yet, and one whose number the other practice has not."""
    side.ids |= {
        "other account": _row(_key(last, "2")).public_id, "free account": _row(_key(last, "4")).public_id,
        "free visit": _visit(last, "4").public_id, "second visit": _visit(last, "6").public_id,
        "member": f"M{last[0]}1",
        "number": _row(_key(last, "5" if last == FIRST else "4")).number,
    }  # fmt: skip


def _known(side: Side, last: str) -> None:
    """Who owes for the first visit, and what their records are called."""
    visit = _visit(last, "1")
    [patient] = books.rows(_patient, _patient.c.id == visit.patient_id)
    side.ids |= {"account": _row(_key(last, "1")).public_id, "visit": visit.public_id,
                 "patient": patient.public_id}  # fmt: skip


def _sent(side: Side) -> None:
    """A statement printed, an e-mail about it that nobody knows of, and the envelope come back."""
    side.ids["sent run"] = statements.sent(side.practice)
    [row] = books.rows(statements.STATEMENT, statements.STATEMENT.c.entity_id == side.practice.id)
    [batch] = books.rows(_batch, _batch.c.entity_id == side.practice.id)
    side.ids |= {"document": row.public_id, "document number": row.number, "print": batch.public_id}
    values = dict(
        public_id=public_id(), entity_id=row.entity_id, account_id=row.account_id, statement_id=row.id,
        contact_point_id=0, state="unknown", message_id="<a@b>", answer="", tries=1, queued_at=now(),
        sent_at=None, version=1,
    )  # fmt: skip
    with work(DESK) as w:
        w.db.execute(insert(_email).values(id=w.numbers("statement_email"), **values))
    side.ids["email"] = str(values["public_id"])


def _small(side: Side, last: str) -> None:
    """A balance too small to chase, proposed."""
    key = _key(last, "3")
    paying.sent_long_ago(key)
    table, side.ids["document number"] = statements.STATEMENT, f"T0000{key}"
    with work(DESK) as w:
        w.db.execute(update(table).where(table.c.number == f"T{key}").values(number=f"T0000{key}"))
        found = small_balances.preview(w, side.practice.id)
        small_balances.propose(w, side.practice.id, count=found.count, cents=int(found.total))
    table = table_of(SmallBalance)
    [row] = books.rows(table, table.c.entity_id == side.practice.id)
    side.ids["small"] = row.public_id


def _contacts(side: Side) -> None:
    """A number, a hold, a dispute, a promise, a call under way, a piece of mail that came back."""
    ids, key = side.ids, _account(side)
    with work(DESK) as w:
        ids["point"] = service_reach.add_point(w, ids["account"], PointKind.MOBILE, "402 555 0199")
    with work(DESK) as w:
        ids["ticket"] = service_attempts.begin(w, key, Reach.CALL).token
    with work(DESK) as w:
        due = Promising(amount=Money(1000), promised_on=TODAY + timedelta(5), due=Money(4000))
        ids["promise"] = service_promises.promise(w, key, due)
        ids["dispute"] = service_disputes.open_dispute(w, key, said="Never had it", amount=Money(100))
        ids["hold"] = service_holds.place(w, key, "manager", reason="They rang")
        returned_mail.take_in(w, ids["document number"], "K", entity_id=side.practice.id)
    with suppress(Refused), work(DESK) as w:  # refused because of the hold, and that is on record
        plan_acts.draft(w, ids["account"], Wish(count=1))
    [piece] = books.rows(_mail, _mail.c.entity_id == side.practice.id)
    ids["mail"] = piece.public_id


def _account(side: Side) -> int:
    with books.looking() as db:
        query = select(statements.GUARANTOR.c.id)
        return int(
            db.execute(query.where(statements.GUARANTOR.c.public_id == side.ids["account"])).scalar_one()
        )


def _money(side: Side, last: str) -> None:
    """A payment of theirs, one of nobody known, a card, a plan to be signed."""
    ids, key, other = side.ids, _account(side), _key(last, "2")
    plain = Taking(entity_id=side.practice.id, account_id=key, tender=Tender.CHECK, cents=500,
                   key=f"{last} one")  # fmt: skip
    token = "tok_visa_4242_approve"  # nosec B105 - the simulator's, opens nothing
    shown = Simulator().describe(token)
    with work(DESK) as w:
        ids["payment"] = patient_paid.take(w, plain).public_id
        nobodys = replace(plain, account_id=None, key=f"{last} two")
        ids["unknown payment"] = patient_paid.take(w, nobodys).public_id
        ids["card"] = service_cards.keep(
            w, other, token, shown, authorised="Each instalment", most=None, until=None
        )
    with work(DESK) as w:
        ids["plan"] = plan_acts.draft(
            w, ids["other account"], Wish(count=3, visits=(_visit(last, "2").public_id,))
        )
    with work(DESK) as w:
        plan_acts.activate(w, ids["plan"], _version(Plan, ids["plan"]), signed_on=TODAY, witness="Bea")
    for name, model in (("plan", Plan), ("payment", PatientPayment), ("unknown payment", PatientPayment)):
        ids[f"{name} version"] = str(_version(model, ids[name]))
    ids["payment number"] = books.rows(paying.PAYMENT, paying.PAYMENT.c.public_id == ids["payment"])[0].number


def _version(model: Any, public: str) -> int:
    table = table_of(model)
    [row] = books.rows(table, table.c.public_id == public)
    return int(row.version)


def _words(side: Side) -> None:
    """A policy to be approved, and words to be approved."""
    entity = side.practice.public_id
    live = books.rows(_policy, _policy.c.entity_id == side.practice.id)[0].public_id
    with work(DESK) as w:
        row = policy(w, live)
        side.ids["policy"] = service_policies.draft(w, entity, row.plan, row.steps)
        words = translate_letters.shipped("receipt", "en")
        side.ids["edition"] = service_editions.draft(w, entity, "receipt", "en", words)


def _before_collection(side: Side, last: str) -> None:
    """An account an agency could have, and the letter that said so."""
    key, table = _key(last, "1"), statements.DUNNING
    letter = dict(
        public_id=public_id(), entity_id=side.practice.id, account_id=key, stage="pre_collection",
        letter="pre_collection", number=f"L0000{key}", amount=Money(4000), language="en", way="mail",
        reason="level", facts_sealed=b"x", facts_hash="x", template="x", file_no=1, sha256="x", pages=1,
        state="issued", released_by="x", day=TODAY, recorded_at=now(),
    )  # fmt: skip
    with work(DESK) as w:
        w.db.execute(update(table).where(table.c.account_id == key).values(stage="pre_collection"))
        w.db.execute(insert(statements.LETTER).values(id=w.numbers("collection_letter"), **letter))
    side.ids |= {"letter": str(letter["public_id"]), "letter number": str(letter["number"])}
