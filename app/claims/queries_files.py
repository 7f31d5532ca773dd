"""What the page of a file says of acknowledgement: whom an answer speaks of, what answers a file of ours."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from app.claims.lifecycle import REJECTED_STATES, State
from app.claims.models import Acknowledgement, Claim, ClaimAnswer, ClaimEvent, ClaimVersion, Transmission
from app.claims.rules_answers import REFUSES
from app.intake.models import IntakeFile, IntakeTransaction
from app.intake.rules import CLAIM_KINDS
from app.kernel.db import table_of
from app.kernel.work import Work

_answer, _said, _way = table_of(ClaimAnswer), table_of(Acknowledgement), table_of(Transmission)
_claim, _version, _event = table_of(Claim), table_of(ClaimVersion), table_of(ClaimEvent)
_transaction, _file = table_of(IntakeTransaction), table_of(IntakeFile)
MOST = 200
NOT_OURS = "No claim of yours has this number yet. It is looked for again whenever claims come in."
SEVERAL = "Its number fits, but name, day and amount tell of another claim, or of several alike."
NO_FILE = "The file it speaks of has not come in yet."


@dataclass(frozen=True, slots=True)
class Spoken:
    """One thing an answer speaks of. claim, file: public ids, empty while nothing of ours is found; then
    `why` says the reason. codes: `category:status:entity` of a claim, the verdict of a file.
    """

    what: str
    codes: str
    refused: bool
    claim: str
    file: str
    why: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What a file that answers speaks of: the first 200, those nobody is found for before all others."""

    rows: list[Spoken]
    said: int
    unmatched: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What answers one transaction of claims we sent. submitted = accepted + rejected + unanswered.

    A claim counts by the last that was said of it before payment; a refused transaction rejects all.
    """

    control: str
    state: str
    file: str
    submitted: int
    accepted: int
    rejected: int

    @property
    def unanswered(self) -> int:
        """Claims no 277CA or 277 speaks of."""
        return self.submitted - self.accepted - self.rejected


def answers_in(w: Work, file_no: int) -> Answers | None:
    """What the 999s, TA1s, 277CAs and 277s of a file speak of; None when it holds none."""
    mine = select(_transaction.c.id).where(_transaction.c.file_no == file_no)
    claims, ways = _answer.c.source_id.in_(mine), _said.c.source_id.in_(mine)
    counts = [
        w.db.execute(select(func.count(), func.count(about)).where(which)).one()
        for about, which in ((_answer.c.claim_id, claims), (_said.c.about_id, ways))
    ]
    said = sum(int(one[0]) for one in counts)
    if not said:
        return None
    rows = [*_claims(w, claims), *_ways(w, ways)][:MOST]
    shown = [one.claim for one in rows if one.claim]
    w.audit("answers.read", "R", "intake_file", str(file_no), detail={"claims": len(shown)})
    return Answers(rows, said, said - sum(int(one[1]) for one in counts))


def _claims(w: Work, which: Any) -> list[Spoken]:
    known = select(_version.c.id).where(_version.c.control == _answer.c.control)
    named = ("control", "category", "status", "entity_code", "move", "claim_id")
    query = (
        select(*(_answer.c[name] for name in named), _claim.c.public_id, known.exists().label("known"))
        .outerjoin(_claim, and_(_claim.c.id == _answer.c.claim_id, w.within(_claim.c.entity_id)))
        .where(which, or_(_answer.c.entity_id.is_(None), w.within(_answer.c.entity_id)))
        .order_by(_answer.c.claim_id.is_not(None), _answer.c.id)
        .limit(MOST)
    )
    refuses = {move.value for move in REFUSES}
    return [
        Spoken(
            what=row.control,
            codes=":".join(code for code in (row.category, row.status, row.entity_code) if code),
            refused=row.move in refuses,
            claim=row.public_id or "",
            file="",
            why="" if row.claim_id else SEVERAL if row.known else NOT_OURS,
        )
        for row in w.db.execute(query)
    ]


def _ways(w: Work, which: Any) -> list[Spoken]:
    named = ("level", "interchange", "group_control", "set_control", "code", "about_id")
    query = (
        select(*(_said.c[name] for name in named), _file.c.public_id)
        .outerjoin(_transaction, _transaction.c.id == _said.c.about_id)
        .outerjoin(_file, _file.c.file_no == _transaction.c.file_no)
        .where(which, or_(_said.c.entity_id.is_(None), w.within(_said.c.entity_id)))
        .order_by(_said.c.about_id.is_not(None), _said.c.id)
        .limit(MOST)
    )
    return [
        Spoken(
            what=_part(row),
            codes=row.code,
            refused=row.code not in ("A", "E", "P"),
            claim="",
            file=row.public_id or "",
            why="" if row.about_id else NO_FILE,
        )
        for row in w.db.execute(query)
    ]


def _part(row: Any) -> str:
    if row.level == "interchange":
        return f"Interchange {row.interchange}"
    group = f"group {row.group_control}"
    return f"Transaction {row.set_control} of {group}" if row.level == "set" else group.capitalize()


def sent_in(w: Work, file_no: int) -> list[Sent]:
    """How each transaction of claims in a file was acknowledged, in the order of the file; the first 200."""
    query = (
        select(_transaction.c.id, _transaction.c.control, _way.c.state, _file.c.public_id.label("file"))
        .outerjoin(_way, _way.c.transaction_id == _transaction.c.id)
        .outerjoin(_said, _said.c.id == _way.c.acknowledgement_id)
        .outerjoin(
            _source := _transaction.alias("source"), _source.c.id == _said.c.source_id
        )
        .outerjoin(_file, _file.c.file_no == _source.c.file_no)
        .where(
            _transaction.c.file_no == file_no,
            _transaction.c.kind.in_(CLAIM_KINDS),
            _transaction.c.state == "posted",
            w.within(_transaction.c.entity_id),
        )
        .order_by(_transaction.c.id)
        .limit(MOST)
    )  # fmt: skip
    rows = w.db.execute(query).all()
    said = _last_said(w, [row.id for row in rows])
    found = []
    for row in rows:
        submitted, refused, answered = said.get(row.id, (0, 0, 0))
        whole = row.state in {one.value for one in REJECTED_STATES}
        rejected = submitted if whole else refused
        accepted = 0 if whole else answered - refused
        state = row.state or State.TRANSMITTED.value
        found.append(Sent(row.control, state, row.file or "", submitted, accepted, rejected))
    return found


def _last_said(w: Work, transactions: list[int]) -> dict[int, tuple[int, int, int]]:
    """{transaction: (claims, refused by what was said of them last, answered at all)}."""
    later = _event.alias("later")
    after = or_(later.c.day > _event.c.day, and_(later.c.day == _event.c.day, later.c.id > _event.c.id))
    newest = ~select(later.c.id).where(later.c.claim_id == _event.c.claim_id, after).exists()
    refused = _event.c.move.in_([move.value for move in REFUSES])
    query = (
        select(
            _version.c.transaction_id,
            func.count(_version.c.claim_id.distinct()),
            func.count(_event.c.claim_id.distinct()).filter(refused),
            func.count(_event.c.claim_id.distinct()),
        )
        .select_from(_version)
        .outerjoin(_event, and_(_event.c.claim_id == _version.c.claim_id, newest))
        .where(_version.c.transaction_id.in_(transactions), w.within(_version.c.entity_id))
        .group_by(_version.c.transaction_id)
    )
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in w.db.execute(query)}
