"""`python3 -m tests check`: everything a machine can say about the tree without running the product.

Every step runs, also after one failed, so that one look shows all there is to mend. The audit of known
weaknesses asks a server; when none answers it says so and is not counted as a failure, because the tree is no
worse for it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from app.__main__ import ROOT

VAR = ROOT / "var"
PRODUCT = [folder for folder in ("app", "edi", "letters", "migrations") if (ROOT / folder).is_dir()]
LOCK = "app/locks/run.txt"
UNASKED = "could not run"


class Step(NamedTuple):
    """One step: its name and what runs it; the result is a sentence, empty when all is well."""

    name: str
    run: Callable[[], str]


def check(only: list[str]) -> int:
    """Run the steps, those named in `only` if any are; 0 when every one of them is content."""
    VAR.mkdir(mode=0o700, exist_ok=True)
    steps = [step for step in STEPS if not only or step.name in only]
    if not steps:
        print(f"no such step; there are: {', '.join(step.name for step in STEPS)}")
        return 2
    failed: list[str] = []
    unasked: list[str] = []
    for step in steps:
        started = time.monotonic()
        print(f"── {step.name}", flush=True)
        sentence = step.run()
        print(f"   {sentence or 'fine'} ({time.monotonic() - started:.1f} s)", flush=True)
        if sentence:
            (unasked if sentence.startswith(UNASKED) else failed).append(step.name)
    counted = f"{len(steps) - len(failed) - len(unasked)} of {len(steps)} fine"
    notes = (f"{UNASKED}: {', '.join(unasked)}", f"mend: {', '.join(failed)}")
    print("; ".join([f"check: {counted}", *(note for note in notes if not note.endswith(": "))]))
    return 1 if failed else 0


def tool(*command: str) -> Callable[[], str]:
    """A step that is one module of the environment, run on the tree, its output in view."""

    def run() -> str:
        # Tools write what is wrong to stdout; on stderr bandit wonders about every word after a nosec.
        nowhere = subprocess.DEVNULL if command[0] == "bandit" else None
        done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False, stderr=nowhere)
        return "see above" if done.returncode else ""

    return run


def bill_of_materials() -> str:
    """Write var/sbom.json, a CycloneDX list of what a user installs."""
    place = VAR / "sbom.json"
    made = quiet(
        "cyclonedx_py", "requirements", LOCK, "--pyproject", "pyproject.toml", "--output-file", str(place)
    )
    if made.returncode or not place.stat().st_size:
        return f"no bill of materials: {made.stderr.strip()[-500:]}"
    print(f"   written to {place.relative_to(ROOT)}")
    return ""


def audit() -> str:
    """Ask for known weaknesses of the locked versions; the hashes in the lock make installing unnecessary.

    pip-audit also ends with 0 when it could look up nothing, so the packages it did ask about are counted.
    """
    options = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json")
    asked = quiet("pip_audit", *options, "--requirement", LOCK, seconds=90)
    try:
        packages = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(asked.stderr[-1000:])
        return f"{UNASKED}: no answer. Nothing is known about weaknesses today."
    known = [each for each in packages if "skip_reason" not in each]
    weak = [f"{each['name']} {each['version']}: {each['vulns'][0]['id']}" for each in known if each["vulns"]]
    if weak:
        return f"known weaknesses: {'; '.join(weak)}"
    if len(known) < len(packages):
        return f"{UNASKED}: only {len(known)} of {len(packages)} packages could be looked up from here."
    return ""


def quiet(*command: str, seconds: int = 300) -> subprocess.CompletedProcess[str]:
    """Run a module and keep its output; one that took longer counts as failed, with nothing said."""
    command = (sys.executable, "-m", *command)
    plain = os.environ | {"NO_COLOR": "1"}
    try:
        return subprocess.run(
            command, cwd=ROOT, env=plain, capture_output=True, text=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no end after {seconds} seconds")


HOUSE = ("tests/test_house.py", "tests/test_architecture.py", "tests/policy/test_supply_chain.py")
STEPS = (
    Step("format", tool("ruff", "format", "--check", "--output-format", "concise", ".")),
    Step("lint", tool("ruff", "check", "--output-format", "concise", "--quiet", ".")),
    Step("types", tool("mypy", "--no-error-summary")),
    Step("bandit", tool("bandit", "--quiet", "--recursive", "--configfile", "pyproject.toml", *PRODUCT)),
    Step("house", tool("pytest", "-q", "-p", "no:randomly", "-n", "0", *HOUSE)),
    Step("bill of materials", bill_of_materials),
    Step("audit", audit),
)
