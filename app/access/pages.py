"""The screen People: who works here, with which roles at which entity; for administrators and for the access
review.
"""

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.access import pages_roles, queries, service, service_roles
from app.access import queries_sessions as where
from app.access.queries import EVERY_ENTITY, PersonRow
from app.access.rules import ROLES, conflicts_of, policy
from app.audit import queries as audit
from app.entities import queries as entities
from app.kernel.errors import Refused
from app.kernel.export import Column, Kind
from app.kernel.work import Work, reading, work
from app.web.door import actor, can, download, me

pages = Blueprint("access", __name__, url_prefix="/people", template_folder="templates")
pages_roles.add_to(pages)

COLUMNS = (
    Column("name", "Name"),
    Column("login", "Login"),
    Column("roles", "Roles"),
    Column("kind", "Kind", wide=False),
    Column("second_factor", "Second factor", Kind.FLAG),
    Column("last_seen", "Last came in", Kind.INSTANT),
    Column("state", "State", Kind.STATE),
)
ROLE_CHOICES = [(role, role.replace("_", " ").capitalize()) for role in ROLES]


@pages.get("/")
def people() -> AnyResponse | str:
    """Everybody; the file of it is the quarterly access review."""
    with reading(actor()) as w:
        rows, names = queries.people(w), _names(w)
        columns = tuple(
            replace(one, value=_roles_in(names)) if one.key == "roles" else one for one in COLUMNS
        )
        if wanted := request.args.get("format"):
            return download(w, columns, rows, "people", wanted)
    return render_template("access/people.html", columns=columns, rows=rows, waits=_waits())


def _names(w: Work) -> dict[int, str]:
    return {EVERY_ENTITY: "every entity", **{one.id: one.name for one in entities.practices(w)}}


def _roles_in(names: dict[int, str]) -> Callable[[PersonRow], str]:
    """The roles of a row in words: `clerk, supervisor at Alder Street`."""

    def told(row: PersonRow) -> str:
        places = [(role.replace("_", " "), at) for role, at in sorted(row.grants)]
        return ", ".join(
            role if at == EVERY_ENTITY else f"{role} at {names.get(at, '?')}" for role, at in places
        )

    return told


def _waits() -> bool:
    """Does this administrator only lack a second factor?"""
    person = me()
    return person is not None and not can("people.write") and "people.write" in policy().held_by(person.roles)


@pages.route("/new", methods=["GET", "POST"])
def add() -> AnyResponse | tuple[str, int] | str:
    """Add somebody; the one-time password is shown once, on this page only."""
    problem, form = None, request.form
    if request.method == "POST":
        try:
            with work(actor()) as w:
                role, at = form.get("role", ""), pages_roles.entity_key(w, form.get("entity", ""))
                made = service.add_person(
                    w, form.get("login", ""), form.get("name", ""), roles=[role] if role else [], entity_id=at
                )
            return render_template("access/once.html", login=made.login, once=made.one_time_password)
        except Refused as refusal:
            problem = refusal
    with reading(actor()) as w:
        places = entities.practices(w)
    shown = render_template("access/add.html", form=form, problem=problem, roles=ROLE_CHOICES, places=places)
    return (shown, problem.status) if problem else shown


@pages.get("/<public_id>")
def person(public_id: str) -> str:
    """One person: roles, where, and what happened to the account."""
    with reading(actor()) as w:
        found = queries.person(w, public_id)
        history = audit.history(w, "person", public_id)
        key = where.person_key(w, public_id) or 0
        factors, sessions = where.factors_of(w, key), where.sessions_of(w, key)
        places, names = entities.practices(w), _names(w)
    return render_template(
        "access/person.html",
        person=found,
        history=history,
        places=places,
        names=names,
        roles=ROLE_CHOICES,
        factors=factors,
        sessions=sessions,
        heavy=", ".join(role.replace("_", " ") for role in ROLES if policy().weighty(role)),
        why=conflicts_of,
    )


VERBS: dict[str, tuple[Callable[[Work, str], object], str]] = {
    "disable": (service.disable, "The account is closed; its sessions have ended."),
    "enable": (service.enable, "The account is open again."),
    "unlock": (service.unlock, "Missed passwords are forgotten."),
}


@pages.post("/<public_id>/<any(disable, enable, unlock):verb>")
def change(public_id: str, verb: str) -> AnyResponse:
    """Close, open or unlock an account."""
    call, words = VERBS[verb]
    with work(actor()) as w:
        call(w, queries.person(w, public_id).login)
    flash(words, "good")
    return redirect(url_for("access.person", public_id=public_id), 303)


@pages.post("/<public_id>/reset")
def reset(public_id: str) -> str:
    """A new one-time password, shown once."""
    with work(actor()) as w:
        login = queries.person(w, public_id).login
        once = service.reset_password(w, login)
    return render_template("access/once.html", login=login, once=once)


@pages.post("/<public_id>/<any(grant, revoke):verb>")
def roles(public_id: str, verb: str) -> AnyResponse:
    """Give or take back a role."""
    form = request.form
    try:
        with work(actor()) as w:
            login, at = queries.person(w, public_id).login, pages_roles.entity_key(w, form.get("entity", ""))
            said = _change_role(w, verb, login, at)
        flash(said, "good")
    except Refused as refusal:
        flash(refusal.message, "bad")
    return redirect(url_for("access.person", public_id=public_id), 303)


def _change_role(w: Work, verb: str, login: str, at: int) -> str:
    """Take a role back, give it, or ask another administrator to; returns what was done, in words."""
    role = request.form.get("role", "")
    if verb == "revoke":
        service.revoke(w, login, role, entity_id=at)
    elif service_roles.needs_two(w, role):
        service_roles.ask_role(w, login, role, reason=request.form.get("reason", ""), entity_id=at)
        return "This role takes two administrators: another one finds it under Role requests."
    else:
        service.grant(w, login, role, entity_id=at)
    return "The roles are changed; open sessions of this person have ended."
