"""The guard of placing an account with an agency; placing itself is not here yet, so nothing moves."""

from app.contacts.lifecycle import Act
from app.contacts.rules_guards import No
from app.contacts.service_guards import guarded
from app.kernel.work import Work
from app.placements import queries
from app.placements.rules import may_place


def asked(w: Work, account_public: str) -> list[No]:
    """What stands against placing an account today; nothing when every light is green."""
    found = queries.one(w, account_public)
    return may_place(found.lights, found.time_zone)


def must(w: Work, account_public: str) -> None:
    """Go on only when every light is green; else `Guarded`, and the refusal is kept (N9)."""
    w.may("placements.read")
    found = queries.one(w, account_public)
    nos = may_place(found.lights, found.time_zone)
    if nos:
        raise guarded(Act.PLACE, found.id, nos)
