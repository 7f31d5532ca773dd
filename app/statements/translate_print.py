"""Many PDFs as one for the print vendor. The single ones, which are tagged, stay the archive."""

import io
from collections.abc import Iterable

import pikepdf

from app.kernel.errors import Broken


def merged(parts: Iterable[tuple[bytes, int]]) -> bytes:
    """One PDF of these in their order; parts: (PDF, its pages). The same parts are the same bytes."""
    out = io.BytesIO()
    with pikepdf.Pdf.new() as whole:
        for number, (data, pages) in enumerate(parts, start=1):
            with pikepdf.Pdf.open(io.BytesIO(data)) as one:
                if len(one.pages) != pages:
                    raise Broken(
                        f"document {number} of a print batch has {len(one.pages)} pages, not {pages}"
                    )
                whole.pages.extend(one.pages)
        whole.save(out, deterministic_id=True)
    return out.getvalue()
