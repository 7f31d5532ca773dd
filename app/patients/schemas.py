"""What the API says of patients: masked where people see it masked."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest


class PatientsRequest(ListRequest):
    """A page of patients."""

    entity = fields.String(metadata={"description": "public id of a billing entity"})


class PatientSearch(Schema):
    """Whom to find; in a body, so that no address names anybody."""

    q = fields.String(
        required=True, validate=validate.Length(2, 100),
        metadata={"description": "`last`, `last, first`, a birth date, or a member number"},
    )  # fmt: skip


class PatientView(Schema):
    """A patient; the member number is masked but for its end."""

    id = fields.String(attribute="public_id", required=True)
    name = fields.String()
    birth = fields.Date(allow_none=True)
    sex = fields.String()
    member = fields.String()
    entity = fields.String()


class PatientsPage(Schema):
    """A page of patients; `next` is empty on the last."""

    rows = fields.List(fields.Nested(PatientView))
    next = fields.String()


class FoundPatients(Schema):
    """The patients a search found, 50 at most."""

    rows = fields.List(fields.Nested(PatientView))


class PatientAccountRequest(Schema):
    """Of which day."""

    as_of = fields.Date(metadata={"description": "entries effective up to and on this day"})


class CoverView(Schema):
    """A payer of the patient's claims."""

    payer = fields.String()
    payer_class = fields.String(attribute="class_")
    rank = fields.String()
    claims = fields.Integer()


class BalanceStepView(Schema):
    """A step from the charge to what the patient owes."""

    words = fields.String()
    amount = Dollars(attribute="cents")


class VisitView(Schema):
    """A claim of the account: charge - paid - adjustments = payer_balance + patient_balance."""

    id = fields.String(attribute="public_id")
    control = fields.String()
    payer = fields.String()
    service_from = fields.Date(allow_none=True)
    service_to = fields.Date(allow_none=True)
    charge = Dollars()
    paid = Dollars()
    adjustments = Dollars()
    denied = Dollars(attribute="figures.denied")
    payer_balance = Dollars(attribute="figures.payer_balance")
    patient_balance = Dollars(attribute="figures.patient_balance")
    explanation = fields.List(fields.Nested(BalanceStepView), attribute="steps")


class AccountLineView(Schema):
    """An entry with what is owed over all visits after it."""

    reference = fields.String(attribute="entry.reference")
    claim = fields.String(attribute="control")
    effective_date = fields.Date(attribute="entry.effective_date")
    event = fields.String(attribute="entry.event")
    debit = fields.Integer(attribute="entry.debit")
    credit = fields.Integer(attribute="entry.credit")
    amount = Dollars(attribute="entry.amount")
    payer_after = Dollars()
    patient_after = Dollars()


class PatientAccountView(Schema):
    """A patient's account."""

    patient = fields.Nested(PatientView, attribute="head")
    payers = fields.List(fields.Nested(CoverView), attribute="covers")
    payer_balance = Dollars()
    patient_balance = Dollars()
    visits = fields.List(fields.Nested(VisitView))
    ledger = fields.List(fields.Nested(AccountLineView))
