"""The screens and the keys that lead to them. An entry shows when its page exists and the person may see
it.
"""

from typing import NamedTuple

from flask import current_app, request, url_for

from app.access.rules import SIGNED_IN, policy
from app.web.door import can


class Screen(NamedTuple):
    """One entry: what it is called, the route it leads to, the letter after `g`."""

    label: str
    endpoint: str
    key: str


SCREENS = (
    Screen("My day", "web.day", "m"),
    Screen("Denials", "denials.worklist", "d"),
    Screen("Underpayments", "underpayments.worklist", "u"),
    Screen("Rebill", "rebill.worklist", "n"),
    Screen("Accounts", "accounts.accounts", "i"),
    Screen("Call list", "accounts.calls", "g"),
    Screen("Exceptions", "remits.exceptions", "e"),
    Screen("Rejections", "claims.rejections", "x"),
    Screen("Silent claims", "claims.silent", "s"),
    Screen("Claims", "claims.claims", "c"),
    Screen("Remits", "remits.remits", "r"),
    Screen("Files", "intake.files", "f"),
    Screen("Ledger", "ledger.ledger", "l"),
    Screen("Dashboards", "reports.dashboards", "b"),
)
"""In the order of a day; what finds no room in the bar stands first under More."""
MORE = (
    Screen("Patients", "patients.patients", "t"),
    Screen("Payments", "payments.payments", "2"),
    Screen("Plans", "plans.plans", "1"),
    Screen("Statements", "statements.runs", "3"),
    Screen("Words of letters", "statements.letters", "4"),
    Screen("Placements", "placements.placements", "5"),
    Screen("Returned mail", "contacts.returned", "6"),
    Screen("Alike accounts", "patients.guarantors_alike", "7"),
    Screen("Refusals", "contacts.refusals", "8"),
    Screen("Small balances", "payments.small", "9"),
    Screen("Batches", "rebill.batches", "z"),
    Screen("Payers", "payers.payers", "p"),
    Screen("Playbook", "denials.playbook", "k"),
    Screen("Codes", "codes.codes", "o"),
    Screen("Collection rules", "contacts.law", ","),
    Screen("Fee schedules", "contracts.schedules", "y"),
    Screen("Jobs", "intake.jobs", "j"),
    Screen("Webhooks", "hooks.webhooks", "h"),
    Screen("People", "access.people", "w"),
    Screen("Role requests", "access.requests", "q"),
    Screen("Privacy", "audit.privacy", "v"),
    Screen("Audit trail", "audit.events", "a"),
)


ELSEWHERE = {
    "statements.letters_sent": "statements.runs",
    "placements.scrub": "placements.placements",
    "contacts.returned_one": "contacts.returned",
    "patients.guarantor": "accounts.accounts",
    "denials.claim": "claims.claims",
    "denials.case": "denials.worklist",
    "remits.workspace": "remits.remits",
    "remits.eob": "remits.remits",
    "remits.keyed": "remits.remits",
    "remits.keyed_batch": "remits.remits",
    "remits.keyed_codes": "remits.remits",
    "remits.keyed_paper": "remits.remits",
    "flows.preview": "intake.files",
}
"""Pages that belong to another screen than the first of the capability that serves them."""
OF_NO_SCREEN = frozenset({"web.account", "web.emergency", "web.search", "web.link", "web.prove"})
"""One's own matters and the search: no screen of the bar is lit for them."""


class Link(NamedTuple):
    """An entry as the template draws it."""

    label: str
    href: str
    key: str
    here: bool


def links(screens: tuple[Screen, ...] = SCREENS) -> list[Link]:
    """The entries this person may follow, the present one marked."""
    exact = any(one.endpoint == request.endpoint for one in (*SCREENS, *MORE))
    return [
        Link(one.label, url_for(one.endpoint), one.key, _here(one.endpoint, exact=exact))
        for one in screens
        if one.endpoint in current_app.view_functions and allowed(one.endpoint)
    ]


def allowed(endpoint: str) -> bool:
    """May this person follow a link to the page?"""
    asked = policy().permission("page", f"GET {endpoint}")
    return asked == SIGNED_IN or can(asked)


def _here(endpoint: str, *, exact: bool) -> bool:
    """Is this the screen one is on, or (a record's page is no entry itself) the one it belongs to?"""
    if exact:
        return request.endpoint == endpoint
    if request.endpoint in OF_NO_SCREEN:
        return False
    if request.endpoint in ELSEWHERE:
        return endpoint == ELSEWHERE[request.endpoint]
    if (request.endpoint or "").startswith(endpoint + "_"):
        return True  # `denials.playbook_row` belongs to `denials.playbook`
    if any((request.endpoint or "").startswith(one.endpoint + "_") for one in (*SCREENS, *MORE)):
        return False
    blueprint = (request.endpoint or "").partition(".")[0]
    first = next(
        (one.endpoint for one in (*SCREENS, *MORE) if one.endpoint.partition(".")[0] == blueprint), ""
    )
    return endpoint == first
