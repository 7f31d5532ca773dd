"""Which passwords are among those that everybody tries first: words, their dressings, rows of keys, dates.

A list of leaked passwords (RECLAIM_BREACHED_PASSWORDS) knows more; this one needs no file.
"""

import re
from functools import cache
from pathlib import Path

_ROWS = (
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "12345678901234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
_LEET = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
_DRESSING = "0123456789!?.#*_-+ "


@cache
def common() -> frozenset[str]:
    """The words of data/common_passwords.txt."""
    place = Path(__file__).parent / "data" / "common_passwords.txt"
    return frozenset(place.read_text(encoding="ascii").split())


def guessable(password: str) -> bool:
    """Is it a common word in common dress (capitals, digits around, signs for letters), or keys in a row?"""
    lower = password.lower()
    bare = lower.strip(_DRESSING)
    for text in (lower, bare, lower.translate(_LEET), bare.translate(_LEET)):
        plain = re.sub(r"[^a-z0-9]", "", text)
        if plain and _worn(plain):
            return True
    return not bare


def _worn(text: str) -> bool:
    """A common word, keys in a row, a number; or any of them said several times."""
    if text in common() or (text.isdigit() and len(text) <= 10):
        return True
    if len(text) >= 4 and any(text in row or text in row[::-1] for row in _ROWS):
        return True
    for size in range(1, len(text) // 2 + 1):
        part = text[:size]
        if len(text) % size == 0 and text == part * (len(text) // size):
            return size <= 4 or _worn(part)
    return False
