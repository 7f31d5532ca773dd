"""What a run reads of accounts: one row of most, more of those whose turn it is; cents as numbers."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, func, or_, select, type_coerce

from app.accounts.lifecycle import OwedState
from app.accounts.models import Owed, Standing
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.patients.lifecycle import Channel, PointKind, Source
from app.patients.models import ContactPoint, Guarantor, GuarantorAddress
from app.patients.queries_reach import consents
from app.statements.lifecycle import RunKind, Stage
from app.statements.models import CollectionLetter, Dunning
from app.statements.rules_eligible import Reached
from app.statements.rules_policy import RANK, Plan

_standing, _dunning, _guarantor = table_of(Standing), table_of(Dunning), table_of(Guarantor)
_owed, _address, _point = table_of(Owed), table_of(GuarantorAddress), table_of(ContactPoint)
_letter = table_of(CollectionLetter)
CHUNK = 5_000
CENTS = ("due", "waiting", "held", "credit", "unapplied", "pending", "on_plan")


def rows_of(w: Work, entity_id: int) -> Select[Any]:
    """The one row per account that decides most of it; `rules_eligible.Row` and more."""
    cents = [type_coerce(_standing.c[name], BigInteger).label(name) for name in CENTS]
    before = type_coerce(_dunning.c.statement_due, BigInteger).label("statement_due")
    return (
        select(
            _standing.c.account_id, *cents, _standing.c.plan, _standing.c.blocks, _standing.c.promise_until,
            _standing.c.latest_since, _dunning.c.stage, _dunning.c.since, _dunning.c.next_on,
            _dunning.c.skip_one, _dunning.c.statement_on, before, _guarantor.c.confirmed,
            _guarantor.c.confidential, _guarantor.c.language, _guarantor.c.state,
        )
        .outerjoin(_dunning, _dunning.c.account_id == _standing.c.account_id)
        .join(_guarantor, _guarantor.c.id == _standing.c.account_id)
        .where(_standing.c.entity_id == entity_id, w.within(_standing.c.entity_id))
    )  # fmt: skip


def chunks(w: Work, entity_id: int, kind: str, plan: Plan) -> Iterator[Sequence[Any]]:
    """Every account a run looks at, in the order of its key, 5,000 at a time.

    Statements: whoever owes, is owed or stands at a stage. Letters: whoever stands where letters are sent.
    """
    query = rows_of(w, entity_id)
    if kind == RunKind.STATEMENTS:
        moved = [_standing.c[name] != 0 for name in ("due", "waiting", "held", "credit", "unapplied")]
        query = query.where(or_(*moved, _dunning.c.stage != Stage.NOT_DUE.value))
    else:
        query = query.where(_dunning.c.stage.in_(letter_stages(plan)))
    last = -1
    while True:
        page = query.where(_standing.c.account_id > last).order_by(_standing.c.account_id).limit(CHUNK)
        rows = w.db.execute(page).all()
        if not rows:
            return
        last = rows[-1].account_id
        yield rows


def letter_stages(plan: Plan) -> list[str]:
    """The stages a run of letters looks at: those with a letter of their own, or with one as next step."""
    found = {step.stage for step in plan.steps if step.letter}
    return sorted(found | {stage for stage in RANK if (step := plan.after(stage)) and step.letter})


def rows_among(w: Work, entity_id: int, account_ids: Collection[int]) -> Sequence[Any]:
    """The same rows of these accounts, whatever they owe."""
    query = rows_of(w, entity_id).where(among(w.db, _standing.c.account_id, sorted(account_ids)))
    return w.db.execute(query.order_by(_standing.c.account_id)).all()


def letters_sent(w: Work, rows: Sequence[Any], plan: Plan) -> dict[int, frozenset[str]]:
    """Names of the letters each account got since it came to its stage, of stages that have their own."""
    stages = {step.stage for step in plan.steps if step.letter and step.statement}
    since = {row.account_id: row.since for row in rows if row.stage in stages}
    if not since:
        return {}
    query = select(_letter.c.account_id, _letter.c.letter, _letter.c.day).where(
        among(w.db, _letter.c.account_id, sorted(since)), w.within(_letter.c.entity_id)
    )
    found: dict[int, set[str]] = {}
    for row in w.db.execute(query):
        if row.day >= since[row.account_id]:
            found.setdefault(row.account_id, set()).add(row.letter)
    return {key: frozenset(names) for key, names in found.items()}


def waits(w: Work, account_ids: Sequence[int]) -> dict[int, str]:
    """Whom most of each account's waiting money waits for."""
    amount = type_coerce(_owed.c.amount, BigInteger).label("amount")
    query = select(_owed.c.account_id, _owed.c.reason, amount).where(
        among(w.db, _owed.c.account_id, list(account_ids)), w.within(_owed.c.entity_id),
        _owed.c.state == OwedState.WAITING.value,
    )  # fmt: skip
    return _largest(w, query)


def visit_holds(w: Work, account_ids: Sequence[int]) -> dict[int, str]:
    """What kind of hold keeps most of each account's held money."""
    amount = type_coerce(_owed.c.amount, BigInteger).label("amount")
    query = select(_owed.c.account_id, _owed.c.reason, amount).where(
        among(w.db, _owed.c.account_id, list(account_ids)), w.within(_owed.c.entity_id),
        _owed.c.state == OwedState.HELD.value,
    )  # fmt: skip
    return _largest(w, query)


def several_patients(w: Work, account_ids: Sequence[int]) -> set[int]:
    """The accounts with open visits of more than one patient."""
    query = select(_owed.c.account_id).where(
        among(w.db, _owed.c.account_id, list(account_ids)), w.within(_owed.c.entity_id),
        _owed.c.state != OwedState.CLEAR.value,
    )  # fmt: skip
    mixed = query.group_by(_owed.c.account_id).having(func.count(_owed.c.patient_id.distinct()) > 1)
    return {int(one) for one in w.db.execute(mixed).scalars()}


def _largest(w: Work, query: Select[Any]) -> dict[int, str]:
    sums: dict[int, dict[str, int]] = {}
    for row in w.db.execute(query):
        of = sums.setdefault(row.account_id, {})
        of[row.reason] = of.get(row.reason, 0) + abs(row.amount)
    return {key: max(sorted(of), key=lambda reason: of[reason]) for key, of in sums.items()}


def reached(w: Work, rows: Sequence[Any], words: frozenset[str], instead: str) -> dict[int, Reached]:
    """How each account can be reached, without opening an address."""
    ids = [row.account_id for row in rows]
    query = select(_address.c.guarantor_id, _address.c.mail, _address.c.source).where(
        among(w.db, _address.c.guarantor_id, ids), w.within(_address.c.entity_id),
        _address.c.effective_to.is_(None),
    )  # fmt: skip
    homes = {row.guarantor_id: row for row in w.db.execute(query.order_by(_address.c.id))}
    mailed = by_email(w, ids)
    found = {}
    for row in rows:
        home = homes.get(row.account_id)
        found[row.account_id] = Reached(
            mail=home.mail if home else "",
            from_claim=home is not None and home.source == Source.CLAIM,
            email=row.account_id in mailed,
            confirmed=row.confirmed,
            confidential=row.confidential,
            language=row.language,
            words=words,
            instead=instead,
        )
    return found


def by_email(w: Work, ids: Sequence[int]) -> dict[int, int]:
    """Where statements may go by e-mail: an address they consented to (E-SIGN), and none at work."""
    said = consents(w, ids)
    asked = [key for key in ids if any(one.channel == Channel.STATEMENT for one in said[key].said)]
    if not asked:
        return {}
    query = select(_point.c.guarantor_id, _point.c.id).where(
        among(w.db, _point.c.guarantor_id, asked), w.within(_point.c.entity_id),
        _point.c.kind == PointKind.EMAIL.value, _point.c.ended_at.is_(None), _point.c.work.is_(False),
    )  # fmt: skip
    found: dict[int, int] = {}
    for row in w.db.execute(query.order_by(_point.c.id)):
        if said[row.guarantor_id].allows(Channel.STATEMENT, row.id):
            found.setdefault(row.guarantor_id, row.id)
    return found
