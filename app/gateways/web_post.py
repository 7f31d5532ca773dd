"""Sending a body to an address somebody else chose, without being led elsewhere.

The name is looked up once and the connection goes to that very address, so a name that points outside while
we look and inside while we connect gains nothing. Redirects are not followed; addresses of the own network
are refused unless the host is one the operator named (RECLAIM_HOOK_HOSTS).
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import httpx

from app.kernel.errors import Refused
from app.kernel.settings import settings

SECONDS = 10.0
ANSWER_CHARACTERS = 200


@dataclass(frozen=True)
class Answer:
    """What came back. status: the HTTP status, 0 when there was no answer; words: why not, for a person."""

    status: int
    words: str = ""

    @property
    def taken(self) -> bool:
        """Did the receiver say it has it?"""
        return 200 <= self.status < 300


def checked(url: str) -> SplitResult:
    """The parts of an address a webhook may go to; `Refused` with the reason otherwise. Looks no name up."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("This is not an address of a web server.", code="url", field="url") from None
    host = (parts.hostname or "").lower()
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise Refused("This is not an address of a web server.", code="url", field="url")
    if parts.username or parts.password or parts.fragment:
        raise Refused("An address carries no name, password or fragment.", code="url", field="url")
    named = host in settings().hook_hosts
    if parts.scheme != "https" and not (parts.scheme == "http" and named):
        raise Refused("Webhooks go to https:// addresses only.", code="url", field="url")
    if port not in (None, 443) and not named:
        raise Refused("Webhooks go to port 443.", code="url", field="url")
    return parts


def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Send a body and return what the receiver said; never raises for what the network does."""
    try:
        parts = checked(url)
        address = _address(parts)
    except Refused as refusal:
        return Answer(0, refusal.message)
    except OSError:
        return Answer(0, "The host name is not known.")
    host = parts.hostname or ""
    shown = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=shown + (f":{parts.port}" if parts.port else "")).geturl()
    named = {**headers, "Host": host + (f":{parts.port}" if parts.port else "")}
    try:
        with httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False) as client:
            request = client.build_request(
                "POST", target, headers=named, content=body, extensions={"sni_hostname": host}
            )
            answer = client.send(request, stream=True)
            try:
                return Answer(answer.status_code, "" if answer.is_success else f"HTTP {answer.status_code}")
            finally:
                answer.close()
    except httpx.HTTPError as problem:
        return Answer(0, type(problem).__name__[:ANSWER_CHARACTERS])


def _address(parts: SplitResult) -> str:
    """Where the name points; refused when any of its addresses lies inside."""
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if host.lower() not in settings().hook_hosts:
        for one in found:
            if not ip_address(one.partition("%")[0]).is_global:
                raise Refused("This host lies inside the own network.", code="url", field="url")
    return found[0]
