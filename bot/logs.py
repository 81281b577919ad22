"""Logging: one JSON line each, nothing personal. Residents appear as their tag (an HMAC), words never."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

# What looks personal is masked even where a line should never have held it.
_PERSONAL = re.compile(r"\d{17}[\dXx]|(?<!\d)1[3-9]\d{9}(?!\d)|\bo[A-Za-z0-9_-]{27}\b")


def where(bug: BaseException) -> dict[str, object]:
    """The exception's type and its lines, innermost last: no message, no locals, they may be personal."""
    frames = traceback.extract_tb(bug.__traceback__)
    return {
        "error": type(bug).__name__,
        "trace": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _PERSONAL.sub("***", value)
    if isinstance(value, list | tuple):
        return [_masked(v) for v in value]
    return value


def mask(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor; the last one before the renderer."""
    return {key: _masked(value) for key, value in line.items()}


def configure(level: str = "INFO") -> None:
    """Our lines and other libraries' alike, as JSON on standard error."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                mask,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # at DEBUG it writes URLs with tokens in them
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
