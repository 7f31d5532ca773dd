"""What a browser carries between two steps of a proof: sealed, for five minutes, taken out once."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from flask import session

from app.access.rules import PROOF_LIFE
from app.access.sign_in import NotSignedIn
from app.kernel.clock import now
from app.kernel.crypto import keyring


def keep(name: str, value: Any) -> None:
    """Seal something into the form's cookie, which is signed but not secret."""
    sealed = keyring().seal(json.dumps([now().isoformat(), value]), f"proof.{name}")
    session[f"proof {name}"] = base64.b64encode(sealed).decode()


def take(name: str) -> Any:
    """What was kept, once; `NotSignedIn` when there is nothing or it is too old."""
    kept = session.pop(f"proof {name}", None)
    if not isinstance(kept, str):
        raise NotSignedIn()
    at, value = json.loads(keyring().open(base64.b64decode(kept), f"proof.{name}"))
    if now() - datetime.fromisoformat(at) > PROOF_LIFE:
        raise NotSignedIn()
    return value


def challenge_taken(name: str) -> bytes:
    """The challenge of a passkey that was kept as hex."""
    return bytes.fromhex(str(take(name)))


def said(text: str) -> dict[str, Any]:
    """What a passkey's script put into the form; `NotSignedIn` when it is not a JSON object."""
    try:
        found = json.loads(text[:20_000])
    except (ValueError, binascii.Error):
        raise NotSignedIn() from None
    if not isinstance(found, dict):
        raise NotSignedIn()
    return found
