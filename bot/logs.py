"""Logging: one JSON object per line, nothing personal. Residents appear as their tag (an HMAC), words
never."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.reading import personal

# What looks personal is masked even if a line should never have contained it.
_PERSONAL = re.compile(
    rf"\d{{17}}[\dXx]|{personal.ID_NUMBER}|{personal.MOBILE}|{personal.OPENID}"
    r"|(?<=openid=)[^&\s]+"  # WeChat puts it into the address of every push
    r"|(?<=/wechat\?)\S+"  # with a signature that can be used for five minutes
)
_MAY_BE_PERSONAL = re.compile(r"\d{11}|o[\w-]{27}|openid=|/wechat\?")
"""Matches whatever `_PERSONAL` matches, also once it is encoded."""


def where(bug: BaseException) -> dict[str, object]:
    """Returns the exception's type and its lines, innermost last; no message and no locals, which may be
    personal."""
    frames = traceback.extract_tb(bug.__traceback__)
    return {
        "error": type(bug).__name__,
        "trace": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _PERSONAL.sub("***", value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_masked(v) for v in value]
    if isinstance(value, dict):
        return {str(_masked(k)): _masked(v) for k, v in value.items()}
    return _PERSONAL.sub("***", repr(value))


def _encoded(line: MutableMapping[str, Any], level: str) -> str:
    """Returns one line of JSON: `where` in place of an exception, everything masked, level and time at the
    end."""
    given = line.pop("exc_info", None)
    bug = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(bug, BaseException):
        line = {**line, **where(bug)}
    now = datetime.now(UTC).replace(tzinfo=None)  # wall clock: of the log
    line = {**line, "level": level, "timestamp": f"{now.isoformat(timespec='microseconds')}Z"}
    text = _JSON.encode(line)
    if _MAY_BE_PERSONAL.search(text):  # as in few lines
        text = _JSON.encode(_masked(line))
    return text + "\n"


class _Following(threading.local):
    trace = ""


_following = _Following()


class tracing:
    """Assigns the lines of this thread to a delivery. `trace`: 32 hexadecimal digits."""

    def __init__(self, trace: str) -> None:
        self._trace = trace

    def __enter__(self) -> None:
        self._before, _following.trace = _following.trace, self._trace

    def __exit__(self, *_: object) -> None:
        _following.trace = self._before


def traceparent() -> dict[str, str]:
    """Returns the header that names the delivery to a called service: https://www.w3.org/TR/trace-context/"""
    trace = _following.trace
    return {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"} if trace else {}


Observe = Callable[[str, Mapping[str, Any]], None]
"""Gets level and line, also of a line that is not written."""
_observers: list[Observe] = []


def observe(observer: Observe | None) -> None:
    """Sets the observer that counts log lines. One at a time."""
    _observers[:] = [observer] if observer else []


def _line(_: Any, level: str, line: MutableMapping[str, Any]) -> str:
    """Implements a structlog processor, for our own lines."""
    for observer in _observers:
        try:
            observer(level, line)
        except Exception as e:  # a full disk, a bug: counting must not fail a turn
            _OUT.error(_encoded({"event": "not counted", "line": line["event"], **where(e)}, "error"))
    if _LEVELS[level] < _ROOT.level:
        raise structlog.DropEvent
    text = _encoded(line, level)
    if trace := _following.trace:  # added after masking: some of its digits may look like a mobile number
        return f'{text[:-2]}, "trace_id": "{trace}"}}\n'
    return text


class _Foreign(logging.Formatter):
    """Formats other libraries' lines the same way."""

    def format(self, record: logging.LogRecord) -> str:
        return _encoded({"event": record.getMessage(), "exc_info": record.exc_info}, record.levelname.lower())


class _Out(logging.StreamHandler[Any]):
    """Writes whole lines, other libraries' and, without the logging package, our own."""

    terminator = ""

    def write(self, line: str) -> None:
        """Ignores a log that cannot be written (a full disk, a closed pipe), so that no answer is lost."""
        with self.lock or nullcontext(), suppress(OSError, ValueError):
            self.stream.write(line)
            self.stream.flush()  # not the handler's own, which takes the lock again

    debug = info = warning = error = critical = write


_JSON = json.JSONEncoder(ensure_ascii=False, default=repr)
_LEVELS = {name.lower(): number for name, number in logging.getLevelNamesMapping().items()}
_ROOT = logging.getLogger()
_OUT = _Out()
# One list, however often it is configured: loggers keep the first one they get.
_PROCESSORS: list[Any] = [_line]


def configure(level: str = "INFO") -> None:
    """Writes our lines and other libraries' as JSON on standard error."""
    structlog.configure(
        processors=_PROCESSORS,
        logger_factory=lambda: _OUT,
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),  # `_line` checks the level
        cache_logger_on_first_use=True,
    )
    _OUT.setFormatter(_Foreign())
    _OUT.stream = sys.stderr
    _ROOT.handlers[:] = [_OUT]
    _ROOT.setLevel(level)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # at DEBUG it writes URLs with tokens in them
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    for name in ("gunicorn.error", "gunicorn.access"):  # their own lines hold addresses, with the openid
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True
