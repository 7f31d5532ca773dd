"""A card processor of our own, without a network: for the demo, for tests, and until a clinic has a real one.

Tokens say what happens: `tok_visa_4242_approve`, `_decline`, `_timeout` (charged, but the answer is lost) and
`_lost` (nothing arrived). Its memory is a folder: the first answer of a key stays the answer of that key.
"""

import hashlib
import json
import os
import re
from datetime import date
from pathlib import Path

from app.gateways.cards import Card, Charged
from app.kernel import failpoints
from app.kernel.errors import Refused, Unavailable
from app.kernel.settings import settings

_TOKEN = re.compile(
    r"tok_(?P<brand>[a-z]{2,12})_(?P<last4>\d{4})_(?P<does>approve|decline|timeout|lost)", re.ASCII
)
EXPIRES = date(2099, 12, 31)


class Simulator:
    """The processor. `folder`: where it remembers; every process of the house sees the same."""

    def __init__(self, folder: Path | None = None):
        self._folder = folder or Path(settings().data) / "card-simulator"

    def describe(self, token: str) -> Card:
        found = self._read(token)
        return Card(found["brand"].capitalize(), found["last4"], EXPIRES)

    def charge(self, key: str, token: str, cents: int) -> Charged:
        does = self._read(token)["does"]
        if does == "lost":
            raise Unavailable("the card processor does not answer")
        approved = does != "decline"
        code, words = (
            ("", "") if approved else ("insufficient_funds", "The bank declined: insufficient funds.")
        )
        name = hashlib.sha256(key.encode()).hexdigest()
        said = {"approved": approved, "reference": f"SIM{name[:12].upper()}", "code": code, "words": words}
        first = self._remember(name, said | {"cents": cents})
        failpoints.hit("payments.while_charging")
        if does == "timeout":
            raise Unavailable("the card processor took too long")
        return first

    def ask(self, key: str) -> Charged | None:
        return self._answer(hashlib.sha256(key.encode()).hexdigest())

    def charges(self) -> list[int]:
        """Cents of every charge it approved: what its statement would say. For tests and the demo."""
        found = [json.loads(one.read_text()) for one in sorted(self._folder.glob("*.json"))]
        return [one["cents"] for one in found if one["approved"]]

    def _read(self, token: str) -> "re.Match[str]":
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise Refused("The card processor does not know this token.", code="token", field="token")
        return found

    def _remember(self, name: str, said: dict[str, object]) -> Charged:
        """Keep an answer unless there is one: a link refuses what a rename would write over."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._folder / f".{name}.{os.getpid()}.{os.urandom(4).hex()}"
        part.write_text(json.dumps(said))
        try:
            os.link(part, self._folder / f"{name}.json")
        except FileExistsError:
            pass
        finally:
            part.unlink()
        answer = self._answer(name)
        if answer is None:
            raise Unavailable("the simulator's folder is gone")
        return answer

    def _answer(self, name: str) -> Charged | None:
        place = self._folder / f"{name}.json"
        if not place.exists():
            return None
        said = json.loads(place.read_text())
        return Charged(said["approved"], said["reference"], said["code"], said["words"])
