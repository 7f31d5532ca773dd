"""The opinion of fhir.resources (R4B) about what came in: each objection a warning with its JSON path.

Imported only where it is asked, because it costs half a second and 40 MB. It checks the base standard, not
the profiles of CARIN; it judges nothing.
"""

import json
from typing import Any

from fhir.resources.R4B.claimresponse import ClaimResponse
from fhir.resources.R4B.explanationofbenefit import ExplanationOfBenefit
from pydantic import ValidationError

MODELS: dict[str, Any] = {"ExplanationOfBenefit": ExplanationOfBenefit, "ClaimResponse": ClaimResponse}
MOST = 20


def objections(raw: bytes) -> list[str]:
    """What is wrong with one resource, by path; the values themselves are not repeated."""
    try:
        resource: dict[str, Any] = json.loads(raw)
    except ValueError:
        return ["it is no JSON"]
    model = MODELS.get(str(resource.get("resourceType")))
    if model is None:
        return []
    try:
        model.model_validate(resource)
    except ValidationError as problem:
        found = problem.errors(include_input=False, include_url=False)[:MOST]
        return [
            f"{'.'.join(str(part) for part in one['loc'])}: {one['type'].replace('_', ' ')}" for one in found
        ]
    return []
