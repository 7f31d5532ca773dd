"""Items of an account that came back, and whether its checks are still taken (RCASH-07)."""

from datetime import date, timedelta

from sqlalchemy import func, select

from app.contacts import queries_law
from app.kernel.db import table_of
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.payments.lifecycle import Reversal, Tender
from app.payments.models import PatientPayment
from app.payments.rules_fee import block_words

_payment, _guarantor = table_of(PatientPayment), table_of(Guarantor)
YEAR_DAYS = 366
RETURNED = (Reversal.NSF.value, Reversal.STOPPED.value)


def came_back(
    w: Work, account_id: int | None, on: date, *, but: int = 0, tender: Tender | None = None
) -> tuple[int, date | None]:
    """(how many, the last day) of items that came back in the twelve months up to a day, but for one."""
    if account_id is None:
        return 0, None
    query = select(func.count(), func.max(_payment.c.reversed_on)).where(
        _payment.c.account_id == account_id, w.within(_payment.c.entity_id), _payment.c.id != but,
        _payment.c.reversal.in_(RETURNED), _payment.c.reversed_on > on - timedelta(YEAR_DAYS),
        _payment.c.reversed_on <= on,
    )  # fmt: skip
    if tender is not None:
        query = query.where(_payment.c.tender == tender.value)
    count, last = w.db.execute(query).one()
    return int(count), last


def checks_blocked(w: Work, account_id: int, on: date) -> str:
    """Why no check of this account is taken on a day, in words; empty: one may be."""
    count, last = came_back(w, account_id, on, tender=Tender.CHECK)
    if not count:
        return ""
    mine = (_guarantor.c.id == account_id, w.within(_guarantor.c.entity_id))
    row = w.db.execute(select(_guarantor.c.entity_id, _guarantor.c.state).where(*mine)).one()
    most = queries_law.law(w, row.entity_id, on).number("nsf_checks_most", row.state)
    return block_words(count, most, last)
