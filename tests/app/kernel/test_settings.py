"""An installation that would not keep its promises does not start, and says why without a secret (S1)."""

import base64
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.kernel.errors import Refused
from app.kernel.settings import Settings, describe, refuse_unsafe, settings

GOOD_KEY = "k1:" + base64.b64encode(bytes(range(32))).decode()
GOOD_SECRET = "Vt9wZqX2mB7nLr4KpYs8Dg3HfJc6Ta1E"  # pragma: allowlist secret - of no installation
SAFE = {"mode": "production", "keys": SecretStr(GOOD_KEY), "secret": SecretStr(GOOD_SECRET)}


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with an empty data folder and nothing read yet."""
    monkeypatch.setenv("RECLAIM_DATA", str(tmp_path / "data"))
    settings.cache_clear()


def chosen(tmp_path: Path, **changes: object) -> Settings:
    given: dict[str, Any] = {"data": tmp_path / "data", **SAFE, **changes}
    return Settings(**given)


def test_a_safe_production_starts(tmp_path: Path) -> None:
    refuse_unsafe(chosen(tmp_path))
    everywhere = "0.0.0.0"  # nosec B104 - behind TLS that is allowed
    refuse_unsafe(chosen(tmp_path, host=everywhere, behind_tls=True, trusted_hosts="reclaim.clinic.example"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"keys": SecretStr("")}, "RECLAIM_KEYS is empty"),
        ({"keys": SecretStr("k1:c2hvcnQ=")}, "key 1 is not id:base64 of 32 random bytes"),
        ({"keys": SecretStr("k1:" + "A" * 43 + "=")}, "key 1 is not id:base64 of 32 random bytes"),
        ({"keys": SecretStr("k1:not base64 at all")}, "key 1 is not id:base64"),
        ({"keys": SecretStr(f"{GOOD_KEY},{GOOD_KEY}")}, "the same key id twice"),
        ({"secret": SecretStr("")}, "RECLAIM_SECRET is empty"),
        ({"secret": SecretStr("Vt9wZqX2mB7nLr")}, "shorter than 32"),
        ({"secret": SecretStr("changeme-changeme-changeme-changeme-1")}, "looks like an example"),
        ({"secret": SecretStr("ab" * 20)}, "looks like an example"),
        ({"host": "0.0.0.0"}, "cross the network in clear"),  # nosec B104
        ({"host": "::", "behind_tls": False}, "cross the network in clear"),
        ({"behind_tls": True}, "RECLAIM_TRUSTED_HOSTS must name"),
        ({"failpoints": "a.b=raise"}, "no place in production"),
        ({"broker_url": "redis://broker.example:6379"}, "without a password"),
        ({"database_url": "mysql://localhost/x"}, "must begin with sqlite"),
    ],
)
def test_an_unsafe_production_does_not_start(
    tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence) as refusal:
        refuse_unsafe(chosen(tmp_path, **changes))
    assert GOOD_KEY not in str(refusal.value)
    assert GOOD_SECRET not in str(refusal.value)


def test_a_folder_others_may_enter_is_refused_in_production(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    with pytest.raises(Refused, match="chmod 700"):
        refuse_unsafe(chosen(tmp_path))


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        refuse_unsafe(Settings(mode="production", host="0.0.0.0"))  # nosec B104
    assert len(str(refusal.value).splitlines()) == 3


def test_a_demo_makes_its_keys_once_and_keeps_them_to_itself(tmp_path: Path) -> None:
    first = settings()
    settings.cache_clear()
    assert settings().keys == first.keys
    assert settings().secret == first.secret
    for name in ("demo.keys", "demo.secret"):
        assert stat.S_IMODE((tmp_path / "data" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    refuse_unsafe(chosen(tmp_path, keys=first.keys, secret=first.secret))


def test_a_demo_answers_on_this_machine_only(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="a demo answers on"):
        refuse_unsafe(Settings(host="0.0.0.0"))  # nosec B104


def test_production_makes_nothing_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RECLAIM_MODE", "production")
    with pytest.raises(Refused, match="RECLAIM_KEYS is empty"):
        settings()
    assert not (tmp_path / "data").exists()


def test_a_variable_nobody_reads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECLAIM_PROT", "8601")
    with pytest.raises(Refused, match="RECLAIM_PROT is not a setting; RECLAIM_PORT is"):
        settings()


def test_a_wrong_value_is_named_without_being_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECLAIM_PORT", "hunter2")
    with pytest.raises(Refused, match="RECLAIM_PORT: ") as refusal:
        settings()
    assert "hunter2" not in str(refusal.value)


def test_printing_the_settings_shows_no_secret(tmp_path: Path) -> None:
    url = "postgresql://reclaim:hunter2@db/reclaim"  # pragma: allowlist secret - invented
    shown = repr(chosen(tmp_path, database_url=url))
    assert not [secret for secret in (GOOD_KEY, GOOD_SECRET, "hunter2") if secret in shown]


def test_every_variable_has_a_meaning_and_every_number_a_unit() -> None:
    for row in describe():
        assert row.meaning
        assert row.unit or not row.default.isdigit() or row.name in ("RECLAIM_PORT", "RECLAIM_SMTP_PORT"), row
