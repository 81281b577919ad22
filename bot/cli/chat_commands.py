"""The commands after a / in `shebao chat`; each gets the text after its name."""

from __future__ import annotations

import math
import os
import re
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.content.read.menu import Button
from bot.engine import events as e
from bot.engine.effects import Option
from bot.engine.scope import china_time
from bot.kit.phone.residents import run_timers
from bot.kit.stubs.deciding import DECISIONS, decide
from bot.store.records import StoreAway
from bot.turn import recording_events

if TYPE_CHECKING:
    from bot.cli.chat import Chat

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
  /bureau ready       人社系统报来申请的结果 the bureau reports: rejected, ready or posted
  /follow             关注公众号 follow the account
  /as NAME            换一个人 be somebody else; /as: 有哪些人 who there is
  /help  /quit"""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_WAIT = 400 * 86400


def help_(chat: Chat, _: str) -> None:
    chat.say(HELP)


def menu(chat: Chat, _: str) -> None:
    for n, top in enumerate(chat.bot.loaded.menu, 1):
        chat.say(f"  {n}  {top.name}")
        for k, sub in enumerate(top.sub, 1):
            chat.say(f"     {n}.{k}  {sub.name}")


def tap(chat: Chat, which: str) -> None:
    option = _option(chat, which)
    button = _button(chat, which)
    if option is not None:
        chat.send(e.TextReceived(chat.now(), chat.seed(), option.label, option.tap))
    elif button is None:
        chat.say("没有这个按钮。There is no such button: /menu shows the menu, answers stand above.")
    elif not button.key:
        chat.say(f"“{button.name}”里有：" + "、".join(sub.name for sub in button.sub))
    else:
        chat.send(e.MenuClicked(chat.now(), chat.seed(), button.key))


def _option(chat: Chat, which: str) -> Option | None:
    named = [o for o in chat.options if which in (o.label, str(o.number or ""))]
    placed = [o for place, o in enumerate(chat.options, 1) if which == str(place)]
    return next((o for o in named + placed if which), None)


def _button(chat: Chat, which: str) -> Button | None:
    buttons: dict[str, Button] = {}
    for n, top in enumerate(chat.bot.loaded.menu, 1):
        buttons |= {f"{n}": top, top.name: top}
        for k, sub in enumerate(top.sub, 1):
            buttons |= {f"{n}.{k}": sub, sub.name: sub}
    return buttons.get(which)


def image(chat: Chat, file: str) -> None:
    if not file:
        chat.say("请写文件名。Write: /image FILE (stubs go by config/stub.yaml, not by the picture)")
    elif not os.path.isfile(os.path.expanduser(file)):  # Path fails on an invalid name
        chat.say(f"没有 {file} 这个文件。There is no such file.")
    else:
        chat.send(e.ImageReceived(chat.now(), chat.seed(), f"chat-media-{secrets.token_hex(4)}"))


def location(chat: Chat, where: str) -> None:
    try:
        lat, lon = (float(part) for part in where.replace(",", " ").split())
    except ValueError:
        lat, lon = math.nan, math.nan
    if abs(lat) <= 90 and abs(lon) <= 180:  # nan is neither
        chat.send(e.LocationReceived(chat.now(), chat.seed(), lat, lon))
    else:
        chat.say("请写纬度和经度。Write latitude and longitude: /location 30.0001 110.0001")


def voice(chat: Chat, words: str) -> None:
    chat.send(e.VoiceReceived(chat.now(), chat.seed(), words[: e.MOST_READ]))


def wait(chat: Chat, span: str) -> None:
    match = re.fullmatch(r"(\d{1,9})\s*([smhd])", span, re.ASCII)
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < seconds <= _LONGEST_WAIT:
        chat.say("请写多久。Write: /wait 90s, /wait 30m, /wait 2h or /wait 1d (400d at most)")
        return
    chat.clock.offset += seconds
    chat.say(f"  （过了 {span}，现在是 {china_time(chat.clock()):%m-%d %H:%M} later）")
    try:
        chat.bot.store.jobs.close_sooner(seconds, map(chat.bot.store.owner, chat.openids))
        owner = chat.bot.store.owner(chat.openid)
        run_timers(chat.bot.store, chat.bot.turns, owner, chat.clock, chat.show_late)
        chat.show_late()
    except StoreAway:
        chat.say("  （数据连不上 the store does not answer）")


def bureau(chat: Chat, state: str) -> None:
    if state not in DECISIONS:
        chat.say(f"请写结果。Write: /bureau {', /bureau '.join(DECISIONS)}")
        return
    try:
        known = decide(chat.bot.services["card"], chat.bot.turns, chat.person, state, chat.now())
    except ValueError:
        chat.say("没有能到这一步的申请，先补卡。No application can come to this: apply for a new card first.")
    except StoreAway:
        chat.say("  （数据连不上 the store does not answer）")
    else:
        chat.say("  （报来了 reported）" if known else "  （申请不是在这里交的 it was not made here）")
        owner = chat.bot.store.owner(chat.openid)
        chat.bot.store.jobs.put_off(owner.shard, f"p:{owner.tag}", 0)
        chat.show_late()


def again(chat: Chat, _: str) -> None:
    if chat.last is not None and chat.file is not None:
        chat.recordings.add(chat.bot.store.owner(chat.openid), recording_events.again(chat.now()))
    chat.deliver()


def follow(chat: Chat, _: str) -> None:
    chat.send(e.Subscribed(chat.now(), chat.seed()))


def become(chat: Chat, who: str) -> None:
    if who and chat.file is not None:
        chat.say("录的是一个人的对话。A recording is one person's: /quit first, then chat --as NAME --record")
        return
    if who:
        chat.be(who)
        return
    for index, person in enumerate(chat.people, 1):
        chat.say(f"{index:>3} {person.name}  {person.id_number}  {person.good_for.zh}")


COMMANDS: dict[str, Callable[[Chat, str], None]] = {
    "/help": help_,
    "/menu": menu,
    "/tap": tap,
    "/image": image,
    "/location": location,
    "/voice": voice,
    "/wait": wait,
    "/again": again,
    "/bureau": bureau,
    "/follow": follow,
    "/as": become,
}
