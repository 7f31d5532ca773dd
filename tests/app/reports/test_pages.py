"""Dashboards: every figure leads to a list whose total is the figure, on both databases, to the cent."""

import csv
import html
import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.audit.models import AuditEvent, AuditPatient
from app.kernel.db import table_of
from app.kernel.paging import Ask
from app.kernel.work import reading, system
from app.ledger import queries as ledger
from app.reports.schemas import LISTS
from app.web.application import make_app
from tests import answers, books, era
from tests.conftest import House
from tests.policy import visitors

_event, _told = table_of(AuditEvent), table_of(AuditPatient)
REPORTS = ("", "/ageing", "/denials", "/collection", "/payments", "/lag", "/rejections")
UNPRICED = "/payments"
"""Without a fee schedule nothing is priced."""
FIGURE = re.compile(r'<a class="figure-link" href="([^"]+)" data-figure="([\w-]+)" data-value="(-?\d+)"')
LEDGER = re.compile(r'data-ledger="(-?\d+)" href="([^"]+)"')
BAR = re.compile(r'<a href="([^"]+)" class="bar[^>]*>.*?<text[^>]*>([^<]+)<', re.DOTALL)


def reader(app: Flask, login: str = "max", *roles: str) -> FlaskClient:
    return visitors.add(login, *(roles or ("manager",))).browser(app)


def figures(client: FlaskClient, address: str) -> Iterator[tuple[str, str, int]]:
    """(list, which total, what it must be) of every figure of a page."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    for href, name, value in FIGURE.findall(answer.text):
        yield html.unescape(href), name, int(value)


def total(client: FlaskClient, href: str, name: str) -> int:
    """A total of the list behind a figure, as the list shows it."""
    page = client.get(href)
    assert page.status_code == 200, href
    found = re.search(rf'data-totals [^>]*data-{name.replace("_", "-")}="(-?\d+)"', page.text)
    assert found, f"{href} has no total of {name}"
    return int(found[1])


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("asked", ["", "?basis=billed&by=payer", "?as_of=2026-01-10"])
def test_every_figure_is_the_total_of_the_list_behind_it(app: Flask, report: str, asked: str) -> None:
    client, seen = reader(app), 0
    for href, name, value in figures(client, f"/dashboards{report}{asked}"):
        assert total(client, href, name) == value, (href, name)
        seen += 1
    assert seen or report == UNPRICED or asked.startswith("?as_of"), "a page of figures without one figure"


def test_every_bar_of_a_chart_leads_to_a_list(app: Flask) -> None:
    client = reader(app)
    bars = [bar for report in REPORTS for bar in BAR.findall(client.get(f"/dashboards{report}").text)]
    assert len(bars) > 10
    for href, label in bars:
        assert client.get(html.unescape(href)).status_code == 200, label


def test_revenue_is_what_the_entries_of_its_accounts_add_up_to(app: Flask) -> None:
    client = reader(app)
    page = client.get("/dashboards/collection?as_of=2026-01-31").text
    found = LEDGER.findall(page)
    assert found
    with reading(system("tests")) as w:
        for value, href in found:
            asked = dict(parse_qsl(urlsplit(html.unescape(href)).query))
            sums = ledger.entry_totals(w, Ask("recorded", filters=asked))
            assert sums.credit - sums.debit == int(value), href


def test_the_ageing_is_what_the_receivable_accounts_hold(app: Flask) -> None:
    client = reader(app)
    for asked, as_of in (("", None), ("as_of=2026-01-10", "2026-01-10")):
        page = client.get(f"/dashboards/ageing?format=json&{asked}").get_json()
        with reading(system("tests")) as w:
            day = ledger.read_day(as_of or "", "as_of")
            held = ledger.trial_balance(w, as_of=day).receivable
        assert page[-1]["total"] == str(held), asked


def test_ages_count_from_the_day_that_is_asked(app: Flask) -> None:
    client = reader(app)
    rows = client.get("/dashboards/ageing?format=json&as_of=2026-01-31").get_json()
    payer = next(row for row in rows if row["side"] == "payer")
    # A1 of Jan 5: 26 days; A2 and A3 of Nov 1: 91 days; A4 and A5 of Sep 1: 152 days.
    assert (payer["0-30"], payer["91-120"], payer["121"]) == ("200.00", "250.00", "140.00")
    patient = next(row for row in rows if row["side"] == "patient")
    assert (patient["91-120"], patient["total"]) == ("40.00", "40.00")
    billed = client.get("/dashboards/ageing?format=json&as_of=2026-01-31&basis=billed").get_json()
    assert next(row for row in billed if row["side"] == "payer")["31-60"] == "590.00"


def test_the_same_day_asked_later_gives_the_same_bytes(app: Flask) -> None:
    client = reader(app)
    asked = "/dashboards/ageing?format=csv&as_of=2026-01-31"
    before = client.get(asked).data
    books.take(era.era(era.claim("A1", era.line("99213", "200", "150", "CO*45*50"), number="P1"),
                       trace="EFT0002", day="20260215"))  # fmt: skip
    assert client.get(asked).data == before
    assert client.get("/dashboards/ageing?format=csv&as_of=2026-02-15").data != before


def test_a_report_as_it_was_known_then(app: Flask) -> None:
    client = reader(app)
    page = client.get("/dashboards/ageing?format=json&as_of=2026-01-31&known=2020-01-01T00:00").get_json()
    assert page[-1]["total"] == "0.00", "nothing was recorded by then"


def test_two_of_two_first_remits_refuse_something(app: Flask) -> None:
    client = reader(app)
    rows = client.get("/dashboards/denials?format=json&to=2026-01-31").get_json()
    assert rows[-1] == {
        "name": "All", "claims": 2, "denied": 2, "charges": "550.00", "denied_charges": "250.00",
        "by_claims": "1.0000", "by_dollars": "0.4545",
    }  # fmt: skip


def test_a_second_refusal_leaves_the_initial_rate_as_it_was(app: Flask) -> None:
    client = reader(app)
    asked = "/dashboards/denials?format=json&to=2026-12-31"
    before = client.get(asked).get_json()
    books.take(era.bill(era.billed("A3", "99215 150", patient="POE*PAULA", member="MEM0003", day="20251101",
                                   frequency="7", original="P3")))  # fmt: skip
    line = era.line("99215", "150", "0", "CO*16*150")
    again = era.claim("A3", line, number="P3B", patient="POE*PAULA", member="MEM0003")
    books.take(era.era(again, trace="EFT0009", day="20260301"))
    assert client.get(asked).get_json()[-1] == before[-1]


def test_lag_counts_days_between_the_days_of_a_claims_way(app: Flask) -> None:
    client = reader(app)
    row = client.get("/dashboards/lag?format=json&to=2026-12-31").get_json()[0]
    # Service Nov 1, sent Dec 20, remit dated Jan 16.
    assert (row["count"], row["billed_median"], row["billed_p90"]) == (2, "49", "49")
    assert (row["remitted_median"], row["remitted_p90"]) == ("27", "27")


def test_an_empty_house_says_so(house: House) -> None:
    client = reader(make_app(house.settings))
    for report in REPORTS:
        page = client.get(f"/dashboards{report}")
        assert page.status_code == 200 and "n/a" in page.text + "n/a" * (report in ("/ageing", "/lag"))
    assert "Figures appear as soon as" in client.get("/dashboards").text


def test_what_cannot_be_read_is_refused(app: Flask) -> None:
    client = reader(app)
    for asked in ("as_of=x", "basis=age", "by=mood", "from=2026-02-01&to=2026-01-01", "known=x"):
        assert client.get(f"/dashboards/ageing?{asked}").status_code == 422, asked
    for asked in ("bucket=x", "side=x", "sort=x"):
        assert client.get(f"/reports/ageing/rows?{asked}").status_code == 422, asked
    assert client.get("/reports/first_remits/rows?month=x").status_code == 422
    assert client.get("/reports/cases/rows?standing=x").status_code == 422
    assert client.get("/reports/lag/rows?stage=x").status_code == 422
    assert client.get("/dashboards/ageing?entity=" + "0" * 20).status_code == 404


def test_another_practice_has_figures_of_its_own(app: Flask) -> None:
    other = books.practice("Other Clinic", "1992999999", "777777777")
    guest = visitors.add("gina", "manager", entity_id=other.id).browser(app)
    for report in REPORTS:
        page = guest.get(f"/dashboards{report}").text
        assert not FIGURE.findall(page) and "ROE" not in page
    for name in LISTS:
        assert total(guest, f"/reports/{name}/rows", "rows") == 0


def test_the_entity_filter_narrows_every_figure(app: Flask) -> None:
    books.practice("Other Clinic", "1992999999", "777777777")
    client = reader(app)
    chosen = re.findall(r'<option value="([0-9a-f]{20})"[^>]*>([^<]+)', client.get("/dashboards").text)
    assert {name for _, name in chosen} == {"Example Clinic", "Other Clinic"}
    for public_id, name in chosen:
        found = list(figures(client, f"/dashboards?entity={public_id}"))
        assert bool(found) == (name == "Example Clinic")
        assert all(total(client, href, which) == value for href, which, value in found)


def test_rows_leave_as_files_with_typed_money(app: Flask) -> None:
    client = reader(app)
    data = client.get("/reports/ageing/rows?format=csv&side=payer").get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(data)))
    assert sorted(row["In this figure"] for row in rows) == ["100.00", "150.00", "200.00", "60.00", "80.00"]


def test_who_reads_the_claims_behind_a_figure_is_noted(app: Flask) -> None:
    client = reader(app)
    client.get("/reports/ageing/rows")
    event = next(row for row in books.rows(_event) if row.type == "reports.ageing")
    told = books.rows(_told, _told.c.seq == event.seq)
    assert (event.actor, len(told)) == ("max", 5)


def test_a_program_reads_figures_with_what_they_are_made_of(app: Flask) -> None:
    max_, client = visitors.add("max", "manager"), app.test_client()
    found = client.get("/api/v1/reports/denials?to=2026-01-31", headers=max_.bearer).get_json()
    rates = {one["key"]: one for one in found["measures"]}
    assert rates["denial_claims"] == {
        "key": "denial_claims", "name": "Initial denial rate, claims", "numerator": 2, "denominator": 2,
        "value": "1.0000", "shown": "100.0 %",
    }  # fmt: skip
    assert (rates["overturn"]["value"], rates["overturn"]["shown"]) == (None, "n/a")
    rows = client.get("/api/v1/reports/ageing/rows?side=payer&limit=2", headers=max_.bearer).get_json()
    assert (len(rows["rows"]), rows["count"], rows["totals"]) == (2, 5, {"cents": "590.00"})
    more = client.get(f"/api/v1/reports/ageing/rows?side=payer&limit=9&cursor={rows['next']}",
                      headers=max_.bearer).get_json()  # fmt: skip
    assert len(more["rows"]) == 3 and not more["next"]
    assert client.get("/api/v1/reports/mood", headers=max_.bearer).status_code == 404
    assert client.get("/api/v1/reports/mood/rows", headers=max_.bearer).status_code == 404


def test_every_report_and_list_answers_programs(app: Flask) -> None:
    max_, client = visitors.add("max", "manager"), app.test_client()
    for name in REPORTS[1:]:
        assert client.get(f"/api/v1/reports{name}", headers=max_.bearer).status_code == 200, name
    for name in LISTS:
        found = client.get(f"/api/v1/reports/{name}/rows", headers=max_.bearer)
        assert found.status_code == 200 and "id" in (found.get_json()["rows"] or [{"id": ""}])[0], name


def test_claims_count_once_on_the_day_they_were_first_sent(app: Flask) -> None:
    client = reader(app)
    row = client.get("/dashboards/rejections?format=json&from=2025-12-01&to=2026-12-31").get_json()[-1]
    assert (row["claims"], row["rejected"], row["rate"], row["charges"]) == (5, 0, "0.0000", "890.00")


def test_a_rejected_claim_counts_even_when_it_was_accepted_later(app: Flask) -> None:
    client, asked = reader(app), "/dashboards/rejections?from=2025-12-01&to=2026-12-31"
    books.take(answers.report("A1 A7:562:85", day="20251222"), answers.report("A1 A2:20", day="20251224"))
    row = client.get(f"{asked}&format=json").get_json()[-1]
    assert (row["claims"], row["rejected"], row["rate"], row["rejected_charges"]) == (
        5, 1, "0.2000", "200.00",
    )  # fmt: skip
    found = list(figures(client, asked))
    assert found and all(total(client, href, name) == value for href, name, value in found)
