"""A server of our own for conversations over HTTP; only its services are invented."""

from __future__ import annotations

import secrets
import tempfile
import threading
from pathlib import Path
from typing import Any

from bot.actions import ports
from bot.engine import events as e
from bot.engine.effects import Reply
from bot.kit.embedded import EmbeddedValkey
from bot.kit.replay.conversation import Conversation
from bot.kit.replay.services import Answers
from bot.kit.replay.stage import CannotPlay, Scenery
from bot.kit.replay.wire import PLENTY
from bot.kit.wechat import Account
from bot.ports import Request, Service
from bot.ports import Result as Outcome
from bot.store.connect import connect
from bot.store.redis import RedisStore
from bot.store.seal import Seal, new_key
from bot.turn.turns import Settings as TurnSettings
from bot.turn.turns import Turns
from bot.wechat.inbound import Delivery
from bot.wechat.webhook import Answer, WebhookConfig, webhook


class Server:
    """Runs the real webhook, turn and store over an embedded Valkey, with the conversation's services."""

    def __init__(self, scenery: Scenery) -> None:
        from flask import Flask
        from werkzeug.serving import make_server

        self.scenery = scenery
        token, app_id, aes_key = "made-up-token", "wx0000000000000001", secrets.token_hex(21) + "A"
        self.account = Account(token, app_id, aes_key)
        self._folder = tempfile.TemporaryDirectory()
        self._valkey = EmbeddedValkey(Path(self._folder.name)).start()
        self.client = connect(self._valkey.url)
        store = RedisStore(self.client, Seal((new_key(),), new_key()))
        store.check()
        self.answers = Answers((), None, scenery.content, lambda: 0)
        services: dict[str, Service] = dict.fromkeys(ports(), self)
        settings = TurnSettings(budget=PLENTY, per_minute=100_000)
        self.turns = Turns(
            store, lambda _: scenery.content, services, settings, lambda _: secrets.randbits(64)
        )
        app = Flask("replay", static_folder=None)
        config = WebhookConfig(token, app_id, (aes_key,), "safe", 0)
        hook = webhook(app.wsgi_app, config, self._handle, lambda: self.answers.now())
        self._under_way, self._changed = 0, threading.Condition()
        app.wsgi_app = self._counted(hook)  # type: ignore[method-assign]
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _handle(self, delivery: Delivery, event: e.Event) -> Answer:
        self.answers.now = lambda: event.at
        told = self.turns.handle(delivery.openid, delivery.account, delivery.key, event)
        reply: Reply = told.reply
        return Answer(reply, told.at, on_sent=told.on_sent)

    def _counted(self, app: Any) -> Any:
        from werkzeug.wsgi import ClosingIterator

        def count(more: int) -> None:
            with self._changed:
                self._under_way += more
                self._changed.notify_all()

        def serve(environ: Any, start_response: Any) -> Any:
            count(1)
            return ClosingIterator(app(environ, start_response), lambda: count(-1))

        return serve

    def settle(self) -> None:
        """Waits until every answer is sent: an unsent one would be repeated."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._under_way, PLENTY):
                raise CannotPlay("the server does not come to an end with an answer")

    def perform(self, request: Request) -> Outcome:
        """Implements bot.ports.Service with the answers of the current conversation."""
        return self.answers.perform(request)

    def find(self, action: str, key: str) -> Outcome | None:
        return None

    def begin(self, conversation: Conversation) -> None:
        self.client.flushdb()
        town = self.scenery.town if conversation.stubs else None
        self.answers = Answers(conversation.services, town, self.scenery.content, lambda: 0)

    def stop(self) -> None:
        self._server.shutdown()
        self.client.close()
        self._valkey.stop()
        self._folder.cleanup()
