"""Conversations share one wired bot over an empty Valkey, and are held on two kinds of phone."""

from collections.abc import Callable, Iterator

import pytest
from conftest import ROOT, emptied, settings
from flask import Flask
from moment import NOW, Clock
from phone import Phone

from bot.app import Bot, create_app, create_bot
from bot.kit.embedded import EmbeddedValkey

from .kit import TwicePhone

CLOCK = Clock()
MAIN = "test_loss"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Delivered twice, the main conversation is part of `make check`, the others of `make test`."""
    for item in items:
        name = item.path.stem
        if "conversations" in item.path.parts and "[twice" in item.name and name != MAIN:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def wired(valkey: EmbeddedValkey) -> Iterator[Bot]:
    """Everything it remembers stands in Valkey, so one serves all conversations."""
    emptied(valkey)  # or it would serve what another test has published
    made = create_bot(ROOT, settings(valkey.url), CLOCK)
    yield made
    made.client.close()


@pytest.fixture(scope="session")
def app(wired: Bot) -> Flask:
    return create_app(wired)


@pytest.fixture
def bot(wired: Bot, redis_url: str) -> Bot:
    assert redis_url  # Valkey is empty now
    CLOCK.at = NOW
    return wired


@pytest.fixture(params=[Phone, TwicePhone], ids=["once", "twice"])
def make_phone(bot: Bot, app: Flask, request: pytest.FixtureRequest) -> Callable[..., Phone]:
    """`make_phone("张三")`. Held twice: every message delivered once, and every message delivered twice."""

    def make(person: str = "张三", name: str = "") -> Phone:
        made: Phone = request.param(app.test_client(), bot, person, name)
        return made

    return make


@pytest.fixture
def phone(make_phone: Callable[..., Phone]) -> Phone:
    return make_phone()


@pytest.fixture
def once_phone(bot: Bot, app: Flask) -> Callable[..., Phone]:
    """For what goes on in the background or fails: each message is delivered once."""

    def make(person: str = "张三", name: str = "") -> Phone:
        return Phone(app.test_client(), bot, person, name)

    return make
