"""How the API's description says what can go wrong: every status an operation may answer, by name.

Views name their success; refusals come from the gate, the parsers and the verbs alike, so they are written
here, once, by the kind of operation. A status that is not in the description is never answered (F5).
"""

from typing import Any

from apispec import APISpec
from marshmallow import Schema

WAIT = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer", "minimum": 1}}}
REFUSALS = {
    400: ("NOT_UNDERSTOOD", "The request could not be read as HTTP, JSON or a form"),
    401: ("SIGN_IN", "No token, one that ended, or a login that is not right"),
    403: ("NOT_PERMITTED", "The role, its second factor or the token's rights do not allow this"),
    404: ("NOT_FOUND", "There is no such thing, or it belongs to an entity that is not yours"),
    409: ("NOT_NOW", "Its state does not allow this, or somebody changed it since the version you saw"),
    413: ("TOO_LARGE", "The body is larger than what is taken"),
    415: ("OTHER_KIND", "The body is of a kind that is not taken here"),
    422: ("NOT_RIGHT", "A field or parameter is not right; `field` names it"),
    429: ("TOO_MANY", "Too many requests; ask again after the seconds of Retry-After"),
    503: ("BUSY", "The house is busy and changed nothing; ask again after the seconds of Retry-After"),
}
ALWAYS = (400, 422, 429, 503)
WITH_TOKEN = (401, 403)
_REFUSAL = {"$ref": "#/components/schemas/ErrorShape"}
CHANGES = ("post", "put", "patch", "delete")


def errors(spec: APISpec, shape: type[Schema]) -> None:
    """Name every refusal of every operation that is registered by now; call after the last blueprint.

    shape: the schema every refusal has. What a view says itself about a status stays.
    """
    for status, (name, words) in REFUSALS.items():
        more = {"headers": WAIT} if status in (429, 503) else {}
        spec.components.response(
            name, {"description": words, "content": {"application/json": {"schema": shape}}, **more}
        )
    for path, operations in spec._paths.items():
        for method, operation in operations.items():
            if method != "parameters":
                _name(path, method, operation)


def _name(path: str, method: str, operation: dict[str, Any]) -> None:
    taken = set(ALWAYS)
    if operation.get("security") != []:
        taken |= set(WITH_TOKEN)
    elif operation.get("requestBody"):
        taken.add(401)  # a door to come in by
    if "{" in path or any(one.get("name") == "entity" for one in operation.get("parameters", [])):
        taken.add(404)
    if method in CHANGES:
        taken |= {404, 409}
    if operation.get("requestBody"):
        taken |= {413, 415}
    said = operation.setdefault("responses", {})
    for status in sorted(taken):
        told = said.get(str(status))
        if told is None or "$ref" in told:
            said[str(status)] = {"$ref": f"#/components/responses/{REFUSALS[status][0]}"}
        else:
            told.setdefault("content", {"application/json": {"schema": _REFUSAL}})
