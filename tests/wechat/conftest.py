from __future__ import annotations

import pytest
from redis import Redis


@pytest.fixture
def token_store(redis_url: str) -> Redis:
    """A real server of our own, empty."""
    return Redis.from_url(redis_url, socket_timeout=5)
