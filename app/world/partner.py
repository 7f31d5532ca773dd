"""The demo's practice partner: a clearinghouse and its payers, which answer what is sent to them.

`learn` what payers said before, `receive` an 837 (TA1, 999, 277CA of the clearinghouse), `accept` (277CA of
the payers), `pay` (835). Bytes in, files out; the same seed and the same order give the same bytes. It
remembers what it got: a submission sent twice is answered as one. Nothing of it runs in a production
installation, and no real payer is asked for anything.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from app.world import partner_decides as decides
from app.world import partner_writes as writes
from app.world.partner_text import Got, GotLine, Other, read_claims, read_remits, services_of
from app.world.partner_writes import Desk, Line, Payee, Payment, Reply, Verdict
from app.world.people import mix
from app.world.tables import Payer, payers
from app.world.x12 import d8

TAKEN, RECEIVED, TWICE, UNKNOWN_REFERENCE, OLD_REFERENCE = (
    "A2:20", "A1:19", "A3:54", "A7:464", "A7:495",
)  # fmt: skip
FIRST_CONTROL = 700_000


@dataclass(slots=True)
class Waiting:
    """A claim between its arrival and its answer. number: the payer's, from its acceptance on."""

    claim: Got
    line: Line
    number: str = ""


@dataclass(slots=True)
class Decided:
    """One adjudication: its CLP loop; stands until it is taken back or replaced."""

    payer: str
    control: str
    member: str
    paid: int
    rows: list[str]
    services: list[str]
    stands: bool = True
    newer: str = ""


@dataclass(slots=True)
class Memory:
    """What the partner keeps between two files. decided: by payer's claim number; owed: by payer and NPI."""

    control: int = FIRST_CONTROL
    number: int = 0
    interchanges: list[str] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    arrived: list[Waiting] = field(default_factory=list)
    accepted: list[Waiting] = field(default_factory=list)
    decided: dict[str, Decided] = field(default_factory=dict)
    desks: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    owed: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


class Partner:
    """One clearinghouse with every payer behind it."""

    def __init__(self, seed: int = 7, first_year: int = 2026, memory: Memory | None = None) -> None:
        self.memory = memory or Memory()
        self._seed = seed
        self._pricing = decides.Pricing(seed, first_year)
        self._world = {payer.payer_id: payer for payer in payers().values()}
        for payer in payers().values():
            for alias in (payer.payer_id, payer.company, payer.tax_id, payer.name):
                self.memory.aliases.setdefault(alias, payer.payer_id)

    def learn(self, content: bytes) -> None:
        """What payers said in an 835 written earlier; other files say nothing."""
        for one in read_remits(content):
            known = next((self.memory.aliases[each] for each in one.ids if each in self.memory.aliases), "")
            payer = known or one.ids[0]
            for alias in one.ids:
                self.memory.aliases.setdefault(alias, payer)
            if payer not in self._world:
                self.memory.desks[payer] = (one.company, list(one.head))
            for said in one.claims:
                if said.status == "22":
                    if before := self.memory.decided.get(said.number):
                        before.stands = False
                    continue
                self.memory.decided[said.number] = Decided(
                    payer, said.control, said.member, said.paid, list(said.segments), list(said.services)
                )

    def has(self, content: bytes) -> bool:
        """Was this interchange received before?"""
        isa = content[:106].decode("latin-1").split(chr(content[3]))
        return len(isa) > 13 and f"{isa[6].strip()}|{isa[13]}" in self.memory.interchanges

    def receive(self, content: bytes, day: date, mood: str = "") -> list[Reply]:
        """What the clearinghouse answers at once.

        mood: `ta1` or `999` refuses the whole file; a status such as `A7:562:85` refuses every claim of it.
        Raises ValueError for what is no X12.
        """
        got = read_claims(content)
        line = Line(got.isa[8].strip(), got.isa[6].strip())
        key = f"{line.clinic}|{got.isa[13]}"
        if key in self.memory.interchanges or mood == "ta1":
            note = "025" if mood != "ta1" else "006"
            control = self._control()
            return [_reply("TA1", control, writes.ta1(line, got, "R", note, control=control, day=day))]
        self.memory.interchanges.append(key)
        replies = []
        if got.isa[14] == "1":
            control = self._control()
            replies.append(
                _reply("TA1", control, writes.ta1(line, got, "A", "000", control=control, day=day))
            )
        verdicts: list[Verdict] = []
        for group in got.groups:
            control = self._control()
            said = writes.acknowledgement(line, group, mood == "999", control=control, day=day)
            replies.append(_reply("999", control, said))
            good = [one for one in group.sets if not one.wrong and mood != "999"]
            verdicts += [self._at_the_gate(claim, line, day, mood) for one in good for claim in one.claims]
        return replies + self._reports(verdicts, line, day)

    def accept(self, day: date, mood: str = "") -> list[Reply]:
        """The payers take into adjudication what the clearinghouse passed on, or refuse it.

        mood: a status such as `A3:33:IL` refuses every claim, `CLM01=A3:33:IL` that one.
        """
        waiting, self.memory.arrived = self.memory.arrived, []
        replies = []
        for line, payer, some in _by_payer(waiting, self._payer):
            verdicts = []
            for one in some:
                code = _wanted(mood, one.claim) or self._before_adjudication(one.claim)
                if code == TAKEN:
                    one.number = self._number(one.claim, payer)
                    self.memory.accepted.append(one)
                verdicts.append(Verdict(one.claim, code, one.number))
            named = (some[0].claim.payer_name, payer)
            replies += self._reports(verdicts, line, day, named)
        return replies

    def pay(self, day: date) -> list[Reply]:
        """Every payer answers what it accepted, one 835 for each billing provider."""
        waiting, self.memory.accepted = self.memory.accepted, []
        replies = []
        for line, payer, some in _by_payer(waiting, self._payer):
            by_npi: dict[str, list[Waiting]] = {}
            for one in some:
                by_npi.setdefault(one.claim.npi, []).append(one)
            for few in by_npi.values():
                replies.append(self._remit(line, payer, few, day))
        return replies

    def answer(self, content: bytes, day: date) -> list[Reply]:
        """Everything from receipt to payment at once."""
        return [*self.receive(content, day), *self.accept(day), *self.pay(day)]

    def _at_the_gate(self, claim: Got, line: Line, day: date, mood: str) -> Verdict:
        trace = f"EX{mix(self._seed, len(self.memory.controls)) % 10**10:010d}"
        code = mood or decides.refused_on_the_way(claim, d8(day))
        if not code and claim.control in self.memory.controls:
            code = TWICE
        if code:
            return Verdict(claim, code, trace=trace)
        self.memory.controls.append(claim.control)
        self.memory.arrived.append(Waiting(claim, line))
        return Verdict(claim, RECEIVED, trace=trace)

    def _before_adjudication(self, claim: Got) -> str:
        if claim.frequency not in ("7", "8"):
            return TAKEN
        before = self.memory.decided.get(claim.reference)
        if before is None or before.payer != self._payer(claim):
            return UNKNOWN_REFERENCE
        return TAKEN if before.stands else OLD_REFERENCE

    def _reports(
        self, verdicts: Sequence[Verdict], line: Line, day: date, payer: tuple[str, str] = ("", "")
    ) -> list[Reply]:
        by_npi: dict[str, list[Verdict]] = {}
        for one in verdicts:
            by_npi.setdefault(one.claim.npi, []).append(one)
        replies = []
        for some in by_npi.values():
            control = self._control()
            content = writes.report(line, some, control=control, day=day, payer=payer)
            replies.append(_reply("277CA", control, content))
        return replies

    def _remit(self, line: Line, payer: str, some: Sequence[Waiting], day: date) -> Reply:
        loops = [loop for one in some for loop in self._decide(one, payer)]
        claim = some[0].claim
        self.memory.number += 1
        trace = f"{payer[:8]}P{self.memory.number:09d}"
        owed = self.memory.owed.setdefault(f"{payer}|{claim.npi}", [])
        total = sum(cents for _, cents in loops)
        plb: list[tuple[str, str, int]] = []
        for reference, cents in list(owed):
            if cents <= total:
                plb.append(("FB", reference, cents))
                total -= cents
                owed.remove((reference, cents))
        if total < 0:
            # A payer that takes back more than it pays carries the rest to its next payment.
            plb.append(("FB", trace, total))
            owed.append((trace, -total))
        control = self._control()
        payment = Payment(trace, loops, plb)
        payee = Payee(claim.npi, claim.practice, claim.tax_id)
        content = writes.remit(line, self._desk(payer, claim), payee, payment, control=control, day=day)
        return _reply("835", control, content)

    def _decide(self, one: Waiting, payer: str) -> Iterator[tuple[list[str], int]]:
        claim, decided = one.claim, self.memory.decided
        before = decided.get(claim.reference) if claim.frequency in ("7", "8") else None
        if before is not None:
            before.stands, before.newer = False, one.number
            if claim.frequency == "8" or before.paid:
                yield decides.taken_back(before.rows), -before.paid
            if claim.frequency == "8":
                return
        known = self._world.get(payer) or _stranger(payer, claim)
        decision = self._pricing.decide(claim, known)
        if before is None and self._paid_before(claim, payer):
            decision = decides.duplicate(claim)
        rows, paid = decides.written(
            claim, decision, number=one.number, filing=known.filing_835,
            original=claim.reference if before else "",
        )  # fmt: skip
        decided[one.number] = Decided(
            payer, claim.control, claim.member, paid, rows, list(services_of(claim))
        )
        yield rows, paid

    def _paid_before(self, claim: Got, payer: str) -> bool:
        services = list(services_of(claim))
        return any(
            one.stands and one.paid and one.services == services
            and (one.payer, one.member) == (payer, claim.member)
            for one in self.memory.decided.values()
        )  # fmt: skip

    def _payer(self, claim: Got) -> str:
        known = self.memory.aliases
        return known.get(claim.payer_id) or known.get(claim.payer_name) or claim.payer_id

    def _desk(self, payer: str, claim: Got) -> Desk:
        if known := self._world.get(payer):
            id_here = f"*XV*{known.payer_id}" if known.known_by == "n104" else ""
            second = (f"REF*2U*{known.payer_id}",) if known.known_by == "2u" else ()
            return Desk(known.company, (f"N1*PR*{known.name}{id_here}", *second))
        if payer in self.memory.desks:
            company, head = self.memory.desks[payer]
            return Desk(company, tuple(head))
        return Desk(_stranger(payer, claim).company, (f"N1*PR*{claim.payer_name}*XV*{payer}",))

    def _number(self, claim: Got, payer: str) -> str:
        if claim.frequency in ("7", "8"):
            return f"{claim.reference}{'A' if claim.frequency == '7' else 'V'}"
        self.memory.number += 1
        return f"{payer[:10]}N{self.memory.number:07d}"

    def _control(self) -> int:
        self.memory.control += 1
        return self.memory.control


def _wanted(mood: str, claim: Got) -> str:
    name, equals, code = mood.rpartition("=")
    return code if not equals or name == claim.control else ""


def _reply(kind: str, control: int, content: bytes) -> Reply:
    return Reply(kind, f"partner-{control:09d}-{kind.lower()}.edi", content)


def _by_payer(waiting: Sequence[Waiting], payer: Any) -> Iterator[tuple[Line, str, list[Waiting]]]:
    found: dict[tuple[str, str, str], list[Waiting]] = {}
    for one in waiting:
        found.setdefault((one.line.partner, one.line.clinic, payer(one.claim)), []).append(one)
    for (partner, clinic, name), some in found.items():
        yield Line(partner, clinic), name, some


def _stranger(payer: str, claim: Got) -> Payer:
    """A payer the example world does not have: it pays by charge and leaves nothing to the patient."""
    digits = payer[-9:] if payer[-9:].isdigit() else f"{mix(len(payer), *payer.encode()) % 10**9:09d}"
    filing = claim.filing or "12"
    return Payer("", claim.payer_name, payer, digits.rjust(9, "0"), "n104", filing, filing, "ACH", "short",
                 10_000, 0, 0, 0, 0, 0, 0, 0, False, "", "", "")  # fmt: skip


def save(partner: Partner, path: Path) -> None:
    """Keep what it remembers; a reader sees the old memory or the new one, never half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(partner.memory)), encoding="utf-8")
    fresh.replace(path)


def load(path: Path, seed: int = 7, first_year: int = 2026) -> Partner:
    """A partner as it was saved; a new one when there is nothing."""
    if not path.exists():
        return Partner(seed, first_year)
    kept = json.loads(path.read_text(encoding="utf-8"))
    for name in ("arrived", "accepted"):
        kept[name] = [_waiting(one) for one in kept[name]]
    kept["decided"] = {number: Decided(**one) for number, one in kept["decided"].items()}
    kept["owed"] = {key: [(trace, cents) for trace, cents in rows] for key, rows in kept["owed"].items()}
    return Partner(seed, first_year, Memory(**kept))


def _waiting(kept: Mapping[str, Any]) -> Waiting:
    facts = dict(kept["claim"])
    facts["days"] = tuple(facts["days"])
    facts["lines"] = [GotLine(**{**one, "modifiers": tuple(one["modifiers"])}) for one in facts["lines"]]
    facts["others"] = [
        Other(
            one["rank"], one["payer_id"], one["paid"], _cas(one["cas"]),
            {int(number): (paid, _cas(cas)) for number, (paid, cas) in one["lines"].items()},
        )
        for one in facts["others"]
    ]  # fmt: skip
    return Waiting(Got(**facts), Line(**kept["line"]), kept["number"])


def _cas(rows: Sequence[Sequence[Any]]) -> tuple[tuple[str, str, int], ...]:
    return tuple((group, carc, cents) for group, carc, cents in rows)
