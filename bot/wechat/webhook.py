"""`/wechat`: WeChat's verification and its pushes, in the console's plain, compatible and safe mode."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from bot.engine.effects import Reply
from bot.engine.events import AuthorizationRevoked, Event, Ignored, PersonLeft, Unsubscribed
from bot.logs import where
from bot.wechat import connection, xml
from bot.wechat.crypto import Keyring, MessageKey, Refused, Signer, check_fresh, check_sent
from bot.wechat.inbound import Delivery, parse
from bot.wechat.outbound import NOTHING, render

log = structlog.get_logger()

_DUTIES = (Unsubscribed, AuthorizationRevoked, PersonLeft)  # done though nobody waits: nothing is told
_ARGUMENT_LIMIT = 512  # characters; real ones have at most 40


@dataclass(frozen=True)
class WebhookConfig:
    """As set in WeChat's console. `aes_keys`: EncodingAESKeys, the current one first.

    `freshness`: seconds a signed timestamp may be off, 0 for any. `max_body`: bytes. `budget`: seconds for an
    answer, before WeChat gives up.
    """

    token: str
    app_id: str = ""
    aes_keys: tuple[str, ...] = ()
    mode: Literal["plain", "compatible", "safe"] = "plain"
    freshness: int = 300
    max_body: int = 65536
    budget: float = 4.3


@dataclass(frozen=True)
class Answer:
    """What the turn answers. `at`: epoch seconds. `media_id`: a picture uploaded to stand in for the text.

    `kf_account`: the seat a transfer goes to, "" for any. `heard`: called once the answer was written.
    `done`: False where it came to nothing for now.
    """

    reply: Reply
    at: int
    media_id: str = ""
    kf_account: str = ""
    heard: Callable[[], object] | None = None
    done: bool = True


Handle = Callable[[Delivery, Event], Answer]


def webhook(config: WebhookConfig, handle: Handle, clock: Callable[[], float]) -> Blueprint:
    """The blueprint that serves GET and POST `/wechat`.

    `handle` sees residents' events only: what is Ignored is answered `success` here. Malformed requests get
    400, forbidden ones 403, both with an empty body; nothing ends in a 500. Raises ValueError for a
    configuration that cannot be safe: an empty token, a bad key, no key or app id where one is needed.
    """
    gate = Gate(config, clock)
    room = Blueprint("wechat", __name__)

    @room.get("/wechat", provide_automatic_options=False)
    def verify() -> Response:
        try:
            return _respond(gate.verify().encode(), "text/plain")
        except Refused as refused:
            return _refuse(refused)

    @room.post("/wechat", provide_automatic_options=False)
    def receive() -> Response:
        try:
            body, key = gate.open()
            delivery, event = parse(body, secrets.randbits(32), int(clock()))
            gate.check_sent(delivery.at)
        except Refused as refused:
            return _refuse(refused)
        if delivery.kind == "json":
            log.warning("wechat_json_push", hint="choose XML as the data format in WeChat's console")
        if isinstance(event, Ignored):
            log.debug("wechat_ignored", kind=delivery.kind)
            return _respond(NOTHING, "text/plain")
        if not isinstance(event, _DUTIES) and gate.given_up():
            log.warning("wechat_hung_up", kind=delivery.kind)
            return _respond(b"", "text/plain", 503)
        heard: Callable[[], object] | None = None
        try:
            told = handle(delivery, event)
            if isinstance(event, _DUTIES) and not told.done:
                return _respond(b"", "text/plain", 503)  # nobody reads an apology: WeChat must repeat it
            answer, heard = _answer(delivery, told), told.heard
        except Exception as bug:  # WeChat would send the same message into the same bug twice more
            log.error("wechat_turn_failed", kind=delivery.kind, **where(bug))
            if isinstance(event, _DUTIES):
                return _respond(b"", "text/plain", 503)
            answer = NOTHING
        if answer == NOTHING:  # never encrypted
            return _respond(NOTHING, "text/plain")
        body = gate.seal(answer, key) if key else answer
        response = _respond(
            body if heard is None else _written(body, request.environ, heard), "application/xml"
        )
        response.content_length = len(body)
        return response

    return room


class Gate:
    """Lets in what WeChat signed, opens what it encrypted. Its methods read Flask's current request."""

    def __init__(self, config: WebhookConfig, clock: Callable[[], float]) -> None:
        if config.mode not in ("plain", "compatible", "safe"):
            raise ValueError("the WeChat mode must be plain, compatible or safe: see SHEBAO_WECHAT_MODE")
        if config.mode != "plain" and not config.aes_keys:
            raise ValueError(f"the {config.mode} mode needs an AES key: set SHEBAO_WECHAT_AES_KEYS")
        self._config = config
        self._clock = clock
        self._signer = Signer(config.token)
        self._keyring = Keyring(config.aes_keys, config.app_id)

    def verify(self) -> str:
        """The echostr to send back. It stays plain in every mode. Raises Refused."""
        echo = _argument("echostr")
        self._check_signature()
        if not echo:
            raise Refused(400, "echostr is missing")
        return echo

    def open(self) -> tuple[bytes, MessageKey | None]:
        """The plain body, and the key to answer with if the request was encrypted. Raises Refused."""
        body = self._body()
        if _argument("encrypt_type").lower() != "aes":
            self._check_signature()
            if self._config.mode != "plain":
                # compatible mode encrypts too; a plain body beside it is under no signature
                raise Refused(403, f"plain request in {self._config.mode} mode")
            return body, None
        if self._config.mode == "plain":
            raise Refused(403, "encrypted request in plain mode: the console has another mode than we")
        if body.lstrip().startswith(b"{"):
            self._check_signature()  # JSON push: `parse` says what to do about it
            return body, None
        encrypted = xml.fields(body).get("encrypt", "")
        if not encrypted:
            raise Refused(400, "encrypted request without Encrypt")
        # Compatible mode sends the fields in plain as well, but only Encrypt is under the signature.
        self._check_signature(encrypted)
        return self._keyring.decrypt(encrypted)

    def check_sent(self, sent: int) -> None:
        """`sent`: the message's CreateTime. Raises Refused."""
        check_sent(sent, _argument("timestamp"), _argument("nonce"))

    def given_up(self) -> bool:
        """Whether WeChat has stopped waiting (5 s), as while a server starts again.

        What waits to be told would be told to nobody, and a resident who read “service unavailable” would
        have something submitted after all. Who closed sooner may have closed the sending side only, and still
        reads.
        """
        age = self._clock() - int(_argument("timestamp"))
        return age > self._config.budget and connection.closed(request.environ)

    def seal(self, answer: bytes, key: MessageKey) -> bytes:
        """The answer encrypted, in WeChat's envelope."""
        encrypted, timestamp, nonce = key.encrypt(answer), str(int(self._clock())), secrets.token_hex(8)
        signature = self._signer.sign(timestamp, nonce, encrypted)
        return (
            f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        ).encode()

    def _check_signature(self, *encrypted: str) -> None:
        timestamp = _argument("timestamp")
        signature = _argument("msg_signature" if encrypted else "signature")
        self._signer.check(signature, timestamp, _argument("nonce"), *encrypted)
        if any(len(values) > 1 for _, values in request.args.lists()):
            raise Refused(400, "a query argument is given twice")  # a proxy may go by the other one
        check_fresh(timestamp, int(self._clock()), self._config.freshness)

    def _body(self) -> bytes:
        limit = self._config.max_body
        if (request.content_length or 0) > limit:
            raise Refused(400, "body is too long")
        request.max_content_length = limit + 1  # an application's own limit would answer 413
        try:
            body = request.stream.read(limit + 1)  # a chunked body tells no length
        except (HTTPException, OSError):
            raise Refused(400, "body broke off") from None
        if len(body) > limit:
            raise Refused(400, "body is too long")
        return body


def _answer(delivery: Delivery, answer: Answer) -> bytes:
    if answer.reply.kind == "transfer" and not delivery.is_message:
        # WeChat takes a transfer as the answer to a message only.
        return NOTHING
    return render(
        answer.reply, delivery.openid, delivery.account, answer.at, answer.media_id, answer.kf_account
    )


def _written(body: bytes, environ: Mapping[str, Any], heard: Callable[[], object]) -> Iterator[bytes]:
    """The server asks for more only when it has written this."""
    yield body
    if not (connection.closed(environ) and connection.reset(environ)):
        heard()


def _argument(name: str) -> str:
    """The first one of that name, "" if there is none. Raises Refused (400) if it is oversized."""
    value = request.args.get(name, "")
    if len(value) > _ARGUMENT_LIMIT:
        raise Refused(400, "a query argument is too long")
    return value


def _respond(body: bytes | Iterator[bytes], kind: str, status: int = 200) -> Response:
    response = Response(body, status, content_type=f"{kind}; charset=utf-8")
    response.headers["X-Content-Type-Options"] = "nosniff"  # echostr is the caller's own text
    return response


def _refuse(refused: Refused) -> Response:
    log.warning("wechat_refused", status=refused.status, reason=refused.reason)
    response = _respond(b"", "text/plain")
    response.status_code = refused.status
    return response
