"""The doors others write, found by file name, in the order of the house."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

CAPABILITIES = (
    "entities", "audit", "access", "documents", "hooks", "codes", "worklist", "payers", "patients",
    "contacts", "ledger", "intake", "claims", "contracts", "remits", "denials", "underpayments", "reports",
    "flows", "world", "fhir", "web",
)  # fmt: skip
"""The order of knowledge: each may import only those before it."""


def modules(part: str) -> Iterator[tuple[str, ModuleType]]:
    """(capability, module) of every `app/<capability>/<part>.py` there is."""
    for capability in CAPABILITIES:
        name = f"app.{capability}.{part}"
        if find_spec(f"app.{capability}") and find_spec(name):
            yield capability, import_module(name)
