"""Conversations over HTTP, signed and encrypted as WeChat does it: to our own server or a running one.

The only module of this room that signs and builds WeChat's XML.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import requests

from bot.content import match
from bot.content.source import Loc
from bot.engine import events as e
from bot.engine.effects import Reply
from bot.ports import Request, Service
from bot.ports import Result as Outcome
from bot.replay.bubble import Bubble, from_words
from bot.replay.fixture import BadReplay, Conversation, load
from bot.replay.judge import Facts
from bot.replay.play import play
from bot.replay.report import Result, result
from bot.replay.run import Options, scenery_of
from bot.replay.services import Answers
from bot.replay.stage import CannotPlay, Scenery
from bot.store.embedded import EmbeddedValkey
from bot.store.redis import RedisStore, connect
from bot.store.seal import Seal, new_key
from bot.turn import Settings as TurnSettings
from bot.turn import Turns
from bot.wechat import xml
from bot.wechat.crypto import MessageKey, Refused, Signer
from bot.wechat.inbound import Delivery
from bot.wechat.webhook import Answer, WebhookConfig, webhook

ACCOUNT = "gh_replay"
SECONDS = 6.0
"""WeChat itself hangs up after 5 s."""
_VARIES = re.compile(r"(?<!\d)(?:\d{10}|\d \d \d \d)(?!\d)")


def plain(text: str) -> str:
    """Without what a server draws by itself: receipt numbers and random codes."""
    return _VARIES.sub("…", text)


@dataclass(frozen=True)
class Account:
    """What both ends know. Raises ValueError for an empty token or a key that is none."""

    token: str
    app_id: str
    aes_key: str

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Account:
        names = ("SHEBAO_WECHAT_TOKEN", "SHEBAO_WECHAT_APP_ID", "SHEBAO_WECHAT_AES_KEYS")
        missing = [n for n in names if not env.get(n)]
        if missing:
            raise CannotPlay(f"--target needs {', '.join(missing)} in the environment")
        return cls(env[names[0]], env[names[1]], env[names[2]].split(",")[0])


class Wire:
    """The phone's end: one resident of an account."""

    def __init__(self, url: str, account: Account, openid: str) -> None:
        self.url, self.openid = url.rstrip("/") + "/wechat", openid
        self.signer, self.key = Signer(account.token), MessageKey(account.aes_key, account.app_id)
        self.session = requests.Session()
        self.nonce = secrets.token_hex(4)

    def deliver(self, key: str, event: e.Event) -> Bubble:
        return self.post(body(event, self.openid, zlib.crc32(f"{self.nonce}{key}".encode())))

    def post(self, message: bytes) -> Bubble:
        """Raises CannotPlay where the server does not answer as one of ours."""
        encrypted, stamp, nonce = self.key.encrypt(message), str(int(time.time())), secrets.token_hex(4)
        query = {
            "timestamp": stamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "signature": self.signer.sign(stamp, nonce),
            "msg_signature": self.signer.sign(stamp, nonce, encrypted),
        }
        data = f"<xml><ToUserName>{ACCOUNT}</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"
        try:
            got = self.session.post(self.url, params=query, data=data.encode(), timeout=SECONDS)
        except requests.RequestException as error:
            raise CannotPlay(f"{self.url} does not answer: {type(error).__name__}") from None
        if got.status_code != 200:
            raise CannotPlay(f"{self.url} answered {got.status_code}: are token, app id and AES key its own?")
        return self._read(got.content)

    def _read(self, answer: bytes) -> Bubble:
        if answer in (b"success", b""):
            return Bubble("nothing")
        try:
            outer = xml.fields(answer)
            sealed = outer.get("encrypt", "")
            self.signer.check(
                outer.get("msgsignature", ""), outer.get("timestamp", ""), outer.get("nonce", ""), sealed
            )
            opened = self.key.decrypt(base64.b64decode(sealed))
            inner = xml.fields(opened or b"")
        except (Refused, ValueError) as error:
            raise CannotPlay(f"the answer is not WeChat's: {error}") from None
        if inner.get("msgtype") == "transfer_customer_service":
            return Bubble("person")
        return from_words(inner.get("content", ""))

    def opening(self) -> Bubble:
        return Bubble("nothing")

    def wait(self, until: int) -> list[Bubble]:
        return []

    def together(self, given: list[tuple[str, e.Event]]) -> Iterator[tuple[tuple[Bubble, ...], Facts | None]]:
        """Really at once, in one order that chance makes."""
        with ThreadPoolExecutor(len(given)) as pool:
            yield tuple(pool.map(lambda one: self.deliver(*one), given)), None

    def deploy(self, directory: Path) -> None:
        raise CannotPlay("content cannot be deployed over HTTP")

    def restart(self) -> None:
        self.session = requests.Session()

    def facts(self) -> Facts | None:
        return None

    def unused(self) -> list[tuple[Loc, str]]:
        return []


def body(event: e.Event, openid: str, number: int) -> bytes:
    """WeChat's plain XML of an event."""
    kind, fields = "event", ""
    if isinstance(event, e.TextReceived):
        menu = f"<bizmsgmenuid>{escape(event.tap)}</bizmsgmenuid>" if event.tap else ""
        kind, fields = "text", f"<Content>{escape(event.text)}</Content>{menu}"
    elif isinstance(event, e.VoiceReceived):
        kind, fields = "voice", f"<MediaId>v</MediaId><Recognition>{escape(event.text)}</Recognition>"
    elif isinstance(event, e.ImageReceived):
        kind, fields = "image", f"<PicUrl>http://p</PicUrl><MediaId>{escape(event.media_id)}</MediaId>"
    elif isinstance(event, e.LocationReceived):
        place = f"<Location_X>{event.lat}</Location_X><Location_Y>{event.lon}</Location_Y>"
        kind, fields = "location", f"{place}<Label>{escape(event.label)}</Label>"
    elif isinstance(event, e.OtherReceived):
        kind = event.kind
    elif isinstance(event, e.MenuClicked):
        fields = f"<Event>CLICK</Event><EventKey>{escape(event.key)}</EventKey>"
    elif isinstance(event, e.Subscribed):
        scene = f"qrscene_{event.scene}" if event.scene else ""
        fields = f"<Event>subscribe</Event><EventKey>{escape(scene)}</EventKey>"
    elif isinstance(event, e.Scanned):
        fields = f"<Event>SCAN</Event><EventKey>{escape(event.scene)}</EventKey>"
    else:
        names = {"Unsubscribed": "unsubscribe", "PersonLeft": "kf_close_session"}
        name = names.get(type(event).__name__, "") or (
            event.name if isinstance(event, e.Ignored) else "user_authorization_revoke"
        )
        fields = f"<Event>{escape(name)}</Event><OpenID>{openid}</OpenID>"
    message = f"<MsgId>{number}</MsgId>" if kind != "event" else ""
    return (
        f"<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{openid}</FromUserName>"
        f"<CreateTime>{event.at}</CreateTime><MsgType>{kind}</MsgType>{fields}{message}</xml>"
    ).encode()


class Server:
    """The real webhook, turn and store over an embedded Valkey; the services are the conversation's."""

    def __init__(self, scenery: Scenery) -> None:
        from flask import Flask
        from werkzeug.serving import make_server

        self.scenery = scenery
        self.account = Account("made-up-token", "wx0000000000000001", secrets.token_hex(21) + "A")
        self._folder = tempfile.TemporaryDirectory()
        self._valkey = EmbeddedValkey(Path(self._folder.name)).start()
        self.client = connect(self._valkey.url)
        store = RedisStore(self.client, Seal((new_key(),), new_key()))
        store.check()
        self.answers = Answers((), None, scenery.content.policy, lambda: 0)
        ports: dict[str, Service] = dict.fromkeys(("card", "real_name", "outlets"), self)
        settings = TurnSettings(per_minute=100_000)
        self.turns = Turns(
            store, lambda _: scenery.content, ports, match.guess, settings, lambda: secrets.randbits(64)
        )
        app = Flask("replay", static_folder=None)
        config = WebhookConfig(self.account.token, self.account.app_id, (self.account.aes_key,), "safe", 0)
        app.register_blueprint(webhook(config, self._handle))
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _handle(self, delivery: Delivery, event: e.Event) -> Answer:
        self.answers.now = lambda: event.at
        told = self.turns.handle(delivery.openid, delivery.account, delivery.key, event)
        reply: Reply = told.reply
        return Answer(reply, told.at)

    def perform(self, request: Request) -> Outcome:
        """As bot.ports.Service: whoever plays now has their answers here."""
        return self.answers.perform(request)

    def find(self, action: str, key: str) -> Outcome | None:
        return None

    def begin(self, conversation: Conversation) -> None:
        self.client.flushdb()
        town = self.scenery.town if conversation.stubs else None
        self.answers = Answers(conversation.services, town, self.scenery.content.policy, lambda: 0)

    def stop(self) -> None:
        self._server.shutdown()
        self.client.close()
        self._valkey.stop()
        self._folder.cleanup()


def over_http(paths: Sequence[Path], options: Options, target: str) -> Iterator[Result]:
    """`target`: an address, or "" for a server of our own. Raises CannotPlay."""
    stage = scenery_of(options)
    server = None if target else Server(stage)
    account = server.account if server else Account.of(os.environ)
    try:
        for path in paths:
            began = time.perf_counter()
            try:
                conversation = load(path, options.root)
            except BadReplay as error:
                yield Result(str(path), 0, 0.0, str(error), broken=True)
                continue
            reason = _unfit(conversation, bool(target))
            if reason:
                yield Result(str(path), 0, 0.0, skipped=reason)
                continue
            if server is not None:
                server.begin(conversation)
            wire = Wire(server.url if server else target, account, f"replay-{secrets.token_hex(8)}")
            _choose(wire, conversation, stage)
            played = play(conversation, stage, wire, options.match, plain=plain)
            yield result(played, options.root, time.perf_counter() - began)
    finally:
        if server is not None:
            server.stop()


def _choose(wire: Wire, conversation: Conversation, stage: Scenery) -> None:
    """A server begins in its own language: whoever reads another one says so first."""
    meaning = f"language:{conversation.language}"
    word = next((w for w, m in stage.content.recovery.items() if m == meaning), "")
    if word and conversation.language != stage.content.default_language:
        wire.deliver("language", e.TextReceived(conversation.clock, text=word))


def _unfit(conversation: Conversation, deployed: bool) -> str:
    """Why a conversation can be played in process only, "" if it can be played over HTTP."""
    acts = {t.act for t in conversation.turns}
    if acts & {"wait", "deploy"} or conversation.push:
        return "time and deployments move in process only"
    if conversation.policy or conversation.begins or any(p.slow for p in conversation.services):
        return "its own policy, beginning or slow answers are had in process only"
    if deployed and (conversation.services or not conversation.stubs):
        return "a running service has no prepared answers"
    return ""
