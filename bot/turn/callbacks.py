"""`POST /callbacks/<service>`: the definite outcome of a change that a service answered with “later”.

Body (JSON): {"key": the request's Idempotency-Key, "action", "outcome", "value"}. Headers: Shebao-Timestamp
(epoch seconds), Shebao-Nonce (8 to 64 letters or digits, never twice), Shebao-Signature: hex HMAC-SHA256 with
the service's key over timestamp, newline, nonce, newline, path, newline, body.

200 {"known": true} it was taken; {"known": false} no such call is open (any more): do not repeat.
400 malformed, 403 signature, age or nonce, 503 try again later with a new nonce.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping

import redis
import structlog
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from bot.actions import ACTIONS
from bot.logs import tracing, where
from bot.ports import Result
from bot.services.wire import Garbage, checked
from bot.store.connect import answering
from bot.store.records import StoreAway
from bot.store.redis import RedisStore
from bot.turn.turns import Turns

log = structlog.get_logger()

FRESH = 300
"""Seconds for which a signature is valid; a nonce is kept for twice as long."""
LARGEST = 64 * 1024
SERVICES = ("card", "real_name")
_NONCE = re.compile(r"[A-Za-z0-9]{8,64}")


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
    """`keys`: by service, so that none can answer for another. Raises ValueError for a key too short."""
    if any(len(key) < 16 for key in keys.values()):
        raise ValueError("the key of a callback needs 16 characters or more; `shebao new-key` makes one")
    room = Blueprint("callbacks", __name__)

    @room.post("/callbacks/<service>", provide_automatic_options=False)
    def receive(service: str) -> tuple[Response, int]:
        try:
            body = _authentic(service, keys.get(service, ""), store.client, clock)
            known = _settle(store, turns, service, body)
        except Refused as refused:
            log.warning("callback refused", service=service[:20], status=refused.status, reason=str(refused))
            return jsonify(error=str(refused)), refused.status
        except StoreAway:
            return jsonify(error="try again"), 503
        except Exception as bug:  # the job stays open: the worker asks again by itself
            log.error("callback failed", **where(bug))
            return jsonify(error="try again"), 503
        return jsonify(known=known), 200

    return room


def _authentic(service: str, key: str, client: redis.Redis, clock: Callable[[], float]) -> bytes:
    """Returns the body. Raises Refused, StoreAway."""
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
        if not client.set(f"sb:callback:{name}", b"1", nx=True, ex=2 * FRESH):
            raise Refused(403, "nonce was used before")
    return body


def _settle(store: RedisStore, turns: Turns, service: str, body: bytes) -> bool:
    """Returns False if no such call is open. Raises Refused, StoreAway."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Refused(400, "body is no JSON object")
    action, key = said.get("action"), said.get("key")
    if service not in SERVICES or not isinstance(action, str) or action not in ACTIONS:
        raise Refused(400, "action")
    if not action.startswith(f"{service}.") or not isinstance(key, str) or not 3 < len(key) <= 200:
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
    with tracing(owner.trace(job.delivery or job.call.id)):
        turns.background.settle(owner, job, 1, Result(result.outcome, result.value))
        log.info("callback", resident=owner.tag, action=action, outcome=result.outcome)
    return True
