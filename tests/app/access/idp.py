"""A small identity provider on a free port: discovery, codes with PKCE, signed ID tokens; and ways to be
wrong.
"""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # has no types
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from app.kernel.clock import now

CLIENT, PASSWORD = "reclaim", "idp password"  # pragma: allowlist secret - opens nothing but tests


@dataclass
class Idp:
    """The provider. subject, amr: who signs in next, and how; wrong: claims to spoil in the next token."""

    url: str = ""
    subject: str = "subject-1"
    amr: list[str] = field(default_factory=lambda: ["pwd"])
    wrong: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    other: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    sign_with_other: bool = False

    @property
    def settings(self) -> str:
        """What RECLAIM_IDENTITY_PROVIDERS holds."""
        row = {"name": "okta", "label": "Okta", "issuer": self.url, "client_id": CLIENT}
        return json.dumps([row | {"client_secret": PASSWORD}])

    def authorize(self, address: str) -> dict[str, str]:
        """What the browser brings back after somebody signed in at the provider."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.url}

    def answer(self, request: Request) -> Response:
        """One request to the provider."""
        if request.path == "/.well-known/openid-configuration":
            places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks",
                      "end_session_endpoint": "leave"}  # fmt: skip
            return _json({"issuer": self.url} | {name: f"{self.url}/{end}" for name, end in places.items()})
        if request.path == "/jwks":
            return _json(KeySet([self.key]).as_dict(private=False))
        return self._token(request)

    def _token(self, request: Request) -> Response:
        asked = self.codes.pop(request.form.get("code", ""), None)
        who = request.authorization
        proved = create_s256_code_challenge(request.form.get("code_verifier", ""))
        if asked is None or who is None or who.password != PASSWORD or proved != asked["code_challenge"]:
            return Response(status=400)
        moment = int(now().timestamp())
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": self.subject, "iat": moment, "exp": moment + 300,
            "nonce": asked["nonce"], "amr": self.amr, "name": "Nina Klein",
            "preferred_username": "nina.klein",
        } | self.wrong  # fmt: skip
        key = self.other if self.sign_with_other else self.key
        return _json(
            {"id_token": jwt.encode({"alg": "RS256", "kid": "k1"}, claims, key), "token_type": "Bearer"}
        )


def _json(found: Any) -> Response:
    return Response(json.dumps(found), mimetype="application/json")


@contextmanager
def provider() -> Iterator[Idp]:
    """The provider, answering until the block ends."""
    idp = Idp()

    def app(environ: Any, start: Any) -> Any:
        return idp.answer(Request(environ))(environ, start)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    idp.url = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield idp
    finally:
        server.shutdown()
        thread.join()
