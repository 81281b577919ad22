"""A bureau of stubs on a real Redis, with a clock that tests turn by hand."""

from __future__ import annotations

import base64
import itertools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import redis
from moment import NOW, china, epoch

from bot.actions import ACTIONS
from bot.engine.flow import Value
from bot.kit.stubs.people import People, Person, load_people
from bot.kit.stubs.policy import Policy
from bot.kit.stubs.stub_card import CardStub
from bot.kit.stubs.stub_real_name import RealNameStub
from bot.ports import Request, Result, Service
from bot.services.ledger import Ledger
from bot.services.limit import Limited
from bot.services.outlets import Outlets
from bot.services.places import load_outlets
from bot.store.seal import Seal

CONFIG = Path(__file__).parents[2] / "config"
PEOPLE = load_people(CONFIG / "stub.yaml")
OUTLETS = load_outlets(CONFIG / "outlets.yaml")
THURSDAY = epoch("2026-03-12 12:00")
_keys = itertools.count(1)


def who(name: str) -> Person:
    return next(p for p in PEOPLE.everyone if p.name == name)


def a_seal() -> Seal:
    return Seal([base64.b64encode(b"s" * 32).decode()], base64.b64encode(b"t" * 32).decode())


def a_request(
    action: str, key: str = "", within: float = 3.0, resident: str = "tag", **arguments: Value
) -> Request:
    """A request with a key of its own, unless one is given."""
    return Request(action, arguments, key or f"{resident}/1/{action}/{next(_keys)}", resident, within)


@dataclass
class Clock:
    """Epoch seconds, and how long anyone slept."""

    at: int = NOW
    slept: list[float] = field(default_factory=list)

    def now(self) -> int:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def date(self, later: int) -> str:
        """ISO 8601, so many days from the clock's."""
        return (china(self.at) + timedelta(days=later)).date().isoformat()

    def days(self, count: float) -> None:
        self.at += int(count * 86_400)


class Bureau:
    """Stubs over one key space of their own. Calls go to `services`, which a test may replace by HTTP."""

    def __init__(self, client: redis.Redis, people: People = PEOPLE, policy: Policy | None = None) -> None:
        self.clock = Clock()
        self.client = client
        self.prefix = f"test-{uuid.uuid4().hex}:"
        self.ledger = Ledger(client, a_seal(), self.prefix)
        rules = policy or Policy()
        now, sleep = self.clock.now, self.clock.sleep
        self.cards = CardStub(people, self.ledger, now, lambda: rules, sleep)
        real_name = Limited(RealNameStub(people, self.ledger, now, sleep), self.ledger, now)
        self.services: Mapping[str, Service] = {
            "card": self.cards,
            "real_name": real_name,
            "outlets": Outlets(lambda: OUTLETS),
        }

    def call(self, action: str, **arguments: Value | float) -> Result:
        request = a_request(action, **arguments)  # type: ignore[arg-type]
        return self.services[action.split(".")[0]].perform(request)

    def card_of(self, name: str) -> dict[str, str]:
        found = self.call("card.find", id_number=who(name).id_number)
        assert found.outcome == "found"
        assert isinstance(found.value, dict)
        return found.value

    def application(self, name: str, reason: str = "lost") -> dict[str, Value]:
        """All that an application needs, to be collected at an outlet."""
        return {
            "card": self.card_of(name)["id"],
            "reason": reason,
            "mobile": "13800000000",
            "valid_to": "2036-05-20",
            "front": "ZnJvbnQ=",
            "back": "YmFjaw==",
            "portrait": "cG9ydHJhaXQ=",
            "delivery": "outlet",
            "outlet": {"id": "pa-heping", "name": "平安区社保卡服务中心"},
        }

    def apply(self, name: str, reason: str = "lost", **more: Value) -> Result:
        return self.call("card.apply", **(self.application(name, reason) | more))

    def latest(self, name: str) -> dict[str, str]:
        """The progress of a person's newest application."""
        listed = self.call("card.applications", id_number=who(name).id_number).value
        assert isinstance(listed, list)
        progress = self.call("card.progress", application=listed[0]["id"]).value
        assert isinstance(progress, dict)
        return progress

    def done(self, action: str) -> int:
        return sum(line["action"] == action for line in self.cards.operations())


def assert_declared(action: str, result: Result) -> None:
    """The result is exactly what bot.actions declares: nothing missing, nothing beside it."""
    from bot.services.wire import checked

    assert result.outcome in ACTIONS[action].outcomes
    if result.outcome == "unavailable":
        return
    assert checked(action, result.outcome, result.value) == result
