"""Logs carry ids and codes only (D1): a field that is not on the list below does not reach a line, whoever
sends it.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from app.kernel.settings import settings

# fmt: off
ALLOWED = frozenset((
    "event", "level", "timestamp", "request_id", "method", "endpoint", "status", "ms", "person", "door",
    "job", "kind", "attempt", "file_id", "entity_id", "code", "place", "count", "bytes", "signal", "pid",
    "port", "mode", "version", "seconds", "error_type",
))
# fmt: on
"""The fields a line may have. `endpoint` is the name of a route, never its URL; `place` is a file and line
of ours.
"""


def _only_allowed(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in line.items() if name in ALLOWED}


def configure() -> None:
    """Write one JSON object per line to stderr. Libraries' own chatter is cut to warnings without their
    arguments.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings().log_level]
        ),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Quiet()]
    root.setLevel(logging.WARNING)


class _Quiet(logging.Handler):
    """Lines of libraries: their logger, level and place; their words may quote data and stay out."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line without its message."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        place = f"{record.name}:{record.funcName}:{record.lineno}"
        structlog.get_logger().warning("library", place=place, code=record.levelname, error_type=error)


def place_of(problem: BaseException) -> str:
    """Where a problem happened, `app/remits/service.py:88 post`: never its words, which may quote a
    patient.
    """
    trace, place = problem.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        name = code.co_filename.replace("\\", "/")
        for root in ("/app/", "/edi/", "/letters/"):
            if root in name and "/site-packages/" not in name:
                place = f"{root.strip('/')}/{name.rsplit(root, 1)[1]}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next
    return place
