"""Claims on their way out, for the tests of edi: whole claims of a file, and files written of them."""

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from edi.x837.whole import Whole, whole_claims
from edi.x837.writer import Envelope, Place, Writer
from tests.edi.files import claims, scan
from tests.edi.test_x835_writer import facts

ENVELOPE = Envelope(
    sender="CLINIC", receiver="CLEARING", submitter_name="EXAMPLE CLINIC", submitter_number="C1",
    contact_name="BILLING", contact_phone="8005550101", receiver_name="CLEARING", receiver_number="CLEAR1",
    moment=datetime(2026, 3, 1, 12, 0, tzinfo=UTC), interchange=7, first_group=3,
)  # fmt: skip


def wholes(data: bytes) -> list[Whole]:
    """Every claim of a file, whole."""
    return [one for span in scan(data).transactions for _, one in whole_claims(io.BytesIO(data), span)]


def written(made: Iterable[Whole], **other: Any) -> bytes:
    """A file of these claims."""
    return placed(made, **other)[0]


def placed(made: Iterable[Whole], **other: Any) -> tuple[bytes, list[Place]]:
    """A file of these claims, and where each of them stands."""
    out = io.BytesIO()
    writer = Writer(out, replace(ENVELOPE, **other))
    places = [writer.add(one) for one in made]
    writer.close()
    return out.getvalue(), places


def said(data: bytes) -> Any:
    """What the claims of a file say, without where it stands."""
    return _placeless([facts(one) for _, found in claims(data) for one in found])


def _placeless(one: Any) -> Any:
    if isinstance(one, dict):
        return {key: _placeless(value) for key, value in one.items() if not key.startswith("charge_")}
    return [_placeless(each) for each in one] if isinstance(one, list) else one


def shown(whole: Whole) -> list[tuple[str, str]]:
    """Loop and text of each segment."""
    return [(one.loop, one.shown()) for one in whole.rows]
