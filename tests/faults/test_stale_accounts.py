"""Accounts, returned mail, runs, policies, words: whoever decides on what changed meanwhile is refused, and
nothing has moved (C6).
"""

from collections.abc import Callable

import pytest

from app.contacts import service_returned
from app.contacts.models import ReturnedMail
from app.flows import returned_mail
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.errors import Stale
from app.kernel.work import Work, work
from app.patients import queries_guarantors, queries_reach, service_people, service_reach
from app.patients.lifecycle import Deliverability, PointKind
from app.patients.models import ContactPoint
from app.patients.rules_people import Home
from app.statements import (
    queries_policies,
    service_editions,
    service_policies,
    service_print,
    service_release,
    service_runs,
    translate_letters,
)
from app.statements.models import PrintBatch
from tests import books, statements
from tests.conftest import House
from tests.policy.test_writes import dump

DAY = now().date()
HOME = Home("9 Elm St", "", "Lincoln", "NE", "68508")
NEVER = 99
"""A version nobody ever saw."""
Change = Callable[[Work], object]


def people_and_mail() -> dict[str, Change]:
    """Verbs of one account of whom a letter came back."""
    key = statements.accounts_of("A1")
    with work(books.CLERK) as w:
        who = queries_guarantors.by_ids(w, [key])[key]
        service_reach.add_point(w, who.public_id, PointKind.MOBILE, "402 555 0123")
        returned_mail.take_in(w, who.number, "K")
        home = queries_reach.addresses(w, [key])[key].public_id
    one, piece = who.public_id, books.rows(table_of(ReturnedMail))[0].public_id
    point = books.rows(table_of(ContactPoint))[0].public_id
    return {
        "confirm": lambda w: service_people.confirm(w, one, NEVER),
        "change": lambda w: service_people.change(w, one, NEVER, language="es"),
        "confidential": lambda w: service_people.confidential(w, one, reason="x", home=HOME, version=NEVER),
        "add_address": lambda w: service_reach.add_address(w, one, HOME, version=NEVER),
        "add_point": lambda w: service_reach.add_point(
            w, one, PointKind.MOBILE, "402 555 0199", version=NEVER
        ),
        "end_point": lambda w: service_reach.end_point(w, point, version=NEVER),
        "mark_mail": lambda w: service_reach.mark_mail(
            w, home, Deliverability.BAD, "K", on=DAY, version=NEVER
        ),
        "search": lambda w: service_returned.search(w, piece, "phone", version=NEVER),
        "find": lambda w: service_returned.find(w, piece, HOME, "payer", version=NEVER),
        "verify": lambda w: service_returned.verify(w, piece, zip_again="68508", version=NEVER),
        "reject": lambda w: service_returned.reject(w, piece, why="x", version=NEVER),
        "resume": lambda w: service_returned.resume(w, piece, why="x", version=NEVER),
    }


def documents(entity: str, run: str, planned: str) -> dict[str, Change]:
    """Verbs of runs, of a policy and words in draft, and of a batch at the printer's."""
    batch = books.rows(table_of(PrintBatch))[0].public_id
    account = statements.public_of(statements.accounts_of("A1"))
    with work(statements.CLERK) as w:
        live = queries_policies.policies(w)[0].public_id
        row = queries_policies.policy(w, live)
        draft = service_policies.draft(w, entity, row.plan, row.steps)
        text = translate_letters.shipped("statement", "en")
        words = service_editions.draft(w, entity, "statement", "en", text)
    return {
        "begin_audit": lambda w: service_runs.begin_audit(w, planned, NEVER),
        "mark": lambda w: service_runs.mark(w, planned, account, fine=True, remark="", version=NEVER),
        "drop": lambda w: service_runs.drop(w, planned, [account], remark="x", version=NEVER),
        "sign": lambda w: service_runs.sign(w, planned, "0" * 64, NEVER),
        "reopen": lambda w: service_runs.reopen(w, planned, NEVER),
        "cancel": lambda w: service_runs.cancel(w, planned, NEVER),
        "release": lambda w: service_release.release(w, planned, NEVER),
        "take_up": lambda w: service_release.take_up(w, run, NEVER),
        "policies.change": lambda w: service_policies.change(w, draft, row.plan, row.steps, NEVER),
        "policies.approve": lambda w: service_policies.approve(w, draft, DAY, NEVER),
        "policies.retire": lambda w: service_policies.retire(w, draft, NEVER),
        "editions.change": lambda w: service_editions.change(w, words, text, NEVER),
        "editions.approve": lambda w: service_editions.approve(w, words, DAY, NEVER),
        "editions.retire": lambda w: service_editions.retire(w, words, NEVER),
        "hand_over": lambda w: service_print.hand_over(w, batch, NEVER),
    }


def test_a_version_that_never_was_is_refused_by_every_verb_of_the_desk(house: House) -> None:
    clinic = statements.owing("A1")
    run = statements.sent(clinic)
    planned = statements.planned(clinic)
    changes = [*people_and_mail().values(), *documents(clinic.public_id, run, planned).values()]
    before = dump()
    for change in changes:
        with pytest.raises(Stale), work(statements.BOSS) as w:
            change(w)
    assert dump() == before
