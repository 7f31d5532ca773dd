"""A receiver's SFTP server: a real one on a free port, which remembers everything that was done to it.

In a thread of this process (`with server(folder) as receiver`), or as a process of its own that outlives
whoever is killed (`with process(folder) as receiver`). Both keep what they know in files of `folder`:

    home/            what the client sees as `/`; `in/` takes uploads, `out/` is for answers
    journal.jsonl    every completed upload, rename and removal, in order, with size and SHA-256
    behaviour        words of `Manner`; read again at every step, so a test may change it while it runs
    client_key       a private key that may sign in, for tests that use one
"""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import asyncssh

from app.__main__ import ROOT
from tests.services import die_with_parent

LOGIN = "billing"
PASSWORD = "practice makes perfect"  # pragma: allowlist secret - opens nothing but this server
PART = ".part"
SLOW_SECONDS, START_SECONDS = 1.0, 20


class Manner(StrEnum):
    """How the server misbehaves; several at once are possible."""

    REFUSE = "refuse"  # nobody may sign in
    FORBID = "forbid"  # signed in, but nothing may be written
    CUT_UPLOAD = "cut_upload"  # half of a file is written, then the line is gone
    CUT_BEFORE_RENAME = "cut_before_rename"  # uploaded whole; the line goes before the rename
    CUT_AFTER_RENAME = "cut_after_rename"  # renamed; the line goes before the answer
    SLOW = "slow"  # every write and rename takes SLOW_SECONDS
    PICK_UP = "pick_up"  # what has its final name is taken away at once


@dataclass(frozen=True)
class Done:
    """One thing that was completed. what: upload, rename or remove; to: the new name of a rename."""

    what: str
    name: str
    to: str
    size: int
    sha256: str


class Receiver:
    """What a test knows of the server: where it is, how to sign in, what it got."""

    def __init__(self, folder: Path, port: int, host_key: str, fingerprint: str):
        self.folder, self.host, self.port = folder, "127.0.0.1", port
        self.login, self.password = LOGIN, PASSWORD
        self.host_key = host_key
        """`ssh-ed25519 AAAA...`, as a known_hosts line has it behind the host."""
        self.fingerprint = fingerprint

    @property
    def private_key(self) -> str:
        """A key that may sign in, as OpenSSH writes it."""
        return (self.folder / "client_key").read_text(encoding="ascii")

    @property
    def inbox(self) -> Path:
        """Where uploads land; `/in` for a client."""
        return self.folder / "home" / "in"

    @property
    def outbox(self) -> Path:
        """Where answers would wait; `/out` for a client."""
        return self.folder / "home" / "out"

    def behave(self, *manners: Manner) -> None:
        """From the next step on."""
        fresh = self.folder / "behaviour.new"
        fresh.write_text(" ".join(manners), encoding="ascii")
        os.replace(fresh, self.folder / "behaviour")

    def journal(self) -> list[Done]:
        """Everything that was completed, oldest first."""
        path = self.folder / "journal.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [Done(**json.loads(line)) for line in lines]

    def delivered(self) -> list[Done]:
        """What got a final name, by rename or by an upload without one; taken away since or not."""
        found = []
        for done in self.journal():
            name = done.to if done.what == "rename" else done.name
            if done.what != "remove" and name and not name.endswith(PART):
                found.append(Done(done.what, name, "", done.size, done.sha256))
        return found


class _Files(asyncssh.SFTPServer):
    """The files of one session."""

    folder: Path

    def __init__(self, chan: Any):
        super().__init__(chan, chroot=str(self.folder / "home").encode())
        self._names: dict[int, str] = {}

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        writes = pflags & (asyncssh.FXF_WRITE | asyncssh.FXF_APPEND)
        if writes and self._has(Manner.FORBID):
            raise asyncssh.SFTPPermissionDenied("no files are taken")
        handle: Any = super().open(path, pflags, attrs)
        if writes:
            self._names[id(handle)] = path.decode()
        return handle

    async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        if self._has(Manner.SLOW):
            await asyncio.sleep(SLOW_SECONDS)
        if self._has(Manner.CUT_UPLOAD):
            file_obj.seek(offset)
            file_obj.write(data[: len(data) // 2])
            file_obj.flush()
            self._names.pop(id(file_obj), None)
            self._cut()
        file_obj.seek(offset)
        written: int = file_obj.write(data)
        return written

    def close(self, file_obj: Any) -> None:
        super().close(file_obj)
        # A session that ends closes what is open: that is no completed upload.
        if (name := self._names.pop(id(file_obj), "")) and not self.channel.is_closing():
            self._note("upload", name)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._move(oldpath, newpath, super().rename)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._move(oldpath, newpath, super().posix_rename)

    def remove(self, path: bytes) -> None:
        self._note("remove", path.decode())
        super().remove(path)

    async def _move(self, old: bytes, new: bytes, how: Any) -> None:
        if self._has(Manner.SLOW):
            await asyncio.sleep(SLOW_SECONDS)
        if self._has(Manner.CUT_BEFORE_RENAME):
            self._cut()
        how(old, new)
        self._note("rename", old.decode(), new.decode())
        if self._has(Manner.PICK_UP):
            self._path(new.decode()).unlink()
        if self._has(Manner.CUT_AFTER_RENAME):
            self._cut()

    def _has(self, manner: Manner) -> bool:
        return manner in (self.folder / "behaviour").read_text(encoding="ascii").split()

    def _cut(self) -> None:
        self.connection.abort()
        raise asyncssh.SFTPConnectionLost("cut")

    def _path(self, name: str) -> Path:
        return self.folder / "home" / name.lstrip("/")

    def _note(self, what: str, name: str, to: str = "") -> None:
        content = self._path(to or name).read_bytes()
        row = {"what": what, "name": name, "to": to, "size": len(content),
               "sha256": hashlib.sha256(content).hexdigest()}  # fmt: skip
        with (self.folder / "journal.jsonl").open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(row) + "\n")


class _Door(asyncssh.SSHServer):
    """Who may sign in."""

    folder: Path

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (LOGIN, PASSWORD) and not self._refuses()

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: Any) -> bool:
        known = asyncssh.read_public_key(self.folder / "client_key.pub")
        return bool(username == LOGIN and key == known and not self._refuses())

    def _refuses(self) -> bool:
        return Manner.REFUSE in (self.folder / "behaviour").read_text(encoding="ascii").split()


def _prepare(folder: Path) -> None:
    for name in ("home/in", "home/out"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    if not (folder / "behaviour").exists():
        (folder / "behaviour").write_text("", encoding="ascii")
    for name in ("host_key", "client_key"):
        if not (folder / name).exists():
            made = asyncssh.generate_private_key("ssh-ed25519")
            made.write_private_key(folder / name)
            made.write_public_key(folder / f"{name}.pub")


async def _listen(folder: Path, port: int) -> Any:
    files = type("Files", (_Files,), {"folder": folder})
    door = type("Door", (_Door,), {"folder": folder})
    return await asyncssh.listen(
        "127.0.0.1", port, server_factory=door, sftp_factory=files, allow_scp=False,
        server_host_keys=[str(folder / "host_key")],
    )  # fmt: skip


def _receiver(folder: Path, port: int) -> Receiver:
    key = asyncssh.read_public_key(folder / "host_key.pub")
    text = " ".join(key.export_public_key().decode("ascii").split()[:2])
    return Receiver(folder, port, text, key.get_fingerprint())


@contextmanager
def server(folder: Path, port: int = 0) -> Iterator[Receiver]:
    """The server in a thread of this process. A folder used before is the same server, come back."""
    _prepare(folder)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(_listen(folder, port), loop).result(START_SECONDS)
    try:
        yield _receiver(folder, listening.get_port())
    finally:

        async def leave() -> None:
            listening.close()
            await listening.wait_closed()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for one in others:
                one.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(leave(), loop).result(START_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_SECONDS)
        loop.close()


@contextmanager
def process(folder: Path) -> Iterator[Receiver]:
    """The server as a process of its own; it ends with this one."""
    _prepare(folder)
    command: Sequence[str] = [sys.executable, "-m", "tests.sftp", str(folder)]
    with open(folder / "log", "wb") as log:
        started = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, preexec_fn=die_with_parent
        )
    assert started.stdout is not None
    try:
        port = started.stdout.readline().strip()
        assert port, (folder / "log").read_text()
        yield _receiver(folder, int(port))
    finally:
        started.kill()
        started.wait(START_SECONDS)
        started.stdout.close()


def main() -> None:
    """Serve a folder until killed; the first line of output is the port."""
    folder = Path(sys.argv[1])

    async def forever() -> None:
        listening = await _listen(folder, 0)
        print(listening.get_port(), flush=True)
        while True:
            await asyncio.sleep(3600)

    asyncio.run(forever())


if __name__ == "__main__":
    main()
