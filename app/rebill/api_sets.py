"""Claims for many denials at once, for programs."""

from typing import Any

from flask.views import MethodView

from app.kernel.work import reading, work
from app.rebill import queries_sets, rules_sets, service_sets
from app.rebill.api import api
from app.rebill.schemas_rules import (
    RebillSetView,
    SetOpenedView,
    SetOpenRequest,
    SetPreviewView,
    SetRequest,
    SetUndoneView,
    SetUndoRequest,
)
from app.web.door import actor


@api.route("/rebill/sets/preview")
class SetPreview(MethodView):
    """A set that is only looked at."""

    @api.arguments(SetRequest)
    @api.response(200, SetPreviewView)
    def post(self, given: dict[str, Any]) -> Any:
        """What would be opened for these denials, and what stands against the others. Writes nothing."""
        correction = rules_sets.read(given["field"], given["value"], given["procedure"])
        with reading(actor()) as w:
            return service_sets.preview(w, given["denials"], correction)


@api.route("/rebill/sets")
class Sets(MethodView):
    """Sets."""

    @api.arguments(SetOpenRequest)
    @api.response(201, SetOpenedView)
    def post(self, given: dict[str, Any]) -> Any:
        """Open the claim each of these denials asks for, all with one correction."""
        correction = rules_sets.read(given["field"], given["value"], given["procedure"])
        with work(actor()) as w:
            return service_sets.open_set(w, given["denials"], correction, reason=given["reason"])


@api.route("/rebill/sets/<string:public_id>")
class OneSet(MethodView):
    """One set."""

    @api.response(200, RebillSetView)
    def get(self, public_id: str) -> Any:
        """A set and where its claims stand now."""
        with reading(actor()) as w:
            found = queries_sets.one(w, public_id)
        named = ("public_id", "author", "at", "claims", "undone_at")
        plain = {name: getattr(found, name) for name in named}
        return plain | {"states": dict(found.states), "rebills": list(found.publics)}


@api.route("/rebill/sets/<string:public_id>/undo")
class SetUndo(MethodView):
    """Taking a set back."""

    @api.arguments(SetUndoRequest)
    @api.response(200, SetUndoneView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Cancel what was not sent nor changed since; the denials go back to their owners."""
        with work(actor()) as w:
            cancelled, left = service_sets.undo_set(w, public_id, given["reason"])
        return {"cancelled": cancelled, "left": left}
