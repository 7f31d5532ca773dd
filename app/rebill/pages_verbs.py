"""What a person does with one submission: finish, hold, sign, give it up, and on to the next."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import NotFound, Refused
from app.kernel.typed import read_day
from app.kernel.work import Work, reading, work
from app.rebill import queries_set, service, service_holds, service_owner
from app.rebill.pages import back_to_list, pages, queue_of, version_of
from app.rebill.pages_acts import owner_of
from app.rebill.pages_editor import show
from app.web.door import actor


def _done(public_id: str, words: str, verb: Callable[[Work], object]) -> AnyResponse | tuple[str, int]:
    try:
        with work(actor()) as w:
            verb(w)
    except NotFound:
        raise
    except Refused as problem:
        with reading(actor()) as w:
            return show(w, public_id, problem), problem.status
    flash(words, "good")
    return redirect(url_for("rebill.editor", public_id=public_id), 303)


def _version() -> int:
    return version_of(request.form.get("version", ""))


@pages.post("/rebill/<public_id>/finish")
def finish(public_id: str) -> AnyResponse | tuple[str, int]:
    """It is right: it waits for the next batch, and the next one of the list comes."""
    query = request.form.get("queue", "")
    try:
        with work(actor()) as w:
            service.finish(w, public_id, _version())
            following = queries_set.following(w, queue_of(query), public_id)
    except NotFound:
        raise
    except Refused as problem:
        with reading(actor()) as w:
            return show(w, public_id, problem), problem.status
    flash("Finished: it waits for the next batch.", "good")
    if following is None:
        return redirect(back_to_list(query), 303)
    return redirect(url_for("rebill.editor", public_id=following), 303)


@pages.post("/rebill/<public_id>/reopen")
def reopen(public_id: str) -> AnyResponse | tuple[str, int]:
    """Back to the draft."""
    return _done(public_id, "It is a draft again.", lambda w: service.reopen(w, public_id, _version()))


@pages.post("/rebill/<public_id>/resend")
def resend(public_id: str) -> AnyResponse | tuple[str, int]:
    """Open the successor of a rejected one."""
    try:
        with work(actor()) as w:
            made = service.resend(w, public_id)
    except NotFound:
        raise
    except Refused as problem:
        with reading(actor()) as w:
            return show(w, public_id, problem), problem.status
    flash("This is its successor, with everything that was typed.", "good")
    return redirect(url_for("rebill.editor", public_id=made), 303)


@pages.post("/rebill/<public_id>/cancel")
def cancel(public_id: str) -> AnyResponse | tuple[str, int]:
    """Give it up."""
    why = request.form.get("reason", "")
    return _done(public_id, "Cancelled.", lambda w: service.cancel(w, public_id, _version(), why))


@pages.post("/rebill/<public_id>/sign")
def sign(public_id: str) -> AnyResponse | tuple[str, int]:
    """Stand for changed codes."""
    return _done(public_id, "Signed.", lambda w: service.sign_coding(w, public_id, _version()))


@pages.post("/rebill/<public_id>/hold")
def hold(public_id: str) -> AnyResponse | tuple[str, int]:
    """Keep it back until a day."""
    form = request.form

    def verb(w: Work) -> None:
        until = read_day(form.get("until", ""), "until", w.now.date())
        service_holds.hold(
            w, public_id, _version(), reason=form.get("reason", ""), until=until, note=form.get("note", "")
        )

    return _done(public_id, "Held. It goes again by itself on that day.", verb)


@pages.post("/rebill/<public_id>/lift")
def lift(public_id: str) -> AnyResponse | tuple[str, int]:
    """End its holds."""
    why = request.form.get("why", "")
    return _done(public_id, "Released.", lambda w: service_holds.lift(w, public_id, _version(), why=why))


@pages.post("/rebill/<public_id>/assign")
def assign(public_id: str) -> AnyResponse | tuple[str, int]:
    """Give it to me, to a person, or to nobody."""

    def verb(w: Work) -> None:
        owner = owner_of(w, request.form.get("owner", ""))
        service_owner.assign(w, public_id, owner_id=owner, version=_version())

    return _done(public_id, "Noted.", verb)


@pages.post("/rebill/<public_id>/note")
def note(public_id: str) -> AnyResponse | tuple[str, int]:
    """Write a note."""

    def verb(w: Work) -> None:
        service_owner.note(w, public_id, request.form.get("text", ""))

    return _done(public_id, "Noted.", verb)
