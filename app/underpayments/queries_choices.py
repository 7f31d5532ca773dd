"""What the filters of the list offer: payers and projects there are underpayments of."""

from sqlalchemy import select

from app.kernel.db import table_of
from app.kernel.work import Work
from app.payers.models import Payer
from app.underpayments.models import Underpayment, UnderpaymentProject

_case, _payer, _project = table_of(Underpayment), table_of(Payer), table_of(UnderpaymentProject)


def payers(w: Work) -> list[tuple[str, str]]:
    """The payers there are underpayments of, by name."""
    some = select(_case.c.payer_id).where(w.within(_case.c.entity_id)).distinct()
    query = select(_payer.c.public_id, _payer.c.name).where(
        w.within(_payer.c.entity_id), _payer.c.id.in_(some)
    )
    return [(row[0], row[1]) for row in w.db.execute(query.order_by(_payer.c.name, _payer.c.id).limit(500))]


def projects(w: Work) -> list[tuple[str, str]]:
    """The projects, newest first."""
    query = select(_project.c.public_id, _project.c.name).where(w.within(_project.c.entity_id))
    return [(row[0], row[1]) for row in w.db.execute(query.order_by(_project.c.id.desc()).limit(500))]
