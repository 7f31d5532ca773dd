"""Who works here, with which roles."""

from typing import Any

import pytest

from app.access import queries, service
from app.access.queries import Identity
from app.access.rules import ROLES
from app.kernel.clock import now
from app.kernel.errors import NotAllowed, NotFound, NotPermitted, Refused
from app.kernel.work import ALL, Actor, reading, system, work


def identity(*grants: tuple[str, int], second: bool = True) -> Identity:
    return Identity(
        person_id=1, public_id="p", login="lee", name="Lee", grants=frozenset(grants), must_change=False,
        second_factor=second, session_id=1, session="s", proved_at=now(), door="page",
    )  # fmt: skip


def test_rights_hold_where_the_role_is_held() -> None:
    lee = identity(("clerk", 1), ("supervisor", 2))
    assert lee.actor("files.read").scope == frozenset({1, 2})
    assert lee.actor("holds.release").scope == frozenset({2})
    assert lee.actor("cash.post").scope == frozenset({1})
    assert lee.actor("people.write").scope == frozenset()


def test_a_right_held_at_one_entity_does_not_follow_to_another() -> None:
    """Whoever reads files of both may release holds only where they are supervisor."""
    lee = identity(("clerk", 1), ("supervisor", 2))
    assert "holds.release" not in lee.actor("files.read").permissions
    assert "holds.release" in lee.actor("holds.release").permissions
    assert (lee.may("holds.release", 1), lee.may("holds.release", 2)) == (False, True)


def test_a_role_at_every_entity_is_a_role_everywhere() -> None:
    lee = identity(("clerk", 0), ("supervisor", 2))
    assert lee.actor("files.read").scope is ALL
    assert lee.actor("holds.release").scope == frozenset({2})
    assert {"cash.post", "holds.release"} <= lee.actor("holds.release").permissions


def test_nobody_without_a_role_sees_anything() -> None:
    nobody = identity()
    assert (nobody.actor("files.read").scope, nobody.actor("files.read").permissions) == (
        frozenset(),
        frozenset(),
    )


def test_people_are_listed_with_their_roles(house: Any) -> None:
    with work(system("tests")) as w:
        service.add_person(w, "kim", "Kim", roles=["clerk"], entity_id=3)
        service.grant(w, "kim", "clerk", entity_id=4)
    with reading(system("tests")) as w:
        assert [(one.login, one.roles) for one in queries.people(w)] == [("kim", "clerk@3, clerk@4")]
    with work(system("tests")) as w:
        service.revoke(w, "kim", "clerk", entity_id=3)
    with reading(system("tests")) as w:
        assert [one.roles for one in queries.people(w)] == ["clerk@4"]


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        (lambda w: service.add_person(w, "kim", "Kim Again"), "login_taken"),
        (lambda w: service.add_person(w, "a b", "Nobody"), "login"),
        (lambda w: service.add_person(w, "lena", " "), "name"),
        (lambda w: service.grant(w, "kim", "wizard"), "role"),
        (lambda w: service.grant(w, "kim", "clerk"), "role_held"),
        (lambda w: service.grant(w, "kim", "refund_preparer"), "roles_conflict"),
        (lambda w: service.grant(w, "kim", "auditor"), "roles_conflict"),
        (lambda w: service.revoke(w, "kim", "auditor"), "role_not_held"),
        (lambda w: service.enable(w, "kim"), "same_state"),
        (lambda w: service.disable(w, "nobody"), "not_found"),
    ],
)
def test_what_makes_no_sense_is_refused(house: Any, verb: Any, code: str) -> None:
    with work(system("tests")) as w:
        service.add_person(w, "kim", "Kim", roles=["clerk"])
    with pytest.raises(Refused) as refusal, work(system("tests")) as w:
        verb(w)
    assert refusal.value.code == code


def test_nobody_gives_rights_to_themselves_or_closes_their_own_account(house: Any) -> None:
    with work(system("tests")) as w:
        service.add_person(w, "ada", "Ada", roles=["admin"])
        person_id = queries.person_by_login(w, "ada")[0]
    ada = Actor("ada", person_id=person_id, permissions=frozenset({"people.write"}), scope=ALL)
    with pytest.raises(NotAllowed, match="themselves"), work(ada) as w:
        service.grant(w, "ada", "operator")
    with pytest.raises(NotAllowed, match="own account"), work(ada) as w:
        service.disable(w, "ada")


@pytest.mark.parametrize("verb", [service.disable, service.enable, service.reset_password, service.unlock])
def test_only_who_may_changes_people(house: Any, verb: Any) -> None:
    with work(system("tests")) as w:
        service.add_person(w, "kim", "Kim")
    with pytest.raises(NotPermitted), work(Actor("clerk", scope=ALL)) as w:
        verb(w, "kim")


def test_a_stranger_is_not_found(house: Any) -> None:
    with pytest.raises(NotFound), reading(system("tests")) as w:
        queries.person_by_login(w, "nobody")


def test_every_role_can_be_given(house: Any) -> None:
    with work(system("tests")) as w:
        for role in ROLES:
            service.add_person(w, f"one-{role}", role, roles=[role])
