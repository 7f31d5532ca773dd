"""What the practice partner thinks of a claim: refused on the way, or priced and answered to the cent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from app.world import adjudicate
from app.world.adjudicate import Adjudication, Answer, Cas, PatientShare
from app.world.claims import Claim, Line
from app.world.partner_text import Got, GotLine, Other
from app.world.people import entity, npi, patient
from app.world.prices import Prices, share_of
from app.world.tables import Code, Payer, codes, payers
from app.world.x12 import amount, cas_segments

FALLBACK_BP, YEARS = 8_000, 2
"""Of a charge nobody has a price for so much is allowed; so many years behind the first one are priced."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How one claim is answered: status (CLP02), cents paid, claim-level adjustments, and by line number.

    A line is (paid, allowed or 0, adjustments).
    """

    status: str
    paid: int
    cas: Cas
    lines: dict[int, tuple[int, int, Cas]]

    @property
    def patient_share(self) -> int:
        """Sum of all PR amounts."""
        every = [*self.cas, *(part for _, _, cas in self.lines.values() for part in cas)]
        return sum(cents for group, _, cents in every if group == "PR")


def refused_on_the_way(claim: Got, today: str) -> str:
    """The first status a clearinghouse refuses a claim with; empty when it passes it on."""
    return next((code for code, wrong in GATE if wrong(claim, today)), "")


def _unbalanced(claim: Got, other: Other) -> bool:
    """R837 section 5: both levels, to the cent."""
    taken = sum(cents for _, _, cents in other.cas)
    lines = sum(cents for _, cas in other.lines.values() for _, _, cents in cas)
    charges = {line.number: line.charge for line in claim.lines}
    by_line = all(
        charges[number] == paid + sum(cents for _, _, cents in cas)
        for number, (paid, cas) in other.lines.items()
    )
    paid = other.paid or 0
    split = not other.lines or paid == sum(one for one, _ in other.lines.values()) - taken
    return not (by_line and split and claim.charge == paid + taken + lines)


def _bad_npi(number: str) -> bool:
    if len(number) != 10 or not number.isdigit():
        return True
    return number[0] == "1" and npi(int(number[1:9])) != number


GATE: tuple[tuple[str, Callable[[Got, str], bool]], ...] = (
    ("A7:562:85", lambda claim, _: _bad_npi(claim.npi)),
    ("A6:164:IL", lambda claim, _: not claim.member),
    ("A8:400", lambda claim, _: claim.charge != sum(line.charge for line in claim.lines)),
    ("A6:464", lambda claim, _: claim.frequency in ("7", "8") and not claim.reference),
    ("A7:187", lambda claim, today: claim.days[1] > today),
    ("A8:672", lambda claim, _: any(_unbalanced(claim, other) for other in claim.answered)),
    ("A6:171", lambda claim, _: claim.rank != "P" and not claim.answered),
)
"""What a clearinghouse refuses, first reason first; dates are CCYYMMDD."""


class Pricing:
    """Answers claims by the schedules of the example world. first_year: the first year of that world."""

    def __init__(self, seed: int, first_year: int) -> None:
        self._seed = seed
        self._prices = Prices(first_year, first_year + YEARS)

    def decide(self, claim: Got, payer: Payer) -> Decision:
        """What this payer answers, first or after others; every line balances."""
        known = _claim(self._seed, claim, payer)
        others = claim.answered
        if others:
            return self._after(claim, known, others[-1], payer)
        share = PatientShare(self._random(claim), known, payer)
        if known.drg is not None:
            whole = adjudicate.pay_by_drg(known, payer, self._prices, share)
            return Decision(adjudicate.PRIMARY, whole.paid, whole.cas, {})
        answers = [self._settle(known, line, payer, share) for line in known.lines]
        lines = {one.line.number: (one.paid, one.allowed, one.cas) for one in answers}
        return Decision(adjudicate.PRIMARY, sum(one.paid for one in answers), (), lines)

    def _settle(self, claim: Claim, line: Line, payer: Payer, share: PatientShare) -> Answer:
        allowed = share_of(line.charge, FALLBACK_BP)
        priced = any(line.code.code == row.code for row in codes().get(claim.form, ()))
        if payer.key in payers() and priced and line.day.year in self._prices.years:
            allowed = adjudicate.expected_fee(self._prices, payer, line, line.day.year)
        return adjudicate.settle(line, allowed, allowed, payer, share)

    def _after(self, claim: Got, known: Claim, other: Other, payer: Payer) -> Decision:
        """OA-23 for what was settled before, and what this plan pays of the rest."""
        answers = tuple(
            Answer(line, line.charge, *other.lines.get(line.number, (0, ())))
            for line in known.lines
            if other.lines
        )
        # What stands at claim level beside the lines is settled with the first of them that has room.
        first = Adjudication(known, payer, adjudicate.PRIMARY, "", claim.charge, other.paid or 0,
                             other.cas, answers)  # fmt: skip
        if other.lines and other.cas:
            first = Adjudication(known, payer, adjudicate.PRIMARY, "", claim.charge, other.paid or 0,
                                 other.cas + tuple(part for one in answers for part in one.cas))  # fmt: skip
        second = adjudicate.pay_second(first, payer, self._prices)
        status = {"S": "2", "T": "3"}.get(claim.rank, "2")
        lines = {one.line.number: (one.paid, 0, one.cas) for one in second.answers}
        return Decision(status, second.paid, second.cas, lines)

    def _random(self, claim: Got) -> Random:
        return Random(f"partner {self._seed} {claim.control}")  # nosec B311 - the same seed, the same answer


def duplicate(claim: Got) -> Decision:
    """The same services were paid before: nothing is paid again (CARC 18)."""
    lines: dict[int, tuple[int, int, Cas]] = {
        line.number: (0, 0, (("CO", "18", line.charge),)) for line in claim.lines
    }
    return Decision(adjudicate.DENIED, 0, (), lines)


def written(
    claim: Got, decision: Decision, *, number: str, filing: str, original: str = ""
) -> tuple[list[str], int]:
    """The CLP loop of a decision, and what it pays."""
    share = amount(decision.patient_share) if decision.patient_share else ""
    paid = amount(decision.paid)
    rows = [f"CLP*{claim.control}*{decision.status}*{amount(claim.charge)}*{paid}*{share}"
            f"*{filing}*{number}*{claim.bill_type}*{claim.frequency}"]  # fmt: skip
    rows += cas_segments(decision.cas)
    rows.append(f"NM1*QC*1*{claim.last}*{claim.first}****MI*{claim.member}")
    rows += [f"REF*F8*{original}"] if original else []
    rows += [f"DTM*232*{claim.days[0]}", f"DTM*233*{claim.days[1]}"] if claim.days[0] else []
    for line in claim.lines:
        if line.number in decision.lines:
            rows += _service(line, *decision.lines[line.number])
    return rows, decision.paid


def _service(line: GotLine, paid: int, allowed: int, cas: Cas) -> list[str]:
    code = line.named or f"NU:{line.revenue}"
    revenue = line.revenue if line.named else ""
    rows = [f"SVC*{code}*{amount(line.charge)}*{amount(paid)}*{revenue}*{line.units}", f"DTM*472*{line.day}"]
    rows += cas_segments(cas)
    rows += [f"REF*6R*{line.control}"] if line.control else []
    return rows + ([f"AMT*B6*{amount(allowed)}"] if allowed else [])


def taken_back(rows: Sequence[str]) -> list[str]:
    """A CLP loop turned round under status 22: every amount negated, groups and reasons as they were."""
    turned = []
    for row in rows:
        parts = row.split("*")
        if parts[0] == "CLP":
            parts[2:6] = ["22", _minus(parts[3]), _minus(parts[4]), ""]
        elif parts[0] == "CAS":
            for place in range(3, len(parts), 3):
                parts[place] = _minus(parts[place])
        elif parts[0] == "SVC":
            parts[2:4] = [_minus(parts[2]), _minus(parts[3])]
        elif parts[0] in ("MOA", "MIA", "LQ", "AMT") or parts[:2] == ["NM1", "TT"]:
            continue
        turned.append("*".join(parts))
    return turned


def _minus(text: str) -> str:
    if not text.strip("0."):
        return text
    return text[1:] if text.startswith("-") else "-" + text


def _claim(seed: int, got: Got, payer: Payer) -> Claim:
    """The claim in the words the payers of the example world think in."""
    form = "P" if got.form == "P" else "O" if got.bill_type.startswith("13") else "I"
    place = got.bill_type if form == "P" else ""
    setting = "outpatient" if form == "O" else "inpatient"
    if form == "P":
        setting = "facility" if place in ("22", "23") else "nonfacility"
    lines = tuple(_line(line, setting) for line in got.lines)
    drg = next((row for row in codes()["D"] if row.code == got.drg), None) if form == "I" else None
    first, last = (_day(day) for day in got.days)
    return Claim(
        0, got.control, entity(seed, 0), "D" if drg and payer.key in payers() else form, patient(seed, 0),
        payer, None, first, last, place, 0, (), drg if payer.key in payers() else None, lines, got.charge,
    )  # fmt: skip


def _line(line: GotLine, setting: str) -> Line:
    code = Code("", line.code_type or "NU", line.code or line.revenue, line.revenue, 0, 1, "")
    whole = int(line.units) if line.units.isdigit() else 1
    return Line(line.number, code, "", whole, line.charge, setting, _day(line.day))


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) >= 8 else date(2026, 1, 1)
