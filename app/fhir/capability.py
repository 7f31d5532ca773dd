"""The CapabilityStatement: exactly what works, made from the tables that the door uses."""

from collections.abc import Mapping
from typing import Any

from app import __version__
from app.fhir.wire import MEDIA, Resource

TYPES = {"identifier": "token", "patient": "reference", "status": "token", "date": "date", "created": "date",
         "_lastUpdated": "date"}  # fmt: skip


def statement(parameters: Mapping[str, Mapping[str, Any]], url: str) -> Resource:
    """What may be asked. parameters: resource type -> its search parameters."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "software": {"name": "Reclaim", "version": __version__},
        "implementation": {"description": "Reclaim, read only", "url": url},
        "fhirVersion": "4.0.1",
        "format": [MEDIA, "json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "Bearer token of the API; every read is recorded."},
                "resource": [_resource(kind, known) for kind, known in parameters.items()],
            }
        ],
    }


def _resource(kind: str, known: Mapping[str, Any]) -> Resource:
    return {
        "type": kind,
        "versioning": "versioned",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": name, "type": TYPES[name]} for name in known],
    }
