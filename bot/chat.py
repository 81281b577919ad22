"""`shebao chat`: a resident's phone in the terminal, over the same engine and store."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from bot.app import Bot
from bot.content.menu import Button
from bot.engine.effects import Option, Reply
from bot.engine.events import (
    Event,
    ImageReceived,
    LocationReceived,
    MenuClicked,
    Subscribed,
    TextReceived,
    VoiceReceived,
)
from bot.services.people_file import load_people

HELP = """\
打字就是发消息。Whatever you type is a message. Commands:
  /menu               the account's menu 菜单
  /tap N or LABEL     tap a menu button (1.2) or an offered answer
  /image FILE         send a picture
  /location LAT LON   send a position, e.g. /location 30.0001 110.0001
  /voice WORDS        send a voice message that WeChat recognised as WORDS
  /wait 30m           let time pass
  /again              WeChat delivers the last message again
  /follow             follow the account
  /as [PERSON]        be somebody else; without a name: who there is
  /quit"""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Chat:
    """`say` prints a line. One resident at a time; `/as` changes to another with a session of their own."""

    def __init__(self, bot: Bot, root: Path, say: Callable[[str], None]) -> None:
        self.bot, self.say = bot, say
        self.people = load_people(root / "config" / "stub.yaml").everyone
        self.offset = 0
        self.clock = 0
        self.options: tuple[Option, ...] = ()
        self.last: tuple[str, Event] | None = None
        self.be(0)

    def be(self, index: int) -> None:
        person = self.people[index]
        self.openid = f"chat-{index + 1}"
        self.options = ()
        self.say(f"您是 {person.name}，证件号码 {person.id_number}（{person.good_for['zh']}）")

    def line(self, text: str) -> bool:
        """One line of input; False to end."""
        text = text.strip()
        command, _, rest = text.partition(" ")
        if command == "/quit":
            return False
        if not text:
            return True
        if not command.startswith("/"):
            self.send(TextReceived(self.now(), self.seed(), text))
            return True
        action = COMMANDS.get(command)
        if action is None:
            self.say(HELP)
        else:
            action(self, rest.strip())
        return True

    def send(self, event: Event) -> None:
        self.last = (f"chat:{secrets.token_hex(8)}", event)
        self._deliver()

    def _deliver(self) -> None:
        if self.last is None:
            self.say("Nothing was sent yet.")
            return
        started = time.monotonic()
        told = self.bot.turns.handle(self.openid, "gh_chat", *self.last)
        self.show(told.reply, time.monotonic() - started)

    def show(self, reply: Reply, took: float) -> None:
        if reply.kind == "none":
            self.say("  （没有回复 no reply）")
        elif reply.kind == "transfer":
            self.say("  （转给工作人员 handed to a person）")
        else:
            for line in reply.text.splitlines():
                self.say(f"  │ {line}")
            if reply.options:
                self.options = reply.options
                self.say(f"  │ {reply.lead}")
            for option in reply.options:
                number = f"{option.number}. " if option.number else "▸ "
                self.say(f"  │ {number}{option.label}")
        self.say(f"  ({took * 1000:.0f} ms)")

    def now(self) -> int:
        """WeChat's CreateTime has seconds: two messages are never in the same one here."""
        self.clock = max(int(time.time()) + self.offset, self.clock + 1)
        return self.clock

    def seed(self) -> int:
        return secrets.randbits(64)

    # --- commands ---
    def menu(self, _: str) -> None:
        for n, top in enumerate(self.bot.loaded.menu, 1):
            self.say(f"{n} {top.name}")
            for k, sub in enumerate(top.sub, 1):
                self.say(f"    {n}.{k} {sub.name}")

    def tap(self, which: str) -> None:
        button = self._button(which)
        if button is not None:
            self.send(MenuClicked(self.now(), self.seed(), button.key))
            return
        option = next((o for o in self.options if which in (o.label, str(o.number))), None)
        if option is None:
            self.say("There is no such button: /menu shows the menu, the last answers stand above.")
        else:
            self.send(TextReceived(self.now(), self.seed(), option.label, option.tap))

    def _button(self, which: str) -> Button | None:
        for n, top in enumerate(self.bot.loaded.menu, 1):
            for k, sub in enumerate(top.sub, 1):
                if which in (f"{n}.{k}", sub.name) and sub.key:
                    return sub
            if which == top.name and top.key:
                return top
        return None

    def image(self, file: str) -> None:
        if not Path(file).is_file():
            self.say(f"There is no file {file!r}.")
            return
        self.send(ImageReceived(self.now(), self.seed(), f"chat-media-{secrets.token_hex(4)}"))

    def location(self, where: str) -> None:
        try:
            lat, lon = (float(part) for part in where.replace(",", " ").split())
        except ValueError:
            self.say("Write: /location 30.0001 110.0001")
            return
        self.send(LocationReceived(self.now(), self.seed(), lat, lon))

    def voice(self, words: str) -> None:
        self.send(VoiceReceived(self.now(), self.seed(), words))

    def wait(self, span: str) -> None:
        match = re.fullmatch(r"(\d+)\s*([smhd])", span)
        if match is None:
            self.say("Write: /wait 90s, /wait 30m, /wait 2h or /wait 1d")
            return
        self.offset += int(match[1]) * _UNITS[match[2]]
        self.clock = max(int(time.time()) + self.offset, self.clock)
        self.say(f"  （{span} later）")

    def again(self, _: str) -> None:
        self._deliver()

    def follow(self, _: str) -> None:
        self.send(Subscribed(self.now(), self.seed()))

    def become(self, who: str) -> None:
        for index, person in enumerate(self.people):
            if who and who in (person.name, str(index + 1), person.id_number):
                self.be(index)
                return
        for index, person in enumerate(self.people, 1):
            self.say(f"{index:>3} {person.name}  {person.id_number}  {person.good_for['zh']}")


COMMANDS: dict[str, Callable[[Chat, str], None]] = {
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
