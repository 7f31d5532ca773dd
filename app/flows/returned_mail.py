"""Returned mail taken in by what stands on the letter; the account stands anew after each step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.contacts import queries_returned, service_returned
from app.contacts.service_returned import Piece
from app.flows import account_acts
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work
from app.patients import queries_guarantors
from app.patients.models import Guarantor
from app.patients.rules_people import Home, account_number_of
from app.statements.models import CollectionLetter, Statement

_guarantor = table_of(Guarantor)
_papers = (table_of(Statement), table_of(CollectionLetter))


@dataclass(frozen=True, slots=True)
class Letter:
    """What came back: whose it is, which document, where it had been sent."""

    account_id: int
    document_id: int | None = None
    address_id: int | None = None


def letter_of(w: Work, text: str, entity_id: int | None = None) -> Letter:
    """The letter of a statement or letter number, or of an account number; `NotFound` when there is none.

    The same number at several entities is refused: name the entity.
    """
    plain, found = "".join(text.split()).upper(), list[Letter]()
    for paper in _papers:
        query = select(paper.c.account_id, paper.c.id, paper.c.address_id).where(
            w.within(paper.c.entity_id), paper.c.number == plain
        )
        query = query.where(paper.c.entity_id == entity_id) if entity_id else query
        found += [Letter(*row) for row in w.db.execute(query.limit(2))]
    if not found and (number := account_number_of(text)):
        mine = select(_guarantor.c.id).where(w.within(_guarantor.c.entity_id), _guarantor.c.number == number)
        mine = mine.where(_guarantor.c.entity_id == entity_id) if entity_id else mine
        found += [Letter(one) for one in w.db.execute(mine.limit(2)).scalars()]
    if not found:
        raise NotFound("No statement, letter or account has this number.", field="number")
    if len(found) > 1:
        raise Refused("Several entities have this number: choose one.", code="several", field="entity")
    return found[0]


def take_in(
    w: Work,
    number: str,
    code: str,
    *,
    returned_on: date | None = None,
    home: Home | None = None,
    entity_id: int | None = None,
) -> Piece:
    """A letter came back; see `service_returned.take_in`."""
    w.may(service_returned.RIGHT)
    letter = letter_of(w, number, entity_id)
    done = service_returned.take_in(
        w, letter.account_id, code, returned_on=returned_on, document_id=letter.document_id,
        address_id=letter.address_id, home=home,
    )  # fmt: skip
    account_acts.stand(w, done.entity_id, [done.account_id])
    return done


def search(w: Work, mail_public: str, source: str, *, note: str, version: int) -> str:
    """Looked at a source and found nothing."""
    return _then(w, mail_public, lambda: service_returned.search(
        w, mail_public, source, note=note, version=version))  # fmt: skip


def find(w: Work, mail_public: str, home: Home, source: str, *, version: int) -> str:
    """Found an address."""
    return _then(w, mail_public, lambda: service_returned.find(
        w, mail_public, home, source, version=version))  # fmt: skip


def verify(w: Work, mail_public: str, *, zip_again: str, version: int) -> str:
    """Looked at it again: it is right."""
    return _then(w, mail_public, lambda: service_returned.verify(
        w, mail_public, zip_again=zip_again, version=version))  # fmt: skip


def reject(w: Work, mail_public: str, *, why: str, version: int) -> str:
    """Looked at it again: it is not theirs."""
    return _then(w, mail_public, lambda: service_returned.reject(
        w, mail_public, why=why, version=version))  # fmt: skip


def resume(w: Work, mail_public: str, *, why: str, version: int) -> str:
    """Mail again."""
    return _then(w, mail_public, lambda: service_returned.resume(
        w, mail_public, why=why, version=version))  # fmt: skip


def account_of(w: Work, account_id: int) -> Any:
    """The guarantor of a piece, for its page."""
    return queries_guarantors.by_ids(w, [account_id])[account_id]


def back_again(w: Work, entity_id: int, day: date) -> None:
    """Those who were away are back: a part of the daily job, after due holds are lifted."""
    found = service_returned.back_again(w, entity_id, day)
    if found:
        account_acts.stand(w, entity_id, found)


def _then(w: Work, mail_public: str, verb: Callable[[], str]) -> str:
    state = verb()
    row = queries_returned.one(w, mail_public)
    account_acts.stand(w, row.entity_id, [row.account_id])
    return state
