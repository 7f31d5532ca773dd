"""What we install is named to the last byte, and nothing secret lies in the tree or its history (S1)."""

import hashlib
import re
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path

import pytest
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.__main__ import ROOT
from tests import tree

LOCKS = ("run", "test", "bench")
PINNED = re.compile(
    r"(?P<pin>[A-Za-z0-9._-]+==[^ ;\\]+)\s*(?P<marker>;[^\\]+)?( \\\n {4}--hash=sha256:[0-9a-f]{64})+\n"
)
SECRETS = {
    "plugins_used": [
        {"name": name}
        for name in (
            "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector", "GitHubTokenDetector",
            "GitLabTokenDetector", "JwtTokenDetector", "NpmDetector", "PrivateKeyDetector",
            "PypiTokenDetector", "SendGridDetector", "SlackDetector", "SquareOAuthDetector",
            "StripeDetector", "TwilioKeyDetector",
        )
    ]
    + [{"name": "Base64HighEntropyString", "limit": 5.0}],
    "filters_used": [{"path": "detect_secrets.filters.allowlist.is_line_allowlisted"}],
}  # fmt: skip
REVIEWED = {  # lines of the history that look like a secret and are none: SHA-256 of the line → why
    "77f5fa174c8a70e5ca561f4465afb2dba69ac4b491db047d10fc517fa9f64a48": "an invented password",
    "3ecf51b97b3dad5ee4c8f77aa3ffe77712ecc333ffcb8d70b46aa5bbcace1d7d": "an address to refuse",
    "1d50ce948361d7e992096e6eb9332c4f67841550eaefcd0658d3d3cb621f153d": "the alphabet",
}
NOT_OURS = (".edi", ".835", ".837", ".x12", ".svg", ".png", ".woff2", ".csv")


def lock(name: str) -> str:
    return tree.read(Path("app/locks") / f"{name}.txt")


def pins(name: str) -> dict[str, str]:
    """Package → exact version; a package with several markers keeps each of them in its key."""
    found = {}
    for match in PINNED.finditer(lock(name)):
        package, _, exact = match["pin"].partition("==")
        found[canonicalize_name(package) + (match["marker"] or "").strip()] = exact
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_nothing_but_exact_versions_with_hashes(name: str) -> None:
    assert PINNED.sub("", lock(name)).strip() == ""
    assert pins(name)


@pytest.mark.parametrize(("smaller", "larger"), list(pairwise(LOCKS)))
def test_each_lock_contains_the_one_before_it(smaller: str, larger: str) -> None:
    assert pins(smaller).items() <= pins(larger).items()


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads(tree.read(Path("pyproject.toml")))
    groups = project["dependency-groups"]
    asked = {"run": project["project"]["dependencies"], "test": groups["test"], "bench": groups["bench"]}
    for name, wanted in asked.items():
        held = {key.partition(";")[0]: exact for key, exact in pins(name).items()}
        for requirement in map(Requirement, wanted):
            exact = held.get(canonicalize_name(requirement.name))
            assert exact is not None, f"{requirement} is not in the lock {name}"
            assert requirement.specifier.contains(exact, prereleases=True), (
                f"{name}: {exact} is not {requirement}"
            )


def test_the_environment_holds_exactly_the_locked_versions() -> None:
    wrong = []
    for key, exact in pins("test").items():
        package, _, marker = key.partition(";")
        if marker and not Marker(marker).evaluate():
            continue
        try:
            if version(package) != exact:
                wrong.append(f"{package} {version(package)} instead of {exact}")
        except PackageNotFoundError:
            wrong.append(f"{package} is missing")
    assert not wrong, wrong


def test_vendored_files_are_the_ones_that_were_reviewed() -> None:
    """Each vendor folder has SHA256SUMS, made by sha256sum, which names every other file in it."""
    folders = {path.parent for path in tree.files() if path.name == "SHA256SUMS"}
    vendored = {path for path in tree.files() if "vendor" in path.parts[:-1]}
    for folder in folders:
        for line in tree.read(folder / "SHA256SUMS").splitlines():
            digest, name = line.split(maxsplit=1)
            place = folder / name.removeprefix("*").removeprefix("./")
            assert hashlib.sha256((ROOT / place).read_bytes()).hexdigest() == digest, f"{place} was changed"
            vendored.discard(place)
        vendored.discard(folder / "SHA256SUMS")
    assert not vendored, f"not in a SHA256SUMS: {sorted(map(str, vendored))}"


def secrets_in(path: Path) -> list[str]:
    """What looks like a secret, by kind and line; the secret itself is not repeated."""
    with transient_settings(SECRETS):
        return [f"{found.type} in line {found.line_number}" for found in scan_file(str(path))]


def test_the_scan_for_secrets_finds_one(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("aws = 'AKIA" + "QWERTYUIOPASDFGH'\n")
    assert secrets_in(tmp_path / "planted.py")


def test_no_secret_lies_in_the_tree() -> None:
    ours = [path for path in tree.files() if path.suffix not in NOT_OURS]
    found = {path: secrets_in(ROOT / path) for path in ours if not {"vendor", "locks"} & set(path.parts)}
    wrong = {str(path): lines for path, lines in found.items() if lines}
    assert not wrong, wrong


def test_no_secret_lies_in_the_history(tmp_path: Path) -> None:
    """Also not in a line that was taken out again: whoever clones has it."""
    log = [
        "git",
        "log",
        "-p",
        "--no-color",
        "--unified=0",
        "--format=",
        "--",
        ".",
        ":!app/locks",
        ":!*/vendor/*",
    ]
    asked = subprocess.run(
        [*log, *[f":!*{each}" for each in NOT_OURS]], cwd=ROOT, capture_output=True, check=False
    )
    added = {line[1:] for line in asked.stdout.decode(errors="replace").splitlines() if line.startswith("+")}
    lines = sorted(line for line in added if hashlib.sha256(line.encode()).hexdigest() not in REVIEWED)
    (tmp_path / "history.py").write_text("\n".join(lines))
    found = secrets_in(tmp_path / "history.py")
    assert not found, [(one, lines[int(one.split()[-1]) - 1][:30]) for one in found]
