"""The phone over a real server on loopback, and a resident who clicks in Debian's chromium."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, emptied, settings
from flask import Flask
from moment import NOW, Clock
from werkzeug.serving import make_server

from bot.app import Bot, create_app, create_bot
from bot.kit.embedded import EmbeddedValkey
from bot.kit.phone import phone
from bot.kit.stubs.pushed import StubSender
from bot.turn.jobs import Worker
from web.operator import USERS

CLOCK = Clock()
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
BROWSER_SECONDS = 120
"""Until it has started, or a page shows what it is to show: no machine is too busy for that."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # it may be small, and a page that does not fit into it dies
)


def phone_app(bot: Bot, root: Path = ROOT) -> Flask:
    """The account with the phone beside it."""
    app = create_app(bot)
    if "phone" not in app.blueprints:
        taken = bot.sender.take if isinstance(bot.sender, StubSender) else None
        app.register_blueprint(phone(bot, root, taken, bot.pushes().run, bot.services["card"]))
    return app


# A browser and a driver of its own for each test: where one dies, its test fails and no other.
@pytest.fixture
def playwright() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium here: apt-get install -y chromium fonts-noto-cjk")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


@pytest.fixture
def browser(playwright: Any) -> Iterator[Any]:
    made = playwright.chromium.launch(
        executable_path=CHROMIUM, args=list(FLAGS), headless=True, timeout=BROWSER_SECONDS * 1000
    )
    yield made
    made.close()


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    return {}


@pytest.fixture
def new_context(new_context: Callable[..., Any]) -> Callable[..., Any]:
    """As playwright's, with our patience; `page` is of one of these."""

    def make(**options: Any) -> Any:
        context = new_context(**options)
        context.set_default_timeout(BROWSER_SECONDS * 1000)
        return context

    return make


@pytest.fixture(scope="session")
def _with_console(valkey: EmbeddedValkey) -> Iterator[Bot]:
    emptied(valkey)  # or it would serve what another test has published
    made = create_bot(ROOT, settings(valkey.url, console_users=USERS), CLOCK)
    yield made
    made.client.close()


@pytest.fixture
def console_bot(_with_console: Bot, redis_url: str) -> Bot:
    """The whole service with a console, made once; its store is empty. For tests that publish nothing."""
    CLOCK.at = NOW
    return _with_console


@pytest.fixture(scope="session")
def _console_app(_with_console: Bot) -> Flask:
    return create_app(_with_console)


@pytest.fixture
def console_app(console_bot: Bot, _console_app: Flask) -> Flask:
    """Its application, made once: templates are compiled once. For tests that count nothing on past days."""
    assert console_bot.client.ping()
    return _console_app


@pytest.fixture
def serve_app() -> Iterator[Callable[..., str]]:
    """`serve_app(app, *workers)`: the address of its server, with workers beside it."""
    ends: list[Callable[[], None]] = []

    def start(app: Flask, *workers: Worker) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threads = [threading.Thread(target=run) for run in (server.serve_forever, *(w.run for w in workers))]
        for thread in threads:
            thread.start()

        def end() -> None:
            server.shutdown()
            for worker in workers:
                worker.stop()
            for thread in threads:
                thread.join()
            server.server_close()

        ends.append(end)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for end in ends:
        end()


@pytest.fixture
def serve(make_bot: Callable[..., Bot], serve_app: Callable[..., str]) -> Callable[..., str]:
    """`serve(root=…, setting=value…)`: the address of the phone's page, with a worker beside it.

    As with `make run`, the account pushes.
    """

    def start(root: Path = ROOT, **changed: object) -> str:
        bot = make_bot(root, phone="yes", push="yes", recording="yes", **changed)
        return serve_app(phone_app(bot, root), bot.worker()) + "/phone"

    return start
