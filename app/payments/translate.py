"""The border to `letters`: a payment as its receipt."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import letters


def receipt(facts: Mapping[str, Any], *, on: date, language: str) -> bytes:
    """The PDF of a receipt, in the guarantor's language where there are words in it."""
    lang = language if language in ("en", "es") else "en"
    return bytes(letters.render("receipt", dict(facts), on=on, lang=lang).pdf)
