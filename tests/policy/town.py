"""A house with the example world in it, and people who follow every link they see."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask import Flask

from app.entities import queries as entities
from app.flows import demo
from app.kernel.work import reading, system
from app.web.gate import API
from tests.books import settle
from tests.policy.visitors import Visitor

PUBLIC_ID = re.compile(r"[0-9a-f]{20}")
PER_ROUTE = 8
"""So many addresses of one route are followed: its first rows, and what they lead to."""


def populate(claims: int = 40) -> list[int]:
    """Import the example world; returns the keys of its billing entities."""
    demo.prepare(claims=claims)
    settle()
    with reading(system("tests")) as w:
        return sorted(one.id for one in entities.practices(w))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in ("href", "hx-get"):
            address = given.get(name) or ""
            if address.startswith("/") and not address.startswith(("//", "/static/")):
                self.found.append(address.partition("#")[0])


@dataclass
class Seen:
    """What one visitor saw: address → page, for every page answered 200."""

    pages: dict[str, str] = field(default_factory=dict)
    other: dict[str, int] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    """Address → the number of the request, which the audit trail names as well."""

    @property
    def ids(self) -> frozenset[str]:
        """Every public id any page showed."""
        return frozenset(found for page in self.pages.values() for found in PUBLIC_ID.findall(page))


def walk(app: Flask, visitor: Visitor, *, per_route: int = PER_ROUTE) -> Seen:
    """Follow links from the first screen, a few of each route; files and errors are not followed further."""
    browser, seen, met = visitor.browser(app), Seen(), Counter[str]()
    waiting = ["/"]
    while waiting:
        address = waiting.pop(0)
        if address in seen.pages or address in seen.other:
            continue
        route = app.url_map.bind("localhost").match(address.partition("?")[0])[0]
        sorting = "sort=" in address or "cursor=" in address
        met[f"{route} {sorting}"] += 1
        if met[f"{route} {sorting}"] > per_route:
            continue
        answer = browser.get(address)
        if answer.status_code == 303:
            waiting.append(answer.headers["Location"])
        if answer.status_code != 200 or answer.mimetype != "text/html":
            seen.other[address] = answer.status_code
            continue
        seen.pages[address] = answer.get_data(as_text=True)
        seen.requests[address] = answer.headers["X-Request-Id"]
        parser = _Links()
        parser.feed(seen.pages[address])
        waiting += parser.found
    return seen


def addresses_with(app: Flask, ids: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(door, address) of every route that can be read and takes an id, each id in turn in each place."""
    for rule in app.url_map.iter_rules():
        places = [name for name in rule.arguments if name.endswith("id")]
        if not places or "GET" not in (rule.methods or set()) or len(places) < len(rule.arguments):
            continue
        for one in sorted(ids):
            built = rule.build(dict.fromkeys(rule.arguments, one), append_unknown=False)
            if built is not None:
                yield ("api" if rule.rule.startswith(API) else "page"), built[1]
