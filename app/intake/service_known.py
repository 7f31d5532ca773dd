"""Which transactions are on the books."""

from sqlalchemy import select

from app.intake.lifecycle import State
from app.intake.models import IntakeFile, IntakeTransaction
from app.kernel.db import table_of
from app.kernel.work import Work

_file, _transaction = table_of(IntakeFile), table_of(IntakeTransaction)


def posted_by_id(w: Work, transaction_id: int) -> tuple[int, str] | None:
    """(id, file name) of a transaction while it is posted; None when its posting was undone."""
    query = select(_transaction.c.id, _file.c.name).join(_file, _file.c.file_no == _transaction.c.file_no)
    posted = (_transaction.c.id == transaction_id, _transaction.c.state == State.POSTED.value)
    row = w.db.execute(query.where(*posted)).one_or_none()
    return (int(row.id), str(row.name)) if row else None
