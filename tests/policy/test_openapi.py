"""The description of the API is valid, complete, and says who may call what."""

import warnings
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate

from app.access.rules import PUBLIC, policy
from app.web.application import make_app, routes

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
UNDESCRIBED = {"GET api-docs.openapi_json", "GET fhir.metadata"}
"""What describes itself."""


@pytest.fixture
def app(house: Any) -> Flask:
    return make_app()


def operations(app: Flask) -> dict[tuple[str, str], dict[str, Any]]:
    described = app.test_client().get("/api/v1/openapi.json").get_json()
    methods = ("get", "post", "put", "patch", "delete")
    return {
        (method.upper(), path): one[method]
        for path, one in described["paths"].items()
        for method in methods
        if method in one
    }


@ONE_DATABASE
def test_it_is_valid_openapi_3_1(app: Flask) -> None:
    described = app.test_client().get("/api/v1/openapi.json").get_json()
    assert described["openapi"] == "3.1.0"
    validate(described)


@ONE_DATABASE
def test_every_schema_has_a_name_of_its_own(house: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make_app()


@ONE_DATABASE
def test_every_route_is_described_and_every_description_has_a_route(app: Flask) -> None:
    there = {
        (name.partition(" ")[0], rule.rule.replace("<", "{").replace(">", "}").replace("{string:", "{"))
        for rule in app.url_map.iter_rules()
        for name in routes(app)["api"] - UNDESCRIBED
        if name.partition(" ")[2] == rule.endpoint
        # FHIR describes itself, in its CapabilityStatement.
        if not rule.endpoint.startswith("fhir.")
    }
    assert {(method, path) for method, path in operations(app)} == there


@ONE_DATABASE
def test_every_operation_says_what_it_is_and_how_it_fails(app: Flask) -> None:
    for name, one in operations(app).items():
        assert one.get("summary") or one.get("description"), name
        failure = one["responses"]["default"]
        assert "error" in str(failure).lower(), name


@ONE_DATABASE
def test_only_public_operations_need_no_token(app: Flask) -> None:
    public = {
        name
        for (door, name), asked in policy().doors.items()
        if asked == PUBLIC and door == "api" and not name.startswith("GET fhir.")
    }
    open_ones = {
        (method, path) for (method, path), one in operations(app).items() if one.get("security") == []
    }
    assert len(open_ones) == len(public - UNDESCRIBED)
    assert open_ones == {("POST", "/api/v1/token"), ("POST", "/api/v1/token/refresh")}


@ONE_DATABASE
def test_a_key_against_doing_it_twice_is_taken_by_writes_only(app: Flask) -> None:
    takers = {name for name, one in operations(app).items() if "Idempotency-Key" in str(one)}
    assert takers
    assert {method for method, _ in takers} == {"POST"}
