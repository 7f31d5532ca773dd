"""Making the documents of a released run: facts, numbers, bytes and rows at once, fifty at a time."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.contacts.lifecycle import Direction, Reach
from app.contacts.models import Attempt
from app.documents import service as documents
from app.kernel import failpoints
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, table_of
from app.kernel.ids import public_ids
from app.kernel.outbox import NumberBlock
from app.kernel.work import Work
from app.statements import rules_content, service_content, service_editions
from app.statements.lifecycle import DocumentState, RunKind, RunMove, RunState
from app.statements.models import CollectionLetter, RunItem, Statement, StatementLine
from app.statements.rules_content import Content
from app.statements.rules_policy import Plan, Step
from app.statements.service_content import LINK, Ask, token_of
from app.statements.service_dunning import Document, advance
from app.statements.service_eligible import Look, Verdict
from app.statements.service_release import DOCUMENTS, drop, left, look_of, still, unmade
from app.statements.service_runs import counted, found, locked, step
from app.statements.translate import STATEMENT, Page, made

_item, _statement, _line = table_of(RunItem), table_of(Statement), table_of(StatementLine)
_letter, _attempt, _block = table_of(CollectionLetter), table_of(Attempt), table_of(NumberBlock)
FACTS = "statement.facts_sealed"
LINE = ("statement_id", "claim_id", "entity_id", "charges", "insurance_paid", "insurance_adjusted",
        "patient_paid", "patient_adjusted", "refunded", "balance", "waiting", "asked")  # fmt: skip
PREFIX = {RunKind.STATEMENTS.value: "S", RunKind.LETTERS.value: "L"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A document about to be made: its line, what was found again, its facts as text and their hash."""

    item: Any
    verdict: Verdict
    content: Content
    letter: str
    text: str
    hash: str


def series(kind: str, entity_id: int) -> str:
    """The series a practice's numbers of one kind come from."""
    return f"{'statement' if kind == RunKind.STATEMENTS else 'letter'}:{entity_id}"


def prepare(w: Work, public: str) -> dict[str, Page]:
    """The pages the next job of a run will most likely need, by the hash of their facts; writes nothing.

    They are drawn before the transaction that keeps them, so that nobody waits for a printer. Numbers are
    guessed: a wrong guess costs drawing again, never a wrong number.
    """
    row = found(w, public)
    if row.state != RunState.RELEASED:
        return {}
    items = _next(w, row.id)
    guess = w.db.execute(
        select(_block.c.next).where(_block.c.name == series(row.kind, row.entity_id))
    ).scalar()
    by = look_of(w, row)
    drafts = drafted(w, by, [(one, None) for one in items], guess or 1)
    return {one.hash: _page(one) for one in drafts if one is not None}


def _next(w: Work, run_id: int) -> Sequence[Any]:
    query = select(_item).where(*unmade(w, run_id)).order_by(_item.c.account_id).limit(DOCUMENTS)
    return w.db.execute(query).all()


def make(w: Work, public: str, pages: Mapping[str, Page] | None = None) -> int:
    """Make the next fifty documents of a released run; returns how many. The last one ends the run.

    Whoever may not get theirs any more is dropped with the reason. Numbers are taken in this transaction:
    killed anywhere, none is missing and nothing is made twice.
    """
    row = locked(w, public)
    if row.state != RunState.RELEASED:
        return 0
    by = look_of(w, row)
    items = _next(w, row.id)
    going = still(w, by, items) if items else []
    drafts = _numbered(w, row, by, going)
    failpoints.hit("statements.before_documents")
    if drafts:
        _keep(w, row, by, [(one, (pages or {}).get(one.hash) or _page(one)) for one in drafts])
    failpoints.hit("statements.after_documents")
    values: dict[str, Any] = {"made": int(row.made) + len(drafts), **counted(w, row.id)}
    last = left(w, row.id) == 0
    step(w, row, RunMove.MAKE if last else None, **values, **({"made_at": w.now} if last else {}))
    return len(drafts)


def _numbered(w: Work, row: Any, by: Look, going: Sequence[tuple[Any, Verdict]]) -> list[Draft]:
    """Drafts of those whose visits come to what was planned, numbered without a gap; the others dropped."""
    if not going:
        return []
    trial = drafted(w, by, going, 0)
    wrong = [{"of": pair[0].account_id, "why": "balance_changed"} for pair, one in
             zip(going, trial, strict=True) if one is None]  # fmt: skip
    drop(w, row.id, wrong)
    kept = [pair for pair, one in zip(going, trial, strict=True) if one is not None]
    if not kept:
        return []
    first = w.numbers_without_gaps(series(row.kind, row.entity_id), len(kept))
    return [one for one in drafted(w, by, kept, first) if one is not None]


def drafted(w: Work, by: Look, pairs: Sequence[tuple[Any, Any]], first: int) -> list[Draft | None]:
    """What would be sent, by (line, verdict); None where the visits do not come to what was planned.

    first: the number of the first document; the others follow.
    """
    ids = [item.account_id for item, _ in pairs]
    books = service_content.read(w, by.entity_id, ids, by.law, by.plan.due_days)
    words = service_editions.words_for(w, by.entity_id, by.day)
    drafts: list[Draft | None] = []
    for place, (item, verdict) in enumerate(pairs):
        name = item.letter or STATEMENT
        number = f"{PREFIX[by.kind]}{first + place:08d}"
        level = _level(by.plan, item)
        ask = Ask(item.account_id, name, number, by.day, item.language, level.message if level else "",
                  int(item.asked))  # fmt: skip
        said = service_content.content(books, ask)
        written = words.get((name, item.language))
        drafts.append(_draft(item, verdict, said, (name, written), by) if said is not None else None)
    return drafts


def _level(plan: Plan, item: Any) -> Step | None:
    return next((one for one in plan.steps if one.stage == item.stage), None)


def _draft(item: Any, verdict: Any, said: Content, how: tuple[str, str | None], by: Look) -> Draft:
    name, words = how
    facts = (
        rules_content.statement(said, by.law)
        if name == STATEMENT
        else rules_content.letter(said, by.law, name)
    )
    text = rules_content.sealed_document(name, said, facts, words)
    return Draft(item, verdict, said, name, text, rules_content.fingerprint(text))


def _page(draft: Draft) -> Page:
    facts = rules_content.facts_of(draft.text)
    return made(draft.letter, facts["facts"], on=draft.content.day, language=draft.content.language,
                words=facts.get("words"))  # fmt: skip


# ---------------------------------------------------------------- keeping what was made


def _keep(w: Work, row: Any, by: Look, drawn: Sequence[tuple[Draft, Page]]) -> None:
    statements = row.kind == RunKind.STATEMENTS
    table = _statement if statements else _letter
    first = w.numbers(table.name, len(drawn))
    names = public_ids(len(drawn))
    rows, lines, placed = [], [], []
    for place, (draft, page) in enumerate(drawn):
        key = first + place
        stored = documents.put(w, io.BytesIO(page.pdf))
        values = _common(w, row, draft, page, stored) | {"id": key, "public_id": names[place]}
        rows.append(values | (_of_statement(draft, by, row) if statements else _of_letter(draft, by, row)))
        placed.append({"of": draft.item.account_id, "made": key})
        if statements:
            lines += [shown(key, row.entity_id, one) for one in draft.content.visits]
    w.db.execute(insert(table), rows)
    bulk_insert(w.db, _line, LINE, lines)
    column = "statement_id" if statements else "letter_id"
    held = (_item.c.run_id == row.id, _item.c.account_id == bindparam("of"))
    w.db.execute(update(_item).where(*held).values({column: bindparam("made")}), placed)
    _note(w, row.entity_id, rows)
    moves = [_moved(by, draft, statements) for draft, _ in drawn if draft.verdict.moves]
    advance(w, row.entity_id, by.plan, moves)
    patients = {one.patient_id for draft, _ in drawn for one in draft.content.visits}
    w.audit("documents.make", "C", "statement_run", row.public_id, entity_id=row.entity_id, patients=patients,
            detail={"documents": len(drawn)})  # fmt: skip


def _common(
    w: Work, row: Any, draft: Draft, page: Page, stored: tuple[int, str, int, bool]
) -> dict[str, Any]:
    return {
        "entity_id": row.entity_id, "account_id": draft.item.account_id, "run_id": row.id,
        "number": draft.content.number, "stage": draft.item.stage, "day": draft.content.day,
        "amount": draft.content.amount, "language": draft.content.language, "way": draft.item.way,
        "facts_sealed": keyring().seal(draft.text, FACTS), "facts_hash": draft.hash,
        "template": page.template, "file_no": stored[0], "sha256": stored[1], "pages": pages_of(page.pdf),
        "address_id": draft.content.address_id, "state": DocumentState.ISSUED.value, "recorded_at": w.now,
    }  # fmt: skip


def pages_of(pdf: bytes) -> int:
    """How many pages a document of ours has, read from its page tree."""
    return max(pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page/") + pdf.count(b"/Type/Page/"), 1)


def _of_statement(draft: Draft, by: Look, row: Any) -> dict[str, Any]:
    said = draft.content
    token = keyring().blind(token_of(row.entity_id, said.number), LINK) if said.link else None
    ends = said.day + timedelta(by.law.number("link_days")) if said.link else None
    return {
        "kind": STATEMENT, "due_on": said.due_on, "balance": rules_content.balance(said),
        "scan_line": rules_content.slip(said), "link": token, "link_ends": ends, "link_misses": 0,
        "author": row.released_by,
    }  # fmt: skip


def _of_letter(draft: Draft, by: Look, row: Any) -> dict[str, Any]:
    level = draft.verdict.level
    why = f"{by.plan.name} step {level}: {draft.verdict.reason.replace('_', ' ')}"
    return {"letter": draft.letter, "reason": why, "released_by": row.released_by}


def shown(key: int, entity_id: int, one: Any) -> tuple[Any, ...]:
    """The row of a visit on a statement."""
    figures = [int(one.figures[name]) for name in rules_content.FIGURES]
    return (key, one.claim_id, entity_id, *figures, int(one.waiting), int(one.asked))


def _moved(by: Look, draft: Draft, statements: bool) -> Document:
    step_ = _level(by.plan, draft.item)
    if step_ is None:
        raise LookupError(f"no step leads into {draft.item.stage}")
    since = [one.since for one in draft.content.visits if one.since is not None and one.asked > 0]
    return Document(draft.item.account_id, step_, draft.content.day, int(draft.content.amount),
                    draft.content.number, statements, max(since, default=None))  # fmt: skip


def _note(w: Work, entity_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Each document is a contact of its account, by mail; what it says stays in the document."""
    first = w.numbers("attempt", len(rows))
    names = public_ids(len(rows))
    made_ = [
        {
            "id": first + place, "public_id": names[place], "entity_id": entity_id,
            "account_id": one["account_id"], "reach": Reach.EMAIL.value if one["way"] == "email"
            else Reach.MAIL.value, "direction": Direction.OUT.value, "contact_point_id": None, "at": w.now,
            "automatic": True, "right_party": False, "spoke": False, "result": "sent", "why": "",
            "said": None, "next_on": None, "document_id": one["id"], "author_id": w.actor.person_id,
            "actor": w.actor.name[:80],
        }
        for place, one in enumerate(rows)
    ]  # fmt: skip
    w.db.execute(insert(_attempt), made_)
