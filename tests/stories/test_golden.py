"""The golden examples of the 835, to the cent: as a payer sends them and as the books must show them."""

import pytest

from app.denials.models import Denial
from app.kernel.db import table_of
from app.remits.models import ProviderAdjustment, RemitClaim
from app.worker import run_until_idle
from tests import books
from tests.books import accounts, balance, journal, offer, posted, take, transfers
from tests.conftest import House
from tests.era import bill, billed, claim, era, line, reversal

_denial, _pair, _clp = table_of(Denial), table_of(ProviderAdjustment), table_of(RemitClaim)

BILLED = bill(
    billed("PCN0001", "99214 150", "93000 100"),
    billed("PCN0002", "73721 200", patient="ROE*JOHN", member="MEM0002"),
    billed("PCN0003", "99215 500", patient="POE*EDGAR", member="MEM0003"),
)
PCN1_FIRST = (
    line("99214", "150", "80", "CO*45*30 PR*1*20**2*20", control="L1", allowed="120"),
    line("93000", "100", "40", "CO*45*60", control="L2", allowed="40"),
)
EFT0001 = era(
    claim("PCN0001", *PCN1_FIRST, charge="250", paid="120", pr="40", number="PAYERCN1", amt="I*3.07"),
    claim(
        "PCN0002",
        line("73721:RT", "200", "0", "CO*197*200", rarc="M62"),
        number="PAYERCN2",
        patient="ROE*JOHN",
        member="MEM0002",
    ),
    claim(
        "PCN0003",
        line("99215", "500", "65", "OA*23*425 CO*45*10"),
        status="2",
        filing="MC",
        number="PAYERCN3",
        patient="POE*EDGAR",
        member="MEM0003",
    ),
    trace="EFT0001",
    paid="173.07",
    plb="L6*-3.07 WO:PAYERCN0*15",
)
NOPAY0002 = era(
    reversal("PCN0001", *PCN1_FIRST, number="PAYERCN1"),
    claim(
        "PCN0001",
        line("99214", "150", "80", "CO*45*30 PR*1*20**2*20"),
        line("93000", "100", "0", "CO*97*100", rarc="M15"),
        charge="250",
        paid="80",
        pr="40",
        number="PAYERCN1A",
    ),
    trace="NOPAY0002",
    paid="0",
    plb="FB:NOPAY0002*-40",
    day="20260216",
)
NEXT = era(
    claim("PCN0004", line("99213", "300")),
    trace="EFT0003",
    plb="FB:NOPAY0002*40",
    day="20260315",
)
EFT_TRANSFERS = transfers(
    "1010 1100 80.00", "1010 1100 40.00", "1010 1100 65.00", "1010 4210 3.07", "2040 1010 15.00",
    "4100 1100 30.00", "4100 1100 60.00", "4100 1100 10.00", "1110 1100 20.00", "1110 1100 20.00",
)  # fmt: skip


@pytest.fixture
def paid(house: House) -> House:
    """The claims are billed and EFT0001 is posted, offered together as a clerk would."""
    books.practice()
    offer(EFT0001, "eft0001.835")
    offer(BILLED, "claims.837")
    run_until_idle()
    return house


def test_eft0001_posts_the_golden_journal(paid: House) -> None:
    found = posted("EFT0001")
    assert journal(found) == EFT_TRANSFERS
    assert accounts(found) == {
        1010: "173.07", 1100: "-325.00", 1110: "40.00", 2040: "15.00", 4100: "100.00", 4210: "-3.07",
    }  # fmt: skip
    assert books.problems() == []


def test_after_eft0001_every_claim_shows_what_is_open_and_for_whom(paid: House) -> None:
    assert balance("PCN0001") == ("0.00", "40.00")
    assert balance("PCN0002") == ("200.00", "0.00")
    assert balance("PCN0003") == ("425.00", "0.00")


def test_what_the_first_payer_did_is_not_posted_again(paid: House) -> None:
    assert "425.00" not in [str(row.amount) for row in posted("EFT0001")]


def test_a_claim_without_authorization_becomes_a_denial_case(paid: House) -> None:
    [case] = books.rows(_denial)
    assert (case.category, case.carc, case.rarc, str(case.denied)) == (
        "authorization",
        "197",
        "M62",
        "200.00",
    )


def test_the_takeback_of_a_claim_nobody_knows_stays_open(paid: House) -> None:
    pairs = {row.code: (str(row.amount), row.account, row.state) for row in books.rows(_pair)}
    assert pairs == {"L6": ("-3.07", 4210, "closed"), "WO": ("15.00", 2040, "open")}


def test_nopay0002_reverses_corrects_and_carries_the_rest_forward(paid: House) -> None:
    take(NOPAY0002)
    found = posted("NOPAY0002")
    assert journal(found) == transfers(
        "1100 1010 80.00", "1100 1010 40.00", "1100 4100 30.00", "1100 4100 60.00",
        "1100 1110 20.00", "1100 1110 20.00",
        "1010 1100 80.00", "4100 1100 30.00", "1110 1100 20.00", "1110 1100 20.00",
        "1010 2041 40.00",
    )  # fmt: skip
    assert accounts(found) == {1100: "100.00", 2041: "-40.00", 4100: "-60.00"}
    assert balance("PCN0001") == ("100.00", "40.00")
    assert [row.state for row in books.rows(_clp, _clp.c.control == "PCN0001")] == [
        "reversed",
        "posted",
        "posted",
    ]
    assert books.problems() == []


def test_the_line_that_was_bundled_becomes_a_case_of_its_own(paid: House) -> None:
    take(NOPAY0002)
    cases = {row.carc: (row.category, str(row.denied)) for row in books.rows(_denial)}
    assert cases["97"] == ("bundling", "100.00")


def test_the_next_remit_collects_the_balance_carried_forward(paid: House) -> None:
    take(NOPAY0002)
    take(bill(billed("PCN0004", "99213 300")), NEXT)
    assert journal(posted("EFT0003")) == transfers("1010 1100 300.00", "2041 1010 40.00")
    assert accounts()[1010] == "433.07"
    assert 2041 not in accounts()
    pairs = sorted((row.code, str(row.amount), row.state) for row in books.rows(_pair) if row.code == "FB")
    assert pairs == [("FB", "-40.00", "offset"), ("FB", "40.00", "offset")]
    assert books.problems() == []
