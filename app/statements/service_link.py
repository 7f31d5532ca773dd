"""A statement behind its link: nothing is shown before two identifiers fit, and five misses end it.

Whoever holds the link is a stranger: every answer but the right one is the same, known token or not.
"""

import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update

from app.contacts.service_law import law
from app.documents import service as documents
from app.entities import queries as entities
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.work import Work
from app.patients import queries_guarantors, queries_reach, service_reach
from app.patients.lifecycle import Channel, Source
from app.statements import translate_letters
from app.statements.models import Statement
from app.statements.rules_content import facts_of
from app.statements.service_content import LINK

FACTS, PROOF = "statement.facts_sealed", "statement.proof"
TOKEN_CHARACTERS = 64
NOBODY = "0000-00-00"
_statement = table_of(Statement)


@dataclass(frozen=True)
class Opened:
    """A statement its reader may see. proof: opens the PDF for some minutes without asking again."""

    number: str
    language: str
    page: dict[str, Any]
    proof: str


def _row(w: Work, token: str) -> Any | None:
    """The statement of a token, locked, while its link holds; None for every other token."""
    if not (token.isalnum() and token.isascii() and len(token) <= TOKEN_CHARACTERS):
        return None
    wanted = keyring().blind(token, LINK)
    row = w.db.execute(select(_statement).where(_statement.c.link == wanted).with_for_update()).one_or_none()
    if row is None:
        return None
    today = w.today(entities.get(w, row.entity_id).time_zone)
    rules = law(w, row.entity_id, today)
    ends = row.link_ends or row.day + timedelta(rules.number("link_days"))
    locked = row.link_misses >= rules.number("link_misses")
    return None if locked or today > ends else row


def open_(w: Work, token: str, birth: str, zip_code: str) -> Opened | None:
    """The statement of a token, when birth date (ISO) and ZIP are its guarantor's; None otherwise.

    A miss is counted and audited; the caller commits it.
    """
    row = _row(w, token)
    if row is None:
        _same("", NOBODY)
        return None
    who = queries_guarantors.by_ids(w, [row.account_id])[row.account_id]
    home = queries_reach.addresses(w, [row.account_id]).get(row.account_id)
    born = who.birth.isoformat() if who.birth is not None else NOBODY
    # Both are compared in full before anything is decided, and without saying which one was wrong.
    fits = _same(birth.strip(), born) & _same(zip_code.strip()[:5], home.zip[:5] if home else NOBODY)
    patients = [
        one.patient_id for one in queries_guarantors.patients_of(w, [row.account_id]).get(row.account_id, [])
    ]
    w.audit("statement.link", "R", "statement", row.public_id, entity_id=row.entity_id,
            patients=patients if fits else (), outcome=0 if fits else 4)  # fmt: skip
    if not fits:
        misses = _statement.c.link_misses + 1
        w.db.execute(update(_statement).where(_statement.c.id == row.id).values(link_misses=misses))
        return None
    facts = facts_of(keyring().open(bytes(row.facts_sealed), FACTS))["facts"]
    page = translate_letters.page(facts, row.language)
    return Opened(row.number, row.language, page, _proof(w, row))


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _proof(w: Work, row: Any, minutes: int = 0) -> str:
    """A seal over the statement and the quarter of an hour: good for this one and the one before."""
    quarter = int((w.now - timedelta(minutes=minutes)).timestamp()) // 900
    return keyring().mac(f"{row.id}:{quarter}".encode(), PROOF)


def pdf(w: Work, token: str, proof: str) -> tuple[str, bytes] | None:
    """(number, bytes) of the statement, for whoever opened it just now; None otherwise."""
    row = _row(w, token)
    if row is None or not any(_same(proof, _proof(w, row, minutes)) for minutes in (0, 15)):
        return None
    with documents.open_file(w, row.file_no) as stored:
        data = stored.read()
    w.audit("statement.link_pdf", "R", "statement", row.public_id, entity_id=row.entity_id)
    return row.number, data


def stop(w: Work, token: str) -> None:
    """No more statements by e-mail, from this moment on. An unknown token changes nothing and says nothing.

    Who stops does not have to prove who they are, and a link that no longer opens still stops.
    """
    if not (token.isalnum() and token.isascii() and len(token) <= TOKEN_CHARACTERS):
        return
    wanted = keyring().blind(token, LINK)
    row = w.db.execute(select(_statement.c.account_id).where(_statement.c.link == wanted)).one_or_none()
    if row is None:
        return
    said = queries_reach.consents(w, [row.account_id])[row.account_id]
    who = queries_guarantors.by_ids(w, [row.account_id])[row.account_id]
    points = queries_reach.points(w, [row.account_id]).get(row.account_id, [])
    for public, key in [("", None), *((one.public_id, one.id) for one in points if one.kind == "email")]:
        if said.allows(Channel.STATEMENT.value, key) is not False:
            service_reach.consent(w, who.public_id, Channel.STATEMENT, False, point_public=public,
                                  source=Source.LINK, proof="link of a statement")  # fmt: skip


def day_of(text: str) -> str:
    """A birth date as people type it, to ISO: 1980-05-04, 05/04/1980, 5-4-1980; empty when it is none."""
    parts = text.strip().replace("-", "/").replace(".", "/").split("/")
    if len(parts) != 3 or not all(one.isascii() and one.isdigit() for one in parts):
        return ""
    year, month, day = parts if len(parts[0]) == 4 else (parts[2], parts[0], parts[1])
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
