"""Sign-in and what belongs to a person: password, second factor; the way home, the search, the health
checks.
"""

import base64

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from app.access import queries_sessions as where
from app.access import service_factors as factors
from app.access import sign_in as access
from app.access.queries import Identity
from app.kernel.crypto import keyring
from app.kernel.errors import Refused
from app.kernel.work import reading
from app.web import gate, health, nav, pages_account, pages_coming_in
from app.web.door import actor, me
from app.web.finders import find

pages = Blueprint("web", __name__)
pages_coming_in.add_to(pages)
pages_account.add_to(pages)
FACTOR = "second factor"


def _person() -> Identity:
    found = me()
    if found is None:
        raise gate.SignInFirst()
    return found


def _address() -> str:
    return request.remote_addr or ""


@pages.get("/")
def home() -> AnyResponse | str:
    """The first screen this person may see; a welcome while there is none."""
    screens = nav.links() or nav.links(nav.MORE)
    return redirect(screens[0].href, 303) if screens else render_template("home.html")


@pages.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
def sign_in_page() -> AnyResponse | tuple[str, int] | str:
    """The form, and what comes of it."""
    back = request.values.get("next", "")
    if request.method == "GET":
        left = request.args.get("left", "")
        more = pages_coming_in.choices()
        return render_template("sign_in.html", next=back, problem=None, login="", left=left, **more)
    form = request.form
    try:
        issued = pages_coming_in.by_form(form, address=_address(), agent=request.user_agent.string)
    except Refused as problem:
        login, more = form.get("login", "")[:80], pages_coming_in.choices()
        shown = render_template("sign_in.html", next=back, problem=problem, login=login, left="", **more)
        return shown, problem.status
    session.clear()
    return gate.set_cookie(redirect(gate.safe_next(back), 303), issued)


@pages.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session on the server; the browser's copy is worth nothing after."""
    mine = _person()
    access.sign_out(mine)
    session.clear()
    answer = gate.set_cookie(redirect(url_for("web.sign_in", left=mine.provider or None), 303), None)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@pages.route("/password", methods=["GET", "POST"])
def password() -> AnyResponse | tuple[str, int] | str:
    """Choose a password; required at the first sign-in."""
    person = _person()
    if request.method == "GET":
        return render_template("change_password.html", problem=None, first=person.must_change)
    form, problem = request.form, None
    try:
        if form.get("new") != form.get("again"):
            raise Refused("The two new passwords differ.", code="again", field="again")
        issued = access.change_password(person, form.get("old", ""), form.get("new", ""), address=_address())
    except Refused as refusal:
        problem = refusal
        return render_template(
            "change_password.html", problem=problem, first=person.must_change
        ), problem.status
    session.clear()
    flash("Your password is changed. Every other session of yours has ended.", "good")
    return gate.set_cookie(redirect(url_for("web.home"), 303), issued)


@pages.route("/second-factor", methods=["GET", "POST"])
def second_factor() -> AnyResponse | tuple[str, int] | str:
    """Add an authenticator: the secret is shown once and kept when its first code was right."""
    person, problem = _person(), None
    with reading(actor()) as w:
        held = where.factors_of(w, person.person_id)
    if held.authenticator:
        return render_template("second_factor.html", secret=None, problem=None)
    if request.method == "POST" and session.get(FACTOR):
        secret = keyring().open(base64.b64decode(session[FACTOR]), FACTOR)
        try:
            issued = factors.add_second_factor(
                person, secret, request.form.get("code", ""), address=_address()
            )
            session.clear()
            flash("Your second factor is in place.", "good")
            return gate.set_cookie(redirect(url_for("web.home"), 303), issued)
        except Refused as refusal:
            problem = refusal
    else:
        secret = factors.new_second_factor()
        # The form's cookie is signed, not secret: until the first code is right, the key travels sealed.
        session[FACTOR] = base64.b64encode(keyring().seal(secret, FACTOR)).decode()
    status = problem.status if problem else 200
    return render_template("second_factor.html", secret=secret, problem=problem), status


@pages.route("/search", methods=["GET", "POST"])
def search() -> str:
    """Find anything by name, number or `=123.45`. By POST, because what people search for must not stand in
    a URL.
    """
    text = request.form.get("q", "").strip()
    hits = []
    if text:
        with reading(actor()) as w:
            hits = find(w, text)
    return render_template("search.html", text=text, hits=hits)


@pages.get("/healthz")
def healthz() -> Response:
    """The process answers; says nothing else."""
    return Response("ok\n", mimetype="text/plain")


@pages.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Can work be done: the database answers, jobs do not pile up. Words and seconds only."""
    found = health.look()
    return jsonify(found), 200 if found["ready"] else 503
