"""A second opinion on the implementation guide: pyx12's maps, asked in a child process, answered as findings.

pyx12 reads neither odd separators nor empty segments nor anything but ASCII, so it gets a normalised copy. It
never judges: it accepts an unbalanced claim and a reason code nobody knows. What it raises becomes one
finding. Its messages quote what stands in the file; they are replaced by our own words, which do not.
"""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from edi.envelope import scan_file
from edi.findings import Finding, found
from edi.segments import Segment, Separators, split_segments

CHILD = Path(__file__).with_name("guide_child.py")
LARGEST_BYTES = (
    16 << 20
)  # about 30,000 claims, a minute and more of pyx12; larger files get no second opinion
FINDINGS = 200
PLAIN = Separators("*", ":", "^", "~")
WIDTHS = (0, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)  # of the elements of an ISA
FAILURES = {"EngineError": "pyx12 has no map for this guide", "unread": "pyx12 cannot read the file"}
ELEMENT_ERRORS = {
    "1": "is required and missing",
    "2": "is required because of another element and missing",
    "3": "is one too many",
    "4": "is too short",
    "5": "is too long",
    "6": "has a character that is not allowed",
    "7": "is not a code of its list",
    "8": "is not a date",
    "9": "is not a time",
    "10": "is not allowed beside another element",
    "I10": "is not used",
    "I12": "does not have the required form",
}
SEGMENT_ERRORS = {
    "1": "is not expected there",
    "2": "is not expected there",
    "3": "is required and missing",
    "4": "repeats its loop too often",
    "5": "is repeated too often",
    "6": "does not belong to the transaction",
    "7": "is out of order",
    "8": "has elements in error",
}


def second_opinion(data: bytes, seconds: int) -> list[Finding]:
    """What pyx12 says about a file, at most 200 findings, all of them warnings with our segment numbers.

    seconds: how long the child process may think; after that it is ended and a note says so. An empty list
    means that pyx12 has no objection, which is not the same as the file being right.
    """
    if len(data) > LARGEST_BYTES:
        return [found("guide.failed", 0, 0, value="the file is too large for it")]
    copy, segments = normalised(data)
    if not segments:
        return [found("guide.failed", 0, 0, value="there is nothing to read")]
    try:
        done = subprocess.run(
            [sys.executable, str(CHILD)], input=copy, capture_output=True, timeout=seconds, check=False
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return [found("guide.failed", 0, 0, value=f"no answer within {seconds} seconds")]
    except ValueError:
        return [found("guide.failed", 0, 0, value="pyx12 stopped without an answer")]
    if "failed" in answer:
        failure = FAILURES.get(answer["failed"], f"pyx12 failed with {answer['failed']}")
        return [found("guide.failed", 0, 0, value=failure)]
    return list(_findings(answer, segments))[:FINDINGS]


def normalised(data: bytes) -> tuple[bytes, list[Segment]]:
    """The file as pyx12 can read it, one segment a line, and the segments as they stand in the file."""
    lines: list[str] = []
    segments: list[Segment] = []
    stream = io.BytesIO(data)
    for interchange in scan_file(stream).interchanges:
        signs = interchange.separators
        swap: dict[int, str] = {ord(sign): "-" for sign in PLAIN}
        swap |= {ord(sign): plain for sign, plain in zip(signs, PLAIN, strict=True) if sign}
        start, end = interchange.byte, interchange.byte_end
        for segment in split_segments(stream, signs, start, end, number=interchange.number):
            elements = segment.elements
            if segment.id == "ISA":
                padded = [
                    text.strip().ljust(width)[:width] for text, width in zip(elements, WIDTHS, strict=False)
                ]
                elements = ["ISA", *padded[1:11], "^", *padded[12:16], ":"]
                text = "*".join(elements)
            else:
                text = "*".join(part.translate(swap) for part in elements).rstrip("*")
            lines.append(text.encode("ascii", "replace").decode("ascii"))
            segments.append(segment)
    return ("~\n".join(lines) + "~\n").encode("ascii"), segments


def _findings(answer: dict[str, Any], segments: list[Segment]) -> Any:
    """One finding for each of pyx12's errors, at the segment of that line."""
    for interchange in answer["interchanges"]:
        yield from _level(interchange, segments, "The interchange")
        for group in interchange["groups"]:
            yield from _level(group, segments, "The functional group")
            for transaction in group["transactions"]:
                yield from _level(transaction, segments, "The transaction")
                for one in transaction["segments"]:
                    yield from _segment(one, segments)


def _at(line: Any, segments: list[Segment]) -> Segment:
    """The segment of a line of the copy; pyx12 names the last line for what it misses at the end."""
    number = line if isinstance(line, int) else 1
    return segments[max(0, min(number, len(segments)) - 1)]


def _level(level: dict[str, Any], segments: list[Segment], name: str) -> Any:
    for error in level["errors"]:
        at = _at(level["cur_line"], segments)
        code = str(error.get("err_cde", ""))
        yield found(
            "guide.error", at.number, at.byte, value=f"{name} does not follow the guide (code {code})."
        )


def _segment(one: dict[str, Any], segments: list[Segment]) -> Any:
    at = _at(one["cur_line"], segments)
    name = f"Segment {one['seg_id']}"
    for error in one["errors"]:
        code = str(error["err_cde"])
        if at.id == "PLB" and code in ("2", "4", "5"):
            continue  # its map allows one PLB where the guide allows any number
        words = SEGMENT_ERRORS.get(code, f"does not follow the guide (code {code})")
        if code != "8":
            yield found("guide.error", at.number, at.byte, value=f"{name} {words}.")
    for element in one["elements"]:
        place = f"{one['seg_id']}{int(element['ele_pos']):02d}"
        if element.get("subele_pos"):
            place += f"-{element['subele_pos']}"
        for error in element["errors"]:
            code = str(error["err_cde"])
            words = ELEMENT_ERRORS.get(code, f"does not follow the guide (code {code})")
            yield found("guide.error", at.number, at.byte, int(element["ele_pos"]), f"{place} {words}.")
