"""The house rules a machine can check: sizes, money without floats, SQL without strings, honest tests, a
clean tree.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kernel.settings import describe
from tests import tree

FILE_LINES, FUNCTION_LINES, LINE_CHARACTERS, POSITIONAL = 400, 60, 110, 5
TOP = {
    "app", "edi", "letters", "migrations", "tests", ".ci",
    "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore", ".gitattributes",
}  # fmt: skip
TEXT = {".py", ".md", ".toml", ".html", ".css", ".js", ".csv", ".txt", ".sh", ".mako", ".typ", ".json", ""}
MONEY = re.compile(
    r"(^|_)(charges?|paid|amounts?|cents|balances?|totals?|prices?|owed|money|due|refunds?|payments?)(_|$)"
)
SQL_CALLS = {"text", "execute", "exec_driver_sql", "executemany", "executescript", "copy"}
SQL_FROM_STRINGS = {
    ("app/kernel/db.py", "bulk_insert"): "names come from declared tables; values are bound or copied",
    ("app/kernel/db.py", "_sqlite_settings"): "a constant list; PRAGMA takes no parameters",
    ("app/kernel/db.py", "_postgresql_settings"): "a constant; SET ROLE takes no parameters",
}
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
CLOCK = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|HA[C]K)\b|raise Not[I]mplemented|coming [s]oon")
SWITCHED_OFF = re.compile(
    r"\bpytest\.(ski[p]|xfai[l]|importorski[p])|mark\.(ski[p]|xfai[l])|assert Tru[e]\b|mock\.patc[h]"
)
MACHINE = re.compile(
    r"/wor[k]/|/far[m]/|/roo[t]/|/hom[e]/[a-z]|bash[_]jobs"
    r"|pypi\.or[g]|pythonhoste[d]|npmjs\.(or[g]|co[m])|deb\.debia[n]"
)
EXCUSE = re.compile(
    r"#\s*(noq[a]\b(?!: [A-Z]+\d+(, [A-Z]+\d+)* (-|#) \w)"
    r"|type: ignor[e]\b(?!\[[a-z-, ]+\]\s+(-|#) \w))"
)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree.parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree.parsed(path)) if isinstance(node, ast.Call))


def words_of(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr


def ours() -> Iterator[Path]:
    """Text files we wrote: not vendored, not received, not generated."""
    for path in tree.files():
        if path.suffix in TEXT and not {"vendor", "fixtures", "locks", "crashers", "corpus"} & set(
            path.parts
        ):
            yield path


def lines_matching(pattern: re.Pattern[str], paths: Iterator[Path]) -> list[str]:
    return [
        f"{path}:{number} {line.strip()[:90]}"
        for path in paths
        for number, line in enumerate(tree.read(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_files_functions_and_lines_stay_small() -> None:
    wrong = []
    for path in tree.python():
        lines = tree.read(path).splitlines()
        if len(lines) > FILE_LINES:
            wrong.append(f"{path}: {len(lines)} lines, at most {FILE_LINES}")
        wrong += [f"{path}:{n}: {len(x)} wide" for n, x in enumerate(lines, 1) if len(x) > LINE_CHARACTERS]
        for function in functions(path):
            size = (function.end_lineno or 0) - function.lineno + 1
            if size > FUNCTION_LINES:
                wrong.append(
                    f"{path}:{function.lineno} {function.name}: {size} lines, at most {FUNCTION_LINES}"
                )
    assert not wrong, "\n".join(wrong)


def test_arguments_that_can_be_mixed_up_have_names() -> None:
    wrong = []
    for path in tree.python():
        for function in functions(path):
            names = [each.arg for each in [*function.args.posonlyargs, *function.args.args]]
            count = len(names) - (names[:1] in (["self"], ["cls"]))
            is_test = function.name.startswith("test_")  # pytest names their arguments
            if count > POSITIONAL and not is_test:
                wrong.append(
                    f"{path}:{function.lineno} {function.name}: {count} positional, at most {POSITIONAL}"
                )
    assert not wrong, "\n".join(wrong)


def is_float(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def meets_a_float(node: ast.AST) -> bool:
    """Does this expression turn money into a float, round it the machine's way, or reckon it with a float?"""
    if isinstance(node, ast.Call):
        suspect = tree.dotted(node.func) in ("float", "round")
    else:
        suspect = isinstance(node, ast.BinOp) and (is_float(node.left) or is_float(node.right))
    return suspect and any(MONEY.search(word) for word in words_of(node))


def test_money_never_meets_a_float() -> None:
    wrong = [
        f"{path}:{node.lineno} {ast.unparse(node)[:80]}"
        for path in tree.python("app", "edi", "letters")
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.expr) and meets_a_float(node)
    ]
    assert not wrong, "\n".join(wrong)


def made_of_strings(node: ast.AST) -> bool:
    """Is this a text put together at run time: an f-string with a value in it, `+` or `%`, or .format?"""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        sides = (node.left, node.right)
        text = [isinstance(each, ast.Constant) and isinstance(each.value, str) for each in sides]
        return (any(text) and not all(text)) or any(made_of_strings(each) for each in sides)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant):
            return node.func.attr in ("format", "join")
        return any(made_of_strings(each) for each in [*node.args, getattr(node.func, "value", node.func)])
    return False


def assigned(name: ast.AST, function: ast.AST | None) -> Iterator[ast.AST]:
    """What this function puts into a variable before it uses it."""
    for node in ast.walk(function) if function is not None and isinstance(name, ast.Name) else ():
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(tree.dotted(target) == tree.dotted(name) for target in targets):
                yield node.value


def test_no_sql_is_put_together_from_strings() -> None:
    wrong = []
    for path in tree.python("app", "edi", "letters"):
        for call in calls(path):
            if tree.dotted(call.func).rpartition(".")[2] not in SQL_CALLS or not call.args:
                continue
            function = tree.inside(call, ast.FunctionDef)
            if (path.as_posix(), getattr(function, "name", "")) in SQL_FROM_STRINGS:
                continue
            if any(made_of_strings(each) for each in [call.args[0], *assigned(call.args[0], function)]):
                wrong.append(f"{path}:{call.lineno} {ast.unparse(call)[:80]}")
    assert not wrong, "\n".join(["W3: a value is bound, a name comes from a table:", *wrong])


def test_no_except_is_broad() -> None:
    wrong = []
    for path in tree.python():
        for node in ast.walk(tree.parsed(path)):
            if isinstance(node, ast.ExceptHandler):
                caught = [
                    tree.dotted(each) for each in getattr(node.type, "elts", [node.type]) if each is not None
                ]
                if not caught or {"Exception", "BaseException"} & set(caught):
                    wrong.append(f"{path}:{node.lineno}")
    assert not wrong, f"a bug is a crash, not a log line: {wrong}"


def test_one_file_reads_the_time() -> None:
    wrong = [
        f"{path}:{call.lineno} {ast.unparse(call)}"
        for path in tree.python("app", "edi", "letters")
        if path.as_posix() != "app/kernel/clock.py"
        for call in calls(path)
        if tree.dotted(call.func).removeprefix("datetime.datetime") in CLOCK
        or ".".join(tree.dotted(call.func).split(".")[-2:]) in CLOCK
    ]
    assert not wrong, f"only app/kernel/clock.py asks the machine for the time: {wrong}"


def test_one_file_reads_the_environment() -> None:
    allowed = {
        "app/__main__.py",
        "app/kernel/settings.py",
        "app/supervisor.py",
    }  # bootstrap, settings, children
    wrong = [
        f"{path}:{node.lineno}"
        for path in tree.python("app", "edi", "letters")
        if path.as_posix() not in allowed
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Attribute) and tree.dotted(node) in ("os.environ", "os.getenv")
    ]
    assert not wrong, f"a variable is a setting with a row in README: {wrong}"


def test_names_say_what_a_thing_is() -> None:
    wrong = [str(path) for path in tree.python() if {path.stem, *path.parts[:-1]} & NO_NAMES]
    assert not wrong, f"no utils, helpers, common, manager, base, misc: {wrong}"


@pytest.mark.parametrize(
    ("rule", "pattern", "suffixes"),
    [
        (
            "finish it, or write it in CHANGELOG as missing",
            UNFINISHED,
            {".py", ".html", ".toml", ".md", ".css"},
        ),
        ("a check that cannot fail is worse than none", SWITCHED_OFF, {".py"}),
        ("an excuse to a tool needs a code and a reason: noqa: X123 - because", EXCUSE, {".py"}),
        ("nothing in the tree knows the machine it was made on", MACHINE, TEXT),
    ],
    ids=["unfinished", "switched-off", "excuses", "machine"],
)
def test_no_line_says(rule: str, pattern: re.Pattern[str], suffixes: set[str]) -> None:
    wrong = lines_matching(pattern, (path for path in ours() if path.suffix in suffixes))
    assert not wrong, "\n".join([rule, *wrong])


def test_the_top_of_the_tree_has_nothing_new() -> None:
    found = {path.parts[0] for path in tree.files()}
    assert found <= TOP, f"not a place of this tree: {sorted(found - TOP)}"


def test_the_table_of_settings_in_the_readme_is_true() -> None:
    rows = [
        f"| `{v.name}` | {v.unit} | {f'`{v.default}`' if v.default else ''} | {v.meaning} |"
        for v in describe()
    ]
    table = "\n".join(["| variable | unit | default | meaning |", "|---|---|---|---|", *rows])
    readme = tree.read(Path("README.md")) if Path("README.md") in tree.files() else ""
    missing = [row for row in rows if row not in readme]
    unknown = set(re.findall(r"`(RECLAIM_[A-Z_]+)`", readme)) - {v.name for v in describe()}
    assert not missing and not unknown, (
        f"put this table into README.md:\n{table}\nunknown there: {sorted(unknown)}"
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("f'SELECT {name}'", True),
        ("'SELECT ' + name", True),
        ("'SELECT %s' % name", True),
        ("'SELECT {}'.format(name)", True),
        ("text(f'SELECT {name}')", True),
        ("', '.join(names)", True),
        ("select(a.c.payer + a.c.patient)", False),
        ("'SELECT ' 'a'", False),
    ],
)
def test_the_rule_about_sql_bites_where_it_should(code: str, expected: bool) -> None:
    assert made_of_strings(ast.parse(code, mode="eval").body) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("float(charge)", True),
        ("round(row.paid_amount, 2)", True),
        ("total_paid * 0.8", True),
        ("float(seconds)", False),
        ("charge.times(Decimal('0.8'))", False),
    ],
)
def test_the_rule_about_floats_bites_where_it_should(code: str, expected: bool) -> None:
    assert meets_a_float(ast.parse(code, mode="eval").body) is expected
