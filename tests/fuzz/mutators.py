"""Files as nobody should send them: a good file, damaged by the dice as senders and lines damage them."""

import random
from collections.abc import Callable

Segments = list[str]
Mutator = Callable[[random.Random, Segments], Segments]
AMOUNTS = (
    "-1",
    "0",
    "00.00",
    "1E9",
    "NaN",
    "1_000",
    "٣",
    "9999999999.99",
    "99999999999",
    ".5",
    "5.",
    "-",
    "1,5",
    "",
)
WORDS = (
    "",
    "\x00",
    "\x1b[31m",
    "<b>x</b>",
    "=1+1",
    "'; --",
    "Ω" * 3,
    "A" * 5_000,
    "22",
    "25",
    "*" * 40,
    "\n",
)


def dropped(dice: random.Random, found: Segments) -> Segments:
    at = dice.randrange(len(found))
    return found[:at] + found[at + 1 :]


def doubled(dice: random.Random, found: Segments) -> Segments:
    at = dice.randrange(len(found))
    return found[: at + 1] + found[at:]


def moved(dice: random.Random, found: Segments) -> Segments:
    segment = found.pop(dice.randrange(len(found)))
    found.insert(dice.randrange(len(found) + 1), segment)
    return found


def cut(dice: random.Random, found: Segments) -> Segments:
    return found[: dice.randrange(1, len(found))]


def amount(dice: random.Random, found: Segments) -> Segments:
    """A number somewhere becomes another one, or none."""
    at = dice.choice(
        [n for n, one in enumerate(found) if one[:3] in ("CLP", "SVC", "CAS", "PLB", "BPR", "SV1")] or [0]
    )
    elements = found[at].split("*")
    elements[dice.randrange(1, len(elements)) if len(elements) > 1 else 0] = dice.choice(AMOUNTS)
    found[at] = "*".join(elements)
    return found


def cents(dice: random.Random, found: Segments) -> Segments:
    """A payer's sum is off by a cent."""
    at = dice.choice([n for n, one in enumerate(found) if one[:3] in ("CLP", "SVC", "BPR")] or [0])
    elements = found[at].split("*")
    if len(elements) > 3 and elements[3].replace(".", "").isdigit():
        elements[3] += "1" if "." in elements[3] else ".01"
    found[at] = "*".join(elements)
    return found


def word(dice: random.Random, found: Segments) -> Segments:
    """An element becomes something a person never wrote."""
    at = dice.randrange(1, len(found))
    elements = found[at].split("*")
    elements[dice.randrange(len(elements))] = dice.choice(WORDS)
    found[at] = "*".join(elements)
    return found


def swapped(dice: random.Random, found: Segments) -> Segments:
    """Two loops of a file exchange a segment."""
    one, other = dice.randrange(1, len(found)), dice.randrange(1, len(found))
    found[one], found[other] = found[other], found[one]
    return found


def nested(dice: random.Random, found: Segments) -> Segments:
    """An envelope inside an envelope."""
    at = dice.randrange(1, len(found))
    return found[:at] + found[: dice.randrange(1, 4)] + found[at:]


def many(dice: random.Random, found: Segments) -> Segments:
    """One segment, five hundred times."""
    at = dice.randrange(1, len(found))
    return found[:at] + [found[at]] * 500 + found[at:]


MUTATORS: tuple[Mutator, ...] = (
    dropped, doubled, moved, cut, amount, amount, cents, word, word, swapped, nested, many,
)  # fmt: skip


def mutant(dice: random.Random, good: bytes) -> bytes:
    """A damaged file: one to three mutators, then sometimes bytes flipped; its control number is its own."""
    segments = [one.strip() for one in good.decode("latin-1").split("~") if one.strip()]
    fresh = f"{dice.randrange(10**9):09d}"
    segments = [one.replace(segments[0].split("*")[13], fresh) for one in segments]
    for _ in range(dice.randrange(1, 4)):
        if len(segments) > 1:
            segments = dice.choice(MUTATORS)(dice, segments)
    data = "~\n".join([*segments, ""]).encode("utf-8" if dice.random() < 0.3 else "latin-1", "replace")
    if dice.random() < 0.2:
        raw = bytearray(data)
        for _ in range(dice.randrange(1, 6)):
            raw[dice.randrange(len(raw))] = dice.randrange(256)
        data = bytes(raw)
    return data if dice.random() < 0.95 else data[: dice.randrange(1, len(data))]
