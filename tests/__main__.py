"""`python3 -m tests [check|bench|nightly] [arguments]`: set up everything and run the tests, or one of the
other runs.

    python3 -m tests                         every test, on three processes, with real servers
    python3 -m tests tests/app/ledger -k x   the same with arguments for pytest
    python3 -m tests check                   format, lint, types, security, house rules, supply chain
    python3 -m tests bench                   speed against other readers, and the floors of the databases
    python3 -m tests nightly --only fuzz     the long doses, each part runnable alone

Standard library only until the environment is ready; what comes after lives in files of its own.
"""

import os
import signal
import subprocess
import sys

from app.__main__ import ROOT, NotReady, enter

RUNS = ("check", "bench", "nightly")


def main() -> int:
    """Run what was asked for; the exit status is that of the run."""
    asked = sys.argv[1] if sys.argv[1:2] and sys.argv[1] in RUNS else "pytest"
    rest = sys.argv[1:] if asked == "pytest" else sys.argv[2:]
    enter("tests", lock="bench" if asked == "bench" else "test")
    os.chdir(ROOT)
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    if asked == "check":
        from tests.check import check

        return check(rest)
    if asked == "bench":
        return subprocess.run([sys.executable, "-m", "tests.bench.run", *rest], check=False).returncode
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    from tests.services import Services

    with Services() as services:
        services.start()
        command = [sys.executable, "-m", "pytest", *arguments(rest)]
        if asked == "nightly":
            command = [sys.executable, "-m", "tests.nightly.run", *rest]
        return subprocess.run(command, check=False).returncode


def arguments(asked: "list[str]") -> "list[str]":
    """The arguments for pytest; what runs at night or as a measurement stays out unless it is named."""
    named = any(each.split("::")[0].startswith("tests") for each in asked)
    quiet = [] if named else ["--ignore=tests/nightly", "--ignore=tests/bench"]
    # Three: on two cores half of the time goes by waiting for servers, browsers and children.
    return ["-n", "3", "--dist", "worksteal", *quiet, *asked]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NotReady as problem:
        sys.exit(f"reclaim: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
