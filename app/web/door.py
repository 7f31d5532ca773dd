"""For whoever writes a door (pages.py, api.py): who asks, what they ask of a list, an answer given once, a
file.

with reading(actor()) as w:                       # the right of this route is checked before the view runs
    ask = ask_from(queries.SORTS, default="-received", filters=("state",))
    if ask.format:
        return download(w, COLUMNS, queries.files(w, ask.all()).rows, "files", ask.format)
    found = queries.files(w, ask)

return once(lambda w: (View().dump(service.post(w, ...)), 201))      # a POST that moves money
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from flask import Response, g, request

from app.access import queries, service
from app.access.queries import Identity
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.export import FORMATS, Column, csv_lines, json_lines, media_type, safe_file_name, write_xlsx
from app.kernel.limits import EXPORT_ROWS
from app.kernel.paging import Ask, Sorts, ask_of
from app.kernel.settings import settings
from app.kernel.work import Actor, Work, work

SMALL_EXPORT_ROWS = 5_000
KEY_CHARACTERS = 200
KEY_HEADER = "Idempotency-Key"
IDEMPOTENT = {
    "in": "header",
    "name": KEY_HEADER,
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_CHARACTERS},
    "description": "any text of yours; the same key and body get the same answer for 30 days",
}
"""How the API's description says so: `@api.doc(parameters=[IDEMPOTENT])` on every operation that uses
`once`.
"""


def actor() -> Actor:
    """Who asks, with the rights and the entities this route's permission gives them."""
    made: Actor = g.actor
    return made


def me() -> Identity | None:
    """The person behind the request; None on a public route."""
    found: Identity | None = g.get("identity")
    return found


def can(permission: str, entity_id: int | None = None) -> bool:
    """May the person do this (at this entity)? For drawing buttons; the verb asks again."""
    identity = me()
    return identity is not None and identity.may(permission, entity_id)


def ask_from(sorts: Sorts, *, default: str, filters: Sequence[str] = ()) -> Ask:
    """What the query string asks of a list; see `kernel.paging.ask_of`."""
    return ask_of(request.args, sorts, default=default, filters=filters)


def download(
    w: Work, columns: Sequence[Column], rows: Iterable[Any], name: str, file_format: str
) -> Response:
    """The rows of a list as a file. A right of its own, a limit by role, an audit event with the number of
    rows.

    file_format: csv, xlsx or json. The file is made before the answer starts: an error is an answer, not
    half a file.
    """
    w.may("exports.make")
    if file_format not in FORMATS:
        raise Refused("A list is given as csv, xlsx or json.", code="format", field="format")
    most = EXPORT_ROWS if w.actor.permissions & {"*", "exports.large"} else SMALL_EXPORT_ROWS
    chosen = list(islice(rows, most + 1))
    if len(chosen) > most:
        raise Refused(f"Your role may export {most} rows at a time; narrow the filters.", code="export_rows")
    out = io.BytesIO()
    if file_format == "xlsx":
        write_xlsx(out, columns, chosen, title=name, scratch=settings().data / "scratch")
    else:
        lines = csv_lines(columns, chosen, mark=True) if file_format == "csv" else json_lines(columns, chosen)
        out.writelines(lines)
    w.audit("export", "R", "list", name, detail={"format": file_format, "count": len(chosen)})
    stamp = now().strftime("%Y-%m-%dT%H%MZ")
    return file_answer(
        out.getvalue(), f"{name}-{stamp}-{w.actor.name}.{file_format}", media_type(file_format)
    )


def file_answer(data: bytes, name: str, media: str) -> Response:
    """Bytes to be saved, never shown: an uploaded page must not run here."""
    answer = Response(data, mimetype=media)
    answer.headers.set("Content-Disposition", "attachment", filename=safe_file_name(name))
    return answer


def once(verb: Callable[[Work], tuple[Any, int]], *, required: bool = True) -> Response:
    """Run a verb that moves money, once per `Idempotency-Key`; the answer is kept with its effect (C2).

    verb: gets the open `Work`; returns what the answer's JSON holds, and its status.
    The same key with the same body gets the same answer, with another body 422, without a key 422 (if
    required).
    """
    key, wanted = _key(required=required), _request_hash()
    try:
        return _once(verb, key, wanted)
    except _OvertakenError:
        # The same request was under way elsewhere and was first; ours left no trace, and its answer is ours.
        return _once(verb, key, wanted)


class _OvertakenError(Exception):
    """Another request with this key committed while ours ran."""


def _once(verb: Callable[[Work], tuple[Any, int]], key: str, wanted: str) -> Response:
    with work(actor()) as w:
        if key and (found := queries.answered(w, key)):
            if found.request_hash != wanted:
                raise Refused("This Idempotency-Key was used for another request.", code="key_reused",
                              field="Idempotency-Key")  # fmt: skip
            return _json(found.body, found.status, again=True)
        made, status = verb(w)
        body = json.dumps(made)
        if key and not service.keep_answer(w, key, wanted, status=status, body=body):
            raise _OvertakenError
    return _json(body, status)


def _key(*, required: bool) -> str:
    key = request.headers.get(KEY_HEADER, "").strip()
    if not key and required:
        raise Refused(
            f"Send an {KEY_HEADER} with a request that moves money.", code="key_missing", field=KEY_HEADER
        )
    if len(key) > KEY_CHARACTERS or not key.isascii() or not key.isprintable():
        raise Refused(
            f"A key has at most {KEY_CHARACTERS} printable characters.", code="key", field=KEY_HEADER
        )
    return key


def _request_hash() -> str:
    body = request.get_data(cache=True)
    if request.is_json:
        body = json.dumps(request.get_json(), sort_keys=True).encode()
    about = f"{request.method} {request.path}?{request.query_string.decode(errors='replace')}\n".encode()
    return hashlib.sha256(about + body).hexdigest()


def _json(body: str, status: int, *, again: bool = False) -> Response:
    answer = Response(body, status=status, mimetype="application/json")
    if again:
        answer.headers["Idempotent-Replay"] = "true"
    return answer
