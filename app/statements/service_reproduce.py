"""A past document again, byte for byte (H14); itemised bills on request (H7, RPAT-12)."""

import hashlib
import io
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from app.contacts.service_law import law
from app.documents import service as documents
from app.entities import queries as entities
from app.entities.models import EntityIdentifier
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, table_of
from app.kernel.errors import Broken, NotAllowed
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.patients.queries_guarantors import by_public
from app.statements import queries_documents, rules_content, service_content, service_editions
from app.statements.lifecycle import DocumentState, RunKind, Stage, Way
from app.statements.models import CollectionLetter, Dunning, Statement, StatementLine
from app.statements.queries_documents import DocumentRow
from app.statements.service_content import Ask
from app.statements.service_make import FACTS, LINE, pages_of, series, shown
from app.statements.service_policies import ensure
from app.statements.translate import ITEMISED, LANGUAGES, made, template
from app.statements.translate import pictures as drawn

_statement, _letter, _line = table_of(Statement), table_of(CollectionLetter), table_of(StatementLine)
_dunning, _identifier = table_of(Dunning), table_of(EntityIdentifier)


@dataclass(frozen=True, slots=True)
class Reproduced:
    """A document as issued. same_template: the template is still the one that made it, and drawing its facts
    again gave the same bytes.
    """

    row: DocumentRow
    data: bytes
    same_template: bool

    @property
    def name(self) -> str:
        """What its file is called: its number, never a name."""
        return f"{self.row.number}.pdf"


def reproduce(w: Work, public: str, *, draw: bool = False) -> Reproduced:
    """The stored bytes of a statement or letter, proven by their hash; `Broken` when they are not those.

    draw: also draw its sealed facts again; the same template gives the same bytes or this is `Broken`.
    """
    w.may("statements.read")
    row = queries_documents.document(w, public)
    with documents.open_file(w, row.file_no) as stored:
        data = stored.read()
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise Broken(f"document {row.number} is not what was issued")
    facts = sealed_facts(w, row)
    # Edited words are kept with the facts, and named behind the version of the template.
    same = template(facts["letter"]) == row.template.partition(" words ")[0]
    if draw and same:
        on = date.fromisoformat(facts["on"])
        again = made(facts["letter"], facts["facts"], on=on, language=facts["lang"],
                     words=facts.get("words"))  # fmt: skip
        if again.pdf != data:
            raise Broken(f"document {row.number} drawn again is another one")
    w.audit("document.read", "R", "statement", public, entity_id=row.entity_id, patients=_patients(w, row))
    return Reproduced(row, data, same)


@dataclass(frozen=True, slots=True)
class Proof:
    """That a document is the one that was issued. drawn_again: its facts gave the same bytes once more, which
    only the template of its day can.
    """

    row: DocumentRow
    same_bytes: bool
    same_template: bool
    drawn_again: bool
    bytes: int
    edited_words: bool

    @property
    def sha256(self) -> str:
        """The hash of the bytes."""
        return self.row.sha256


def prove(w: Work, public: str) -> Proof:
    """Prove a document; `Broken` when its bytes, its facts or a drawing are not those of its day."""
    found = reproduce(w, public, draw=True)
    words = " words " in found.row.template
    return Proof(found.row, True, found.same_template, found.same_template, len(found.data), words)


def pictures(w: Work, public: str) -> list[bytes]:
    """The pages of a document for a screen, of its sealed facts; what is kept and sent is the PDF."""
    w.may("statements.read")
    row = queries_documents.document(w, public)
    facts = sealed_facts(w, row)
    on = date.fromisoformat(facts["on"])
    w.audit("document.read", "R", "statement", public, entity_id=row.entity_id, patients=_patients(w, row))
    return drawn(facts["letter"], facts["facts"], on=on, language=facts["lang"], words=facts.get("words"))


def sealed_facts(w: Work, row: DocumentRow) -> dict[str, Any]:
    """What a document was made of: letter, lang, on, facts; proven by its hash."""
    table = _letter if row.number.startswith("L") else _statement
    query = select(table.c.facts_sealed).where(table.c.id == row.id, w.within(table.c.entity_id))
    text = keyring().open(bytes(w.db.execute(query).scalar_one()), FACTS)
    if rules_content.fingerprint(text) != row.facts_hash:
        raise Broken(f"the facts of document {row.number} are not those it was made of")
    return rules_content.facts_of(text)


def _patients(w: Work, row: DocumentRow) -> list[int]:
    found = service_content.patients_of(w, [row.account_id])
    return sorted(found)


def problems(w: Work, sample: int = 50) -> list[str]:
    """What is wrong with the newest documents: bytes, facts or a drawing that differ; for `verify`."""
    wrong = []
    for table in (_statement, _letter):
        query = select(table.c.public_id, table.c.number).where(w.within(table.c.entity_id))
        for public, number in w.db.execute(query.order_by(table.c.id.desc()).limit(sample)).all():
            try:
                reproduce(w, public, draw=True)
            except Broken as problem:
                wrong.append(f"{number}: {problem}")
    return wrong


def itemise(w: Work, account_public: str, *, language: str = "") -> str:
    """Make an itemised bill of every visit an account has; free, and whoever asked gets it. Returns its id.

    No guard stands against it: it answers what they asked for, and asks for nothing (RPAT-12).
    """
    w.may("statements.plan")
    who = by_public(w, account_public)
    practice = entities.get(w, who.entity_id)
    day = w.today(practice.time_zone)
    rules, policy = law(w, who.entity_id, day), ensure(w, who.entity_id, day)
    books = service_content.read(w, who.entity_id, [who.id], rules, policy.due_days, named=True)
    if not books.visits.get(who.id):
        raise NotAllowed("This account has no visit to tell.", code="no_visit")
    wanted = language or who.language
    spoken = wanted if wanted in LANGUAGES else rules.text("statement_language_instead")
    number = f"S{w.numbers_without_gaps(series(RunKind.STATEMENTS.value, who.entity_id)):08d}"
    ask = Ask(who.id, ITEMISED, number, day, spoken, "", 0, named=True)
    said = service_content.content(books, ask)
    if said is None:
        raise Broken(f"the visits of account {who.number} do not add up")
    numbers = _numbers(w, who.entity_id, day)
    facts = rules_content.itemised(said, rules, numbers.get("npi", ""), numbers.get("tax_id", ""))
    words = service_editions.words_for(w, who.entity_id, day).get((ITEMISED, spoken))
    text = rules_content.sealed_document(ITEMISED, said, facts, words)
    page = made(ITEMISED, facts, on=day, language=spoken, words=words)
    file_no, sha256, _, _ = documents.put(w, io.BytesIO(page.pdf))
    stage = w.db.execute(select(_dunning.c.stage).where(_dunning.c.account_id == who.id)).scalar()
    key, name = w.numbers("statement"), public_id()
    values = {
        "id": key, "public_id": name, "entity_id": who.entity_id, "account_id": who.id, "run_id": None,
        "number": number, "kind": ITEMISED, "stage": stage or Stage.NOT_DUE.value, "day": day, "due_on": day,
        "amount": 0, "balance": rules_content.balance(said), "language": spoken, "way": Way.MAIL.value,
        "scan_line": "", "facts_sealed": keyring().seal(text, FACTS),
        "facts_hash": rules_content.fingerprint(text), "template": page.template, "file_no": file_no,
        "sha256": sha256,
        "pages": pages_of(page.pdf),
        "link_misses": 0, "address_id": said.address_id, "state": DocumentState.ISSUED.value,
        "author": w.actor.name[:80], "recorded_at": w.now,
    }  # fmt: skip
    w.db.execute(insert(_statement).values(**values))
    bulk_insert(w.db, _line, LINE, [shown(key, who.entity_id, one) for one in said.visits])
    patients = {one.patient_id for one in said.visits}
    w.audit("statement.itemise", "C", "statement", name, entity_id=who.entity_id, patients=patients)
    return name


def _numbers(w: Work, entity_id: int, on: date) -> dict[str, str]:
    query = select(_identifier.c.kind, _identifier.c.value).where(
        _identifier.c.entity_id == entity_id, w.within(_identifier.c.entity_id),
        _identifier.c.value.is_not(None), _identifier.c.effective_from <= on,
    )  # fmt: skip
    return {row.kind: row.value for row in w.db.execute(query.order_by(_identifier.c.id.desc()))}
