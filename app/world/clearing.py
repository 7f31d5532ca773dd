"""What is answered before anybody pays: submissions are acknowledged, some are refused and sent again.

It draws from a generator of its own, so what is paid does not depend on what is acknowledged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from app.world import acks
from app.world.acks import Verdict
from app.world.files import Shelf, business_day
from app.world.people import Entity
from app.world.truth import Account, Truth
from app.world.write837 import Billed, Submission

BY_CLEARINGHOUSE = ("A7:562:85", "A7:164:IL", "A6:21:85")
BY_PAYER = ("A3:33:IL", "A7:164:IL")
QUIET_REFUSED, REFUSED, LINE_REFUSED, FILE_REFUSED = 0.6, 0.02, 0.01, 0.08
"""Of the claims no payer answers, so many were refused; of all others so many were, and sent again; so many
have a refused line; and so many whole files."""

NAMED, ALWAYS = 4, 6
"""Accepted claims a report names, and first submissions that are answered even when nothing is refused: a
world is mostly remits.
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """One 837 that went out. claims: what was billed, its account, and whether nobody will ever answer it."""

    entity: Entity
    kind: str
    label: str
    control: int
    day: date
    claims: Sequence[tuple[Billed, Account | None, bool]]
    first: bool


class Clearing:
    """The clearinghouse between the practice and its payers."""

    def __init__(self, seed: int, shelf: Shelf, truth: Truth, until: date) -> None:
        self._seed, self._shelf, self._truth, self._until = seed, shelf, truth, until
        # A repeatable world, not a secret.
        self._rng = Random(f"clearing {seed}")  # nosec B311 - the same seed makes the same world

        self._count = 0

    def answer(self, sent: Sent) -> None:
        """Acknowledge a submission: the 999, the 277CAs, and what is sent again after a refusal."""
        day, control = sent.day, sent.control
        judged = [self._judge(billed, quiet) for billed, _, quiet in sent.claims] if sent.first else []
        refused = any(not verdict.good or verdict.line for verdict, _ in judged)
        whole = sent.first and self._rng.random() < FILE_REFUSED
        self._count += sent.first
        if not (refused or whole or (sent.first and self._count <= ALWAYS)):
            return
        later = business_day(day + timedelta(days=1))
        if whole and later <= self._until:
            name = self._set(sent, control, day, sent.claims[0][0].claim.control)
            charge = sum(billed.claim.charge for billed, _, _ in sent.claims)
            self._truth.refused_file(sent.entity.tax_id, name, "999:R", charge)
            day, control = later, self._again(sent, [billed for billed, _, _ in sent.claims], later)
        self._set(sent, control, day)
        self._claims(sent, day, judged)

    def _set(self, sent: Sent, about: int, day: date, refused_at: str = "") -> str:
        text = acks.set_report(
            sent.entity, sent.kind, about, control=self._shelf.control(), day=day, refused_at=refused_at
        )
        name = self._shelf.put(day, "999.edi", text)
        self._shelf.record(name, "999", day, "acknowledged", fault="ack_999")
        return name

    def _again(self, sent: Sent, claims: Sequence[Billed], day: date) -> int:
        """The same claims in a new file; returns its control number."""
        control = self._shelf.control()
        submission = Submission(self._seed, sent.entity, sent.kind, control, day)
        for billed in claims:
            submission.add(billed)
        name = self._shelf.put(day, f"{sent.label}-resent.edi", submission.envelope.text([submission.body()]))
        self._shelf.record(name, f"837{sent.kind}", day, "posted", claims=len(claims), fault="sent_again")
        return control

    def _claims(self, sent: Sent, day: date, judged: Sequence[tuple[Verdict, bool]]) -> None:
        """The reports about single claims, first of the clearinghouse, then of the payers that refuse."""
        refused: list[tuple[Verdict, Account, bool]] = []
        named: list[Verdict] = []
        by_payer: dict[str, list[Verdict]] = {}
        for (billed, account, quiet), (verdict, payer) in zip(sent.claims, judged, strict=True):
            if not verdict.good and account:
                refused.append((verdict, account, quiet))
            if payer:
                by_payer.setdefault(billed.claim.payer.key, []).append(verdict)
            at_first = Verdict(billed) if payer else verdict
            if not at_first.good or at_first.line or sum(one.good for one in named) < NAMED:
                named.append(at_first)
            if verdict.line and account:
                account.refusals.append(("line", verdict.code))
        self._report(sent, day, named)
        later = business_day(day + timedelta(days=1))
        if later > self._until:
            by_payer = {}
        for verdicts in by_payer.values():
            payer_of = verdicts[0].billed.claim.payer
            self._report(sent, later, verdicts, (payer_of.name, payer_of.payer_id))
        told = {one.billed.claim.control for one in named if not one.good}
        told |= {one.billed.claim.control for verdicts in by_payer.values() for one in verdicts}
        refused = [one for one in refused if one[0].billed.claim.control in told]
        for verdict, account, _ in refused:
            account.refusals.append(("claim", verdict.code))
        self._send_again(sent, later, [one for one in refused if not one[2]])

    def _judge(self, billed: Billed, quiet: bool) -> tuple[Verdict, bool]:
        """What becomes of a claim on its way, and whether it is the payer that refuses it."""
        turn, choice = self._rng.random(), self._rng.random()
        if turn < (QUIET_REFUSED if quiet else REFUSED):
            payer = choice < 0.3
            codes = BY_PAYER if payer else BY_CLEARINGHOUSE
            return Verdict(billed, codes[int(choice * 100) % len(codes)]), payer
        line = not quiet and turn > 1 - LINE_REFUSED and len(billed.claim.lines) > 1
        return Verdict(billed, line=line), False

    def _report(
        self, sent: Sent, day: date, claims: Sequence[Verdict], payer: tuple[str, str] | None = None
    ) -> None:
        control = self._shelf.control()
        text = acks.claim_report(self._seed, sent.entity, claims, control=control, day=day, payer=payer)
        name = self._shelf.put(day, "277ca.edi", text)
        self._shelf.record(name, "277CA", day, "acknowledged", claims=len(claims), fault="ack_277ca")

    def _send_again(self, sent: Sent, day: date, refused: Sequence[tuple[Verdict, Account, bool]]) -> None:
        """Corrected outside of the claim and sent again a few days later; then it is taken."""
        day = business_day(day + timedelta(days=2))
        if not refused or day > self._until or len(refused) == len(sent.claims):
            return
        again = [verdict.billed for verdict, _, _ in refused]
        control = self._again(sent, again, day)
        self._set(sent, control, day)
        self._report(sent, day, [Verdict(billed) for billed in again])
        for _, account, _ in refused:
            account.taken_later = True
