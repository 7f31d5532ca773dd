"""The source tree as the house and architecture tests read it: files git knows or could know, parsed once."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.__main__ import ROOT


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, committed or about to be, relative to the root; what .gitignore names is
    not ours.
    """
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        names = [Path(name) for name in listed.stdout.decode().split("\0") if name]
    else:  # an unpacked release has no git
        skipped = {".venv", "var", "__pycache__", ".git"}
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        names = [
            path for path in found if not skipped & set(path.parts) and not path.name.startswith(".coverage")
        ]
    return tuple(sorted(path for path in names if (ROOT / path).is_file()))


def python(*folders: str) -> Iterator[Path]:
    """The Python files of these top-level folders, all of them when none is named."""
    for path in files():
        if path.suffix == ".py" and (not folders or path.parts[0] in folders):
            yield path


@cache
def read(path: Path) -> str:
    """The text of one file."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of one Python file, each node knowing its parent."""
    tree = ast.parse(read(path), filename=str(path))
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]  # ast has no parents of its own
    return tree


def inside(node: ast.AST, *kinds: type[ast.AST]) -> ast.AST | None:
    """The nearest node around this one that is of one of these kinds."""
    around = getattr(node, "parent", None)
    while around is not None and not isinstance(around, kinds):
        around = getattr(around, "parent", None)
    return around


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute; what cannot be named so is empty at that place."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def imports(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    """Every import statement with the module it names; `from app.claims import service` names
    app.claims.service.
    """
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((node, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names = (f"{module}.{each.name}" for each in node.names)
            yield from ((node, name) for name in {name if is_module(name) else module for name in names})


@cache
def is_module(name: str) -> bool:
    """Is this a module or package of ours?"""
    place = ROOT / name.replace(".", "/")
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()
