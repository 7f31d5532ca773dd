"""What the desk asks of payments and statements for one account: by words as typed, with what follows."""

from collections.abc import Mapping

from app.flows import patient_paid
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.typed import read_day
from app.kernel.work import Work
from app.patients.queries_guarantors import GuarantorRow
from app.payments import service as payments
from app.payments.lifecycle import Tender
from app.payments.service import Planned, Taken, Taking
from app.statements import service_reproduce, service_why
from app.statements.service_why import Why

TENDERS = [(one.value, one.value.replace("_", " ").capitalize()) for one in Tender if one is not Tender.CARD]
"""What a clerk takes at the desk; a card is charged by its token."""


def taking(w: Work, account: GuarantorRow, form: Mapping[str, str]) -> Taking:
    """A payment as a form says it: tender, amount, received_on, reference, key; `Refused` names the field."""
    if form.get("tender", "") not in {code for code, _ in TENDERS}:
        raise Refused("Choose how they pay.", code="tender", field="tender")
    text, today = form.get("received_on", "").strip(), w.today(account.time_zone)
    return Taking(
        entity_id=account.entity_id, account_id=account.id, tender=Tender(form["tender"]),
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


def itemise(w: Work, account: GuarantorRow, language: str) -> str:
    """The itemised bill they asked for; returns its public id."""
    return service_reproduce.itemise(w, account.public_id, language=language)


def why(w: Work, account: GuarantorRow) -> Why:
    """Why no statement goes today, or that one would."""
    return service_why.why_no_bill(w, account.public_id)
