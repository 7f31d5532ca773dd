"""Outside identity providers, as the settings name them."""

import json
import re
from dataclasses import dataclass

from app.kernel.errors import Refused

_NAME = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)


@dataclass(frozen=True)
class Provider:
    """One OpenID Connect provider. name: stands in our addresses; label: what people call it."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str
    strong: bool = False

    @property
    def configuration(self) -> str:
        """Where it describes itself (OpenID Connect Discovery 1.0, section 4)."""
        return self.issuer.rstrip("/") + "/.well-known/openid-configuration"


def read_providers(text: str, *, plain_http: bool = False) -> tuple[Provider, ...]:
    """The providers of RECLAIM_IDENTITY_PROVIDERS; `Refused` with what is wrong, never with a secret.

    strong: true when the provider asks everybody for two proofs. plain_http: a demo may ask its own machine.
    """
    if not text.strip():
        return ()
    try:
        rows = json.loads(text)
    except ValueError:
        raise Refused("RECLAIM_IDENTITY_PROVIDERS is not JSON.", code="settings") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused("RECLAIM_IDENTITY_PROVIDERS is a list of objects.", code="settings")
    found = tuple(_provider(row) for row in rows)
    for one in found:
        safe = one.issuer.startswith("https://") or (plain_http and one.issuer.startswith("http://127.0.0.1"))
        if not _NAME.fullmatch(one.name) or not safe or not one.client_id:
            raise Refused(
                f"RECLAIM_IDENTITY_PROVIDERS: {one.name[:40]!r} needs a name of small letters, an https "
                "issuer and a client_id.",
                code="settings",
            )
    if len({one.name for one in found}) < len(found):
        raise Refused("RECLAIM_IDENTITY_PROVIDERS names a provider twice.", code="settings")
    return found


def _provider(row: dict[str, object]) -> Provider:
    words = {name: str(row.get(name, "")) for name in ("name", "issuer", "client_id", "client_secret")}
    return Provider(
        **words, label=str(row.get("label") or words["name"].capitalize()), strong=row.get("strong") is True
    )


def twice(claims: dict[str, object], provider: Provider) -> bool:
    """Did the provider ask for two proofs? It says so in `amr` (RFC 8176), or always does."""
    said = claims.get("amr")
    methods = {str(one) for one in said} if isinstance(said, list) else set()
    two = "pwd" in methods and methods & {"hwk", "otp", "fpt", "face", "sc"}
    return provider.strong or "mfa" in methods or bool(two)
