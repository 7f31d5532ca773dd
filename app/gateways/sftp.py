"""SFTP: a file goes to `<name>.part`, is read back, and gets its name in one step that overwrites nothing.

Only the server whose key was pinned by a person is spoken to: the key is compared before anything of ours is
said, the sign-in included. The host is looked up once and must lie outside, unless the operator named it
(RECLAIM_SFTP_HOSTS). Until the rename is asked for nothing can have arrived; after it, only an answer or a
look at the name tells.
"""

import hashlib
import io
import re
import socket
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from posixpath import join
from typing import Any, TypeVar

import paramiko

from app.gateways.handing import Handed, Looked, Outcome, Seen
from app.kernel import failpoints
from app.kernel.errors import Refused
from app.kernel.settings import settings

PART = ".part"
CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 30.0
PORT, BLOCK_BYTES = 22, 32_768
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9:]([A-Za-z0-9.:-]{0,198}[A-Za-z0-9])?", re.ASCII)
_KIND = re.compile(r"(ssh|ecdsa|rsa|sk-ssh)-[a-z0-9@.-]{2,60}", re.ASCII)
_KINDS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}
"""The algorithms a kind of key signs with, where they have other names."""
NOBODY = "The line to the server failed"
_Problem = (paramiko.SSHException, OSError, EOFError)
T = TypeVar("T")


class _Said(Exception):
    """What is told instead of a connection: a code and words."""

    def __init__(self, code: str, words: str):
        super().__init__(code)
        self.code, self.words = code, words


@dataclass(frozen=True)
class Account:
    """Where and as whom. secret: a password, or a private key as OpenSSH writes it; host_key: as `pinned`
    returns it; place: a folder there.
    """

    host: str
    port: int
    username: str
    secret: str
    host_key: str
    place: str

    def __repr__(self) -> str:
        return f"Account({self.host!r}, {self.port})"


def checked(host: str, port: int) -> None:
    """`Refused` with the reason when a host is no host or a port nobody serves SFTP on. Looks nothing up."""
    if not _HOST.fullmatch(host) or ".." in host:
        raise Refused("This is not the name of a server.", code="host", field="host")
    if port != PORT and not 1024 <= port <= 65535 and host.lower() not in settings().sftp_hosts:
        raise Refused("SFTP is served on port 22, or on one from 1024 on.", code="port", field="port")


def pinned(text: str) -> str:
    """A host key as it is kept, `ssh-ed25519 SHA256:…`, from a key or fingerprint somebody typed.

    Takes a line of known_hosts, `ssh-ed25519 AAAA…`, or the fingerprint alone.
    """
    words = text.split()
    for at, word in enumerate(words):
        kind = words[at - 1] if at else ""
        if _FINGERPRINT.fullmatch(word):
            return f"{kind if _KIND.fullmatch(kind) else ''} {word}".strip()
        if word.startswith("AAAA"):
            try:
                data = b64decode(word, validate=True)
                named = data[4 : 4 + int.from_bytes(data[:4])].decode("ascii")
            except (Base64Error, UnicodeDecodeError):
                break
            if not _KIND.fullmatch(named):
                break
            return f"{named} {fingerprint(data)}"
    raise Refused(
        "A host key is a line like “ssh-ed25519 AAAA…”, or a fingerprint like “SHA256:…”.",
        code="host_key",
        field="host_key",
    )


def fingerprint(data: bytes) -> str:
    """The fingerprint of a public key, as ssh-keygen -l prints it."""
    return "SHA256:" + b64encode(hashlib.sha256(data).digest()).decode("ascii").rstrip("=")


def private_key(secret: str) -> bool:
    """Is this secret a private key rather than a password?"""
    return secret.lstrip().startswith("-----BEGIN ")


def checked_secret(secret: str) -> None:
    """`Refused` when a private key cannot be read: better now than when a batch waits."""
    if private_key(secret):
        try:
            _key_of(secret)
        except (*_Problem, ValueError, TypeError):
            raise Refused(
                "This private key cannot be read: give one without a passphrase.",
                code="secret",
                field="secret",
            ) from None


def shown_key(host: str, port: int) -> str:
    """The key a server shows now, as it is kept; nobody signs in. For a person to compare and confirm.

    Raises `Refused` with words when it cannot be reached.
    """
    try:
        with _line(host, port, "") as transport:
            shown = transport.get_remote_server_key()
            return f"{shown.get_name()} {fingerprint(shown.asbytes())}"
    except _Said as said:
        raise Refused(said.words, code="connection", field="host") from None
    except _Problem as problem:
        raise Refused(f"{NOBODY} ({_words(problem)}).", code="connection", field="host") from None


@contextmanager
def _line(host: str, port: int, host_key: str) -> Iterator[Any]:
    """A line with the keys agreed; with a pinned key it goes on only with that one."""
    checked(host, port)
    line = socket.create_connection((_address(host, port), port), timeout=CONNECT_SECONDS)
    line.settimeout(ANSWER_SECONDS)
    transport = paramiko.Transport(line)
    transport.banner_timeout = transport.auth_timeout = transport.handshake_timeout = ANSWER_SECONDS
    try:
        kind, _, wanted = host_key.rpartition(" ")
        if kind:
            _prefer(transport, kind)
        transport.start_client(timeout=ANSWER_SECONDS)
        shown = transport.get_remote_server_key()
        if wanted and fingerprint(shown.asbytes()) != wanted:
            raise _Said(
                "host_key",
                f"The server showed another key than the one confirmed ({fingerprint(shown.asbytes())}). "
                "Nothing was sent. Ask the receiver whether its key changed before you confirm a new one.",
            )
        yield transport
    finally:
        transport.close()


def _prefer(transport: Any, kind: str) -> None:
    """Ask for the pinned key first: a server with several keys would else show another one."""
    options = transport.get_security_options()
    known = tuple(options.key_types)
    first = tuple(one for one in _KINDS.get(kind, (kind,)) if one in known)
    options.key_types = (*first, *(one for one in known if one not in first))


def _address(host: str, port: int) -> str:
    """Where the name points; refused when any of its addresses lies inside."""
    try:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise _Said("connection", "The host name is not known.") from None
    if host.lower() not in settings().sftp_hosts:
        for one in found:
            if not ip_address(one.partition("%")[0]).is_global:
                words = "This host lies inside the own network; the operator names such hosts."
                raise _Said("connection", words)
    return found[0]


def _words(problem: Exception) -> str:
    if isinstance(problem, TimeoutError):
        return "no answer in time"
    if isinstance(problem, ConnectionRefusedError):
        return "nobody listens there"
    return "the line was cut" if isinstance(problem, EOFError | OSError) else "the servers did not agree"


def _key_of(secret: str) -> Any:
    key_types = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
    for kind in key_types:
        try:
            return kind.from_private_key(io.StringIO(secret.strip() + "\n"))
        except paramiko.PasswordRequiredException:
            raise
        except (paramiko.SSHException, ValueError):
            continue
    raise paramiko.SSHException("no key we know")


class SftpWay:
    """One account at one server."""

    def __init__(self, account: Account):
        self._account = account

    @contextmanager
    def _signed_in(self) -> Iterator[Any]:
        account = self._account
        if not account.host_key:
            raise _Said("host_key", "Nobody has confirmed the key of this server yet. Nothing was sent.")
        with _line(account.host, account.port, account.host_key) as transport:
            try:
                if private_key(account.secret):
                    transport.auth_publickey(account.username, _key_of(account.secret))
                else:
                    transport.auth_password(account.username, account.secret)
            except paramiko.AuthenticationException:
                raise _Said("sign_in", "The server refused the user name or its secret.") from None
            client = paramiko.SFTPClient.from_transport(transport)
            if client is None:
                raise _Said("connection", "The server offers no SFTP.")
            client.get_channel().settimeout(ANSWER_SECONDS)
            yield client

    def _tried(self, what: Callable[[Any], T], otherwise: Callable[[str, str], T]) -> T:
        """Do something signed in; whatever the outside does instead becomes a code and words."""
        try:
            with self._signed_in() as client:
                return what(client)
        except _Said as said:
            return otherwise(said.code, said.words)
        except Refused as refusal:
            return otherwise("connection", refusal.message)
        except PermissionError:
            return otherwise("place", "The server does not allow that in this folder.")
        except FileNotFoundError:
            return otherwise("place", "The server has no such folder.")
        except _Problem as problem:
            return otherwise("connection", f"{NOBODY} ({_words(problem)}).")

    def send(self, name: str, data: bytes) -> Handed:
        """Upload, read back, rename; a look decides when the answer to the rename was lost."""
        sending = _Sending(name, data, self._account.place)
        handed = self._tried(sending.run, lambda code, words: Handed(Outcome.NOT_SENT, words, code))
        if handed.outcome is not Outcome.NOT_SENT or not sending.asked:
            return handed
        seen = self.look(name, data)
        if seen.seen is Seen.SAME:
            return Handed(Outcome.ARRIVED, f"The answer was lost, but a look showed: {seen.words}")
        words = f"The line was lost when the file was to get its name. {seen.words}"
        return Handed(Outcome.UNKNOWN, words, handed.code)

    def look(self, name: str, data: bytes) -> Looked:
        """Is the file there under its name: the same bytes, or the same size where they may not be read?"""

        def seen(client: Any) -> Looked:
            return _seen(client, join(self._account.place or ".", name), data)

        return self._tried(seen, lambda _code, words: Looked(Seen.UNREACHABLE, words))

    def try_out(self) -> Handed:
        """Connect, sign in, look at the folder."""

        def looked(client: Any) -> Handed:
            client.listdir_attr(self._account.place or ".")
            return Handed(Outcome.ARRIVED, "The server showed its key, let us in and has the folder.")

        return self._tried(looked, lambda code, words: Handed(Outcome.NOT_SENT, words, code))


class _Sending:
    """One try. asked: was the rename asked for? From then on only an answer or a look tells."""

    def __init__(self, name: str, data: bytes, place: str):
        self._name, self._data, self.asked = name, data, False
        self._final = join(place or ".", name)

    def run(self, client: Any) -> Handed:
        """Upload under another name, check, rename."""
        before = _seen(client, self._final, self._data)
        if before.seen is Seen.SAME:
            return Handed(Outcome.ARRIVED, f"The same file was there already. {before.words}")
        if before.seen is Seen.OTHER:
            words = f"Another file has the name {self._name}; it was left alone."
            return Handed(Outcome.NOT_SENT, words, "taken")
        part = f"{self._final}{PART}"
        with client.open(part, "wb") as remote:
            remote.set_pipelined(True)
            for start in range(0, len(self._data), BLOCK_BYTES):
                remote.write(self._data[start : start + BLOCK_BYTES])
                failpoints.hit("rebill.mid_upload")
        whole = _seen(client, part, self._data)
        if whole.seen is not Seen.SAME:
            words = "What arrived is not what was sent, so it did not get its name."
            return Handed(Outcome.NOT_SENT, words, "place")
        failpoints.hit("rebill.while_sending")
        self.asked = True
        try:
            client.rename(part, self._final)
        except (PermissionError, FileNotFoundError):
            self.asked = False  # the server answered, and its answer was no
            words = "The file was uploaded, but the server did not let it have its name."
            return Handed(Outcome.NOT_SENT, words, "place")
        return Handed(Outcome.ARRIVED, f"Uploaded, {whole.words} and named {self._name}.")


def _seen(client: Any, path: str, data: bytes) -> Looked:
    """What lies under a path. Raises what the line raises."""
    try:
        size = client.stat(path).st_size
    except FileNotFoundError:
        return Looked(Seen.ABSENT, "No file of that name is there; the receiver may have taken it.")
    if size is not None and size != len(data):
        return Looked(Seen.OTHER, "a file of another size is there.")
    try:
        with client.open(path, "rb") as remote:
            remote.prefetch(len(data))
            found = remote.read()
    except PermissionError:
        return Looked(Seen.SAME, "a file of its size is there, which may not be read back")
    same = hashlib.sha256(found).digest() == hashlib.sha256(data).digest()
    if same:
        return Looked(Seen.SAME, "read back with the same SHA-256")
    return Looked(Seen.OTHER, "a file of the same size and other content is there.")
