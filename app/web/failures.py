"""Refusals and crashes: a page for people, one shape of JSON for programs, and nothing given away by either
(W6).

`{"error": {"code", "message", "field", "place", "request_id"}}`: `code` is stable and for machines,
`message` is a sentence for people, `field` names the input at fault, `place` says where in a file,
`request_id` finds the log line.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, g, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed, SecurityError

from app.kernel.errors import Refused, Unavailable
from app.kernel.logs import place_of
from app.web import gate

RETRY_SECONDS = 5
SENTENCES = {
    400: "This request could not be understood.",
    401: "Sign in first.",
    403: "Your role does not allow this.",
    404: "There is no such page or record.",
    405: "This address does not take that kind of request.",
    406: "This address does not answer in that form.",
    408: "The request took too long to arrive.",
    411: "The request must say how long it is.",
    413: "That is larger than we take.",
    415: "This kind of content is not taken here.",
    422: "Something in the request is not right.",
    429: "Too many requests. Wait a moment.",
    500: "Something went wrong on our side. It is noted under the number below.",
    503: "The house is busy. Try again in a few seconds; nothing was changed.",
}
OUTCOMES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    409: "conflict",
    422: "invalid",
    429: "throttled",
    500: "exception",
    503: "transient",
}
"""What FHIR calls a status (issue-type)."""


@dataclass(frozen=True)
class Failure:
    """What went wrong, in the words both doors use."""

    status: int
    code: str
    message: str
    field: str | None = None
    place: str | None = None
    retry_after: int = 0


def install(app: Flask) -> None:
    """Answer every failure here, and nowhere else."""
    app.register_error_handler(Refused, lambda problem: answer(_refused(problem)))
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(HTTPException, _refused_by_http)
    app.register_error_handler(Unavailable, lambda problem: answer(_busy(problem)))
    app.register_error_handler(OperationalError, lambda problem: answer(_busy(problem)))
    app.register_error_handler(DBAPIError, lambda problem: answer(_database(problem)))
    app.register_error_handler(RecursionError, lambda problem: answer(_http(BadRequest(str(type(problem))))))
    app.register_error_handler(Exception, lambda problem: answer(_crash(problem)))


def answer(failure: Failure) -> Response:
    """The failure as the caller can read it."""
    if request.path.startswith("/fhir/"):
        made = _outcome(failure)
    elif request.path.startswith("/api/"):
        made = jsonify({"error": {**_fields(failure), "request_id": g.get("request_id", "")}})
    else:
        title = HTTPStatus(failure.status).phrase
        # Where the house itself is in trouble the page asks it for nothing: no bar, no name, no way back.
        calm = failure.status < 500
        page = render_template(
            "error.html", failure=failure, title=title, calm=calm, back=_back() if calm else ""
        )
        made = Response(page, mimetype="text/html")
    made.status_code = failure.status
    if failure.retry_after:
        made.headers["Retry-After"] = str(failure.retry_after)
    if failure.status == 401 and request.path.startswith(gate.API):
        made.headers["WWW-Authenticate"] = 'Bearer realm="reclaim"'
    return made


def _outcome(failure: Failure) -> Response:
    """The failure as FHIR says it (fhir-mapping section 8)."""
    issue = {"severity": "error", "code": OUTCOMES.get(failure.status, "processing")}
    issue["diagnostics"] = failure.message
    made = jsonify({"resourceType": "OperationOutcome", "issue": [issue]})
    made.mimetype = "application/fhir+json"
    return made


def _back() -> str:
    """The page of ours one came from, so that a refusal is no dead end; empty when there is none."""
    came = urlsplit(request.referrer or "")
    if not came.path or came.netloc != request.host:
        return ""
    wanted = came.path + (f"?{came.query}" if came.query else "")
    safe = gate.safe_next(wanted)
    return safe if safe == wanted and safe != request.full_path.rstrip("?") else ""


def _fields(failure: Failure) -> dict[str, Any]:
    names = ("code", "message", "field", "place")
    return {name: getattr(failure, name) for name in names}


def _refused(problem: Refused) -> Failure:
    place, wait = getattr(problem, "place", None), getattr(problem, "retry_after", 0)
    return Failure(problem.status, problem.code, problem.message, problem.field, place, wait)


def _form_expired(_problem: CSRFError) -> Response:
    sentence = "This form is too old, or did not come from here. Load the page again."
    return answer(Failure(400, "form_expired", sentence))


def _foreign_host(_problem: SecurityError) -> Response:
    """No page for a host that is not ours: its addresses could only be made from what was sent."""
    return Response("This host is not served here.\n", status=400, mimetype="text/plain")


def _refused_by_http(problem: HTTPException) -> Response:
    made = answer(_http(problem))
    if isinstance(problem, MethodNotAllowed):
        made.allow.update(problem.valid_methods or ())
    return made


def _http(problem: HTTPException) -> Failure:
    status = problem.code or 500
    messages = getattr(problem, "data", {}).get("messages") if status == 422 else None
    if messages:
        field, sentence = _first(messages)
        return Failure(422, "invalid", sentence, field)
    code = (HTTPStatus(status).phrase if status in set(HTTPStatus) else "error").lower().replace(" ", "_")
    return Failure(status, code, SENTENCES.get(status, SENTENCES[400 if status < 500 else 500]))


def _first(messages: Any, path: tuple[str, ...] = ()) -> tuple[str | None, str]:
    """The first field a schema complained about, dotted, and its complaint: {"json": {"lines": {0:
    {...}}}}.
    """
    if isinstance(messages, dict) and messages:
        name, inner = next(iter(messages.items()))
        where = (
            ()
            if name in ("json", "query", "form", "headers", "files", "_schema") and not path
            else (str(name),)
        )
        return _first(inner, path + where)
    words = messages[0] if isinstance(messages, list) and messages else messages
    return ".".join(path) or None, str(words)


def _busy(problem: Exception) -> Failure:
    structlog.get_logger().warning("busy", place=place_of(problem), error_type=type(problem).__name__)
    return Failure(503, "busy", SENTENCES[503], retry_after=RETRY_SECONDS)


def _database(problem: DBAPIError) -> Failure:
    return _busy(problem) if problem.connection_invalidated else _crash(problem)


def _crash(problem: Exception) -> Failure:
    structlog.get_logger().error("crash", place=place_of(problem), error_type=type(problem).__name__)
    return Failure(500, "internal", SENTENCES[500])
