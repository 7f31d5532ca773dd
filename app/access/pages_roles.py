"""Role requests, who may do what, and the quarterly access review."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.access import queries, service, service_roles
from app.access import queries_sessions as where
from app.access.lifecycle import RequestMove, RequestState
from app.access.models import EndReason
from app.access.rules import ROLES, conflicts_of, home_words, policy
from app.access.service_roles import quarter_of
from app.entities import queries as entities
from app.kernel.clock import now
from app.kernel.errors import NotFound, Refused
from app.kernel.export import Column, Kind
from app.kernel.work import Work, reading, work
from app.web.door import actor, download

EVERYWHERE = queries.EVERY_ENTITY
Answer = AnyResponse | tuple[str, int] | str


def add_to(pages: Blueprint) -> None:
    """Put these pages beside the list of people."""
    pages.get("/requests", endpoint="requests")(requests)
    pages.post("/requests", endpoint="ask")(ask)
    pages.post("/requests/<public_id>/<any(give, refuse, withdraw):verb>", endpoint="decide")(decide)
    pages.get("/matrix", endpoint="matrix")(matrix)
    pages.get("/review", endpoint="review")(review)
    pages.post("/review", endpoint="sign_review")(sign_review)
    pages.post("/<public_id>/home", endpoint="home")(home)
    pages.post("/<public_id>/sign-out", endpoint="sign_out")(sign_out)
    pages.post("/<public_id>/sessions/<handle>/end", endpoint="end_session")(end_session)


def places(w: Work) -> tuple[list[object], dict[int, str]]:
    """The entities a role may hold at, and their names."""
    found = entities.practices(w)
    return list(found), {EVERYWHERE: "every entity", **{one.id: one.name for one in found}}


def entity_key(w: Work, text: str) -> int:
    """The entity a form names by its public id; empty means every entity."""
    if not text:
        return EVERYWHERE
    found = [one.id for one in entities.practices(w) if one.public_id == text]
    if not found:
        raise Refused("There is no such billing entity.", code="entity", field="entity")
    return found[0]


def requests() -> str:
    """Wishes for roles that wait, and the form for a new one."""
    return _requests(None)


def _requests(problem: Refused | None) -> str:
    with reading(actor()) as w:
        waiting = where.role_requests(w)
        done = [
            one for state in (RequestState.GIVEN, RequestState.REFUSED, RequestState.WITHDRAWN)
            for one in where.role_requests(w, state=state, limit=20)
        ]  # fmt: skip
        offered, names = places(w)
    done.sort(key=lambda one: one.decided_at or one.asked_at, reverse=True)
    roles = [(role, role.replace("_", " ").capitalize()) for role in ROLES]
    return render_template(
        "access/requests.html", waiting=waiting, done=done[:30], places=offered, names=names, roles=roles,
        form=request.form, problem=problem, rights=policy().rights, why=conflicts_of,
    )  # fmt: skip


def ask() -> Answer:
    """Ask for a role for somebody."""
    form = request.form
    try:
        with work(actor()) as w:
            at = entity_key(w, form.get("entity", ""))
            service_roles.ask_role(
                w, form.get("login", ""), form.get("role", ""), reason=form.get("reason", ""), entity_id=at
            )
    except Refused as problem:
        return _requests(problem), problem.status
    flash("Asked. Another administrator decides.", "good")
    return redirect(url_for("access.requests"), 303)


def decide(public_id: str, verb: str) -> Answer:
    """Give, refuse or withdraw."""
    version = request.form.get("version", "")
    try:
        with work(actor()) as w:
            number = int(version) if version.isascii() and version.isdigit() else 0
            service_roles.decide(w, public_id, RequestMove(verb), version=number)
    except NotFound:
        raise
    except Refused as problem:
        return _requests(problem), problem.status
    flash({"give": "Given; open sessions of this person have ended.", "refuse": "Refused.",
           "withdraw": "Withdrawn."}[verb], "good")  # fmt: skip
    return redirect(url_for("access.requests"), 303)


@dataclass(frozen=True)
class RightRow:
    """A right and the roles that hold it."""

    name: str
    guarded: bool
    holders: frozenset[str]


def matrix() -> AnyResponse | str:
    """Who may do what: the policy table as people read it."""
    table = policy()
    rows = [RightRow(name, name in table.guarded, holders) for name, holders in sorted(table.rights.items())]
    columns = (
        Column("name", "Right"),
        Column("guarded", "Needs a second factor", Kind.FLAG),
        *(Column(role, role.replace("_", " "), Kind.FLAG, value=_holds(role)) for role in ROLES),
    )
    with reading(actor()) as w:
        if wanted := request.args.get("format"):
            return download(w, columns, rows, "who-may-do-what", wanted)
    pairs = sorted({(min(role, other), max(role, other), why) for role in ROLES
                    for other, why in conflicts_of(role).items()})  # fmt: skip
    return render_template("access/matrix.html", rows=rows, roles=ROLES, pairs=pairs, weighty=table.weighty)


def _holds(role: str) -> Callable[[RightRow], bool]:
    return lambda row: role in row.holders


REVIEW = (
    Column("name", "Name"),
    Column("login", "Login"),
    Column("roles", "Roles", value=lambda row: row.roles.replace("_", " ")),
    Column("second_factor", "Second factor", Kind.FLAG),
    Column("last_seen", "Last came in", Kind.INSTANT),
    Column("state", "State", Kind.STATE),
)


def review() -> str:
    """Everybody's roles for the quarter's look, and the reviews that were signed."""
    with reading(actor()) as w:
        rows, signed = queries.people(w), where.reviews(w)
    moment = now()
    quarter = quarter_of(moment.year, moment.month)
    return render_template("access/review.html", columns=REVIEW, rows=rows, signed=signed, quarter=quarter)


def sign_review() -> AnyResponse:
    """Sign this quarter's review."""
    try:
        with work(actor()) as w:
            made = service_roles.sign_review(w, remark=request.form.get("remark", ""))
        flash(f"The access review of {made.quarter} is signed; its rows are kept as they are now.", "good")
    except Refused as problem:
        flash(problem.message, "bad")
    return redirect(url_for("access.review"), 303)


def home(public_id: str) -> AnyResponse:
    """Keep the fingerprint of where somebody lives."""
    street, zip_code = request.form.get("street", "").strip(), request.form.get("zip", "").strip()
    words = home_words(street, zip_code)
    if (street or zip_code) and not words:
        flash("Type the street and a ZIP code of five digits, or leave both empty.", "bad")
        return redirect(url_for("access.person", public_id=public_id), 303)
    with work(actor()) as w:
        service.set_home(w, queries.person(w, public_id).login, words)
    flash("Kept as a fingerprint." if words else "Forgotten.", "good")
    return redirect(url_for("access.person", public_id=public_id), 303)


def _key(w: Work, public_id: str) -> int:
    found = where.person_key(w, public_id)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def sign_out(public_id: str) -> AnyResponse:
    """End every session and token of somebody."""
    with work(actor()) as w:
        w.may("people.write")
        ended = service.end_sessions(w, _key(w, public_id), EndReason.ENDED)
    flash(f"{ended} ended.", "good")
    return redirect(url_for("access.person", public_id=public_id), 303)


def end_session(public_id: str, handle: str) -> AnyResponse:
    """End one session or token of somebody."""
    with work(actor()) as w:
        w.may("people.write")
        service.end_session(w, _key(w, public_id), handle)
    flash("Ended.", "good")
    return redirect(url_for("access.person", public_id=public_id), 303)
