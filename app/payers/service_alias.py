"""Two records that are one payer, said by a person; and taken back."""

from sqlalchemy import delete

from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work
from app.payers import queries
from app.payers.models import PayerAlias
from app.payers.service import learn

_alias = table_of(PayerAlias)
BY_HAND = "by_hand"


def merge(w: Work, public_id: str, other: str) -> None:
    """The two are one payer from now on: the older record stays, the other reads as it.

    Refused: the same record, payers of two entities, two companies with a TRN03 of their own.
    """
    w.may("payers.write")
    (left, entity_id), (right, other_entity) = queries.by_id(w, public_id), queries.by_id(w, other)
    if left == right:
        raise Refused("These are one payer already.", code="same_payer", field="other")
    if entity_id != other_entity:
        raise NotFound("There is no such payer.")
    if not learn(w, entity_id, [(left, right)], reason=BY_HAND):
        raise Refused("Both pay under a company id of their own (TRN03), so they are two companies.",
                      code="two_companies", field="other")  # fmt: skip


def separate(w: Work, public_id: str) -> None:
    """This record is a payer of its own again; what was recorded meanwhile stays where it is."""
    w.may("payers.write")
    rows = queries.record_keys(w, public_id)
    gone = w.db.execute(delete(_alias).where(_alias.c.payer_id == rows[0], w.within(_alias.c.entity_id)))
    if not gone.rowcount:
        raise Refused("This record is nobody else's.", code="not_alias", field="record")
    w.audit("payers.separate", "U", "payer", rows[0], entity_id=rows[1])
