"""New passwords against what leaked elsewhere: a sorted file of SHA-1 hashes, searched where it lies."""

import hashlib
import os
from pathlib import Path

from app.access.rules import check_password
from app.kernel.errors import Refused
from app.kernel.settings import settings

LINE_BYTES = 200


def check_new(password: str, *, login: str, second_factor: bool) -> None:
    """Refuse a weak password, and one that is in the site's list of leaked ones (A6)."""
    check_password(password, login=login, second_factor=second_factor)
    place = settings().breached_passwords
    if place is not None and leaked(place, password):
        raise Refused("That password has leaked somewhere; choose another one.", code="password_leaked",
                      field="new")  # fmt: skip


def leaked(place: Path, password: str) -> bool:
    """Is the password in the file? Lines `SHA1` or `SHA1:count`, sorted, upper case: 40 reads at most."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with place.open("rb") as lines:
        low, high = 0, lines.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            lines.seek(middle)
            if middle:
                lines.readline(LINE_BYTES)  # the rest of the line we fell into
            line = lines.readline(LINE_BYTES)
            if not line or line[:40] >= wanted:
                high = middle
            else:
                low = middle + 1
        lines.seek(low)
        if low:
            lines.readline(LINE_BYTES)
        near = (lines.readline(LINE_BYTES), lines.readline(LINE_BYTES))
        lines.seek(0)
        return any(line[:40] == wanted for line in (*near, lines.readline(LINE_BYTES)))
