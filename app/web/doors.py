"""The doors others write, found by file name, in the order of the house."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

CAPABILITIES = (
    "entities", "audit", "access", "documents", "hooks", "codes", "worklist", "payers", "patients",
    "contacts", "ledger", "intake", "claims", "contracts", "remits", "denials", "underpayments", "rebill",
    "accounts", "payments", "plans", "statements", "placements", "reports", "flows", "world", "fhir", "web",
)  # fmt: skip
"""The order of knowledge: each may import only those before it."""


def modules(part: str) -> Iterator[tuple[str, ModuleType]]:
    """(capability, module) of every `app/<capability>/<part>.py` there is.

    A part that goes on in `<part>_<rest>.py` is whole by then: those files add their routes to the blueprint
    they import from it.
    """
    for capability in CAPABILITIES:
        name = f"app.{capability}.{part}"
        if not (find_spec(f"app.{capability}") and find_spec(name)):
            continue
        module = import_module(name)
        for place in sorted(Path(module.__file__ or "").parent.glob(f"{part}_*.py")):
            import_module(f"app.{capability}.{place.stem}")
        yield capability, module
