"""What guarantors, addresses, contact points and consents can be."""

from enum import StrEnum


class Relation(StrEnum):
    """Why somebody answers for a patient (patient-collections section 1). Never for insurance alone."""

    SELF = "self"
    PARENT = "parent"
    GUARDIAN = "guardian"
    SPOUSE = "spouse"
    TRUSTEE = "trustee"
    COURT = "court"
    OTHER = "other"


class Source(StrEnum):
    """Where a fact about a person comes from."""

    CLAIM = "claim"
    FILE = "file"
    PERSON = "person"
    PATIENT = "patient"
    POST_OFFICE = "post_office"
    LINK = "link"
    REPLY = "reply"


class Deliverability(StrEnum):
    """Whether mail reaches an address (patient-collections section 12). HELD: temporarily away (W)."""

    GOOD = "good"
    HELD = "held"
    BAD = "bad"


class PointKind(StrEnum):
    """What kind of number or address it is; MOBILE ones need consent for texts and automatic calls."""

    PHONE = "phone"
    MOBILE = "mobile"
    EMAIL = "email"


class Channel(StrEnum):
    """A way of reaching somebody that needs their word.

    CALL: calls at all (a no is a request to stop calling). AUTO: dialled by machine or pre-recorded. SMS and
    EMAIL: messages. STATEMENT: statements by e-mail instead of by mail (E-SIGN).
    """

    CALL = "call"
    AUTO = "auto"
    SMS = "sms"
    EMAIL = "email"
    STATEMENT = "statement"
