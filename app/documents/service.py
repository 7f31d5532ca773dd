"""Keeping and reading files. The bytes are on disk, whole and synced, before any row speaks of them."""

import hashlib
import io
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, BinaryIO

from sqlalchemy import select

from app.documents.models import StoredFile
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.errors import Broken, NotFound
from app.kernel.settings import settings
from app.kernel.work import Work

BLOCK = 65_536
_files = table_of(StoredFile)


def store_folder() -> Path:
    """Where the sealed files lie."""
    folder = Path(settings().data) / "files"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _path(sha256: str) -> Path:
    return store_folder() / sha256[:2] / sha256


def put(w: Work, content: IO[bytes]) -> tuple[int, str, int, bool]:
    """Keep a content; returns (file number, SHA-256, size in bytes, is it new).

    The sealed copy is written beside its place and moved there in one step: a killed worker leaves no half.
    """
    digest, size = hashlib.sha256(), 0
    content.seek(0)
    while block := content.read(1 << 20):
        digest.update(block)
        size += len(block)
    sha256 = digest.hexdigest()
    known = w.db.execute(select(_files.c.file_no).where(_files.c.sha256 == sha256)).scalar()
    if known is not None:
        return int(known), sha256, size, False
    content.seek(0)
    _seal_to(_path(sha256), content, sha256)
    # Another door may be storing the same content right now; the unique hash decides who was first.
    written = bulk_insert(
        w.db, _files, ("sha256", "size", "stored_at"), [(sha256, size, instant_text(w.now))]
    )
    number = w.db.execute(select(_files.c.file_no).where(_files.c.sha256 == sha256)).scalar_one()
    return int(number), sha256, size, bool(written)


def _seal_to(place: Path, content: IO[bytes], sha256: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=place.parent, prefix=".part-", delete=False) as part:
        try:
            _write_blocks(part, content, sha256)
        except OSError:
            # A disk that is full is not helped by half a file.
            os.unlink(part.name)
            raise
    os.replace(part.name, place)


def _write_blocks(part: Any, content: IO[bytes], sha256: str) -> None:
    ring, number = keyring(), 0
    while block := content.read(BLOCK):
        sealed = ring.seal_bytes(block, _context(sha256, number))
        part.write(len(sealed).to_bytes(4))
        part.write(sealed)
        number += 1
    part.flush()
    os.fsync(part.fileno())


def _context(sha256: str, block: int) -> bytes:
    return f"file|{sha256}|{block}".encode()


class SealedReader(io.RawIOBase):
    """A stored file as plain bytes: read and seek, one block in memory at a time."""

    def __init__(self, sha256: str, size: int):
        super().__init__()
        self._sha256, self._size, self._at = sha256, size, 0
        try:
            self._file = _path(sha256).open("rb")
        except FileNotFoundError:
            raise Broken(f"the stored file {sha256[:12]} is gone from the file store") from None
        header = self._file.read(4)
        self._step = 4 + int.from_bytes(header) if header else 4
        self._block_number, self._block = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        number, skip = divmod(self._at, BLOCK)
        if number != self._block_number:
            self._load(number)
        part = self._block[skip : skip + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _load(self, number: int) -> None:
        # Every full block seals to the same length while one key is in use, so block n starts at n steps.
        self._file.seek(number * self._step)
        length = int.from_bytes(self._file.read(4))
        sealed = self._file.read(length)
        if len(sealed) != length or not sealed:
            raise Broken(f"the stored file {self._sha256[:12]} is cut at block {number}")
        self._block = keyring().open_bytes(sealed, _context(self._sha256, number))
        self._block_number = number


def open_file(w: Work, file_no: int) -> BinaryIO:
    """A stored file for reading, decrypted on the way; the caller has checked that its reader may see it."""
    row = w.db.execute(
        select(_files.c.sha256, _files.c.size).where(_files.c.file_no == file_no)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such file.")
    return io.BufferedReader(SealedReader(row.sha256, row.size), BLOCK)


def read_range(w: Work, file_no: int, start: int, end: int) -> bytes:
    """The bytes [start, end) of a stored file."""
    with open_file(w, file_no) as content:
        content.seek(start)
        return content.read(end - start)
