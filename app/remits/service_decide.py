"""What becomes of one CLP: posted to a claim, kept as an estimate, or parked with the reason it waits for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.intake.translate import Found, found_all
from app.remits import rules
from app.remits.lifecycle import State
from app.remits.rules import Match
from app.remits.rules_fhir import EobFacts, superseded
from app.remits.service_lookup import Known, payer_controls
from app.remits.service_rows import first_day


@dataclass(frozen=True)
class Told:
    """What a person said of parked claims, by key: which claim it is, is it taken as sent, and its old id."""

    publics: dict[int, str] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    claims: dict[int, int] = field(default_factory=dict)
    accepted: frozenset[int] = frozenset()


NOTHING_TOLD = Told()


def kept(told: Told, key: int, clp: Any) -> list[Found]:
    """The findings that still count: a person who accepts a claim as sent has seen them."""
    return [] if key in told.accepted else found_all(clp.findings)


@dataclass(slots=True)
class Clp:
    """A CLP being taken: its key, its public id, and what still counts of its findings."""

    clp: Any
    key: int
    public: str
    findings: list[Found]


@dataclass(slots=True)
class Decision:
    """What becomes of it and why. supersedes: the EOBs it puts out of force."""

    state: State
    reason: str | None = None
    match: Match | None = None
    reverses: Any = None
    rank: int = 1
    supersedes: Sequence[int] = ()
    eob: EobFacts | None = None


def decide(one: Clp, known: Known, told: Told) -> Decision:
    """Post, estimate or park, and why; first comes what is wrong in the file, then what is unknown here."""
    clp = one.clp
    rank = rules.rank_of(clp.status)
    broken = next((finding.code for finding in one.findings if finding.does in ("park", "hold")), None)
    if clp.status == rules.PREDETERMINATION:
        return Decision(State.ESTIMATE, rank=rank)
    if broken or clp.status not in rules.PROCESSED:
        return Decision(State.PARKED, broken or "835.unknown_status", rank=rank)
    if known.eob is not None:
        return _decide_eob(one, known.eob, known, told)
    if clp.status == rules.REVERSAL:
        return _decide_reversal(one, known)
    if (clp.payer_control, rank) in known.live and clp.payer_control:
        return Decision(State.PARKED, "remit.same_adjudication", rank=rank)
    found = _found(one, known, told)
    if isinstance(found, str):
        return Decision(State.PARKED, found, rank=rank)
    if clp.payer_control:
        known.live[clp.payer_control, rank] = one
    gone = superseded(known.eobs, [clp.payer_control] if clp.payer_control else [], found.claim_id, rank)
    known.eobs = [each for each in known.eobs if each.id not in gone]
    return Decision(State.POSTED, match=found, rank=rank, supersedes=gone)


def _found(one: Clp, known: Known, told: Told) -> Match | str:
    return _told(told.claims[one.key], known) if one.key in told.claims else _match(one.clp, known)


def _decide_eob(one: Clp, eob: EobFacts, known: Known, told: Told) -> Decision:
    """Post an EOB, attach it to its claim because something else counts, or park it."""
    found = _found(one, known, told)
    if isinstance(found, str):
        return Decision(State.PARKED, found, rank=eob.rank, eob=eob)
    reason = eob.why_not(found.claim_id)
    gone = eob.replaces(reason)
    state = State.POSTED if reason is None else State.ESTIMATE
    return Decision(state, reason, match=found, rank=eob.rank, supersedes=gone, eob=eob)


def _told(claim_id: int, known: Known) -> Match:
    return Match(claim_id, known.patients[claim_id], "person", 100, "linked by a person")


def _match(clp: Any, known: Known) -> Match | str:
    same_control, same_payer = known.by_control.get(clp.control, ()), known.by_payer_control
    if clp.control in known.ours:
        return rules.match_given(known.ours[clp.control], same_control)
    named = payer_controls(clp) if same_payer and not same_control else ()
    return rules.match_claim(
        cents=clp.charge,
        last=clp.patient.last if clp.patient else "",
        service_from=first_day(clp),
        same_control=same_control,
        same_payer=[candidate for each in named for candidate in same_payer.get(each, ())],
    )


def _decide_reversal(one: Clp, known: Known) -> Decision:
    clp = one.clp
    originals = [
        row
        for named in payer_controls(clp)
        for row in known.live_by_control.get(named, ())
        if row.control == clp.control or known.ours.get(clp.control) == row.claim_id
        if abs(row.charge) == abs(clp.charge)
    ]
    if not originals:
        return Decision(State.PARKED, "remit.no_original")
    original = originals[0]
    totals: dict[tuple[str, str], int] = {}
    for each in (*clp.adjustments, *(each for svc in clp.services for each in svc.adjustments)):
        totals[each.group, each.reason] = totals.get((each.group, each.reason), 0) + each.cents
    if not rules.same_negated(known.posted.get(original.id, {}), totals, int(original.paid), clp.paid):
        return Decision(State.PARKED, "remit.reversal_differs", rank=original.rank)
    for named in payer_controls(clp):
        known.live_by_control[named] = [
            row for row in known.live_by_control.get(named, ()) if row is not original
        ]
    known.live.pop((original.payer_control, original.rank), None)
    match = Match(original.claim_id, original.patient_id, "reversal", 100, "takes back what was posted")
    return Decision(State.POSTED, match=match, reverses=original, rank=original.rank)
