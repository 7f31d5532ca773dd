"""The playbook for programs."""

from typing import Any

from flask.views import MethodView

from app.codes import service as codes
from app.denials import queries_playbook as queries
from app.denials import service_playbook as service
from app.denials.api import api
from app.denials.pages_playbook import practice_of
from app.denials.schemas_playbook import (
    EndedPlay,
    EndPlayRequest,
    PlaybookRequest,
    PlaybookRows,
    PlayRequest,
    TryRequest,
    WhatIfView,
    WrittenPlay,
)
from app.kernel.work import reading, work
from app.web.door import actor


@api.route("/playbook")
class Playbook(MethodView):
    """Rows of the playbook."""

    @api.arguments(PlaybookRequest, location="query")
    @api.response(200, PlaybookRows)
    def get(self, given: dict[str, Any]) -> Any:
        """Rows in force or ahead, the most specific first."""
        with reading(actor()) as w:
            practice = practice_of(w, given.get("entity", ""))
            return {"rows": queries.rows(w, practice.id, w.today(practice.time_zone), given)}

    @api.arguments(PlayRequest)
    @api.response(201, WrittenPlay)
    def post(self, given: dict[str, Any]) -> Any:
        """Write a dated row; the row with the same conditions and first day is closed, never edited."""
        match, answers = service.read_row(given)
        days = given["effective_from"], given.get("effective_to")
        with work(actor()) as w:
            practice = practice_of(w, given.get("entity", ""))
            service.save(w, practice.id, match, answers, days=days, reason=given["reason"].strip())
        return {"match": match, "answers": answers}


@api.route("/playbook/end")
class PlaybookEnd(MethodView):
    """A row that no longer holds."""

    @api.arguments(EndPlayRequest)
    @api.response(200, EndedPlay)
    def post(self, given: dict[str, Any]) -> Any:
        """End a row of ours on a day; one that has not begun by then is withdrawn. Both stay written."""
        with work(actor()) as w:
            practice = practice_of(w, given.get("entity", ""))
            today = w.today(practice.time_zone)
            match = {name: value for name, value in given["match"].items() if value}
            on, why = given.get("on") or today, given["reason"]
            done = service.end(w, practice.id, match, given["effective_from"], on=on, today=today, reason=why)
        return {"did": done, "on": on}


@api.route("/playbook/what-if")
class PlaybookWhatIf(MethodView):
    """A row that is only tried."""

    @api.arguments(TryRequest)
    @api.response(200, WhatIfView)
    def post(self, given: dict[str, Any]) -> Any:
        """What a row would have decided over the last 90 days. Writes nothing."""
        match, answers = service.read_row(given)
        with reading(actor()) as w:
            practice = practice_of(w, given.get("entity", ""))
            book = codes.book(w, practice.id, w.today(practice.time_zone))
            return queries.what_if(w, practice.id, book, match, answers)
