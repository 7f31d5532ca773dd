"""A practice writes its own words for a letter: nothing goes by them before a second person said yes."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.work import system, work
from app.statements import queries_editions, service_editions, translate_letters
from tests import books

pytestmark = pytest.mark.usefixtures("house")
ANN, BOB = system("ann"), system("bob")
TEXT = translate_letters.shipped("statement", "en").replace("We can help.", "We gladly help.")


def _entity() -> tuple[int, str]:
    books.practice()
    entity = table_of(Entity)
    with books.looking() as db:
        row: Any = db.execute(select(entity.c.id, entity.c.public_id)).first()
    return int(row.id), str(row.public_id)


def _drafted(entity: str) -> str:
    with work(ANN) as w:
        return service_editions.draft(w, entity, "statement", "en", TEXT)


def test_words_are_sent_from_the_day_a_second_person_chose() -> None:
    entity_id, entity = _entity()
    name = _drafted(entity)
    with work(BOB) as w:
        today = w.today("America/New_York")
        assert service_editions.words_for(w, entity_id, today) == {}
        service_editions.approve(w, name, today + timedelta(days=2), 1)
        assert service_editions.words_for(w, entity_id, today + timedelta(days=1)) == {}
        assert service_editions.words_for(w, entity_id, today + timedelta(days=2)) == {
            ("statement", "en"): TEXT
        }


def test_nobody_approves_their_own_words() -> None:
    _, entity = _entity()
    name = _drafted(entity)
    with pytest.raises(NotAllowed, match="Somebody else"), work(ANN) as w:
        service_editions.approve(w, name, date(2999, 1, 1), 1)
    with work(BOB) as w:
        service_editions.change(w, name, TEXT + "\n", 1)
    with pytest.raises(NotAllowed, match="Somebody else"), work(BOB) as w:
        service_editions.approve(w, name, date(2999, 1, 1), 2)


def test_a_version_that_was_live_stays_as_it_was_and_the_next_one_follows() -> None:
    entity_id, entity = _entity()
    name = _drafted(entity)
    with work(BOB) as w:
        today = w.today("America/New_York")
        service_editions.approve(w, name, today, 1)
    with pytest.raises(NotAllowed, match="Only a draft"), work(BOB) as w:
        service_editions.change(w, name, TEXT, 2)
    newer = TEXT.replace("gladly", "always")
    with work(ANN) as w:
        second = service_editions.draft(w, entity, "statement", "en", newer)
    with work(BOB) as w:
        service_editions.approve(w, second, today, 1)
        assert service_editions.words_for(w, entity_id, today)[("statement", "en")] == newer
        service_editions.retire(w, second, 2)
        assert service_editions.words_for(w, entity_id, today)[("statement", "en")] == TEXT
        assert [one.number for one in queries_editions.editions(w)] == [2, 1]


@pytest.mark.parametrize("payload", ["{{ paid.__class__ }}", "{% if x %}", "\u202egone", "{{ nobody }}"])
def test_words_that_are_programs_are_refused_with_what_is_wrong(payload: str) -> None:
    _, entity = _entity()
    with pytest.raises(Refused, match="Not yet"), work(ANN) as w:
        service_editions.draft(w, entity, "statement", "en", TEXT.replace("gladly", payload))


def test_only_letters_to_patients_are_edited_and_two_at_once_are_told() -> None:
    _, entity = _entity()
    with pytest.raises(NotFound), work(ANN) as w:
        service_editions.draft(w, entity, "timely_filing", "en", TEXT)
    name = _drafted(entity)
    with work(ANN) as w:
        service_editions.change(w, name, TEXT, 1)
        assert service_editions.preview(w, name).startswith(b"%PDF")
    with pytest.raises(Stale), work(ANN) as w:
        service_editions.change(w, name, TEXT, 1)
