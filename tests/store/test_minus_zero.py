"""Redis 6.2 and 7.0 write a Lua number as C does, and take no -0 for a number."""

from __future__ import annotations

import pytest
import redis
from conftest import ROOT

KEYS = [f"sb:{{s0}}:{name}" for name in ("due", "outbox", "claimed", "reminder", "window", "unconfirmed")]
AS_REDIS_7 = """
local server = redis
local redis = {call = function(...)
  for _, v in ipairs({...}) do assert(v ~= 0 or 1 / v > 0, 'a -0') end
  return server.call(...)
end}
"""


@pytest.mark.parametrize(("sent", "left"), [(0, 5), (2, 3), (9, 0)])
def test_a_push_that_was_not_sent_takes_nothing_from_the_window(redis_url: str, sent: int, left: int) -> None:
    script = (ROOT / "bot/store/push_finish.lua").read_text()
    with redis.Redis.from_url(redis_url) as client:
        client.hset(KEYS[4], mapping={"claim": "c", "message": 2**31, "message_left": 5})
        assert client.eval(AS_REDIS_7 + script, 6, *KEYS, "p:tag", "c", sent, sent, 0, 60, "0", "") == b"done"
        assert client.hget(KEYS[4], "message_left") == str(left).encode()
