"""Claims corrected, sent to a real SFTP server, acknowledged, paid by a later 835 and closed: to the cent."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import answers, books, rebills
from tests.era import PAYER, PLAIN, Cover, bill, billed, claim, era, line
from tests.rebills import ago
from tests.stories.rebill_office import Office, office


@pytest.fixture
def desk(house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    del house
    with office(tmp_path, monkeypatch) as made:
        yield made
    assert books.problems() == []


def first_bill(control: str, *lines: str, **named: Any) -> bytes:
    """What the practice's own system sent a month ago."""
    one = billed(control, *lines, day=ago(30), **named)
    return bill(one, dress=replace(PLAIN, control=sum(control.encode()), day=ago(28)))


def remitted(desk: Office, *claims: Any, trace: str) -> None:
    """What the payer said ten days ago: it comes in, and the payer remembers it."""
    content = era(*claims, trace=trace, day=ago(10), dress=replace(PLAIN, day=ago(10)))
    books.take(content, name=trace)
    desk.partner.learn(content)


def service(code: str, charge: str, cas: str, rarc: str = "") -> Any:
    return line(code, charge, cas=cas, rarc=rarc, control="L1", day=ago(30))


def test_a_denied_claim_is_corrected_sent_accepted_paid_and_closed(desk: Office) -> None:
    books.take(first_bill("A1", "99214 300"))
    remitted(desk, claim("A1", service("99214", "300", "CO*197*300")), trace="T1")
    case = desk.denial("A1")
    assert (case["state"], case["denied"]) == ("new", "300.00")
    assert books.accounts() == {1100: "300.00", 4000: "-300.00"}

    opened = desk.ask("ann", "POST", "/rebill", expect=201, about="denial", id=case["id"])
    one = desk.submission(opened["id"])
    assert (one["kind"], one["frequency"], one["number"]) == ("replacement", "7", "A1R1")
    assert (one["state"], opened["field"]) == ("draft", "authorization")
    assert desk.denial("A1")["state"] == "rebill_prep"
    wrong = desk.ask("ann", "POST", f"/rebill/{one['id']}/finish", expect=409, version=one["version"])
    assert "add it (REF*G1)" in wrong["error"]["message"]
    desk.type(one["id"], authorization="AUTH778899")
    desk.finish(one["id"])
    batch = desk.release()
    assert desk.batch(batch)["state"] == "sent"
    assert desk.submission(one["id"])["state"] == "transmitted"
    assert desk.denial("A1")["state"] == "rebilled"
    [sent] = desk.server.delivered()
    assert sent.sha256 == desk.batch(batch)["sha256"]
    content = (desk.server.inbox / sent.name.rpartition("/")[2]).read_bytes()
    for part in (b"CLM*A1R1*300*", b"REF*F8*PAYERA1~", b"REF*G1*AUTH778899~"):
        assert part in content

    assert desk.received() == ["999", "277CA"]
    assert desk.submission(one["id"])["state"] == "received"
    assert desk.accepted() == ["277CA"]
    assert desk.submission(one["id"])["state"] == "accepted"
    assert (desk.batch(batch)["syntax"], desk.batch(batch)["accepted"]) == ("A", 1)
    assert desk.paid() == ["835"]
    assert desk.submission(one["id"])["state"] == "answered"
    closed = desk.denial("A1")
    assert (closed["state"], closed["outcome"], closed["recovered"]) == (
        "closed",
        "overturned_full",
        "240.00",
    )
    assert books.accounts() == {1010: "240.00", 4000: "-300.00", 4100: "60.00"}
    assert books.balance("A1") == ("0.00", "0.00")


def test_a_claim_the_payer_could_not_process_goes_out_as_a_new_one(desk: Office) -> None:
    books.take(first_bill("A2", "99214 300"))
    remitted(desk, claim("A2", service("99214", "300", "CO*16*300", "MA130"), status="4"), trace="T2")
    opened = desk.ask("ann", "POST", "/rebill", expect=201, about="denial", id=desk.denial("A2")["id"])
    one = desk.submission(opened["id"])
    assert (one["kind"], one["frequency"]) == ("new", "1")
    desk.type(one["id"], note="CORRECTED CLAIM")
    desk.finish(one["id"])
    desk.release()
    assert b"REF*F8*" not in desk.server.inbox.joinpath(name_of(desk)).read_bytes()
    assert (desk.received(), desk.accepted(), desk.paid()) == (["999", "277CA"], ["277CA"], ["835"])
    assert desk.denial("A2")["state"] == "closed"
    assert books.accounts() == {1010: "240.00", 4000: "-300.00", 4100: "60.00"}


def name_of(desk: Office) -> str:
    """The file that arrived last."""
    return desk.server.delivered()[-1].name.rpartition("/")[2]


def test_a_rejected_submission_is_fixed_and_sent_again_under_a_new_number(desk: Office) -> None:
    one = denied_and_ready(desk, "A3")
    first = desk.release()
    assert desk.received("A7:562:85") == ["999", "277CA"]
    row = desk.submission(one)
    assert (row["state"], desk.batch(first)["rejected"]) == ("rejected", 1)
    again = desk.ask("ann", "POST", f"/rebill/{one}/resend", expect=201)["id"]
    assert desk.submission(one)["state"] == "superseded"
    assert desk.submission(again)["number"] == "A3R2"
    desk.type(again, note="NPI CORRECTED")
    desk.finish(again)
    second = desk.release()
    assert desk.batch(second)["interchange"] == desk.batch(first)["interchange"] + 1
    assert b"REF*G1*AUTH1~" in (desk.server.inbox / name_of(desk)).read_bytes(), "what was typed is kept"
    assert (desk.received(), desk.accepted(), desk.paid()) == (["999", "277CA"], ["277CA"], ["835"])
    assert desk.submission(again)["state"] == "answered"
    assert desk.denial("A3")["recovered"] == "240.00"
    assert books.accounts() == {1010: "240.00", 4000: "-300.00", 4100: "60.00"}


def denied_and_ready(desk: Office, control: str) -> str:
    """A claim refused for its authorization, corrected and finished; the public id of its submission."""
    books.take(first_bill(control, "99214 300"))
    remitted(desk, claim(control, service("99214", "300", "CO*197*300")), trace=f"T{control}")
    opened = desk.ask("ann", "POST", "/rebill", expect=201, about="denial", id=desk.denial(control)["id"])
    desk.type(opened["id"], authorization="AUTH1")
    desk.finish(opened["id"])
    return str(opened["id"])


def test_a_file_the_receiver_cannot_read_goes_again_in_a_new_envelope(desk: Office) -> None:
    one = denied_and_ready(desk, "A4")
    first = desk.release()
    assert desk.received("999") == ["999"]
    assert desk.batch(first)["syntax"] == "R"
    row = desk.submission(one)
    assert (row["state"], row["number"]) == ("ready", "A4R2")
    second = desk.release()
    assert desk.batch(second)["interchange"] == desk.batch(first)["interchange"] + 1
    assert (desk.received(), desk.accepted(), desk.paid()) == (["999", "277CA"], ["277CA"], ["835"])
    assert desk.denial("A4")["recovered"] == "240.00"


def test_an_interchange_that_is_refused_goes_again_too(desk: Office) -> None:
    one = denied_and_ready(desk, "A5")
    first = desk.release()
    assert desk.received("ta1") == ["TA1"]
    assert (desk.batch(first)["ta1"], desk.submission(one)["state"]) == ("R", "ready")
    desk.release()
    assert desk.received() == ["999", "277CA"]
    assert desk.submission(one)["state"] == "received"


def test_a_claim_another_system_sent_and_a_payer_rejected_goes_out_from_here(desk: Office) -> None:
    control = sum(b"A6")
    books.take(first_bill("A6", "99214 300"), answers.taken(control, "0001 A", day=ago(27)))
    books.take(answers.report("A6 A7:164:IL", day=ago(26)))
    [rejected] = desk.ask("ann", "GET", "/claims/rejections")["rows"]
    opened = desk.ask("ann", "POST", "/rebill", expect=201, about="rejection", id=rejected["id"])
    one = desk.submission(opened["id"])
    assert (one["kind"], one["cause"]) == ("new", "rejection")
    desk.type(one["id"], member_id="MEM0009")
    desk.finish(one["id"])
    desk.release()
    assert (desk.received(), desk.accepted(), desk.paid()) == (["999", "277CA"], ["277CA"], ["835"])
    assert desk.ask("ann", "GET", "/claims/rejections")["rows"] == []
    assert books.accounts() == {1010: "240.00", 4000: "-300.00", 4100: "60.00"}


def test_a_paid_claim_that_is_replaced_charges_the_difference_and_is_paid_anew(desk: Office) -> None:
    books.take(first_bill("A7", "99214 200"))
    remitted(desk, claim("A7", service("99214", "200", "CO*45*40")), trace="T7")
    opened = desk.ask("ann", "POST", "/rebill", expect=201, about="claim", kind="replacement",
                      id=rebills.public("A7"))  # fmt: skip
    desk.type(opened["id"], units_1="2", line_charge_1="400")
    version = desk.submission(opened["id"])["version"]
    desk.ask("bea", "POST", f"/rebill/{opened['id']}/sign", version=version)
    desk.finish(opened["id"])
    desk.release()
    assert books.accounts() == {1010: "160.00", 1100: "200.00", 4000: "-400.00", 4100: "40.00"}
    assert (desk.received(), desk.accepted(), desk.paid()) == (["999", "277CA"], ["277CA"], ["835"])
    assert desk.submission(opened["id"])["state"] == "answered"
    assert books.accounts() == {1010: "320.00", 4000: "-400.00", 4100: "80.00"}
    assert books.balance("A7") == ("0.00", "0.00")


def test_a_void_is_confirmed_when_the_payer_takes_its_money_back(desk: Office) -> None:
    books.take(first_bill("A8", "99214 200"))
    remitted(desk, claim("A8", service("99214", "200", "CO*45*40")), trace="T8")
    opened = desk.ask("ann", "POST", "/rebill", expect=201, about="claim", kind="void",
                      id=rebills.public("A8"))  # fmt: skip
    desk.finish(opened["id"])
    desk.release()
    content = (desk.server.inbox / name_of(desk)).read_bytes()
    assert b":8*" in content and b"REF*F8*PAYERA8~" in content
    assert (desk.received(), desk.accepted()) == (["999", "277CA"], ["277CA"])
    assert desk.paid() == ["835"]
    assert desk.submission(opened["id"])["state"] == "answered"
    assert books.accounts() == {1010: "160.00", 2041: "-160.00"}


def test_what_the_first_payer_left_goes_to_the_second_and_comes_to_zero(desk: Office) -> None:
    books.take(first_bill("A9", "99214 200", second=Cover()))
    remitted(desk, claim("A9", service("99214", "200", "CO*45*40 PR*2*30")), trace="T9")
    assert books.balance("A9") == ("30.00", "0.00")
    [one] = desk.ask("ann", "GET", "/rebill", state="open")["rows"]
    assert (one["kind"], one["rank"], one["cause"], one["payer"]) == (
        "secondary", 2, "primary_paid", "SECOND PLAN")  # fmt: skip
    assert (one["state"], one["problems"]) == ("ready", [])
    desk.release()
    content = (desk.server.inbox / name_of(desk)).read_bytes()
    for part in (
        b"SBR*S*18*",
        b"AMT*D*130~",
        f"SVD*{PAYER}*130*".encode(),
        b"CAS*CO*45*40~",
        b"CAS*PR*2*30~",
    ):
        assert part in content
    assert (desk.received(), desk.accepted(), desk.paid()) == (["999", "277CA"], ["277CA"], ["835"])
    assert desk.submission(one["id"])["state"] == "answered"
    assert books.balance("A9") == ("0.00", "0.00")
    assert books.accounts() == {1010: "160.00", 4000: "-200.00", 4100: "40.00"}
