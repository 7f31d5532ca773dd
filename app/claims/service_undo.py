"""Taking billed claims off the books again: reversing entries take the charges, the claims stay as undone."""

from sqlalchemy import String, cast, literal, select, update

from app.claims.models import Claim, ClaimLine, ClaimPayer, ClaimResent, ClaimVersion
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.work import Work, exists

_claim, _version = table_of(Claim), table_of(ClaimVersion)
_line, _payer = table_of(ClaimLine), table_of(ClaimPayer)
_resent = table_of(ClaimResent)


def undo(w: Work, transaction_id: int) -> None:
    """The claims of an 837 transaction stand no more; refused while other versions of them do."""
    mine = select(_version.c.claim_id).where(_version.c.transaction_id == transaction_id)
    other = _version.alias("other")
    later = select(other.c.id).where(
        other.c.claim_id.in_(mine), other.c.transaction_id != transaction_id, other.c.state != "undone"
    )
    if exists(w, later):
        raise NotAllowed("Other versions of these claims were billed. Undo those first.", code="undo_order")
    own = select(_version.c.id).where(_version.c.transaction_id == transaction_id)
    w.db.execute(update(_line).where(_line.c.version_id.in_(own)).values(live=False))
    name = literal("undone:") + cast(_claim.c.id, String)
    w.db.execute(update(_claim).where(_claim.c.id.in_(mine)).values(encounter=name))
    change = dict(state="undone", content="")
    w.db.execute(update(_version).where(_version.c.transaction_id == transaction_id).values(**change))


def forget(w: Work, transaction_id: int) -> None:
    """Before an undone 837 transaction is read again its rows go; their addresses are used again."""
    mine = [
        int(one)
        for one in w.db.execute(
            select(_version.c.claim_id).where(_version.c.transaction_id == transaction_id).distinct()
        ).scalars()
    ]
    own = select(_version.c.id).where(_version.c.transaction_id == transaction_id)
    w.db.execute(_line.delete().where(_line.c.version_id.in_(own)))
    w.db.execute(_version.delete().where(_version.c.transaction_id == transaction_id))
    w.db.execute(_resent.delete().where(_resent.c.transaction_id == transaction_id))
    for table, column in ((_payer, _payer.c.claim_id), (_claim, _claim.c.id)):
        left = select(_version.c.claim_id).where(_version.c.claim_id == column)
        w.db.execute(table.delete().where(column.in_(mine), ~left.exists()))
