"""Tokens for programs, and who one is."""

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.access import sign_in
from app.access.queries import Identity
from app.kernel.limits import PASSWORD_CHARACTERS_MOST
from app.web.door import me

api = Blueprint("access_api", __name__, description="Tokens, and who one is")


class TokenRequest(Schema):
    """Who wants a token."""

    login = fields.String(required=True, validate=validate.Length(1, 200))
    password = fields.String(
        required=True, validate=validate.Length(1, PASSWORD_CHARACTERS_MOST), load_only=True
    )
    code = fields.String(
        load_default="", validate=validate.Length(max=10), metadata={"description": "second factor"}
    )


class TokenView(Schema):
    """A bearer token; shown once."""

    token = fields.String(required=True)
    type = fields.Constant("Bearer")
    ends_at = fields.AwareDateTime(required=True, format="iso")


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
        return sign_in.issue_token(
            asked["login"], asked["password"], code=asked["code"], address=request.remote_addr or ""
        )

    @api.response(204)
    def delete(self) -> None:
        """End this token now."""
        sign_in.sign_out(_identity())


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
