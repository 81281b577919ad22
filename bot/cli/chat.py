"""`shebao chat`: a resident's phone in the terminal, over the same engine and store."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from redis import RedisError

from bot.app import Bot
from bot.cli.chat_commands import COMMANDS, HELP
from bot.cli.recordings import write
from bot.content.read.city import file_of
from bot.content.read.files import STUB
from bot.engine.effects import Option, Reply
from bot.engine.events import MOST_READ, Event, TextReceived
from bot.engine.scope import china_time
from bot.kit.stubs.people import Person, load_people
from bot.kit.stubs.pushed import StubSender
from bot.store.recordings import Recordings
from bot.store.records import StoreAway

POLL = 0.5
"""Seconds between two checks for late replies."""
LAST_CALL = 9.0
"""Seconds to wait for an open call at the end."""
TOLD_NEXT = "  （您再发消息时告诉您 it is told with your next message）"
RECORDED = 4 * 3600
"""The most seconds that a chat is recorded."""


class Clock:
    """The time, which /wait moves."""

    def __init__(self) -> None:
        self.offset = 0

    def __call__(self) -> int:
        return int(time.time()) + self.offset  # wall clock: the worker beside it uses it too


class Chat:
    """`say` prints a line. One resident at a time; `/as` changes to another with a session of their own.

    As a context it shows late replies, and if the store is its own (`beside` is empty) it runs due calls and
    timers. `beside`: address of the store of a running service. `file`: the replay file for the first
    resident's conversation.
    """

    def __init__(
        self,
        bot: Bot,
        root: Path,
        say: Callable[[str], None],
        clock: Clock,
        beside: str = "",
        file: Path | None = None,
    ) -> None:
        self.bot, self.say, self.clock, self.beside = bot, say, clock, beside
        self.people = load_people(file_of(root, STUB)).everyone
        self.person: Person = self.people[0]
        self.last_at = 0
        self.options: tuple[Option, ...] = ()
        self.last: tuple[str, Event] | None = None
        self._busy = threading.Lock()
        self._end = threading.Event()
        self._away = False
        self.file, self.recordings = file, Recordings(bot.store)
        self._worker, self._pushes = None if beside else bot.worker(), bot.pushes()
        self._threads = [threading.Thread(target=self._watch, daemon=True)]
        if self._worker is not None:
            self._threads.append(threading.Thread(target=self._worker.run))

    def __enter__(self) -> Chat:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        if self._worker is not None:
            self._worker.stop()
        for thread in self._threads:
            thread.join()

    def begin(self, who: str) -> bool:
        """Prints the introduction as this person; False if there is none of that name."""
        self.say(HELP)
        self.say("")
        self.say(f"用的是正在运行的服务的数据。Beside the running service: {self.beside}" if self.beside else
                 "自己的数据，在 var/valkey。A store of its own, in var/valkey.")  # fmt: skip
        if not self.be(who or "1"):
            return False
        if self.file is not None:
            self.recordings.start(self.bot.store.owner(self.openid), RECORDED)
            self.say(f"录制中，结束时写到 {self.file}。Recorded; written at the end.")
        return True

    def recorded(self) -> bool:
        """Writes the recording, if there is one; False if its replay fails."""
        owner = self.bot.store.owner(self.openid)
        return self.file is None or write(self.bot, owner, self.file, self.say)

    def line(self, text: str) -> bool:
        """Handles one line of input; False to end."""
        text = text.strip()
        command, _, rest = text.partition(" ")
        if command == "/quit":
            return False
        if not text:
            return True
        action = COMMANDS.get(command)
        with self._busy:
            if not command.startswith("/") or command.startswith("/:"):  # /:rose is an emoticon
                self.send(TextReceived(self.now(), self.seed(), text[:MOST_READ]))
            elif action is None:
                self.say(f"没有 {command} 这个命令。There is no {command}; /help shows what there is.")
            else:
                action(self, rest.strip())
        return True

    def send(self, event: Event) -> None:
        self.last = (f"chat:{secrets.token_hex(8)}", event)
        self.deliver()

    def deliver(self) -> None:
        if self.last is None:
            self.say("还没有发过消息。Nothing was sent yet.")
            return
        started = time.monotonic()
        told = self.bot.turns.handle(self.openid, "gh_chat", *self.last)
        self.show(told.reply)
        told.on_sent()
        self.say(f"  ({(time.monotonic() - started) * 1000:.0f} ms)")

    def show(self, reply: Reply) -> None:
        if reply.kind == "none":
            self.say("  （没有回复 no reply）")
            return
        if reply.kind == "transfer":
            self.say("  （转给工作人员 handed to a person; /wait 30m or 返回 ends it）")
            return
        for line in reply.text.splitlines():
            self.say(f"  │ {line}".rstrip())
        if reply.options:
            self.options = reply.options
            self.say(f"  │ {reply.lead}")
        for option in reply.options:
            if option.lead:
                self.say(f"  │\n  │ {option.lead}")
            number = f"{option.number}. " if option.number else "▸ "
            self.say(f"  │ {number}{option.label}" + (f"  {option.url}" if option.url else ""))

    def now(self) -> int:
        """Returns CreateTime, which WeChat has in seconds: no two messages get the same one."""
        self.last_at = max(self.clock(), self.last_at + 1)
        return self.last_at

    def seed(self) -> int:
        return secrets.randbits(64)

    # --- what comes late ---
    def _watch(self) -> None:
        while not self._end.wait(POLL):
            with self._busy:
                try:
                    self.show_late()
                    self._away = False
                except (StoreAway, RedisError):
                    if not self._away:
                        self.say("  （数据连不上了 the store does not answer: is `shebao run` still there?）")
                    self._away = True

    def show_late(self) -> None:
        """Shows pushed replies: no more than the account sends and WeChat allows."""
        owner = self.bot.store.owner(self.openid)
        self._pushes.run(owner.shard, f"p:{owner.tag}")
        if isinstance(self.bot.sender, StubSender):
            for reply in self.bot.sender.take(self.openid):
                self.say("  （过后到的 arrived by itself）")
                self.show(reply)

    def last_call(self) -> None:
        """Waits for an open call, so that a conversation from a pipe ends with its result."""
        until = time.monotonic() + LAST_CALL
        said = False
        try:
            while time.monotonic() < until:
                begun = self.bot.store.begin(self.bot.store.owner(self.openid), "")
                if not (begun.session and begun.session.calls):
                    if begun.outbox and self.bot.settings.push != "yes":
                        self.say(TOLD_NEXT)
                        return
                    if not begun.outbox:
                        return
                if not said:
                    self.say("  （还有一件事在办，等一等 a call is under way, waiting for it）")
                said = True
                time.sleep(POLL / 2)
            calls = begun.session and begun.session.calls
            self.say("  （还没有结果，下次来再看 no result yet, come back for it）" if calls else TOLD_NEXT)
        except StoreAway:
            return

    # --- whose phone it is ---
    def be(self, who: str) -> bool:
        names = {who: p for n, p in enumerate(self.people, 1) for who in (p.name, str(n), p.id_number)}
        person = names.get(who)
        if person is None:
            self.say(f"没有“{who}”这个人，/as 看有哪些人。There is no such person; /as shows who there is.")
            return False
        self.person = person
        self.options, self.last = (), None
        self.say(f"您是 {person.name}，证件号码 {person.id_number}（{person.good_for.zh}）")
        self.say(f"Sign in with that name and number. {person.good_for.en}.")
        try:
            session = self.bot.store.begin(self.bot.store.owner(self.openid), "").session
        except StoreAway:
            session = None
        if session and session.heard_at > self.clock():  # /wait in an earlier chat
            self.clock.offset += session.heard_at - self.clock()
            then = f"{china_time(self.clock()):%m-%d %H:%M}"
            self.say(f"接着上次，时间是 {then}。Going on from last time, it is {then}.")
        return True

    @property
    def openid(self) -> str:
        return self.openids[self.people.index(self.person)]

    @property
    def openids(self) -> list[str]:
        return [f"chat-{n}" for n in range(1, len(self.people) + 1)]
