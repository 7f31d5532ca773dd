"""Words of letters, edited by people: a draft, a look, a second person's yes, and live from a day (L2, W5).

Versions are kept for ever: what a letter said is proved with the words of its day.
"""

from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, update

from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.statements import queries_editions, translate_letters
from app.statements.lifecycle import EDITION, EditionMove, EditionState
from app.statements.models import LetterEdition
from app.statements.queries_editions import EditionRow

RIGHT = "letters.words"
_edition = table_of(LetterEdition)


def draft(w: Work, entity_public: str, letter: str, language: str, text: str) -> str:
    """Write the next version of a letter's words; returns its public id. Nothing is sent with it yet.

    `Refused` with everything that is wrong with the words.
    """
    w.may(RIGHT)
    chosen = entities.chosen(w, entity_public)
    if not chosen:
        raise NotFound("Name the practice it is for.", field="entity")
    text = _checked(letter, language, text)
    entity_id = chosen[0]
    mine = (_edition.c.entity_id == entity_id, _edition.c.letter == letter, _edition.c.language == language)
    last = w.db.execute(select(func.max(_edition.c.number)).where(*mine)).scalar() or 0
    name = public_id()
    values = dict(
        id=w.numbers("letter_edition"), public_id=name, entity_id=entity_id, letter=letter, language=language,
        number=int(last) + 1, words=text, state=EditionState.DRAFT.value, author=w.actor.name[:80],
        author_id=w.actor.person_id, approved_by="", effective_from=None, recorded_at=w.now, version=1,
    )  # fmt: skip
    w.db.execute(insert(_edition).values(**values))
    detail = {"letter": letter, "language": language, "number": int(last) + 1}
    w.audit("edition.draft", "C", "letter_edition", name, entity_id=entity_id, detail=detail)
    return name


def _checked(letter: str, language: str, text: str) -> str:
    if not translate_letters.known(letter, language):
        raise NotFound("There is no such letter to edit in this language.", field="letter")
    text = text.replace("\r\n", "\n")
    if wrong := translate_letters.wrong(letter, language, text):
        raise Refused(f"Not yet: {'; '.join(wrong[:8])}.", code="bad_words", field="words")
    return text


def change(w: Work, public: str, text: str, version: int) -> int:
    """Write a draft anew; a version that was live never changes. Returns the new version."""
    w.may(RIGHT)
    row = _locked(w, public, version)
    if row.state != EditionState.DRAFT:
        raise NotAllowed("Only a draft can be changed: write the next version.", code="not_possible_now")
    words = _checked(row.letter, row.language, text)
    # Whoever wrote last is the author, so that nobody approves their own words.
    who = {"author": w.actor.name[:80], "author_id": w.actor.person_id}
    return _step(w, row, "edition.change", words=words, **who)


def approve(w: Work, public: str, effective_from: date, version: int) -> int:
    """Make a draft live from a day on, today or later; whoever wrote it does not approve it."""
    w.may(RIGHT)
    row = _locked(w, public, version)
    state = EDITION.next(EditionState(row.state), EditionMove.APPROVE)
    mine = row.author_id == w.actor.person_id if row.author_id or w.actor.person_id else None
    if mine or (mine is None and row.author == w.actor.name[:80]):
        raise NotAllowed("Somebody else approves what you wrote.", code="own_words")
    if effective_from < w.today(row.time_zone):
        raise Refused("Words hold from today or a later day.", code="too_early", field="effective_from")
    _checked(row.letter, row.language, row.words)  # the template may have changed since they were written
    values = {"state": state.value, "effective_from": effective_from, "approved_by": w.actor.name[:80]}
    return _step(w, row, "edition.approve", **values)


def retire(w: Work, public: str, version: int) -> int:
    """Discard a draft, or stop sending a letter with these words; the version before is used again."""
    w.may(RIGHT)
    row = _locked(w, public, version)
    state = EDITION.next(EditionState(row.state), EditionMove.RETIRE)
    return _step(w, row, "edition.retire", state=state.value)


def wrong(w: Work, letter: str, language: str, text: str) -> list[str]:
    """What is wrong with words, in sentences; nothing is kept."""
    w.may(RIGHT)
    if not translate_letters.known(letter, language):
        raise NotFound("There is no such letter to edit in this language.", field="letter")
    return translate_letters.wrong(letter, language, text.replace("\r\n", "\n"))


def preview(w: Work, public: str) -> bytes:
    """A PDF of a version, about nobody."""
    w.may(RIGHT)
    row = queries_editions.edition(w, public)
    return translate_letters.looked_at(row.letter, row.language, row.words, w.today(row.time_zone))


def pictures(w: Work, letter: str, language: str, text: str) -> list[bytes]:
    """How words would look, about nobody, as PNG; `Refused` with everything that is wrong with them."""
    w.may(RIGHT)
    return translate_letters.pictured(letter, language, _checked(letter, language, text), w.now.date())


def words_for(w: Work, entity_id: int, on: date) -> dict[tuple[str, str], str]:
    """(letter, language) → edited words to render with that day (`letters.render(words=)`), once per run.

    Words that a newer template refuses are left out: the letter goes with its shipped words.
    """
    found = queries_editions.in_force(w, entity_id, on)
    return {key: text for key, text in found.items() if not translate_letters.wrong(*key, text)}


def _locked(w: Work, public: str, version: int) -> EditionRow:
    mine = (_edition.c.public_id == public, w.within(_edition.c.entity_id))
    w.db.execute(select(_edition.c.id).where(*mine).with_for_update())
    row = queries_editions.edition(w, public)
    if row.version != version:
        raise Stale()
    return row


def _step(w: Work, row: EditionRow, what: str, **values: Any) -> int:
    held = (_edition.c.id == row.id, _edition.c.version == row.version)
    if w.db.execute(update(_edition).where(*held).values(**values, version=row.version + 1)).rowcount != 1:
        raise Stale()
    w.audit(what, "U", "letter_edition", row.public_id, entity_id=row.entity_id)
    return row.version + 1
