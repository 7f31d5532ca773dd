"""A mail server on a free port, in a thread, that remembers what it took and misbehaves when told to.

with server() as post:
    post.manner = Manner.CUT_AFTER_DATA
    post.taken        # [(sender, [readers], bytes)] of every message whose data arrived whole
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

SLOW_SECONDS = 1.5


class Manner(StrEnum):
    """How the server behaves."""

    GOOD = "good"
    NO_BOX = "no_box"  # 550 for the reader
    LATER = "later"  # 451 for the reader
    REFUSE_DATA = "refuse_data"  # 554 after the data
    CUT_AFTER_DATA = "cut_after_data"  # takes the data, and the line is gone before the answer
    SLOW = "slow"  # answers the data after SLOW_SECONDS


@dataclass
class Post:
    """What a test sees of the server."""

    port: int = 0
    manner: Manner = Manner.GOOD
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)


class _Handler:
    def __init__(self, post: Post):
        self._post = post

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Any, envelope: Any, address: str, rcpt_options: list[str]
    ) -> str:
        if self._post.manner is Manner.NO_BOX:
            return f"550 5.1.1 no such box {address}"
        if self._post.manner is Manner.LATER:
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - see above
        if self._post.manner is Manner.REFUSE_DATA:
            return "554 not here"
        self._post.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        if self._post.manner is Manner.CUT_AFTER_DATA:
            line: Any = server.transport
            line.abort()
        elif self._post.manner is Manner.SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        return "250 OK"


@contextmanager
def server() -> Iterator[Post]:
    """A server that works until the block ends."""
    post = Post()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        post.port = free.getsockname()[1]
    running = Controller(_Handler(post), hostname="127.0.0.1", port=post.port)
    running.start()
    try:
        yield post
    finally:
        running.stop()
