"""The latest statement of an account: the visits it asked for."""

from sqlalchemy import select

from app.claims.models import Claim
from app.kernel.db import table_of
from app.kernel.work import Work
from app.statements.models import Statement, StatementLine

_statement, _line, _claim = table_of(Statement), table_of(StatementLine), table_of(Claim)


def latest_items(w: Work, account_id: int) -> list[int]:
    """The visits the newest statement of an account asked for, oldest first; none without a statement."""
    mine = (_statement.c.account_id == account_id, w.within(_statement.c.entity_id))
    newest = select(_statement.c.id).where(*mine).order_by(_statement.c.id.desc()).limit(1).scalar_subquery()
    query = (
        select(_line.c.claim_id)
        .join(_claim, _claim.c.id == _line.c.claim_id)
        .where(_line.c.statement_id == newest, _line.c.asked > 0, w.within(_line.c.entity_id))
        .order_by(_claim.c.service_from, _claim.c.id)
    )
    return list(w.db.execute(query).scalars())
