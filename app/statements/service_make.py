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
from app.kernel.errors import Broken
from app.kernel.ids import public_ids
from app.kernel.outbox import NumberBlock
from app.kernel.work import Work
from app.patients import queries_guarantors
from app.statements import rules_content, service_content, service_editions
from app.statements.lifecycle import DocumentState, RunKind, RunMove, RunState
from app.statements.models import CollectionLetter, RunItem, Statement, StatementLine
from app.statements.rules_content import Content
from app.statements.rules_policy import Plan, Step
from app.statements.service_content import LINK, Ask, Books, token_of
from app.statements.service_dunning import Document, advance
from app.statements.service_eligible import Look, Verdict
from app.statements.service_release import DOCUMENTS, drop, left, look_of, still, unmade
from app.statements.service_runs import counted, found, locked, step
from app.statements.translate import STATEMENT, NotDrawn, Page, made
from app.worklist import service as worklist
from app.worklist.service import NewItem

_item, _statement, _line = table_of(RunItem), table_of(Statement), table_of(StatementLine)
_letter, _attempt, _block = table_of(CollectionLetter), table_of(Attempt), table_of(NumberBlock)
FACTS = "statement.facts_sealed"
LINE = ("statement_id", "claim_id", "entity_id", "charges", "insurance_paid", "insurance_adjusted",
        "patient_paid", "patient_adjusted", "refunded", "balance", "waiting", "asked")  # fmt: skip
NOT_DRAWABLE, SUMS_DIFFER = "not_drawable", "sums_differ"
UNDRAWN = (NOT_DRAWABLE, SUMS_DIFFER)
QUEUE, SUBJECT, UNDRAWN_WORDS = "accounts", "account", "Their statement or letter could not be made"
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


@dataclass(frozen=True, slots=True)
class Desk:
    """What documents of a set of accounts are written from: what was read, and the practice's own words."""

    books: Books
    words: Mapping[tuple[str, str], str]


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
    drawn, _ = _draw(w, by, [(one, None) for one in items], guess or 1, {})
    return {draft.hash: page for draft, page in drawn}


def _next(w: Work, run_id: int) -> Sequence[Any]:
    query = select(_item).where(*unmade(w, run_id)).order_by(_item.c.account_id).limit(DOCUMENTS)
    return w.db.execute(query).all()


def make(w: Work, public: str, pages: Mapping[str, Page] | None = None) -> int:
    """Make the next fifty documents of a released run; returns how many. The last one ends the run.

    Whoever may not get theirs any more is dropped with the reason, and so is whose document cannot be drawn:
    a person is told, the others go on. Numbers are taken in this transaction and only for what was drawn:
    killed anywhere, none is missing and nothing is made twice.
    """
    row = locked(w, public)
    if row.state != RunState.RELEASED:
        return 0
    by = look_of(w, row)
    items = _next(w, row.id)
    going = still(w, by, items) if items else []
    drawn = _numbered(w, row, by, going, pages or {})
    failpoints.hit("statements.before_documents")
    if drawn:
        _keep(w, row, by, drawn)
    failpoints.hit("statements.after_documents")
    values: dict[str, Any] = {"made": int(row.made) + len(drawn), **counted(w, row.id)}
    last = left(w, row.id) == 0
    step(w, row, RunMove.MAKE if last else None, **values, **({"made_at": w.now} if last else {}))
    return len(drawn)


def _numbered(
    w: Work, row: Any, by: Look, going: Sequence[tuple[Any, Verdict]], pages: Mapping[str, Page]
) -> list[tuple[Draft, Page]]:
    """Documents of those whose visits come to what was planned, numbered without a gap; others dropped."""
    if not going:
        return []
    name = series(row.kind, row.entity_id)
    first = w.numbers_without_gaps(name, 0)  # nobody takes a number of the series until we have ours
    drawn, wrong = _draw(w, by, going, first, pages)
    drop(w, row.id, wrong)
    _tell(w, row, [one["of"] for one in wrong if one["why"] in UNDRAWN])
    if drawn:
        w.numbers_without_gaps(name, len(drawn))
    return drawn


def _draw(
    w: Work, by: Look, pairs: Sequence[tuple[Any, Any]], first: int, pages: Mapping[str, Page]
) -> tuple[list[tuple[Draft, Page]], list[dict[str, Any]]]:
    """Documents with their pages, numbered from `first` on; and who gets none, with why, without a number.

    pages: those drawn before, by the hash of their facts.
    """
    desk = _desk(w, by, [item.account_id for item, _ in pairs])
    drawn: list[tuple[Draft, Page]] = []
    wrong = []
    for pair in pairs:
        why = "balance_changed"
        try:
            draft = _drafted(desk, by, pair, first + len(drawn))
            if draft is not None:
                drawn.append((draft, pages.get(draft.hash) or _page(draft)))
                continue
        except (NotDrawn, Broken) as problem:
            why = NOT_DRAWABLE if isinstance(problem, NotDrawn) else SUMS_DIFFER
        wrong.append({"of": pair[0].account_id, "why": why})
    return drawn, wrong


def _tell(w: Work, row: Any, account_ids: Sequence[int]) -> None:
    """Somebody looks at the accounts whose document could not be drawn; the next run tries again."""
    names = queries_guarantors.by_ids(w, account_ids) if account_ids else {}
    worklist.reopen_many(w, [
        NewItem(entity_id=row.entity_id, queue=QUEUE, kind=NOT_DRAWABLE, subject=SUBJECT, subject_id=one,
                reason=UNDRAWN_WORDS, score=60,
                detail={"account": names[one].public_id, "statement_run": row.public_id})
        for one in account_ids
    ])  # fmt: skip


def drafted(w: Work, by: Look, pairs: Sequence[tuple[Any, Any]], first: int) -> list[Draft | None]:
    """What would be sent, by (line, verdict); None where the visits do not come to what was planned.

    first: the number of the first document; the others follow.
    """
    desk = _desk(w, by, [item.account_id for item, _ in pairs])
    return [_drafted(desk, by, pair, first + place) for place, pair in enumerate(pairs)]


def _desk(w: Work, by: Look, ids: Sequence[int]) -> Desk:
    books = service_content.read(w, by.entity_id, ids, by.law, by.plan.due_days)
    return Desk(books, service_editions.words_for(w, by.entity_id, by.day))


def _drafted(desk: Desk, by: Look, pair: tuple[Any, Any], number: int) -> Draft | None:
    item, verdict = pair
    name, level = item.letter or STATEMENT, _level(by.plan, item)
    ask = Ask(item.account_id, name, f"{PREFIX[by.kind]}{number:08d}", by.day, item.language,
              level.message if level else "", int(item.asked))  # fmt: skip
    said = service_content.content(desk.books, ask)
    if said is None:
        return None
    return _draft(item, verdict, said, (name, desk.words.get((name, item.language))), by)


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
    worklist.close_kind(
        w, row.entity_id, (QUEUE, NOT_DRAWABLE, SUBJECT), [one["of"] for one in placed], "settled"
    )
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
