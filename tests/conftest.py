"""One embedded Valkey for the whole run; every test begins with an empty one."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle
from pathlib import Path

import hypothesis
import jinja2
import pytest
import redis
from flask import Flask
from jinja2.bccache import Bucket
from moment import Clock
from phone import Phone

from bot import logs
from bot.app import Bot, create_app, create_bot
from bot.engine.content import Content
from bot.kit.embedded import EmbeddedValkey
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
SEAL_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
TAG_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

gc.disable()  # until all tests are collected: nothing of that is garbage

# Deadlines of one example are up to the machine. `make test` looks at as many examples as are usual.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=25)
hypothesis.settings.load_profile("ours")


class Compiled(jinja2.BytecodeCache):
    """Templates that one application has compiled serve the applications of later tests."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self.kept.get(bucket.key, ("", b""))
        if checksum == bucket.checksum:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.checksum, bucket.bytecode_to_string()


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}


def settings(redis_url: str, **changed: object) -> Settings:
    """Those of a safe-mode account. CreateTime runs ahead in tests, so freshness is off."""
    given: dict[str, object] = {
        "redis_url": redis_url,
        "seal_keys": (SEAL_KEY,),
        "tag_key": TAG_KEY,
        "wechat_token": "made-up-token",
        "wechat_app_id": "wx0000000000000001",
        "wechat_aes_keys": (AES_KEY,),
        "freshness": 0,
        "per_minute": 10_000,
    }
    return Settings(**{**given, **changed})  # type: ignore[arg-type]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test marked `quick(n)`, the first n cases are part of `make check`, the others of `make test`."""
    cases: Counter[str] = Counter()
    for item in items:
        if mark := item.get_closest_marker("quick"):
            name = item.nodeid.partition("[")[0]
            cases[name] += 1
            if cases[name] > mark.args[0]:
                item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """What is loaded by now stays; looking for garbage in it again and again takes seconds."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    logs.configure("INFO")
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey"), ("--appendonly", "no")) as running:
        yield running


@cache
def _emptying(url: str) -> redis.Redis:
    """Kept open: a connection costs more than what it is for."""
    return redis.Redis.from_url(url)


_DATABASES = cycle(range(1, 16))


def emptied(valkey: EmbeddedValkey) -> str:
    """Its address, with nothing in it."""
    _emptying(valkey.url).flushall()
    return valkey.url


@pytest.fixture
def redis_url(valkey: EmbeddedValkey) -> str:
    """The address of an empty Valkey: each time another database of it, in which no thread of an earlier test
    still writes."""
    return f"{emptied(valkey)}?db={next(_DATABASES)}"


@pytest.fixture
def clock() -> Clock:
    """What time it is for the services of this test."""
    return Clock()


@pytest.fixture
def make_bot(redis_url: str, clock: Clock) -> Iterator[Callable[..., Bot]]:
    """`make_bot(root=…, setting=value…)`: the whole service over the test Valkey."""
    made: list[Bot] = []

    def make(root: Path = ROOT, **changed: object) -> Bot:
        made.append(create_bot(root, settings(redis_url, **changed), clock))
        return made[-1]

    yield make
    for bot in made:
        bot.client.close()


@pytest.fixture
def bot(make_bot: Callable[..., Bot]) -> Bot:
    return make_bot()


@pytest.fixture
def make_phone(bot: Bot) -> Callable[..., Phone]:
    """`make_phone("张三")`: the phone of somebody of config/stub.yaml, over the real webhook in safe mode."""
    app = create_app(bot)

    def make(person: str = "张三", name: str = "") -> Phone:
        return Phone(app.test_client(), bot, person, name)

    return make


@pytest.fixture
def phone(make_phone: Callable[..., Phone]) -> Phone:
    return make_phone()


@pytest.fixture
def content(bot: Bot) -> Content:
    return bot.content
