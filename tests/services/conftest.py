from collections.abc import Iterator

import pytest
import redis

from services.kit import Bureau


@pytest.fixture
def bureau_client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url, socket_timeout=2) as client:
        yield client


@pytest.fixture
def bureau(bureau_client: redis.Redis) -> Bureau:
    return Bureau(bureau_client)
