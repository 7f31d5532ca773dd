"""`python3 -m app` on a bare machine: what it needs, what it says, and nothing at all when all is ready."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import __main__ as bootstrap
from app.__main__ import ROOT, NotReady


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bootstrap with its environment in a folder of the test, and a pip that installs nothing."""
    venv = tmp_path / ".venv"
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", venv)
    monkeypatch.setattr(bootstrap, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(bootstrap, "STAMP", venv / ".stamp.json")
    monkeypatch.setattr(bootstrap, "pip", lambda: [sys.executable, "-c", "pass"])
    return tmp_path


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (4, 0)])
def test_a_new_enough_python_is_accepted(version: tuple[int, int]) -> None:
    bootstrap.check_version(version)


@pytest.mark.parametrize("version", [(3, 10), (3, 9), (2, 7)])
def test_an_old_python_is_told_what_is_needed(version: tuple[int, int]) -> None:
    with pytest.raises(
        NotReady, match=r"needs Python 3\.11 or newer, and this is Python {}\.{}".format(*version)
    ):
        bootstrap.check_version(version)


def test_an_environment_is_made_once(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not bootstrap.is_ready("run")
    bootstrap.make_ready("run")
    assert bootstrap.is_ready("run")
    assert not bootstrap.is_ready("test")
    assert bootstrap.venv_version() == bootstrap.own_version()
    assert "Preparing Reclaim" in capsys.readouterr().err
    bootstrap.make_ready("run")
    assert capsys.readouterr().err == ""


def test_what_contains_more_serves_and_is_kept(elsewhere: Path) -> None:
    bootstrap.make_ready("test")
    assert bootstrap.is_ready("run")
    stamp = json.loads(bootstrap.STAMP.read_text())
    bootstrap.STAMP.write_text(json.dumps(stamp | {"hash": "of an older lock"}))
    assert not bootstrap.is_ready("run")
    bootstrap.make_ready("run")
    assert bootstrap.is_ready("test")


@pytest.mark.parametrize("stamp", ["", "[]", "{", '{"lock": "run"}', '{"lock": "other", "hash": "x"}'])
def test_a_spoilt_stamp_is_no_stamp(elsewhere: Path, stamp: str) -> None:
    bootstrap.make_ready("run")
    bootstrap.STAMP.write_text(stamp)
    assert not bootstrap.is_ready("run")


def test_an_environment_of_another_python_is_made_again(elsewhere: Path) -> None:
    bootstrap.make_ready("run")
    stamp = json.loads(bootstrap.STAMP.read_text())
    bootstrap.STAMP.write_text(json.dumps(stamp | {"python": "3.99"}))
    assert not bootstrap.is_ready("run")


def test_a_failed_installation_leaves_no_stamp(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "pip", lambda: [sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(NotReady, match="run the same command again when the network answers"):
        bootstrap.make_ready("run")
    assert not bootstrap.is_ready("run")


def test_a_missing_package_is_named_with_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(bootstrap, "answers", lambda command: False)
    with pytest.raises(NotReady, match="apt-get install --no-install-recommends redis-server"):
        bootstrap.apt_install(["redis-server"], why="The tests need a server")


def test_importing_the_package_needs_nothing_installed() -> None:
    command = [sys.executable, "-S", "-c", "import app, app.__main__, tests, tests.__main__"]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
