"""The grid, executed: which files a capability may have, and what each of them may import.

An exception is a row in one of the tables below, with its reason; there is no other way around the grid.
"""

import ast
import sys
from pathlib import Path

from tests import tree

ORDER = (
    "kernel", "gateways", "entities", "audit", "access", "documents", "hooks", "codes", "worklist", "payers",
    "patients", "contacts", "ledger", "intake", "claims", "contracts", "remits", "denials", "underpayments",
    "rebill", "accounts", "payments", "plans", "statements", "placements", "reports",
    "world", "flows", "fhir", "web",
)  # fmt: skip
FREE = {
    "kernel",
    "gateways",
    "flows",
    "fhir",
    "world",
    "web",
}  # files named by their matter: tools, partners, procedures, resources, a generator, screens
ABOVE_ALL = {"web", "worker.py", "cli.py"}  # they assemble, and see everything

PURE = {"lifecycle", "rules"}
READS = PURE | {"models", "queries"}
DOORS = {"api", "pages", "tasks", "cli"}
MAY_IMPORT = {  # file → files of its own and earlier capabilities
    "__init__": set(),
    "models": PURE,
    "lifecycle": set(),
    "rules": PURE,
    "queries": READS,
    "service": READS | {"service", "translate"},
    "translate": READS | {"translate"},
    "schemas": PURE | {"schemas"},
    **dict.fromkeys(DOORS, READS | DOORS | {"service", "schemas", "translate"}),
}
PROOF = READS | {"service"}  # walks everything the capability ever wrote, and changes nothing
OWN_FILES = {
    "ledger": {"accounts": PURE, "entry": PURE | {"accounts"}, "verify": PROOF},  # double entry has its nouns
    "audit": {"verify": PROOF},
    "access": {
        "sign_in": READS | {"service"}
    },  # coming in is a chapter of its own: guesses, sessions, tokens
}
IMPURE = (
    "sqlalchemy",
    "app.kernel.db",
    "app.kernel.work",
    "app.kernel.clock",
    "app.kernel.outbox",
    "socket",
    "urllib",
)
LATE_IMPORTS = {
    "app/__init__.py": "importing the package must need nothing but the standard library",
    "app/__main__.py": "the command line can be imported only after the environment was made",
    "tests/__main__.py": "what needs packages can be imported only after the environment was made",
}
STANDARD_ONLY = ("app/__init__.py", "app/__main__.py", "tests/__init__.py", "tests/__main__.py")
MAP_LINES = 25


def place_of(path: Path) -> tuple[str, str]:
    """The two coordinates of a file in app/: capability and part; a file beside them has only a name."""
    return (path.parts[1], path.stem) if len(path.parts) > 2 else (path.name, "")


def part_of(path: Path | str) -> str:
    """The part a file is: a long `service.py` continues in `service_undo.py`, with the same rights."""
    stem = Path(path).stem
    head = stem.partition("_")[0]
    return head if head in MAY_IMPORT and not stem.startswith("__") else stem


def capability_files() -> list[Path]:
    return [path for path in tree.python("app") if len(path.parts) > 2 and path.parts[1] not in FREE]


def parts_of(capability: str) -> dict[str, set[str]]:
    """What each file of this capability may import of its own and earlier capabilities."""
    own = OWN_FILES.get(capability, {})
    extra = set(own)
    return {part: allowed | extra for part, allowed in MAY_IMPORT.items()} | own


def test_every_capability_has_its_line_in_the_order() -> None:
    found = {path.parts[1] for path in tree.python("app") if len(path.parts) > 2}
    assert found <= set(ORDER), f"not in the order of capabilities: {sorted(found - set(ORDER))}"


def test_a_capability_has_only_files_the_grid_names() -> None:
    wrong = [
        str(path)
        for path in capability_files()
        if len(path.parts) != 3 or part_of(path) not in parts_of(path.parts[1])
        if "data" not in path.parts
    ]
    assert not wrong, f"no such part in the grid: {wrong}"


def test_the_docstring_of_a_capability_is_its_map() -> None:
    wrong = []
    for path in tree.python("app"):
        if len(path.parts) == 3 and path.name == "__init__.py":
            text = ast.get_docstring(tree.parsed(path)) or ""
            if not text or len(text.splitlines()) > MAP_LINES:
                wrong.append(f"{path}: {len(text.splitlines())} lines")
    assert not wrong, f"the map of a folder has 1 to {MAP_LINES} lines: {wrong}"


def test_a_capability_imports_only_those_above_it() -> None:
    wrong = []
    for path in tree.python("app"):
        capability = place_of(path)[0]
        if capability in ABOVE_ALL or capability not in ORDER:
            continue
        for node, module in tree.imports(path):
            target = module.split(".")[1] if module.startswith("app.") else None
            if target is None or target == capability:
                continue
            # A door stands at the edge: it may call a flow, use what the screens share, run jobs on the spot.
            if part_of(path) in DOORS and target in ("flows", "web", "worker"):
                continue
            if target not in ORDER or ORDER.index(target) > ORDER.index(capability):
                wrong.append(f"{path}:{node.lineno} imports {module}")
    assert not wrong, "\n".join(["knowledge flows one way:", *wrong])


def test_each_part_imports_only_what_the_grid_allows() -> None:
    wrong = []
    for path in capability_files():
        capability, part = path.parts[1], part_of(path)
        for node, module in tree.imports(path):
            names = module.split(".")
            if names[0] != "app" or len(names) < 3 or names[1] not in ORDER or names[1] in FREE:
                continue
            allowed = parts_of(capability).get(part, set()) | set(OWN_FILES.get(names[1], {}))
            if part_of(names[2]) not in allowed:
                wrong.append(f"{path}:{node.lineno} imports {module}")
    assert not wrong, "\n".join(["not allowed by the grid:", *wrong])


def test_decisions_know_no_database_no_clock_and_no_network() -> None:
    wrong = [
        f"{path}:{node.lineno} imports {module}"
        for path in capability_files()
        if part_of(path) in PURE
        for node, module in tree.imports(path)
        if module.startswith(IMPURE)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_kernel_imports_nothing_of_ours() -> None:
    wrong = [
        f"{path}:{node.lineno} imports {module}"
        for path in tree.python("app")
        if path.parts[1] == "kernel"
        for node, module in tree.imports(path)
        if module.split(".")[0] in ("app", "edi", "letters") and not module.startswith("app.kernel")
    ]
    assert not wrong, "\n".join(wrong)


def test_only_translate_speaks_with_edi_and_letters() -> None:
    wrong = [
        f"{path}:{node.lineno} imports {module}"
        for path in tree.python("app")
        if part_of(path) != "translate"
        for node, module in tree.imports(path)
        if module.split(".")[0] in ("edi", "letters")
    ]
    assert not wrong, "\n".join(wrong)


def test_edi_and_letters_know_neither_the_application_nor_each_other() -> None:
    wrong = [
        f"{path}:{node.lineno} imports {module}"
        for path in tree.python("edi", "letters")
        for node, module in tree.imports(path)
        if module.split(".")[0] in {"app", "edi", "letters", "tests"} - {path.parts[0]}
    ]
    assert not wrong, "\n".join(wrong)


def test_the_product_does_not_import_its_tests() -> None:
    wrong = [
        f"{path}:{node.lineno} imports {module}"
        for path in tree.python("app", "edi", "letters", "migrations")
        for node, module in tree.imports(path)
        if module.split(".")[0] in ("tests", "pytest", "hypothesis", "unittest")
    ]
    assert not wrong, "\n".join(wrong)


def test_imports_are_absolute_and_at_the_top() -> None:
    wrong = []
    for path in tree.python():
        for node, module in tree.imports(path):
            if module.startswith("."):
                wrong.append(f"{path}:{node.lineno} is relative")
            late = tree.inside(node, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            if late and path.as_posix() not in LATE_IMPORTS:
                wrong.append(f"{path}:{node.lineno} imports {module} inside {getattr(late, 'name', '')}")
    assert not wrong, "\n".join(wrong)


def test_a_start_on_a_bare_machine_imports_the_standard_library_only() -> None:
    wrong = []
    for name in STANDARD_ONLY:
        for node, module in tree.imports(Path(name)):
            late = tree.inside(node, ast.FunctionDef, ast.If)
            if not late and module.split(".")[0] not in {*sys.stdlib_module_names, "app"}:
                wrong.append(f"{name}:{node.lineno} imports {module}")
    assert not wrong, "\n".join(wrong)
