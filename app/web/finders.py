"""The search: every capability that has a `find(w, text)` in its queries.py is asked, in the order of the
house.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from flask import current_app, url_for

from app.access.rules import policy
from app.kernel.limits import SEARCH_CHARACTERS
from app.kernel.paging import Hit
from app.kernel.work import Work
from app.web.door import can
from app.web.doors import CAPABILITIES

PER_KIND = 20
Finder = Callable[[Work, str], list[Hit]]


class Found(NamedTuple):
    """A hit as the template draws it."""

    kind: str
    title: str
    detail: str
    href: str


@cache
def finders() -> tuple[Finder, ...]:
    """The `find` of each capability's queries.py."""
    modules = (f"app.{name}.queries" for name in CAPABILITIES if find_spec(f"app.{name}"))
    found = (getattr(import_module(name), "find", None) for name in modules if find_spec(name))
    return tuple(one for one in found if one is not None)


def find(w: Work, text: str) -> list[Found]:
    """Everything that fits the text and that this person may open. The search itself is an event
    (RSEC-10).
    """
    text = text[:SEARCH_CHARACTERS]
    hits = [hit for finder in finders() for hit in finder(w, text)[:PER_KIND] if _open_to(hit)]
    w.audit(
        "search",
        "R",
        "search",
        patients=[hit.patient for hit in hits if hit.patient],
        detail={"count": len(hits)},
    )
    return [
        Found(hit.kind, hit.title, hit.detail, url_for(hit.endpoint, **dict[str, Any](hit.values)))
        for hit in hits
    ]


def _open_to(hit: Hit) -> bool:
    asked = policy().permission("page", f"GET {hit.endpoint}")
    return hit.endpoint in current_app.view_functions and can(asked)
