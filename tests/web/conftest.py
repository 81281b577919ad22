"""The phone over a real server on loopback, and a resident who clicks in Debian's chromium."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from flask import Flask
from werkzeug.serving import make_server

from bot.app import Bot, create_app
from bot.web.phone import phone

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def copied(root: Path) -> None:
    """Content of one's own, to be edited."""
    for folder in ("flows", "messages", "config"):
        shutil.copytree(ROOT / folder, root / folder)


def phone_app(bot: Bot, root: Path = ROOT) -> Flask:
    """The account with the phone beside it."""
    app = create_app(bot)
    if "phone" not in app.blueprints:
        app.register_blueprint(phone(bot, root))
    return app


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium here: apt-get install -y chromium fonts-noto-cjk")
    return {"executable_path": CHROMIUM, "args": list(FLAGS), "headless": True}


@pytest.fixture
def serve(make_bot: Callable[..., Bot]) -> Iterator[Callable[..., str]]:
    """`serve(root=…, setting=value…)`: the address of the phone's page, with a worker beside it."""
    ends: list[Callable[[], None]] = []

    def start(root: Path = ROOT, **changed: object) -> str:
        bot = make_bot(root, phone="yes", recording="yes", **changed)
        server = make_server("127.0.0.1", 0, phone_app(bot, root), threaded=True)
        worker = bot.worker()
        threads = [threading.Thread(target=t) for t in (server.serve_forever, worker.run)]
        for thread in threads:
            thread.start()

        def end() -> None:
            server.shutdown()
            worker.stop()
            for thread in threads:
                thread.join()
            server.server_close()

        ends.append(end)
        return f"http://127.0.0.1:{server.server_port}/phone"

    yield start
    for end in ends:
        end()
