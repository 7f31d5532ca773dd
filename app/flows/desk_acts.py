"""What the desk asks of payments and statements for one account: by words as typed, with what follows."""

from collections.abc import Mapping, Sequence

from app.flows import patient_paid, payment_desk
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.typed import read_day
from app.kernel.work import Actor, Work
from app.patients.queries_guarantors import GuarantorRow
from app.payments import service as payments
from app.payments.lifecycle import State, Tender
from app.payments.service import Planned, Taken, Taking
from app.plans import service as plans
from app.plans.rules_offers import Offer
from app.plans.service import Wish
from app.statements import service_reproduce, service_why
from app.statements.service_why import Why

TENDERS = [(one.value, one.value.replace("_", " ").capitalize()) for one in Tender if one is not Tender.CARD]
"""What a clerk takes at the desk; a card is charged by its token."""


OFFERS_SHOWN = 3
CARD, NEW_CARD = "card:", "card:new"
"""Before the public id of a kept card; a new one comes by the token of the processor's page."""


def by_card(form: Mapping[str, str]) -> bool:
    """Do they pay by card?"""
    return form.get("tender", "").startswith(CARD)


def _tender(form: Mapping[str, str]) -> Tender:
    if by_card(form):
        return Tender.CARD
    if form.get("tender", "") not in {code for code, _ in TENDERS}:
        raise Refused("Choose how they pay.", code="tender", field="tender")
    return Tender(form["tender"])


def taking(w: Work, account: GuarantorRow, form: Mapping[str, str]) -> Taking:
    """A payment as a form says it: tender, amount, received_on, reference, key; `Refused` names the field."""
    tender = _tender(form)
    text, today = form.get("received_on", "").strip(), w.today(account.time_zone)
    return Taking(
        entity_id=account.entity_id, account_id=account.id, tender=tender,
        cents=int(amount(form, "amount")), key=form.get("key", "")[:80],
        received_on=read_day(text, "received_on", today) if text else None,
        reference=form.get("reference", ""),
    )  # fmt: skip


def amount(form: Mapping[str, str], field: str) -> Money:
    """Dollars as people type them: 1,250.00 or $80."""
    text = form.get(field, "").strip().replace(",", "").removeprefix("$")
    try:
        return Money.parse(text)
    except Refused as problem:
        raise Refused(problem.message, code=problem.code, field=field) from None


def preview(w: Work, account: GuarantorRow, form: Mapping[str, str]) -> Planned:
    """What a payment would pay; writes nothing."""
    return payments.preview(w, patient_paid.with_items(w, taking(w, account, form)))


def pay(w: Work, account: GuarantorRow, form: Mapping[str, str]) -> Taken:
    """Take a payment; a form without its key is refused, the same key again is the same payment."""
    given = taking(w, account, form)
    if not given.key:
        raise Refused("This form is not complete. Load the page again.", code="key", field="key")
    return patient_paid.take(w, given)


def charge(actor: Actor, account_public: str, form: Mapping[str, str]) -> Taken:
    """Charge a kept card, or one that is kept now by its token with what they agree to."""
    key, cents = form.get("key", "")[:80], int(amount(form, "amount"))
    if not key:
        raise Refused("This form is not complete. Load the page again.", code="key", field="key")
    card = form["tender"].removeprefix(CARD)
    if form["tender"] == NEW_CARD:
        agreed = {"token": form.get("token", ""), "authorised": form.get("authorised", "")}
        card = payment_desk.keep_card(actor, account_public, agreed | {"most": None, "until": None})
    wanted = payment_desk.Wanted(account=account_public, tender=Tender.CARD, cents=cents, key=key, card=card)
    return payment_desk.take(actor, wanted)


def itemise(w: Work, account: GuarantorRow, language: str) -> str:
    """The itemised bill they asked for; returns its public id."""
    return service_reproduce.itemise(w, account.public_id, language=language)


def told(taken: Taken) -> tuple[str, str]:
    """What became of the money, in words for the phone, and their tone."""
    rest = f", {taken.unapplied:,} not applied" if taken.unapplied else ""
    if taken.state is State.POSTED:
        return f"Receipt {taken.number}: {taken.applied:,} applied{rest}. Thank them.", "good"
    if taken.state is State.DECLINED:
        words = f"The bank declined the card ({taken.number}): nothing was taken. Ask for another way."
        return words, "bad"
    words = "the bank has not answered yet. Do not charge again: it is asked by itself."
    return f"{taken.number}: {words}", "warn"


def offers(w: Work, account: GuarantorRow) -> Sequence[Offer]:
    """The likeliest plans for what is due, best first; none where no plan fits."""
    return plans.offer(w, account.public_id, Wish()).offers[:OFFERS_SHOWN]


def why(w: Work, account: GuarantorRow) -> Why:
    """Why no statement goes today, or that one would."""
    return service_why.why_no_bill(w, account.public_id)
