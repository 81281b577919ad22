"""A copy of Redis is put back as docs/deploy.md says: it is there, and the service sees that it is older."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import SEAL_KEY, TAG_KEY
from store.copies import beat
from store.servers import Server, ports, until

from bot.store.connect import connect
from bot.store.redis import RedisStore
from bot.store.seal import Seal
from deploy.machine import redis_options

pytestmark = pytest.mark.slow


def test_an_older_copy_is_served_and_known_to_be_older(tmp_path: Path) -> None:
    data, copy, seen = tmp_path / "redis", tmp_path / "copy.rdb", tmp_path / "seen"
    (port,) = ports(1)
    server = Server(data, port, *redis_options())

    def store() -> RedisStore:
        client = connect(f"redis://127.0.0.1:{port}/0")
        found = RedisStore(client, Seal((SEAL_KEY,), TAG_KEY), seen)
        found.check()
        return found

    before = store()
    beat(before)
    before.client.set("kept", "yes")
    server.client.bgsave()
    assert until(lambda: not server.client.info("persistence")["rdb_bgsave_in_progress"])
    shutil.copy(data / "dump.rdb", copy)
    before.client.set("lost", "yes")
    beat(before)
    beat(before)
    server.kill()

    (data / "appendonlydir").rename(tmp_path / "appendonlydir.lost")
    shutil.copy(copy, data / "dump.rdb")
    once = Server(data, port, *redis_options(), "--appendonly", "no")
    once.client.config_set("appendonly", "yes")
    assert until(lambda: not once.client.info("persistence")["aof_rewrite_in_progress"])
    once.kill()
    again = Server(data, port, *redis_options())
    try:
        after = store()
        assert (after.client.get("kept"), after.client.get("lost")) == (b"yes", None)
        assert after.epochs.doubt() == "older"
        assert after.epochs.accept()
        assert not after.epochs.doubt()
    finally:
        again.kill()
