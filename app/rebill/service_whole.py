"""Claims as they were sent, whole: read from the files they came in, one walk a file."""

from collections.abc import Sequence
from typing import Any

from app.documents import service as documents
from app.kernel.errors import Refused
from app.kernel.ids import unpack
from app.kernel.work import Work
from app.rebill import queries_claims, translate
from app.rebill.rules import DENTAL_WORDS


def whole_of(w: Work, version_ids: Sequence[int]) -> dict[int, Any]:
    """By version, its segments as they were sent (an edi Whole). Versions out of scope are left out.

    `Refused` when one cannot be had: a dental claim, a file whose posting was undone, a claim that was not
    billed by a file, or one too long to be kept whole.
    """
    found: dict[int, Any] = {}
    places = queries_claims.places_of(w, sorted(set(version_ids)))
    by_transaction: dict[int, list[Any]] = {}
    for place in places:
        _check(place)
        by_transaction.setdefault(place.transaction_id, []).append(place)
    by_file: dict[int, list[list[Any]]] = {}
    for group in by_transaction.values():
        by_file.setdefault(group[0].file_no, []).append(group)
    for file_no, groups in sorted(by_file.items()):
        with documents.open_file(w, file_no) as stream:
            for group in groups:
                named = {unpack(one.id).segment: one.id for one in group}
                for segment, whole in translate.wholes(stream, group[0].span, sorted(named)):
                    found[named[segment]] = whole
    lost = [place for place in places if place.id not in found]
    if lost:
        words = f"Claim {lost[0].control} cannot be read whole from its file; send it from its own system."
        raise Refused(words, code="not_whole")
    return found


def _check(place: Any) -> None:
    if place.kind == "837D":
        raise Refused(DENTAL_WORDS, code="dental")
    if not place.kind.startswith("837"):
        raise Refused("This claim did not come as a claim file, so there is nothing to make it of.",
                      code="not_billed_by_file")  # fmt: skip
    if place.state == "undone" or place.standing != "posted":
        raise Refused("The file this claim was billed with was taken off the books.", code="file_undone")
