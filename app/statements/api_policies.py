"""Dunning policies, for programs."""

from typing import Any

from flask.views import MethodView

from app.kernel.money import Money
from app.kernel.work import reading, work
from app.statements import queries_policies, service_policies, service_why
from app.statements.api import api
from app.statements.rules_policy import Plan, Step
from app.statements.schemas import (
    PolicyApproval,
    PolicyChange,
    PolicyList,
    PolicyRequest,
    PolicyShown,
    RunDone,
    RunVersion,
    WhatIfRequest,
    WhatIfShown,
)
from app.web.door import actor


def _written(given: dict[str, Any]) -> tuple[Plan, list[Step]]:
    steps = [Step(**(one | {"minimum": int(Money.parse(one["minimum"]))})) for one in given["levels"]]
    days = (int(Money.parse(given["minimum"])), given["cycle_days"], given["due_days"], given["households"])
    return Plan(0, given["name"], *days, tuple(steps)), steps


@api.route("/statements/policies")
class Policies(MethodView):
    """Dunning policies."""

    @api.response(200, PolicyList)
    def get(self) -> Any:
        """Every version of every policy, with its steps."""
        with reading(actor()) as w:
            w.may("statements.read")
            return {"rows": queries_policies.policies(w)}

    @api.arguments(PolicyRequest)
    @api.response(201, RunDone)
    def post(self, given: dict[str, Any]) -> Any:
        """Write the next version of a policy as a draft."""
        plan, steps = _written(given)
        with work(actor()) as w:
            made = service_policies.draft(w, given["entity"], plan, steps)
            return queries_policies.policy(w, made)


@api.route("/statements/policies/<string:public_id>")
class OnePolicy(MethodView):
    """One version of a policy."""

    @api.response(200, PolicyShown)
    def get(self, public_id: str) -> Any:
        """A version with its steps."""
        with reading(actor()) as w:
            w.may("statements.read")
            return queries_policies.policy(w, public_id)

    @api.arguments(PolicyChange)
    @api.response(200, RunDone)
    def put(self, given: dict[str, Any], public_id: str) -> Any:
        """Write a draft anew; live versions never change."""
        plan, steps = _written(given)
        with work(actor()) as w:
            service_policies.change(w, public_id, plan, steps, given["version"])
            return queries_policies.policy(w, public_id)


@api.route("/statements/policies/<string:public_id>/approve")
class Approve(MethodView):
    """A draft becomes live."""

    @api.arguments(PolicyApproval)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Make a draft live from a day on; not by who wrote it."""
        with work(actor()) as w:
            service_policies.approve(w, public_id, given["effective_from"], given["version"])
            return queries_policies.policy(w, public_id)


@api.route("/statements/policies/<string:public_id>/retire")
class Retire(MethodView):
    """A version ends."""

    @api.arguments(RunVersion)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Discard a draft, or retire a version another one replaced."""
        with work(actor()) as w:
            service_policies.retire(w, public_id, given["version"])
            return queries_policies.policy(w, public_id)


@api.route("/statements/policies/<string:public_id>/what-if")
class WhatIf(MethodView):
    """What a policy would do."""

    @api.arguments(WhatIfRequest)
    @api.response(200, WhatIfShown)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """A dry run under this version against the one in force; nothing is kept."""
        with reading(actor()) as w:
            return service_why.what_if(w, public_id, given["kind"])
