"""`shebao chat`: a resident's phone in the terminal, over the same engine and store."""

from __future__ import annotations

import math
import re
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from redis import RedisError

from bot import tape
from bot.app import Bot
from bot.content.menu import Button
from bot.engine.effects import Option, Reply, joined
from bot.engine.events import (
    MOST_READ,
    Event,
    ImageReceived,
    LocationReceived,
    MenuClicked,
    Subscribed,
    TextReceived,
    VoiceReceived,
)
from bot.recordings import write
from bot.services.people import Person
from bot.services.people_file import load_people
from bot.services.pushed import StubSender
from bot.store.outbox import taken
from bot.store.recordings import Recordings
from bot.store.redis import StoreAway

HELP = """\
打字就是发消息，例如“卡丢了”。Whatever you type is a message, for example: English
以 / 开头的是命令。Commands:
  /menu               看菜单 the account's menu
  /tap 1.2            点菜单里的按钮 tap a menu button
  /tap 1              点上面的选项，写字也行 tap an offered answer, by number or label
  /image FILE         发照片 send a picture
  /location LAT LON   发位置 send a position, e.g. /location 30.0001 110.0001
  /voice WORDS        发语音，微信识别成 WORDS send a voice message, recognised as WORDS
  /wait 30m           过一段时间（s m h d）let time pass
  /again              微信把上一条再送一次 WeChat delivers the last message again
  /follow             关注公众号 follow the account
  /as NAME            换一个人 be somebody else; /as: 有哪些人 who there is
  /help  /quit"""
POLL = 0.5
"""Seconds between two looks for what came late."""
LAST_CALL = 9.0
"""Seconds a call under way is waited for at the end."""
RECORDED = 4 * 3600
"""Seconds that a chat is recorded at most."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_WAIT = 400 * 86400


class Clock:
    """The time, which /wait moves."""

    def __init__(self) -> None:
        self.offset = 0

    def __call__(self) -> int:
        return int(time.time()) + self.offset


class Chat:
    """`say` prints a line. One resident at a time; `/as` changes to another with a session of their own.

    As a context it shows what comes late, and where the store is its own (`beside` is empty) it works off
    due calls and timers. `beside`: address of the store of a running service. `file`: the replay file that
    the first person's conversation becomes.
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
        self.people = load_people(root / "config" / "stub.yaml").everyone
        self.person: Person = self.people[0]
        self.last_at = 0
        self.options: tuple[Option, ...] = ()
        self.last: tuple[str, Event] | None = None
        self._busy = threading.Lock()
        self._end = threading.Event()
        self._away = False
        self._file, self._recordings = file, Recordings(bot.store)
        self._worker = None if beside else bot.worker()
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
        """The first words, as this person; False where there is none of that name."""
        self.say(HELP)
        self.say("")
        self.say(f"用的是正在运行的服务的数据。Beside the running service: {self.beside}" if self.beside else
                 "自己的数据，在 var/valkey。A store of its own, in var/valkey.")  # fmt: skip
        if not self._be(who or "1"):
            return False
        if self._file is not None:
            self._recordings.start(self.bot.store.owner(self.openid), RECORDED)
            self.say(f"录制中，结束时写到 {self._file}。Recorded; written at the end.")
        return True

    def recorded(self) -> bool:
        """Write the recording, if this is one; False where its replay is not green."""
        owner = self.bot.store.owner(self.openid)
        return self._file is None or write(self.bot, owner, self._file, self.say)

    def line(self, text: str) -> bool:
        """One line of input; False to end."""
        text = text.strip()
        command, _, rest = text.partition(" ")
        if command == "/quit":
            return False
        if not text:
            return True
        action = COMMANDS.get(command)
        with self._busy:
            if not command.startswith("/"):
                self.send(TextReceived(self.now(), self.seed(), text[:MOST_READ]))
            elif action is None:
                self.say(f"没有 {command} 这个命令。There is no {command}; /help shows what there is.")
            else:
                action(self, rest.strip())
        return True

    def send(self, event: Event) -> None:
        self.last = (f"chat:{secrets.token_hex(8)}", event)
        self._deliver()

    def _deliver(self) -> None:
        if self.last is None:
            self.say("还没有发过消息。Nothing was sent yet.")
            return
        started = time.monotonic()
        told = self.bot.turns.handle(self.openid, "gh_chat", *self.last)
        self.show(told.reply)
        told.heard()
        self.say(f"  ({(time.monotonic() - started) * 1000:.0f} ms)")

    def show(self, reply: Reply) -> None:
        if reply.kind == "none":
            self.say("  （没有回复 no reply）")
            return
        if reply.kind == "transfer":
            self.say("  （转给工作人员 handed to a person; /wait 30m or 返回 ends it）")
            return
        for line in reply.text.splitlines():
            self.say(f"  │ {line}")
        if reply.options:
            self.options = reply.options
            self.say(f"  │ {reply.lead}")
        for option in reply.options:
            if option.lead:
                self.say(f"  │ {option.lead}")
            number = f"{option.number}. " if option.number else "▸ "
            self.say(f"  │ {number}{option.label}")

    def now(self) -> int:
        """WeChat's CreateTime has seconds: two messages are never in the same one here."""
        self.last_at = max(self.clock(), self.last_at + 1)
        return self.last_at

    def seed(self) -> int:
        return secrets.randbits(64)

    # --- what comes late ---
    def _watch(self) -> None:
        while not self._end.wait(POLL):
            with self._busy:
                try:
                    self._show_late()
                    self._away = False
                except (StoreAway, RedisError):
                    if not self._away:
                        self.say("  （数据连不上了 the store does not answer: is `shebao run` still there?）")
                    self._away = True

    def _show_late(self) -> None:
        """What was pushed to the stub, or waits in the outbox and is taken as a push would take it."""
        if isinstance(self.bot.sender, StubSender):
            for reply in self.bot.sender.take(self.openid):
                self.show(reply)
        owner = self.bot.store.owner(self.openid)
        if late := taken(self.bot.store, owner, self.last_at or self.clock()):
            self.say("  （过后到的 arrived by itself）")
            self.show(joined(late, Reply("none")))

    def last_call(self) -> None:
        """A call under way is waited for, so that a conversation from a pipe ends with its result."""
        until = time.monotonic() + LAST_CALL
        said = False
        try:
            while time.monotonic() < until:
                begun = self.bot.store.begin(self.bot.store.owner(self.openid), "")
                if not begun.outbox and not (begun.session and begun.session.calls):
                    return
                if not said:
                    self.say("  （还有一件事在办，等一等 a call is under way, waiting for it）")
                said = True
                time.sleep(POLL / 2)
            self.say("  （还没有结果，下次来再看 no result yet, it is told when you come back）")
        except StoreAway:
            return

    # --- commands ---
    def help(self, _: str) -> None:
        self.say(HELP)

    def menu(self, _: str) -> None:
        for n, top in enumerate(self.bot.loaded.menu, 1):
            self.say(f"  {n}  {top.name}")
            for k, sub in enumerate(top.sub, 1):
                self.say(f"     {n}.{k}  {sub.name}")

    def tap(self, which: str) -> None:
        option = self._option(which)
        button = self._button(which)
        if option is not None:
            self.send(TextReceived(self.now(), self.seed(), option.label, option.tap))
        elif button is None:
            self.say("没有这个按钮。There is no such button: /menu shows the menu, answers stand above.")
        elif not button.key:
            self.say(f"“{button.name}”里有：" + "、".join(sub.name for sub in button.sub))
        else:
            self.send(MenuClicked(self.now(), self.seed(), button.key))

    def _option(self, which: str) -> Option | None:
        named = [o for o in self.options if which in (o.label, str(o.number or ""))]
        placed = [o for place, o in enumerate(self.options, 1) if which == str(place)]
        return next((o for o in named + placed if which), None)

    def _button(self, which: str) -> Button | None:
        buttons: dict[str, Button] = {}
        for n, top in enumerate(self.bot.loaded.menu, 1):
            buttons |= {f"{n}": top, top.name: top}
            for k, sub in enumerate(top.sub, 1):
                buttons |= {f"{n}.{k}": sub, sub.name: sub}
        return buttons.get(which)

    def image(self, file: str) -> None:
        if not file:
            self.say("请写文件名。Write: /image FILE (stubs go by config/stub.yaml, not by the picture)")
        elif not Path(file).expanduser().is_file():
            self.say(f"没有 {file} 这个文件。There is no such file.")
        else:
            self.send(ImageReceived(self.now(), self.seed(), f"chat-media-{secrets.token_hex(4)}"))

    def location(self, where: str) -> None:
        try:
            lat, lon = (float(part) for part in where.replace(",", " ").split())
        except ValueError:
            lat, lon = math.nan, math.nan
        if abs(lat) <= 90 and abs(lon) <= 180:  # nan is neither
            self.send(LocationReceived(self.now(), self.seed(), lat, lon))
        else:
            self.say("请写纬度和经度。Write latitude and longitude: /location 30.0001 110.0001")

    def voice(self, words: str) -> None:
        self.send(VoiceReceived(self.now(), self.seed(), words[:MOST_READ]))

    def wait(self, span: str) -> None:
        match = re.fullmatch(r"(\d{1,9})\s*([smhd])", span, re.ASCII)
        seconds = int(match[1]) * _UNITS[match[2]] if match else 0
        if not 0 < seconds <= _LONGEST_WAIT:
            self.say("请写多久。Write: /wait 90s, /wait 30m, /wait 2h or /wait 1d (400d at most)")
            return
        self.clock.offset += seconds
        self.say(
            f"  （过了 {span}，现在是 {time.strftime('%m-%d %H:%M', time.localtime(self.clock()))} later）"
        )
        try:
            self._run_timers()
            self._show_late()
        except StoreAway:
            self.say("  （数据连不上 the store does not answer）")

    def _run_timers(self) -> None:
        """What falls due by then, in its order; the store's own clock knows nothing of /wait."""
        owner = self.bot.store.owner(self.openid)
        for _ in range(20):
            session = self.bot.store.begin(owner, "").session
            if session is None or not 0 < session.wake_at <= self.clock():
                return
            self.bot.turns.run_timer(owner)

    def again(self, _: str) -> None:
        if self.last is not None and self._file is not None:
            self._recordings.add(self.bot.store.owner(self.openid), tape.again(self.now()))
        self._deliver()

    def follow(self, _: str) -> None:
        self.send(Subscribed(self.now(), self.seed()))

    def become(self, who: str) -> None:
        if who and self._file is not None:
            self.say(
                "录的是一个人的对话。A recording is one person's: /quit first, then chat --as NAME --record"
            )
            return
        if who:
            self._be(who)
            return
        for index, person in enumerate(self.people, 1):
            self.say(f"{index:>3} {person.name}  {person.id_number}  {person.good_for['zh']}")

    def _be(self, who: str) -> bool:
        names = {who: p for n, p in enumerate(self.people, 1) for who in (p.name, str(n), p.id_number)}
        person = names.get(who)
        if person is None:
            self.say(f"没有“{who}”这个人，/as 看有哪些人。There is no such person; /as shows who there is.")
            return False
        self.person = person
        self.options, self.last = (), None
        self.say(f"您是 {person.name}，证件号码 {person.id_number}（{person.good_for['zh']}）")
        self.say(f"Sign in with that name and number. {person.good_for['en']}.")
        try:
            session = self.bot.store.begin(self.bot.store.owner(self.openid), "").session
        except StoreAway:
            session = None
        if session and session.heard_at > self.clock():  # /wait in an earlier chat
            self.clock.offset += session.heard_at - self.clock()
            then = time.strftime("%m-%d %H:%M", time.localtime(self.clock()))
            self.say(f"接着上次，时间是 {then}。Going on from last time, it is {then}.")
        return True

    @property
    def openid(self) -> str:
        return f"chat-{self.people.index(self.person) + 1}"


COMMANDS: dict[str, Callable[[Chat, str], None]] = {
    "/help": Chat.help,
    "/menu": Chat.menu,
    "/tap": Chat.tap,
    "/image": Chat.image,
    "/location": Chat.location,
    "/voice": Chat.voice,
    "/wait": Chat.wait,
    "/again": Chat.again,
    "/follow": Chat.follow,
    "/as": Chat.become,
}
