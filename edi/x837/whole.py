"""One claim as its segments, nothing left out: what a corrected, void or secondary claim is made from.

The typed claim of `reader` says what a claim means; this says what it is, in the order it came, so that what
nobody looked at goes out again as it came in. HL segments are left out: a writer counts them anew (R837-01).
Components are parted by COMPONENT and repetitions by REPETITION, whatever signs the file used.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import BinaryIO, NamedTuple

from edi.envelope import CANONICAL, Span
from edi.segments import blocks
from edi.x837.order import WITHIN, level_of, roles
from edi.x837.parties import OTHER_COMPONENT
from edi.x837.reader import ABOVE_ROLES, CLAIM_SEGMENTS

ELEMENT, COMPONENT, REPETITION, TERMINATOR = CANONICAL
SHOWN = str.maketrans({COMPONENT: ":", REPETITION: "^"})
TYPED = str.maketrans({":": COMPONENT, "^": REPETITION})
# These four never stand in a claim but by a mistake of its sender; shown as their pictures they part nothing.
PICTURES = str.maketrans({ELEMENT: "␝", COMPONENT: "␟", REPETITION: "␜", TERMINATOR: "␞"})
ABOVE_SEGMENTS = 1_000  # of one level above the claim; a hostile file must not fill memory
COMPOSITES = {
    "CLM": (5, 11), "HI": tuple(range(1, 13)), "SV1": (1, 7), "SV2": (2,), "SV3": (1, 4, 11), "SVD": (3,),
    "SV5": (1,), "CTP": (5,), "REF": (4,), "TOO": (3,),
}  # fmt: skip
BEFORE_CLAIMS = frozenset({"ST", "BHT", "SE"})
MARK = "W1"


class Row(NamedTuple):
    """One segment with the loop it stands in; elements[0] is its id, so elements[3] is SEG03."""

    loop: str
    elements: tuple[str, ...]

    @property
    def id(self) -> str:
        """The segment id."""
        return self.elements[0]

    def at(self, element: int, component: int = 0) -> str:
        """An element, or one of its components (1-based); empty when it was left out."""
        text = self.elements[element] if element < len(self.elements) else ""
        if not component:
            return text
        parts = text.split(COMPONENT)
        return parts[component - 1] if component <= len(parts) else ""

    def shown(self) -> str:
        """As a person writes it: `SV1*HC:99213:25*120*UN*1***1`."""
        text = "*".join(self.elements)
        if COMPONENT in text or REPETITION in text:
            text = text.translate(SHOWN)
        return text.rstrip("*")


def row(loop: str, text: str) -> Row:
    """A row from its text with *, : and ^ as separators."""
    return Row(loop, tuple(text.translate(TYPED).split("*")))


Rows = tuple[Row, ...]


class Whole(NamedTuple):
    """A claim with the loops above it. kind: P, I, D. version: its guide as sent. use: BHT06, CH or RP.

    billing 2000A and its names, subscriber 2000B, patient 2000C (empty when the subscriber is the patient),
    claim from CLM down. Claims of one loop share these tuples.
    """

    kind: str
    version: str
    use: str
    billing: Rows
    subscriber: Rows
    patient: Rows
    claim: Rows

    @property
    def rows(self) -> Rows:
        """Every segment from 2000A to 2430 in order."""
        return self.billing + self.subscriber + self.patient + self.claim

    @property
    def control(self) -> str:
        """CLM01."""
        return self.claim[0].at(1)

    @property
    def frequency(self) -> str:
        """CLM05-3."""
        return self.claim[0].at(5, 3)

    def with_rows(self, rows: Iterable[Row]) -> "Whole":
        """The same claim with other segments; each row's loop says where it belongs."""
        parts: dict[str, list[Row]] = {"A": [], "B": [], "C": [], "": []}
        for one in rows:
            parts[level_of(one.loop)].append(one)
        made = {key: tuple(value) for key, value in parts.items()}
        return self._replace(billing=made["A"], subscriber=made["B"], patient=made["C"], claim=made[""])


# ---------------------------------------------------------------- reading


class _Walk:
    """The loops that are open while the segments of a transaction go by."""

    def __init__(self, span: Span) -> None:
        self.kind = span.kind[3:] or "P"
        self.version, self.use = span.version, "CH"
        self.roles = roles(self.kind)
        self.levels: dict[str, list[Row]] = {"A": [], "B": [], "C": []}
        self.shared: dict[str, Rows] = {}  # the levels as the claims below them share them
        self.loop = ""  # nothing to keep yet: the header of the transaction
        self.claim: list[Row] | None = None
        self.base = "2300"
        self.lost = False  # a level was longer than is kept: its claims are not whole

    def open(self, level: str, loop: str) -> None:
        """A new billing provider (A), subscriber (B) or patient (C): those below the old one are over."""
        for below in "ABC"["ABC".index(level) :]:
            self.levels[below] = []
            self.shared.pop(below, None)
        self.loop, self.lost = loop, False

    def above(self, e: list[str]) -> None:
        """A segment above the claims."""
        key, levels = e[0], self.levels
        if key == "HL":
            level = {"20": "A", "22": "B", "23": "C"}.get(e[3] if len(e) > 3 else "")
            if level:
                self.open(level, f"2000{level}")
            return
        if key in BEFORE_CLAIMS:
            self.use = (e[6] if len(e) > 6 else "") or self.use if key == "BHT" else self.use
            return
        role = e[1] if len(e) > 1 else ""
        if key == "NM1":
            self.name(role)
        elif key == "SBR" and (not self.loop.startswith("2000B") or levels["B"]):
            self.open("B", "2000B")
        elif key == "PAT" and role and self.loop != "2000C":
            self.open("C", "2000C")
        elif key == "PRV" and role == "BI" and not self.loop:
            self.open("A", "2000A")
        if not self.loop:
            return
        level = level_of(self.loop)
        if len(levels[level]) >= ABOVE_SEGMENTS:
            self.lost = True
            return
        self.shared.pop(level, None)
        levels[level].append(Row(self.loop, tuple(e)))

    def name(self, role: str) -> None:
        """A name above the claims opens its loop, even where its HL was forgotten."""
        if role in ("41", "40"):
            self.loop = ""
            return
        loop = self.roles.get(("2010", role))
        if loop is None:
            return
        level, named = level_of(loop), any(one.loop == loop for one in self.levels[level_of(loop)])
        if named and role in ("85", "IL", "QC"):
            self.open(level, loop)
        elif role == "85" and self.levels["B"]:
            self.open("A", loop)
        self.loop = loop

    def begin(self, e: list[str]) -> None:
        """CLM."""
        self.base = self.loop = "2300"
        self.claim = [Row("2300", tuple(e))]

    def within(self, e: list[str]) -> None:
        """A segment of the open claim, under the loop it belongs to."""
        key, loop = e[0], self.loop
        if key == "NM1":
            group = {"2300": "2310", "2320": "2330", "2400": "2420"}[self.base]
            loop = self.roles.get((group, e[1] if len(e) > 1 else ""), group)
        elif key == "SBR":
            loop = self.base = "2320"
        elif key == "LX":
            loop = self.base = "2400"
        elif key in ("LIN", "SVD", "LQ") and self.base == "2400":
            loop = {"LIN": "2410", "SVD": "2430", "LQ": "2440"}[key]
        elif loop != self.base and key not in WITHIN.get(loop[:4], ()):
            loop = self.base
        self.loop = loop
        if self.claim is not None:
            self.claim.append(Row(loop, tuple(e)))

    def end(self) -> Whole | None:
        """The open claim, whole; None when it is not."""
        claim, self.claim = self.claim, None
        self.loop = "2000C" if self.levels["C"] else "2000B" if self.levels["B"] else "2000A"
        if claim is None or self.lost or len(claim) > CLAIM_SEGMENTS:
            return None
        shared = self.shared
        for level, rows in self.levels.items():
            if level not in shared:
                shared[level] = tuple(rows)
        above = (shared["A"], shared["B"], shared["C"])
        return Whole(self.kind, self.version, self.use, *above, tuple(claim))

    def ends(self, e: list[str]) -> bool:
        """Whether this segment ends the open claim, as the typed reader sees it."""
        if e[0] in ("CLM", "HL", "SE"):
            return True
        if e[0] != "NM1" or len(e) < 2 or e[1] not in ABOVE_ROLES:
            return False
        return self.base != "2320"


class _Signs:
    """The separators of a file on their way to ours."""

    def __init__(self, span: Span) -> None:
        self.component, self.repetition = span.separators.component, span.separators.repetition
        self.star = span.separators.element
        own = {ELEMENT, COMPONENT, REPETITION, TERMINATOR} - set(span.separators)
        self.strange = {key: value for key, value in PICTURES.items() if chr(key) in own}
        self.swap = {
            ord(sign): ours
            for sign, ours in ((self.component, COMPONENT), (self.repetition, REPETITION))
            if sign
        }
        self.own = [sign for sign in (self.component, self.repetition) if sign]
        self.switched = ""

    def elements(self, text: str) -> list[str]:
        """A segment's elements with our separators inside."""
        if not text.isprintable():
            text = text.translate(self.strange)
        star = self.star
        if any(sign in text for sign in self.own):
            e = text.translate(self.swap).split(star)
        else:
            e = text.split(star)
            if e[0] in COMPOSITES and e[0] != "REF":
                self._other_sign(e)
        return e

    def _other_sign(self, e: list[str]) -> None:
        """A sender who declares one sign for components and uses another, as the typed reader sees it."""
        for at in COMPOSITES[e[0]]:
            if at < len(e) and e[at]:
                if not self.switched:
                    match = OTHER_COMPONENT.match(e[at])
                    self.switched = match[1] if match else ""
                if self.switched:
                    e[at] = e[at].replace(self.switched, COMPONENT)


def whole_claims(
    stream: BinaryIO, span: Span, wanted: Collection[int] | None = None
) -> Iterator[tuple[int, Whole]]:
    """The claims of one transaction whole, each with the segment number of its CLM, in file order.

    wanted: only the claims whose CLM has one of these numbers. A claim too long to be kept whole (100,000
    segments, or 1,000 in a loop above it) is not given. Never fails on any bytes.
    """
    walk, signs, number = _Walk(span), _Signs(span), span.segment_from - 1
    begun = 0
    left = None if wanted is None else set(wanted)
    for block in blocks(stream, span.separators, span.byte_from, span.byte_to):
        for text in block.texts:
            number += 1
            e = signs.elements(text)
            if begun and walk.ends(e):
                one = walk.end()
                if one is not None and (left is None or begun in left):
                    yield begun, one
                if left is not None:
                    left.discard(begun)
                    if not left:
                        return
                begun = 0
            if e[0] == "CLM":
                walk.begin(e)
                begun = number
            elif not begun:
                walk.above(e)
            elif walk.claim is not None and len(walk.claim) <= CLAIM_SEGMENTS:
                walk.within(e)
    one = walk.end() if begun else None
    if one is not None and (left is None or begun in left):
        yield begun, one


# ---------------------------------------------------------------- keeping


class BadStorage(ValueError):
    """Bytes that `dump` did not make."""


def dump(whole: Whole) -> bytes:
    """The claim as it is stored: the same claim is always the same bytes."""
    last, rows = "", []
    for one in whole.rows:
        # A loop is named where it begins; most rows stand in the loop of the row before.
        rows.append(ELEMENT.join(("" if one.loop == last else one.loop, *one.elements)))
        last = one.loop
    head = ELEMENT.join((MARK, whole.kind, whole.version, whole.use))
    return TERMINATOR.join([head, *rows]).encode("utf-8")


def load(data: bytes) -> Whole:
    """The claim `dump` stored. BadStorage on anything else."""
    try:
        head, *rows = data.decode("utf-8").split(TERMINATOR)
        mark, kind, version, use = head.split(ELEMENT)
    except ValueError as wrong:
        raise BadStorage("these bytes are no stored claim") from wrong
    if mark != MARK or kind not in ("P", "I", "D"):
        raise BadStorage("these bytes are no stored claim")
    loop, made = "", []
    for text in rows:
        named, *elements = text.split(ELEMENT)
        loop = named or loop
        if not elements or not loop:
            raise BadStorage("these bytes are no stored claim")
        made.append(Row(loop, tuple(elements)))
    whole = Whole(kind, version, use, (), (), (), ()).with_rows(made)
    if not whole.claim or whole.claim[0].id != "CLM":
        raise BadStorage("these bytes are no stored claim")
    return whole
