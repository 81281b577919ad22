"""A clerk who plays every service and notes each call, a resident who speaks to the turn, the worker."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any

import redis
from click.testing import CliRunner
from click.testing import Result as Ended
from flask.testing import FlaskClient
from moment import NOW, Clock, day

from bot.cli import main
from bot.cli.wiring import Wiring
from bot.engine.effects import Reply
from bot.engine.events import Event, MenuClicked, TextReceived
from bot.ports import Notice, Pushed, Request, Result
from bot.store.due import Dead, DueJobs
from bot.store.outbox import Outbox
from bot.store.records import CommitRequest, ResidentKey, Snapshot, StoreAway
from bot.store.redis import SHARDS, RedisStore
from bot.store.seal import Seal
from bot.turn.attempts import Runtime
from bot.turn.callbacks import sign
from bot.turn.jobs import Worker
from bot.turn.push import Pushes
from bot.turn.turns import Turns

CARD = {
    "id": "card-1",
    "holder": "测试人",
    "number": "1234",
    "state": "normal",
    "e_card": "issued",
    "pin_locked": "no",
    "expired": "no",
    "bank": "清风银行",
}
RECEIPT = {
    "number": "20260001",
    "kind": "temporary",
    "until": day(8),
    "bank_name": "清风银行",
    "bank_phone": "95000",
}
LOSS = "card.report_loss"
KEY = "made-up-callback-key"
PATH = "/callbacks/card"
PLENTY = 30.0
"""Seconds of a budget that nobody waits for to end, however busy the machine is."""
BRIEF = 3.0
"""Seconds of one that a test lets run out, because another thread is at work meanwhile."""


class Skips(Runtime):
    """Goes through its pauses without waiting: attempts end at once, and no machine is too busy for them."""

    def __init__(self) -> None:
        super().__init__(calls=2)
        self.skipped = 0.0

    def now(self) -> float:
        return super().now() + self.skipped

    def pause(self, seconds: float) -> None:
        self.skipped += seconds


class Clerk:
    """Every service in one. `says[action]`: a result, an exception, or a function of the request, in turn."""

    def __init__(self) -> None:
        self.calls: list[Request] = []
        self.found: Result | None = None
        self.says: dict[str, list[Any]] = {}
        self.usual: dict[str, Result] = {
            "real_name.check": Result("match", {"age_group": "adult"}),
            "card.find": Result("found", CARD),
            LOSS: Result("done", RECEIPT),
        }

    def perform(self, request: Request) -> Result:
        self.calls.append(request)
        queue = self.says.get(request.action)
        answer = queue.pop(0) if queue else self.usual[request.action]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Result)
        return answer

    def find(self, action: str, key: str) -> Result | None:
        return self.found

    def made(self, action: str) -> list[str]:
        """The idempotency keys of the calls of one action."""
        return [c.key for c in self.calls if c.action == action]


class Bureau:
    """Calls us back. Each call has a nonce of its own unless it is given one."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.count = client, 0

    def say(
        self, body: object, path: str = PATH, key: str = KEY, nonce: str = "", at: float = 0, signed: str = ""
    ) -> tuple[int, Any]:
        self.count += 1
        nonce, stamp = nonce or f"nonce{self.count:06d}", str(int(at or NOW))
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {
            "Shebao-Timestamp": stamp,
            "Shebao-Nonce": nonce,
            "Shebao-Signature": signed or sign(key, stamp, nonce, path, raw),
        }
        response = self.client.post(path, data=raw, headers=headers)
        return response.status_code, response.get_json()


class Resident:
    """Speaks to the turn directly; each message has a time and a delivery of its own.

    `connected`: what is answered reaches them.
    """

    connected = True
    _met = count()

    def __init__(self, turns: Turns, openid: str = "o-made-up") -> None:
        self.turns, self.openid, self.at = turns, openid, NOW
        self._name = (
            f"{openid}:{next(self._met)}"  # a thread of an earlier test may still write about its own
        )
        self.reply = Reply()
        self.last: tuple[str, Event] = ("", MenuClicked(0))

    def send(self, event: Event, delivery: str = "") -> Reply:
        self.last = (delivery or f"{self._name}:{event.at}", event)
        return self.again()

    def again(self) -> Reply:
        told = self.turns.handle(self.openid, "gh_1", *self.last)
        self.reply = told.reply
        if self.connected:
            told.on_sent()
        return self.reply

    @staticmethod
    def settled(found: Callable[[], object]) -> bool:
        """Whether it comes to that in the end."""
        until = time.monotonic() + PLENTY
        while not (came := found()) and time.monotonic() < until:
            time.sleep(0.02)
        return bool(came)

    def later(self) -> int:
        self.at += 5
        return self.at

    def say(self, text: str) -> Reply:
        return self.send(TextReceived(self.later(), self.at * 7919, text))

    def menu(self, key: str) -> Reply:
        return self.send(MenuClicked(self.later(), self.at * 7919, key))

    def to_the_kind(self) -> Reply:
        """Signed in, asked how the card shall be stopped: the next answer is the summary."""
        self.menu("CARD_LOSS")
        self.say("同意")
        self.say("660101198001010018")
        self.say("测试人")
        digits = "".join(c for c in self.reply.text.partition("：")[2] if c.isdigit())
        self.say(digits)
        assert "report_loss.kind.ask" in self.reply.says, self.reply.says
        return self.reply

    def to_the_summary(self) -> Reply:
        """Temporary loss chosen, the summary shown."""
        self.to_the_kind()
        return self.say("1")


class Overtaken(RedisStore):
    """Whatever dead letter is read, another operator tries it again at once, and a worker has it."""

    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        super().__init__(client, seal)
        self.jobs = TriedAgain(client, SHARDS)


class TriedAgain(DueJobs):
    def dead(self) -> list[Dead]:
        found = super().dead()
        for letter in found:
            self.revive(letter)
            assert self.claim(letter.shard, letter.member, 15)
        return found


class LossyStore(RedisStore):
    """`lose`: for the next commits, one by one, "answer" (written), "request" (not), "" (fine).

    `away`: nothing is answered at all; `away_after`: from then on, once that many commits were written.
    """

    lose: tuple[str, ...] = ()
    away = False
    away_after = -1

    def begin(self, owner: ResidentKey, delivery: str) -> Snapshot:
        if self.away:
            raise StoreAway("away")
        return super().begin(owner, delivery)

    def commit(self, owner: ResidentKey, delivery: str, plan: CommitRequest) -> str:
        how, self.lose = (self.lose[0], self.lose[1:]) if self.lose else ("", ())
        if self.away or how == "request":
            raise StoreAway("away")
        written = super().commit(owner, delivery, plan)
        self.away_after -= 1
        if self.away_after == 0:
            self.away = True
        if how == "answer" or self.away:
            raise StoreAway("lost")
        return written


class OvertakenStore(RedisStore):
    """`first`: what another process does just before the next outcome is written that is to be remembered."""

    first: Callable[[], object] | None = None

    def commit(self, owner: ResidentKey, delivery: str, plan: CommitRequest) -> str:
        if plan.remembers and self.first:
            first, self.first = self.first, None
            first()
        return super().commit(owner, delivery, plan)


@contextmanager
def refusing(client: redis.Redis, why: str) -> Iterator[None]:
    """The store answers what is read and refuses what is written, as Redis does for this reason."""
    try:
        match why:
            case "OOM":
                client.config_set("maxmemory", 1)
            case "NOREPLICAS":
                client.config_set("min-replicas-to-write", 1)
            case "READONLY":
                client.replicaof("127.0.0.1", "1")
        yield
    finally:
        client.config_set("maxmemory", 0)
        client.config_set("min-replicas-to-write", 0)
        client.replicaof("NO", "ONE")


def scripts_run(client: redis.Redis) -> int:
    """How often the store was asked to run one, refused or not."""
    return int(client.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0))


def everything(client: redis.Redis) -> dict[bytes, bytes]:
    return {key: client.dump(key) for key in client.scan_iter()}


class Mailbox:
    """A sender that keeps what was pushed. `says`: what the next pushes come to."""

    def __init__(self) -> None:
        self.pushed: list[Reply] = []
        self.says: list[Pushed] = []
        self.notices: list[Notice] = []

    def notify(self, openid: str, notice: Notice, within: float) -> Pushed:
        result = self.says.pop(0) if self.says else "sent"
        if result == "sent":
            self.notices.append(notice)
        return result

    def push(self, openid: str, account: str, reply: Reply, within: float) -> Pushed:
        result = self.says.pop(0) if self.says else "sent"
        if result == "sent":
            self.pushed.append(reply)
        return result

    @property
    def text(self) -> str:
        return "\n".join(reply.text for reply in self.pushed)


def work(
    store: RedisStore,
    turns: Turns,
    mailbox: Mailbox | None = None,
    kinds: str = "jtp",
    pushes: bool = True,
    notifies: bool = False,
) -> int:
    """Let time pass until everything that waits is due, and run it. The number of things run."""
    for key in store.client.scan_iter(match="sb:*:due"):
        for member in store.client.zrange(key, 0, -1):
            if chr(member[0]) in kinds:
                store.client.zadd(key, {member: 1})
    sending = Pushes(Outbox(store, pushes, notifies), mailbox, Clock()) if mailbox is not None else None
    worker = Worker(store, turns, pushes=sending)
    return sum(worker.take(*found) for found in list(store.due()) if found[1][0] in kinds)


def moved(resident: Resident, turns: Turns) -> Resident:
    """The same resident, served by another process."""
    other = Resident(turns, resident.openid)
    other.at = resident.at + 100
    return other


class Shebao:
    """The commands over the test's store."""

    def __init__(self, store: RedisStore, turns: Turns, clerk: Clerk) -> None:
        self.services = services = dict.fromkeys(("real_name", "card", "outlets"), clerk)
        bot = SimpleNamespace(
            store=store,
            turns=turns,
            services=services,
            settings=SimpleNamespace(real_name_tries=5),
            now=lambda: NOW,
        )
        self.wiring = Wiring(bot=lambda: bot)  # type: ignore[arg-type, return-value]

    def __call__(self, *arguments: str, said: str = "") -> Ended:
        return CliRunner().invoke(main, list(arguments), input=said, obj=self.wiring)
