"""The parts of bot.app.Bot that pages and figures use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import redis

from bot.content.load import Loaded
from bot.engine.content import Content
from bot.settings import Settings
from bot.store.redis import RedisStore
from bot.turn.revisions import Revisions
from bot.turn.turns import Turns


class Served(Protocol):
    @property
    def settings(self) -> Settings: ...
    @property
    def root(self) -> Path: ...
    @property
    def content(self) -> Content: ...
    @property
    def loaded(self) -> Loaded: ...
    @property
    def revisions(self) -> Revisions: ...
    @property
    def client(self) -> redis.Redis: ...
    @property
    def store(self) -> RedisStore: ...
    @property
    def turns(self) -> Turns: ...
    @property
    def now(self) -> Callable[[], int]: ...
