"""Returned mail for programs: taken in, looked for, mailed again."""

from typing import Any

from flask.views import MethodView

from app.contacts import queries_returned
from app.contacts.api import api
from app.contacts.schemas_returned import (
    MailFoundRequest,
    MailPage,
    MailSearchRequest,
    MailVerifyRequest,
    MailWhole,
    MailWhyRequest,
    ReturnedMailRequest,
    TakeInRequest,
    TakenIn,
)
from app.entities import queries as entities
from app.flows import returned_mail
from app.kernel.paging import ask_of
from app.kernel.work import Work, reading, work
from app.patients.rules_people import Home
from app.web.door import actor


def _home(given: dict[str, Any]) -> Home:
    return Home(**{name: given[name] for name in Home.__dataclass_fields__})


def _whole(w: Work, public_id: str) -> dict[str, Any]:
    mail = queries_returned.one(w, public_id)
    return {"mail": mail, "steps": queries_returned.steps(w, mail.id)}


@api.route("/returned-mail")
class ReturnedMailList(MethodView):
    """Returned mail."""

    @api.arguments(ReturnedMailRequest, location="query")
    @api.response(200, MailPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Pieces that came back, the newest first."""
        values = {name: str(value) for name, value in given.items()}
        ask = ask_of(values, queries_returned.SORTS, default="-recorded", filters=queries_returned.FILTERS)
        with reading(actor()) as w:
            return queries_returned.returned(w, ask)

    @api.arguments(TakeInRequest)
    @api.response(201, TakenIn)
    def post(self, given: dict[str, Any]) -> Any:
        """Take in a piece that came back; what its reason asks for is done at once."""
        with work(actor()) as w:
            chosen = entities.chosen(w, given["entity"])
            return returned_mail.take_in(
                w, given["number"], given["code"], returned_on=given["returned_on"],
                home=_home(given["home"]) if given["home"] else None,
                entity_id=chosen[0] if chosen else None,
            )  # fmt: skip


@api.route("/returned-mail/<string:public_id>")
class OneReturned(MethodView):
    """One piece."""

    @api.response(200, MailWhole)
    def get(self, public_id: str) -> Any:
        """One piece with what was done about it."""
        with reading(actor()) as w:
            return _whole(w, public_id)


@api.route("/returned-mail/<string:public_id>/search")
class ReturnedSearch(MethodView):
    """A source asked."""

    @api.arguments(MailSearchRequest)
    @api.response(200, MailWhole)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """A source knew nothing; after enough of them the search is over."""
        with work(actor()) as w:
            returned_mail.search(w, public_id, given["source"], note=given["note"], version=given["version"])
            return _whole(w, public_id)


@api.route("/returned-mail/<string:public_id>/find")
class ReturnedFind(MethodView):
    """An address found."""

    @api.arguments(MailFoundRequest)
    @api.response(200, MailWhole)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """An address that may be theirs."""
        with work(actor()) as w:
            home = _home(given["home"])
            returned_mail.find(w, public_id, home, given["source"], version=given["version"])
            return _whole(w, public_id)


@api.route("/returned-mail/<string:public_id>/verify")
class ReturnedVerify(MethodView):
    """A second look."""

    @api.arguments(MailVerifyRequest)
    @api.response(200, MailWhole)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """The address found looks right on a second look."""
        with work(actor()) as w:
            returned_mail.verify(w, public_id, zip_again=given["zip"], version=given["version"])
            return _whole(w, public_id)


@api.route("/returned-mail/<string:public_id>/reject")
class ReturnedReject(MethodView):
    """Not theirs."""

    @api.arguments(MailWhyRequest)
    @api.response(200, MailWhole)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """The address found is not theirs; the search goes on."""
        with work(actor()) as w:
            returned_mail.reject(w, public_id, why=given["why"], version=given["version"])
            return _whole(w, public_id)


@api.route("/returned-mail/<string:public_id>/resume")
class ReturnedResume(MethodView):
    """Mail again."""

    @api.arguments(MailWhyRequest)
    @api.response(200, MailWhole)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Mail again at the same step; without a verified address somebody says why the old one is right."""
        with work(actor()) as w:
            returned_mail.resume(w, public_id, why=given["why"], version=given["version"])
            return _whole(w, public_id)
