"""Names of things: addresses for what a file said, public ids for what leaves the house."""

import os
from typing import NamedTuple

SLOT_BITS, SEGMENT_BITS = 3, 32
_SLOTS, _SEGMENTS = 1 << SLOT_BITS, 1 << SEGMENT_BITS


class Address(NamedTuple):
    """Where a fact stands: file number, segment in the file (from 1), slot in it (CAS triplet 1-6)."""

    file_no: int
    segment: int
    slot: int


def address(file_no: int, segment: int, slot: int = 0) -> int:
    """Pack a place into one positive 64-bit key: 28 bits file, 32 bits segment, 3 bits slot."""
    return (file_no << (SEGMENT_BITS + SLOT_BITS)) | (segment << SLOT_BITS) | slot


def unpack(key: int) -> Address:
    """The place a packed key names."""
    return Address(key >> (SEGMENT_BITS + SLOT_BITS), (key >> SLOT_BITS) % _SEGMENTS, key % _SLOTS)


def public_ids(count: int) -> list[str]:
    """Random ids for URLs and APIs, 20 hex digits each: nobody can guess a neighbour's (A2)."""
    digits = os.urandom(10 * count).hex()
    return [digits[at : at + 20] for at in range(0, 20 * count, 20)]


def public_id() -> str:
    """One random public id."""
    return os.urandom(10).hex()
