"""What is ready and what was sent, on screens, as files and from the command line."""

import csv
import io
import json
from typing import Any

import pytest
from flask import Flask

from app.audit.models import AuditEvent
from app.kernel.db import table_of
from app.web.application import make_app
from tests import batches, books
from tests.conftest import House, run_app
from tests.policy import visitors

EVENT = table_of(AuditEvent)


@pytest.fixture
def app(house: House) -> Flask:
    return make_app()


def test_what_is_ready_is_released_by_one_button_and_what_is_held_stays(app: Flask) -> None:
    batches.receiver(books.practice())
    sue = visitors.add("sue", "supervisor").browser(app)
    assert "Nothing is ready" in sue.get("/rebill/release").text
    held, goes = batches.ready("A1", "A2")
    batches.hold(held)
    page = sue.get("/rebill/release").text
    assert "400.00" in page and "A2R1" in page and "1 claim stays behind" in page and "A1R1" in page
    assert "DOE, A1" in page and "DOE, A2" in page, "whoever releases checks names"
    token = visitors.form_token(sue, "/rebill/release")
    fields = {
        name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("receiver", "plan")
    }
    released = sue.post("/rebill/release", data={**fields, "csrf_token": token})
    assert released.status_code == 303
    assert batches.states(held, goes) == ["ready", "batched"]
    again = sue.post("/rebill/release", data={**fields, "csrf_token": token})
    assert again.status_code in (409, 422)
    books.settle()
    shown = sue.get(released.headers["Location"]).text
    assert "DOE, A2" in shown and "not yet" in shown
    assert "A2R1" in shown and "arrived" in shown and "It lies in the folder" in shown
    clerk = visitors.add("carl", "clerk").browser(app)
    assert "Release" not in clerk.get("/rebill/release").text.partition("<main")[2].partition("</h1>")[2]
    stranger = {"csrf_token": visitors.form_token(clerk, "/password"), **fields}
    assert clerk.post("/rebill/release", data=stranger).status_code == 403


def test_the_list_has_totals_filters_and_files(app: Flask) -> None:
    receiver = batches.receiver(books.practice())
    for control in ("A1", "A2"):
        batches.ready(control)
        batches.release(receiver)
    books.settle()
    sue = visitors.add("sue", "supervisor").browser(app)
    page = sue.get("/rebill/batches").text
    assert "800.00" in page and "2 batches" in page
    assert "1 batch" in sue.get("/rebill/batches?q=000000002").text
    assert "No batch matches" in sue.get("/rebill/batches?state=unknown").text
    assert "2 batches" in sue.get("/rebill/batches?released_from=t&released_to=t").text
    assert "No batch matches" in sue.get("/rebill/batches?released_to=t-3&answer=rejected").text
    wrong = sue.get("/rebill/batches?released_from=soon")
    assert wrong.status_code == 422 and "2 batches" in wrong.text
    rows = list(csv.DictReader(io.StringIO(sue.get("/rebill/batches?format=csv").text.lstrip("\ufeff"))))
    assert [row["Charges"] for row in rows] == ["400.00", "400.00"]
    listed = json.loads(sue.get("/rebill/batches?format=json&state=sent").text)
    assert {row["interchange"] for row in listed} == {"1", "2"} or {1, 2}


def test_a_download_gives_the_bytes_and_is_on_record(app: Flask) -> None:
    receiver = batches.receiver(books.practice(), how="download", place="")
    batches.ready("A1")
    batch = batches.release(receiver)
    sue = visitors.add("sue", "supervisor").browser(app)
    page, token = f"/rebill/batches/{batch}", visitors.form_token(sue, "/password")
    taken = sue.post(page + "/take", data={"csrf_token": token, "version": "1"})
    assert taken.status_code == 303
    answer = sue.get(page + "/file")
    assert answer.data == batches.stored_bytes(batch)
    assert batches.batch(batch).file_name in answer.headers["Content-Disposition"]
    assert [row.subject_key for row in books.rows(EVENT, EVENT.c.type == "file.raw")] == [batch]
    stale = sue.post(page + "/confirm", data={"csrf_token": token, "version": "1", "arrived": "yes"})
    assert stale.status_code == 409 and "Somebody changed this" in stale.text
    done = sue.post(page + "/confirm", data={"csrf_token": token, "version": "2", "arrived": "yes"})
    assert done.status_code == 303 and batches.batch(batch).state == "sent"
    operator = visitors.add("otto", "operator").browser(app)
    assert operator.get(page + "/file").status_code == 403


def test_the_api_releases_once_for_a_key(app: Flask) -> None:
    receiver = batches.receiver(books.practice())
    batches.ready("A1")
    who = visitors.add("sue", "supervisor").bearer
    client = app.test_client()
    ready = client.get("/api/v1/rebill/ready", headers=who).get_json()["rows"]
    body = {"receiver": ready[0]["receiver"], "plan": ready[0]["plan"]}
    assert (ready[0]["claims"], ready[0]["charge"], ready[0]["receiver"]) == (1, "400.00", receiver)
    headers = {**who, "Idempotency-Key": "today"}
    first = client.post("/api/v1/rebill/batches", json=body, headers=headers)
    again = client.post("/api/v1/rebill/batches", json=body, headers=headers)
    assert first.status_code == again.status_code == 201 and first.get_json() == again.get_json()
    books.settle()
    row = client.get(f"/api/v1/rebill/batches/{first.get_json()['id']}", headers=who).get_json()
    assert (row["state"], row["claims"], row["attempts"][0]["outcome"]) == ("sent", 1, "arrived")
    raw = client.get(f"/api/v1/rebill/batches/{row['id']}/file", headers=who)
    assert raw.data == batches.stored_bytes(row["id"])


def test_the_command_line_releases_and_sends_in_the_foreground(house: House) -> None:
    receiver = batches.receiver(books.practice())
    batches.ready("A1")

    def told(*arguments: str) -> Any:
        done = run_app(house, "rebill", *arguments, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    [listed] = told("list")
    assert (listed["receiver"], listed["claims"], listed["charge"]) == (receiver, 1, "400.00")
    assert [row["next_interchange"] for row in told("receivers")] == [1]
    [released] = told("release")
    assert released["state"] == "released"
    [sent] = told("send")
    assert (sent["batch"], sent["state"]) == (released["batch"], "sent")
    assert list(batches.sent_files()) == [sent["file_name"]]
    exported = run_app(house, "export", "batches")
    assert released["sha256"] in exported.stdout
    nothing = run_app(house, "rebill", "release", "--json")
    assert nothing.returncode == 1 and json.loads(nothing.stdout)["error"]["code"] == "nothing_to_send"
