"""Programs that ask everything of the API in a house with the example world: each answer is held against the
description, and each operation is reached with success.

`World.ask` is one request by whoever the policy table lets; `World.examples` are made-up requests of one
operation, right and wrong ones, with ids that exist; `world_recipes` knows what has to be sent to what state.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks
from sqlalchemy import update

from app.access.models import Credential
from app.access.rules import PUBLIC, ROLES, SIGNED_IN, policy
from app.kernel.db import table_of
from app.kernel.work import system, work
from app.web.application import API_PREFIX
from tests.policy.visitors import Visitor, add

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
"""Not among them: positive_data_acceptance (a right request may still be refused by the state of its thing:
409, or by a rule: 422), use_after_free and ensure_resource_availability (nothing here is deleted but tokens).
Tokens are the matter of `ignored` and methods of `unsupported`, for every operation at once.
"""


class UntrueError(AssertionError):
    """An answer the description does not allow."""


@dataclass
class World:
    """The application, its people by role, what was reached, and what was wrong."""

    app: Flask
    people: dict[str, Visitor] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)
    """What recipes keep for each other."""
    seen: dict[str, dict[str, str]] = field(default_factory=dict)
    """Path → what stood in its braces when it was last asked with success."""
    left: int = 0

    def __post_init__(self) -> None:
        for role in ROLES:
            self.people[role] = add(f"api-{role.replace('_', '-')}", role)
        with work(system("tests")) as w:  # whoever approves has proved a second factor
            w.db.execute(update(table_of(Credential)).values(second=b"proved"))

    @cached_property
    def operations(self) -> dict[str, APIOperation[Any, Any, Any, Any]]:
        """`POST /denials/{public_id}/assign` → its description."""
        generation = GenerationConfig(with_security_parameters=False, database="none")
        config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
        schema = schemathesis.openapi.from_wsgi(f"{API_PREFIX}/openapi.json", self.app, config=config)
        found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
        return {f"{one.method.upper()} {one.path.removeprefix(API_PREFIX)}": one for one in found}

    @cached_property
    def doors(self) -> dict[str, str]:
        """Operation → what the policy table asks for it."""
        found = {}
        for rule in self.app.url_map.iter_rules():
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).removeprefix(API_PREFIX)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                if rule.rule.startswith(API_PREFIX):
                    found[f"{method} {path}"] = policy().permission("api", f"{method} {rule.endpoint}")
        return found

    def may(self, role: str, name: str) -> bool:
        """Does the table let this role?"""
        asked = self.doors[name]
        return asked in (PUBLIC, SIGNED_IN) or role in policy().rights[asked]

    def who(self, name: str) -> str:
        """A role that may: a supervisor when one may."""
        return next(role for role in ("supervisor", *ROLES) if self.may(role, name))

    def ask(self, name: str, *path: str, role: str = "", status: int = 0, **more: Any) -> Any:
        """One request by somebody who may; its JSON (or text), which is as described.

        path: what stands in the braces, in order; more: `query`, `body`, `headers`, `media_type`.
        `AssertionError` with the answer when it is no success (or not `status`).
        """
        operation = self.operations[name]
        parts = dict(zip(re.findall(r"{(\w+)}", name), path, strict=True))
        case = operation.Case(path_parameters=parts, **more)
        answer = self.send(case, self.people[role or self.who(name)])
        good = answer.status_code == status if status else 200 <= answer.status_code < 300
        assert good, f"{name} {path} {more}: {answer.status_code} {answer.text[:400]}"
        if 200 <= answer.status_code < 300:
            self.reached.add(name)
            self.seen[name.partition(" ")[2]] = parts
        return answer.json() if "json" in str(answer.headers.get("content-type")) and answer.content else None

    def send(self, case: Case, visitor: Visitor) -> Any:
        """Ask, and note where the answer is not as described."""
        answer = case.call(headers={**dict(case.headers or {}), **visitor.bearer})
        self.hold(case, answer, visitor.login)
        return answer

    def hold(self, case: Case, answer: Any, login: str) -> None:
        """Note what is untrue about an answer."""
        name = f"{case.method.upper()} {case.operation.path.removeprefix(API_PREFIX)}"
        described = case.operation.definition.raw["responses"]
        if str(answer.status_code) not in described:
            self.wrong.append(
                f"{name} by {login}: {answer.status_code} is not described: {answer.text[:200]}"
            )
        try:
            case.validate_response(answer, checks=CHECKS)
        except (FailureGroup, Failure) as problem:
            for one in getattr(problem, "exceptions", [problem]):
                words = f"{type(one).__name__} {one}"[:700]
                self.wrong.append(
                    f"{name} by {login}, {answer.status_code}: {words}\n    {case.as_curl_command()[:600]}"
                )

    def rows(self, name: str, **query: str) -> list[Any]:
        """The rows of a list."""
        return list(self.ask(name, query=query)["rows"])

    def places(self, name: str) -> dict[str, str]:
        """What may stand in the braces of an operation, as its recipe or its parent's list showed last."""
        return self.seen.get(name.partition(" ")[2], {})

    def examples(self, name: str, role: str, *, count: int, dice: int) -> None:
        """Ask made-up requests, right ones about what exists and wrong ones, `count` of each."""
        operation, places = self.operations[name], self.places(name)
        leaves = name.startswith(("DELETE /token", "DELETE /me/"))
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if mode is GenerationMode.NEGATIVE and not operation.body and not operation.query:
                continue
            fixed = places if mode is GenerationMode.POSITIVE else None

            @seed(dice)
            @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate],
                      suppress_health_check=list(HealthCheck))  # fmt: skip
            @given(operation.as_strategy(mode, path_parameters=fixed or None))
            def one(case: Case) -> None:
                self.send(case, self.leaver() if leaves else self.people[role])

            one()

    def leaver(self) -> Visitor:
        """Somebody who may sign out."""
        self.left += 1
        return add(f"leaver-{self.left}", "auditor")
