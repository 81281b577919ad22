"""The service as the drill runs it: `gunicorn drill.entry:app`, `python -m drill.entry worker`.

DRILL_BUILD names a build that is broken on purpose, to prove that the drill finds it:
no-delivery-check, no-key, confirms-first, mute, no-deadline, careless (here and in stage.py).
"""

from __future__ import annotations

import math
import os
import random
import secrets
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from msgspec import structs

from bot import logs
from bot.app import Bot, create_app, create_bot
from bot.content.read import settings_file
from bot.ports import Request, Result, Service
from bot.store.deadline import within
from bot.store.fleet import Fleet
from bot.store.records import CommitRequest, ResidentKey, Snapshot, StoreAway
from bot.store.redis import RedisStore
from bot.turn.pulse import Pulse
from bot.turn.turns import Turns


class Forgetful(RedisStore):
    """Knows no delivery again."""

    def begin(self, owner: ResidentKey, delivery: str) -> Snapshot:
        return structs.replace(super().begin(owner, delivery), delivery="", reply=None)

    def commit(self, owner: ResidentKey, delivery: str, plan: CommitRequest) -> str:
        fresh = secrets.token_hex(8) if plan.delivery == "new" else delivery
        return super().commit(owner, fresh, plan)


class Mute(RedisStore):
    """Loses what waits to be told."""

    def commit(self, owner: ResidentKey, delivery: str, plan: CommitRequest) -> str:
        return super().commit(owner, delivery, structs.replace(plan, outbox=None))


class Endless(RedisStore):
    """Tries again and again to write, whatever the time is."""

    def commit(self, owner: ResidentKey, delivery: str, plan: CommitRequest) -> str:
        while True:
            with suppress(StoreAway), within(math.inf):
                return super().commit(owner, delivery, structs.replace(plan, not_after=0.0))
            time.sleep(0.05)  # late by itself, not for want of a processor


class NoKey:
    """Makes up a new idempotency key for every attempt."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def perform(self, request: Request) -> Result:
        return self._service.perform(replace(request, key=secrets.token_hex(16)))

    def find(self, action: str, key: str) -> Result | None:
        return self._service.find(action, key)


class ConfirmsFirst(NoKey):
    """Says that the card is reported lost, and then tells the bureau, if nothing comes in between."""

    def perform(self, request: Request) -> Result:
        if request.action != "card.report_loss":
            return self._service.perform(request)
        if random.random() < 0.7:  # the process lived long enough
            self._service.perform(request)
        made_up = {
            "number": f"2099{secrets.randbelow(10**8):08d}",
            "kind": "temporary",
            "until": "2027-12-01",
        }
        return Result("done", {**made_up, "bank_name": "清风银行", "bank_phone": "95000"})


class Careless(NoKey):
    """Writes names into the log."""

    def perform(self, request: Request) -> Result:
        structlog.get_logger().info("asked", what=str(request.arguments.get("name", "")))
        return self._service.perform(request)


def build(name: str) -> Bot:
    bot = create_bot(Path.cwd(), settings_file.load(Path.cwd()))  # wall clock: real processes
    if not name:
        return bot
    services: Mapping[str, Service] = bot.services
    store = bot.store
    stores = {"mute": Mute, "no-delivery-check": Forgetful, "no-deadline": Endless}
    if name in stores:
        store = stores[name](bot.client, bot.store.seal)
    else:
        wrap = {"no-key": NoKey, "confirms-first": ConfirmsFirst, "careless": Careless}[name]
        services = {port: wrap(service) for port, service in services.items()}
    turns = Turns(
        store,
        bot.revisions.content,
        services,
        bot.turns.settings,
        lambda _: secrets.randbits(64),
    )
    return replace(bot, store=store, services=services, turns=turns)


class From(socket.socket):
    """A connection from DRILL_FROM, so that a network that is cut knows whose it is."""

    def connect(self, address: Any) -> None:
        if self.family == socket.AF_INET:
            self.bind((os.environ["DRILL_FROM"], 0))
        super().connect(address)


LIVES = 6
"""Seconds that a word of life holds in the drill, whose time is short."""


def shorter(bot: Bot) -> None:
    """A fleet that settles sooner than the real one."""
    bot.store.fleet = Fleet(bot.client, bot.store.seal, {"session": 1}, LIVES)
    bot.store.fleet.say()


if "DRILL_FROM" in os.environ:
    socket.socket = From  # type: ignore[misc]
logs.configure("INFO")
try:
    _bot = build(os.environ.get("DRILL_BUILD", ""))
    shorter(_bot)
except StoreAway as e:  # as bot/wsgi.py and `shebao worker` end; whoever watches over them starts them again
    sys.stderr.write(f"Error: Redis does not answer ({e})\n")
    raise SystemExit(1) from None

if __name__ == "__main__":
    assert sys.argv[1:] == ["worker"]
    _worker = _bot.worker()
    signal.signal(signal.SIGTERM, lambda *_: _worker.stop())
    _worker.run()
else:
    Pulse(_bot.store, every=1.0).start()
    app = create_app(_bot)
