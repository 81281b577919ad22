"""The bureau called directly, and the same bureau called over HTTP on a real socket."""

import threading
from collections.abc import Iterator

import pytest
import redis
from services.conftest import bureau_client  # noqa: F401
from services.kit import Bureau
from werkzeug.serving import make_server

from bot.kit.stubs.bureau import create_bureau
from bot.services.http import HttpService
from contracts.faults import answer_badly

TOKEN = "a-token-of-the-tests"


@pytest.fixture
def direct(bureau_client: redis.Redis) -> Bureau:  # noqa: F811
    return Bureau(bureau_client)


@pytest.fixture
def base(direct: Bureau) -> Iterator[str]:
    """The address of the reference bureau, served in a thread, with its faults on."""
    app = create_bureau(direct.services, TOKEN, answer_badly)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    server.block_on_close = False  # a hanging answer must not hold the test up
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["stub", "http"])
def bureau(request: pytest.FixtureRequest, direct: Bureau) -> Bureau:
    if request.param == "http":
        service = HttpService(request.getfixturevalue("base"), TOKEN)
        direct.services = dict.fromkeys(("card", "real_name", "outlets"), service)
    return direct
