"""How often a program may ask: 600 requests a minute for each token, five sign-ins a minute for each login.

Counted in memory or, for several web processes, in Redis (RECLAIM_RATE_URL). The answer to one too many is
the house's error, 429, with Retry-After. Guesses are counted in the database besides (A6): this only keeps a
runaway program, or somebody in a hurry, from taking the place of others.
"""

import math
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import Limiter, RateLimitExceeded, RequestLimit

from app.kernel.clock import now
from app.kernel.crypto import keyring
from app.kernel.settings import settings
from app.web import failures, gate

SIGN_INS = "5 per minute"
LINK_OPENS = "10 per minute"
LINK_ROUTES = ("statements.link_open", "statements.link_pdf", "statements.link_stop")
"""Where strangers write: from one address only so often, whatever they ask for."""
SIGN_IN_ROUTES = ("web.sign_in", "access_api.Token")


def install(app: Flask) -> None:
    """Count requests behind the gate, which knows who asks; call after every route is registered."""
    chosen = settings()
    limiter = Limiter(
        key_func=_caller, storage_uri=chosen.rate_url, strategy="fixed-window", headers_enabled=False,
        application_limits=[f"{chosen.api_per_minute} per minute"], application_limits_exempt_when=_is_page,
        on_breach=_too_many, swallow_errors=True,
        in_memory_fallback_enabled=not chosen.rate_url.startswith("memory"),
    )  # fmt: skip
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, lambda problem: problem.get_response())
    for endpoint in SIGN_IN_ROUTES:
        view = app.view_functions[endpoint]
        counted: Any = limiter.limit(SIGN_INS, key_func=_login, methods=["POST"])(view)
        app.view_functions[endpoint] = counted
    for endpoint in LINK_ROUTES:
        view = app.view_functions[endpoint]
        guarded: Any = limiter.limit(LINK_OPENS, key_func=_address, methods=["POST"])(view)
        app.view_functions[endpoint] = guarded


def _is_page() -> bool:
    return gate.door() == "page"


def _caller() -> str:
    """The token that asks, or the address of whoever has none."""
    identity = g.get("identity")
    return f"token {identity.session}" if identity else f"address {request.remote_addr}"


def _address() -> str:
    """The address a stranger asks from, as a fingerprint."""
    return keyring().blind(f"{request.remote_addr}", "rate.address")


def _login() -> str:
    """One login from one address, as a fingerprint: what is counted names nobody."""
    given = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    login = given.get("login", "") if isinstance(given, dict) else ""
    return keyring().blind(f"{request.remote_addr}|{str(login).lower()[:200]}", "rate.login")


def _too_many(limit: RequestLimit) -> Response:
    wait = math.ceil(limit.reset_at - now().timestamp())
    return failures.answer(
        failures.Failure(429, "slow_down", failures.SENTENCES[429], retry_after=max(1, min(60, wait)))
    )
