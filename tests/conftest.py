"""One embedded Valkey for the whole run; every test begins with an empty one."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import redis
from moment import Clock
from phone import Phone

from bot import logs
from bot.app import Bot, create_app, create_bot
from bot.engine.flow import Content
from bot.kit.embedded import EmbeddedValkey
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
SEAL_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
TAG_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

hypothesis.settings.register_profile("ours", deadline=None)  # of one example: that is up to the machine
hypothesis.settings.load_profile("ours")


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


def pytest_collection_finish() -> None:
    """What is loaded by now stays; looking for garbage in it again and again takes seconds."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    logs.configure("INFO")
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as running:
        yield running


def emptied(valkey: EmbeddedValkey) -> str:
    """Its address, with nothing in it."""
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    return valkey.url


@pytest.fixture
def redis_url(valkey: EmbeddedValkey) -> str:
    """The address of an empty Valkey."""
    return emptied(valkey)


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
