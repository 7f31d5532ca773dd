"""Every variable of an installation, its unit and its default, read once; README's table is compared with
it by a test.

Two modes. `demo` runs on this machine only and makes its own keys on first use, so that one command shows
the product. `production` makes nothing up: whatever is missing or unsafe is a refusal to start, one
sentence per problem.
"""

import base64
import binascii
import difflib
import os
import secrets
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.kernel.errors import Refused

ROOT = Path(__file__).resolve().parent.parent.parent
PREFIX = "RECLAIM_"
KEY_BYTES = 32
SECRET_CHARACTERS = 32
WELL_KNOWN = (
    "changeme",
    "change-me",
    "secret",
    "password",
    "default",
    "example",
    "reclaim",
    "insecure",
    "dev-key",
)


def variable(default: Any, meaning: str, *, unit: str = "", **rules: Any) -> Any:
    """One setting. unit: what a number counts, empty for text; rules: bounds pydantic checks."""
    return Field(default, description=meaning, json_schema_extra={"unit": unit}, **rules)


class Settings(BaseSettings):
    """The installation as its environment describes it; immutable, and printing it shows no secret."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    mode: Literal["demo", "production"] = variable(
        "demo", "demo makes its own keys; production refuses what is unsafe"
    )
    data: Path = variable(
        ROOT / "var", "where files, the SQLite database and the doorbell live", unit="folder"
    )
    database_url: str = variable(
        "", "sqlite:/// or postgresql://; empty: SQLite in the data folder", repr=False
    )
    broker_url: str = variable(
        "", "redis://, rediss:// or amqp://; empty: a doorbell in the data folder", repr=False
    )
    keys: SecretStr = variable(
        SecretStr(""), "encryption keys as id:base64 of 32 bytes, newest first, comma between; demo makes one"
    )
    secret: SecretStr = variable(SecretStr(""), "signs cookies, 32 characters or more; demo makes one")
    host: str = variable("127.0.0.1", "address the web server listens on")
    port: int = variable(8600, "port the web server listens on", ge=1, le=65535)
    behind_tls: bool = variable(False, "a proxy in front speaks HTTPS and sets X-Forwarded-Proto and -For")
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = variable(
        ("127.0.0.1", "localhost"), "host names requests may ask for, comma between"
    )
    web_threads: int = variable(8, "requests answered at the same time", unit="threads", ge=1, le=256)
    worker_threads: int = variable(2, "jobs done at the same time", unit="threads", ge=1, le=64)
    watch: Path | None = variable(
        None, "files put here are imported; empty: no folder is watched", unit="folder"
    )
    upload_bytes: int = variable(
        104_857_600, "largest file taken through page and API", unit="bytes", ge=1_000
    )
    hook_hosts: Annotated[tuple[str, ...], NoDecode] = variable(
        (), "hosts of the own network that webhooks may reach, also without HTTPS, comma between"
    )
    sftp_hosts: Annotated[tuple[str, ...], NoDecode] = variable(
        (), "hosts of the own network that claims may be sent to by SFTP, comma between"
    )
    send_folder: Path | None = variable(
        None,
        "receivers by folder are folders below this one; empty: outgoing in the data folder",
        unit="folder",
    )
    smtp_host: str = variable("", "mail server that takes e-mails to patients; empty: none are sent")
    smtp_port: int = variable(587, "its port", ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = variable(
        "starttls", "how the line is closed to others; none only for a server on this machine"
    )
    smtp_user: str = variable("", "login at the mail server; empty: it asks for none")
    smtp_password: SecretStr = variable(SecretStr(""), "its password")
    smtp_from: str = variable("", "address e-mails come from, as Example Clinic <billing@clinic.example>")
    smtp_seconds: int = variable(
        20, "longest wait for an answer of the mail server", unit="seconds", ge=1, le=300
    )
    session_idle_minutes: int = variable(
        15, "a session ends after this long without a click", unit="minutes", ge=1, le=60
    )
    session_hours: int = variable(12, "a session ends after this long in any case", unit="hours", ge=1, le=24)
    origin: str = variable(
        "", "address people type, https://host; passkeys belong to it; empty: a demo's http://localhost:port"
    )
    identity_providers: SecretStr = variable(
        SecretStr(""),
        'OpenID Connect as JSON: [{"name", "label", "issuer", "client_id", "client_secret"}]; empty: none',
    )
    newcomers: bool = variable(
        False, "somebody an identity provider vouches for and nobody knows gets an account without a role"
    )
    breached_passwords: Path | None = variable(
        None, "SHA-1 hashes of leaked passwords, one per line, sorted; empty: our own list", unit="file"
    )
    api_per_minute: int = variable(
        600, "requests one token may make", unit="requests per minute", ge=10, le=100_000
    )
    rate_url: str = variable(
        "memory://", "where requests are counted: memory:// for one process, redis:// for several", repr=False
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = variable(
        "INFO", "least severe line that is logged"
    )
    failpoints: str = variable(
        "", "places where tests break the product, name=kill, raise or sleep:2; never in production"
    )

    @field_validator("trusted_hosts", "hook_hosts", "sftp_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(filter(None, (name.strip().lower() for name in value.split(","))))
        return value

    @field_validator("data", "watch", "send_folder", "breached_passwords")
    @classmethod
    def _make_absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value is not None else None

    @model_validator(mode="before")
    @classmethod
    def _fill_urls(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The database URL in the one spelling SQLAlchemy understands, and in full."""
        url = str(values.get("database_url") or "")
        if url.startswith("postgres://"):
            values["database_url"] = "postgresql://" + url.removeprefix("postgres://")
        if not url:
            data = Path(str(values.get("data") or ROOT / "var")).expanduser().absolute()
            values["database_url"] = f"sqlite:///{data}/reclaim.sqlite3"
        values["broker_url"] = str(values.get("broker_url") or "filesystem://localhost//")
        return values

    @property
    def files(self) -> Path:
        """The file store: every file that came in or went out, by content hash."""
        return self.data / "files"

    @property
    def outgoing(self) -> Path:
        """The folder below which receivers by folder have theirs."""
        return self.send_folder or self.data / "outgoing"

    @property
    def doorbell(self) -> Path:
        """Folder of the broker that needs no server; nothing in it is worth keeping."""
        return self.data / "doorbell"

    @property
    def production(self) -> bool:
        """True when real patients may be in here."""
        return self.mode == "production"

    @property
    def own_origin(self) -> str:
        """Scheme and host as browsers see them; empty in production while nobody said so."""
        return self.origin.rstrip("/") or ("" if self.production else f"http://localhost:{self.port}")

    @property
    def kind(self) -> str:
        """The database product: "sqlite" or "postgresql"."""
        return self.database_url.partition(":")[0].partition("+")[0]

    @property
    def on_loopback(self) -> bool:
        """True when only this machine can reach the web server."""
        return self.host == "localhost" or _is_loopback(self.host)

    def with_own_keys(self) -> Self:
        """The same with a demo's own keys, made on first use and kept, mode 0600, in the data folder."""
        made = {}
        if not self.keys.get_secret_value():
            made["keys"] = SecretStr(
                _kept(self.data / "demo.keys", "demo:" + _b64(secrets.token_bytes(KEY_BYTES)))
            )
        if not self.secret.get_secret_value():
            made["secret"] = SecretStr(_kept(self.data / "demo.secret", secrets.token_urlsafe(48)))
        return self.model_copy(update=made)


@cache
def settings() -> Settings:
    """What the environment says, read once per process; refuses with every problem, one per line."""
    try:
        read = Settings()
    except ValidationError as problem:
        raise Refused("\n".join(_spoken(problem)), code="settings") from None
    if not read.production:
        read = read.with_own_keys()
    refuse_unsafe(read)
    return read


def refuse_unsafe(chosen: Settings) -> None:
    """Refuse an installation that would not keep its promises; one sentence per problem, without secrets."""
    found = [*_unknown_names(), *_any_mode(chosen)]
    if chosen.production:
        found += [*_weak_secrets(chosen), *_weak_installation(chosen)]
    if found:
        raise Refused("\n".join(found), code="unsafe_settings")


class Variable(NamedTuple):
    """A row of README's table; default is the text a person would type, unit what a number counts."""

    name: str
    unit: str
    default: str
    meaning: str


def describe() -> Iterator[Variable]:
    """Every variable in the order of the class."""
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
        yield Variable(PREFIX + name.upper(), unit, _typed(field.default), field.description or "")


def _typed(default: object) -> str:
    if isinstance(default, SecretStr) or default is None:
        return ""
    if isinstance(default, tuple):
        return ",".join(default)
    if isinstance(default, Path):
        return default.relative_to(ROOT).as_posix() + "/"
    return str(default).lower() if isinstance(default, bool) else str(default)


def _spoken(problem: ValidationError) -> Iterator[str]:
    """What pydantic found, without the values it found: a value may be a secret."""
    for error in problem.errors(include_input=False, include_url=False, include_context=False):
        name = "_".join(str(part) for part in error["loc"][:1])
        yield f"{PREFIX}{name.upper()}: {error['msg']}."


def _unknown_names() -> Iterator[str]:
    """A variable nobody reads is a setting somebody believes in."""
    known = [row.name for row in describe()]
    for name in sorted(set(os.environ) - set(known)):
        if name.startswith(PREFIX):
            near = difflib.get_close_matches(name, known, n=1)
            yield f"{name} is not a setting" + (f"; {near[0]} is." if near else ".")


def _any_mode(chosen: Settings) -> Iterator[str]:
    if chosen.kind not in ("sqlite", "postgresql"):
        yield "RECLAIM_DATABASE_URL must begin with sqlite:/// or postgresql://."
    if not chosen.production and not chosen.on_loopback:
        yield f"RECLAIM_HOST is {chosen.host}: a demo answers on 127.0.0.1 only, see RECLAIM_MODE."


def _weak_secrets(chosen: Settings) -> Iterator[str]:
    keys = [part.strip() for part in chosen.keys.get_secret_value().split(",") if part.strip()]
    if not keys:
        yield "RECLAIM_KEYS is empty: production needs one, k1:$(head -c 32 /dev/urandom | base64)."
    names = [key.partition(":")[0] for key in keys]
    if len(set(names)) < len(names):
        yield "RECLAIM_KEYS names the same key id twice."
    for position, key in enumerate(keys, start=1):
        if not _strong_key(key):
            yield f"RECLAIM_KEYS: key {position} is not id:base64 of {KEY_BYTES} random bytes."
    secret = chosen.secret.get_secret_value()
    if not secret:
        yield "RECLAIM_SECRET is empty: production needs one, $(head -c 32 /dev/urandom | base64)."
    elif len(secret) < SECRET_CHARACTERS:
        yield f"RECLAIM_SECRET is shorter than {SECRET_CHARACTERS} characters."
    elif len(set(secret)) < 12 or any(word in secret.lower() for word in WELL_KNOWN):
        yield "RECLAIM_SECRET looks like an example; a secret is random."


def _weak_installation(chosen: Settings) -> Iterator[str]:
    if not chosen.on_loopback and not chosen.behind_tls:
        yield (
            f"RECLAIM_HOST is {chosen.host}, so passwords and patients would cross the network in clear: "
            "put a proxy with HTTPS in front and set RECLAIM_BEHIND_TLS=true, or listen on 127.0.0.1."
        )
    if chosen.behind_tls and set(chosen.trusted_hosts) <= {"127.0.0.1", "localhost"}:
        yield "RECLAIM_TRUSTED_HOSTS must name the host people type, so that no other name is answered."
    if chosen.origin and not chosen.origin.startswith("https://"):
        yield "RECLAIM_ORIGIN must begin with https://: a passkey over plain HTTP is no proof."
    if chosen.smtp_host and chosen.smtp_security == "none" and not _is_loopback(chosen.smtp_host):
        yield "RECLAIM_SMTP_SECURITY is none: e-mails would cross the network in clear; use starttls or tls."
    if chosen.failpoints:
        yield "RECLAIM_FAILPOINTS breaks the product on purpose and has no place in production."
    if chosen.data.is_dir() and chosen.data.stat().st_mode & 0o077:
        yield f"The folder {chosen.data} can be entered by other users: chmod 700 it."
    host = urlsplit(chosen.broker_url).hostname or ""
    if (
        chosen.broker_url.startswith(("redis:", "amqp:"))
        and "@" not in chosen.broker_url
        and not _is_loopback(host)
    ):
        yield "RECLAIM_BROKER_URL names another machine without a password."


def _strong_key(key: str) -> bool:
    name, _, text = key.partition(":")
    try:
        material = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(name) and quote(name) == name and len(material) == KEY_BYTES and len(set(material)) >= 12


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _b64(material: bytes) -> str:
    return base64.b64encode(material).decode("ascii")


def _kept(place: Path, fresh: str) -> str:
    """The text kept at `place`; `fresh` when nothing was there. Several processes agree on the first."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not place.exists():
        draft = place.with_name(f"{place.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(fresh)
        try:
            os.link(draft, place)
        except FileExistsError:
            pass  # another process was first, and its key is the key
        finally:
            draft.unlink()
    return place.read_text()
