"""The ERA workspace, where each amount leads to the element it was read from; and the exceptions, where
people decide.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.codes import service as codes
from app.flows import resolve
from app.intake import queries_file
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice
from app.kernel.work import Work, reading, work
from app.remits import queries, queries_claim, queries_exceptions, queries_list
from app.remits import service_bytes as stored
from app.remits.queries import RemitHead
from app.remits.queries_claim import ClaimView
from app.remits.rules_words import reason_words
from app.web.door import actor, ask_from, can, download
from app.worklist import service as worklist

pages = Blueprint("remits", __name__, template_folder="templates")
PREVIEW_ROWS = 100
FILTERS = ("show",)
TABS = (("", "All claims"), ("parked", "Unmatched"), ("denied", "Denied"), ("reversal", "Reversals"))


@dataclass
class Workspace:
    """What the page shows, from the books or from the stored bytes."""

    head: RemitHead
    rows: Slice[Any]
    chosen: ClaimView | None
    pairs: list[Any]
    counts: dict[str, int]
    findings: list[Any] = field(default_factory=list)
    raw: list[stored.Part] = field(default_factory=list)


@pages.get("/remits/<public_id>")
def workspace(public_id: str) -> AnyResponse | str:
    """One payment: claims on the left; the chosen one's lines, ledger entries and bytes on the right."""
    ask = ask_from(queries.CLAIM_SORTS, default="place", filters=FILTERS)
    with reading(actor()) as w:
        head = queries.head(w, public_id)
        if ask.format:
            rows = _exported(w, head, ask)
            return download(
                w, queries.EXPORT_COLUMNS, rows, f"remit-{head.trace or head.control}", ask.format
            )
        at = _posted(w, head, ask) if head.posted else _live(w, head, ask.cursor)
        at.raw = _raw(w, at)
        transaction = queries_file.transaction(w, head.transaction)
        return render_template(
            "remits/workspace.html", at=at, head=at.head, ask=ask, columns=queries.CLAIM_COLUMNS, tabs=TABS,
            statuses=queries.STATUSES, moves=_moves(transaction), reason_words=reason_words,
            show="plb" if request.args.get("show") == "plb" else ask.get("show"),
            methods={"ACH": "EFT", "CHK": "Check", "FWT": "Wire", "BOP": "Bank draft", "NON": "No payment"},
            proof=_proof(at.head), here={one.number for _, part in at.raw for one in part},
        )  # fmt: skip


def _moves(row: queries_file.TransactionRow) -> list[str]:
    rights = {"release": "holds.release", "replay": "files.replay", "undo": "remits.undo"}
    return [name for name in row.moves if can(rights[name], row.entity_id)]


def _book(w: Work, head: RemitHead) -> Any:
    return codes.book(w, head.entity_id or 0, head.effective_date or w.now.date())


def _posted(w: Work, head: RemitHead, ask: Ask) -> Workspace:
    book = _book(w, head)
    wanted = replace(ask, filters={}) if ask.get("show") == "plb" else ask
    rows = queries.claims(w, head, wanted)
    chosen_id = request.args.get("claim") or (rows.rows[0].public_id if rows.rows else "")
    chosen = queries_claim.claim(w, chosen_id, book) if chosen_id else None
    if chosen is not None and chosen.remit_id != head.id:
        raise NotFound("There is no such claim in this remit.")
    pairs = queries.provider_adjustments(w, head, book)
    findings, _ = queries_file.findings(w, head.file_no, origin="ours", transaction_id=head.id)
    return Workspace(head, rows, chosen, pairs, queries.counts(w, head), findings)


def _live(w: Work, head: RemitHead, cursor: str) -> Workspace:
    wanted = request.args.get("claim", "")
    segment = int(wanted) if wanted.isascii() and wanted.isdigit() else None
    made = stored.live(w, head, _book(w, head), segment=segment)
    start = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 10 else 0
    rows = Slice(
        made.claims[start : start + PREVIEW_ROWS],
        next=str(start + PREVIEW_ROWS) if start + PREVIEW_ROWS < len(made.claims) else "",
        previous=str(max(0, start - PREVIEW_ROWS)) if start else "",
    )
    findings, _ = queries_file.findings(w, head.file_no, origin="ours", transaction_id=head.id)
    return Workspace(made.head, rows, made.chosen, made.pairs, {"": len(made.claims)}, findings)


def _exported(w: Work, head: RemitHead, ask: Ask) -> Any:
    if head.posted:
        return queries.claims(w, head, ask.all()).rows
    return stored.live(w, head, _book(w, head)).claims


def _proof(head: RemitHead) -> dict[str, Any] | None:
    """Equation 3 as a sum: claims paid, less provider adjustments, is the payment."""
    if head.claims_paid is None or head.provider_total is None or head.paid is None:
        return None
    made = head.claims_paid - head.provider_total
    return {"made": made, "off": head.paid - made}


def _raw(w: Work, at: Workspace) -> list[stored.Part]:
    """The bytes behind the page: the chosen claim's, the provider adjustments', the payment's own."""
    parts = [stored.claim_part(w, at.head, at.chosen)] if at.chosen is not None else []
    parts += [stored.provider_part(w, at.head, at.pairs)] if at.pairs else []
    return [*parts, stored.payment_part(w, at.head)]


@pages.get("/remits/")
def remits() -> AnyResponse | str:
    """Posted payments, the newest first."""
    ask = ask_from(queries_list.SORTS, default="-recorded", filters=queries_list.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries_list.remits(w, ask.all()).rows
            return download(w, queries_list.REMIT_COLUMNS, rows, "remits", ask.format)
        return render_template(
            "remits/remits.html",
            ask=ask,
            found=queries_list.remits(w, ask),
            columns=queries_list.REMIT_COLUMNS,
            totals=queries_list.remit_totals(w, ask),
        )


# ---------------------------------------------------------------- exceptions

# Payer, day of service and age stand under reason, patient and due day: all of it fits beside the open one.
SCREEN_COLUMNS = tuple(
    one for one in queries_exceptions.COLUMNS if one.key not in ("payer", "service_from", "age")
)
PLB_COLUMNS = tuple(
    replace(one, label="Reference") if one.key == "patient" else one
    for one in SCREEN_COLUMNS
    if one.key != "suggestion"
)
LINKABLE = ("match.none", "match.conflict", "match.ambiguous")
SUPERVISED = "835."
"""What a payer sent wrong: posting it takes a supervisor."""


@pages.get("/exceptions")
def exceptions() -> AnyResponse | str:
    """What waits for a person, the most pressing first, with one of them open on the right."""
    ask = _exceptions_ask()
    with reading(actor()) as w:
        if ask.format:
            rows = queries_exceptions.exceptions(w, ask.all()).rows
            return download(w, queries_exceptions.EXPORT_COLUMNS, rows, "exceptions", ask.format)
        chosen = request.args.get("item", "")
        if request.args.get("claim"):
            chosen = queries_exceptions.item_of(w, request.args["claim"])
        return _exceptions_page(w, ask, chosen)


def _exceptions_ask() -> Ask:
    return ask_from(queries_exceptions.SORTS, default="-rank", filters=queries_exceptions.FILTERS)


def _exceptions_page(
    w: Work, ask: Ask, chosen: str, *, text: str = "", problem: Refused | None = None, doing: str = ""
) -> str:
    found = queries_exceptions.exceptions(w, ask)
    rows = list(found.rows)
    item = queries_exceptions.one(w, chosen) if chosen else rows[0] if rows else None
    count, amount = queries_exceptions.totals(w, ask)
    return render_template(
        "remits/exceptions.html", ask=ask, found=found, screen_columns=SCREEN_COLUMNS,
        plb_columns=PLB_COLUMNS, count=count,
        amount=amount, queue=ask.get("queue") or "exceptions", open_counts=queries_exceptions.open_counts(w),
        reasons=queries_exceptions.reasons(w, ask.get("queue") or "exceptions"), item=item,
        following=_following(rows, item), panel=_panel(w, item, text) if item else None, problem=problem,
        doing=doing, text=text, form=request.form, reason_words=reason_words, statuses=queries.STATUSES,
    )  # fmt: skip


def _following(rows: list[Any], item: Any) -> str:
    """The item after this one, where an action leads; empty after the last."""
    names = [row.public_id for row in rows]
    if item is None or item.public_id not in names:
        return names[0] if names else ""
    after = names.index(item.public_id) + 1
    return names[after] if after < len(names) else next((one for one in names if one != item.public_id), "")


@dataclass
class Panel:
    """What the right side needs about one exception: of the three kinds, what applies."""

    explanation: str = ""
    claim: ClaimView | None = None
    pair: queries.ProviderView | None = None
    raw: list[stored.Part] = field(default_factory=list)
    suggestions: list[Any] = field(default_factory=list)
    found: list[Any] = field(default_factory=list)
    moves: list[str] = field(default_factory=list)
    actions: set[str] = field(default_factory=set)
    findings: list[Any] = field(default_factory=list)

    @property
    def here(self) -> set[int]:
        """The segments that stand on the page."""
        return {one.number for _, part in self.raw for one in part}


def _panel(w: Work, item: Any, text: str) -> Panel:
    head = queries.head(w, item.transaction)
    made = Panel(explanation=head.explanation or "")
    if item.remit_claim:
        made.claim = queries_claim.claim(w, item.remit_claim, _book(w, head))
        made.raw = [stored.claim_part(w, head, made.claim)]
        made.actions = _actions(item, made.claim)
        made.suggestions = queries_exceptions.suggestions(w, [item]).get(item.subject_id, [])
        people = [one.patient_id for one in made.suggestions]
        w.audit("exception.suggestions", "R", "worklist_item", item.public_id, patients=people)
        made.found = queries_exceptions.find_claims(w, item.entity_id, text) if text else []
    elif item.kind == "held_transaction":
        made.moves = _moves(queries_file.transaction(w, head.transaction))
        made.findings, _ = queries_file.findings(w, head.file_no, origin="ours", transaction_id=head.id)
    else:
        pairs = queries.provider_adjustments(w, head, _book(w, head))
        made.pair = next((one for one in pairs if one.key == item.subject_id), None)
        made.raw = [stored.provider_part(w, head, [made.pair])] if made.pair else []
    return made


def _actions(item: Any, claim: ClaimView | None) -> set[str]:
    """What may be done with a parked claim, by its reason and by who asks."""
    if claim is None or claim.state != "parked" or item.state != "open":
        return set()
    works, leads = can("exceptions.work", item.entity_id), can("holds.release", item.entity_id)
    broken = claim.reason is not None and claim.reason.startswith(SUPERVISED)
    found = {"not-ours", "split"} if works else set()
    if works and (claim.reason in LINKABLE or (broken and leads)):
        found.add("link")
    if leads and broken:
        found.add("accept")
    if claim.paid <= 0:
        found.discard("split")
    return found


@pages.post("/exceptions/<public_id>/find")
def find_claim(public_id: str) -> str:
    """Look for a claim to link. By POST: what people search for must not stand in a URL."""
    with reading(actor()) as w:
        text = request.form.get("q", "")[:100]
        return _exceptions_page(w, _exceptions_ask(), public_id, text=text, doing="link")


@pages.post("/exceptions/<public_id>/assign")
def assign(public_id: str) -> AnyResponse | tuple[str, int]:
    """Take an item, or give it back."""
    keep = request.form.get("to") == "me"

    def verb(w: Work) -> None:
        owner = w.actor.person_id if keep else None
        worklist.assign(w, public_id, owner_id=owner, version=_version())

    return _act(public_id, verb, "It is yours." if keep else "Nobody owns it now.", stay=True)


@pages.post("/exceptions/<public_id>/finish")
def finish(public_id: str) -> AnyResponse | tuple[str, int]:
    """A provider adjustment was looked into and is understood."""
    return _act(public_id, lambda w: _finish(w, public_id), "Done.")


def _finish(w: Work, public_id: str) -> None:
    worklist.finish(w, public_id, outcome="reviewed", version=_version())


@pages.post("/exceptions/<public_id>/link")
def link(public_id: str) -> AnyResponse | tuple[str, int]:
    """The payment is for this claim; it posts."""
    name, chosen = _subject(public_id), request.form.get("claim", "")
    return _act(public_id, lambda w: resolve.link(w, name, chosen, version=_version()), "Linked and posted.")


@pages.post("/exceptions/<public_id>/split")
def split(public_id: str) -> AnyResponse | tuple[str, int]:
    """The payment is for several claims."""
    name = _subject(public_id)

    def verb(w: Work) -> None:
        resolve.split(w, name, _parts(w, name), version=_version())

    return _act(public_id, verb, "Split and posted.", doing="split")


def _parts(w: Work, name: str) -> list[tuple[str, int]]:
    """(claim, cents) of each filled row of the form; claims are named by their control number."""
    _, entity_id, _ = queries_claim.of_claim(w, name)
    pairs = zip(request.form.getlist("control"), request.form.getlist("amount"), strict=False)
    made = []
    for control, amount in pairs:
        if not control.strip() and not amount.strip():
            continue
        found = [
            one
            for one in queries_exceptions.find_claims(w, entity_id, control)
            if one.control == control.strip()
        ]
        if len(found) != 1:
            raise Refused(
                f"There is no one claim {control.strip()[:40]}.", code="no_such_claim", field="control"
            )
        made.append((found[0].claim, int(Money.parse(amount.replace(",", "").strip()))))
    return made


@pages.post("/exceptions/<public_id>/accept")
def accept(public_id: str) -> AnyResponse | tuple[str, int]:
    """A supervisor takes the claim as the payer sent it."""
    name, why = _subject(public_id), request.form.get("reason", "")
    return _act(public_id, lambda w: resolve.accept(w, name, reason=why, version=_version()),
                "Accepted as sent, and posted.", doing="accept")  # fmt: skip


@pages.post("/exceptions/<public_id>/not-ours")
def not_ours(public_id: str) -> AnyResponse | tuple[str, int]:
    """The payment is for nobody of ours."""
    name, why = _subject(public_id), request.form.get("reason", "")
    return _act(public_id, lambda w: resolve.not_ours(w, name, reason=why, version=_version()),
                "Marked as not ours: the money waits to go back.", doing="not-ours")  # fmt: skip


def _subject(public_id: str) -> str:
    with reading(actor()) as w:
        return str(queries_exceptions.one(w, public_id).remit_claim)


def _version() -> int:
    """The version that was looked at; every decision is about that one (C6)."""
    version = request.form.get("version", type=int)
    if version is None:
        raise Refused("Open the exception first, then decide.", code="version_missing", field="version")
    return version


def _act(
    public_id: str, verb: Callable[[Work], None], done: str, *, doing: str = "link", stay: bool = False
) -> AnyResponse | tuple[str, int]:
    """Do it and go to the next item; a refusal comes back with the item and what was typed."""
    try:
        with work(actor()) as w:
            verb(w)
    except Refused as problem:
        if problem.status == 404:
            raise
        with reading(actor()) as w:
            page = _exceptions_page(w, _exceptions_ask(), public_id, problem=problem, doing=doing)
            return page, problem.status
    flash(done, "good")
    wanted = (*queries_exceptions.FILTERS, "sort")
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in wanted}
    following = public_id if stay else request.form.get("next", "")
    return redirect(url_for("remits.exceptions", **kept, item=following or None), 303)
