"""Coming in through an outside identity provider: OpenID Connect, code flow with PKCE, state and nonce.

The provider proves a subject; only a person who linked this subject before comes in. An e-mail address proves
nothing here: whoever may write one at the provider could take any account.
"""

import hashlib
import json
import secrets
import time
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import delete, insert, select, update

from app.access import sign_in
from app.access.models import Credential, Factor, OutsideIdentity, Person, PersonKind
from app.access.queries import Identity, public_id_of
from app.access.rules import clean_login
from app.access.rules_providers import Provider, read_providers, twice
from app.access.service_passkeys import spend
from app.kernel.crypto import keyring
from app.kernel.db import reader, table_of
from app.kernel.errors import NotFound, Refused, Unavailable
from app.kernel.ids import public_id
from app.kernel.settings import settings
from app.kernel.work import Work, system, work

_known, _person, _credential = table_of(OutsideIdentity), table_of(Person), table_of(Credential)
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
SECONDS = 5.0
DESCRIBED_FOR = 600
LEEWAY_SECONDS = 60
ANSWER_BYTES = 262_144


class Journey(NamedTuple):
    """What the browser carries to the provider and back, sealed; link: whose account to link, or 0."""

    provider: str
    state: str
    nonce: str
    verifier: str
    link: int = 0


class Vouched(NamedTuple):
    """Whom the provider vouches for."""

    provider: str
    subject: str
    name: str
    login: str
    strong: bool


def providers() -> tuple[Provider, ...]:
    """The providers of this installation."""
    chosen = settings()
    return read_providers(chosen.identity_providers.get_secret_value(), plain_http=not chosen.production)


def provider(name: str) -> Provider:
    """One of them; `NotFound` otherwise."""
    for one in providers():
        if one.name == name:
            return one
    raise NotFound("There is no such identity provider.")


def begin(name: str, back: str, *, link: int = 0) -> tuple[str, Journey]:
    """The address to send the browser to, and what it must bring back. back: our address it returns to."""
    chosen = provider(name)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    made = Journey(name, state, nonce, verifier, link)
    digest = hashlib.sha256(made.verifier.encode()).digest()
    asked = {
        "response_type": "code", "client_id": chosen.client_id, "redirect_uri": back,
        "scope": "openid profile", "state": made.state, "nonce": made.nonce, "code_challenge_method": "S256",
        "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
    }  # fmt: skip
    where = str(described(chosen)["authorization_endpoint"])
    return where + ("&" if "?" in where else "?") + urlencode(asked), made


def finish(journey: Journey, given: dict[str, str], back: str) -> Vouched:
    """Whom the provider vouches for; `NotSignedIn` when anything about its answer is not as it must be."""
    chosen = provider(journey.provider)
    if not secrets.compare_digest(given.get("state", "").encode(), journey.state.encode()):
        raise sign_in.NotSignedIn()
    if given.get("iss", chosen.issuer) != chosen.issuer or not given.get("code"):
        raise sign_in.NotSignedIn()
    with work(system("sign_in", door="page")) as w:
        spend(w, "state", journey.state.encode())
    asked = {
        "grant_type": "authorization_code", "code": given["code"], "redirect_uri": back,
        "code_verifier": journey.verifier,
    }  # fmt: skip
    answer = _ask(
        "POST",
        str(described(chosen)["token_endpoint"]),
        data=asked,
        auth=(chosen.client_id, chosen.client_secret),
    )
    claims = _claims(chosen, str(answer.get("id_token", "")), journey.nonce)
    login = str(claims.get("preferred_username") or claims.get("email") or "")
    named = str(claims.get("name") or login)[:200]
    return Vouched(chosen.name, str(claims["sub"])[:255], named, login, twice(claims, chosen))


def _claims(chosen: Provider, token: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token whose signature, issuer, audience, nonce and times are right."""

    rules = jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": chosen.issuer},
        aud={"essential": True, "value": chosen.client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        keys = KeySet.import_key_set(cast(Any, _ask("GET", str(described(chosen)["jwks_uri"]))))
        read = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        rules.validate(read)
    except (JoseError, ValueError, KeyError):
        raise sign_in.NotSignedIn() from None
    several = isinstance(read.get("aud"), list) and len(read["aud"]) > 1
    if (several or "azp" in read) and read.get("azp") != chosen.client_id:
        raise sign_in.NotSignedIn()
    return dict(read)


def described(chosen: Provider) -> dict[str, Any]:
    """How the provider describes itself, kept for ten minutes; `Unavailable` when it does not answer."""
    return _described(chosen, int(time.monotonic() // DESCRIBED_FOR))


@cache
def _described(chosen: Provider, _window: int) -> dict[str, Any]:
    found = _ask("GET", chosen.configuration)
    wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if found.get("issuer") != chosen.issuer or not all(isinstance(found.get(one), str) for one in wanted):
        raise Unavailable(f"{chosen.label} describes itself as somebody else")
    return found


def _ask(method: str, address: str, **more: Any) -> dict[str, Any]:
    """One request to a provider: no redirects, five seconds, an answer of bounded size: a JSON object."""
    try:
        answer = httpx.request(method, address, timeout=SECONDS, follow_redirects=False, **more)
    except httpx.HTTPError as problem:
        raise Unavailable(f"the identity provider does not answer: {type(problem).__name__}") from None
    if answer.status_code >= 500:
        raise Unavailable(f"the identity provider answers {answer.status_code}")
    try:
        found = json.loads(answer.content[:ANSWER_BYTES]) if answer.status_code == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise sign_in.NotSignedIn()
    return found


def enter(vouched: Vouched, *, address: str = "", agent: str = "") -> sign_in.Issued:
    """The session of whoever linked this subject; without one the answer is that of a wrong password."""
    subject = keyring().blind(f"{vouched.provider}|{vouched.subject}", "guess.outside")
    sign_in.count_guess(subject, address)
    with reader().begin() as db:
        mine = (_known.c.provider == vouched.provider) & (_known.c.subject == vouched.subject)
        person_id = db.execute(select(_known.c.person_id).where(mine)).scalar()
    if person_id is None and settings().newcomers:
        person_id = _welcome(vouched)
    person = sign_in.by_person(person_id) if person_id is not None else None
    if person is None or person.state != "active" or person.kind != PersonKind.HUMAN:
        sign_in.miss(person, "page", address)
    with work(sign_in.as_person(person, "page", address)) as w:
        w.db.execute(update(_known).where(mine).values(used_at=w.now))
    sign_in.forgive(subject, address)
    factor = Factor.OUTSIDE_TWICE if vouched.strong else Factor.OUTSIDE
    return sign_in.enter(person, sign_in.Visit(address, agent, factor, vouched.provider))


def _welcome(vouched: Vouched) -> int | None:
    """An account without any role for somebody new; None when the login it would have is taken or is none."""
    try:
        login = clean_login(vouched.login)
    except Refused:
        return None
    with work(system("identity provider", door="page")) as w:
        if w.db.execute(select(_person.c.id).where(_person.c.login == login)).first():
            return None
        row = {"public_id": public_id(), "login": login, "name": vouched.name or login, "added_at": w.now}
        person_id = int(w.db.execute(insert(_person).values(row).returning(_person.c.id)).scalar_one())
        # Nobody knows this password: they come in through the provider, or after an administrator's reset.
        nobody = {
            "password": sign_in.hash_of_nobody(),
            "set_at": w.now,
            "must_change": True,
            "good_until": w.now,
        }
        w.db.execute(insert(_credential).values(person_id=person_id, **nobody))
        w.audit("person.added", "C", "person", row["public_id"], detail={"provider": vouched.provider})
        _link(w, person_id, vouched)
    return person_id


def link(identity: Identity, vouched: Vouched, *, address: str = "") -> None:
    """Let this subject come in as this person from now on; refused when it comes in as somebody else."""
    with work(identity.actor("signed_in", {"address": address})) as w:
        _link(w, identity.person_id, vouched)


def _link(w: Work, person_id: int, vouched: Vouched) -> None:
    theirs = (_known.c.provider == vouched.provider) & (_known.c.subject == vouched.subject)
    mine = (_known.c.provider == vouched.provider) & (_known.c.person_id == person_id)
    if w.db.execute(select(_known.c.id).where(theirs | mine)).first():
        raise Refused("This is linked already; unlink the other one first.", code="linked")
    row = {
        "person_id": person_id,
        "provider": vouched.provider,
        "subject": vouched.subject,
        "linked_at": w.now,
    }
    w.db.execute(insert(_known).values(row))
    detail = {"provider": vouched.provider}
    w.audit("outside.linked", "U", "person", public_id_of(w.db, person_id), detail=detail)


def unlink(identity: Identity, name: str) -> None:
    """Nobody comes in through this provider as this person any more."""
    with work(identity.actor("signed_in")) as w:
        mine = (_known.c.person_id == identity.person_id) & (_known.c.provider == name)
        if w.db.execute(delete(_known).where(mine)).rowcount != 1:
            raise NotFound("This is not linked.")
        w.audit("outside.unlinked", "U", "person", identity.public_id, detail={"provider": name})


def leave(name: str, back: str) -> str:
    """Where to sign out of the provider too; empty when it offers no such place."""
    chosen = provider(name)
    where = described(chosen).get("end_session_endpoint")
    if not isinstance(where, str):
        return ""
    asked = {"client_id": chosen.client_id, "post_logout_redirect_uri": back}
    return where + ("&" if "?" in where else "?") + urlencode(asked)
