"""Telephone numbers, e-mail addresses, time zones, and the last word about a channel."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import timezone

from app.kernel.errors import Refused
from app.patients.lifecycle import PointKind
from app.patients.rules_people import Home

DATA = Path(__file__).parent / "data"
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}", re.ASCII
)
_DOTS = re.compile(r"^\.|\.\.|\.@|@-|-\.|\.-")


class Said(NamedTuple):
    """One yes or no; contact_point_id None: about the person as a whole."""

    id: int
    public_id: str
    contact_point_id: int | None
    channel: str
    granted: bool
    effective_at: datetime
    source: str
    proof: str
    author: str

    @property
    def order(self) -> Any:
        """By the moment it was said; of one moment the one written later."""
        return (self.effective_at, self.id)


def allowed(said: Iterable[Said], channel: str, point_id: int | None) -> bool | None:
    """The last word about a channel (47 CFR 64.1200(a)(10)): None when nothing was said.

    A no to the person as a whole ends every earlier yes to a number. A yes as a whole never undoes a no to
    one number: that number said no.
    """
    words = [one for one in said if one.channel == channel]
    whole = max((one for one in words if one.contact_point_id is None), key=_order, default=None)
    own = max(
        (one for one in words if point_id is not None and one.contact_point_id == point_id),
        key=_order, default=None,
    )  # fmt: skip
    if own is None:
        return whole.granted if whole else None
    if whole is not None and not whole.granted and _order(whole) > _order(own):
        return False
    return own.granted


def _order(one: Said) -> Any:
    return one.order


class Written(NamedTuple):
    """A contact point as it is kept: the whole value, what screens show, the zones it may ring in."""

    kind: PointKind
    value: str
    shown: str
    zones: tuple[str, ...]


def written(kind: PointKind, text: str) -> Written:
    """Read a number or e-mail address as people type it; `Refused` when it cannot exist."""
    if kind is PointKind.EMAIL:
        return _email(text.strip())
    return _phone(kind, text)


def _email(text: str) -> Written:
    if len(text) > 254 or not _EMAIL.fullmatch(text) or _DOTS.search(text):
        raise Refused("This is not an e-mail address.", code="email", field="value")
    name, _, domain = text.rpartition("@")
    return Written(PointKind.EMAIL, f"{name}@{domain.lower()}", f"{name[:1]}•••@{domain.lower()}"[:60], ())


def _phone(kind: PointKind, text: str) -> Written:
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        raise Refused("This is not a telephone number.", code="phone", field="value") from None
    if number.country_code != 1 or number.extension or not phonenumbers.is_valid_number(number):
        raise Refused("This is not a telephone number of the United States.", code="phone", field="value")
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    zones = [zone for zone in timezone.time_zones_for_number(number) if zone != NOWHERE]
    # A toll-free number rings anywhere: then only the address can tell, and it names no zone of its own.
    return Written(kind, plain, f"(•••) •••-{plain[-4:]}", tuple(zones) if len(zones) <= MOST_ZONES else ())


MOST_ZONES = 6
"""A number of more zones is no place: toll-free numbers name them all."""
NOWHERE = "Etc/Unknown"


@lru_cache(maxsize=1)
def _states() -> dict[str, tuple[str, ...]]:
    with (DATA / "zones.csv").open(newline="", encoding="utf-8") as file:
        return {row["place"]: tuple(row["zones"].split()) for row in csv.DictReader(file)}


def address_zones(state: str, zip_code: str) -> tuple[str, ...]:
    """The zones an address may be in: by the first three digits of its ZIP code where a state has several."""
    table = _states()
    return table.get(zip_code[:3]) or table.get(state.upper()) or ()


def states() -> Sequence[str]:
    """The states, districts and territories an address may name."""
    return sorted(place for place in _states() if place.isalpha())


_AREAS = {
    "0": "AE CT MA ME NH NJ NY PR RI VI VT",
    "1": "DE NY PA",
    "2": "DC MD NC SC VA WV",
    "3": "AA AL FL GA MS TN",
    "4": "IN KY MI OH",
    "5": "DC IA MN MT ND SD VA WI",
    "6": "IL KS MO NE",
    "7": "AR LA OK TX",
    "8": "AZ CO ID NM NV TX UT WY",
    "9": "AK AP AS CA GU HI MP OR WA",
}
"""States by the first digit of their ZIP codes: a state that does not fit is a slip of the pen."""
_ZIP = re.compile(r"\d{5}(?:-?\d{4})?", re.ASCII)


def checked(home: Home) -> Home:
    """The address as it is kept; `Refused` with the field when no letter could be sent there."""
    state, zip_code = home.state.strip().upper(), home.zip.strip()
    for name in ("street", "city"):
        if not getattr(home, name).strip():
            raise Refused("Part of the address is missing.", code="address", field=name)
    if state not in states():
        raise Refused("This is not a state or territory (two letters).", code="state", field="state")
    if not _ZIP.fullmatch(zip_code):
        raise Refused("A ZIP code has five digits, or nine.", code="zip", field="zip")
    if state not in _AREAS[zip_code[0]].split():
        raise Refused(f"ZIP codes of {state} begin differently.", code="zip_state", field="zip")
    digits = zip_code.replace("-", "")
    zip_code = f"{digits[:5]}-{digits[5:]}" if len(digits) == 9 else digits
    parts = (_line(home.street, 60), _line(home.street2, 60), _line(home.city, 40))
    return Home(*parts, state, zip_code)


def _line(text: str, most: int) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:most]
