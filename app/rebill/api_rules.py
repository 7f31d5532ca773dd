"""The rules a claim is checked by, for programs."""

from typing import Any

from flask.views import MethodView

from app.codes.pages import practice_of
from app.kernel.work import reading, work
from app.rebill import queries_rules as queries
from app.rebill import service_rules as service
from app.rebill.api import api
from app.rebill.pages_rules import tried
from app.rebill.schemas_rules import (
    EndedScrubRule,
    EndScrubRule,
    ScrubRules,
    ScrubRulesRequest,
    ScrubRuleWhatIf,
    TryScrubRule,
    WriteScrubRule,
    WrittenScrubRule,
)
from app.web.door import actor


@api.route("/rebill/rules")
class ScrubRuleList(MethodView):
    """Rules a claim is checked by."""

    @api.arguments(ScrubRulesRequest, location="query")
    @api.response(200, ScrubRules)
    def get(self, given: dict[str, Any]) -> Any:
        """Rules in force, ahead or overruled, ours first."""
        with reading(actor()) as w:
            practice = practice_of(w, given.pop("entity", ""))
            return {"rows": queries.rows(w, practice.id, w.today(practice.time_zone), given)}

    @api.arguments(WriteScrubRule)
    @api.response(201, WrittenScrubRule)
    def post(self, given: dict[str, Any]) -> Any:
        """Check claims by a rule from a day on; the row of the same code and first day is closed."""
        code, said = service.read(given)
        days = given["effective_from"], given.get("effective_to")
        with work(actor()) as w:
            practice = practice_of(w, given.get("entity", ""))
            payer, why = given.get("payer", ""), given["reason"]
            service.save(w, practice.id, code, said, payer=payer, days=days, reason=why)
        return {"code": code, "effective_from": days[0]}


@api.route("/rebill/rules/end")
class ScrubRuleEnd(MethodView):
    """A rule that no longer holds."""

    @api.arguments(EndScrubRule)
    @api.response(200, EndedScrubRule)
    def post(self, given: dict[str, Any]) -> Any:
        """End a rule of ours on a day; one that has not begun by then is withdrawn. Both stay written."""
        with work(actor()) as w:
            practice = practice_of(w, given.get("entity", ""))
            today = w.today(practice.time_zone)
            on = given.get("on") or today
            done = service.end(
                w, practice.id, given["code"], given["effective_from"], payer=given.get("payer", ""), on=on,
                today=today, reason=given["reason"],
            )  # fmt: skip
        return {"did": done, "on": on}


@api.route("/rebill/rules/what-if")
class ScrubRuleTry(MethodView):
    """A rule that is only tried."""

    @api.arguments(TryScrubRule)
    @api.response(200, ScrubRuleWhatIf)
    def post(self, given: dict[str, Any]) -> Any:
        """Which of the open drafts a rule would stop. Writes nothing."""
        code, said = service.read(given)
        with reading(actor()) as w:
            practice = practice_of(w, given.get("entity", ""))
            found = tried(w, practice.id, code, said, given.get("payer", ""))
        drafts = [public_id for public_id, _ in found.stopped]
        return {"read": found.read, "applies": found.applies, "stops": len(drafts), "drafts": drafts}
