"""Filters and helpers of templates. All formatting of screens is here; templates hold none."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup, escape

from app.kernel.export import FORMATS, Column, Kind
from app.kernel.money import Money
from app.web import nav
from app.web.door import can, me

NUMBERS = frozenset({Kind.MONEY, Kind.COUNT, Kind.PERCENT})
NOTHING = Markup('<span class="none" aria-label="none">–</span>')

TONES = {
    "good": "posted closed balanced matched active resolved accepted won paid approved done live verified",
    "warn": "parked held partial waiting staged snoozed pending warn queued unmatched manual triaged park "
    "hold",
    "bad": "quarantined refused rejected denied failed dead expired out_of_balance lost overdue disabled "
    "broken refuse",
    "info": "new received running assigned reading planned appealed sent rebilled info draft open note",
}
_TONE_OF = {word: tone for tone, words in TONES.items() for word in words.split()}


def install(app: Flask) -> None:
    """Register filters and globals."""
    app.jinja_env.filters.update(money=money, day=day, instant=instant, words=words, tone=tone, size=size)
    app.jinja_env.filters.update(counted=counted)
    app.jinja_env.globals.update(
        can=can,
        me=me,
        nav_links=nav.links,
        nav_more=lambda: nav.links(nav.MORE),
        with_query=with_query,
        asset=asset,
        shown=shown,
        aligned=lambda column: "num" if column.kind in NUMBERS else f"k-{column.kind.value}",
        export_formats=FORMATS,
        request_id=lambda: g.get("request_id", ""),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def money(amount: int | None) -> Markup:
    """`1,234.50`, a negative one marked by its sign and its colour; a dash when there is none."""
    if amount is None:
        return NOTHING
    text = f"{Money.of_sum(int(amount)):,}"
    shape = '<span class="money neg">{}</span>' if amount < 0 else '<span class="money">{}</span>'
    return Markup(shape).format(text)  # nosec B704 - one of two constants; format escapes what goes in


def day(value: date | str | None) -> Markup:
    """`05/30/2026`, readable to machines as well."""
    if not value:
        return NOTHING
    one = date.fromisoformat(value) if isinstance(value, str) else value
    return Markup('<time datetime="{}">{}</time>').format(one.isoformat(), one.strftime("%m/%d/%Y"))


def instant(value: datetime | None, time_zone: str = "") -> Markup:
    """A moment as the clocks of an entity show it: `05/30/2026 14:03 CDT`; UTC when no time zone is given."""
    if value is None:
        return NOTHING
    local = value.astimezone(ZoneInfo(time_zone) if time_zone else UTC)
    stamp = value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    text = local.strftime("%m/%d/%Y %H:%M")
    return Markup('<time datetime="{}">{} <span class="tz">{}</span></time>').format(
        stamp, text, local.tzname()
    )


def words(code: object) -> str:
    """`out_of_balance` as people read it: `out of balance`."""
    return str(code).replace("_", " ")


def counted(count: int, unit: str) -> str:
    """`1,204 entries`, `1 entry`: how many of what, `unit` given as the word for many."""
    return f"{count:,} {_one_of(unit) if count == 1 else unit}"


def _one_of(unit: str) -> str:
    """The word for one of a word for many."""
    if unit == "people":
        return "person"
    if unit.endswith("ies"):
        return unit[:-3] + "y"
    return unit[:-2] if unit.endswith("ches") else unit.removesuffix("s")


def tone(state: object) -> str:
    """The tone of a state's chip; the word itself says what it is, the tone only helps to find it."""
    return _TONE_OF.get(str(state), "mute")


def size(count: int | None) -> str:
    """A number of bytes as people read it."""
    amount, unit = float(count or 0), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1024 or unit == "GB":
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"


def shown(column: Column, row: Any) -> Markup | str:
    """A cell of a list."""
    value = column.of(row)
    if value is None or value == "":
        return NOTHING
    if column.kind is Kind.MONEY:
        return money(value)
    if column.kind is Kind.DAY:
        return day(value)
    if column.kind is Kind.INSTANT:
        return instant(value)
    if column.kind is Kind.STATE:
        return chip(value)
    if column.kind is Kind.FLAG:
        return "yes" if value else NOTHING
    if column.kind is Kind.COUNT:
        return f"{value:,}"
    if column.kind is Kind.PERCENT:
        return f"{value}%"
    return str(value)


def chip(state: object, label: str = "", tone_name: str = "") -> Markup:
    """A state as a chip."""
    return Markup('<span class="chip chip-{}">{}</span>').format(
        tone_name or tone(state), label or words(state)
    )


def with_query(**changes: Any) -> str:
    """This page's address with some query parameters changed; None removes one. For sort, filter and page
    links.
    """
    kept: dict[str, str] = {
        name: value for name, value in request.args.items() if name in _KNOWN or len(value) <= 200
    }
    for name, value in changes.items():
        if value in (None, ""):
            kept.pop(name, None)
        else:
            kept[name] = str(value)
    query = urlencode(kept)
    return request.path + ("?" + query if query else "")


_KNOWN = frozenset({"cursor", "sort", "limit"})


def asset(name: str) -> str:
    """The address of a static file, with its hash, so that browsers may keep it for ever."""
    return url_for("static", filename=name, v=_hash(Path(current_app.static_folder or "") / name))


@cache
def _hash(place: Path) -> str:
    return hashlib.sha256(place.read_bytes()).hexdigest()[:12]


def attributes(values: Mapping[str, Any]) -> Markup:
    """HTML attributes from a dict, escaped; None and False are left out."""
    parts = [
        Markup(' {}="{}"').format(name, value) for name, value in values.items() if value not in (None, False)
    ]
    return Markup("").join(parts) if parts else escape("")
