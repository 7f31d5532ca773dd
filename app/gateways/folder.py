"""A folder of this machine that somebody else empties: a mounted share, or the client of a clearinghouse.

Folders lie below one the operator named (RECLAIM_SEND_FOLDER), so that a page cannot write anywhere else.
"""

import errno
import os
import re
from contextlib import suppress
from pathlib import Path

from app.gateways.handing import Handed, Looked, Outcome, Seen
from app.kernel import failpoints
from app.kernel.errors import Refused
from app.kernel.settings import settings

PART = ".part"
_STEP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9 ._-]{0,59}", re.ASCII)
_SURE = frozenset(
    (errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENOTDIR, errno.EISDIR)
)
_NO_LINKS = frozenset((errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS))


def checked(place: str) -> Path:
    """The folder a place names, below the one for outgoing files; `Refused` when it leads elsewhere."""
    steps = place.split("/")
    if not all(_STEP.fullmatch(step) and not step.endswith((".", " ")) for step in steps):
        raise Refused(
            "Name a folder below the one for outgoing files, with letters, digits, dots and dashes.",
            code="place",
            field="place",
        )
    root = settings().outgoing
    if not Path(os.path.realpath(root / place)).is_relative_to(os.path.realpath(root)):
        raise Refused("This folder leads out of the one for outgoing files.", code="place", field="place")
    return root / place


class FolderWay:
    """Files put into a folder: written beside their name, synced, then named in one step."""

    def __init__(self, place: str):
        self._place = place

    def send(self, name: str, data: bytes) -> Handed:
        """Write, sync, and give the name only if nobody has it."""
        try:
            folder = self._ready()
            _write(folder / f"{name}{PART}", data)
            failpoints.hit("rebill.while_sending")
        except Refused as refusal:
            return Handed(Outcome.NOT_SENT, refusal.message, "place")
        except OSError as problem:
            return Handed(Outcome.NOT_SENT, f"The folder takes no file: {_words(problem)}.", "place")
        try:
            _name(folder / f"{name}{PART}", folder / name)
        except FileExistsError:
            return self._already(name, data)
        except OSError as problem:
            sure = problem.errno in _SURE
            outcome = Outcome.NOT_SENT if sure else Outcome.UNKNOWN
            return Handed(outcome, f"The file could not get its name: {_words(problem)}.", "place")
        return Handed(Outcome.ARRIVED, f"It lies in the folder {self._place} as {name}.")

    def _already(self, name: str, data: bytes) -> Handed:
        if self.look(name, data).seen is Seen.SAME:
            return Handed(Outcome.ARRIVED, f"The same file lay there already as {name}.")
        return Handed(Outcome.NOT_SENT, f"Another file has the name {name}; it was left alone.", "taken")

    def look(self, name: str, data: bytes) -> Looked:
        """Read what lies there under the name and compare."""
        try:
            found = (checked(self._place) / name).read_bytes()
        except FileNotFoundError:
            return Looked(Seen.ABSENT, "No file of that name lies in the folder; it may have been taken.")
        except Refused as refusal:
            return Looked(Seen.UNREACHABLE, refusal.message)
        except OSError as problem:
            return Looked(Seen.UNREACHABLE, f"The folder cannot be read: {_words(problem)}.")
        if found == data:
            return Looked(Seen.SAME, f"The very file lies in the folder as {name}.")
        return Looked(Seen.OTHER, f"A file of the name {name} lies there with other content.")

    def try_out(self) -> Handed:
        """Is it a folder, and may we write in it?"""
        try:
            folder = self._ready()
        except Refused as refusal:
            return Handed(Outcome.NOT_SENT, refusal.message, "place")
        except OSError as problem:
            return Handed(Outcome.NOT_SENT, f"The folder cannot be made: {_words(problem)}.", "place")
        if not os.access(folder, os.W_OK | os.X_OK):
            return Handed(Outcome.NOT_SENT, "The folder may not be written to.", "place")
        return Handed(Outcome.ARRIVED, "The folder is there and takes files.")

    def _ready(self) -> Path:
        folder = checked(self._place)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return checked(self._place)


def _write(part: Path, data: bytes) -> None:
    """Write and sync; a leftover of an earlier try is begun anew, never followed elsewhere."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(part, flags, 0o600), "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())


def _name(part: Path, place: Path) -> None:
    """Give the file its name; `FileExistsError` when something has it. A link refuses what a rename would
    write over.
    """
    try:
        os.link(part, place)
    except OSError as problem:
        if problem.errno not in _NO_LINKS:
            raise
        if place.exists():  # a share without links: nobody else writes our names
            raise FileExistsError(errno.EEXIST, "taken") from None
        os.rename(part, place)
    # From here on it has arrived, whatever becomes of the leftover.
    with suppress(OSError):
        part.unlink(missing_ok=True)
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _words(problem: OSError) -> str:
    return (os.strerror(problem.errno) if problem.errno else "it failed").lower()
