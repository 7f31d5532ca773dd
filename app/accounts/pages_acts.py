"""What somebody does on an account: each form calls one verb, and the account stands anew afterwards."""

from collections.abc import Callable
from datetime import date

from flask import flash, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import queries, queries_visits, service_calls
from app.accounts.pages import pages
from app.accounts.pages_account import TICKETS, identified, show
from app.contacts import service as contacts
from app.contacts import service_attempts, service_disputes, service_holds, service_promises
from app.contacts.lifecycle import Direction, Reach
from app.contacts.service_promises import Promising
from app.flows import account_acts, desk_acts, people_acts
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.typed import read_day
from app.kernel.work import Work, work
from app.patients import queries_guarantors, queries_reach, service_reach
from app.patients.lifecycle import Channel
from app.patients.queries_guarantors import GuarantorRow
from app.web.door import actor

Verb = Callable[[Work, GuarantorRow], object]


def done(
    public_id: str, words: str, verb: Verb, form: str, *, stay: bool = True
) -> AnyResponse | tuple[str, int]:
    """Run a verb on an account; a refusal is shown on the page it was asked from, and nothing has changed."""
    try:
        with work(actor()) as w:
            account = queries_guarantors.by_public(w, public_id)
            verb(w, account)
            account_acts.stand(w, account.entity_id, [account.id])
    except NotFound:
        raise
    except Refused as problem:
        return show(public_id, problem, form), problem.status
    if words:
        flash(words, "good")
    return redirect(here(public_id, call=stay), 303)


def here(public_id: str, *, call: bool = True) -> str:
    """The page after an act; `call` False: the call is over, and Enter goes on to the next account."""
    on_the_phone = (request.form.get("call") or None) if call else None
    return url_for("accounts.account", public_id=public_id, call=on_the_phone, over=None if call else "1")


def _day(field: str, today: date) -> date | None:
    text = request.form.get(field, "").strip()
    return read_day(text, field, today) if text else None


def _promising(w: Work, account: GuarantorRow) -> Promising | None:
    if not request.form.get("promised_on", "").strip():
        return None
    day = read_day(request.form["promised_on"], "promised_on", w.today(account.time_zone))
    return Promising(
        amount=desk_acts.amount(request.form, "promised_amount"), promised_on=day, due=_due(w, account)
    )


def _due(w: Work, account: GuarantorRow) -> Money:
    """What the account owes now."""
    standing = queries.standing(w, [account.id]).get(account.id)
    return standing.due if standing else Money(0)


# ---------------------------------------------------------------- reaching them


@pages.post("/<public_id>/dial")
def dial(public_id: str) -> AnyResponse | tuple[str, int]:
    """Ask the guards before it rings; from now on the call counts."""
    try:
        with work(actor()) as w:
            account = queries_guarantors.by_public(w, public_id)
            consented = request.form.get("consented", "").strip()
            extra = {"consented": consented} if consented else None
            ticket = service_attempts.begin(w, account.id, Reach.CALL, _point(w, account), extra=extra)
    except NotFound:
        raise
    except Refused as problem:
        return show(public_id, problem, "dial"), problem.status
    session[TICKETS] = {public_id: ticket.token}
    flash("The call is on record. Identify the person, then wrap it up (c).", "info")
    return redirect(url_for("accounts.account", public_id=public_id, call="out"), 303)


def _point(w: Work, account: GuarantorRow) -> int | None:
    wanted = request.form.get("point", "")
    if not wanted:
        return None
    known = queries_reach.points(w, [account.id]).get(account.id, [])
    found = next((one.id for one in known if one.public_id == wanted), None)
    if found is None:
        raise NotFound("There is no such number.", field="point")
    return found


@pages.post("/<public_id>/dial/drop")
def drop_call(public_id: str) -> AnyResponse | tuple[str, int]:
    """It never rang: the call that was begun does not count."""
    ticket = session.get(TICKETS, {}).get(public_id, "")
    answer = done(public_id, "The call does not count.",
                  lambda w, account: service_attempts.drop(w, account.id, ticket), "dial")  # fmt: skip
    if not isinstance(answer, tuple):
        session.pop(TICKETS, None)
    return answer


@pages.post("/<public_id>/call")
def log_call(public_id: str) -> AnyResponse | tuple[str, int]:
    """How a call ended, with what was said and what follows."""
    ticket = session.get(TICKETS, {}).get(public_id, "")

    def verb(w: Work, account: GuarantorRow) -> None:
        form, today = request.form, w.today(account.time_zone)
        direction = Direction.IN if form.get("direction") == "in" else Direction.OUT
        service_attempts.wrap_up(
            w, account.id, Reach.CALL, direction, result=form.get("result", ""),
            ticket=ticket if direction is Direction.OUT else "", why=form.get("why", ""),
            note=form.get("note", ""), right_party=identified(public_id),
            next_on=_day("next_on", today), promise=_promising(w, account),
        )  # fmt: skip
        service_calls.called(w, account.id)

    answer = done(public_id, "The call is on the account.", verb, "call", stay=False)
    if not isinstance(answer, tuple):
        session.pop(TICKETS, None)
    return answer


@pages.post("/<public_id>/note")
def note(public_id: str) -> AnyResponse | tuple[str, int]:
    """A note on the account."""

    def verb(w: Work, account: GuarantorRow) -> None:
        w.may("accounts.work")
        contacts.note(w, account.entity_id, "account", account.id, request.form.get("text", ""))

    return done(public_id, "Noted.", verb, "note")


@pages.post("/<public_id>/promise")
def promise(public_id: str) -> AnyResponse | tuple[str, int]:
    """What they promise to pay, and by which day."""

    def verb(w: Work, account: GuarantorRow) -> None:
        said = _promising(w, account)
        if said is None:
            raise Refused("Say by which day.", code="promise_day", field="promised_on")
        service_promises.promise(w, account.id, said)

    return done(public_id, "The promise is on the account; it is judged by what comes.", verb, "promise")


@pages.post("/<public_id>/promises/<promise>/withdraw")
def withdraw(public_id: str, promise: str) -> AnyResponse | tuple[str, int]:
    """A promise written down by mistake is taken back."""
    version, why = _version(), request.form.get("answer", "")

    def verb(w: Work, account: GuarantorRow) -> None:
        del account
        service_promises.withdraw(w, promise, why=why, version=version)

    return done(public_id, "The promise is taken back; it counts for nothing.", verb, "promise")


@pages.post("/<public_id>/consent")
def consent(public_id: str) -> AnyResponse | tuple[str, int]:
    """A yes or a no to being reached one way; a no holds at once."""

    def verb(w: Work, account: GuarantorRow) -> None:
        channel, _, said = request.form.get("channel", "").partition(":")
        if channel not in set(Channel):
            raise Refused("Choose the way they speak of.", code="unknown_channel", field="channel")
        proof = request.form.get("proof", "")
        service_reach.consent(w, account.public_id, Channel(channel), said == "yes", proof=proof)

    return done(public_id, "Their word is on record.", verb, "consent")


@pages.post("/<public_id>/confirm")
def confirm(public_id: str) -> AnyResponse | tuple[str, int]:
    """This person answers for the visits."""
    version = _version()

    def verb(w: Work, account: GuarantorRow) -> None:
        people_acts.confirm(w, account.public_id, version)

    return done(public_id, "Confirmed: they answer for it.", verb, "confirm")


# ---------------------------------------------------------------- holding back


@pages.post("/<public_id>/hold")
def hold(public_id: str) -> AnyResponse | tuple[str, int]:
    """Hold the account back, with a reason and, where it has one, an end."""

    def verb(w: Work, account: GuarantorRow) -> None:
        form, until = request.form, _day("until", w.today(account.time_zone))
        service_holds.place(w, account.id, form.get("kind", ""), reason=form.get("reason", ""), until=until)

    return done(public_id, "It is held.", verb, "hold")


@pages.post("/<public_id>/holds/<hold>/lift")
def lift(public_id: str, hold: str) -> AnyResponse | tuple[str, int]:
    """End a hold, with a reason."""
    version, why = _version(), request.form.get("answer", "")
    return done(public_id, "The hold is lifted.",
                 lambda w, _: service_holds.lift(w, hold, why=why, version=version), "hold")  # fmt: skip


def _version() -> int:
    text = request.form.get("version", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refused("This form is not complete. Load the page again.", code="version", field="version")
    return int(text)


@pages.post("/<public_id>/disputes")
def dispute(public_id: str) -> AnyResponse | tuple[str, int]:
    """They say a bill is wrong: what it is about is held from this moment on."""

    def verb(w: Work, account: GuarantorRow) -> None:
        form = request.form
        amount = desk_acts.amount(form, "disputed") if form.get("disputed", "").strip() else None
        service_disputes.open_dispute(
            w, account.id, said=form.get("said", ""), claim_id=_visit(w, account), amount=amount
        )

    return done(public_id, "The dispute is open; what it is about is not asked for.", verb, "dispute")


def _visit(w: Work, account: GuarantorRow) -> int | None:
    """The visit a form names; None for the whole account."""
    wanted = request.form.get("visit", "")
    if not wanted:
        return None
    known = queries_visits.visits(w, [account.id]).get(account.id, [])
    found = next((one.claim_id for one in known if one.public_id == wanted), None)
    if found is None:
        raise NotFound("There is no such visit.", field="visit")
    return found


@pages.post("/<public_id>/disputes/<dispute>/move")
def move_dispute(public_id: str, dispute: str) -> AnyResponse | tuple[str, int]:
    """Take the dispute a step on."""
    version, form = _version(), request.form

    def verb(w: Work, account: GuarantorRow) -> None:
        del account
        what, why = form.get("move", ""), form.get("why", "")
        service_disputes.move(w, dispute, what, version=version, why=why, outcome=form.get("outcome", ""))

    return done(public_id, "The dispute is a step on.", verb, "dispute")


@pages.post("/<public_id>/itemised")
def itemised(public_id: str) -> AnyResponse | tuple[str, int]:
    """Make the itemised bill they asked for; it answers and asks for nothing (RPAT-12)."""

    def verb(w: Work, account: GuarantorRow) -> None:
        desk_acts.itemise(w, account, request.form.get("language", ""))

    return done(public_id, "The itemised bill is among the statements.", verb, "letter")
