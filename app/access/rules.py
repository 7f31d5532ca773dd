"""Decisions of access: who may pass which door, who may hold which roles together, what a good password
is.
"""

import csv
import hashlib
import hmac
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from app.access.rules_passwords import guessable
from app.kernel import limits
from app.kernel.errors import Refused

ROLES = (
    "clerk", "denial_specialist", "refund_preparer", "refund_approver", "supervisor", "auditor", "admin",
    "integration", "treasury", "manager", "controller", "compliance", "operator",
)  # fmt: skip
"""The roles a person may hold."""

SHELL = "shell"
"""Whoever may run commands on the machine itself; nobody is granted it."""

EMERGENCY = "emergency"
"""What emergency access gives for an hour; nobody is granted it."""

_DATA = Path(__file__).parent / "data"
DOORS = ("page", "api", "command", "task")
PUBLIC, SIGNED_IN, SYSTEM = "public", "signed_in", "system"

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
TOKEN_LIFE = timedelta(minutes=60)
ONE_TIME_LIFE = timedelta(hours=72)
FOR_GOOD = timedelta(days=3650)
EMERGENCY_LIFE = timedelta(minutes=60)
PROOF_LIFE = timedelta(minutes=5)
"""So long a challenge of a passkey, or the way to an identity provider and back, may take."""
RECOVERY_CODES = 10
MONEY = frozenset({
    "refunds.prepare", "refunds.approve", "refunds.release", "ledger.approve", "ledger.close", "people.write",
})  # fmt: skip
"""Rights that move money or give rights: a role with one of them takes two administrators (RSEC 6)."""
ADDRESS_MISSES = 300


@dataclass(frozen=True)
class Policy:
    """The table in memory: which permission a door asks for, which roles hold a permission."""

    doors: Mapping[tuple[str, str], str]
    rights: Mapping[str, frozenset[str]]
    guarded: frozenset[str] = frozenset()
    """Permissions that only a session proved by a second factor has (RSEC (d), A6)."""

    def permission(self, door: str, name: str) -> str:
        """What a door asks for; an undeclared one asks for what nobody holds."""
        return self.doors.get((door, name), "undeclared")

    def held_by(self, roles: Iterable[str]) -> frozenset[str]:
        """The permissions somebody with these roles has."""
        mine = set(roles)
        return frozenset(right for right, holders in self.rights.items() if holders & mine)

    def weighty(self, role: str) -> bool:
        """Does giving this role take a second administrator?"""
        return any(role in self.rights.get(right, ()) for right in MONEY)

    def allows(self, role: str, door: str, name: str) -> bool:
        """Does this role pass this door? The matrix of A1, one cell at a time."""
        asked = self.permission(door, name)
        if asked in (PUBLIC, SIGNED_IN):
            return asked == PUBLIC or role in ROLES
        return role in self.rights.get(asked, frozenset())

    def names(self, door: str) -> frozenset[str]:
        """Every door of a kind."""
        return frozenset(name for kind, name in self.doors if kind == door)


def policy_rows() -> Iterator[dict[str, str]]:
    """The rows of data/policy.csv as written."""
    with (_DATA / "policy.csv").open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@cache
def policy() -> Policy:
    """The policy table; refuses a table that contradicts itself."""
    return read_policy(policy_rows())


def read_policy(rows: Iterable[Mapping[str, str]]) -> Policy:
    """Build the table from its rows; every mistake in it is named at once."""
    doors: dict[tuple[str, str], str] = {}
    rights: dict[str, frozenset[str]] = {}
    guarded: set[str] = set()
    wrong: list[str] = []
    for row in rows:
        door, name, asked = row["door"], row["name"], row["permission"]
        if door == "right":
            wrong += [f"right {name} is listed twice"] if name in rights else []
            rights[name] = frozenset(row["roles"].split())
            guarded |= {name} if asked == "second_factor" else set()
            wrong += [
                f"right {name}: no role {role}" for role in sorted(rights[name] - {*ROLES, SHELL, EMERGENCY})
            ]
        elif door in DOORS and (door, name) not in doors:
            doors[door, name] = asked
        else:
            wrong.append(f"{door} {name} is listed twice or is no door")
    known = {PUBLIC, SIGNED_IN, SYSTEM, *rights}
    wrong += [f"{door} {name} asks for {asked}, which no role holds" for (door, name), asked in doors.items()
              if asked not in known]  # fmt: skip
    if wrong:
        raise Refused("The policy table is wrong: " + "; ".join(wrong) + ".", code="policy")
    return Policy(doors, rights, frozenset(guarded))


def undeclared(
    *,
    pages: Iterable[str] | None = None,
    apis: Iterable[str] | None = None,
    commands: Iterable[str] | None = None,
    tasks: Iterable[str] | None = None,
) -> list[str]:
    """What is wrong between the policy table and the product: doors without a row, rows without a door.

    Names are `GET intake.files` for pages and the API, `user add` for commands, the job kind for tasks. A
    kind left out is not looked at.
    """
    table, wrong = policy(), []
    for door, present in zip(DOORS, (pages, apis, commands, tasks), strict=True):
        if present is None:
            continue
        there, declared = set(present), table.names(door)
        wrong += [
            f"{door} {name} has no row in app/access/data/policy.csv" for name in sorted(there - declared)
        ]
        wrong += [
            f"{door} {name} has a row in the policy table but does not exist"
            for name in sorted(declared - there)
        ]
    return wrong


@cache
def _conflicts() -> dict[frozenset[str], str]:
    with (_DATA / "conflicts.csv").open(encoding="utf-8", newline="") as lines:
        return {frozenset((row["role"], row["other"])): row["why"] for row in csv.DictReader(lines)}


def conflicts_of(role: str) -> dict[str, str]:
    """{other role: why} of the roles nobody may hold beside this one."""
    return {
        next(iter(pair - {role})): why
        for pair, why in _conflicts().items()
        if role in pair and len(pair) == 2
    }


def check_together(roles: Iterable[str]) -> None:
    """Refuse roles that one person may not hold together, whatever the entities."""
    held = sorted(set(roles))
    for position, role in enumerate(held):
        for other in held[position + 1 :]:
            if why := _conflicts().get(frozenset((role, other))):
                raise Refused(
                    f"{role} and {other} cannot be held together. {why}", code="roles_conflict", field="role"
                )


_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,79}", re.ASCII)


def clean_login(text: str) -> str:
    """The login as we keep it: lower case; refuses what is no login."""
    login = text.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise Refused("A login has 2 to 80 letters, digits, dots, dashes or @.", code="login", field="login")
    return login


def check_password(password: str, *, login: str = "", second_factor: bool = False) -> None:
    """Refuse a weak password: 15 characters alone, 8 with a second factor; no rules about kinds of
    characters.

    Length is what counts (NIST SP 800-63B-4); words everybody tries, repeats and the login itself do not.
    """
    least = (
        limits.PASSWORD_CHARACTERS_WITH_SECOND_FACTOR if second_factor else limits.PASSWORD_CHARACTERS_ALONE
    )
    if len(password) < least:
        raise Refused(
            f"Use at least {least} characters; a sentence is easiest.", code="password_short", field="new"
        )
    if len(password) > limits.PASSWORD_CHARACTERS_MOST:
        raise Refused("That is longer than we take.", code="password_long", field="new")
    if guessable(password):
        raise Refused("That is among the first passwords anybody tries.", code="password_common", field="new")
    if len(set(password)) < 5:
        raise Refused("That repeats too few characters.", code="password_common", field="new")
    plain = re.sub(r"[^a-z0-9]", "", password.lower())
    name = re.sub(r"[^a-z0-9]", "", login.split("@")[0])
    if name and name in plain and len(plain) < 2 * len(name):
        raise Refused("That contains your login.", code="password_login", field="new")


def wait_after(misses: int) -> timedelta:
    """How long the next guess must wait: nothing for ten misses, then longer each time, before the hundredth
    for good.

    "For good" lasts until an administrator unlocks the login (A6).
    """
    if misses < limits.MISSES_BEFORE_SLOW:
        return timedelta(0)
    if misses >= limits.MISSES_BEFORE_STOP - 1:
        return FOR_GOOD
    return timedelta(seconds=min(2 ** (misses - limits.MISSES_BEFORE_SLOW + 1), 900))


def one_time_code(secret: bytes, step: int) -> str:
    """The six digits an authenticator shows in one 30-second step (RFC 6238, SHA-1)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def home_words(street: str, zip_code: str) -> str:
    """An address as it is compared: street letters and digits in upper case, five digits of the ZIP code.

    Empty when either is missing: half an address is everybody's.
    """
    plain = "".join(letter for letter in street.upper() if letter.isalnum())
    digits = "".join(letter for letter in zip_code if letter.isdigit())[:5]
    return f"{plain} {digits}" if plain and len(digits) == 5 else ""
