"""Logging: one JSON line each, nothing personal. Residents appear as their tag (an HMAC), words never."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

from bot import personal

# What looks personal is masked even where a line should never have held it.
_PERSONAL = re.compile(
    rf"\d{{17}}[\dXx]|{personal.ID_NUMBER}|{personal.MOBILE}|{personal.OPENID}"
    r"|(?<=openid=)[^&\s]+"  # WeChat puts it into the address of every push
    r"|(?<=/wechat\?)\S+"  # with a signature that can be used for five minutes
)

_SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
# One list, however often it is configured: loggers keep the one that they met first.
_LINE: list[Any] = [*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def where(bug: BaseException) -> dict[str, object]:
    """The exception's type and its lines, innermost last: no message, no locals, they may be personal."""
    frames = traceback.extract_tb(bug.__traceback__)
    return {
        "error": type(bug).__name__,
        "trace": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def trouble(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor that puts `where` in place of an exception: its message may be personal."""
    given = line.pop("exc_info", None)
    bug = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    return {**line, **where(bug)} if isinstance(bug, BaseException) else line


def _masked(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_masked(v) for v in value]
    if isinstance(value, dict):
        return {str(_masked(k)): _masked(v) for k, v in value.items()}
    return _PERSONAL.sub("***", value if isinstance(value, str) else repr(value))


def mask(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor; the last one before the renderer."""
    return {key: _masked(value) for key, value in line.items()}


def configure(level: str = "INFO") -> None:
    """Our lines and other libraries' alike, as JSON on standard error."""
    structlog.configure(
        processors=_LINE,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                trouble,
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
    for name in ("gunicorn.error", "gunicorn.access"):  # their own lines hold addresses, with the openid
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True
