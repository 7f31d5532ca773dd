"""The border to `edi` for whole files: claims on their way become the bytes of one interchange."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.rebill.translate import opened
from edi.x837.whole import Whole
from edi.x837.writer import CannotWrite, Envelope, Writer, signs_for


class Numbers(NamedTuple):
    """Which numbers a file gets, when it is made (in the sender's local time) and ISA15."""

    interchange: int
    first_group: int
    moment: datetime
    usage: str


class Made(NamedTuple):
    """A file: its bytes, how many GS it has, the place of each claim in it (from 1) by the key of its row,
    and why others could not be written. losses: by key, how many texts lost a sign that no file can carry.
    """

    data: bytes
    groups: int
    places: dict[int, int]
    refused: dict[int, str]
    losses: dict[int, int]


def written(receiver: Any, numbers: Numbers, kept: Sequence[tuple[int, bytes]]) -> Made:
    """Write claims, (key, sealed segments) each, as one interchange to a receiver (its row).

    Claims of one guide, provider and subscriber stand together, so that they share their loops.
    """
    claims = sorted(((key, opened(sealed)) for key, sealed in kept), key=_order)
    out, places, refused = io.BytesIO(), dict[int, int](), dict[int, str]()
    losses: dict[int, int] = {}
    writer = Writer(out, _envelope(receiver, numbers, [whole for _, whole in claims]))
    for key, whole in claims:
        try:
            place = writer.add(whole)
        except CannotWrite as problem:
            refused[key] = str(problem)[:200]
        else:
            places[key] = len(places) + 1
            if place.losses:
                losses[key] = len(place.losses)
    done = writer.close()
    return Made(out.getvalue(), done.groups, places, refused, losses)


def _order(one: tuple[int, Whole]) -> tuple[Any, ...]:
    whole = one[1]
    above = tuple(tuple(row.elements) for row in (*whole.billing, *whole.subscriber, *whole.patient))
    return (whole.kind != "P", whole.kind, str(above), one[0])


def _envelope(receiver: Any, numbers: Numbers, claims: Sequence[Whole]) -> Envelope:
    return Envelope(
        sender_qualifier=receiver.sender_qualifier,
        sender=receiver.sender,
        receiver_qualifier=receiver.receiver_qualifier,
        receiver=receiver.receiver,
        submitter_name=receiver.submitter_name,
        submitter_number=receiver.submitter_number,
        contact_name=receiver.contact_name,
        contact_phone=receiver.contact_phone,
        receiver_name=receiver.receiver_name,
        receiver_number=receiver.receiver_number,
        moment=numbers.moment,
        interchange=numbers.interchange,
        first_group=numbers.first_group,
        usage=numbers.usage,
        separators=signs_for(claims),
    )
