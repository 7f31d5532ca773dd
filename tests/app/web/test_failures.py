"""Errors, redirects, hosts and file names give nothing away and lead nowhere else (W6)."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import UnprocessableEntity

from app.kernel.errors import NotFound, Refused, Stale, Unavailable
from app.kernel.logs import place_of
from app.web.application import make_app
from tests.policy import visitors
from tests.policy.visitors import PASSWORD

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
SHAPE = {"code", "message", "field", "place", "request_id"}
PATIENT = "Zebulon Quackenbush"


class Torn(Refused):
    place = "segment 16"


FAILURES: dict[str, tuple[Exception, int, str]] = {
    "refused": (Refused("No.", code="no", field="amount"), 422, "no"),
    "torn": (Torn("No.", code="torn"), 422, "torn"),
    "stale": (Stale(), 409, "stale"),
    "missing": (NotFound(), 404, "not_found"),
    "away": (Unavailable("partner"), 503, "busy"),
    "locked": (OperationalError("SELECT 1", {}, Exception("database is locked")), 503, "busy"),
    "crash": (RuntimeError(f"claim of {PATIENT}"), 500, "internal"),
}


@pytest.fixture
def app(house: Any) -> Flask:
    made = make_app()

    def fail(name: str) -> str:
        raise FAILURES[name][0]

    def schema() -> str:
        problem: Any = UnprocessableEntity()
        problem.data = {"messages": {"json": {"lines": {0: {"amount": ["Not an amount."]}}}}}
        raise problem

    # These two stand beside the product's own routes, after it was checked; the gate finds no row and lets
    # nobody in,
    # so the tests meet them below the gate.
    made.before_request_funcs[None].remove(made.before_request_funcs[None][1])
    made._got_first_request = False
    made.add_url_rule("/api/fail/<name>", "api_fail", fail)
    made.add_url_rule("/fail/<name>", "page_fail", fail)
    made.add_url_rule("/api/schema", "api_schema", schema)
    return made


@ONE_DATABASE
@pytest.mark.parametrize("name", sorted(FAILURES))
def test_every_failure_has_one_shape_and_gives_nothing_away(app: Flask, name: str, capfd: Any) -> None:
    problem, status, code = FAILURES[name]
    answer = app.test_client().get(f"/api/fail/{name}")
    told = answer.get_json()["error"]
    assert (answer.status_code, told["code"], set(told)) == (status, code, SHAPE)
    assert told["request_id"] == answer.headers["X-Request-Id"]
    assert (answer.headers.get("Retry-After") is not None) is (status == 503)
    page = app.test_client().get(f"/fail/{name}").get_data(as_text=True)
    lines = capfd.readouterr()
    for text in (answer.get_data(as_text=True), page, lines.out, lines.err):
        assert PATIENT not in text and "Traceback" not in text and "SELECT" not in text
    if isinstance(problem, Refused):
        assert told["message"] in page


@ONE_DATABASE
def test_a_crash_is_logged_with_its_place_and_without_its_words(app: Flask, capfd: Any) -> None:
    app.test_client().get("/fail/crash")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    crash = next(line for line in lines if line["event"] == "crash")
    assert (crash["error_type"], crash["request_id"]) == ("RuntimeError", lines[-1]["request_id"])
    assert PATIENT not in str(lines)


@ONE_DATABASE
def test_a_schemas_complaint_names_the_field(app: Flask) -> None:
    told = app.test_client().get("/api/schema").get_json()["error"]
    assert (told["code"], told["field"], told["message"]) == ("invalid", "lines.0.amount", "Not an amount.")


@ONE_DATABASE
def test_a_real_schema_of_the_api_complains_in_the_same_shape(app: Flask) -> None:
    told = app.test_client().post("/api/v1/token", json={"login": 7}).get_json()["error"]
    assert (told["code"], told["field"]) in {("invalid", "login"), ("invalid", "password")}
    wrong = app.test_client().post("/api/v1/token", data="{", content_type="application/json")
    assert (wrong.status_code, set(wrong.get_json()["error"])) == (400, SHAPE)
    deep = app.test_client().post("/api/v1/token", data="[" * 100_000, content_type="application/json")
    assert (deep.status_code, set(deep.get_json()["error"])) == (400, SHAPE)


def test_the_place_of_a_problem_is_ours_and_no_data() -> None:
    assert place_of(RuntimeError(PATIENT)) == ""


@ONE_DATABASE
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "[::1"])
def test_another_host_is_not_answered(house: Any, host: str) -> None:
    answer = make_app().test_client().get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True) + str(answer.headers)


@ONE_DATABASE
@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example",
        "/%09/evil.example", "/\t/evil", "javascript:alert(1)", "http:evil.example", "/api/v1/me",
        "/nothing-here", "evil.example", "///evil.example", "/..//evil",
    ],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(house: Any, wanted: str) -> None:
    visitors.add("kim", "clerk")
    client = make_app().test_client()
    form = {"login": "kim", "password": PASSWORD, "next": wanted, "csrf_token": visitors.form_token(client)}
    answer = client.post("/sign-in", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@ONE_DATABASE
def test_signing_in_leads_where_one_wanted_to_go(house: Any) -> None:
    visitors.add("kim", "clerk")
    client = make_app().test_client()
    first = client.get("/password?x=1")
    assert first.headers["Location"] == "/sign-in?next=/password?x%3D1"
    form = {
        "login": "kim",
        "password": PASSWORD,
        "next": "/password?x=1",
        "csrf_token": visitors.form_token(client),
    }
    assert client.post("/sign-in", data=form).headers["Location"] == "/password?x=1"


@ONE_DATABASE
def test_a_page_that_asks_by_itself_is_sent_to_sign_in_without_a_page_inside_a_page(house: Any) -> None:
    answer = make_app().test_client().get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"], answer.data) == (401, "/sign-in", b"")


@ONE_DATABASE
def test_a_form_too_large_is_refused_before_it_is_read(house: Any) -> None:
    client = make_app().test_client()
    answer = client.post("/sign-in", data={"login": "x" * 2_000_000})
    assert answer.status_code == 413
    many = client.post(
        "/sign-in", data={f"f{number}": "x" for number in range(700)}, content_type="multipart/form-data"
    )
    assert many.status_code == 413


@ONE_DATABASE
def test_health_says_nothing_but_health(house: Any) -> None:
    client = make_app().test_client()
    assert client.get("/healthz").data == b"ok\n"
    assert client.get("/readyz").get_json() == {"ready": True, "database": True, "jobs": "on time"}


@ONE_DATABASE
@pytest.mark.parametrize(
    "address",
    ["/static/../app/web/gate.py", "/static/%2e%2e/gate.py", "/static/..%2fgate.py", "/static/vendor/"],
)
def test_static_files_are_those_of_the_folder(house: Any, address: str) -> None:
    assert make_app().test_client().get(address).status_code == 404
