"""What a service sends us by itself.

`POST /callbacks/<service>`: the definite outcome of a change that it answered with “later”. Body (JSON):
{"key": the request's Idempotency-Key, "action", "outcome", "value"}.
`POST /callbacks/<service>/events`: what became of a change later. Body (JSON): {"id", "event", "at": epoch
seconds, "value", "key": may be left out}.

Headers: Shebao-Timestamp (epoch seconds), Shebao-Nonce (8 to 64 letters or digits, never twice),
Shebao-Signature: hex HMAC-SHA256 with the service's key over timestamp, newline, nonce, newline, path,
newline, body.

200 {"known": true} it was taken, now or before; {"known": false} no such call is open (any more), or nobody
here made this change: do not repeat.
400 malformed, 403 signature, age or nonce: do not repeat. 409 an event before the outcome of its change, 503:
try again later with a new nonce.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import redis
import structlog
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from bot.actions import ACTIONS, EVENTS, port_of
from bot.logs import tracing, where
from bot.ports import Result
from bot.services.wire import Garbage, checked
from bot.store.connect import answering, take
from bot.store.records import StoreAway
from bot.store.redis import RedisStore
from bot.store.seal import SealError
from bot.turn.bureau_events import MOST, BureauEvent, TooMany, record_of
from bot.turn.turns import Turns

log = structlog.get_logger()

FRESH = 300
"""Seconds for which a signature is valid; a nonce is kept for twice as long."""
LARGEST = 64 * 1024
_ID = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_NONCE = re.compile(r"[A-Za-z0-9]{8,64}")
_KEY = re.compile(r"[!-~]{4,200}")


class Refused(Exception):
    """The callback is refused. `status` and `reason` of the answer; without secrets and personal data."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def sign(key: str, timestamp: str, nonce: str, path: str, body: bytes) -> str:
    """Returns the value of Shebao-Signature."""
    text = f"{timestamp}\n{nonce}\n{path}\n".encode() + body
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


def callbacks(
    keys: Mapping[str, str], store: RedisStore, turns: Turns, clock: Callable[[], float]
) -> Blueprint:
    """`keys`: by service, so that none can answer for another.

    Raises:
        ValueError: a key too short.
    """
    if any(len(key) < 16 for key in keys.values()):
        raise ValueError("the key of a callback needs 16 characters or more; `shebao new-key` makes one")
    room = Blueprint("callbacks", __name__)

    def answered(service: str, take: Callable[[dict[str, Any]], bool]) -> tuple[Response, int]:
        try:
            known = take(_parsed(_authentic(service, keys.get(service, ""), store.client, clock)))
        except Refused as refused:
            log.warning("callback refused", service=service[:20], status=refused.status, reason=str(refused))
            return jsonify(error=str(refused)), refused.status
        except (StoreAway, SealError) as e:
            log.warning("callback put off", service=service[:20], cause=str(e))
            return jsonify(error="try again"), 503
        except Exception as bug:  # nothing is lost: the worker asks again, the service says it again
            log.error("callback failed", **where(bug))
            return jsonify(error="try again"), 503
        return jsonify(known=known), 200

    @room.post("/callbacks/<service>", provide_automatic_options=False)
    def outcome(service: str) -> tuple[Response, int]:
        return answered(service, lambda said: _settle(store, turns, service, said))

    @room.post("/callbacks/<service>/events", provide_automatic_options=False)
    def event(service: str) -> tuple[Response, int]:
        return answered(service, lambda said: _report(store, turns, service, said, clock()))

    return room


def _authentic(service: str, key: str, client: redis.Redis, clock: Callable[[], float]) -> bytes:
    """Returns the body.

    Raises:
        Refused, StoreAway.
    """
    if not key:
        raise Refused(403, "signature")  # no such service, or one that may not call back
    if (request.content_length or 0) > LARGEST:
        raise Refused(400, "body is too long")
    try:
        body = request.stream.read(LARGEST + 1)
    except HTTPException:
        raise Refused(400, "body broke off") from None
    if len(body) > LARGEST:
        raise Refused(400, "body is too long")
    stamp, nonce = request.headers.get("Shebao-Timestamp", ""), request.headers.get("Shebao-Nonce", "")
    given = request.headers.get("Shebao-Signature", "")
    if not hmac.compare_digest(given.encode(), sign(key, stamp, nonce, request.path, body).encode()):
        raise Refused(403, "signature")
    if not (stamp.isascii() and stamp.isdigit()) or abs(clock() - int(stamp[:12])) > FRESH:
        raise Refused(403, "timestamp")
    if not _NONCE.fullmatch(nonce):
        raise Refused(403, "nonce")
    name = hashlib.sha256(f"{service} {nonce}".encode()).hexdigest()[:32]
    with answering():
        if not take(client, f"sb:callback:{name}", 2 * FRESH):
            raise Refused(403, "nonce was used before")
    return body


def _parsed(body: bytes) -> dict[str, Any]:
    """Raises Refused."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Refused(400, "body is no JSON object")
    return said


def _settle(store: RedisStore, turns: Turns, service: str, said: dict[str, Any]) -> bool:
    """Returns False if no such call is open.

    Raises:
        Refused, StoreAway.
    """
    action, key = said.get("action"), said.get("key")
    if not isinstance(action, str) or action not in ACTIONS:
        raise Refused(400, "action")
    if not action.startswith(f"{service}.") or not isinstance(key, str) or not _is_key(key):
        raise Refused(400, "action or key")
    try:
        result = checked(action, said.get("outcome"), said.get("value"))
    except Garbage as e:
        raise Refused(400, str(e)) from None
    found = store.find_job(key)
    if found is None or found[1].call.action != action:
        return False
    owner, job = found
    if result.outcome == "unavailable":  # it was taken, or there would be no callback
        raise Refused(400, "outcome")
    with tracing(store.trace_id(owner, job.delivery or job.call.id)):
        wrote = turns.background.settle(owner, job, 1, Result(result.outcome, result.value))
        log.info("callback", resident=owner.tag, action=action, outcome=result.outcome)
    return wrote.done


def _report(store: RedisStore, turns: Turns, service: str, said: dict[str, Any], now: float) -> bool:
    """Returns False if nobody here made this change, or nothing tells of it.

    Raises:
        Refused, StoreAway, SealError.
    """
    name, id_, at, key = (said.get(part) for part in ("event", "id", "at", "key"))
    if not isinstance(name, str) or name not in EVENTS or port_of(name) != service:
        raise Refused(400, "event")
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        raise Refused(400, "id")
    if not isinstance(at, int) or isinstance(at, bool) or not 0 < at <= now + FRESH:
        raise Refused(400, "at")
    if not _is_key(key) and key is not None:
        raise Refused(400, "key")
    try:
        event = BureauEvent(id_, name, at, record_of(name, said.get("value")))
        if isinstance(key, str) and store.find_job(key):  # looked at first: its commit ends it
            raise Refused(409, "the outcome of this change comes first")
        return turns.background.bureau_events.take(event, now)
    except Garbage as e:
        raise Refused(400, str(e)) from None
    except TooMany:
        raise Refused(400, f"more than {MOST} events of this number") from None


def _is_key(key: object) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key) is not None
