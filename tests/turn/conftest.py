"""A store on the test Valkey, and turns over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import SEAL_KEY, TAG_KEY
from loaded import shipped_content
from store.servers import patient

from bot.engine.content import Content
from bot.store.connect import connect
from bot.store.redis import RedisStore
from bot.store.seal import Seal
from bot.turn.attempts import Runtime
from bot.turn.turns import Settings, Turns
from turn.kit import PLENTY, Clerk, LossyStore, Mailbox, Resident, Shebao


@pytest.fixture(scope="module")
def shipped() -> Content:
    content = shipped_content()
    content.guesser.prepare()  # as a process that serves residents has
    return content


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.fixture
def store(redis_url: str) -> Iterator[RedisStore]:
    client = patient(connect(redis_url))
    yield RedisStore(client, Seal([SEAL_KEY], TAG_KEY))
    client.close()


@pytest.fixture
def lossy(redis_url: str) -> LossyStore:
    return LossyStore(patient(connect(redis_url)), Seal([SEAL_KEY], TAG_KEY))


@pytest.fixture
def make_turns(store: RedisStore, clerk: Clerk, shipped: Content) -> Callable[..., Turns]:
    def make(over: RedisStore = store, runtime: Runtime | None = None, **settings: Any) -> Turns:
        services = dict.fromkeys(("real_name", "card", "outlets"), clerk)
        given = Settings(**{"budget": PLENTY, "per_minute": 1000, **settings})
        return Turns(over, lambda _: shipped, services, given, lambda _: 12345, runtime=runtime)

    return make


@pytest.fixture
def turns(make_turns: Callable[..., Turns]) -> Turns:
    return make_turns()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def resident(turns: Turns) -> Resident:
    return Resident(turns)


@pytest.fixture
def shebao(store: RedisStore, turns: Turns, clerk: Clerk) -> Shebao:
    return Shebao(store, turns, clerk)
