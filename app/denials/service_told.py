"""Moves of cases, announced to the programs that listen."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.denials.models import Denial
from app.hooks import service as hooks
from app.hooks.service import News
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work

_denial = table_of(Denial)


def announce(w: Work, told: Sequence[Any]) -> None:
    """Say which cases moved from where to where; told: rows with entity_id, denial_id, move, before, after.

    Nothing is put together while nobody listens; then a fixed number of statements for any number of moves.
    """
    listening = {one for one in sorted({row.entity_id for row in told}) if hooks.listeners(w, one)}
    wanted = [row for row in told if row.entity_id in listening]
    if not wanted:
        return
    query = select(_denial.c.id, _denial.c.public_id).where(
        w.within(_denial.c.entity_id), among(w.db, _denial.c.id, sorted({row.denial_id for row in wanted}))
    )
    names = {row.id: row.public_id for row in w.db.execute(query)}
    news = []
    for row in wanted:
        detail = {"move": row.move, "before": row.before, "after": row.after}
        news.append((row.entity_id, News("denial.changed", "denial", names[row.denial_id], detail)))
    hooks.announce_each(w, news)
