"""Coming in without a password: by passkey, or through an outside identity provider."""

from collections.abc import Mapping

from flask import Blueprint, flash, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.access import service_outside as outside
from app.access import service_passkeys as passkeys
from app.access import sign_in as access
from app.access.sign_in import Issued
from app.kernel.errors import NotFound, Refused
from app.kernel.settings import settings
from app.web import gate, proofs

NOT_LINKED = (
    "That sign-in did not work, or is not linked to an account here. Sign in with your password once, and "
    "link it under your name."
)
ASKED, JOURNEY, PENDING = "passkey", "journey", "link"


def add_to(pages: Blueprint) -> None:
    """Put these pages beside the sign-in form."""
    pages.get("/sign-in/passkey", endpoint="passkey_ask")(passkey_ask)
    pages.get("/sign-in/with/<provider>", endpoint="outside")(go_outside)
    pages.get("/sign-in/with/<provider>/back", endpoint="outside_back")(come_back)
    pages.get("/sign-in/with/<provider>/leave", endpoint="outside_leave")(leave)


def passkey_ask() -> AnyResponse:
    """What a passkey is asked to sign; the same for everybody."""
    asked = passkeys.ask_proof()
    proofs.keep(ASKED, asked.challenge.hex())
    return jsonify(asked.options)


def by_form(form: Mapping[str, str], *, address: str, agent: str) -> Issued:
    """The session of a filled-in sign-in form: passkey alone, or password with code or passkey."""
    login, password, code = form.get("login", ""), form.get("password", ""), form.get("code", "")
    proved = None
    if form.get("passkey"):
        challenge = proofs.challenge_taken(ASKED)
        proved = passkeys.prove(proofs.said(form["passkey"]), challenge, address=address)
        if proved.verified:
            return passkeys.enter(proved, address=address, agent=agent)
    mine = proved.person_id if proved else None
    return access.sign_in(login, password, code=code, passkey_of=mine, address=address, agent=agent)


def choices() -> dict[str, object]:
    """What the sign-in page offers besides the password."""
    return {"providers": outside.providers(), "passkeys": bool(settings().own_origin)}


def go_outside(provider: str) -> AnyResponse:
    """Send the browser to the provider."""
    return travel(provider)


def travel(provider: str, *, link: int = 0) -> AnyResponse:
    """Send the browser to the provider; link: the person whose account it is to be linked with."""
    where, journey = outside.begin(provider, back_address(provider), link=link)
    proofs.keep(JOURNEY, list(journey))
    return redirect(where, 303)


def back_address(provider: str) -> str:
    """Our address the provider sends the browser back to; it knows exactly this one."""
    return settings().own_origin + url_for("web.outside_back", provider=provider)


def come_back(provider: str) -> AnyResponse | tuple[str, int]:
    """What the provider said: somebody comes in, or an account is to be linked."""
    if provider not in {one.name for one in outside.providers()}:
        raise NotFound("There is no such identity provider.")
    address = request.remote_addr or ""
    try:
        journey = outside.Journey(*proofs.take(JOURNEY))
        if journey.provider != provider:
            raise access.NotSignedIn()
        vouched = outside.finish(journey, request.args, back_address(provider))
        if journey.link:
            proofs.keep(PENDING, [journey.link, *vouched])
            return redirect(url_for("web.link"), 303)
        issued = outside.enter(vouched, address=address, agent=request.user_agent.string)
    except Refused as problem:
        words = Refused(NOT_LINKED, code=problem.code) if problem.status == 401 else problem
        shown = render_template("sign_in.html", next="", problem=words, login="", **choices())
        return shown, problem.status
    session.clear()
    return gate.set_cookie(redirect(url_for("web.home"), 303), issued)


def leave(provider: str) -> AnyResponse:
    """Sign out of the provider too."""
    where = outside.leave(provider, settings().own_origin + url_for("web.sign_in"))
    if not where:
        flash("This provider has no way to sign out from here.", "info")
    return redirect(where or url_for("web.home"), 303)
