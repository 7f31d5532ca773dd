"""Fields a caller may not set change nothing: a body with one is refused, and the field is named (A3)."""

from importlib import import_module
from pathlib import Path

import pytest
from marshmallow import RAISE, Schema, ValidationError

from app.web.application import make_app
from tests.conftest import House

APP = Path(__file__).parents[2] / "app"
FORBIDDEN = ("id", "entity_id", "state", "amount", "owner_id", "posted_hash", "roles")


def schemas() -> dict[str, type[Schema]]:
    """Every schema of the API by the name its description uses."""
    found: dict[str, type[Schema]] = {}
    for place in sorted([*APP.glob("*/schemas*.py"), *APP.glob("*/api*.py")]):
        module = import_module(f"app.{place.parent.name}.{place.stem}")
        found |= {
            name: one
            for name, one in vars(module).items()
            if isinstance(one, type) and issubclass(one, Schema)
        }
    return found


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_no_body_takes_a_field_its_description_does_not_name(house: House) -> None:
    paths = make_app().test_client().get("/api/v1/openapi.json").get_json()["paths"]
    bodies = {
        content["schema"]["$ref"].rpartition("/")[2]
        for operations in paths.values()
        for name, operation in operations.items()
        if name in ("post", "put", "patch", "delete")
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        if kind == "application/json"
    }
    known = schemas()
    assert bodies, "the description names no body"
    assert sorted(bodies - set(known)) == [], "a body nobody looks at"
    for name in sorted(bodies):
        schema = known[name]()
        assert schema.unknown == RAISE, name
        for field in set(FORBIDDEN) - set(schema.fields):
            with pytest.raises(ValidationError) as refused:
                schema.load({field: 1})
            assert "Unknown field." in refused.value.normalized_messages()[field], name
