"""`/wechat`: WeChat's verification and its pushes, in the console's plain, compatible and safe mode."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qsl

import structlog
from msgspec import Struct
from msgspec.structs import replace
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import get_content_length, get_input_stream

from bot.engine.effects import Reply
from bot.engine.events import AuthorizationRevoked, Event, Ignored, PersonLeft, Unsubscribed
from bot.logs import where
from bot.wechat import connection, xml
from bot.wechat.crypto import Keyring, MessageKey, Refused, Signer, check_fresh, check_sent
from bot.wechat.inbound import Delivery, parse
from bot.wechat.outbound import NOTHING, render

log = structlog.get_logger()

_DUTIES = (Unsubscribed, AuthorizationRevoked, PersonLeft)  # handled though WeChat gave up: no reply is sent
_ARGUMENT_LIMIT = 512  # characters; real ones have at most 40
_GIVES_UP = 5.0  # seconds in which WeChat reads an answer
_QUEUE_TIME = re.compile(r"\d{1,4}\.\d{3}", re.ASCII)


@dataclass(frozen=True)
class WebhookConfig:
    """The settings of WeChat's console. `aes_keys`: EncodingAESKeys, the current one first.

    `freshness`: seconds a signed timestamp may be off, 0 for any. `max_body`: bytes. `budget`: seconds for an
    answer, before WeChat gives up.
    """

    token: str
    app_id: str = ""
    aes_keys: tuple[str, ...] = ()
    mode: Literal["plain", "compatible", "safe"] = "plain"
    freshness: int = 300
    max_body: int = 65536
    budget: float = 4.0


class Answer(Struct, frozen=True):
    """The turn's answer. `at`: epoch seconds. `media_id`: a picture uploaded in place of the text.

    `on_sent`: called once the answer was written. `done`: False if there is no result for now.
    """

    reply: Reply
    at: int
    media_id: str = ""
    on_sent: Callable[[], object] | None = None
    done: bool = True


Handle = Callable[[Delivery, Event], Answer]
App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def webhook(app: App, config: WebhookConfig, handle: Handle, clock: Callable[[], float]) -> App:
    """Returns the WSGI application that serves `/wechat` itself, since a framework costs more than all the
    rest, and passes everything else to `app`.

    `handle` gets residents' events only: Ignored ones are answered `success` here. Malformed requests get
    400, forbidden ones 403, both with an empty body; nothing ends in a 500.

    Raises:
        ValueError: an unsafe configuration: an empty token, a bad key, a missing key or app id.
    """
    gate = Gate(config, clock)

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != "/wechat":
            return app(environ, start_response)
        method = environ["REQUEST_METHOD"]
        request = Request(environ)
        try:
            if method == "POST":
                response = receive(request)
            elif method in ("GET", "HEAD"):
                response = Response(gate.verify(request).encode())
            else:
                response = Response(status=405)
        except Refused as refused:
            log.warning("wechat_refused", status=refused.status, reason=refused.reason)
            response = Response(status=refused.status)
        start_response(*response.head())
        if method == "HEAD":
            return []
        return _written(response, request) if response.on_sent else [response.body]

    def receive(request: Request) -> Response:
        body, key = gate.open(request)
        delivery, event = parse(body, secrets.randbits(32), int(clock()))
        gate.check_sent(request, delivery.at)
        if delivery.kind == "json":
            log.warning("wechat_json_push", hint="choose XML as the data format in WeChat's console")
        if isinstance(event, Ignored):
            log.debug("wechat_ignored", kind=delivery.kind)
            return Response(NOTHING)
        if not isinstance(event, _DUTIES) and gate.given_up(request):
            log.warning("wechat_hung_up", kind=delivery.kind)
            return Response(status=503)
        try:
            told = handle(replace(delivery, waited=request.waited), event)
            if isinstance(event, _DUTIES) and not told.done:
                return Response(status=503)  # no resident would read an apology: WeChat must repeat it
            answer = _answer(delivery, told)
        except Exception as bug:  # else WeChat would send the message into the same bug twice more
            log.error("wechat_turn_failed", kind=delivery.kind, **where(bug))
            return Response(status=503) if isinstance(event, _DUTIES) else Response(NOTHING)
        if answer == NOTHING:  # never encrypted
            return Response(NOTHING)
        return Response(gate.seal(answer, key) if key else answer, "application/xml", on_sent=told.on_sent)

    return serve


class Request:
    """A request. `environ`: of WSGI. `waited`: seconds in the server's queue; 0 if the server does not
    tell."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ
        told = environ.get("HTTP_X_QUEUE_TIME", "")
        self.waited = float(told) if _QUEUE_TIME.fullmatch(told) else 0.0
        self._came = time.monotonic() - self.waited
        query: str = environ.get("QUERY_STRING", "")
        self._query = _pairs(query)
        self._values = dict(reversed(self._query))  # the first of a name

    def argument(self, name: str) -> str:
        """Returns the first argument of a name, "" if absent.

        Raises:
            Refused (400): it is oversized.
        """
        value = self._values.get(name, "")
        if len(value) > _ARGUMENT_LIMIT:
            raise Refused(400, "a query argument is too long")
        return value

    def repeats(self) -> bool:
        """Checks whether an argument is given twice."""
        return len(self._values) < len(self._query)

    def given_up(self) -> bool:
        """Checks whether the request is so old that WeChat no longer reads an answer."""
        return time.monotonic() - self._came > _GIVES_UP

    def body(self, limit: int) -> bytes:
        """Raises Refused (400) if it has more than `limit` bytes or breaks off."""
        length = get_content_length(self.environ)
        if (length or 0) > limit:
            raise Refused(400, "body is too long")
        try:
            if length is None:  # a chunked body has none
                body = get_input_stream(self.environ, max_content_length=limit + 1).read(limit + 1)
            else:
                body = self.environ["wsgi.input"].read(length)
        except (HTTPException, OSError):
            raise Refused(400, "body broke off") from None
        if len(body) > limit:
            raise Refused(400, "body is too long")
        return body


class Response(Struct, frozen=True):
    """A response. `on_sent`: called once it was written."""

    body: bytes = b""
    kind: str = "text/plain"
    status: int = 200
    on_sent: Callable[[], object] | None = None

    def head(self) -> tuple[str, list[tuple[str, str]]]:
        """Returns the arguments of WSGI's start_response."""
        headers = [
            ("Content-Type", f"{self.kind}; charset=utf-8"),
            ("Content-Length", str(len(self.body))),
            ("X-Content-Type-Options", "nosniff"),  # echostr is the caller's own text
        ]
        if self.status == 405:
            headers.append(("Allow", "GET, HEAD, POST"))
        return f"{self.status} {HTTPStatus(self.status).phrase}", headers


class Gate:
    """Admits requests that WeChat signed, and decrypts them."""

    def __init__(self, config: WebhookConfig, clock: Callable[[], float]) -> None:
        if config.mode not in ("plain", "compatible", "safe"):
            raise ValueError("the WeChat mode must be plain, compatible or safe: see SHEBAO_WECHAT_MODE")
        if config.mode != "plain" and not config.aes_keys:
            raise ValueError(f"the {config.mode} mode needs an AES key: set SHEBAO_WECHAT_AES_KEYS")
        self._config = config
        self._clock = clock
        self._signer = Signer(config.token)
        self._keyring = Keyring(config.aes_keys, config.app_id)

    def verify(self, request: Request) -> str:
        """Returns the echostr to send back. It stays plain in every mode.

        Raises:
            Refused.
        """
        echo = request.argument("echostr")
        self._check_signature(request)
        if not echo:
            raise Refused(400, "echostr is missing")
        return echo

    def open(self, request: Request) -> tuple[bytes, MessageKey | None]:
        """Returns the plain body, and the key to answer with if the request was encrypted.

        Raises:
            Refused.
        """
        body = request.body(self._config.max_body)
        if request.argument("encrypt_type").lower() != "aes":
            self._check_signature(request)
            if self._config.mode != "plain":
                # compatible mode encrypts too; nothing signs a plain body
                raise Refused(403, f"plain request in {self._config.mode} mode")
            return body, None
        if self._config.mode == "plain":
            raise Refused(403, "encrypted request in plain mode: the console has another mode than we")
        if body.lstrip().startswith(b"{"):
            self._check_signature(request)  # JSON push: `parse` handles it
            return body, None
        encrypted = xml.fields(body).get("encrypt", "")
        if not encrypted:
            raise Refused(400, "encrypted request without Encrypt")
        # Compatible mode sends the fields in plain as well, but the signature covers only Encrypt.
        self._check_signature(request, encrypted)
        return self._keyring.decrypt(encrypted)

    def check_sent(self, request: Request, sent: int) -> None:
        """Checks the nonce. `sent`: the message's CreateTime.

        Raises:
            Refused.
        """
        check_sent(sent, request.argument("timestamp"), request.argument("nonce"))

    def given_up(self, request: Request) -> bool:
        """Checks whether WeChat has stopped waiting (5 s), as during a restart of the server.

        A waiting reply would be lost, and a resident who read “service unavailable” would have something
        submitted after all. A peer that closed sooner may have closed only the sending side, and still reads.
        """
        if request.given_up():
            return True
        age = self._clock() - int(request.argument("timestamp"))
        return age > self._config.budget and connection.closed(request.environ)

    def seal(self, answer: bytes, key: MessageKey) -> bytes:
        """Returns the answer encrypted, in WeChat's envelope."""
        encrypted, timestamp, nonce = key.encrypt(answer), str(int(self._clock())), secrets.token_hex(8)
        signature = self._signer.sign(timestamp, nonce, encrypted)
        return (
            f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        ).encode()

    def _check_signature(self, request: Request, *encrypted: str) -> None:
        timestamp = request.argument("timestamp")
        signature = request.argument("msg_signature" if encrypted else "signature")
        self._signer.check(signature, timestamp, request.argument("nonce"), *encrypted)
        if request.repeats():
            raise Refused(400, "a query argument is given twice")  # a proxy may use the other one
        check_fresh(timestamp, int(self._clock()), self._config.freshness)


def _pairs(query: str) -> list[tuple[str, str]]:
    """Returns a query's arguments. WeChat's own has nothing to decode, which is most of the work."""
    if "%" in query or "+" in query or not query.isascii():
        return parse_qsl(query.encode("latin1").decode("utf-8", "replace"), keep_blank_values=True)
    parts = [part.partition("=") for part in query.split("&") if part]
    return [(name, value) for name, _, value in parts]


def _answer(delivery: Delivery, answer: Answer) -> bytes:
    if answer.reply.kind == "transfer" and not delivery.is_message:
        # WeChat accepts a transfer only as the answer to a message.
        return NOTHING
    return render(answer.reply, delivery.openid, delivery.account, answer.at, answer.media_id)


def _written(response: Response, request: Request) -> Iterator[bytes]:
    """Yields the body. WSGI says that a server asks for more only when it has written this; if its socket is
    shown, that is checked as well."""
    yield response.body
    hung_up = connection.closed(request.environ) and connection.reset(request.environ)
    if response.on_sent and not hung_up and not request.given_up():
        response.on_sent()
