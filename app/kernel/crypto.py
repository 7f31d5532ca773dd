"""Sealed fields (AES-256-GCM), blind indexes for looking them up, and the keys behind both (D3).

A sealed value is `key id (1 byte length + text) | nonce (12) | ciphertext and tag`; its context (table and
column) is authenticated, so a value copied into another column does not open. Keys are read newest first: the
first seals, all open, and `stale` tells which values to seal again after a rotation. The blind index has a
key of its own, derived from the oldest key, so that it stays the same when keys rotate.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.kernel.errors import Broken, Refused
from app.kernel.settings import settings


class Key(NamedTuple):
    """One key: a short id written beside what it sealed, and 32 secret bytes."""

    id: str
    secret: bytes


class Keyring:
    """The keys of an installation, newest first."""

    def __init__(self, keys: Sequence[Key]):
        if not keys:
            raise Refused("RECLAIM_KEYS names no key.", code="no_keys")
        for key in keys:
            if len(key.secret) != 32:
                raise Refused(f"The key {key.id} in RECLAIM_KEYS is not 32 bytes long.", code="bad_key")
        self._ciphers = {key.id: AESGCM(key.secret) for key in keys}
        self._prefix = bytes([len(keys[0].id)]) + keys[0].id.encode()
        self._newest = self._ciphers[keys[0].id]
        self._index_key = hashlib.sha256(b"reclaim blind index" + keys[-1].secret).digest()
        self._mac_keys = {
            key.id: hashlib.sha256(b"reclaim seal of records" + key.secret).digest() for key in keys
        }
        self.newest_id = keys[0].id

    def seal(self, text: str, context: str) -> bytes:
        """Encrypt a field; the same text never looks the same twice."""
        return self.seal_bytes(text.encode(), context.encode())

    def seal_bytes(self, data: bytes, context: bytes) -> bytes:
        """Encrypt bytes under the newest key."""
        nonce = os.urandom(12)
        return self._prefix + nonce + self._newest.encrypt(nonce, data, context)

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt a field; `Broken` when it was changed, moved or sealed with a key we do not have."""
        return self.open_bytes(sealed, context.encode()).decode()

    def open_bytes(self, sealed: bytes, context: bytes) -> bytes:
        """Decrypt bytes."""
        size = sealed[0]
        key_id = sealed[1 : 1 + size].decode()
        if key_id not in self._ciphers:
            raise Broken(f"sealed with key {key_id}, which RECLAIM_KEYS does not hold")
        nonce, secret = sealed[1 + size : 13 + size], sealed[13 + size :]
        try:
            return self._ciphers[key_id].decrypt(nonce, secret, context)
        except InvalidTag:
            raise Broken(f"a sealed value of {context.decode(errors='replace')} does not open") from None

    def stale(self, sealed: bytes) -> bool:
        """Was this sealed with an older key than the newest?"""
        return not sealed.startswith(self._prefix)

    def blind(self, text: str, context: str) -> str:
        """A keyed fingerprint for equality look-ups: upper case, no blanks or dashes; 32 hex digits."""
        plain = "".join(text.split()).replace("-", "").upper()
        return hmac.digest(self._index_key, f"{context}|{plain}".encode(), "sha256").hex()[:32]

    def mac(self, data: bytes, purpose: str, key_id: str = "") -> str:
        """A seal over data that nobody without the key can make, 64 hex digits; "" when we lack that key.

        key_id: the key that sealed a record written earlier; empty means the newest.
        """
        key = self._mac_keys.get(key_id or self.newest_id)
        return hmac.new(key, purpose.encode() + b"\0" + data, hashlib.sha256).hexdigest() if key else ""


def parse_keys(text: str) -> list[Key]:
    """Read `id:base64,id:base64`, newest first."""
    keys = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key_id, _, secret = part.partition(":")
        keys.append(Key(key_id, base64.b64decode(secret)))
    return keys


@lru_cache(maxsize=4)
def _ring(text: str) -> Keyring:
    return Keyring(parse_keys(text))


def keyring() -> Keyring:
    """The keys this installation was started with."""
    return _ring(settings().keys.get_secret_value())
