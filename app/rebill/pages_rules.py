"""The rules a claim is checked by: the list, one rule with its history, trying it and changing it."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.claims import queries as claims
from app.codes.pages import practice_of, reading_for
from app.denials.pages_playbook import days_of
from app.denials.queries_filters import read_day
from app.entities import queries as entities
from app.kernel.errors import NotFound, Refused
from app.kernel.paging import Ask
from app.kernel.work import Work, reading, work
from app.payers.rules import PayerClass
from app.rebill import queries_rules as queries
from app.rebill import service_rules as service
from app.rebill import service_scrub
from app.rebill.pages import pages
from app.rebill.rules_facts import labels
from app.rebill.rules_scrub import DOES, SAID, rule_from
from app.rebill.rules_tests import TESTS
from app.rebill.service_scrub import WhatIf
from app.web.door import actor, can, download

FILTERS = ("q", "field", "does", "form", "payer_class", "origin", "state", "entity")
SHOWN = ("code", "does", "words", "field", "form", "payer_class", "origin", "state", "effective_from")
SCREEN = [one for name in SHOWN for one in queries.COLUMNS if one.key == name]


def choices(w: Work) -> dict[str, list[tuple[str, str]]]:
    """What may stand in each field of a rule, as (value, words)."""
    return {
        "field": sorted(labels().items(), key=lambda one: one[1].lower()),
        "test": [(name, one.words) for name, one in TESTS.items()],
        "does": [(one, {"error": "stops the claim", "warn": "warns", "off": "silent"}[one]) for one in DOES],
        "form": [("P", "Professional"), ("I", "Institutional")],
        "payer_class": [(one.value, one.value.replace("_", " ")) for one in PayerClass],
        "payer": [(one.public_id, one.name) for one in claims.payer_choices(w)],
        "origin": [(queries.OWN, "Ours"), (queries.SHIPPED, "Shipped")],
        "state": [(one, one.replace("_", " ")) for one in
                  ("in_force", "ahead", "ended", "replaced", "overruled")],
    }  # fmt: skip


@pages.get("/rebill/rules")
def rules() -> AnyResponse | str:
    """Every rule in force or ahead, ours first."""
    wanted = {name: request.args[name].strip() for name in FILTERS if request.args.get(name, "").strip()}
    with reading(actor()) as w:
        practice = reading_for(w, wanted.get("entity", ""))
        rows = queries.rows(w, practice.id, w.today(practice.time_zone), wanted)
        if request.args.get("format"):
            return download(w, queries.COLUMNS, rows, "scrub-rules", request.args["format"])
        return render_template(
            "rebill/rules.html",
            rows=rows,
            columns=SCREEN,
            ask=Ask(sort="", filters=wanted),
            choices=choices(w),
            practice=practice,
            practices=[(one.public_id, one.name) for one in entities.practices(w)],
            writes=practice.id > 0 and can("rebill.rules", practice.id),
            labels=labels(),
        )


@pages.get("/rebill/rules/rule")
def rules_one() -> str:
    """One rule: what it says, what we wrote over it and when, and the form to change it."""
    return _page(request.args)


def _page(given: Mapping[str, str], *, effect: WhatIf | None = None, problem: Refused | None = None) -> str:
    code = given.get("code", "").strip()[:40]
    with reading(actor()) as w:
        practice = reading_for(w, given.get("entity", ""))
        today = w.today(practice.time_zone)
        known = queries.rows(w, practice.id, today, {})
        written = [one for one in queries.written(w, practice.id, today) if one.rule.code == code]
        shipped = [one for one in known if one.rule.code == code and one.origin == queries.SHIPPED]
        now = next((one for one in (*written, *shipped) if one.state == "in_force"), None)
        form = dict(given)
        if request.method == "GET" and now is not None:
            form = {name: getattr(now.rule, name) for name in SAID}
            form |= {"code": code, "payer": now.payer_public, "entity": given.get("entity", "")}
        return render_template(
            "rebill/rule.html",
            code=code if written or shipped else "",
            form=form,
            written=written,
            shipped=shipped,
            choices=choices(w),
            practice=practice,
            practices=[(one.public_id, one.name) for one in entities.practices(w)],
            writes=practice.id > 0 and can("rebill.rules", practice.id),
            effect=effect,
            problem=problem,
            today=today,
            labels=labels(),
            tests={name: one.words for name, one in TESTS.items()},
        )


@pages.post("/rebill/rules/rule")
def rules_change() -> AnyResponse | tuple[str, int] | str:
    """Show which open drafts the rule would stop (`step` try), or write it (`step` save)."""
    form = request.form
    try:
        code, said = service.read(form)
        with work(actor()) as w:
            practice = practice_of(w, form.get("entity", ""))
            today = w.today(practice.time_zone)
            days = days_of(form, today)
            payer, why = form.get("payer", "").strip(), form.get("reason", "")
            if form.get("step") == "save":
                service.save(w, practice.id, code, said, payer=payer, days=days, reason=why)
            else:
                effect = tried(w, practice.id, code, said, payer)
    except NotFound:
        raise
    except Refused as problem:
        return _page(form, problem=problem), problem.status
    if form.get("step") != "save":
        return _page(form, effect=effect)
    flash("The rule is written. Claims are checked by it from its first day on.", "good")
    return redirect(url_for("rebill.rules", entity=form.get("entity") or None), 303)


def tried(w: Work, entity_id: int, code: str, said: Mapping[str, str], payer: str) -> WhatIf:
    """Which open drafts a rule would stop, were it in force today."""
    today = w.today(entities.get(w, entity_id).time_zone)
    payer_id = service.payer_of(w, entity_id, payer)
    return service_scrub.what_if(w, entity_id, rule_from(code, said, effective_from=today, payer_id=payer_id))


@pages.post("/rebill/rules/end")
def rules_end() -> AnyResponse | tuple[str, int]:
    """A rule of our own ends on a day, or is withdrawn before it began."""
    form: Any = request.form
    try:
        with work(actor()) as w:
            practice = practice_of(w, form.get("entity", ""))
            today = w.today(practice.time_zone)
            since = read_day(form.get("since", ""), "since", today)
            on = read_day(form.get("on", "").strip() or "t", "on", today)
            done = service.end(
                w, practice.id, form.get("code", ""), since, payer=form.get("payer", ""), on=on, today=today,
                reason=form.get("why", ""),
            )  # fmt: skip
    except NotFound:
        raise
    except Refused as problem:
        return _page(form, problem=problem), problem.status
    flash("The rule is withdrawn." if done == "withdrawn" else "The rule ends on that day.", "good")
    return redirect(url_for("rebill.rules", entity=form.get("entity") or None), 303)
