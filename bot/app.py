"""Wiring: the only place that builds adapters. Nothing is built at import."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import redis
import structlog
from flask import Flask, Response, jsonify
from msgspec import structs
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.account.health import Health, look
from bot.actions import discover
from bot.content.load import Loaded
from bot.engine.content import Content
from bot.engine.effects import Reply
from bot.engine.events import Event
from bot.kit.stubs.answers import AnswersStub
from bot.kit.stubs.pushed import StubSender
from bot.kit.stubs.registry import Place, services
from bot.page.authorisation import Authorisation
from bot.page.blueprint import Page
from bot.page.faces import Faces
from bot.page.links import Links
from bot.page.pictures import PageMedia, Pictures
from bot.ports import Archive, Codes, Media, Sender, Service, Unknown
from bot.services.faces import FaceProofs
from bot.services.http import HttpService
from bot.services.ledger import Ledger, Unsealed
from bot.services.photos import WithPhotos
from bot.settings import Settings, addresses, callback_keys, face_key, is_live, page_origin
from bot.store.connect import connect, copies
from bot.store.outbox import Outbox
from bot.store.records import StoreAway
from bot.store.redis import SHARDS, RedisStore
from bot.store.revisions import RevisionStore
from bot.store.seal import Seal
from bot.store.sign_ins import SignIns
from bot.turn import recording_events
from bot.turn.callbacks import callbacks
from bot.turn.jobs import Worker
from bot.turn.push import Pushes
from bot.turn.revisions import Revisions
from bot.turn.turns import Settings as TurnSettings
from bot.turn.turns import Turns
from bot.wechat.client import Client
from bot.wechat.inbound import Delivery
from bot.wechat.incoming import as_sent
from bot.wechat.sender import Template, WeChatSender
from bot.wechat.spent import Spent
from bot.wechat.webhook import Answer, WebhookConfig, webhook

log = structlog.get_logger()

T = TypeVar("T")
UPLOAD_SECONDS = 1.5
STARTS_WITHIN = 2.0
"""Seconds that a start waits for Redis."""


@dataclass(frozen=True)
class Bot:
    """Everything that serves residents, wired once. `now`: epoch seconds, the clock of all parts."""

    settings: Settings
    revisions: Revisions
    client: redis.Redis
    store: RedisStore
    services: Mapping[str, Service]
    turns: Turns
    sender: Sender
    root: Path
    now: Callable[[], int]

    @property
    def content(self) -> Content:
        """The served content, with what holds now."""
        return self.revisions.now.content.at(self.now())

    @property
    def loaded(self) -> Loaded:
        return self.revisions.now.loaded

    def pushes(self) -> Pushes:
        outbox = Outbox(self.store, self.settings.push == "yes", bool(self.settings.notify))
        return Pushes(outbox, self.sender, self.now)

    def worker(self) -> Worker:
        return Worker(self.store, self.turns, pushes=self.pushes())


def wall_clock() -> int:
    """Epoch seconds."""
    return int(time.time())  # wall clock: the program gets it here


def create_bot(root: Path, settings: Settings, now: Callable[[], int] = wall_clock) -> Bot:
    """Builds the bot. `now`: epoch seconds.

    Raises:
        BrokenContent, NoRevision: there is no content to serve.
        ShardsDiffer, StoreAway: Redis cannot be used.
        ValueError: keys or people are unusable.
    """
    discover()
    seal = Seal(settings.seal_keys, settings.tag_key, settings.evidence_keys)
    client = connect(settings.redis_url)
    seen = root / settings.store_seen if settings.store_seen else None
    store = RedisStore(client, seal, seen, _archive(settings.archive))
    _wait_for(store.check)
    revisions = _wait_for(
        lambda: Revisions(
            RevisionStore(client, SHARDS),
            root,
            settings.language,
            doubt=store.epochs.doubt,
            face_page=settings.face_check == "page",
        )
    )
    api = _api(settings, client, seal, now)
    media: Media = api
    moved: Callable[[], int] = now
    if settings.phone == "yes":
        from bot.kit.phone import PhoneMedia, WorldClock  # pictures stay here, and the page moves the clock

        media, moved = PhoneMedia(client, seal), WorldClock(client, now)
    if page_origin(settings):
        media = PageMedia(Pictures(client, seal), media)
    ready = _services(root, settings, revisions, client, seal, media, moved)
    codes = _codes(settings)
    turns = Turns(
        store,
        lambda revision: revisions.content(revision).at(now()),
        ready,
        TurnSettings(
            settings.budget,
            settings.inline_calls,
            settings.per_minute,
            settings.push == "yes",
            copies(settings.redis_url) if settings.copies < 0 else settings.copies,
            bool(settings.notify),
        ),
        lambda _: secrets.randbits(64),
        _illustrator(codes, media) if codes else lambda reply: reply,
        recording_events.item if settings.recording == "yes" else lambda *_: None,
        link=_links(client, seal, settings) if page_origin(settings) else None,
    )
    template: Template | None = None
    if settings.notify:
        fields = dict(
            part.strip().split("=", 1) for part in settings.notify_fields.split(",") if part.strip()
        )
        template = Template(settings.notify, settings.notify_template, fields)
    real = bool(settings.wechat_app_secret)
    sender: Sender = WeChatSender(api, template) if real else StubSender(client, seal)
    return Bot(settings, revisions, client, store, ready, turns, sender, root, now)


def _archive(url: str) -> Archive | None:
    if not url:
        return None
    from bot.services.archive import SqlArchive  # SQLAlchemy: only where there is one

    return SqlArchive(url)


def _api(settings: Settings, client: redis.Redis, seal: Seal, now: Callable[[], float]) -> Client:
    return Client(settings.wechat_app_id, settings.wechat_app_secret, client, seal, settings.wechat_api, now)


def _wait_for(ask: Callable[[], T]) -> T:
    """Retries while Redis is starting too. Raises ShardsDiffer, StoreAway."""
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            return ask()
        except StoreAway:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _services(
    root: Path,
    settings: Settings,
    revisions: Revisions,
    client: redis.Redis,
    seal: Seal,
    media: Media,
    now: Callable[[], int],
) -> dict[str, Service]:
    at = addresses(settings)

    def elsewhere(port: str) -> Service | None:
        if (address := at.get(port)) is None:
            return None
        return WithPhotos(HttpService(address, settings.bureau_token, ca=settings.bureau_ca), media)

    place = Place(
        root,
        now,
        lambda: revisions.now.content,
        lambda: revisions.now.outlets,
        Ledger(client, seal),
        tries=settings.real_name_tries,
        alarm=settings.real_name_alarm,
        counts=Ledger(client, Unsealed(seal.tag), "sb:"),
        sign_ins=SignIns(client, seal),
        proofs=FaceProofs(seal.tag) if settings.face_check == "page" else None,
    )
    made = services(place, elsewhere)
    stubs = [port for port, service in made.items() if isinstance(service, AnswersStub)]
    if stubs and is_live(settings):
        raise ValueError(f"no address of {', '.join(stubs)}: set SHEBAO_SERVICES={stubs[0]}=https://…")
    return made


def create_app(bot: Bot) -> Flask:
    """Returns the Flask application: /wechat and /healthz; /phone, /console and /callbacks if configured."""
    bot.content.guesser.prepare()  # unless bot.wsgi has given it a model
    app = Flask("shebao", static_folder=None)
    settings = bot.settings
    config = WebhookConfig(
        token=settings.wechat_token,
        app_id=settings.wechat_app_id,
        aes_keys=settings.wechat_aes_keys,
        mode=settings.wechat_mode,  # type: ignore[arg-type]  # checked when the settings were read
        freshness=settings.freshness,
        max_body=settings.max_body,
        budget=settings.budget,
    )

    bench, trial = None, None
    if settings.console_users:
        from bot.console import Bench, DraftAnswers

        bench = Bench(bot.root, settings.language)
        trial = DraftAnswers(bot, bench).answer

    def handle(delivery: Delivery, event: Event) -> Answer:
        if trial and (reply := trial(delivery, event)):
            return Answer(reply, delivery.at)
        told = bot.turns.handle(delivery.openid, delivery.account, delivery.key, event, delivery.waited)
        return Answer(told.reply, told.at, told.reply.media_id, on_sent=told.on_sent, done=told.done)

    app.wsgi_app = as_sent(webhook(app.wsgi_app, config, handle, bot.now))  # type: ignore[method-assign]
    if settings.wechat_mode == "plain":
        log.warning(
            "wechat_plain_mode",
            risk="one line of an access log lets anybody write as any resident for five minutes",
            hint="choose safe mode in WeChat's console, and set wechat_mode: safe",
        )
    if settings.phone == "yes":
        from bot.kit.phone import phone  # for development only: its user may be any resident

        pushed = bot.sender.take if isinstance(bot.sender, StubSender) else None
        app.register_blueprint(phone(bot, bot.root, pushed, bot.pushes().run, bot.services["card"]))
    if settings.proxies:  # uses only the address from its headers
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0, x_port=0, x_prefix=0
        )
    if settings.console_users:
        from bot.console import console, over

        wechat = None
        if settings.wechat_app_secret:
            spent = Spent(bot.client, settings.wechat_app_id, bot.now)
            wechat = over(_api(settings, bot.client, bot.store.seal, bot.now), spent)
        app.register_blueprint(console(bot, bot.root, wechat, bench))
    if origin := page_origin(settings):
        links, pictures = _links(bot.client, bot.store.seal, settings), Pictures(bot.client, bot.store.seal)
        authorisation = None
        if settings.page == "account":
            ask = _api(settings, bot.client, bot.store.seal, bot.now).openid_of
            app_id = settings.wechat_app_id
            authorisation = Authorisation(bot.client, bot.store.seal, app_id, origin, ask)
        faces = None
        if settings.face_check == "page":
            real_name, key = bot.services["real_name"], face_key(settings)
            faces = Faces(bot.client, bot.store.seal, real_name, key, origin, bot.now)
        made = Page(bot, links, pictures, _codes(settings), authorisation, faces)
        app.register_blueprint(made.blueprint())
    if verify := settings.page_verify:  # WeChat checks that the domain is ours
        app.add_url_rule(
            f"/MP_verify_{verify}.txt", "page_verify", lambda: Response(verify, mimetype="text/plain")
        )
    if keys := callback_keys(settings):
        app.register_blueprint(callbacks(keys, bot.store, bot.turns, bot.now))

    health = Health(lambda: look(bot.store, bot.revisions, bot.turns.settings.copies))

    @app.get("/healthz")
    def healthz() -> tuple[Response, int]:
        """Returns 200 while residents can be served; else 503, with the fault and its reason."""
        status, why = health()
        body = {"status": status, "revision": bot.content.revision} | ({"why": why} if why else {})
        return jsonify(body), 200 if status == "ok" else 503

    return app


def _links(client: redis.Redis, seal: Seal, settings: Settings) -> Links:
    return Links(client, seal, page_origin(settings), settings.page == "account")


def _codes(settings: Settings) -> Codes | None:
    """Returns the drawer of picture codes, if codes are shown as pictures."""
    if settings.code != "picture":
        return None
    from bot.services.codes import PictureCodes  # Pillow and its fonts: only if pictures are drawn

    return PictureCodes()


def _illustrator(codes: Codes, media: Media) -> Callable[[Reply], Reply]:
    """Shows the random code as an uploaded picture; as text if that fails."""

    def illustrate(reply: Reply) -> Reply:
        try:
            picture = codes.draw(reply.picture, reply.language)
            return structs.replace(reply, media_id=media.upload(picture, UPLOAD_SECONDS))
        except Unknown as e:
            log.warning("picture not uploaded", cause=str(e))
            return reply

    return illustrate
