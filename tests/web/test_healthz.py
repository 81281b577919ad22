"""/healthz tells a load balancer in under a second whether residents can be served, and why not."""

from __future__ import annotations

import time

import pytest
from turn.kit import everything, refusing

from bot.account.health import Health
from bot.app import Bot, create_app


@pytest.mark.parametrize("why", ["OOM", "NOREPLICAS", "READONLY"])
def test_a_store_that_refuses_writes_is_no_health_and_comes_back_by_itself(bot: Bot, why: str) -> None:
    client = create_app(bot).test_client()
    assert client.get("/healthz").status_code == 200
    with refusing(bot.client, why):
        before = everything(bot.client)
        answer = client.get("/healthz")
        assert answer.status_code == 503
        assert answer.json == {"status": "store away", "why": why, "revision": bot.content.revision}
        assert everything(bot.client) == before
    assert client.get("/healthz").status_code == 200


@pytest.mark.slow
def test_it_keeps_nobody_waiting_and_looks_once_at_a_time() -> None:
    looks = []

    def hang() -> tuple[str, str]:
        looks.append(1)
        time.sleep(1.2)
        return "ok", ""

    health, began = Health(hang), time.monotonic()
    assert health() == ("store away", "no answer")
    assert time.monotonic() - began < 1.0
    assert health() == ("ok", ""), "what was begun has ended"
    assert len(looks) == 1
