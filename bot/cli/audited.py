"""Records who gives a command, in the audit log that the console shows."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.app import Bot

BY = click.option("--by", default="", help="Who does it, for the audit log (default: your login name).")


@contextmanager
def audited(bot: Bot, what: str, about: str, by: str) -> Iterator[Callable[[str], None]]:
    """See Audit.change. `about`: nothing personal: a resident's tag, never the openid.

    Raises:
        StoreAway.
    """
    from bot.console.audit import TERMINAL, Audit
    from bot.store.connect import answering

    audit = Audit(bot.store.client, bot.store.seal, bot.now)
    with answering(), audit.change(by or login(), what, about, TERMINAL) as result:
        yield result


def login() -> str:
    """Returns the user of this system; with sudo, the user who called it."""
    with suppress(OSError, KeyError):  # a container's user may have no name
        return os.environ.get("SUDO_USER") or getpass.getuser()
    return f"uid {os.getuid()}"
