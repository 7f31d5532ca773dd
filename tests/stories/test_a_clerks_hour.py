"""A clerk's hour without a mouse: signed in, denials worked and wrapped up, an underpayment checked and put
into a project, a rejection and an exception ended, and My day shows what is left.

`TESTS_SHOTS=1 python3 -m tests tests/stories/test_a_clerks_hour.py` writes the pictures of the README anew.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.access import service as access
from app.audit.models import AuditEvent
from app.contacts.models import Contact, PayerPromise
from app.denials.models import Denial
from app.entities.service import DEFAULT_ZONE
from app.flows import demo
from app.kernel.clock import today
from app.kernel.db import table_of
from app.kernel.work import system, work
from app.patients.models import Patient
from app.underpayments.models import Underpayment, UnderpaymentProject
from app.worker import run_until_idle
from app.worklist.models import WorklistItem
from tests import books
from tests.conftest import House
from tests.policy import visitors
from tests.stories.keyboard import Clock, Hands, at_the_keyboard
from tests.stories.test_a_day_in_the_browser import browser, served, shoot, sqlite_only

_denial, _item, _case = table_of(Denial), table_of(WorklistItem), table_of(Underpayment)
_project, _patient, _event = table_of(UnderpaymentProject), table_of(Patient), table_of(AuditEvent)
_contact, _promise = table_of(Contact), table_of(PayerPromise)
WRAPPED = 4
"""So many keys wrap a case up and bring the next one."""
WRITTEN = {
    "sign_in", "search", "denials.read", "denials.act", "denials.next", "denials.undo", "contacts.call",
    "contacts.note", "remit.eob", "remit.claim", "patient.account", "claim.read", "underpayments.read",
    "underpayments.move", "underpayments.project", "worklist.view", "worklist.assign", "worklist.finish",
    "rejections.read", "exception.read", "reports.read",
}  # fmt: skip
"""What the hour must have left in the audit trail under her name."""


@sqlite_only
def test_a_clerk_works_an_hour_by_keyboard_alone(
    house: House, chromium: str, capsys: pytest.CaptureFixture[str]
) -> None:
    demo.prepare()
    run_until_idle(up_to_rank=8)
    with work(system("tests")) as w:
        access.add_person(w, "dana", "Dana Cole", roles=["clerk", "denial_specialist"])
        visitors.own_password(w, "dana")
    with served() as url, browser(chromium) as chrome, at_the_keyboard(chrome) as hands:
        clock = Clock(hands.page)
        hands.page.goto(url)
        hour(hands)
        try_the_keys(hands, url)
    with capsys.disabled():
        print("\n" + clock.told())


def hour(hands: Hands) -> None:
    """From the login to the last look at My day."""
    before = sign_in(hands)
    work_a_denial(hands)
    put_one_aside(hands)
    wrap_up_one_after_the_other(hands)
    work_a_set(hands)
    keep_a_view(hands)
    find_a_patient(hands)
    check_an_underpayment(hands)
    end_a_rejection(hands)
    resolve_an_exception(hands)
    look_at_the_dashboards(hands)
    close_the_day(hands, before)


def try_the_keys(hands: Hands, url: str) -> None:
    """What the help of each screen promises is there, with the keys of the whole house."""
    denial = books.rows(_denial, _denial.c.state == "new")[0].public_id
    short = books.rows(_case, _case.c.state == "detected")[0].public_id
    patient = books.rows(_patient)[0].public_id
    hands.try_keys(
        f"{url}/denials?state=open", "/", "?", "a", "m", "s", "n", "t", ".", "u", "v", "=", "j", "*"
    )
    hands.try_keys(f"{url}/denials/{denial}", "a", "m", "s", "n", "c", "e", "r", "t", "w", ".", "u", "Escape")
    hands.try_keys(f"{url}/underpayments", "/", "m", "v", "b", "p", "f", "j", "x")
    hands.try_keys(f"{url}/underpayments/{short}", "m", "v", "i", "o", "e", "r", "Escape")
    hands.try_keys(f"{url}/exceptions", "/", "m", "e", ".", "j")
    hands.try_keys(f"{url}/claims", "/", "f", "j", "Enter")
    hands.try_keys(f"{url}/patients/{patient}", "/", "f", "1", "j", "Enter", "Escape")


def row(table: Any, public_id: str) -> Any:
    return books.rows(table, table.c.public_id == public_id)[0]


def open_items(queue: str, *conditions: Any) -> list[Any]:
    return books.rows(_item, _item.c.queue == queue, _item.c.state == "open", *conditions)


def day_of(hands: Hands) -> dict[str, int]:
    """The open work of each queue, as My day shows it."""
    rows = hands.page.locator("section.grid tbody tr[data-row]").all()
    cells = [one.locator("td").all_inner_texts() for one in rows]
    return {texts[0].strip(): int(texts[1].replace(",", "")) for texts in cells}


def sign_in(hands: Hands) -> dict[str, int]:
    """Login, Tab, password, Enter; the house opens on the team's day, for she holds nothing yet."""
    assert hands.focused() == "login"
    page = hands.send("dana", visitors.PASSWORD)
    assert "The team's day" in page
    found = day_of(hands)
    assert found["Denials"] == len(open_items("denials"))
    assert found["Underpayments"] == len(open_items("underpayments"))
    assert hands.figure("Open").replace(",", "") == str(sum(found.values()))
    hands.looked_at()
    shoot(hands.page, "my-day")
    hands.go("g", "d")
    hands.looked_at()
    shoot(hands.page, "denials")
    hands.go("g", "m")
    return found


def work_a_denial(hands: Hands) -> None:
    """Open the next, read it, look at EOB and bytes, triage it, call the payer, note what was said."""
    hands.go("g", "d")
    hands.press("j")
    hands.go("Enter")
    case = row(_denial, hands.record)
    assert case.rank == max(one.rank for one in books.rows(_denial, _denial.c.state == "new"))
    page = hands.read()
    assert f"{case.group_code}-{case.carc}" in page and "Why this date" in page and "Why this rank" in page
    assert case.deadline_rule in page and f"{case.legal_due:%m/%d/%Y}" in page
    hands.looked_at()
    shoot(hands.page, "denial")
    look_at_what_the_payer_said(hands)
    hands.press("t")
    assert hands.focused() == "root_cause"
    page = hands.send("Coding", "yes")
    assert "Noted. u takes it back." in page
    assert (row(_denial, case.public_id).state, row(_denial, case.public_id).root_cause) == (
        "triaged", "coding_error",
    )  # fmt: skip
    call_the_payer(hands, case.public_id)
    hands.press("n")
    hands.type("Records were sent in May; ask for Kim.")
    hands.reach("details[open] button[value=note]")
    assert "Noted." in hands.go("Enter")
    hands.go("5")
    page = hands.read()
    assert "with Kim" in page and "reference R-77" in page and "Records were sent in May" in page
    hands.looked_at()


def look_at_what_the_payer_said(hands: Hands) -> None:
    """`e` is the EOB, `r` the bytes; Escape comes back to the case each time."""
    case = hands.page.url
    page = hands.go("e")
    assert "Explanation of benefits" in page and "adds up" in page
    hands.looked_at()
    shoot(hands.page, "eob")
    hands.go("Escape")
    assert hands.page.url == case
    hands.go("r")
    lit = hands.page.locator("#raw .lit-seg")
    lit.first.wait_for()
    assert lit.first.inner_text().split("\t")[0]
    hands.go("Escape")
    assert hands.page.url == case


def call_the_payer(hands: Hands, public_id: str) -> None:
    """A promise typed as t+14 puts the case aside until then."""
    hands.press("c")
    assert hands.focused() == "outcome"
    page = hands.send("Payment promised", "Kim", "R-77", "t+14", "120.00")
    assert "The call is kept." in page
    case = row(_denial, public_id)
    back = today(DEFAULT_ZONE) + timedelta(14)
    assert (case.state, case.follow_up) == ("payer_promised", back)
    promise = books.rows(_promise)[0]
    assert (promise.promised_on, str(promise.amount)) == (back, "120.00")


def put_one_aside(hands: Hands) -> None:
    """The next account can wait two weeks; a slip is taken back with u."""
    page = hands.go(".")
    public_id = hands.record
    assert row(_denial, public_id).held_by is not None
    hands.press("s")
    page = hands.send("the records office is closed", "t+14")
    assert "Noted. u takes it back." in page
    assert row(_denial, public_id).state == "snoozed"
    page = hands.go("u")
    assert "1 case stands as before" in page and row(_denial, public_id).state == "new"
    hands.press("s")
    hands.send("the records office is closed", "t+14")
    case = row(_denial, public_id)
    assert (case.state, case.follow_up) == ("snoozed", today(DEFAULT_ZONE) + timedelta(14))


def wrap_up_one_after_the_other(hands: Hands) -> None:
    """Four keys end a case and bring the next: w, the result, the follow-up, Enter."""
    hands.go(".")
    for result, state in (("5", "snoozed"), ("1", "payer_promised"), ("3", "rebill_prep")):
        public_id, pressed = hands.record, hands.pressed
        hands.go("w", result, "4", "Enter")
        assert hands.pressed - pressed == WRAPPED
        case = row(_denial, public_id)
        assert case.state == state and case.held_by is None
        assert hands.record != public_id, "the next account is on the screen"
        assert row(_denial, hands.record).held_by == case.owner_id


def work_a_set(hands: Hands) -> None:
    """One cause, one batch: counted, added up and shown before anything happens; u takes it back."""
    hands.go("g", "d")
    carc = most_common_carc()
    hands.press("f")
    hands.reach("[name=carc]")
    hands.send(carc)
    hands.press("j")
    assert "same" not in hands.page.url
    page = hands.go("=")
    cases = books.rows(_denial, _denial.c.carc == carc, _denial.c.state != "closed")
    assert f"{len(cases)} cases as one set" in page
    assert hands.figure("At stake") == f"{sum(int(one.at_stake) for one in cases) / 100:,.2f}"
    assert hands.page.locator("table.sheet tbody tr").count() == min(10, len(cases))
    hands.looked_at()
    page = hands.go("m")
    assert f"{len(cases)} cases assigned" in page
    mine = {row(_denial, one.public_id).owner_id for one in cases}
    assert len(mine) == 1 and None not in mine
    page = hands.go("u")
    assert "stand as before" in page
    hands.go("g", "d")
    hands.press("j", "x", "Shift+ArrowDown")
    assert hands.page.locator("[data-selected-count]").first.inner_text() == "2"
    assert "2 cases assigned" in hands.go("m")
    one_cause(hands)


def most_common_carc() -> str:
    """The reason most open cases nobody has worked share."""
    count = func.count()
    query = select(_denial.c.carc).where(_denial.c.state == "new", _denial.c.owner_id.is_(None))
    with books.looking() as db:
        return str(db.execute(query.group_by(_denial.c.carc).order_by(count.desc(), _denial.c.carc)).scalar())


def one_cause(hands: Hands) -> None:
    """From a case to all that one payer refused for its reason, noted as one."""
    hands.press("j")
    hands.go("Enter")
    case = row(_denial, hands.record)
    page = hands.go("=")
    alike = books.rows(
        _denial, _denial.c.carc == case.carc, _denial.c.payer_id == case.payer_id, _denial.c.state != "closed"
    )
    cases = "1 case" if len(alike) == 1 else f"{len(alike)} cases"
    assert f"{cases} as one set" in page
    hands.press("n")
    hands.type("asked the payer about all of these")
    hands.reach("details[open] button[value=note]")
    assert f"{cases} noted" in hands.go("Enter")


def keep_a_view(hands: Hands) -> None:
    """A filter is kept under a name and found again."""
    hands.go("g", "d")
    hands.press("f")
    hands.type("New")
    hands.reach(".filters button")
    hands.go("Enter")
    hands.press("v")
    page = hands.send("Not looked at")
    assert "The view is kept." in page
    hands.go("g", "d")
    assert hands.help()["1"] == "View: Not looked at"
    hands.go("1")
    shown = books.rows(_denial, _denial.c.state == "new")
    assert hands.page.locator("tr[data-row]").count() == len(shown)


def find_a_patient(hands: Hands) -> None:
    """A patient calls: the name into the search, the account with its balance, a visit."""
    who = books.rows(_patient)[0]
    hands.press("/")
    page = hands.send(who.last)
    assert who.last.lower() in page.lower()
    hands.press("j")
    hands.go("Enter")
    assert "/patients/" in hands.page.url
    assert "Payers owe" in hands.read() and "Patient owes" in hands.read()
    hands.looked_at()
    account = hands.page.url
    hands.press("j")
    hands.go("Enter")
    assert "/claims/" in hands.page.url
    hands.looked_at()
    hands.go("Escape")
    assert hands.page.url == account


def check_an_underpayment(hands: Hands) -> None:
    """What it should have been is read step by step; it is confirmed and put into a project."""
    hands.go("g", "u")
    hands.looked_at()
    shoot(hands.page, "underpayments")
    hands.press("j")
    hands.go("Enter")
    public_id = hands.record
    page = hands.read()
    assert "How it is priced" in page and hands.page.locator("ol.why-list li").count() >= 1
    case = row(_case, public_id)
    assert hands.figure("Variance") == f"{abs(int(case.amount)) / 100:,.2f}" or str(case.amount) in page
    hands.looked_at()
    hands.go("m")
    hands.go("v")
    assert row(_case, public_id).state == "validated"
    hands.press("b")
    assert hands.focused() == "name"
    hands.send("Spring dispute")
    case = row(_case, public_id)
    project = books.rows(_project, _project.c.id == case.project_id)[0]
    assert (case.state, project.name) == ("grouped", "Spring dispute")


def end_a_rejection(hands: Hands) -> None:
    """What a clearinghouse refused: taken, noted, ended."""
    hands.go("g", "x")
    hands.looked_at()
    hands.press("j")
    page = hands.go("Enter")
    public_id = hands.record
    assert "What to do" in page
    hands.looked_at()
    hands.go("m")
    hands.press("f")
    page = hands.send("Corrected")
    assert "Done." in page
    done = row(_item, public_id)
    assert (done.state, done.outcome) == ("done", "corrected_elsewhere")


def resolve_an_exception(hands: Hands) -> None:
    """A payment whose claim is not ours goes back to its payer, with the reason."""
    hands.go("g", "e")
    hands.looked_at()
    hands.press("j")
    hands.go("Enter")
    for _ in range(20):
        if hands.page.locator("summary[data-key=o]").count():
            break
        hands.go(".")
    chosen = hands.record
    hands.press("o")
    assert hands.focused() == "reason"
    before = len(open_items("exceptions"))
    hands.send("not a patient of this practice")
    assert len(open_items("exceptions")) == before - 1
    assert row(_item, chosen).state == "done"


def look_at_the_dashboards(hands: Hands) -> None:
    """What it all comes to."""
    hands.go("g", "b")
    hands.looked_at()
    shoot(hands.page, "dashboards")


def close_the_day(hands: Hands, before: dict[str, int]) -> None:
    """What is hers, what is left for the team, and that each step was written down."""
    page = hands.go("g", "m")
    assert "My day" in page, "she holds work now"
    mine = day_of(hands)
    dana = books.rows(_denial, _denial.c.owner_id.is_not(None))[0].owner_id
    assert mine["Denials"] == len(open_items("denials", _item.c.owner_id == dana))
    hands.looked_at()
    hands.go("2")
    after = day_of(hands)
    assert after["Exceptions"] == before["Exceptions"] - 1
    assert after.get("Rejections", 0) == before["Rejections"] - 1
    written = {one.type for one in books.rows(_event, _event.c.actor.like("%dana%"))}
    assert not WRITTEN - written
    assert books.problems() == []
    assert re.search(r"Promised", page)
