"""Your account: second factors, passkeys, linked sign-ins, where one is signed in; and emergency access."""

from collections.abc import Callable

from flask import Blueprint, flash, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.access import queries_sessions as where
from app.access import service, service_emergency, service_factors, sign_in
from app.access import service_outside as outside
from app.access import service_passkeys as passkeys
from app.access.models import Factor
from app.access.queries import Identity
from app.flows import privacy
from app.kernel.errors import Refused
from app.kernel.settings import settings
from app.kernel.work import reading, work
from app.web import gate, proofs
from app.web.door import actor, me
from app.web.pages_coming_in import ASKED, PENDING, travel

NEW = "new passkey"
Answer = AnyResponse | tuple[str, int] | str


def add_to(pages: Blueprint) -> None:
    """Put these pages under one's own name."""
    pages.get("/account")(account)
    pages.get("/account/passkeys/new", endpoint="passkey_new")(passkey_new)
    pages.post("/account/passkeys", endpoint="passkey_add")(passkey_add)
    pages.post("/account/passkeys/<public_id>/remove", endpoint="passkey_remove")(passkey_remove)
    pages.post("/account/recovery", endpoint="recovery")(recovery)
    pages.post("/account/second-factor/remove", endpoint="second_factor_remove")(factor_remove)
    pages.route("/account/prove", methods=["GET", "POST"], endpoint="prove")(prove)
    pages.get("/account/link/<provider>", endpoint="link_ask")(link_ask)
    pages.route("/account/link", methods=["GET", "POST"], endpoint="link")(link)
    pages.post("/account/unlink/<provider>", endpoint="unlink")(unlink)
    pages.post("/account/sessions/<handle>/end", endpoint="session_end")(session_end)
    pages.route("/emergency", methods=["GET", "POST"], endpoint="emergency")(emergency)
    pages.post("/emergency/end", endpoint="emergency_end")(emergency_end)


def person() -> Identity:
    """Who is signed in; the gate let nobody else through."""
    found = me()
    if found is None:
        raise gate.SignInFirst()
    return found


def address() -> str:
    """Where the request comes from."""
    return request.remote_addr or ""


def account() -> str:
    """Everything one proves oneself with, and everywhere one is signed in."""
    return _account()


def _account(problem: Refused | None = None) -> str:
    mine = person()
    with reading(actor()) as w:
        factors, sessions = where.factors_of(w, mine.person_id), where.sessions_of(w, mine.person_id)
    others = [one for one in outside.providers() if one.name not in factors.linked]
    labels = {one.name: one.label for one in outside.providers()}
    return render_template(
        "account.html", factors=factors, sessions=sessions, providers=others, labels=labels, problem=problem,
        origin=settings().own_origin, here=request.host_url.rstrip("/"),
    )  # fmt: skip


def _attempt(verb: Callable[[], AnyResponse | str]) -> Answer:
    """Run a verb of this page; a refusal is told on the page, with nothing lost."""
    try:
        return verb()
    except Refused as problem:
        return _account(problem), problem.status


def passkey_new() -> AnyResponse:
    """What the device needs to make a passkey."""
    asked = passkeys.ask_registration(person())
    proofs.keep(NEW, asked.challenge.hex())
    return jsonify(asked.options)


def passkey_add() -> Answer:
    """Keep a passkey the device made; the first one comes with recovery codes, shown once."""

    def verb() -> AnyResponse | str:
        made = passkeys.register(
            person(), proofs.said(request.form.get("passkey", "")), proofs.challenge_taken(NEW),
            name=request.form.get("name", ""), address=address(),
        )  # fmt: skip
        return _renewed(
            made.session, "The passkey is in place; your other sessions have ended.", made.recovery
        )

    return _attempt(verb)


def _renewed(issued: sign_in.Issued, words: str, codes: list[str] | None = None) -> AnyResponse:
    session.clear()
    if codes:
        shown = gate.as_answer(render_template("recovery.html", codes=codes))
        return gate.set_cookie(shown, issued)
    flash(words, "good")
    return gate.set_cookie(redirect(url_for("web.account"), 303), issued)


def passkey_remove(public_id: str) -> Answer:
    """Forget a passkey."""
    mine = person()
    return _attempt(
        lambda: _renewed(passkeys.remove(mine, public_id, address=address()), "The passkey is forgotten.")
    )


def recovery() -> Answer:
    """Ten fresh recovery codes, shown once."""
    mine = person()
    return _attempt(
        lambda: render_template(
            "recovery.html", codes=service_factors.new_recovery_codes(mine, address=address())
        )
    )


def factor_remove() -> Answer:
    """Take the authenticator away."""
    mine = person()
    return _attempt(
        lambda: _renewed(
            service_factors.remove_second_factor(mine, address=address()), "The authenticator is removed."
        )
    )


def prove() -> Answer:
    """Prove the second factor in a session that came in without it."""
    mine, problem = person(), None
    if request.method == "POST":
        try:
            _prove(mine)
            flash("Proved. What needs a second factor is open to you now.", "good")
            return redirect(url_for("web.account"), 303)
        except Refused as refusal:
            problem = refusal
    shown = render_template("prove.html", problem=problem, passkeys=bool(settings().own_origin))
    return (shown, problem.status) if problem else shown


def _prove(mine: Identity) -> None:
    form = request.form
    if not form.get("passkey"):
        service_factors.prove_again(mine, form.get("code", ""), address=address())
        return
    proved = passkeys.prove(proofs.said(form["passkey"]), proofs.challenge_taken(ASKED), address=address())
    if proved.person_id != mine.person_id:
        raise Refused("That is not your passkey.", code="passkey_wrong")
    service_factors.note_factor(mine, Factor.PASSKEY)


def link_ask(provider: str) -> AnyResponse:
    """Go to the provider to show who one is there."""
    return travel(provider, link=person().person_id)


def link() -> Answer:
    """Confirm that this sign-in of the provider opens this account from now on."""
    mine = person()
    try:
        kept = proofs.take(PENDING)
        link_of, vouched = int(kept[0]), outside.Vouched(*kept[1:])
    except sign_in.NotSignedIn:
        return _account(Refused("That took too long. Start again.", code="too_late")), 422
    if link_of != mine.person_id:
        return _account(Refused("Somebody else began this. Start again.", code="not_yours")), 422
    if request.method == "GET":
        proofs.keep(PENDING, kept)
        label = outside.provider(vouched.provider).label
        return render_template("link.html", label=label, name=vouched.name or vouched.login)

    def verb() -> AnyResponse:
        outside.link(mine, vouched, address=address())
        flash("Linked. You can come in that way now.", "good")
        return redirect(url_for("web.account"), 303)

    return _attempt(verb)


def unlink(provider: str) -> Answer:
    """Nobody comes in through this provider any more."""
    mine = person()

    def verb() -> AnyResponse:
        outside.unlink(mine, provider)
        flash("Unlinked.", "good")
        return redirect(url_for("web.account"), 303)

    return _attempt(verb)


def session_end(handle: str) -> AnyResponse:
    """End one of one's sessions or tokens."""
    with work(actor()) as w:
        service.end_session(w, person().person_id, handle)
    flash("Ended.", "good")
    return redirect(url_for("web.account"), 303)


def emergency() -> Answer:
    """Ask for the records of a practice one has no right to see, for 60 minutes."""
    problem = None
    if request.method == "POST":
        try:
            practice = privacy.find_practice(request.form.get("practice", ""))
            with work(actor()) as w:
                service_emergency.open_emergency(w, practice.id, reason=request.form.get("reason", ""))
            flash("Emergency access is open for 60 minutes. Compliance has been told.", "warn")
            return redirect(url_for("web.home"), 303)
        except Refused as refusal:
            problem = refusal
    shown = render_template("emergency.html", problem=problem, form=request.form)
    return (shown, problem.status) if problem else shown


def emergency_end() -> AnyResponse:
    """End it before the hour is over."""
    with work(actor()) as w:
        service_emergency.end_emergencies(w)
    flash("Emergency access has ended.", "good")
    return redirect(url_for("web.home"), 303)
