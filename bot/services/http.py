"""A bureau's service over HTTP, in the wire format of docs/bureau.openapi.yaml.

All of it serves one distinction: surely not taken (`unavailable`), or perhaps taken (Unknown).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
import structlog
from urllib3.exceptions import MaxRetryError, NewConnectionError

from bot.actions import ACTIONS
from bot.exchange import Deadline, Session
from bot.logs import traceparent
from bot.ports import Later, Request, Result, Unknown
from bot.services.wire import Garbage, checked

log = structlog.get_logger()

# Refused before anything was done. 404, 405: wrong address; 413, 415, 422: invalid request.
NOT_TAKEN = frozenset({400, 401, 403, 404, 405, 413, 415, 422, 429})
FIND_WITHIN = 3.0  # seconds
LARGEST = 256 * 1024  # bytes of an answer; 50 entries of the longest fields would not fill it


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes
    retry_after: bool = False

    def json(self) -> dict[str, Any]:
        """Returns the body's object; empty for anything else."""
        try:
            parsed = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return parsed if isinstance(parsed, dict) else {}


@dataclass(frozen=True)
class _Trouble:
    """Why there is no answer. `taken`: whether the request may have been taken."""

    why: str
    taken: bool


class HttpService:
    """One or several ports at `base` (https://host/path). `token`: Bearer.

    `headers`: sent with every request. `ca`: path of the only trusted authority, if it is not a public one.
    Thread-safe: each thread has its own connections.
    """

    def __init__(self, base: str, token: str, headers: Mapping[str, str] | None = None, ca: str = "") -> None:
        self._base = base.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # so that the cap counts what is read
            **(headers or {}),
        }
        self._ca = ca
        self._threads = threading.local()

    def perform(self, request: Request) -> Result:
        """See bot.ports.Service. Sends once; a question without a known result is `unavailable`."""
        body = {"arguments": request.arguments, "resident": request.resident, "within": request.within}
        answer = self._exchange(
            "POST",
            f"/v1/{request.action.replace('.', '/')}",
            request.within,
            {"Idempotency-Key": request.key, "Content-Type": "application/json"},
            json.dumps(body).encode(),
        )
        result = answer if isinstance(answer, _Trouble) else _read(request.action, answer)
        if isinstance(result, Result):
            return result
        log.warning("bureau failed", action=request.action, cause=result.why)
        action = ACTIONS[request.action]
        if "unavailable" not in action.outcomes or (result.taken and action.changes):
            raise Unknown(f"{request.action}: {result.why}")
        return Result("unavailable")

    def find(self, action: str, key: str) -> Result | None:
        """See bot.ports.Service. None only if the service itself says that it never took the key."""
        path = f"/v1/operations/{quote(key, safe='')}?action={quote(action)}"
        answer = self._exchange("GET", path, FIND_WITHIN, {}, None)
        if isinstance(answer, _Trouble):
            raise Unknown(f"{action}: {answer.why}")
        # a gateway's own 404 has no such body: it says nothing about the operation
        if answer.status == 404 and answer.json().get("taken") is False:
            return None
        result = _read(action, answer) if answer.status == 200 else _Trouble(f"status {answer.status}", True)
        if isinstance(result, Result):
            return result
        raise Unknown(f"{action}: {result.why}")

    def _exchange(
        self, method: str, path: str, within: float, headers: Mapping[str, str], body: bytes | None
    ) -> _Answer | _Trouble:
        with Deadline(within) as deadline:
            try:
                with self._session().request(
                    method,
                    self._base + path,
                    data=body,
                    headers={**self._headers, **headers, **traceparent()},
                    timeout=(deadline.left, deadline.left),
                    stream=True,
                ) as response:
                    content = b""
                    for chunk in response.iter_content(16 * 1024):
                        content += chunk
                        if len(content) > LARGEST:
                            return _Trouble("an answer too large", True)
                    if deadline.over:
                        return _Trouble("time-out after sending", True)
                    return _Answer(response.status_code, content, "Retry-After" in response.headers)
            except (requests.RequestException, OSError, ValueError) as e:
                # Only our own words leave here: an exception of requests holds URL, headers and body.
                return _why(e, deadline)

    def _session(self) -> Session:
        session: Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = Session()
            session.trust_env = False  # no proxy and no .netrc of the machine may see residents' data
            session.verify = self._ca or True
            self._threads.session = session
        return session


def _read(action: str, answer: _Answer) -> Result | _Trouble:
    """Interprets a status and a body by the table in docs/bureau.openapi.yaml."""
    said = answer.json()
    if answer.status == 200:
        try:
            return checked(action, said.get("outcome"), said.get("value"))
        except Garbage as e:
            return _Trouble(str(e), True)
    if answer.status == 202 and ACTIONS[action].changes:  # a question cannot wait for its answer
        raise Later(action)
    if answer.status in NOT_TAKEN:
        if answer.status != 429:
            log.error("bureau refuses us", action=action, status=answer.status)
        return _Trouble(f"status {answer.status}", False)
    if answer.status == 503 and (answer.retry_after or said.get("taken") is False):
        return _Trouble("status 503", False)
    return _Trouble(f"status {answer.status}", True)


def _why(e: Exception, deadline: Deadline) -> _Trouble:
    if isinstance(e, requests.ConnectTimeout) or _never_connected(e):
        return _Trouble("no connection", False)
    if isinstance(e, requests.exceptions.SSLError | ValueError) and not deadline.sent:
        return _Trouble("no TLS connection, or a malformed address or key", False)
    if isinstance(e, requests.Timeout) or deadline.over:
        return _Trouble("time-out after sending", True)
    return _Trouble("connection lost after sending", True)


def _never_connected(e: Exception) -> bool:
    reason = e.args[0] if e.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)
