"""Pages by keyset: every row once, in order, forwards and backwards, whatever is written in between."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
)

from app.kernel.db import Cents, Instant, engine
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.paging import Ask, Sort, ask_of, page

MADE = Table(
    "thing",
    MetaData(),
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("name", String(20)),
    Column("paid", Cents),
    Column("at", Instant),
)
SORTS = {
    "id": Sort(MADE.c.id),
    "name": Sort(MADE.c.name, nullable=True),
    "paid": Sort(MADE.c.paid, nullable=True),
    "at": Sort(MADE.c.at, nullable=True),
}
START = datetime(2026, 3, 1, tzinfo=UTC)


def fill(db: Connection, names: list[Any]) -> None:
    MADE.create(db)
    if names:
        rows = [
            {"id": number + 1, "name": None if one is None else f"n{one:03}", "paid": one,
             "at": None if one is None else START + timedelta(seconds=one)}
            for number, one in enumerate(names)
        ]  # fmt: skip
        db.execute(insert(MADE), rows)


def walk(db: Connection, ask: Ask, way: str = "next") -> list[list[int]]:
    pages = []
    while True:
        found = page(db, select(MADE.c.id), ask, sorts=SORTS, key=MADE.c.id, row=lambda row: int(row.id))
        pages.append(list(found.rows))
        cursor = found.next if way == "next" else found.previous
        if not cursor:
            return pages
        ask = Ask(ask.sort, descending=ask.descending, cursor=cursor, limit=ask.limit)


@given(
    st.lists(st.none() | st.integers(0, 5), max_size=25),
    st.sampled_from(sorted(SORTS)),
    st.booleans(),
    st.integers(1, 7),
)
def test_every_row_once_in_order(names: list[Any], sort: str, descending: bool, limit: int) -> None:
    made = create_engine("sqlite://")
    with made.begin() as db:
        fill(db, names)
        pages = walk(db, Ask(sort, descending=descending, limit=limit))
        keys = {number + 1: one for number, one in enumerate(names)}
        ids = [one for part in pages for one in part]
        assert sorted(ids) == sorted(keys)
        if sort == "id":
            assert ids == sorted(ids, reverse=descending)
        else:
            values = [keys[one] for one in ids]
            filled = [one for one in values if one is not None]
            assert filled == sorted(filled, reverse=descending)
            assert values[len(filled) :] == [None] * (len(values) - len(filled))
        assert all(len(part) == limit for part in pages[:-1])
    made.dispose()


@given(
    st.lists(st.none() | st.integers(0, 5), min_size=1, max_size=25),
    st.sampled_from(sorted(SORTS)),
    st.booleans(),
    st.integers(1, 7),
)
def test_the_way_back_is_the_way_there(names: list[Any], sort: str, descending: bool, limit: int) -> None:
    made = create_engine("sqlite://")
    with made.begin() as db:
        fill(db, names)
        there, ask = [], Ask(sort, descending=descending, limit=limit)
        while True:
            found = page(db, select(MADE.c.id), ask, sorts=SORTS, key=MADE.c.id, row=lambda row: int(row.id))
            there.append(list(found.rows))
            if not found.next:
                break
            ask = Ask(sort, descending=descending, cursor=found.next, limit=limit)
        back = walk(db, ask, "previous")
        assert [one for part in reversed(back) for one in part] == [one for part in there for one in part]
    made.dispose()


def test_both_databases_page_alike(house: Any) -> None:
    with engine().connect() as db:
        if db.dialect.name == "postgresql":
            db.exec_driver_sql("RESET ROLE")
        fill(db, [3, None, 1, 1, None, 2, 5, 4, 1])
        for sort in SORTS:
            for descending in (False, True):
                ids = [one for part in walk(db, Ask(sort, descending=descending, limit=2)) for one in part]
                assert sorted(ids) == list(range(1, 10))
                if sort != "id":
                    assert set(ids[-2:]) == {2, 5}
        db.rollback()


def test_a_row_written_meanwhile_moves_no_page(house: Any) -> None:
    with engine().connect() as db:
        if db.dialect.name == "postgresql":
            db.exec_driver_sql("RESET ROLE")
        fill(db, [1, 2, 3, 4])
        first = page(
            db, select(MADE.c.id), Ask("id", limit=2), sorts=SORTS, key=MADE.c.id, row=lambda row: row.id
        )
        db.execute(insert(MADE).values(id=0, paid=Money(0)))
        ask = Ask("id", limit=2, cursor=first.next)
        assert list(
            page(db, select(MADE.c.id), ask, sorts=SORTS, key=MADE.c.id, row=lambda row: row.id).rows
        ) == [3, 4]
        db.rollback()


def test_a_cursor_shows_nothing_and_cannot_be_made_up(house: Any) -> None:
    with engine().connect() as db:
        if db.dialect.name == "postgresql":
            db.exec_driver_sql("RESET ROLE")
        fill(db, [1, 2, 3])
        asked = {"sort": "name", "limit": "1"}
        found = page(
            db,
            select(MADE.c.id),
            ask_of(asked, SORTS, default="id"),
            sorts=SORTS,
            key=MADE.c.id,
            row=lambda row: row.id,
        )
        assert "n001" not in found.next
        for cursor in ("x", "%%%", found.next[:-3] + "AAA", found.next + "AAAA"):
            with pytest.raises(Refused):
                page(db, select(MADE.c.id), Ask("name", cursor=cursor), sorts=SORTS, key=MADE.c.id, row=tuple)
        with pytest.raises(Refused, match="another way"):
            page(db, select(MADE.c.id), Ask("id", cursor=found.next), sorts=SORTS, key=MADE.c.id, row=tuple)
        db.rollback()


@pytest.mark.parametrize(
    "asked",
    [
        {"sort": "id; DROP TABLE thing"},
        {"sort": "--id"},
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "٣"},
        {"limit": "1e9"},
    ],
)
def test_only_names_of_the_table_sort(asked: dict[str, str]) -> None:
    with pytest.raises(Refused):
        ask_of(asked, SORTS, default="id")


def test_unknown_parameters_are_ignored_and_filters_are_named() -> None:
    ask = ask_of(
        {"state": " held ", "x": "y", "sort": "-paid"}, SORTS, default="id", filters=("state", "payer")
    )
    assert (ask.sort, ask.descending, ask.filters, ask.get("payer")) == ("paid", True, {"state": "held"}, "")
