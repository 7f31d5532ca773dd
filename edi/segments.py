"""Segments of an X12 file with their place, and the way back to the bytes.

Text is latin-1 here, one character per byte, so that a position is a position in the file. `readable` turns a
name into the letters its sender meant.
"""

import io
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import BinaryIO, NamedTuple

BLOCK_BYTES = 1 << 20
FIRST_BLOCK_BYTES = 1 << 14  # small files and small transactions should not pay for a megabyte each
SEGMENT_BYTES = 1 << 20  # longer than this is no segment: nothing in the guides reaches 10,000
ISA_BYTES = 106
ISA_REACH = 400  # how far an ISA with overlong elements is followed
# Where the element separator stands in an ISA of the right width.
ISA_SEPARATORS_AT = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
# what senders leave around segments: line ends, padding, the old end-of-file mark
BLANK = " \t\r\n\x00\x0b\x0c\x1a"


class Separators(NamedTuple):
    """The four delimiters of one interchange; repetition is empty when none is declared (U in 00401)."""

    element: str
    component: str
    repetition: str
    terminator: str


class Segment(NamedTuple):
    """One segment: elements[0] is its id, so elements[3] is SEG03.

    number: 1-based over the whole file. byte: 0-based offset of its first character in the file.
    """

    id: str
    elements: list[str]
    number: int
    byte: int

    def at(self, element: int) -> str:
        """The element as text, empty when the sender left it out (R835-04)."""
        return self.elements[element] if element < len(self.elements) else ""


class IsaRead(NamedTuple):
    """An ISA as found: its 17 elements, its separators, its length with the terminator,
    and whether its width is odd.
    """

    elements: list[str]
    separators: Separators
    length: int
    odd_width: bool


def readable(text: str) -> str:
    """What a person reads: UTF-8 when the bytes are UTF-8, else Latin-1."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def read_isa(raw: bytes) -> IsaRead | None:
    """Separators of the interchange whose ISA starts at the first byte of raw (R835-01).

    A squeezed or padded ISA is read by its elements instead of its columns. None when the bytes cannot be
    an ISA or two of the separators are the same (R835-03).
    """
    text = raw[:ISA_REACH].decode("latin-1")
    if text[:3] != "ISA" or len(text) < 4 or text[3].isalnum():
        return None
    star = text[3]
    fixed = len(text) >= ISA_BYTES and all(text[at] == star for at in ISA_SEPARATORS_AT)
    elements = text.split(star, 16)
    if len(elements) < 17:
        return None
    at = len(text) - len(elements[16])
    rest = elements[16]
    if rest[1:3] == "GS" and rest[3:4] == star:  # ISA16 left out: the character before GS ends the segment
        component, terminator, width = "", rest[:1], at + 1
    else:
        component, terminator, width = rest[:1], rest[1:2], at + 2
    if not terminator or terminator.isalnum() or component.isalnum():
        return None
    repetition = "" if elements[11].isalnum() else elements[11].strip()[:1]
    signs = [sign for sign in (star, component, repetition, terminator) if sign]
    if len(set(signs)) != len(signs):
        return None
    separators = Separators(star, component, repetition, terminator)
    return IsaRead([*elements[:16], component], separators, width, not fixed or width != ISA_BYTES)


class Block(NamedTuple):
    """Whole segments of a stretch of the file: their texts, and the offset of each one."""

    texts: list[str]
    starts_at: list[int] | None  # None: each text starts where the one before it ended, plus glue
    first_byte: int
    end: int  # just past the last of them, terminator and line end included
    glue: int  # bytes between two texts; 0: the last segment of the stretch has no terminator

    def starts(self) -> list[int]:
        """Byte offset of each text in the file."""
        if self.starts_at is not None:
            return self.starts_at
        glue = self.glue
        return list(accumulate([len(text) + glue for text in self.texts[:-1]], initial=self.first_byte))


def _cleaned(text: str, separators: Separators, byte: int) -> tuple[list[str], list[int]]:
    """Segments of a stretch with blanks, line ends and empty segments in it; a blank stretch has none."""
    texts, starts = [], []
    signs = "".join(separators[:3])
    blank = "".join(sign for sign in BLANK if sign not in signs)
    for piece in text.split(separators.terminator):
        stripped = piece.strip(blank)
        if stripped:
            texts.append(stripped)
            starts.append(byte + len(piece) - len(piece.lstrip(blank)))
        byte += len(piece) + 1
    for line_break in "\r\n":
        # A line break inside a segment is wrapping, never data: the basic character set has none.
        if line_break in text and line_break not in signs:
            texts = [part.replace(line_break, "") for part in texts]
    return texts, starts


def _block(text: str, separators: Separators, byte: int, readable_text: bool) -> Block:
    """Split whole segments; the usual files (no line ends, or the same one everywhere) take the short way."""
    terminator = separators.terminator
    glue = terminator
    if terminator not in "\r\n":
        glue += "\r\n" if text.endswith("\r\n") else "\n" if text.endswith("\n") else ""
    pieces = text.split(glue)
    last = pieces.pop()
    ends = len(pieces)
    plain = (
        not last
        and ends > 0
        and text.count(terminator) == ends
        and text.count("\n") == (ends if "\n" in glue else 0)
        and text.count("\r") == (ends if "\r" in glue else 0)
        and "\t" not in text
        and "\x00" not in text
        and "\x1a" not in text
        and glue + " " not in text
        and " " + terminator not in text
        and text[0] not in BLANK
        and glue + glue not in text
        and pieces[0] != ""
    )
    starts = None
    if not plain:
        pieces, starts = _cleaned(text, separators, byte)
    if readable_text and not text.isascii() and "".join(separators).isascii():
        if starts is None:
            starts = list(accumulate([len(piece) + len(glue) for piece in pieces[:-1]], initial=byte))
        pieces = [piece if piece.isascii() else readable(piece) for piece in pieces]
    return Block(pieces, starts, byte, byte + len(text), len(glue))


def blocks(
    stream: BinaryIO,
    separators: Separators,
    start: int,
    end: int | None = None,
    *,
    as_read: bool = True,
) -> Iterator[Block]:
    """Blocks of whole segments from start to end (exclusive; None: the end of the file), about a megabyte
    each.

    as_read: UTF-8 names are decoded; False keeps one character per byte. The last segment of the stretch is
    given even when its terminator is missing. A stretch of 1 MB without a terminator ends the reading. The
    stream is sought before every read, so several readers may share it.
    """
    tail, at, size = "", start, FIRST_BLOCK_BYTES
    terminator = separators.terminator
    while end is None or at < end:
        stream.seek(at)
        chunk = stream.read(size if end is None else min(size, end - at))
        if not chunk:
            break
        byte = at - len(tail)
        at += len(chunk)
        size = min(size * 2, BLOCK_BYTES)
        text = tail + chunk.decode("latin-1")
        cut = text.rfind(terminator) + 1
        # Line ends that follow the terminator belong to it; the next block then starts on a segment.
        while cut and cut < len(text) and text[cut] in "\r\n":
            cut += 1
        tail = text[cut:] if text[cut:].strip(BLANK) else ""
        if cut:
            yield _block(text[:cut], separators, byte, as_read)
        if len(tail) > SEGMENT_BYTES:
            return
    if tail.strip(BLANK):
        texts, starts = _cleaned(tail, separators, at - len(tail))
        yield Block([readable(text) for text in texts] if as_read else texts, starts, at - len(tail), at, 0)


def split_segments(
    source: BinaryIO | bytes,
    separators: Separators | None = None,
    start: int = 0,
    end: int | None = None,
    *,
    number: int = 1,
) -> Iterator[Segment]:
    """Every segment of a stretch in file order, one character per byte, empty segments skipped.

    separators: None reads them from the ISA at start and again at each later ISA. number: of the first
    segment. A stretch without an ISA has no segments.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    byte: int | None = start
    while byte is not None:
        signs = separators
        if signs is None:
            stream.seek(byte)
            isa = read_isa(stream.read(ISA_REACH))
            if isa is None:
                return
            signs = isa.separators
        begin, byte = byte, None
        for block in blocks(stream, signs, begin, end, as_read=False):
            for text, at in zip(block.texts, block.starts(), strict=True):
                if separators is None and at > begin and text.startswith("ISA"):
                    byte = at
                    break
                elements = text.split(signs.element)
                yield Segment(elements[0], elements, number, at)
                number += 1
            if byte is not None:
                break


def write_segments(segments: Iterable[Segment], separators: Separators) -> bytes:
    """The bytes of segments as split_segments gave them: elements joined, each ended by the terminator."""
    element, terminator = separators.element, separators.terminator
    return "".join(element.join(segment.elements) + terminator for segment in segments).encode("latin-1")


def element_span(
    raw: bytes,
    separators: Separators,
    element: int,
    component: int | None = None,
) -> tuple[int, int]:
    """Where an element stands in the bytes of its segment: [start, end) relative to the segment's first byte.

    raw: from the segment's first byte, at least to its terminator. element: 0 is the id. component: 1-based.
    An element left out by the sender has an empty span at the end of the segment.
    """
    stop = raw.find(separators.terminator.encode("latin-1"))
    stop = len(raw) if stop < 0 else stop
    start, end = _nth(raw, separators.element, element, 0, stop)
    if component is None or not separators.component:
        return start, end
    return _nth(raw, separators.component, component - 1, start, end)


def _nth(raw: bytes, sign: str, nth: int, start: int, end: int) -> tuple[int, int]:
    """[start, end) of the nth part (0-based) between separators; empty at the end when there are fewer."""
    mark = sign.encode("latin-1")
    for _ in range(nth):
        found = raw.find(mark, start, end)
        if found < 0:
            return end, end
        start = found + 1
    found = raw.find(mark, start, end)
    return start, end if found < 0 else found
