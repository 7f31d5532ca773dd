"""The border to `letters`: a dispute as a letter to the payer."""

from datetime import date
from typing import Any

from letters import render

LETTER = "underpayment_dispute"


def letter(facts: dict[str, Any], *, on: date) -> tuple[bytes, str]:
    """The letter as a tagged PDF, and the version of its template; facts as its letter.toml declares them."""
    made = render(LETTER, facts, on=on)
    return made.pdf, made.version
