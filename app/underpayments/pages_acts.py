"""Acts over many underpayments, shown before they are done; notes and calls about one."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.money import Money
from app.kernel.paging import Ask, ask_of
from app.kernel.work import Work, reading, work
from app.ledger.queries import read_day
from app.underpayments import queries, queries_set, service_bulk, service_contacts, service_dispute
from app.underpayments.pages import list_again, pages, show, version_of
from app.underpayments.rules_acts import MOST, Act
from app.web.door import actor, can, file_answer

SAMPLE_ROWS = 10
CAREFUL = (Act.VALIDATE, Act.GROUP, Act.RELEASE)
"""Acts over several that are shown first; a whole filter always is."""
PAST = {
    Act.MINE: "assigned", Act.RELEASE: "given back", Act.VALIDATE: "confirmed",
    Act.GROUP: "put into the project", Act.NOTE: "noted",
}  # fmt: skip


@pages.post("/underpayments/many")
def many() -> AnyResponse | tuple[str, int] | str:
    """Do one thing to the selected, or to all a filter finds; what is large is shown first."""
    form, back = request.form, request.form.get("back", "")[:1_000]
    whole = form.get("all") == "yes"
    seen: dict[str, int | None] = {}
    try:
        seen = {} if whole else _selected(form.getlist("case"))
        wanted = _act(form.get("verb", ""))
        if not whole and not seen:
            raise Refused("Select a line first: x, or *, or stand on it.", code="nothing_selected")
        if (whole or (wanted in CAREFUL and len(seen) > 1)) and form.get("confirmed") != "yes":
            return _preview(seen, back, whole=whole)
        with work(actor()) as w:
            if whole:
                seen = _as_shown(w, _set_of(back), form)
            done = service_bulk.act(w, seen, wanted, name=form.get("name", ""), text=form.get("text", ""))
    except Refused as problem:
        if form.get("confirmed") == "yes":
            return _preview(seen, back, whole=whole, problem=problem), problem.status
        flash(problem.message, "warn")
        return redirect(list_again(), 303)
    if done.done:
        lines = "1 underpayment" if done.done == 1 else f"{done.done:,} underpayments"
        flash(f"{lines} {PAST[wanted]}." + (" u takes it back." if done.bulk else ""), "good")
    if done.skipped:
        why = Counter(reason for _, reason in done.skipped)
        words = "; ".join(f"{reason} ({count})" for reason, count in why.most_common(5))
        flash(f"{len(done.skipped):,} left as they were: {words}", "warn")
    return redirect(list_again(), 303)


def _act(text: str) -> Act:
    if text not in {one.value for one in Act}:
        raise Refused("Choose what to do.", code="unknown_act", field="verb")
    return Act(text)


def _selected(chosen: list[str]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for one in chosen[:MOST]:
        public_id, _, version = one.partition(".")
        found[public_id] = version_of(version)
    return found


def _set_of(query: str) -> Ask:
    ask = ask_of(MultiDict(parse_qsl(query)), queries.SORTS, default="-amount", filters=queries.FILTERS)
    return replace(ask, limit=SAMPLE_ROWS, cursor="", format="", filters={"state": "open", **ask.filters})


def _as_shown(w: Work, ask: Ask, form: Mapping[str, str]) -> dict[str, int | None]:
    """The lines of a filter, if they are still those that were shown."""
    found = queries_set.measure(w, ask)
    if (str(found.count), str(int(found.amount))) != (form.get("count"), form.get("cents")):
        raise Stale(f"The set changed meanwhile: {found.count:,} lines now. Look again, then decide.")
    return dict.fromkeys(queries_set.publics(w, ask, MOST))


@pages.get("/underpayments/set")
def whole_set() -> str:
    """Everything the filters find, before anything is done with it."""
    return _preview({}, request.query_string.decode("ascii", "ignore"), whole=True)


def _preview(
    seen: Mapping[str, int | None], back: str, *, whole: bool, problem: Refused | None = None
) -> str:
    with reading(actor()) as w:
        if whole:
            ask = _set_of(back)
            found, rows = queries_set.measure(w, ask), list(queries.cases(w, ask).rows)
        else:
            found = queries_set.these(w, list(seen))
            rows = queries_set.sample(w, list(seen), SAMPLE_ROWS)
        return render_template(
            "underpayments/set.html",
            whole=whole,
            found=found,
            rows=rows,
            selected=[f"{one}.{version}" for one, version in seen.items()],
            back=back,
            problem=problem,
            most=MOST,
            working=can("underpayments.work"),
        )


@pages.post("/underpayments/undo")
def undo() -> AnyResponse:
    """Take back my last act, or the one named, as a whole."""
    try:
        with work(actor()) as w:
            named = request.form.get("bulk", "")[:20] or (service_bulk.last(w) or ("",))[0]
            undone = service_bulk.undo(w, named)
    except Refused as problem:
        flash(problem.message, "warn")
        return redirect(list_again(), 303)
    flash(f"{undone.done:,} stand as before.", "good")
    if undone.stale:
        flash(f"{len(undone.stale):,} were changed since and stay as they are.", "warn")
    return redirect(list_again(), 303)


# ---------------------------------------------------------------- what was said about one


@pages.post("/underpayments/<public_id>/note")
def note(public_id: str) -> AnyResponse | tuple[str, int]:
    """Write a note."""
    try:
        with work(actor()) as w:
            service_contacts.note(w, public_id, request.form.get("text", ""))
    except NotFound:
        raise
    except Refused as problem:
        return show(public_id, problem), problem.status
    flash("The note is kept.", "good")
    return redirect(url_for("underpayments.case", public_id=public_id), 303)


@pages.post("/underpayments/<public_id>/call")
def call(public_id: str) -> AnyResponse | tuple[str, int]:
    """Write down a call with the payer."""
    form = request.form
    try:
        amount = form.get("promised_amount", "").strip()
        with work(actor()) as w:
            service_contacts.call(
                w, public_id, outcome=form.get("outcome", ""), reference=form.get("reference", ""),
                representative=form.get("representative", ""), promised_on=_promised(form),
                promised_amount=Money.parse(amount) if amount else None, note=form.get("note", ""),
            )  # fmt: skip
    except NotFound:
        raise
    except Refused as problem:
        return show(public_id, problem), problem.status
    flash("The call is kept.", "good")
    return redirect(url_for("underpayments.case", public_id=public_id), 303)


def _promised(form: Mapping[str, str]) -> date | None:
    return read_day(form.get("promised_on", ""), "promised_on")


# ---------------------------------------------------------------- the letter


@pages.get("/underpayments/<public_id>/dispute.pdf")
def letter(public_id: str) -> AnyResponse:
    """The letter as it was sent, else as it would be sent today; `?draft=yes` for today's in any case."""
    with reading(actor()) as w:
        kept = None if request.args.get("draft") == "yes" else service_dispute.sent(w, public_id)
        content = service_dispute.draft(w, public_id) if kept is None else kept.read()
    return file_answer(content, f"dispute-{public_id}.pdf", "application/pdf")
