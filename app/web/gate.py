"""Before every view: who asks, and does the policy table let them. Deny by default (A1)."""

import time
import uuid
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.access.queries import Identity
from app.access.rules import PUBLIC, SIGNED_IN, policy
from app.access.sign_in import Issued, identify
from app.kernel.errors import NotPermitted, Refused
from app.kernel.limits import FORM_BYTES
from app.kernel.settings import settings
from app.kernel.work import Actor, work

API = ("/api/", "/fhir/")
READ_AT_ONCE = frozenset({"application/x-www-form-urlencoded", "application/json"})
"""Bodies that are read into memory in one piece; a file comes in parts and may be as large as an upload."""
BEFORE_OWN_PASSWORD = frozenset({"web.password", "web.sign_out"})


class SignInFirst(Refused):
    """Nobody is signed in, or no longer."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Sign in first.", code="sign_in_first")


def install(app: Flask) -> None:
    """Stand before every view, the forms' own check included."""
    app.before_request(begin)
    app.before_request(gate)
    app.after_request(finish)


def begin() -> None:
    """Name the request; the name is in every log line and on every error page."""
    g.request_id, g.began = uuid.uuid4().hex[:16], time.monotonic()
    g.identity, g.actor = None, Actor(name="stranger", door=door())
    if request.mimetype in READ_AT_ONCE:
        request.max_content_length = FORM_BYTES
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def finish(answer: Response) -> Response:
    """One line per request: who by number, which route by name, never the address."""
    answer.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint != "static":
        identity: Identity | None = g.get("identity")
        structlog.get_logger().info(
            "request",
            method=request.method,
            endpoint=request.endpoint or "none",
            status=answer.status_code,
            ms=round((time.monotonic() - g.get("began", time.monotonic())) * 1000),
            person=identity.person_id if identity else None,
        )
    return answer


def door() -> str:
    """`api` for programs, `page` for people; they never share a way in."""
    return "api" if request.path.startswith(API) else "page"


def route_name(method: str, endpoint: str) -> str:
    """The name of a route in the policy table: `GET intake.files`."""
    return f"{'GET' if method == 'HEAD' else method} {endpoint}"


def gate() -> AnyResponse | None:
    """Let the request pass with an actor, send it to the sign-in page, or refuse it."""
    if request.endpoint is None:
        return None  # no such route: the router's 404 or 405 follows
    asked = policy().permission(door(), route_name(request.method, request.endpoint))
    if asked == PUBLIC:
        return None
    g.identity = identity = _identity()
    if identity is None:
        return _to_sign_in()
    if identity.must_change and request.endpoint not in BEFORE_OWN_PASSWORD:
        return redirect(url_for("web.password"), 303)
    network = {"address": request.remote_addr or "", "request": g.request_id}
    g.actor = identity.actor(asked, network)
    if asked != SIGNED_IN and not identity.may(asked):
        with work(g.actor) as w:
            w.audit("refused", "E", "door", route_name(request.method, request.endpoint), outcome=8)
        raise NotPermitted(_why(identity, asked))
    return None


def _why(identity: Identity, asked: str) -> str:
    if asked in policy().guarded and policy().held_by(identity.roles) & {asked}:
        return "This needs a second factor. Add one under your name, then come back."
    return "Your role does not allow this."


def _identity() -> Identity | None:
    if door() == "api":
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        return identify(token.strip(), door="api") if kind.lower() == "bearer" and token else None
    token = request.cookies.get(cookie_name(), "")
    # A page that asks by itself says so, and does not count as somebody being there.
    return identify(token, door="page", extend="X-Reclaim-Poll" not in request.headers) if token else None


def _to_sign_in() -> AnyResponse:
    if door() == "api":
        raise SignInFirst()
    if request.headers.get("HX-Request"):
        answer = Response(status=401)
        answer.headers["HX-Redirect"] = url_for("web.sign_in")
        return answer
    back = request.full_path.rstrip("?") if request.method == "GET" else ""
    place = url_for("web.sign_in", next=back if back not in ("", "/") else None)
    # No body: what was typed as an address, perhaps a member number, stands on no page.
    return Response(status=303, headers={"Location": place})


def cookie_name() -> str:
    """With TLS the name itself forbids other hosts and paths to set it."""
    return "__Host-reclaim" if settings().behind_tls else "reclaim"


def as_answer(page: str) -> AnyResponse:
    """A page as an answer that can carry a cookie."""
    return Response(page, mimetype="text/html")


def set_cookie(answer: AnyResponse, issued: Issued | None) -> AnyResponse:
    """Give the browser its session, or take it away (None)."""
    secure = settings().behind_tls
    if issued is None:
        answer.delete_cookie(cookie_name(), secure=secure, httponly=True, samesite="Lax")
    else:
        answer.set_cookie(cookie_name(), issued.token, secure=secure, httponly=True, samesite="Lax")
    return answer


def safe_next(wanted: str) -> str:
    """Where to go after sign-in: a page of ours, or home. Never another host, never the API (W6)."""
    parts = urlsplit(wanted)
    odd = any(ord(letter) < 33 or letter == "\\" for letter in wanted)
    ours = (
        wanted.startswith("/")
        and not wanted.startswith(("//", *API))
        and not parts.scheme
        and not parts.netloc
    )
    if odd or not ours:
        return url_for("web.home")
    adapter = current_app.create_url_adapter(request)
    return wanted if adapter is not None and adapter.test(parts.path, method="GET") else url_for("web.home")
