"""A file of FHIR JSON into its resources: one of them, a Bundle, or one value after another (NDJSON).

Nothing of a file that cannot be read to its end is used: a cut file posts nothing.
"""

from typing import Any, BinaryIO, NamedTuple

from edi.eob.positions import SPACE, BadJson, Object, items, obj, parse, word
from edi.eob.reader import complaint, facts_hash
from edi.findings import Finding

FILE_BYTES = 50_000_000
RESOURCES = 20_000
BOM = b"\xef\xbb\xbf"
READ = ("ExplanationOfBenefit", "ClaimResponse")
REFERRED = frozenset({"Patient", "Coverage", "Organization", "Practitioner", "Claim", "PractitionerRole"})


class Piece(NamedTuple):
    """A resource to be read. others: reference -> (first byte, byte after) of what it may refer to."""

    type: str
    id: str
    path: str
    byte: int
    byte_end: int
    content_hash: str
    others: dict[str, tuple[int, int]]


class Split(NamedTuple):
    """What a file holds. counts: every resource by type; findings: of the file itself."""

    pieces: list[Piece]
    counts: dict[str, int]
    findings: list[Finding]


def looks_like_json(stream: BinaryIO) -> bool:
    """Does the content begin like JSON? X12 never begins with a brace."""
    stream.seek(0)
    head = stream.read(4_096).removeprefix(BOM).lstrip()
    stream.seek(0)
    return head[:1] in (b"{", b"[")


def split(stream: BinaryIO) -> Split:
    """The resources of a file, in file order; a finding that refuses it when it cannot be read to its end."""
    stream.seek(0)
    raw = stream.read(FILE_BYTES + 1)
    if len(raw) > FILE_BYTES:
        return _refused(complaint("fhir.too_large", 0, "", str(FILE_BYTES // 1_000_000)))
    made = Split([], {}, [])
    at, number = len(BOM) if raw.startswith(BOM) else 0, 0
    while True:
        space = SPACE.match(raw, at)
        at = space.end() if space else at
        if at >= len(raw):
            break
        try:
            value, at = parse(raw, 0, at)
        except BadJson as bad:
            return _refused(complaint("fhir.not_json", bad.byte, "", f"{bad.why}, byte {bad.byte}"))
        number += 1
        _take(made, value, f"line {number}" if number > 1 else "")
        if len(made.pieces) > RESOURCES:
            return _refused(complaint("fhir.too_many_resources", 0, "", str(RESOURCES)))
    if not made.pieces:
        made.findings.append(complaint("fhir.nothing_to_read", 0, "", _counted(made.counts)))
    return made


def _refused(finding: Finding) -> Split:
    return Split([], {}, [finding])


def _counted(counts: dict[str, int]) -> str:
    named = [f"{count} {kind}" if count > 1 else kind for kind, count in sorted(counts.items())]
    return ", ".join(named)[:80] or "no resource"


def _take(made: Split, value: Any, path: str) -> None:
    if not isinstance(value, Object):
        made.counts["no resource"] = made.counts.get("no resource", 0) + 1
        return
    kind = word(value, "resourceType")
    if kind != "Bundle":
        _one(made, value, path, {})
        return
    entries = items(value, "entry")
    others = _referred(entries)
    for number, entry in enumerate(entries):
        resource = obj(entry, "resource")
        where = f"{path} Bundle.entry[{number}].resource".strip()
        if word(resource, "resourceType") == "Bundle":
            made.counts["Bundle in a Bundle"] = made.counts.get("Bundle in a Bundle", 0) + 1
        elif resource.byte >= 0:
            _one(made, resource, where, others)


def _referred(entries: list[Object]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for entry in entries:
        resource = obj(entry, "resource")
        kind = word(resource, "resourceType")
        if kind in REFERRED:
            place = (resource.byte, resource.end)
            for name in (word(entry, "fullUrl"), f"{kind}/{word(resource, 'id')}"):
                if name:
                    found[name] = place
    return found


def _one(made: Split, resource: Object, path: str, others: dict[str, tuple[int, int]]) -> None:
    kind = word(resource, "resourceType")
    shown = kind if kind and len(kind) <= 64 and kind.isalnum() else "no FHIR resource"
    made.counts[shown] = made.counts.get(shown, 0) + 1
    if kind not in READ:
        return
    mine = {name: others[name] for name in _references(resource) if name in others}
    made.pieces.append(
        Piece(kind, word(resource, "id"), path, resource.byte, resource.end, facts_hash(resource), mine)
    )


def _references(resource: Object) -> set[str]:
    """What a resource refers to, at the places its reader looks at."""
    named = [obj(resource, name) for name in ("patient", "insurer", "provider", "requestor", "facility",
                                              "claim", "request")]  # fmt: skip
    named += [obj(one, "coverage") for one in items(resource, "insurance")]
    return {word(one, "reference") for one in named} - {""}
