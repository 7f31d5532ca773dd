"""The door /fhir: read and search for programs with a token; every error is an OperationOutcome."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request, url_for
from werkzeug.exceptions import HTTPException

from app.fhir import capability, parameters, payments, reading, resources, tasks_of
from app.fhir.wire import MEDIA, Resource, dump
from app.kernel.errors import Refused
from app.kernel.work import Work
from app.kernel.work import reading as open_reading
from app.web.door import actor

pages = Blueprint("fhir", __name__, url_prefix="/fhir", template_folder="templates")
EOB, RESPONSE = "ExplanationOfBenefit", "ClaimResponse"
PAYMENT, TASK = "PaymentReconciliation", "Task"
PARAMETERS = {
    EOB: reading.CLAIM_PARAMETERS,
    RESPONSE: reading.CLAIM_PARAMETERS,
    PAYMENT: reading.PAYMENT_PARAMETERS,
    TASK: reading.TASK_PARAMETERS,
}
ISSUES = {400: "invalid", 401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported",
          409: "conflict", 422: "processing", 429: "throttled", 503: "transient"}  # fmt: skip
Page = tuple[list[Resource], bool]


# ---------------------------------------------------------------- answers


def answer(resource: Resource, status: int = 200) -> Response:
    """A resource as the caller gets it, with its version as ETag."""
    made = Response(dump(resource), status=status, content_type=f"{MEDIA}; charset=utf-8")
    version = resource.get("meta", {}).get("versionId")
    if version:
        made.headers["ETag"] = f'W/"{version}"'
        made.headers["Last-Modified"] = resource["meta"]["lastUpdated"].strftime("%a, %d %b %Y %H:%M:%S GMT")
    return made


def outcome(status: int, words: str, code: str = "") -> Response:
    """An OperationOutcome of one error."""
    issue = {"severity": "error", "code": ISSUES.get(status, "exception"), "diagnostics": words}
    if code:
        issue["details"] = {"text": code}  # type: ignore[assignment]  # a mixed JSON object
    made = answer({"resourceType": "OperationOutcome", "issue": [issue]}, status)
    if status == 401:
        made.headers["WWW-Authenticate"] = 'Bearer realm="reclaim"'
    return made


@pages.errorhandler(Refused)
def _refused(problem: Refused) -> Response:
    return outcome(problem.status, problem.message, problem.code)


@pages.errorhandler(HTTPException)
def _http(problem: HTTPException) -> Response:
    return outcome(problem.code or 500, problem.name)


def _search(kind: str, found: Callable[[Work, parameters.Asked], Page]) -> Response:
    """A searchset Bundle with a link to its next page."""
    ask = parameters.asked(request.args.to_dict(flat=False), PARAMETERS[kind])
    with open_reading(actor()) as w:
        rows, more = found(w, ask)
    here = url_for(f"fhir.search_{kind}", _external=True)
    links = [{"relation": "self", "url": _link(here, request.args.to_dict(flat=False))}]
    if more:
        following = request.args.to_dict(flat=False) | {"_after": [rows[-1]["id"]]}
        links.append({"relation": "next", "url": _link(here, following)})
    entries = [
        {"fullUrl": f"{here}/{one['id']}", "resource": one, "search": {"mode": "match"}} for one in rows
    ]
    return answer({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries})


def _link(here: str, given: dict[str, list[str]]) -> str:
    query = urlencode([(name, value) for name, values in given.items() for value in values])
    return f"{here}?{query}" if query else here


# ---------------------------------------------------------------- what may be asked


@pages.get("/metadata")
def metadata() -> Response:
    """What works here."""
    return answer(
        capability.statement(PARAMETERS, url_for("fhir.metadata", _external=True).removesuffix("/metadata"))
    )


Maker = Callable[[Any, Sequence[Any], Sequence[Any], Sequence[Any]], Resource]


def _made(found: reading.Adjudicated, maker: Maker) -> list[Resource]:
    return [maker(row, *found.parts(row)) for row in found.rows]


def _adjudications(kind: str, maker: Maker) -> Response:
    def page(w: Work, ask: parameters.Asked) -> Page:
        found, more = reading.adjudications(w, kind, ask)
        return _made(found, maker), more

    return _search(kind, page)


def _adjudication(kind: str, maker: Maker, public_id: str) -> Response:
    with open_reading(actor()) as w:
        return answer(_made(reading.adjudication(w, kind, public_id), maker)[0])


@pages.get(f"/{EOB}", endpoint=f"search_{EOB}")
def search_eob() -> Response:
    """Adjudications as EOBs."""
    return _adjudications(EOB, resources.eob)


@pages.get(f"/{EOB}/<string:public_id>", endpoint=f"read_{EOB}")
def read_eob(public_id: str) -> Response:
    """One adjudication as an EOB."""
    return _adjudication(EOB, resources.eob, public_id)


@pages.get(f"/{RESPONSE}", endpoint=f"search_{RESPONSE}")
def search_response() -> Response:
    """Adjudications as answers to claims."""
    return _adjudications(RESPONSE, resources.claim_response)


@pages.get(f"/{RESPONSE}/<string:public_id>", endpoint=f"read_{RESPONSE}")
def read_response(public_id: str) -> Response:
    """One adjudication as the answer to a claim."""
    return _adjudication(RESPONSE, resources.claim_response, public_id)


def _reconciled(found: reading.Payments) -> list[Resource]:
    return [payments.reconciliation(row, *found.parts(row)) for row in found.rows]


@pages.get(f"/{PAYMENT}", endpoint=f"search_{PAYMENT}")
def search_payment() -> Response:
    """Payments."""

    def page(w: Work, ask: parameters.Asked) -> Page:
        found, more = reading.payments(w, PAYMENT, ask)
        return _reconciled(found), more

    return _search(PAYMENT, page)


@pages.get(f"/{PAYMENT}/<string:public_id>", endpoint=f"read_{PAYMENT}")
def read_payment(public_id: str) -> Response:
    """One payment."""
    with open_reading(actor()) as w:
        return answer(_reconciled(reading.payment(w, PAYMENT, public_id))[0])


@pages.get(f"/{TASK}", endpoint=f"search_{TASK}")
def search_task() -> Response:
    """Denial cases as tasks."""

    def page(w: Work, ask: parameters.Asked) -> Page:
        rows, more = reading.tasks(w, TASK, ask)
        return [tasks_of.task(row) for row in rows], more

    return _search(TASK, page)


@pages.get(f"/{TASK}/<string:public_id>", endpoint=f"read_{TASK}")
def read_task(public_id: str) -> Response:
    """One denial case as a task."""
    with open_reading(actor()) as w:
        return answer(tasks_of.task(reading.one_task(w, TASK, public_id)))


@pages.get("/<path:rest>")
def nothing_here(rest: str) -> Response:
    """Any other type or address."""
    kind = rest.partition("/")[0]
    words = (
        "There is no such address."
        if kind in PARAMETERS
        else f"{kind[:40]} is not a type that is given here."
    )
    return outcome(404, words, g.get("request_id", ""))
