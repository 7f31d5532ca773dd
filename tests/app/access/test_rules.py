"""The policy table, the roles that exclude each other, passwords."""

import itertools
from datetime import timedelta

import pytest

from app.access.rules import (
    ROLES,
    SHELL,
    check_password,
    check_together,
    clean_login,
    policy,
    policy_rows,
    read_policy,
    undeclared,
    wait_after,
)
from app.kernel.errors import Refused

WRITES = (
    "import",
    "replay",
    "post",
    "undo",
    "work",
    "write",
    "approve",
    "prepare",
    "release",
    "adjust",
    "close",
)


def test_what_nobody_declared_nobody_may() -> None:
    assert policy().permission("page", "GET secrets.all") == "undeclared"
    assert not any(policy().allows(role, "page", "GET secrets.all") for role in ROLES)


def test_missing_rows_and_rows_of_nothing_are_both_told() -> None:
    present = policy().names("command")
    assert undeclared(commands=present) == []
    assert undeclared(commands=present | {"drop everything"}) == [
        "command drop everything has no row in app/access/data/policy.csv"
    ]
    assert undeclared(commands=present - {"user add"}) == [
        "command user add has a row in the policy table but does not exist"
    ]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"door": "right", "name": "files.read", "permission": "", "roles": "clerk"}, "twice"),
        ({"door": "right", "name": "x", "permission": "", "roles": "wizard"}, "wizard"),
        ({"door": "window", "name": "x", "permission": "", "roles": ""}, "no door"),
        ({"door": "page", "name": "GET x", "permission": "nothing", "roles": ""}, "nothing"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(row: dict[str, str], word: str) -> None:
    with pytest.raises(Refused, match=word):
        read_policy([*policy_rows(), row])


def test_an_auditor_changes_nothing_and_an_administrator_sees_no_patient() -> None:
    auditor, admin = policy().held_by({"auditor"}), policy().held_by({"admin"})
    assert not {right for right in auditor if right.rpartition(".")[2] in WRITES}
    assert not {right for right in admin if right.split(".")[0] in
                ("claims", "patients", "remits", "denials", "clinical", "files", "ledger")}  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("refunds.prepare", "refunds.approve"),
        ("refunds.approve", "refunds.release"),
        ("cash.post", "refunds.prepare"),
    ],
)
def test_no_role_and_no_allowed_pair_of_roles_holds_both_sides(one: str, other: str) -> None:
    """What the matrix of section 7 forbids cannot be put together; a supervisor who releases is barred per
    batch.
    """
    held = policy().held_by
    for pair in itertools.combinations_with_replacement(ROLES, 2):
        if {one, other} <= held(pair) and not (one == "refunds.approve" and "treasury" in pair):
            with pytest.raises(Refused):
                check_together(pair)


def test_the_shell_releases_nothing_but_claims_and_what_two_people_signed() -> None:
    """Claims and signed statements ask for money, they spend none; refunds and holds have no command."""
    held = {right for right in policy().held_by({SHELL}) if right.endswith((".approve", ".release", ".post"))}
    assert held == {"rebill.release", "statements.release"}


@pytest.mark.parametrize(
    "password", ["short", "fourteen chars", "password12345678", "aaaaaaaaaaaaaaaa", "passwordpassword"]
)
def test_a_password_anybody_would_try_is_refused(password: str) -> None:
    with pytest.raises(Refused):
        check_password(password)


def test_fifteen_characters_alone_or_eight_with_a_second_factor() -> None:
    check_password("fifteen chars ok")
    check_password("tr4-la!x", second_factor=True)
    with pytest.raises(Refused):
        check_password("tr4-la!x")
    with pytest.raises(Refused, match="login"):
        check_password("johanna.smith2026", login="johanna.smith@clinic.org")
    with pytest.raises(Refused, match="longer"):
        check_password("long " * 100)


def test_a_login_is_lower_case_and_plain() -> None:
    assert clean_login(" Kim.Lee@Clinic.org ") == "kim.lee@clinic.org"
    for odd in ("k", "kim lee", "kim\nlee", "ким", "k" * 81, "-kim"):
        with pytest.raises(Refused):
            clean_login(odd)


def test_waits_only_grow() -> None:
    waits = [wait_after(misses) for misses in range(120)]
    assert waits[9] == timedelta(0) and waits[10] == timedelta(seconds=2)
    assert waits == sorted(waits)
    assert waits[98] > timedelta(days=365)
