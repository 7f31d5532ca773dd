"""When two mentions speak of one person; what screens show of a number; days as people type them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_US = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})", re.ASCII)


Lived = tuple[Sequence[str], str, str, str]
"""A home in a claim: address parts as sent, the policy holder's last and first name, SBR02 or PAT01."""


@dataclass(frozen=True, slots=True)
class Named:
    """A person as one claim names them; `id` becomes their key when new; `birth` is an ISO day or None.

    home: street and ZIP code as `home_words` of access writes them, or nothing; its fingerprint is kept.
    lives: made into words and sealed for new people only.
    """

    id: int
    last: str
    first: str
    middle: str
    birth: str | None
    sex: str
    member: str
    home: str = ""
    lives: Lived | None = None

    @property
    def words(self) -> str:
        """What makes two mentions one person: name and birth date; without that the member id decides."""
        return f"{self.last}|{self.first}|{self.birth or self.member}".upper()


MASK = "••••"


def masked(number: str) -> str:
    """A member number as screens tell it apart: its last four signs, and nothing of a shorter one."""
    return MASK + number[-4:] if len(number) > 4 else MASK


def asked_day(text: str) -> date | None:
    """A birth date as people type it, `1970-01-31` or `01/31/1970`; None when it is none."""
    found = _ISO.fullmatch(text) or _US.fullmatch(text)
    if found is None:
        return None
    parts = {name: int(value) for name, value in found.groupdict().items()}
    try:
        return date(parts["year"], parts["month"], parts["day"])
    except ValueError:
        return None
