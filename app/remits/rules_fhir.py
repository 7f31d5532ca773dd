"""Decisions about EOBs: which version of one counts, and what stands beside an 835."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

COMPANY = "FHIR"
"""Stands where an 835 names the payer's company: an EOB's natural key is the payer's claim number."""
REMIT_STANDS, OLDER, CANCELLED = "eob.remit_stands", "eob.older_version", "eob.cancelled"
REMIT_CAME, NEWER_CAME = "eob.remit_came", "eob.newer_came"
PAID_TO_PATIENT = "100"


class OtherEob(NamedTuple):
    """Another EOB with the same claim number or about the same claim."""

    id: int
    payer_control: str
    claim_id: int | None
    rank: int
    revision: str
    standing: bool


@dataclass(frozen=True, slots=True)
class EobFacts:
    """What decides about an EOB being posted. answered: the claims by (our key, rank), numbers: the payer's
    claim numbers, for which an 835 was posted; others: its other versions.
    """

    id: int
    payer_control: str
    revision: str
    rank: int
    cancelled: bool
    others: Sequence[OtherEob] = ()
    answered: frozenset[tuple[int, int]] = frozenset()
    numbers: frozenset[str] = frozenset()

    def why_not(self, claim_id: int) -> str | None:
        """Why it is attached and not posted; None when it posts. What came first makes no difference."""
        if self.payer_control in self.numbers or (claim_id, self.rank) in self.answered:
            return REMIT_STANDS
        if any(one.revision > self.revision for one in self._versions()):
            return OLDER
        return CANCELLED if self.cancelled else None

    def replaces(self, why_not: str | None) -> list[int]:
        """The earlier versions whose entries it takes back: a cancellation as well as a correction."""
        if why_not not in (None, CANCELLED):
            return []
        return [one.id for one in self._versions() if one.standing]

    def _versions(self) -> list[OtherEob]:
        return [one for one in self.others if self.payer_control and one.payer_control == self.payer_control]


def superseded(others: Iterable[OtherEob], numbers: Sequence[str], claim_id: int, rank: int) -> list[int]:
    """The standing EOBs an 835 puts out of force (RFHIR-12): same payer's number, or same claim and rank."""
    return [
        one.id
        for one in others
        if one.standing and (one.payer_control in numbers or (one.claim_id, one.rank) == (claim_id, rank))
    ]


def totals(clp: Any) -> dict[str, int]:
    """What one adjudication says of a claim, in cents: the figures that are compared."""
    every = [*clp.adjustments, *(one for line in clp.services for one in line.adjustments)]
    patient = sum(one.cents for one in every if one.group == "PR")
    return {
        "charge": clp.charge,
        "payment": clp.paid,
        "patient responsibility": patient,
        "other adjustments": sum(one.cents for one in every) - patient,
    }


def differences(eob: Mapping[str, int], remit: Mapping[str, int]) -> dict[str, int]:
    """Figure -> cents by which the 835 differs from the EOB; a cent is a difference."""
    return {name: remit[name] - eob[name] for name in eob if remit[name] != eob[name]}


def signature(clp: Any) -> str:
    """The hash of the amounts of an adjudication, by line: two versions with the same one change nothing."""
    said = [clp.status, clp.control, *_amounts(clp.charge, clp.paid, clp.adjustments)]
    for line in clp.services:
        said += [line.code, *line.modifiers, *_amounts(line.charge, line.paid, line.adjustments)]
    return hashlib.sha256("|".join(str(one) for one in said).encode()).hexdigest()


def _amounts(charge: int, paid: int, adjustments: Iterable[Any]) -> list[Any]:
    found = sorted((one.group, one.reason, one.cents) for one in adjustments)
    return [charge, paid, *found]
