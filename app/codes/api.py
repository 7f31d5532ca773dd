"""The code books for programs."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.codes import queries, service
from app.codes.pages import known_list, practice_of
from app.codes.schemas import CodeChange, CodesRequest, CodesView, WholeCode
from app.kernel.work import Work, reading, work
from app.web.door import actor

api = Blueprint("codes_api", __name__, url_prefix="/codes", description="What codes mean, dated")


@api.route("")
class Codes(MethodView):
    """Codes."""

    @api.arguments(CodesRequest, location="query")
    @api.response(200, CodesView)
    def get(self, given: dict[str, Any]) -> Any:
        """One list as read on a day."""
        with reading(actor()) as w:
            practice = practice_of(w, given.get("entity", ""))
            book = service.book(w, practice.id, given.get("on") or w.today(practice.time_zone))
            asked = {name: given.get(name, "") for name in ("q", "category")}
            return {"rows": queries.codes(w, practice.id, book, given["list"], asked)}


def _whole(w: Work, list_name: str, code: str, entity: str) -> dict[str, Any]:
    practice = practice_of(w, entity)
    today = w.today(practice.time_zone)
    book = service.book(w, practice.id, today)
    rows = [queries.own_row(one, today) for one in service.history(w, practice.id, list_name, code)]
    return {"code": code, "attributes": queries.rows_of(book, list_name).get(code, {}), "rows": rows}


@api.route("/<string:list_name>/<string:code>")
class OneCode(MethodView):
    """One code."""

    @api.response(200, WholeCode)
    def get(self, list_name: str, code: str) -> Any:
        """A code as read today, and every row of ours about it."""
        with reading(actor()) as w:
            return _whole(w, known_list(list_name), code, "")

    @api.arguments(CodeChange)
    @api.response(201, WholeCode)
    def post(self, given: dict[str, Any], list_name: str, code: str) -> Any:
        """Write a dated row; a row with the same first day is closed, never edited."""
        entity = given.get("entity", "")
        with work(actor()) as w:
            service.change(
                w,
                practice_of(w, entity).id,
                known_list(list_name),
                code,
                attributes=given["attributes"],
                effective_from=given["effective_from"],
                effective_to=given["effective_to"],
                reason=given["reason"].strip(),
            )
            return _whole(w, list_name, code, entity)
