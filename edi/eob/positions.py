"""JSON whose objects and numbers know the byte they stand at; never recursive, never a float.

A number stays the text it was written as, so that an amount can be judged before it is converted.
"""

import json
import re
from typing import Any

DEPTH = 64
VALUES = 2_000_000  # of one document
NUMBER_CHARACTERS = 64
SPACE = re.compile(rb"[ \t\r\n]*")
TOKEN = re.compile(
    rb"[ \t\r\n]*(?:([{}\[\],:])"
    rb'|"([^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*)"'
    rb"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    rb"|(true|false|null))"
)
WORDS: dict[bytes, Any] = {b"true": True, b"false": False, b"null": None}


class BadJson(ValueError):
    """Bytes that are no JSON; byte is where it went wrong."""

    def __init__(self, byte: int, why: str) -> None:
        super().__init__(why)
        self.byte, self.why = byte, why


class Number(str):
    """A number as written, and the byte of its first sign."""

    __slots__ = ("byte",)
    byte: int


class Object(dict[str, Any]):
    """An object: byte is its `{`, end just past its `}`; repeated names a field given twice, "" if none."""

    __slots__ = ("byte", "end", "repeated")

    def __init__(self, byte: int) -> None:
        super().__init__()
        self.byte = self.end = byte
        self.repeated = ""


class Parser:
    """One JSON value from bytes. base: where the first byte stands in the file."""

    def __init__(self, raw: bytes, base: int = 0) -> None:
        self.raw, self.base = raw, base
        self.stack: list[Any] = []
        self.keys: list[str | None] = []
        self.key: str | None = None
        self.done = False
        self.value: Any = None

    def read(self, at: int = 0) -> tuple[Any, int]:
        """(value, offset behind it); BadJson for anything that is no whole JSON value."""
        raw, match, count = self.raw, TOKEN.match, 0
        expects = "value"
        while not self.done:
            token = match(raw, at)
            count += 1
            if token is None or count > VALUES:
                raise BadJson(self._byte(at), "too many values" if token else self._what(at))
            at = token.end()
            expects = self._take(token, expects)
        return self.value, at

    def _what(self, at: int) -> str:
        found = SPACE.match(self.raw, at)
        end = found.end() if found else at
        return "it ends too early" if end >= len(self.raw) else "this is no JSON"

    def _byte(self, at: int) -> int:
        found = SPACE.match(self.raw, at)
        return self.base + (found.end() if found else at)

    def _take(self, token: re.Match[bytes], expects: str) -> str:
        """Take one token; returns what may follow: value, first (value or end), key, colon, comma."""
        sign = token[1]
        kind = token.lastindex or 1
        start = self.base + token.start(kind) - (kind == 2)
        if sign is None:
            return self._scalar(token, expects, start)
        if sign in b"{[" and expects in ("value", "first"):
            return self._open(sign, start)
        if sign in b"}]" and expects in ("first", "comma", "key or end"):
            return self._close(sign, start)
        if sign == b":" and expects == "colon":
            return "value"
        if sign == b"," and expects == "comma" and self.stack:
            return "key" if isinstance(self.stack[-1], Object) else "value"
        raise BadJson(start, f"{sign.decode()} is not expected here")

    def _scalar(self, token: re.Match[bytes], expects: str, start: int) -> str:
        if expects in ("key", "key or end"):
            if token[2] is None:
                raise BadJson(start, "a field name is expected here")
            self.key = text(token[2], start)
            return "colon"
        if expects not in ("value", "first"):
            raise BadJson(start, "a value is not expected here")
        if token[2] is not None:
            return self._put(text(token[2], start))
        if token[3] is None:
            return self._put(WORDS[token[4]])
        if len(token[3]) > NUMBER_CHARACTERS:
            raise BadJson(start, "a number is too long")
        number = Number(token[3].decode())
        number.byte = start
        return self._put(number)

    def _put(self, value: Any) -> str:
        if not self.stack:
            self.value, self.done = value, True
            return "end"
        holder = self.stack[-1]
        if isinstance(holder, Object):
            name = self.key or ""
            if name in holder:
                holder.repeated = holder.repeated or name
            holder[name] = value
        else:
            holder.append(value)
        return "comma"

    def _open(self, sign: bytes, start: int) -> str:
        if len(self.stack) >= DEPTH:
            raise BadJson(start, f"it is nested deeper than {DEPTH}")
        made: Any = Object(start) if sign == b"{" else []
        self.keys.append(self.key)
        self.stack.append(made)
        return "key or end" if sign == b"{" else "first"

    def _close(self, sign: bytes, start: int) -> str:
        if not self.stack or isinstance(self.stack[-1], Object) != (sign == b"}"):
            raise BadJson(start, f"{sign.decode()} is not expected here")
        made = self.stack.pop()
        self.key = self.keys.pop()
        if isinstance(made, Object):
            made.end = start + 1
        return self._put(made)


def text(raw: bytes, start: int) -> str:
    """The text between two quotes; what no screen or database can hold becomes a blank."""
    try:
        if b"\\" not in raw:
            return raw.decode("utf-8")
        said = str(json.loads(b'"' + raw + b'"'))
    except ValueError:
        raise BadJson(start, "a text is not readable") from None
    return "".join(sign if sign.isprintable() else " " for sign in said)


def parse(raw: bytes, base: int = 0, at: int = 0) -> tuple[Any, int]:
    """(value, offset behind it) of the JSON value at an offset of raw; BadJson when it is none."""
    return Parser(raw, base).read(at)


def number_at(raw: bytes) -> str:
    """The number that begins these bytes, as written; "" when there is none."""
    token = TOKEN.match(raw)
    return token[3].decode() if token and token[3] and not raw[:1].isspace() else ""


# ---------------------------------------------------------------- looking into what may be anything


def obj(value: Any, *path: str) -> Object:
    """The object at a path of fields; an empty one when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Object) else None
    return value if isinstance(value, Object) else Object(-1)


def items(value: Any, name: str) -> list[Object]:
    """The objects in a list field, others left out; a single object counts as a list of one."""
    found = value.get(name) if isinstance(value, Object) else None
    if isinstance(found, Object):
        return [found]
    return [one for one in found if isinstance(one, Object)] if isinstance(found, list) else []


def word(value: Any, *path: str) -> str:
    """The text or number at a path of fields, stripped; "" when there is none."""
    *above, name = path
    found = obj(value, *above).get(name)
    return found.strip() if isinstance(found, str) else ""
