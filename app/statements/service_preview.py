"""A document of a planned run as it would be today: drawn and shown, never kept and never numbered."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.statements.lifecycle import RunState
from app.statements.models import RunItem
from app.statements.rules_content import Content, facts_of
from app.statements.rules_eligible import SEND
from app.statements.service_make import drafted
from app.statements.service_release import look_of
from app.statements.service_runs import found
from app.statements.translate import made, pictures

_item, _guarantor = table_of(RunItem), table_of(Guarantor)
UNSENT = (RunState.PLANNED, RunState.IN_AUDIT, RunState.SIGNED)


@dataclass(frozen=True, slots=True)
class Preview:
    """A document drawn of today's facts. content: the figures it says, visit by visit."""

    letter: str
    language: str
    on: date
    facts: dict[str, Any]
    words: str | None
    content: Content

    def pdf(self) -> bytes:
        """As it would be printed."""
        return made(self.letter, self.facts, on=self.on, language=self.language, words=self.words).pdf

    def pictures(self) -> list[bytes]:
        """Its pages as PNG, for a screen."""
        return pictures(self.letter, self.facts, on=self.on, language=self.language, words=self.words)


def preview(w: Work, run_public: str, account_public: str) -> Preview:
    """What a run that was not released would send to one account, as the books stand now.

    `NotAllowed` when its visits no longer come to what was planned: the release would drop it.
    """
    w.may("statements.read")
    row = found(w, run_public)
    if row.state not in UNSENT:
        raise NotAllowed("This run was released; open the document that was made.", code="not_possible_now")
    query = (
        select(_item)
        .join(_guarantor, _guarantor.c.id == _item.c.account_id)
        .where(_item.c.run_id == row.id, _item.c.outcome == SEND, w.within(_item.c.entity_id),
               _guarantor.c.public_id == account_public)
    )  # fmt: skip
    item = w.db.execute(query).one_or_none()
    if item is None:
        raise NotFound("This run sends nothing to that account.")
    draft = drafted(w, look_of(w, row), [(item, None)], 0)[0]
    if draft is None:
        words = "Their visits do not come to what was planned any more: the release will drop them."
        raise NotAllowed(words, code="balance_changed")
    told = facts_of(draft.text)
    patients = {one.patient_id for one in draft.content.visits}
    w.audit("document.preview", "R", "statement_run", run_public, entity_id=row.entity_id, patients=patients)
    return Preview(draft.letter, told["lang"], draft.content.day, told["facts"], told.get("words"),
                   draft.content)  # fmt: skip
