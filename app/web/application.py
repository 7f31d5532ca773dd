"""The assembly: settings in, a Flask application out. It decides nothing; it refuses to start when a door is
undeclared.
"""

from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint
from flask_wtf import CSRFProtect
from marshmallow import Schema, fields
from werkzeug.middleware.proxy_fix import ProxyFix

from app import __version__
from app.access.rules import LONGEST, undeclared
from app.kernel import limits, logs
from app.kernel.errors import Refused
from app.kernel.settings import Settings, settings
from app.web import described, doors, failures, gate, headers, rates, templating

API_PREFIX = "/api/v1"


class ErrorFields(Schema):
    """What is inside `error`."""

    code = fields.String(required=True, metadata={"description": "stable, for machines"})
    message = fields.String(required=True, metadata={"description": "a sentence for people"})
    field = fields.String(required=True, allow_none=True, metadata={"description": "the input at fault"})
    place = fields.String(required=True, allow_none=True, metadata={"description": "where in a file"})
    request_id = fields.String(required=True, metadata={"description": "finds the line in our log"})


class ErrorShape(Schema):
    """Every error of the API has this shape."""

    error = fields.Nested(ErrorFields, required=True)


class ReclaimApi(Api):
    """The API with our shape of errors, documented; the errors themselves are answered in `failures`."""

    ERROR_SCHEMA = ErrorShape

    def _register_error_handlers(self) -> None:
        """Leave errors to `failures`: pages and API answer the same refusal, each in its own form."""


def create_app(chosen: Settings | None = None) -> Flask:
    """The name `app.create_app` calls."""
    return make_app(chosen)


def make_app(chosen: Settings | None = None) -> Flask:
    """The web application; `Refused` when a route has no row in the policy table, or a row no route."""
    chosen = chosen or settings()
    logs.configure()
    app = Flask(__name__, static_url_path="/static")
    app.config.from_mapping(_config(chosen))
    if chosen.behind_tls:
        # Flask documents this way to wrap it.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]  # see above
    headers.install(app)
    gate.install(app)
    csrf = CSRFProtect(app)
    failures.install(app)
    templating.install(app)
    for _, module in doors.modules("pages"):
        app.register_blueprint(module.pages)
    _install_api(app, csrf)
    rates.install(app)
    _check_doors(app)
    return app


def _config(chosen: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": chosen.secret.get_secret_value(),
        "TRUSTED_HOSTS": list(chosen.trusted_hosts),
        "MAX_CONTENT_LENGTH": chosen.upload_bytes + limits.FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": limits.FORM_BYTES,
        "MAX_FORM_PARTS": limits.FORM_PARTS,
        "PROVIDE_AUTOMATIC_OPTIONS": False,
        "SESSION_COOKIE_NAME": "__Host-reclaim-form" if chosen.behind_tls else "reclaim_form",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": chosen.behind_tls,
        # A form lives as long as the longest session: the session decides, not the page's age.
        "WTF_CSRF_TIME_LIMIT": int(LONGEST.total_seconds()),
        "WTF_CSRF_SSL_STRICT": True,
        "API_TITLE": "Reclaim",
        "API_VERSION": __version__,
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": API_PREFIX,
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
            "security": [{"bearer": []}],
        },
    }


def _install_api(app: Flask, csrf: CSRFProtect) -> None:
    """Register every capability's API under one prefix; bearer tokens only, so that no cookie can be abused
    here.
    """
    api = ReclaimApi(app)
    for _, module in doors.modules("api"):
        blueprint: Blueprint = module.api
        csrf.exempt(blueprint)
        api.register_blueprint(blueprint, url_prefix=API_PREFIX + (blueprint.url_prefix or ""))
    described.errors(api.spec, ErrorShape)


def routes(app: Flask) -> dict[str, set[str]]:
    """The names of all routes by door, as the policy table writes them: `{"page": {"GET intake.files"},
    "api": ...}`.
    """
    found: dict[str, set[str]] = {"page": set(), "api": set()}
    for rule in app.url_map.iter_rules():
        door = "api" if rule.rule.startswith(gate.API) else "page"
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        found[door] |= {gate.route_name(method, rule.endpoint) for method in methods}
    return found


def _check_doors(app: Flask) -> None:
    present = routes(app)
    if wrong := undeclared(pages=present["page"], apis=present["api"]):
        raise Refused("The application does not start:\n" + "\n".join(wrong), code="undeclared")
