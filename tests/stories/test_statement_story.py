"""What a patient owes, from the payer's last word to zero, as a clinic lives it: by API alone."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from app.contacts import service_law
from app.kernel.settings import settings
from app.kernel.work import system, work
from tests import books, smtp
from tests.era import Dress, era, reversal
from tests.era import claim as claim_of
from tests.policy import visitors
from tests.smtp import Post
from tests.stories.statement_office import Office, office


@pytest.fixture
def desk(house: Any) -> Iterator[Office]:
    del house
    with office(2026, 3, 2) as made:
        yield made


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    with smtp.server() as running:
        named = {"HOST": "127.0.0.1", "PORT": str(running.port), "SECURITY": "none",
                 "FROM": "Example Clinic <billing@clinic.example>"}  # fmt: skip
        for name, value in named.items():
            monkeypatch.setenv(f"RECLAIM_SMTP_{name}", value)
        settings.cache_clear()
        yield running
    settings.cache_clear()


def test_a_patient_promises_breaks_it_takes_a_plan_defaults_and_pays_in_the_end(desk: Office) -> None:
    jane = desk.visit("A1", "200")
    first = billed(desk, jane)
    words = desk.words(first["id"])
    for said in (first["number"], "$300.00", "$100.00", "$200.00"):
        assert said in words
    broken_promises(desk, jane)
    plan = broken_plan(desk, jane)
    set_up_again(desk, jane, plan)
    assert (desk.due(jane), desk.stage(jane)) == ("0.00", "not_due")
    assert books.balance("A1") == ("0.00", "0.00")
    assert desk.words(first["id"]) == words, "what was sent in March is what it was"


def billed(desk: Office, jane: str) -> Any:
    """A run of one: planned, signed by another, released; the statement it made."""
    assert desk.due(jane) == "200.00"
    run = desk.planned()
    assert (run["looked"], run["sending"], run["amount"]) == (1, 1, "200.00")
    desk.ask("carla", "POST", f"/statements/runs/{run['id']}/sign", expect=403,
                   plan_hash=run["plan_hash"], version=run["version"])  # fmt: skip
    desk.signed(run["id"])
    assert desk.released(run["id"])["made"] == 1
    [first] = desk.statements(jane)
    assert (first["stage"], first["amount"]) == ("stmt_1", "200.00")
    assert desk.stage(jane) == "stmt_1"
    return first


def broken_promises(desk: Office, jane: str) -> None:
    """Half of what was promised comes, then nothing; the second statement follows on its day."""
    desk.until(2026, 3, 10)
    desk.promise(jane, "200.00", date(2026, 3, 20))
    desk.until(2026, 3, 20)
    desk.pay(jane, "100.00")
    assert (desk.due(jane), desk.promises(jane)) == ("100.00", ["open"])
    desk.until(2026, 3, 26)
    assert desk.promises(jane) == ["partial"]
    desk.promise(jane, "100.00", date(2026, 4, 2))
    desk.until(2026, 4, 8)
    assert desk.promises(jane) == ["broken", "partial"]
    paused = desk.why(jane)
    assert (paused["code"], paused["stands"]["statement_on"]) == ("part_paid", "2026-03-02")
    assert paused["until"] > "2026-05-01", "a month more for the half, and the days of two promises"
    desk.until(*date.fromisoformat(paused["until"]).timetuple()[:3])
    assert desk.reasons(desk.run()) == {jane: ("send", "next_step")}
    second = desk.statements(jane)[-1]
    assert (second["stage"], second["amount"]) == ("stmt_2", "100.00")


def broken_plan(desk: Office, jane: str) -> Any:
    """Two instalments come, two do not: the account falls back, and the next notice has its weeks."""
    desk.until(2026, 6, 3)
    plan = desk.ask("carla", "POST", f"/accounts/{jane}/plans", expect=201, count=4, first_due="2026-06-15")
    assert [line["amount"] for line in plan["lines"]] == ["25.00"] * 4
    plan = desk.ask("carla", "POST", f"/plans/{plan['id']}/activate", version=plan["version"],
                    signed_on="2026-06-03", witness="Carla at the desk")  # fmt: skip
    assert (plan["state"], desk.why(jane)["code"]) == ("active", "plan_current")
    for day in ((2026, 6, 15), (2026, 7, 15)):
        desk.until(*day)
        desk.pay(jane, "25.00")
    at = f"/plans/{plan['id']}"
    desk.until(2026, 8, 26)
    assert desk.ask("carla", "GET", at)["state"] == "late"
    desk.until(2026, 9, 26)
    broken = desk.ask("carla", "GET", at)
    assert (broken["state"], broken["defaulted_on"], broken["left"]) == ("defaulted", "2026-09-26", "50.00")
    stands = desk.why(jane)["stands"]
    legal = {one["what"]: one["on"] for one in stands["deadlines"]}
    assert (stands["stage"], legal["notification_ends"]) == ("stmt_3", "2026-06-30")
    assert stands["next_on"] >= legal["final_notice"] > "2026-09-26", "not on the very day"
    return broken


def set_up_again(desk: Office, jane: str, broken: Any) -> None:
    """Somebody else approves it, and this time it is paid to the end."""
    at = f"/plans/{broken['id']}"
    desk.until(2026, 9, 28)
    again: Any = {"count": 2, "signed_on": "2026-09-28", "witness": "Vera", "reason": "Works again"}
    refused = desk.open("carla", "POST", f"{at}/re-establish", version=broken["version"], **again)
    assert refused.status_code == 403, "a second person approves it"
    plan = desk.ask("vera", "POST", f"{at}/re-establish", version=broken["version"], **again)
    assert (plan["state"], [line["left"] for line in plan["lines"] if line["left"] != "0.00"]) == (
        "re_established", ["25.00", "25.00"])  # fmt: skip
    for line in [one for one in plan["lines"] if one["left"] != "0.00"]:
        desk.until(*date.fromisoformat(line["due_on"]).timetuple()[:3])
        desk.pay(jane, "25.00")
    desk.until(*(desk.day + timedelta(1)).timetuple()[:3])
    assert desk.ask("carla", "GET", at)["state"] == "completed"


def test_somebody_disputes_the_payer_corrects_and_the_next_statement_says_so(desk: Office) -> None:
    omar = desk.visit("B1", "120", patient="REED*OMAR", member="MEM0002")
    desk.run()
    desk.until(2026, 3, 12)
    claim = desk.ask("carla", "GET", f"/accounts/{omar}/visits")["rows"][0]
    made = desk.ask("carla", "POST", f"/accounts/{omar}/disputes", expect=201, claim=claim["id"],
                    said="My plan has a copay of 40.00, not 120.00.")  # fmt: skip
    [dispute] = desk.ask("carla", "GET", f"/accounts/{omar}/disputes")["rows"]
    assert (dispute["acknowledge_by"], dispute["resolve_by"]) == ("2026-03-19", "2026-04-11")
    assert (desk.due(omar), desk.why(omar)["code"]) == ("0.00", "hold_dispute")
    desk.dispute(made["id"], "acknowledge")
    desk.dispute(made["id"], "investigate")

    desk.until(2026, 3, 25)
    of: Any = {"patient": "REED*OMAR", "member": "MEM0002", "charge": "300"}
    before = reversal("B1", cas="CO*45*100 PR*1*120", paid="80", **of)
    after = claim_of("B1", cas="CO*45*100 PR*3*40", paid="160", number="PAYERB1X", **of)
    day = desk.day.strftime("%Y%m%d")
    books.take(era(before, after, trace="TB2", day=day, dress=Dress(control=77, day=day)))
    desk.dispute(made["id"], "resolve", why="The payer answered again", outcome="bill_corrected")
    assert desk.due(omar) == "40.00"
    desk.until(2026, 4, 20)
    desk.run()
    first, second = desk.statements(omar)
    assert (first["amount"], second["amount"]) == ("120.00", "40.00")
    assert "$120.00" in desk.words(first["id"]), "what was sent stays what it was"
    assert "$40.00" in desk.words(second["id"])
    desk.pay(omar, "40.00")
    assert desk.due(omar) == "0.00"


def test_who_is_bankrupt_gets_nothing(desk: Office) -> None:
    ruth = desk.visit("C1", "150", patient="LANE*RUTH", member="MEM0003")
    desk.ask("carla", "POST", f"/accounts/{ruth}/holds", expect=201, kind="bankruptcy", reason="Letter",
             detail={"chapter": "7", "petition_on": "2026-02-20", "case_number": "26-10123"})  # fmt: skip
    for kind in ("statements", "letters"):
        run = desk.planned(kind)
        assert set(desk.reasons(run["id"]).values()) <= {("held", "hold_bankruptcy")}
        desk.ask("carla", "POST", f"/statements/runs/{run['id']}/cancel", version=run["version"])
    refused = [
        desk.open("carla", "POST", f"/accounts/{ruth}/attempts/begin", reach="call"),
        desk.open("carla", "POST", f"/accounts/{ruth}/plans", count=3),
    ]
    assert [one.get_json()["error"]["code"] for one in refused] == ["hold.bankruptcy"] * 2
    desk.until(2026, 4, 10)
    assert desk.statements(ruth) == []
    rows = desk.ask("carla", "GET", "/refusals", account=ruth)["rows"]
    assert {(row["act"], row["rule"], row["actor"]) for row in rows} == {
        ("call", "hold.bankruptcy", "carla"), ("charge", "hold.bankruptcy", "carla")}  # fmt: skip


def test_a_statement_goes_by_email_until_they_say_stop(desk: Office, post: Post) -> None:
    lena = desk.visit("F1", "75", patient="WEST*LENA", member="MEM0006")
    with work(system("tests")) as w:
        service_law.change(w, desk.clinic.id, code="link_url", state="", value="https://pay.clinic.example",
                           source="test", days=(desk.day, None), reason="test")  # fmt: skip
    at = f"/guarantors/{lena}"
    told = desk.ask("carla", "POST", f"{at}/points", expect=201, kind="email", value="lena@mail.example")
    [point] = [one["id"] for one in told["points"] if one["kind"] == "email"]
    desk.ask("carla", "POST", f"{at}/consents", expect=201, channel="statement", granted=True, point=point,
             proof="form of March 2")  # fmt: skip
    desk.run()
    [(_, readers, data)] = post.taken
    mail = message_from_bytes(data, policy=default).get_body(("plain",))
    assert readers == ["lena@mail.example"] and mail is not None
    text = mail.get_content()
    assert "75.00" not in text and "WEST" not in text.upper()
    [link] = {one.removesuffix("/stop") for one in re.findall(r"https://pay\.clinic\.example(/s/\w+)", text)}

    reader = desk.app.test_client()

    def send(path: str, **said: str) -> Any:
        return reader.post(path, data={"csrf_token": visitors.form_token(reader, link), **said})

    assert send(link, birth="05/04/1980", zip="99999").status_code == 403
    page = send(link, birth="05/04/1980", zip="68101")
    assert page.status_code == 200 and "$75.00" in page.text
    assert "Your next statements come by mail" in send(f"{link}/stop").text
    desk.until(2026, 4, 1)
    desk.run()
    assert len(post.taken) == 1, "the second one goes by mail"
    assert [one["way"] for one in desk.statements(lena)] == ["email", "mail"]


def test_a_check_that_bounces_breaks_the_promise_and_opens_exactly_what_it_paid(desk: Office) -> None:
    for control, amount in (("D1", "60"), ("D2", "80")):
        noah = desk.visit(control, amount, patient="COLE*NOAH", member="MEM0004")
    desk.run()
    desk.until(2026, 3, 4)
    desk.promise(noah, "100.00", date(2026, 3, 9))
    before = desk.ask("carla", "GET", f"/accounts/{noah}/visits")["rows"]
    paid = desk.pay(noah, "100.00", reference="1044")
    assert [part["amount"] for part in paid["parts"]] == ["60.00", "40.00"]
    assert (desk.due(noah), desk.promises(noah)) == ("40.00", ["kept"])
    desk.until(2026, 3, 11)
    back = desk.ask("vera", "POST", f"/payments/{paid['id']}/reverse", why="nsf", version=paid["version"])
    assert (back["state"], back["fee"]) == ("reversed", "0.00")
    assert (desk.due(noah), desk.promises(noah)) == ("140.00", ["nsf"])
    after = desk.ask("carla", "GET", f"/accounts/{noah}/visits")["rows"]
    assert [one["due"] for one in after] == [one["due"] for one in before]
    assert {one["figures"]["patient_paid"] for one in after} == {"0.00"}


def test_mail_that_comes_back_stops_the_next_statement_until_they_are_found(desk: Office) -> None:
    ida = desk.visit("E1", "90", patient="SNOW*IDA", member="MEM0005")
    desk.run()
    [sent] = desk.statements(ida)
    desk.until(2026, 3, 16)
    piece = desk.ask("carla", "POST", "/returned-mail", expect=201, number=sent["number"], code="K")
    assert (piece["action"], desk.why(ida)["code"]) == ("bad", "hold_returned_mail")
    desk.until(2026, 4, 6)
    at = f"/returned-mail/{piece['id']}"
    home = {"street": "9 Cedar Lane", "city": "Omaha", "state": "NE", "zip": "68102"}
    desk.mail(at, "search", source="phone", note="Number out of service")
    desk.mail(at, "find", home=home, source="post_office")
    desk.mail(at, "verify", zip="68102")
    assert desk.mail(at, "resume")["mail"]["state"] == "resumed"
    assert (desk.why(ida)["code"], desk.stage(ida)) == ("not_time", "stmt_1"), "the days that were left"
    desk.until(2026, 4, 30)
    desk.run()
    second = desk.statements(ida)[-1]
    assert second["stage"] == "stmt_2"
    assert "9 CEDAR LANE" in desk.words(second["id"]).upper()
