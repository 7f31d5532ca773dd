"""My day: what waits in each queue, what comes next, what payers promised; for a lead, who holds how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import queries_day as queries_accounts
from app.contacts import queries as contacts
from app.contacts.queries import PromiseDue
from app.entities.service import DEFAULT_ZONE
from app.flows import hand_over as flow
from app.kernel import kept
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.work import Work, reading, work
from app.web import queues
from app.web.door import actor, can
from app.web.pages import pages
from app.worklist import queries_day
from app.worklist.queries_day import Load, QueueDay

SHOWN_PROMISES = 50
GOOD_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sums:
    """The figures above the queues."""

    count: int
    amount: Money
    late: int
    soon: int


@pages.get("/day")
def day() -> str:
    """What waits for me, or with `?view=team` for all of us."""
    return _day()


def _day(problem: Refused | None = None) -> str:
    wanted = request.args.get("view", "")
    with reading(actor()) as w:
        today = w.today(DEFAULT_ZONE)
        me = w.actor.person_id or 0
        found, at = _queues(w, today, me) if wanted != "team" else ([], None)
        # Who holds nothing sees what may be taken, unless it was me they asked for.
        team = wanted == "team" or (not found and wanted != "me")
        if team:
            found, at = _queues(w, today, None)
        found = sorted(found, key=lambda one: (queues.ORDER.get(one.queue, len(queues.ORDER)), one.queue))
        promises = _promises(w, None if team else me, today)
        leads = can("worklist.assign")
        return render_template(
            "day.html",
            today=today,
            team=team,
            counted_at=at,
            found=found,
            sums=_sums(found),
            label=queues.label,
            screen=queues.screen,
            now_due=[one for one in promises if one[0].promised_on == today],
            past_due=[one for one in promises if one[0].promised_on < today],
            shown_promises=SHOWN_PROMISES,
            calls=queries_accounts.calls(w, today) if can("accounts.read") else None,
            loads=_by_person(_loads(w, today)) if team and leads else [],
            workers=[(one.public_id, one.name) for one in queries_day.workers(w)] if team and leads else [],
            problem=problem,
            form=request.form,
        )


def _queues(w: Work, today: date, owner_id: int | None) -> tuple[list[QueueDay], datetime | None]:
    """The queues, and when they were counted if that was not just now: a million items are counted once a
    minute.
    """
    found = kept.counted(
        ("day", w.scope, owner_id, today),
        partial(queries_day.queues, w, today, owner_id),
        rows=lambda queues: sum(one.count for one in queues),
        good_for=GOOD_FOR,
    )
    return found.answer, None if found.fresh else found.at


def _loads(w: Work, today: date) -> list[Load]:
    return kept.counted(
        ("loads", w.scope, today),
        partial(queries_day.loads, w, today),
        rows=lambda loads: sum(one.count for one in loads),
        good_for=GOOD_FOR,
    ).answer


def _sums(found: Sequence[QueueDay]) -> Sums:
    return Sums(
        sum(one.count for one in found),
        Money.of_sum(sum(int(one.amount) for one in found)),
        sum(one.late for one in found),
        sum(one.soon for one in found),
    )


def _promises(w: Work, person_id: int | None, today: date) -> list[tuple[PromiseDue, str]]:
    """Promises due with the page of what they are about; without the right to read calls, none."""
    if not can("denials.read"):
        return []
    due = contacts.promises_due(w, person_id, today)
    places = queries_day.places(w, [(one.subject, one.subject_id) for one in due])
    return [
        (one, queues.page_of(place) if (place := places.get((one.subject, one.subject_id))) else "")
        for one in due
    ]


def _by_person(loads: Sequence[Load]) -> list[dict[str, Any]]:
    """One row per person: what each queue holds, and the sums."""
    rows: dict[str, dict[str, Any]] = {}
    for one in sorted(loads, key=lambda load: queues.ORDER.get(load.queue, len(queues.ORDER))):
        row = rows.setdefault(
            one.person,
            {"person": one.person, "name": one.name, "queues": [], "count": 0, "amount": 0, "late": 0},
        )
        row["queues"].append((one.queue, one.count))
        row["count"] += one.count
        row["amount"] += int(one.amount)
        row["late"] += one.late
    return sorted(rows.values(), key=lambda row: (not row["person"], row["name"]))


@pages.get("/day/next")
def day_next() -> AnyResponse:
    """Open the most pressing item that is mine or nobody's, of one queue or of all."""
    queue = request.args.get("queue", "")
    with reading(actor()) as w:
        owner = w.actor.person_id
        found = queries_day.next_item(w, queue=queue, owner_id=owner, mine_only=True)
        found = found or queries_day.next_item(w, queue=queue, owner_id=owner)
    address = queues.page_of(found) if found else ""
    if not address:
        flash("Nothing waits there for you.", "info")
    return redirect(address or url_for("web.day"), 303)


@pages.post("/day/hand-over")
def day_hand_over() -> AnyResponse | tuple[str, int]:
    """Give work of a queue from one person to another."""
    form = request.form
    queue, most = form.get("queue", ""), form.get("most", "")
    try:
        if not (most.isascii() and most.isdigit() and len(most) < 6):
            raise Refused("Say how many items should go.", code="hand_over_most", field="most")
        with work(actor()) as w:
            ends = [flow.person(w, form.get(name, "")) for name in ("from", "to")]
            count = flow.hand_over(w, queue, from_id=ends[0], to_id=ends[1], most=int(most))
    except Refused as problem:
        return _day(problem), problem.status
    flash(f"{count} items of {queues.label(queue)} have a new owner.", "good" if count else "info")
    return redirect(url_for("web.day", view="team"), 303)
