"""What goes wrong with whole files: copies, cuts, wrong totals, strangers, and things that are not X12."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from app.world.adjudicate import PRIMARY, Adjudication
from app.world.files import Shelf
from app.world.people import entity
from app.world.truth import Truth, dollars
from app.world.write835 import PARK, VERSION, Leg, Pen, Remit
from app.world.write837 import CLEARINGHOUSE
from app.world.x12 import OTHER_LINES, OTHER_MARKS, PLAIN, Envelope

SET = "0001"


@dataclass(frozen=True, slots=True)
class Written:
    """A payment that was written: its file, its envelope and its transaction."""

    name: str
    envelope: Envelope
    body: Sequence[str]
    remit: Remit


def remit_envelope(remit: Remit, control: int, usage: str = "P") -> Envelope:
    """The interchange a payment travels in."""
    return Envelope("HP", VERSION, remit.payer.payer_id, f"RC{remit.payee.tax_id}", remit.day, control, usage)


class Mishaps:
    """Writes payments, good and bad, and tells the truth about each."""

    def __init__(self, seed: int, shelf: Shelf, truth: Truth, pen: Pen) -> None:
        self._seed, self._shelf, self._truth, self._pen = seed, shelf, truth, pen

    def pay(self, remits: Sequence[Remit], fault: str = "") -> Written:
        """Good payments of one payer to one provider in one file; what is returned is about the last."""
        last = remits[-1]
        envelope = remit_envelope(last, self._shelf.control())
        bodies = [self._pen.body(remit) for remit in remits]
        name = self._put(last, envelope.text(bodies))
        legs = [leg for remit in remits for leg in remit.legs]
        self._shelf.record(name, "835", last.day, "posted", claims=len(legs), transactions=len(remits),
                           parked=sum(leg.effect == PARK for leg in legs),
                           paid=sum(remit.paid for remit in remits), fault=fault)  # fmt: skip
        for number, remit in enumerate(remits, 1):
            self._truth.remit(name, f"{number:04d}", remit, "posted")
        return Written(name, envelope, bodies[-1], last)

    def hold(self, remit: Remit, fault: str) -> Remit:
        """A payment that must be held: out of balance, to nobody we know, or cut off."""
        if fault == "transaction_unbalanced":
            remit = replace(remit, paid_off_by=100)
        payee = remit.payee
        if fault == "unknown_payee":
            payee = replace(entity(self._seed + 1, 900), name="SOMEBODY ELSE CLINIC")
        shown = replace(remit, payee=payee)
        envelope = remit_envelope(shown, self._shelf.control())
        text = envelope.text([self._pen.body(shown)], PLAIN)
        if fault == "cut_file":
            text = text[: len(text) * 6 // 10]
        name = self._put(remit, text)
        self._record(name, shown, "held", fault)
        self._exception(name, fault, "hold", shown)
        return shown

    def copy(self, written: Written, fault: str) -> None:
        """A second file about a payment already written."""
        remit, label = written.remit, f"835-{written.remit.payer.key}"
        shelf = self._shelf
        if fault == "same_trace":
            self._same_trace(written)
            return
        if fault == "test_file":
            self._test_file(remit)
            return
        if fault == "cut_then_complete":
            text = written.envelope.text([written.body], PLAIN)
            name = shelf.put(remit.day, f"{label}-part.edi", text[: len(text) * 6 // 10], before=written.name)
            shelf.record(
                name, "835", remit.day, "superseded", fault=fault, claims=len(remit.legs), paid=remit.paid
            )
            self._exception(name, "cut_file", "hold", remit)
            return
        envelope, dress, first = written.envelope, PLAIN, 1
        if fault in ("redressed", "redelimited"):
            envelope = replace(envelope, control=shelf.control(), time="1145")
            dress, first = (OTHER_LINES, 7) if fault == "redressed" else (OTHER_MARKS, 3)
        name = shelf.put(remit.day, f"{label}-again.edi", envelope.text([written.body], dress, first))
        shelf.record(name, "835", remit.day, "ignored", fault=fault, claims=len(remit.legs), paid=remit.paid,
                     after=written.name)  # fmt: skip
        self._exception(name, fault, "ignore", remit)

    def _same_trace(self, written: Written) -> None:
        """The same check number, day and amount, but another claim."""
        remit = written.remit
        claim = remit.legs[0].adjudication.claim
        stranger = replace(claim, patient=replace(claim.patient, last="NOBODYS"))
        other = Adjudication(stranger, remit.payer, PRIMARY, f"{remit.payer.payer_id}T{claim.number:07d}",
                             remit.paid, remit.paid)  # fmt: skip
        false = replace(remit, legs=(Leg(other, PARK, "unmatched", f"OLT{claim.number:08d}"),), plb=())
        envelope = remit_envelope(false, self._shelf.control())
        name = self._put(remit, envelope.text([self._pen.body(false)]))
        self._record(name, false, "held", "same_trace", after=written.name)
        self._exception(name, "same_trace", "hold", false)

    def _test_file(self, remit: Remit) -> None:
        trial = replace(remit, legs=tuple(remit.legs)[:3], plb=(), trace=f"TEST{remit.trace[-8:]}")
        if trial.claims_paid < 0:
            trial = replace(trial, legs=())
        envelope = remit_envelope(trial, self._shelf.control(), usage="T")
        name = self._put(remit, envelope.text([self._pen.body(trial)]))
        self._record(name, trial, "held", "test_file")
        self._exception(name, "test_file", "hold", trial)

    def _put(self, remit: Remit, text: str) -> str:
        return self._shelf.put(remit.day, f"835-{remit.payer.key}.edi", text)

    def _record(self, name: str, remit: Remit, outcome: str, fault: str, after: str = "") -> None:
        self._shelf.record(name, "835", remit.day, outcome, claims=len(remit.legs),
                           paid=remit.paid + remit.paid_off_by, fault=fault, after=after)  # fmt: skip
        self._truth.remit(name, SET, remit, outcome)

    def _exception(self, name: str, code: str, effect: str, remit: Remit) -> None:
        self._truth.row("exceptions", name, SET, "", code, effect, dollars(remit.paid + remit.paid_off_by))

    def not_x12(self, day: date) -> None:
        """A picture somebody dropped into the folder, by the look of it."""
        name = self._shelf.put(
            day, "scan.txt", "Dear billing office,\nplease find the remittance in the mail.\n"
        )
        self._shelf.record(name, "other", day, "refused", transactions=0, fault="not_x12")
        self._truth.row("exceptions", name, "", "", "not_x12", "refuse", dollars(0))

    def same_bill(self, day: date, label: str, text: str, after: str, claims: int) -> None:
        """A submission sent twice under another name."""
        name = self._shelf.put(day, f"{label}-again.edi", text)
        self._shelf.record(
            name, label[:4].upper(), day, "ignored", claims=claims, fault="same_bill", after=after
        )
        self._truth.row("exceptions", name, "", "", "same_file", "ignore", dollars(0))


def possible_copies(written: Written, rng: Random) -> list[str]:
    """Which second files can be made of this payment. rng: settles the order, so no kind is always last."""
    kinds = ["same_file", "redressed", "redelimited", "test_file", "cut_then_complete"]
    if written.remit.paid > 0 and written.remit.legs:
        kinds.append("same_trace")
    start = int(rng.random() * len(kinds))
    return kinds[start:] + kinds[:start]


__all__ = ["CLEARINGHOUSE", "Mishaps", "Written", "possible_copies", "remit_envelope"]
