"""From charge to what is owed: a visit's figures by RPAT-11 and its steps in plain words. Pure.

charges - insurance_paid - insurance_adjusted - patient_paid - patient_adjusted + refunded = balance, whatever
was posted: every entry that moves the visit's receivable (1100, 1110) falls into exactly one of them by the
account on its other side, so nothing is left over and nothing is told twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from app.kernel.money import Money
from app.ledger.accounts import Account

OPEN_PAYER, OPEN_PATIENT = int(Account.AR_PAYER), int(Account.AR_PATIENT)
RECEIVABLE = frozenset({OPEN_PAYER, OPEN_PATIENT})


class Part(StrEnum):
    """The parts of RPAT-11."""

    CHARGES = "charges"
    INSURANCE_PAID = "insurance_paid"
    INSURANCE_ADJUSTED = "insurance_adjusted"
    PATIENT_PAID = "patient_paid"
    PATIENT_ADJUSTED = "patient_adjusted"
    REFUNDED = "refunded"


ADDS = frozenset({Part.CHARGES, Part.REFUNDED})
_MONEY = frozenset(
    {
        Account.CASH, Account.CASH_CLEARING, Account.CARD_CLEARING, Account.UNAPPLIED_PAYER,
        Account.UNAPPLIED_PATIENT, Account.REFUNDS_PAYER, Account.RECOUPMENT, Account.FORWARD_BALANCE,
        Account.SUSPENSE, Account.PAYER_ADVANCES,
    }
)  # fmt: skip
_OURS = frozenset(
    {
        Account.CHARITY, Account.SMALL_BALANCE, Account.DISCOUNT, Account.BAD_DEBT, Account.RECOVERIES,
        Account.FEES,
    }
)  # fmt: skip
"""What is given up, or asked for, between the practice and the patient."""


class Moved(NamedTuple):
    """Entries of one posting that moved a visit's receivable the same way, added up.

    cents: positive raises what is owed. side: 1100 or 1110; other: the account on the other side. batch: the
    posting, which knows the remit or payment it came of.
    """

    batch: int
    day: date
    side: int
    other: int
    cents: int


def part_of(side: int, other: int) -> Part:
    """Which part of RPAT-11 an entry belongs to, by whose receivable moved against which account."""
    if other == Account.CHARGES:
        return Part.CHARGES
    if other in (Account.REFUNDS_PATIENT, Account.UNCLAIMED):
        return Part.REFUNDED
    if other in _MONEY:
        return Part.PATIENT_PAID if side == OPEN_PATIENT else Part.INSURANCE_PAID
    if other in _OURS or (side == OPEN_PATIENT and other not in _INSURANCE):
        return Part.PATIENT_ADJUSTED
    return Part.INSURANCE_ADJUSTED


_INSURANCE = frozenset(
    {
        Account.CONTRACTUAL, Account.DENIAL_WRITE_OFF, Account.SEQUESTRATION, Account.WITHHOLD,
        Account.TAX_WITHHOLDING,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """The parts of RPAT-11 in cents, and what payers and the patient owe. A payment taken back lowers what
    was paid.
    """

    charges: Money
    insurance_paid: Money
    insurance_adjusted: Money
    patient_paid: Money
    patient_adjusted: Money
    refunded: Money
    payer_open: Money
    patient_open: Money

    @property
    def balance(self) -> Money:
        """All that is owed of the visit, by whomever."""
        return self.payer_open + self.patient_open

    @property
    def adds_up(self) -> bool:
        """RPAT-11."""
        down = self.insurance_paid + self.insurance_adjusted + self.patient_paid + self.patient_adjusted
        return self.charges - down + self.refunded == self.balance


def figures(moved: Iterable[Moved]) -> Figures:
    """A visit's figures from all that moved its receivable."""
    parts = dict.fromkeys(Part, 0)
    sides = {OPEN_PAYER: 0, OPEN_PATIENT: 0}
    for one in moved:
        sides[one.side] += one.cents
        if one.other not in RECEIVABLE:
            part = part_of(one.side, one.other)
            parts[part] += one.cents if part in ADDS else -one.cents
    values = {part.value: Money.of_sum(cents) for part, cents in parts.items()}
    return Figures(
        **values, payer_open=Money.of_sum(sides[OPEN_PAYER]), patient_open=Money.of_sum(sides[OPEN_PATIENT])
    )


# ---------------------------------------------------------------- the way from the charge to what is owed


class Said(NamedTuple):
    """A posting in words for a step: who it came from, and what its document is called."""

    who: str = ""
    reference: str = ""
    kind: str = ""
    public_id: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step; cents raise what is owed when positive. code: of WORDS; source: kind and public id of where
    it comes from (`remit`, or the `batch` of the journal), empty for the last step.
    """

    code: str
    cents: Money
    day: date | None
    who: str
    reference: str
    source: str
    source_id: str

    def words(self, language: str = "en") -> str:
        """What happened, in plain words of a language."""
        plain, named = WORDS[self.code][1 if language == "es" else 0]
        return named.format(who=self.who) if self.who and named else plain


WORDS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "charged": (("Charged for this visit", ""), ("Cargo por esta visita", "")),
    "uncharged": (("Charge taken back", ""), ("Cargo retirado", "")),
    "insurance_paid": (("Insurance paid", "{who} paid"), ("Pago del seguro", "Pago de {who}")),
    "insurance_back": (
        ("Insurance took a payment back", "{who} took a payment back"),
        ("El seguro retiró un pago", "{who} retiró un pago"),
    ),
    "contract": (
        ("Taken off by the contract with the insurance", "Taken off by the contract with {who}"),
        ("Descuento por el contrato con el seguro", "Descuento por el contrato con {who}"),
    ),
    "withheld": (
        ("Kept back by the insurance", "Kept back by {who}"),
        ("Retenido por el seguro", "Retenido por {who}"),
    ),
    "refused": (
        ("Refused by the insurance, not asked of the patient", "Refused by {who}, not asked of the patient"),
        ("Rechazado por el seguro, no se cobra al paciente", "Rechazado por {who}, no se cobra al paciente"),
    ),
    "adjusted_back": (("An adjustment was taken back", ""), ("Se retiró un ajuste", "")),
    "patient_paid": (("The patient paid", ""), ("Pago del paciente", "")),
    "patient_back": (
        ("A payment of the patient was returned or moved", ""),
        ("Un pago del paciente fue devuelto o movido", ""),
    ),
    "fee": (("Fee for a returned payment", ""), ("Cargo por pago devuelto", "")),
    "fee_back": (("Fee taken back", ""), ("Cargo por devolución retirado", "")),
    "charity": (("Financial assistance", ""), ("Asistencia financiera", "")),
    "small": (("Small balance written off", ""), ("Saldo pequeño cancelado", "")),
    "discount": (("Discount", ""), ("Descuento", "")),
    "bad_debt": (("Written off as not collectible", ""), ("Cancelado como incobrable", "")),
    "refunded": (("Paid back to the patient", ""), ("Reembolsado al paciente", "")),
    "other": (("Other adjustment", ""), ("Otro ajuste", "")),
    "payer_open": (
        ("Insurance still has to answer for this part", "{who} still has to answer for this part"),
        ("El seguro todavía debe responder por esta parte", "{who} todavía debe responder por esta parte"),
    ),
    "payer_over": (("Insurance paid more than was left", ""), ("El seguro pagó de más", "")),
}
"""code -> (plain, with a name) in English and in Spanish."""
_BY_ACCOUNT = {
    Account.CONTRACTUAL: "contract",
    Account.SEQUESTRATION: "contract",
    Account.WITHHOLD: "withheld",
    Account.TAX_WITHHOLDING: "withheld",
    Account.DENIAL_WRITE_OFF: "refused",
    Account.CHARITY: "charity",
    Account.SMALL_BALANCE: "small",
    Account.DISCOUNT: "discount",
    Account.BAD_DEBT: "bad_debt",
    Account.RECOVERIES: "bad_debt",
}


def code_of(side: int, other: int, cents: int) -> str:
    """The words of a step, by what moved against what and which way."""
    part = part_of(side, other)
    if part is Part.CHARGES:
        return "charged" if cents > 0 else "uncharged"
    if part is Part.INSURANCE_PAID:
        return "insurance_paid" if cents < 0 else "insurance_back"
    if part is Part.PATIENT_PAID:
        return "patient_paid" if cents < 0 else "patient_back"
    if part is Part.REFUNDED:
        return "refunded"
    if other == Account.FEES:
        return "fee" if cents > 0 else "fee_back"
    if cents > 0:
        return "adjusted_back"
    return next((code for account, code in _BY_ACCOUNT.items() if account == other), "other")


def steps(moved: Sequence[Moved], said: dict[int, Said], payers: str = "") -> list[Step]:
    """The steps from the charge to what the patient owes, in the order of their postings; they add up to it.

    said: what is known of each posting. payers: who still answers, for the last step.
    """
    told: dict[tuple[int, str], list[int]] = {}
    days: dict[int, date] = {}
    for one in moved:
        days[one.batch] = min(one.day, days.get(one.batch, one.day))
        if one.other not in RECEIVABLE:
            told.setdefault((one.batch, code_of(one.side, one.other, one.cents)), []).append(one.cents)
    made = []
    for (batch, code), cents in sorted(told.items(), key=lambda one: (one[0][0], ORDER[one[0][1]])):
        if sum(cents):
            about = said.get(batch, Said())
            made.append(Step(code, Money.of_sum(sum(cents)), days[batch], about.who, about.reference,
                             about.kind, about.public_id))  # fmt: skip
    waits = -sum(one.cents for one in moved if one.side == OPEN_PAYER)
    if waits:
        code = "payer_open" if waits < 0 else "payer_over"
        made.append(Step(code, Money.of_sum(waits), None, payers if waits < 0 else "", "", "", ""))
    return made


ORDER = {code: at for at, code in enumerate(WORDS)}

# ---------------------------------------------------------------- why a visit waits

REASONS: dict[str, tuple[str, str]] = {
    "": ("", ""),
    "payer_pending": ("The insurance has not answered yet.", "El seguro aún no ha respondido."),
    "next_payer": ("The next insurance is still to be asked.", "Falta la respuesta del siguiente seguro."),
    "crossover": (
        "The insurance sent the claim on to the next one; its answer is awaited.",
        "El seguro envió el reclamo al siguiente; se espera su respuesta.",
    ),
    "denial_open": (
        "The insurance refused part of it, and we are working on that.",
        "El seguro rechazó una parte y la estamos gestionando.",
    ),
    "appeal_open": ("An appeal is open with the insurance.", "Hay una apelación abierta con el seguro."),
    "rebill_open": (
        "The claim went to the insurance again; its answer is awaited.",
        "El reclamo se envió otra vez al seguro; se espera su respuesta.",
    ),
    "parked_remit": (
        "A payment of the insurance is here and not posted yet.",
        "Hay un pago del seguro que aún no está registrado.",
    ),
    "never_bill": ("This may not be asked of the patient.", "Esto no se puede cobrar al paciente."),
    "dispute": ("Disputed; it is being looked at.", "En disputa; se está revisando."),
    "assistance": (
        "An application for financial assistance is open.",
        "Hay una solicitud de asistencia financiera abierta.",
    ),
    "estimate_dispute": (
        "Disputed because the bill is above the estimate.",
        "En disputa porque la factura supera la estimación.",
    ),
}


def reason_words(reason: str, language: str = "en") -> str:
    """Why a visit waits or is held, in plain words."""
    known = REASONS.get(reason)
    if known is not None:
        return known[1 if language == "es" else 0]
    kind = reason.replace("_", " ")
    return f"Retenido ({kind})." if language == "es" else f"Held ({kind})."
