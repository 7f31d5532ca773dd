"""Which documents of a run a person looks at before it is signed: what stands out, then a fair draw. Pure."""

import hashlib
from heapq import heappush, heapreplace
from typing import Protocol

LARGEST, CHANGED, FIRST = 3, 3, 3
"""Of the largest, of those that changed most, of those billed for the first time."""


KINDS = ("stage", "language", "way", "reason")
"""Of each value of these, the one that asks for most."""

Heap = list[tuple[int, int]]


class Document(Protocol):
    """A document of a run as the sample sees it; asked, before: cents now and on the last statement."""

    @property
    def account_id(self) -> int: ...
    @property
    def asked(self) -> int: ...
    @property
    def before(self) -> int: ...
    @property
    def reason(self) -> str: ...


def size(documents: int, percent: int, least: int, most: int) -> int:
    """How many of them are looked at: a share of all, between a least and a most."""
    return min(documents, max(least, min(most, -(-documents * percent // 100))))


def draw(run: str, account_id: int) -> int:
    """The lot of an account in a run: the same whoever asks, and nobody's choice."""
    return int.from_bytes(hashlib.sha256(f"{run}:{account_id}".encode()).digest()[:8])


class Sampler:
    """Sees every document of a run once and keeps few: what stands out, and a fair draw of the rest."""

    def __init__(self, run: str, most: int):
        self._run, self._most = run, most
        self._kinds: dict[tuple[str, str], Document] = {}
        self._largest: Heap = []
        self._changed: Heap = []
        self._first: Heap = []
        self._lots: list[tuple[int, int]] = []

    def add(self, one: Document) -> None:
        """A document of the run, in any order."""
        for name in KINDS:
            key = (name, str(getattr(one, name)))
            kept = self._kinds.get(key)
            if kept is None or (-one.asked, one.account_id) < (-kept.asked, kept.account_id):
                self._kinds[key] = one
        _keep(self._largest, LARGEST, (one.asked, -one.account_id))
        _keep(self._changed, CHANGED, (abs(one.asked - one.before), -one.account_id))
        if one.reason == "first_bill":
            _keep(self._first, FIRST, (one.asked, -one.account_id))
        _keep(self._lots, self._most, (-draw(self._run, one.account_id), one.account_id))

    def chosen(self, wanted: int) -> list[int]:
        """The accounts to look at: whatever stands out, and by lot until there are `wanted`."""
        found = dict.fromkeys(self._kinds[key].account_id for key in sorted(self._kinds))
        for heap in (self._largest, self._changed, self._first):
            found |= dict.fromkeys(-key for _, key in sorted(heap, reverse=True))
        for _, key in sorted(self._lots, reverse=True):
            if len(found) >= wanted:
                break
            found.setdefault(key)
        return list(found)


def _keep(heap: Heap, most: int, one: tuple[int, int]) -> None:
    if len(heap) < most:
        heappush(heap, one)
    elif heap and one > heap[0]:
        heapreplace(heap, one)
