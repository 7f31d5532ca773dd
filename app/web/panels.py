"""What other capabilities add to a record's page: each `queries_panels.py` with a `panel(w, kind, key)` is
asked, in the order of the house.

kind: "claim", "denial", "rejection" (its key is the claim's), "rebill", "patient", "underpayment" or "file";
key: the record's internal key. A panel is
drawn by its own template with its own values: `{% for one in panels %}{% set panel = one.values %}
{% include one.template %}{% endfor %}`.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from app.kernel.paging import Panel
from app.kernel.work import Work
from app.web.doors import CAPABILITIES

Asked = Callable[[Work, str, int], Panel | None]


@cache
def asked() -> tuple[Asked, ...]:
    """The `panel` of each capability's queries_panels.py."""
    names = [f"app.{name}.queries_panels" for name in CAPABILITIES if find_spec(f"app.{name}")]
    return tuple(import_module(name).panel for name in names if find_spec(name))


def panels(w: Work, kind: str, key: int) -> list[Panel]:
    """The panels others show about this record, those with nothing to say left out."""
    return [found for one in asked() if (found := one(w, kind, key)) is not None]
