"""The watched folder: what lies still is offered like an upload and moved aside; half-written files wait."""

import os
from pathlib import Path

import structlog

from app.flows import receive_file
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.settings import settings
from app.kernel.work import system

STILL_SECONDS = 3.0
"""A file that was written to a moment ago may still be growing (complete-file rule)."""
log = structlog.get_logger()


def look() -> int:
    """Offer every complete file of the folder; returns how many. Twice is once: bytes have one hash."""
    folder = settings().watch
    if folder is None or not folder.is_dir():
        return 0
    offered = 0
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        try:
            if path.is_file() and not path.is_symlink() and not _unfinished(path):
                offered += _offer(path)
        except FileNotFoundError:
            continue  # another look in the same moment has taken it; it was offered by one of the two
    return offered


def _unfinished(path: Path) -> bool:
    hidden = path.name.startswith(".") or path.suffix in (".part", ".tmp", ".filepart")
    return hidden or path.stat().st_mtime > now().timestamp() - STILL_SECONDS


def _offer(path: Path) -> int:
    try:
        with path.open("rb") as content:
            receive_file.offer(system("folder", door="folder"), content, path.name)
    except Refused as refusal:
        log.warning("folder_refused", code=refusal.code)
        _move(path, "refused")
        return 0
    _move(path, "done")
    return 1


def _move(path: Path, where: str) -> None:
    target = path.parent / where
    target.mkdir(exist_ok=True)
    place = target / path.name
    number = 1
    while place.exists():
        place = target / f"{path.stem}-{number}{path.suffix}"
        number += 1
    os.replace(path, place)
