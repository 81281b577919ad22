"""/healthz tells a load balancer in under a second whether residents can be served, and why not."""

from __future__ import annotations

import threading

import pytest
from store.servers import PATIENCE, until
from turn.kit import everything, refusing

from bot.account.health import Health
from bot.app import Bot, create_app


@pytest.mark.parametrize("why", ["OOM", "NOREPLICAS", "READONLY"])
def test_a_store_that_refuses_writes_is_no_health_and_comes_back_by_itself(bot: Bot, why: str) -> None:
    client = create_app(bot).test_client()

    def says(code: int, why: str) -> bool:
        """In the end: a process that stood still for a second says once that nothing answers."""
        return until(lambda: (came := client.get("/healthz")).status_code == code and came.json == told(why))

    def told(why: str) -> dict[str, str]:
        found = {"status": "store away", "why": why} if why else {"status": "ok"}
        return found | {"revision": bot.content.revision}

    assert says(200, "")
    with refusing(bot.client, why):
        before = everything(bot.client)
        assert says(503, why)
        assert everything(bot.client) == before
    assert says(200, "")


@pytest.mark.slow
def test_it_keeps_nobody_waiting_and_looks_once_at_a_time() -> None:
    looks = []

    def hang() -> tuple[str, str]:
        looks.append(1)
        answers.wait(PATIENCE)
        return "ok", ""

    health, answers = Health(hang), threading.Event()
    for _ in range(2):
        assert health() == ("store away", "no answer"), "it does not wait for the store"
    assert len(looks) == 1
    answers.set()
    assert until(lambda: health() == ("ok", "")), "what was begun has ended"
