"""`user …`: how a production installation gets its first people."""

import re
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.access import sign_in
from app.cli import main

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["user", *arguments])


@ONE_DATABASE
def test_the_first_person_comes_in(house: Any) -> None:
    made = run("add", "ada", "--name", "Ada", "--role", "admin")
    assert made.exit_code == 0
    found = re.search(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}", made.output)
    assert found and sign_in.sign_in("ada", found.group()).token
    assert re.search(r"ada +active +last seen \d{4}-\d\d-\d\d +admin", run("list").output)


@ONE_DATABASE
def test_every_verb_says_what_it_did_and_refuses_in_a_sentence(house: Any) -> None:
    run("add", "kim", "--name", "Kim")
    assert "now clerk" in run("grant", "kim", "clerk").output
    assert "no longer clerk" in run("revoke", "kim", "clerk").output
    assert "can no longer" in run("disable", "kim").output
    assert "again" in run("enable", "kim").output
    assert "try again" in run("unlock", "kim").output
    assert re.search(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}", run("reset", "kim").output)
    refused = run("enable", "kim")
    assert (refused.exit_code, "Traceback" in refused.output) == (1, False)
    assert run("add", "robot", "--name", "Robot", "--service", "--role", "integration").exit_code == 0
    with pytest.raises(sign_in.NotSignedIn):
        sign_in.sign_in("robot", "anything")
