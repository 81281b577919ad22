"""A client whose answers are late: each of its commands runs, and is sent again."""

from __future__ import annotations

from typing import Any

import redis

from bot.store.wire import Client


class SentAgain(Client):
    """In place of `client`."""

    def __init__(self, client: redis.Redis) -> None:
        super().__init__(connection_pool=client.connection_pool)

    def execute_command(self, command: str, *args: Any, **options: Any) -> Any:
        super().execute_command(command, *args, **options)
        return super().execute_command(command, *args, **options)
