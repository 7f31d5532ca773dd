"""A program asks 600 times a minute at most, a login is tried five times; the answer says when again."""

from typing import Any

import pytest

from app.kernel.settings import settings
from app.web.application import make_app
from tests.policy import visitors

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@ONE_DATABASE
def test_a_token_that_asks_too_often_waits_and_others_do_not(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECLAIM_API_PER_MINUTE", "10")
    settings.cache_clear()
    app, kim, ann = make_app(), visitors.add("kim", "clerk"), visitors.add("ann", "clerk")
    client = app.test_client()
    answers = [client.get("/api/v1/me", headers=kim.bearer) for _ in range(11)]
    assert [one.status_code for one in answers] == [200] * 10 + [429]
    error = answers[-1].get_json()["error"]
    assert (error["code"], set(error)) == ("slow_down", {"code", "message", "field", "place", "request_id"})
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].headers["X-Request-Id"] == error["request_id"]
    assert client.get("/api/v1/me", headers=ann.bearer).status_code == 200


@ONE_DATABASE
@pytest.mark.parametrize("door", ["page", "api"])
def test_a_login_is_tried_five_times_a_minute_whether_anybody_has_it(house: Any, door: str) -> None:
    app = make_app()
    visitors.add("kim", "clerk")
    for login in ("kim", "nobody"):
        client = app.test_client()
        told = []
        for _ in range(6):
            if door == "api":
                answer = client.post("/api/v1/token", json={"login": login, "password": "wrong"})
            else:
                form = {"csrf_token": visitors.form_token(client), "login": login, "password": "wrong"}
                answer = client.post("/sign-in", data=form)
            told.append(answer.status_code)
        assert told == [401] * 5 + [429], login


@ONE_DATABASE
def test_the_description_tells_every_caller_about_it(house: Any) -> None:
    paths = make_app().test_client().get("/api/v1/openapi.json").get_json()["paths"]
    methods = ("get", "post", "put", "patch", "delete")
    operations = [one[name] for one in paths.values() for name in methods if name in one]
    assert operations and all("429" in one["responses"] for one in operations)
