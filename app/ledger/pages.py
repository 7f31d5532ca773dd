"""The screens of the ledger: posting batches, one batch, entries, the trial balance as of any day and
moment."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.flows import name_sources
from app.kernel.clock import now
from app.kernel.export import Column, Kind
from app.kernel.paging import Ask
from app.kernel.work import Work, reading
from app.ledger import queries
from app.ledger.accounts import NAMES
from app.ledger.queries import account_name
from app.web.door import actor, ask_from, download

pages = Blueprint("ledger", __name__, url_prefix="/ledger", template_folder="templates")


def _claim_key(row: queries.EntryRow) -> None:
    """Entries know claims by key only; the screen and the file name them."""
    del row


BATCH_COLUMNS = [
    Column("chain_no", "No.", Kind.COUNT, "recorded", hint="Its place in the chain of its entity"),
    Column("kind", "Kind", value=lambda row: row.kind.replace("_", " ")),
    Column("source", "Source", value=lambda row: row.source_key),
    Column("entity", "Entity", wide=False),
    Column("entries", "Entries", Kind.COUNT, "entries"),
    Column("total", "Total", Kind.MONEY, "total"),
    Column("effective_date", "Effective", Kind.DAY, "effective"),
    Column("recorded_at", "Recorded", Kind.INSTANT),
    Column("actor", "By"),
    Column("short", "Hash", Kind.CODE, hint="The first 12 digits; it seals this batch and all before it"),
]
BATCH_EXPORT = [*BATCH_COLUMNS[:-1], Column("public_id", "Batch", Kind.CODE), Column("hash", "Hash",
Kind.CODE), Column("previous", "Previous hash", Kind.CODE), Column("reason", "Reason")]  # fmt: skip
ENTRY_COLUMNS = [
    Column("effective_date", "Effective", Kind.DAY, "effective"),
    Column("event", "Event", value=lambda row: row.event.replace("_", " ")),
    Column("debit", "Debit", value=lambda row: account_name(row.debit, row.debit_rank)),
    Column("credit", "Credit", value=lambda row: account_name(row.credit, row.credit_rank)),
    Column("amount", "Amount", Kind.MONEY, "amount"),
    Column("claim", "Claim", Kind.CODE, value=_claim_key),
    Column("payer", "Payer", wide=False),
    Column("segment", "Read from"),
    Column("chain_no", "Batch", Kind.COUNT, "recorded"),
]
BALANCE_COLUMNS = [
    Column("entity", "Entity"),
    Column("account", "Account", Kind.CODE),
    Column("name", "Name"),
    Column("debit", "Debit", Kind.MONEY),
    Column("credit", "Credit", Kind.MONEY),
    Column("balance", "Balance", Kind.MONEY, hint="Debit positive"),
]


def _entity_options(w: Work) -> list[tuple[str, str]]:
    return [(one.public_id, one.name) for one in entities.practices(w)]


@pages.get("/")
def ledger() -> AnyResponse | str:
    """Posting batches, newest first."""
    ask = ask_from(queries.BATCH_SORTS, default="-recorded", filters=queries.BATCH_FILTERS)
    with reading(actor()) as w:
        if ask.format:
            return download(w, BATCH_EXPORT, queries.batches(w, ask.all()).rows, "batches", ask.format)
        found = queries.batches(w, ask)
        return render_template(
            "ledger/batches.html",
            ask=ask,
            columns=BATCH_COLUMNS,
            found=found,
            sources=name_sources.of_batches(w, found.rows),
            kinds=[(kind, kind.replace("_", " ")) for kind in queries.batch_kinds(w)],
            entities=_entity_options(w),
        )


@pages.get("/batches/<public_id>")
def batch(public_id: str) -> AnyResponse | str:
    """One batch: what caused it, what it takes back, its entries, its link in the chain."""
    ask = ask_from(queries.ENTRY_SORTS, default="recorded")
    with reading(actor()) as w:
        one = queries.batch(w, public_id)
        mine = Ask(ask.sort, ask.descending, ask.cursor, ask.limit, {"batch": public_id}, ask.format)
        if ask.format:
            return _download(w, mine, None, f"batch-{one.chain_no}")
        found = queries.entries(w, mine)
        return render_template(
            "ledger/batch.html",
            one=one,
            ask=ask,
            columns=ENTRY_COLUMNS[:-1],
            found=found,
            names=_named(w, found.rows),
            source=name_sources.of_batches(w, [one]).get(one.transaction_id or 0),
            related=queries.related(w, one),
        )


@pages.get("/entries")
def entries() -> AnyResponse | str:
    """Entries by account, event, claim and day; where a figure of the trial balance leads to."""
    ask = ask_from(queries.ENTRY_SORTS, default="-recorded", filters=queries.ENTRY_FILTERS)
    with reading(actor()) as w:
        claims = name_sources.claims_called(w, ask.get("claim")) if ask.get("claim") else None
        if ask.format:
            return _download(w, ask, claims, "entries")
        found = queries.entries(w, ask, claim_ids=claims)
        return render_template(
            "ledger/entries.html",
            ask=ask,
            columns=ENTRY_COLUMNS,
            found=found,
            totals=queries.entry_totals(w, ask, claim_ids=claims),
            names=_named(w, found.rows),
            events=[(one, one.replace("_", " ")) for one in queries.EVENTS],
            accounts=[(number, f"{number} {name}") for number, name in NAMES.items()],
            entities=_entity_options(w),
        )


def _named(w: Work, rows: Any) -> name_sources.Names:
    """Names of what entries speak of; whose claims were shown is noted."""
    names = name_sources.of_entries(w, rows)
    patients = {one.patient_id for one in names.claims.values() if one.patient_id}
    w.audit("ledger.entries", "R", "ledger_entry", patients=patients, detail={"rows": len(rows)})
    return names


def _download(w: Work, ask: Ask, claims: list[int] | None, name: str) -> AnyResponse:
    rows = queries.entries(w, ask.all(), claim_ids=claims).rows
    names = _named(w, rows)
    columns = [
        Column("reference", "Entry", Kind.CODE),
        *(one for one in ENTRY_COLUMNS if one.key != "claim"),
        Column("claim", "Claim", Kind.CODE, value=lambda row: _control(names, row.claim_id)),
        Column("recorded_at", "Recorded", Kind.INSTANT),
        Column("byte", "Byte", Kind.COUNT),
        Column("element", "Element", Kind.COUNT),
    ]
    return download(w, columns, rows, name, ask.format)


def _control(names: name_sources.Names, claim_id: int | None) -> str:
    found = names.claims.get(claim_id or 0)
    return found.label if found else ""


@pages.get("/trial-balance")
def trial_balance() -> AnyResponse | str:
    """Debit, credit and balance of every account; as of a day, as known at a moment (N5)."""
    asked = {name: request.args.get(name, "").strip() for name in ("entity", "as_of", "known")}
    as_of = queries.read_day(asked["as_of"], "as_of")
    known = queries.read_instant(asked["known"], "known")
    with reading(actor()) as w:
        books = queries.trial_balance(w, entities.chosen(w, asked["entity"]), as_of=as_of, known_at=known)
        if file_format := request.args.get("format"):
            return download(w, BALANCE_COLUMNS, books.rows, "trial-balance", file_format)
        return render_template(
            "ledger/trial_balance.html",
            ask=Ask("account", filters={name: text for name, text in asked.items() if text}),
            books=books,
            groups=_by_entity(books),
            as_of=as_of,
            known=known,
            moment=now(),
            entities=_entity_options(w),
        )


def _by_entity(books: queries.TrialBalance) -> list[tuple[str, str, list[queries.AccountRow]]]:
    found: dict[str, tuple[str, str, list[queries.AccountRow]]] = {}
    for row in books.rows:
        found.setdefault(row.entity_public, (row.entity, row.entity_public, []))[2].append(row)
    return list(found.values())
