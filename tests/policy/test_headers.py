"""Every response carries the headers, and no page needs an exception from them (W1)."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.kernel.settings import settings
from app.web.application import make_app
from app.web.headers import ALWAYS, STRICT_TRANSPORT
from tests.policy import visitors

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
WEB = Path(visitors.__file__).parents[2] / "app"


@pytest.fixture
def app(house: Any) -> Flask:
    return make_app()


class Inline(HTMLParser):
    """Collects what a strict policy forbids: scripts and styles in the page, handlers, javascript:
    addresses.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(f"<{tag}>")
        for name, value in given.items():
            bad = (
                name == "style"
                or name.startswith(("on", "hx-on"))
                or (value or "").lower().startswith("javascript:")
            )
            if bad or (name.startswith("hx-") and (value or "").startswith(("js:", "javascript:"))):
                self.found.append(f"{tag} {name}")


def inline(html: str) -> list[str]:
    parser = Inline()
    parser.feed(html)
    return parser.found


@ONE_DATABASE
@pytest.mark.parametrize("role", [None, "supervisor", "auditor", "admin"])
def test_every_response_of_every_route_carries_them(app: Flask, role: str | None) -> None:
    visitor = visitors.add("kim", role) if role else None
    wrong = []
    for door, name, address in visitors.addresses(app):
        answer = visitors.knock(app, visitor, door, name, address)
        missing = [header for header, value in ALWAYS.items() if answer.headers.get(header) != value]
        kept = answer.headers.get("Cache-Control") != "no-store" and not name.endswith(" static")
        found = inline(answer.get_data(as_text=True)) if "html" in (answer.mimetype or "") else []
        if missing or kept or found or "Server" in answer.headers or not answer.headers.get("X-Request-Id"):
            wrong.append((name, answer.status_code, missing, kept, found))
    assert wrong == []


@ONE_DATABASE
@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nothing-here", 404),
        ("DELETE", "/sign-in", 405),
        ("GET", "/static/nothing.js", 404),
        ("OPTIONS", "/", 405),
    ],
)
def test_errors_carry_them_as_well(app: Flask, method: str, address: str, status: int) -> None:
    answer = app.test_client().open(address, method=method)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS


def test_the_policy_allows_nothing_inline_and_no_other_host() -> None:
    rules = ALWAYS["Content-Security-Policy"]
    assert "unsafe" not in rules and "http" not in rules and "*" not in rules
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(rules.split("; "))


@ONE_DATABASE
def test_with_tls_the_browser_never_leaves_it_and_cookies_belong_to_this_host_alone(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitors.add("kim", "clerk")
    monkeypatch.setenv("RECLAIM_BEHIND_TLS", "true")
    settings.cache_clear()
    client = make_app().test_client()
    secure: dict[str, Any] = {
        "base_url": "https://localhost",
        "headers": {"Referer": "https://localhost/sign-in"},
    }
    form = {
        "login": "kim",
        "password": visitors.PASSWORD,
        "csrf_token": visitors.form_token(client, **secure),
    }
    answer = client.post("/sign-in", data=form, **secure)
    assert (answer.status_code, answer.headers["Strict-Transport-Security"]) == (303, STRICT_TRANSPORT)
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("__Host-reclaim="))
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_templates_hold_no_script_no_style_and_never_switch_escaping_off() -> None:
    wrong = []
    for place in WEB.rglob("*.html"):
        text = place.read_text(encoding="utf-8")
        if re.search(
            r"\|\s*safe\b|autoescape false|<style|<[a-z][^>{]*\s(style|on[a-z]+)=|javascript:", text
        ):
            wrong.append(str(place))
        if re.search(r"<script(?![^>]*\ssrc=)", text):
            wrong.append(str(place))
    assert wrong == []


def test_our_scripts_make_no_code_and_no_html_from_text() -> None:
    for place in (WEB / "web" / "static").glob("*.js"):
        text = place.read_text(encoding="utf-8")
        assert not re.search(
            r"\beval\b|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text
        ), place
