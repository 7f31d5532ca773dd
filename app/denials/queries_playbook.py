"""Reads of the playbook: its rows with where they come from, and what a changed row would have decided.

A row is named by what it matches; of the rows of our own with one match each has its days.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select, tuple_

from app.claims.models import Claim
from app.codes.rules import CodeBook
from app.denials.models import Denial, DenialItem, DenialPlay
from app.denials.queries_around import own_plays
from app.denials.rules import APPEALABLE, CONDITIONS, Play, Reader, Reading, own_play, playbook
from app.kernel.db import table_of
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.work import Work

_play, _denial, _item, _claim = (table_of(one) for one in (DenialPlay, Denial, DenialItem, Claim))
BACK_DAYS = 90
SAMPLES = 10
SHIPPED, OWN = "shipped", "own"


@dataclass(frozen=True, slots=True)
class PlayRow:
    """One row of the playbook. `source` is shipped or own; `effective_to` is exclusive, None has no end.

    `state`: in_force, ahead, ended, or replaced (a later change took its place; it stays for the record).
    """

    play: Play
    source: str
    effective_from: date | None = None
    effective_to: date | None = None
    author: str = ""
    reason: str = ""
    recorded_at: datetime | None = None
    state: str = "in_force"

    @property
    def match(self) -> dict[str, str]:
        """What it matches, empty conditions left out."""
        return match_of(self.play)


def match_of(play: Play) -> dict[str, str]:
    """The conditions of a row that say something."""
    return {name: getattr(play, name) for name in CONDITIONS if getattr(play, name)}


def _said(name: str) -> Any:
    return lambda row: getattr(row.play, name)


COLUMNS = (
    Column("payer", "Payer", value=_said("payer")),
    Column("group", "Group", Kind.CODE, value=_said("group")),
    Column("carc", "CARC", Kind.CODE, value=_said("carc")),
    Column("rarc", "RARC", Kind.CODE, value=_said("rarc")),
    Column("when_category", "When category", value=_said("when_category")),
    Column("category", "Category", value=_said("category")),
    Column("root_cause", "Root cause", value=_said("root_cause"), wide=False),
    Column("next_action", "Next action", value=_said("next_action")),
    Column("days", "Days", value=_said("days")),
    Column("letter", "Letter", value=_said("letter"), wide=False),
    Column("evidence", "Evidence", value=_said("evidence"), wide=False),
    Column("source", "Source", Kind.STATE),
    Column("effective_from", "From", Kind.DAY),
    Column("effective_to", "Until", Kind.DAY, hint="The first day it no longer holds"),
    Column("author", "By", wide=False),
    Column("reason", "Why", wide=False),
)


def rows(w: Work, entity_id: int, on: date, wanted: Mapping[str, str]) -> list[PlayRow]:
    """The rows that match the filters (payer, group, carc, rarc, source), most specific first, ours first."""
    found = [one for one in written(w, entity_id, on) if one.state in ("in_force", "ahead")]
    found += [PlayRow(play, SHIPPED) for play in playbook()]
    found = [one for one in found if _wanted(one, wanted)]
    return sorted(found, key=lambda one: -one.play.weight)


def _wanted(row: PlayRow, wanted: Mapping[str, str]) -> bool:
    if wanted.get("source") not in (None, "", row.source):
        return False
    names = ("payer", "group", "carc", "rarc", "category")
    for name in names:
        asked = (wanted.get(name) or "").strip()
        held = getattr(row.play, name)
        if name == "category":
            held = held or row.play.when_category
        if asked and held.upper() != asked.upper():
            return False
    return True


def written(w: Work, entity_id: int, on: date) -> list[PlayRow]:
    """Every row of our own ever written, newest first."""
    query = select(_play).where(_play.c.entity_id == entity_id, w.within(_play.c.entity_id))
    return [
        PlayRow(
            play=own_play(row.fits, row.answers),
            source=OWN,
            effective_from=row.effective_from,
            effective_to=row.effective_to,
            author=row.author,
            reason=row.reason,
            recorded_at=row.recorded_at,
            state=_state(row, on),
        )
        for row in w.db.execute(query.order_by(_play.c.id.desc()))
    ]


def _state(row: Any, on: date) -> str:
    if row.replaced_at is not None:
        return "replaced"
    if row.effective_from > on:
        return "ahead"
    return "ended" if row.effective_to is not None and row.effective_to <= on else "in_force"


def same_match(found: Iterable[PlayRow], match: Mapping[str, str]) -> list[PlayRow]:
    """Those of the rows that match exactly this."""
    return [one for one in found if one.match == dict(match)]


# ---------------------------------------------------------------- what a change would have decided


@dataclass(frozen=True, slots=True)
class Changed:
    """A group of refusals that would be read differently: how many cases, their denied dollars, what was and
    what would be. None: no case at all.
    """

    payer_class: str
    filing: str
    group: str
    carc: str
    rarcs: str
    cases: int
    denied: Money
    was: Reading | None
    would: Reading | None
    moves: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One case a change would read differently."""

    public_id: str
    control: str
    group: str
    carc: str
    rarcs: str
    denied: Money
    state: str
    denied_on: date
    was: Reading | None
    would: Reading | None
    patient_id: int | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a row would have decided since a day. `read`: all cases of those days; counts by what moves."""

    since: date
    read: int
    cases: int
    denied: Money
    category: int
    action: int
    deadline: int
    letter: int
    groups: tuple[Changed, ...]
    samples: tuple[Sample, ...]


_LEAD = (
    select(
        _item.c.denial_id,
        func.max(_item.c.rarcs).label("rarcs"),
        func.max(case((_item.c.cents >= _item.c.charge, 1), else_=0)).label("whole"),
    )
    .join(_denial, _denial.c.id == _item.c.denial_id)
    .where(
        _item.c.round == _denial.c.round,
        _item.c.group_code == _denial.c.group_code,
        _item.c.carc == _denial.c.carc,
    )
    .group_by(_item.c.denial_id)
)
_KEY = ("payer_class", "filing", "group_code", "carc")


def what_if(
    w: Work,
    entity_id: int,
    book: CodeBook,
    match: Mapping[str, str],
    answers: Mapping[str, str],
    *,
    ends: bool = False,
) -> WhatIf:
    """Read the refusals of the 90 days before the book's day twice: as things stand, and with this row.

    ends: the own row with this match is taken out instead. The database counts equal refusals, so that the
    work is by kinds of refusal, not by cases; two statements and one for the samples.
    """
    since, own = book.on - timedelta(BACK_DAYS), own_plays(w, entity_id, book.on)
    others = tuple(one for one in own if match_of(one) != dict(match))
    with_it = others if ends else (own_play(match, answers), *others)
    judge = _Judge(book, own, with_it)
    in_days = _in_days(w, entity_id, since)
    lead = _LEAD.where(*in_days).subquery()
    key = (*(_denial.c[name] for name in _KEY), lead.c.rarcs, lead.c.whole)
    query = (
        select(*key, func.count(), func.sum(_denial.c.denied))
        .join(lead, lead.c.denial_id == _denial.c.id)
        .where(*in_days)
        .group_by(*key)
    )
    read, found = 0, []
    for row in w.db.execute(query):
        payer_class, filing, group, carc, rarcs, is_whole, cases, denied = tuple(row)
        read += cases
        was, would = judge.both(payer_class, filing, (group, carc, tuple(rarcs.split()), bool(is_whole)))
        if moves := _moves(was, would):
            amount = Money.of_sum(int(denied or 0))
            one = Changed(payer_class, filing, group, carc, rarcs, cases, amount, was, would, moves)
            found.append((one, bool(is_whole)))
    found.sort(key=lambda pair: (-pair[0].denied, pair[0].carc, pair[0].rarcs, pair[0].payer_class))
    changed = [one for one, _ in found]
    return WhatIf(
        since=since,
        read=read,
        cases=sum(one.cases for one in changed),
        denied=Money.of_sum(sum(int(one.denied) for one in changed)),
        **{
            name: sum(one.cases for one in changed if name in one.moves)
            for name in ("category", "action", "deadline", "letter")
        },
        groups=tuple(changed),
        samples=tuple(_samples(w, in_days, found)),
    )


def _in_days(w: Work, entity_id: int, since: date) -> tuple[Any, ...]:
    return (_denial.c.entity_id == entity_id, w.within(_denial.c.entity_id), _denial.c.denied_on >= since)


class _Judge:
    """Two readers for each kind of payer: the playbook as it is, and as it would be."""

    def __init__(self, book: CodeBook, now: Sequence[Play], then: Sequence[Play]):
        self._book, self._now, self._then = book, now, then
        self._readers: dict[tuple[str, str], tuple[Reader, Reader]] = {}

    def both(
        self, payer_class: str, filing: str, refusal: tuple[str, str, tuple[str, ...], bool]
    ) -> tuple[Reading | None, Reading | None]:
        """The reading of a refusal now, and then."""
        if (payer_class, filing) not in self._readers:
            self._readers[payer_class, filing] = (
                Reader(self._book, payer_class, filing, self._now),
                Reader(self._book, payer_class, filing, self._then),
            )
        group, carc, remarks, whole = refusal
        now, then = self._readers[payer_class, filing]
        return now.read(group, carc, remarks, whole=whole), then.read(group, carc, remarks, whole=whole)


def _moves(was: Reading | None, would: Reading | None) -> frozenset[str]:
    """What differs: category, action, deadline (days to appeal), letter."""
    if was is None or would is None:
        return frozenset({"category"}) if was is not would else frozenset()
    timed = was.appealable in APPEALABLE and was.days != would.days
    named = {
        "category": was.category != would.category,
        "action": was.next_action != would.next_action,
        "deadline": timed,
        "letter": was.letter != would.letter,
        "evidence": was.evidence != would.evidence or was.root_cause != would.root_cause,
    }
    return frozenset(name for name, differs in named.items() if differs)


def _samples(w: Work, in_days: tuple[Any, ...], found: Sequence[tuple[Changed, bool]]) -> Iterable[Sample]:
    """The ten largest cases of the changed groups."""
    if not found:
        return []
    by_key = {
        (one.payer_class, one.filing, one.group, one.carc, one.rarcs, whole): one
        for one, whole in found[:200]
    }
    lead = _LEAD.where(*in_days).subquery()
    kinds = tuple_(*(_denial.c[name] for name in _KEY)).in_(sorted({key[:4] for key in by_key}))
    query = (
        select(_denial, lead.c.rarcs, lead.c.whole, _claim.c.control)
        .join(lead, lead.c.denial_id == _denial.c.id)
        .join(_claim, _claim.c.id == _denial.c.claim_id)
        .where(*in_days, kinds, lead.c.rarcs.in_(sorted({key[4] for key in by_key})))
        .order_by(_denial.c.denied.desc(), _denial.c.id)
        .limit(SAMPLES * 20)
    )
    samples: list[Sample] = []
    for row in w.db.execute(query):
        key = (row.payer_class, row.filing, row.group_code, row.carc, row.rarcs, bool(row.whole))
        if key in by_key and len(samples) < SAMPLES:
            one = by_key[key]
            samples.append(
                Sample(row.public_id, row.control, row.group_code, row.carc, row.rarcs, row.denied, row.state,
                       row.denied_on, one.was, one.would, row.patient_id)
            )  # fmt: skip
    patients = [one.patient_id for one in samples if one.patient_id]
    w.audit("denials.what_if", "R", "denial", patients=patients, detail={"rows": len(samples)})
    return samples
