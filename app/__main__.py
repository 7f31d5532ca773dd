"""`python3 -m app`: make the environment on first use, then hand over to the command line.

Standard library only, and written so that an older Python can still parse it and say what is wrong. The
environment is `.venv/` beside `pyproject.toml`. It holds exactly what a lock file in `app/locks/` names,
hash by hash; a stamp inside it says which lock that was, so that a start without news costs one hash of one
file.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import typing
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".stamp.json"
LOCKS = ROOT / "app" / "locks"
SERVES = {"run": ("run", "test", "bench"), "test": ("test", "bench"), "bench": ("bench",)}
"""Which installed locks satisfy the wish for one: each lock contains the one before it."""


class NotReady(Exception):
    """The environment cannot be made; the message is a sentence for whoever started the command."""


def main() -> None:
    """Start the `reclaim` command line inside the environment, making the environment first if needed."""
    enter("app", lock="run")
    from app.cli import main as command_line

    command_line()


def enter(module: str, *, lock: str) -> None:
    """Return inside a ready environment; elsewhere make it ready and start `module` again in it.

    lock: "run", "test" or "bench", the file in app/locks/ that must be installed.
    Ends the process with status 2 and a sentence when the environment cannot be made.
    """
    try:
        check_version(sys.version_info[:2])
        if not is_ready(lock):
            make_ready(lock)
    except NotReady as problem:
        print(f"reclaim: {problem}", file=sys.stderr)
        sys.exit(2)
    if Path(sys.prefix).resolve() != VENV.resolve():
        sys.stdout.flush()
        os.execv(str(PYTHON), [str(PYTHON), "-m", module] + sys.argv[1:])


def check_version(version: "tuple[int, int]") -> None:
    """Refuse a Python older than OLDEST; version: (major, minor) of the running one."""
    if tuple(version) < OLDEST:
        raise NotReady(
            "Reclaim needs Python %d.%d or newer, and this is Python %d.%d. On Debian 12 and Ubuntu 24.04 "
            "`python3` is new enough; elsewhere start it with a newer one, for example `python3.12 -m app`."
            % (OLDEST + tuple(version))
        )


def lock_hash(lock: str) -> str:
    """SHA-256, in hex, of one lock file as it is on the disk now."""
    try:
        return hashlib.sha256((LOCKS / (lock + ".txt")).read_bytes()).hexdigest()
    except OSError as problem:
        raise NotReady(f"The list of packages cannot be read: {problem}.") from problem


def is_ready(lock: str) -> bool:
    """True when the environment holds what the lock names today, made for this minor version of Python."""
    stamp = read_stamp()
    return (
        PYTHON.exists()
        and stamp.get("python") == own_version()
        and stamp.get("lock") in SERVES[lock]
        and stamp.get("hash") == lock_hash(stamp["lock"])
    )


def read_stamp() -> "dict[str, str]":
    """What the environment says about itself; empty when it says nothing readable."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def own_version() -> str:
    """The minor version that decides which compiled packages fit, for example "3.11"."""
    return "{}.{}".format(*sys.version_info[:2])


def make_ready(lock: str) -> None:
    """Make the environment and install the lock; several processes at once wait for the first of them."""
    with one_at_a_time():
        if is_ready(lock):
            return
        # A lock that contains more is never taken away again by a start that needs less.
        had = read_stamp().get("lock", "")
        lock = had if had in SERVES[lock] else lock
        say(f"Preparing Reclaim: packages ({lock}) for Python {own_version()} into {VENV.name}/, once.")
        STAMP.unlink(missing_ok=True)
        make_venv()
        install(lock)
        fresh = STAMP.with_suffix(".new")
        fresh.write_text(
            json.dumps({"lock": lock, "hash": lock_hash(lock), "python": own_version()}), encoding="ascii"
        )
        os.replace(fresh, STAMP)
        say("Ready.")


@contextlib.contextmanager
def one_at_a_time() -> "typing.Iterator[None]":
    """Hold the bootstrap lock; released by the kernel when the process ends in whatever way."""
    folder = ROOT / "var"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        handle = open(folder / "bootstrap.lock", "w", encoding="ascii")
    except OSError as problem:
        raise NotReady(
            f"The environment has to be made, and this user may not write in {ROOT}: {problem.strerror}. "
            "Run the command once as the user who owns that folder."
        ) from problem
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def make_venv() -> None:
    """An empty environment without pip: a bare Debian has no ensurepip, and nothing in it should need pip."""
    if PYTHON.exists() and venv_version() == own_version():
        return
    run(
        [base_python(), "-m", "venv", "--without-pip", "--clear", str(VENV)],
        "Python could not make a virtual environment. On Debian: apt-get install python3-venv",
    )


def venv_version() -> str:
    """The minor version of the Python inside the environment; empty when it does not start."""
    asked = [str(PYTHON), "-c", "import sys; print('{}.{}'.format(*sys.version_info[:2]))"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def base_python() -> str:
    """The interpreter behind whatever virtual environment this process may already be in."""
    return getattr(sys, "_base_executable", None) or sys.executable


def install(lock: str) -> None:
    """Install one lock: each file checked by its hash, and wheels only, so that no installer script runs."""
    run(
        pip() + ["install", "--require-hashes", "--only-binary", ":all:", "--no-compile", "-qq"]
        + ["--no-input", "--disable-pip-version-check", "--requirement", str(LOCKS / (lock + ".txt"))],
        "The packages could not be installed; pip says why above. Nothing half-installed is used: "
        "run the same command again when the network answers",
    )  # fmt: skip


def pip() -> "list[str]":
    """The command that installs into the environment: this Python's pip, its ensurepip, or Debian's pip."""
    target = ["--python", str(PYTHON)]
    for python in (base_python(), "/usr/bin/python3"):
        if answers([python, "-m", "pip", *target, "--version"]):
            return [python, "-m", "pip", *target]
    if importlib.util.find_spec("ensurepip") and answers([str(PYTHON), "-m", "ensurepip"]):
        return [str(PYTHON), "-m", "pip"]
    apt_install(["python3-pip"], why="pip is missing")
    return ["/usr/bin/python3", "-m", "pip", *target]


def apt_install(packages: "list[str]", *, why: str) -> None:
    """Install Debian packages as root or by sudo without a question; refuses with the exact line to type.

    No service is started by it: a temporary policy answers 101 to whoever asks to start one.
    """
    line = "apt-get install --no-install-recommends " + " ".join(packages)
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if not shutil.which("apt-get") or (sudo and not answers(["sudo", "--non-interactive", "true"])):
        raise NotReady(f"{why}. Install it as root and start again: {line}")
    say(f"{why}: {line}")
    script = """
        set -e; export DEBIAN_FRONTEND=noninteractive
        if [ ! -e /usr/sbin/policy-rc.d ]; then
            printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
            trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        fi
        if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
            mkdir -p /etc/postgresql-common
            echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
        fi
        exec 2>&1
        apt-get -q -y -o DPkg::Lock::Timeout=300 update || true
        apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold \\
            install --no-install-recommends "$@"
    """
    done = subprocess.run(
        [*sudo, "sh", "-c", script, "sh", *packages], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise NotReady(
            f"{why}, and apt-get failed:\n{done.stdout[-2000:]}\nInstall it as root and start again: {line}"
        )


def answers(command: "list[str]") -> bool:
    """True when the command exists and succeeds; its output is nobody's business."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run(command: "list[str]", sentence: str) -> None:
    """Run one step with its output in view; NotReady with the sentence when it fails."""
    # PIP_USER and an activated foreign environment would send the packages elsewhere.
    environment = {
        k: v for k, v in os.environ.items() if k not in ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME")
    }
    sys.stdout.flush()
    try:
        status = subprocess.run(command, env=environment, check=False).returncode
    except OSError as problem:
        raise NotReady(f"{sentence} ({problem}).") from problem
    if status:
        raise NotReady(f"{sentence}.")


def say(sentence: str) -> None:
    """Tell the person waiting what is going on; on stderr, so that a command's own output stays clean."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
