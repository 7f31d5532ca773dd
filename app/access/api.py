"""Tokens for programs, and who one is."""

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.access import queries_sessions as where
from app.access import service, service_tokens, sign_in
from app.access.queries import Identity
from app.kernel.limits import PASSWORD_CHARACTERS_MOST
from app.kernel.work import reading, work
from app.web.door import actor, me

api = Blueprint("access_api", __name__, description="Tokens, and who one is")


class TokenRequest(Schema):
    """Who wants a token."""

    login = fields.String(required=True, validate=validate.Length(1, 200))
    password = fields.String(
        required=True, validate=validate.Length(1, PASSWORD_CHARACTERS_MOST), load_only=True
    )
    code = fields.String(
        load_default="", validate=validate.Length(max=40), metadata={"description": "second factor"}
    )
    rights = fields.String(
        load_default="",
        validate=validate.Length(max=2_000),
        metadata={"description": "names of rights, blanks between, to have these only"},
    )


class RefreshRequest(Schema):
    """The next pair of tokens, please."""

    refresh = fields.String(required=True, validate=validate.Length(1, 200), load_only=True)


class TokenView(Schema):
    """A bearer token; shown once."""

    token = fields.String(required=True)
    type = fields.Constant("Bearer")
    ends_at = fields.AwareDateTime(required=True, format="iso")
    refresh = fields.String(required=True, metadata={"description": "works once, for the next pair"})
    refresh_ends_at = fields.AwareDateTime(required=True, format="iso")


class SessionView(Schema):
    """A browser or program that is signed in as this person."""

    id = fields.String(required=True, attribute="handle")
    kind = fields.String(required=True)
    started_at = fields.AwareDateTime(required=True, format="iso")
    seen_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    ends_at = fields.AwareDateTime(required=True, format="iso")
    address = fields.String(required=True)
    agent = fields.String(required=True)
    here = fields.Boolean(required=True)


class MeView(Schema):
    """The person behind the token."""

    id = fields.String(required=True, attribute="public_id")
    login = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)


@api.route("/token")
class Token(MethodView):
    """Coming in and going out."""

    @api.doc(security=[])
    @api.arguments(TokenRequest)
    @api.response(201, TokenView)
    def post(self, asked: dict[str, str]) -> sign_in.Issued:
        """Get a bearer token for login and password; it ends after an hour at most."""
        return service_tokens.issue_token(
            asked["login"],
            asked["password"],
            code=asked["code"],
            rights=asked["rights"],
            address=request.remote_addr or "",
        )

    @api.response(204)
    def delete(self) -> None:
        """End this token now."""
        sign_in.sign_out(_identity())


@api.route("/token/refresh")
class Refresh(MethodView):
    """The next pair of tokens."""

    @api.doc(security=[])
    @api.arguments(RefreshRequest)
    @api.response(201, TokenView)
    def post(self, asked: dict[str, str]) -> sign_in.Issued:
        """A new bearer and refresh token; a refresh token shown twice ends all tokens of its sign-in."""
        return service_tokens.refresh_token(asked["refresh"], address=request.remote_addr or "")


@api.route("/me/sessions")
class Sessions(MethodView):
    """Where one is signed in."""

    @api.response(200, SessionView(many=True))
    def get(self) -> list[where.SessionRow]:
        """Browsers and programs that are signed in as you."""
        with reading(actor()) as w:
            return where.sessions_of(w, _identity().person_id)


@api.route("/me/sessions/<session_id>")
class OneSession(MethodView):
    """One of them."""

    @api.response(204)
    def delete(self, session_id: str) -> None:
        """End it now."""
        with work(actor()) as w:
            service.end_session(w, _identity().person_id, session_id)


@api.route("/me")
class Me(MethodView):
    """The person behind the token."""

    @api.response(200, MeView)
    def get(self) -> dict[str, object]:
        """Who this token speaks for."""
        found = _identity()
        return {
            "public_id": found.public_id,
            "login": found.login,
            "name": found.name,
            "roles": sorted(found.roles),
        }


def _identity() -> Identity:
    found = me()
    if found is None:
        raise sign_in.NotSignedIn()
    return found
