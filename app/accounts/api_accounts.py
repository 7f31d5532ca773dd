"""The list of accounts, one account, and its visits explained to the cent."""

from typing import Any

from flask.views import MethodView
from sqlalchemy import select

from app.accounts import queries, queries_lines
from app.accounts.api import api
from app.accounts.models import Owed
from app.accounts.schemas import (
    AccountPage,
    AccountsRequest,
    DayRequest,
    WholeAccount,
    visit_of,
)
from app.accounts.schemas import (
    AccountVisits as VisitsShown,
)
from app.accounts.schemas import (
    VisitServices as ServicesShown,
)
from app.claims import queries as claims
from app.flows import account_list
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import reading
from app.ledger.api import asked
from app.web.door import actor

_owed = table_of(Owed)
HEAD = ("number", "name", "language", "state", "confirmed", "version")
GLANCE = (
    "due", "waiting", "held", "credit", "unapplied", "pending", "on_plan", "oldest_since", "plan",
    "promise_until", "paid_on", "paid",
)  # fmt: skip


@api.route("/accounts")
class Accounts(MethodView):
    """Accounts."""

    @api.arguments(AccountsRequest, location="query")
    @api.response(200, AccountPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Accounts, the largest due first; the first page brings what all that match come to."""
        ask = asked(given, account_list.SORTS, account_list.FILTERS, default="-due")
        with reading(actor()) as w:
            found = account_list.accounts(w, ask)
            totals = None if ask.cursor else account_list.sums(w, ask)
        return {"rows": found.rows, "next": found.next, "totals": totals}


@api.route("/accounts/<string:public_id>")
class OneAccount(MethodView):
    """One account."""

    @api.response(200, WholeAccount)
    def get(self, public_id: str) -> Any:
        """Who answers for it, for whom, how it stands, and that its balance is explained."""
        with reading(actor()) as w:
            found = queries.by_public(w, public_id)
        return {
            "id": public_id,
            **{name: getattr(found.guarantor, name) for name in HEAD},
            **{name: getattr(found.standing, name) for name in GLANCE},
            "balance": found.balance,
            "explained": found.explained,
            "patients": found.patients,
        }


@api.route("/accounts/<string:public_id>/visits")
class AccountVisits(MethodView):
    """The visits of an account."""

    @api.arguments(DayRequest, location="query")
    @api.response(200, VisitsShown)
    def get(self, given: dict[str, Any], public_id: str) -> Any:
        """Each visit from its charge to what is owed, step by step (RPAT-11), and why it waits."""
        with reading(actor()) as w:
            found = queries.by_public(w, public_id, as_of=given["as_of"])
        return {"rows": [visit_of(one, given["language"]) for one in found.visits]}


@api.route("/accounts/<string:public_id>/visits/<string:claim_id>/services")
class VisitServices(MethodView):
    """The services of a visit."""

    @api.arguments(DayRequest, location="query")
    @api.response(200, ServicesShown)
    def get(self, given: dict[str, Any], public_id: str, claim_id: str) -> Any:
        """What was done, in plain words as a bill may say it (RPAT-13)."""
        with reading(actor()) as w:
            account, claim = queries.by_public(w, public_id), claims.by_public(w, claim_id)
            mine = select(_owed.c.claim_id).where(
                w.within(_owed.c.entity_id), _owed.c.claim_id == claim.id,
                _owed.c.account_id == account.guarantor.id,
            )  # fmt: skip
            if w.db.execute(mine).scalar() is None:
                raise NotFound("There is no such visit.")
            found = queries_lines.lines(w, [claim.id]).get(claim.id, [])
        same = ("number", "code", "units", "charge", "service_from")
        rows = [
            {**{name: getattr(one, name) for name in same}, "words": one.words(given["language"])}
            for one in found
        ]
        return {"rows": rows}
