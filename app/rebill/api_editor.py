"""Editing a claim on its way out, and what a person does with it, for programs."""

from typing import Any

from flask.views import MethodView

from app.kernel.work import Work, reading, work
from app.rebill import service, service_edit, service_holds, service_owner, translate_editor
from app.rebill.api import api
from app.rebill.lifecycle import Kind
from app.rebill.rules_edit import Edit
from app.rebill.rules_seen import differences
from app.rebill.schemas import Versioned
from app.rebill.schemas_editor import (
    CancelRequest,
    CheckedView,
    EditsRequest,
    FieldsView,
    LiftRequest,
    LookRequest,
    MadeView,
    RebillHoldRequest,
    RebillNoteRequest,
    ValuesView,
    VersionRequest,
)
from app.rebill.service_edit import Checked
from app.web.door import actor, can


def _edits(given: dict[str, Any]) -> list[Edit]:
    return [Edit(one["field"], one["line"], one["index"], one["value"]) for one in given["edits"]]


def _seen(found: Checked, entity_id: int) -> Checked:
    """What of a check this program's person may see."""
    raw, clinical = can("files.raw", entity_id), can("clinical.read", entity_id)
    return Checked(found.problems, differences(found.changes, clinical=clinical, raw=raw), found.charge)


@api.route("/rebill/fields")
class EditorFields(MethodView):
    """The fields of a claim."""

    @api.response(200, FieldsView)
    def get(self) -> Any:
        """Every field a person may change, by the name edits call it."""
        return {"rows": translate_editor.catalogue()}


@api.route("/rebill/<string:public_id>/fields")
class Values(MethodView):
    """A submission field by field."""

    @api.response(200, ValuesView)
    def get(self, public_id: str) -> Any:
        """What was billed and what will go, and what is wrong now; diagnoses with the right to them."""
        with reading(actor()) as w:
            at = service.load(w, public_id, lock=False)
            clinical = can("clinical.read", at.row.entity_id)
            checked = _seen(service_edit.preview(w, public_id, []), at.row.entity_id)
            kind = Kind(at.row.kind)
            form = translate_editor.form(at.whole, at.base, checked.problems, kind, clinical=clinical)
            return {
                "version": at.row.version,
                "values": form.cells,
                "problems": checked.problems,
                "changes": checked.changes,
                "charge": checked.charge,
                "errors": checked.errors,
            }

    @api.arguments(EditsRequest)
    @api.response(200, Versioned)
    def put(self, given: dict[str, Any], public_id: str) -> Any:
        """Change fields, in the order given; 409 when somebody changed it since `version`."""
        with work(actor()) as w:
            version = service_edit.edit(w, public_id, given["version"], _edits(given))
        return {"id": public_id, "version": version}


@api.route("/rebill/<string:public_id>/preview")
class Preview(MethodView):
    """A claim as it would be."""

    @api.arguments(LookRequest)
    @api.response(200, CheckedView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """What would be wrong with these edits, and what they would change; keeps nothing."""
        with reading(actor()) as w:
            at = service.load(w, public_id, lock=False)
            return _seen(service_edit.preview(w, public_id, _edits(given)), at.row.entity_id)


def _moved(public_id: str, version: int) -> dict[str, Any]:
    return {"id": public_id, "version": version}


@api.route("/rebill/<string:public_id>/finish")
class Finish(MethodView):
    """It is right."""

    @api.arguments(VersionRequest)
    @api.response(200, Versioned)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Put it with those that wait for a batch; 409 with the first thing wrong, and what unblocks it."""
        with work(actor()) as w:
            return _moved(public_id, service.finish(w, public_id, given["version"]))


@api.route("/rebill/<string:public_id>/reopen")
class Reopen(MethodView):
    """Back to the draft."""

    @api.arguments(VersionRequest)
    @api.response(200, Versioned)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take a finished one back, as long as no batch has it."""
        with work(actor()) as w:
            return _moved(public_id, service.reopen(w, public_id, given["version"]))


@api.route("/rebill/<string:public_id>/sign")
class Sign(MethodView):
    """The signature of a coder."""

    @api.arguments(VersionRequest)
    @api.response(200, Versioned)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Stand for changed codes, units and diagnoses; 403 for whoever changed them."""
        with work(actor()) as w:
            return _moved(public_id, service.sign_coding(w, public_id, given["version"]))


@api.route("/rebill/<string:public_id>/cancel")
class Cancel(MethodView):
    """Giving it up."""

    @api.arguments(CancelRequest)
    @api.response(200, Versioned)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Give it up before it is sent, or after its rejection."""
        with work(actor()) as w:
            return _moved(public_id, service.cancel(w, public_id, given["version"], given["reason"]))


@api.route("/rebill/<string:public_id>/resend")
class Resend(MethodView):
    """Its successor."""

    @api.response(201, MadeView)
    def post(self, public_id: str) -> Any:
        """Open the successor of a rejected one, with everything that was typed."""
        with work(actor()) as w:
            return {"id": service.resend(w, public_id)}


@api.route("/rebill/<string:public_id>/hold")
class Holding(MethodView):
    """Keeping it back."""

    @api.arguments(RebillHoldRequest)
    @api.response(200, Versioned)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Keep it back until a day; it goes again on that day by itself."""
        with work(actor()) as w:
            return _moved(public_id, _held(w, public_id, given))


def _held(w: Work, public_id: str, given: dict[str, Any]) -> int:
    return service_holds.hold(
        w, public_id, given["version"], reason=given["reason"], until=given["until"], note=given["note"]
    )


@api.route("/rebill/<string:public_id>/lift")
class Lift(MethodView):
    """Letting it go."""

    @api.arguments(LiftRequest)
    @api.response(200, Versioned)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """End its holds before their day."""
        with work(actor()) as w:
            version = service_holds.lift(w, public_id, given["version"], why=given["why"])
            return _moved(public_id, version)


@api.route("/rebill/<string:public_id>/notes")
class Notes(MethodView):
    """Notes about it."""

    @api.arguments(RebillNoteRequest)
    @api.response(201, MadeView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Write a note; card numbers are taken out, the text is sealed."""
        with work(actor()) as w:
            service_owner.note(w, public_id, given["text"])
        return {"id": public_id}
