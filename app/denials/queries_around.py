"""What is known beside a batch when it is posted: other remits of its claims, twins, our own history."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select

from app.claims.models import Claim, ClaimLine
from app.contracts.queries import prices_of
from app.denials.lifecycle import State
from app.denials.models import Denial, DenialChance, DenialPlay
from app.denials.rules import DUPLICATES, Play, own_play
from app.denials.rules_cases import Around, PaidLine, plain_code
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import SQL_VARIABLES
from app.kernel.money import Money
from app.kernel.work import Work
from app.payers.rules import Terms
from app.remits.models import Remit, RemitClaim, RemitLine
from app.remits.rules import Posted, PostedClaim

_denial, _chance, _play = table_of(Denial), table_of(DenialChance), table_of(DenialPlay)
_claim, _line = table_of(Claim), table_of(ClaimLine)
_remit, _remit_claim, _remit_line = table_of(Remit), table_of(RemitClaim), table_of(RemitLine)
CHUNK = SQL_VARIABLES // 2
REVERSAL = "22"


def around(
    w: Work,
    posted: Posted,
    refused: Sequence[PostedClaim],
    claim_ids: Iterable[int],
    terms: Mapping[tuple[int | None, str], Terms],
) -> Around:
    """What other remits say of the claims a batch refused or that have cases: payments, takebacks, twins."""
    paid, taken_back = payments(w, {*claim_ids, *(claim.claim_id for claim in refused)})
    plays = own_plays(w, posted.entity_id, posted.remit_date)
    prices = _prices(w, posted, refused)
    return Around(terms, frozenset(taken_back), paid, _twins(w, posted, refused), plays, prices)


def _prices(w: Work, posted: Posted, refused: Sequence[PostedClaim]) -> dict[int, Money]:
    """What the contract owes for each line of the claims refused; lines without a price are left out."""
    found = prices_of(w, posted.entity_id, posted.payer_id, sorted({one.claim_id for one in refused}))
    return {key: price.expected for key, price in found.items() if price.expected is not None}


def claims_of(w: Work, remit_claim_ids: Iterable[int]) -> list[int]:
    """The claims these adjudications speak of."""
    found: set[int] = set()
    for chunk in in_chunks(sorted(set(remit_claim_ids)), CHUNK):
        mine = (w.within(_remit_claim.c.entity_id), _remit_claim.c.id.in_(chunk))
        query = select(_remit_claim.c.claim_id).where(*mine, _remit_claim.c.claim_id.is_not(None))
        found |= {int(one) for one in w.db.execute(query).scalars()}
    return sorted(found)


def payments(w: Work, claim_ids: Iterable[int]) -> tuple[dict[int, list[PaidLine]], set[int]]:
    """The payments in force on claims, by claim, and the claims of which a payment was taken back."""
    rows: dict[tuple[int, int], list[Row[Any]]] = {}
    taken_back: set[int] = set()
    for chunk in in_chunks(sorted(set(claim_ids)), CHUNK):
        for row in w.db.execute(_payments(w).where(_remit_claim.c.claim_id.in_(chunk))):
            if row.status == REVERSAL:
                if row.claim_paid < 0:
                    taken_back.add(row.claim_id)
            elif row.live:
                rows.setdefault((row.claim_id, row.id), []).append(row)
    paid: dict[int, list[PaidLine]] = {}
    for (claim_id, _), lines in rows.items():
        paid.setdefault(claim_id, []).extend(_paid_lines(lines))
    return paid, taken_back


def _paid_lines(rows: Sequence[Row[Any]]) -> list[PaidLine]:
    """The payments of one remit claim, from its rows: one per line, or one without a line."""
    beside = frozenset(row.claim_line_id for row in rows if row.claim_line_id is not None)
    found = []
    for row in rows:
        line = None if row.code is None else (row.claim_line_id, plain_code(row.code))
        cents = int(row.claim_paid if line is None else row.paid)
        if cents > 0:
            day = row.produced or row.issued or row.effective_date
            found.append(PaidLine(line, cents, row.id, day, beside))
    return found


def _payments(w: Work) -> Select[Any]:
    return (
        select(
            _remit_claim.c.claim_id,
            _remit_claim.c.id,
            _remit_claim.c.status,
            _remit_claim.c.live,
            _remit_claim.c.paid.label("claim_paid"),
            _remit.c.produced,
            _remit.c.issued,
            _remit.c.effective_date,
            _remit_line.c.claim_line_id,
            _remit_line.c.code,
            _remit_line.c.paid,
        )
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .outerjoin(_remit_line, _remit_line.c.remit_claim_id == _remit_claim.c.id)
        .where(w.within(_remit_claim.c.entity_id), _remit_claim.c.state == "posted", _remit.c.source == "835")
        .order_by(_remit_claim.c.id, _remit_line.c.id)
    )


def _twins(w: Work, posted: Posted, refused: Sequence[PostedClaim]) -> frozenset[tuple[int, str]]:
    """Services refused as duplicates that another claim of the patient, same day, bills too: paid or
    pending.
    """
    double = [
        claim
        for claim in refused
        if claim.service_from
        and any(one.carc in DUPLICATES for line in claim.lines for one in line.adjustments)
    ]
    if not double:
        return frozenset()
    answered = (
        select(_remit_claim.c.claim_id, func.max(_remit_claim.c.paid).label("most"))
        .where(w.within(_remit_claim.c.entity_id), _remit_claim.c.live, _remit_claim.c.state == "posted")
        .where(_remit_claim.c.status != "22")
        .group_by(_remit_claim.c.claim_id)
        .subquery()
    )
    others: dict[tuple[int, date], list[tuple[int, str]]] = {}
    for chunk in in_chunks(sorted({claim.patient_id for claim in double if claim.patient_id}), CHUNK):
        query = (
            select(_claim.c.id, _claim.c.patient_id, _claim.c.service_from, _line.c.code)
            .join(_line, and_(_line.c.claim_id == _claim.c.id, _line.c.live))
            .outerjoin(answered, answered.c.claim_id == _claim.c.id)
            .where(w.within(_claim.c.entity_id), _claim.c.entity_id == posted.entity_id)
            # No answer yet is pending; an answer without money is a denial to be worked itself.
            .where(_claim.c.patient_id.in_(chunk), or_(answered.c.most.is_(None), answered.c.most > 0))
        )
        for claim_id, patient_id, day, code in w.db.execute(query):
            others.setdefault((patient_id, day), []).append((claim_id, plain_code(code)))
    return frozenset(
        (claim.claim_id, code)
        for claim in double
        for other, code in others.get((claim.patient_id or 0, claim.service_from or date.min), ())
        if other != claim.claim_id
    )


# ---------------------------------------------------------------- our own history


def recovery(w: Work, entity_id: int) -> dict[tuple[str, int | None], Decimal]:
    """The newest measured chances by category and payer; empty while there is too little history."""
    newest = (
        select(func.max(_chance.c.measured_on))
        .where(_chance.c.entity_id == entity_id, w.within(_chance.c.entity_id))
        .scalar_subquery()
    )
    query = select(_chance.c.category, _chance.c.payer_id, _chance.c.chance).where(
        _chance.c.entity_id == entity_id, w.within(_chance.c.entity_id), _chance.c.measured_on == newest
    )
    return {(row.category, row.payer_id): Decimal(row.chance) for row in w.db.execute(query)}


def closed_counts(w: Work, entity_id: int) -> dict[tuple[str, int | None], tuple[int, int]]:
    """Closed cases and those of them that were paid, by category and payer; undone and doubled ones do not
    count.
    """
    paid = func.count().filter(_denial.c.recovered > 0)
    query = (
        select(_denial.c.category, _denial.c.payer_id, func.count(), paid)
        .where(_denial.c.entity_id == entity_id, w.within(_denial.c.entity_id))
        .where(_denial.c.state == State.CLOSED.value)
        .where(_denial.c.outcome.not_in(("posting_undone", "true_duplicate", "reversed")))
        .group_by(_denial.c.category, _denial.c.payer_id)
    )
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in w.db.execute(query)}


def own_plays(w: Work, entity_id: int, on: date) -> tuple[Play, ...]:
    """Rows of our own over the playbook, in force on a day; the newest first."""
    query = select(_play.c.fits, _play.c.answers).where(
        _play.c.entity_id == entity_id,
        w.within(_play.c.entity_id),
        _play.c.replaced_at.is_(None),
        _play.c.effective_from <= on,
        or_(_play.c.effective_to.is_(None), _play.c.effective_to > on),
    )
    found = w.db.execute(query.order_by(_play.c.effective_from.desc(), _play.c.id.desc()))
    return tuple(own_play(row.fits, row.answers) for row in found)
