"""Fifty cold processes need an access token at once: WeChat is asked for one, once."""

from __future__ import annotations

import multiprocessing
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import redis
from conftest import SEAL_KEY, TAG_KEY
from moment import NOW
from store.servers import PATIENCE
from wechat.wechat_api import serving

from bot.ports import Unknown
from bot.store.seal import Seal
from bot.wechat.client import Client

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")


def fetch(address: str, redis_url: str, out: str) -> None:
    store, seal = redis.Redis.from_url(redis_url), Seal([SEAL_KEY], TAG_KEY)
    client = Client("wx1", "app-secret", store, seal, address, lambda: NOW)
    for _ in range(20):  # the small server takes five connections at a time
        with suppress(Unknown):
            Path(out).write_bytes(client.fetch("m-1", PATIENCE))
            return


@pytest.mark.slow
def test_fifty_cold_processes_fetch_one_token(redis_url: str, tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    with serving() as api:
        children = [
            fork.Process(target=fetch, args=(api.url, redis_url, str(tmp_path / str(n)))) for n in range(50)
        ]
        for child in children:
            child.start()
        for child in children:
            child.join(PATIENCE)
        assert [child.exitcode for child in children] == [0] * 50
        assert len(list(tmp_path.iterdir())) == 50
        assert len(api.fetches) == 1
