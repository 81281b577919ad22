"""`shebao web`, `shebao worker`: the two processes that serve residents in production."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from bot.cli.content import here
from bot.cli.wiring import built, settings_of

_CONFIG = Path(__file__).parents[1] / "gunicorn_conf.py"


def server(bind: str) -> list[str]:
    """Returns the web server's command line."""
    return [sys.executable, "-m", "gunicorn", "--config", str(_CONFIG), "--bind", bind, "bot.wsgi:app"]


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address of the web server.")
@click.option("--check", is_flag=True, help="Say whether it could start, and end: before a reload.")
def web(bind: str, check: bool) -> None:
    """Answer WeChat until stopped. HUP loads what is installed and set now, and loses no message."""
    if check:
        from bot.app import create_app

        create_app(built(here(), os.environ))
        return
    settings_of(here(), os.environ)  # what is wrong is said once, and not by each process
    os.execv(sys.executable, server(bind))  # noqa: S606 - the one that signals are sent to is gunicorn


@click.command()
def worker() -> None:
    """Take due jobs and timers until stopped. Several at once are safe."""
    import signal
    import threading

    import structlog

    from bot import logs
    from bot.account import metrics

    bot = built(here(), os.environ)
    logs.configure(bot.settings.log_level)
    metrics.start(bot)
    running = bot.worker()
    asked: list[int] = []  # a handler may not touch the worker's locks: the main thread may hold them
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: asked.append(number))
    threading.excepthook = lambda bug: structlog.get_logger().error(
        "worker failed", **(logs.where(bug.exc_value) if bug.exc_value else {})
    )
    working = threading.Thread(target=running.run, name="worker")
    working.start()
    while not asked and working.is_alive():
        time.sleep(0.2)
    running.stop()
    working.join()
    sys.exit(0 if asked else 1)
