"""A small reference bureau: serves docs/bureau.openapi.yaml over any Service.

With the stubs behind it, `http.py → bureau → stub` is the whole chain; a real bureau's gateway can be checked
by the same contract suite.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from functools import partial

from flask import Flask, Response, make_response, request
from werkzeug.exceptions import HTTPException

from bot.actions import ACTIONS
from bot.engine.flow import Value
from bot.ports import Later, Request, Result, Service, Unknown

LARGEST = 24 * 1024 * 1024  # bytes of a request: three photos of a phone, in base64
Faults = Callable[[str, Callable[[], Response]], Response]
LONGEST = 30.0  # seconds a caller may ask for


def create_bureau(services: Mapping[str, Service], token: str, faults: Faults | None = None) -> Flask:
    """`services`: port name (`card`) -> its service. `token`: the required Bearer token.

    `faults`: for tests; answers badly where the header Bureau-Fault says so.
    """
    app = Flask("bureau")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST

    @app.before_request
    def authorised() -> Response | None:
        given = request.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return None
        return _said(401, error="token")

    @app.errorhandler(HTTPException)
    def refused(e: HTTPException) -> Response:
        return _said(e.code or 500, error=e.name)

    @app.post("/v1/<port>/<name>")
    def perform(port: str, name: str) -> Response:
        action = f"{port}.{name}"
        if action not in ACTIONS or port not in services:
            return _said(404, error="action")
        asked = _request(action)
        if asked is None:
            return _said(400, error="request")
        fault = request.headers.get("Bureau-Fault", "") if faults else ""
        answer = partial(_perform, services[port], asked)
        return faults(fault, answer) if faults and fault else answer()

    @app.get("/v1/operations/<path:key>")
    def find(key: str) -> Response:
        action = request.args.get("action", "")
        service = services.get(action.split(".")[0])
        if action not in ACTIONS or service is None:
            return _said(400, error="action")
        try:
            result = service.find(action, key)
        except Unknown:
            return _said(500, error="unknown")
        if result is None:
            return _said(404, taken=False)
        return _result(result)

    return app


def _perform(service: Service, asked: Request) -> Response:
    try:
        result = service.perform(asked)
    except Later:
        return _said(202, accepted=True)
    except Unknown:
        return _said(500, error="unknown")
    if result.outcome == "unavailable":
        answer = _said(503, taken=False)
        answer.headers["Retry-After"] = "30"
        return answer
    return _result(result)


def _request(action: str) -> Request | None:
    """Returns the request of bot.ports; None if it lacks its key or a required argument."""
    body = request.get_json(silent=True)
    key = request.headers.get("Idempotency-Key", "")
    if not isinstance(body, dict) or not key or len(key) > 200:
        return None
    arguments, resident, within = body.get("arguments"), body.get("resident"), body.get("within")
    if not isinstance(arguments, dict) or not isinstance(resident, str):
        return None
    declared = ACTIONS[action].arguments
    if any(name not in declared for name in arguments) or any(
        needed and not arguments.get(name) for name, needed in declared.items()
    ):
        return None
    if not all(_is_value(value) for value in arguments.values()):
        return None
    if not isinstance(within, int | float) or not within > 0:
        return None
    return Request(action, arguments, key, resident, min(float(within), LONGEST))


def _is_value(value: Value | object) -> bool:
    if isinstance(value, list):
        return all(isinstance(entry, dict) and _is_value(entry) for entry in value)
    if isinstance(value, dict):
        return all(isinstance(text, str) for text in value.values())
    return isinstance(value, str)


def _result(result: Result) -> Response:
    return _said(200, outcome=result.outcome, value=result.value)


def _said(status: int, **body: object) -> Response:
    return make_response(body, status)
