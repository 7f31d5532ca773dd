"""One claim as a whole: what was billed, what each payer answered, what was refused, what the ledger holds.

Whoever reads it is noted with the patient, before the answer leaves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select

from app.claims import queries as claims
from app.claims import queries_versions as billed
from app.claims.queries import ClaimRow
from app.claims.queries_versions import CoveredView, VersionView
from app.denials import queries
from app.denials.models import Denial, DenialEvent
from app.denials.queries import DenialRow
from app.denials.queries_figures import Figures, allowed, figures
from app.kernel.db import table_of
from app.kernel.ids import unpack
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.queries import ClaimEntry, claim_entries
from app.remits.models import Remit, RemitAdjustment, RemitClaim, RemitLine, RemitRemark

_remit, _remit_claim, _line = table_of(Remit), table_of(RemitClaim), table_of(RemitLine)
_adjustment, _remark = table_of(RemitAdjustment), table_of(RemitRemark)
_denial, _event = table_of(Denial), table_of(DenialEvent)
STATUSES = {
    "1": "processed as primary",
    "2": "processed as secondary",
    "3": "processed as tertiary",
    "4": "denied",
    "19": "processed as primary, forwarded",
    "20": "processed as secondary, forwarded",
    "21": "processed as tertiary, forwarded",
    "22": "reversal of an earlier payment",
    "23": "not theirs, forwarded",
    "25": "estimate only",
}
EFFECTS = {
    "contractual": "contractual, account 4100",
    "sequestration": "sequestration, account 4150",
    "withhold": "withheld, account 1200",
    "tax_withholding": "tax withheld, account 1220",
    "next_party": "next payer, else patient",
    "none": "moves nothing",
}
BATCHES = {
    "release": "Released from unapplied cash",
    "undo": "Posting undone",
    "resolve": "Settled by a person",
}


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """One CAS triplet. Cents as the payer wrote them: positive lowers the payment."""

    group: str
    carc: str
    amount: Money
    effect: str
    denies: bool
    segment: int
    element: int
    byte: int


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """One line of an answer; `billed_code` is what it answers, `claim_line_id` the billed line it was matched
    to and stays inside.
    """

    code: str
    modifiers: str
    billed_code: str
    revenue: str
    units: str
    charge: Money
    paid: Money
    allowed: Money
    stated_allowed: Money | None
    matched: bool
    segment: int
    adjustments: tuple[AdjustmentView, ...]
    remarks: tuple[str, ...]
    claim_line_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What one payer said of the claim at one time. `standing`: it is what holds now."""

    public_id: str
    remit: str
    trace: str
    payer: str
    rank: int
    status: str
    state: str
    standing: bool
    payer_control: str
    charge: Money
    paid: Money
    allowed: Money
    patient_responsibility: Money
    denied: Money
    issued: date | None
    effective_date: date
    recorded_at: datetime
    segment: int
    adjustments: tuple[AdjustmentView, ...]
    remarks: tuple[str, ...]
    lines: tuple[AnsweredLine, ...]

    @property
    def status_words(self) -> str:
        """CLP02 in words."""
        return STATUSES.get(self.status, f"status {self.status}")

    @property
    def is_reversal(self) -> bool:
        """Does it take an earlier answer back?"""
        return self.status == "22"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something of the timeline: `at` is when it was recorded, `detail` holds when it took effect."""

    at: datetime
    title: str
    detail: str = ""
    who: str = ""
    href: str = ""
    tone: str = "mute"


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """A claim with everything that ever happened to it."""

    head: ClaimRow
    figures: Figures
    payers: list[CoveredView]
    versions: list[VersionView]
    answers: list[AnswerView]
    denials: list[DenialRow]
    entries: list[ClaimEntry]
    timeline: list[Happening]


def claim(w: Work, public_id: str) -> ClaimPage:
    """The whole claim; `NotFound` when there is none or it is not yours."""
    head = claims.one(w, public_id)
    w.audit("claim.read", "R", "claim", public_id, entity_id=head.entity_id, patients=[head.patient_id])
    versions, found = billed.versions(w, head.id), answers(w, head.id)
    entries, cases = claim_entries(w, head.id), queries.on_claim(w, head.id)
    return ClaimPage(
        head=head,
        figures=figures(w, [head.id])[head.id],
        payers=billed.payers(w, head.id),
        versions=versions,
        answers=found,
        denials=cases,
        entries=entries,
        timeline=_timeline(w, head.id, versions, found, entries),
    )


# ---------------------------------------------------------------- answers


def answers(w: Work, claim_id: int) -> list[AnswerView]:
    """Every adjudication of a claim, by payer rank and then by time. Four statements."""
    query = (
        select(_remit_claim, _remit.c.public_id.label("remit"), _remit.c.trace, _remit.c.payer_name,
               _remit.c.produced, _remit.c.issued, _remit.c.effective_date, _remit.c.recorded_at)
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .where(_remit_claim.c.claim_id == claim_id, w.within(_remit_claim.c.entity_id))
    )  # fmt: skip
    rows = list(w.db.execute(query))
    ids = [row.id for row in rows]
    lines = _grouped(w.db.execute(select(_line).where(_line.c.remit_claim_id.in_(ids)).order_by(_line.c.id)))
    adjusted, remarked = (
        list(w.db.execute(select(table).where(table.c.remit_claim_id.in_(ids)).order_by(table.c.id)))
        for table in (_adjustment, _remark)
    )
    found = [
        _answer(
            row,
            lines.get(row.id, []),
            [one for one in adjusted if one.remit_claim_id == row.id],
            [one for one in remarked if one.remit_claim_id == row.id],
        )
        for row in rows
    ]
    return sorted(
        found, key=lambda one: (one.rank, one.issued or one.effective_date, one.recorded_at, one.segment)
    )


def _grouped(rows: Iterable[Row[Any]]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.remit_claim_id, []).append(row)
    return found


def _answer(
    row: Row[Any], lines: Sequence[Row[Any]], adjusted: Sequence[Row[Any]], remarked: Sequence[Row[Any]]
) -> AnswerView:
    same = ("public_id", "remit", "trace", "rank", "status", "state", "payer_control", "charge", "paid",
            "effective_date", "recorded_at")  # fmt: skip
    return AnswerView(
        payer=row.payer_name,
        standing=bool(row.live),
        allowed=_allowed(int(row.paid), row.rank, adjusted),
        patient_responsibility=_total(one for one in adjusted if one.cas_group == "PR"),
        denied=_total(one for one in adjusted if one.denies and one.cas_group != "PR"),
        issued=row.produced or row.issued,
        segment=unpack(row.id).segment,
        adjustments=_adjustments(adjusted, None),
        remarks=tuple(one.code for one in remarked if one.remit_line_id is None),
        lines=tuple(_answered_line(line, row.rank, adjusted, remarked) for line in lines),
        **{name: getattr(row, name) for name in same},
    )


def _answered_line(
    line: Row[Any], rank: int, adjusted: Sequence[Row[Any]], remarked: Sequence[Row[Any]]
) -> AnsweredLine:
    own = [one for one in adjusted if one.remit_line_id == line.id]
    same = ("code", "modifiers", "billed_code", "revenue", "units", "charge", "paid")
    return AnsweredLine(
        allowed=_allowed(int(line.paid), rank, own),
        stated_allowed=line.allowed,
        matched=line.claim_line_id is not None,
        segment=unpack(line.id).segment,
        adjustments=_adjustments(adjusted, line.id),
        remarks=tuple(one.code for one in remarked if one.remit_line_id == line.id),
        claim_line_id=line.claim_line_id,
        **{name: getattr(line, name) for name in same},
    )


def _adjustments(adjusted: Sequence[Row[Any]], line_id: int | None) -> tuple[AdjustmentView, ...]:
    return tuple(
        AdjustmentView(
            one.cas_group, one.carc, one.amount, EFFECTS.get(one.effect, one.effect), bool(one.denies),
            unpack(one.id).segment, one.element, one.byte,
        )
        for one in adjusted
        if one.remit_line_id == line_id
    )  # fmt: skip


def _allowed(paid: int, rank: int, adjusted: Sequence[Row[Any]]) -> Money:
    return Money(allowed(paid, rank, [_Cents(one.cas_group, one.carc, int(one.amount)) for one in adjusted]))


@dataclass(frozen=True, slots=True)
class _Cents:
    cas_group: str
    carc: str
    cents: int


def _total(adjusted: Iterable[Row[Any]]) -> Money:
    return Money(sum(int(one.amount) for one in adjusted))


# ---------------------------------------------------------------- the timeline


def _timeline(
    w: Work,
    claim_id: int,
    versions: Sequence[VersionView],
    found: Sequence[AnswerView],
    entries: Sequence[ClaimEntry],
) -> list[Happening]:
    """What happened, last recorded first. Times of recording; when it took effect is said beside it."""
    told = [_sent(one) for one in versions] + [_answered(one) for one in found]
    told += _posted(entries) + _worked(w, claim_id)
    # What one remit said is recorded at one moment; its order in the file decides then.
    order = sorted(enumerate(told), key=lambda one: (one[1].at, one[0]), reverse=True)
    return [one for _, one in order]


def _sent(one: VersionView) -> Happening:
    day = one.sent_on
    made = f"sent {day:%m/%d/%Y} in {one.file}" if day else f"in {one.file}"
    return Happening(one.recorded_at, f"Billed {one.charge:,}, {one.title.lower()}", made, tone="info")


def _answered(one: AnswerView) -> Happening:
    href = f"/remits/{one.remit}?claim={one.public_id}#segment-{one.segment}"
    effect = f"effective {one.effective_date:%m/%d/%Y}, trace {one.trace}"
    if one.is_reversal:
        return Happening(one.recorded_at, f"{one.payer} took back {-one.paid:,}", effect, "", href, "warn")
    words = f"{one.payer} paid {one.paid:,}, {one.status_words}"
    if one.denied:
        words += f", denied {one.denied:,}"
    tone = "bad" if one.denied and not one.paid else "warn" if one.denied or one.state != "posted" else "good"
    waits = f", {one.state}" if one.state != "posted" else ""
    return Happening(one.recorded_at, words, effect + waits, "", href, tone)


def _posted(entries: Sequence[ClaimEntry]) -> list[Happening]:
    """Batches that neither billing nor a remit explains: releases, undoings, decisions of people."""
    batches: dict[str, list[ClaimEntry]] = {}
    for one in entries:
        if one.entry.kind in BATCHES:
            batches.setdefault(one.entry.batch, []).append(one)
    return [
        Happening(
            rows[0].entry.recorded_at,
            BATCHES[rows[0].entry.kind],
            f"effective {rows[0].entry.effective_date:%m/%d/%Y}, {len(rows)} entries; "
            f"payers owe {rows[-1].payer_after:,}, the patient {rows[-1].patient_after:,}",
            rows[0].entry.actor,
            f"/ledger/batches/{public}",
            "warn",
        )
        for public, rows in batches.items()
    ]


def _worked(w: Work, claim_id: int) -> list[Happening]:
    query = (
        select(_event, _denial.c.public_id, _denial.c.category)
        .join(_denial, _denial.c.id == _event.c.denial_id)
        .where(_denial.c.claim_id == claim_id, w.within(_denial.c.entity_id))
        .order_by(_event.c.id)
    )
    return [
        Happening(
            row.at,
            f"Denial ({row.category.replace('_', ' ')}): {row.move.replace('_', ' ')}",
            row.reason if row.before == row.after else f"{row.before} → {row.after}. {row.reason}".strip(),
            row.actor,
            f"/denials/{row.public_id}",
            "bad" if row.move == "open" else "mute",
        )
        for row in w.db.execute(query)
    ]
