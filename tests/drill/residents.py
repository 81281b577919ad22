"""Residents on their phones: whole conversations of several flows, one goal after the other."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping

from msgspec import structs
from page.browser import LINK

from bot.engine import events as e
from bot.kit.wechat import from_words, message_of
from bot.reading.numbers import id_checksum
from drill.bureau import LONGER, SEALED
from drill.goals import AGAIN, ANSWERS, DOWN, GOALS, GUESSED, PLANS, PROMISES, SEALED_PLAN, Goal
from drill.page import WORDS, Browser, Gone
from drill.wechat import Message, WeChat

AWAY = "这边现在查不了"
TROUBLE = re.compile(f"{AWAY}|现在用的人太多")
"""Nothing is done now: the store is away, or everybody writes at once."""
LOST = "我们的系统出过故障"
SETTLES = LONGER + 6.0
"""Seconds in which a change that was under way when the store failed has come to its end at the bureau."""
RECEIPT = re.compile(r"受理号：(20\d{10})")  # a question may name one in passing


def results(text: str) -> list[str]:
    """One answer may tell several results, each below its head in 【】."""
    return re.split(r"\n(?=【)", text)


class Resident:
    """Follows a plan. Never starts a change anew after having confirmed it.

    `heard`: when and what, passive replies and pushes. `forgotten`: goals whose confirmation was accepted,
    and asked for again without having been told that it failed.
    """

    def __init__(self, wechat: WeChat, n: int, at: int) -> None:
        self.wechat, self.dice = wechat, random.Random(n)
        self.openid = f"oDrill{n:022d}"
        plan = n % len(PLANS)
        self.plan = PLANS[plan]
        self.id_number = id_number(n, SEALED if plan == SEALED_PLAN else "660101")
        self.name = "欧阳" + "".join(chr(0x4E8C + int(d)) for d in str(n))
        self.mobile = f"139{n:08d}"
        self.address = f"平安区和平路{7000 + n}号3单元501"
        self.at, self.count, self.done = at + n, 0, 0
        self.heard: list[tuple[float, str]] = []
        self.messages: list[Message] = []
        self.bubble = ""
        self.confirmed = self.promised = False
        self.began = 0.0  # hearing before this is of an earlier goal
        self.forgotten: list[str] = []
        self.looked = 0.0  # at what they were told of what may be lost
        self.saw = ("", -1)  # the goal, and which of the plan, that they found done at the bureau
        self.carried_out: Callable[[str, Goal], int] = lambda *_: 0
        self.page: Browser | None = None

    @property
    def personal(self) -> tuple[str, ...]:
        return self.id_number, self.name, self.openid, self.mobile, self.address

    @property
    def stays_known(self) -> bool:
        """Signed in, and will not delete that: whoever guesses at this number must not hold them up."""
        signed = any("已核对是您本人" in text for _, text in self.heard)
        return signed and not {AGAIN, "delete"} & {*self.plan}

    @property
    def finished(self) -> bool:
        return self.done == len(self.plan)

    def go_on(self, most: int, enough: int) -> bool:
        """Follow the plan; False where a goal is not reached after so many messages, or four times as many
        where nothing could be done for some.

        After `enough` turns of all residents the rest of the plan is given up.
        """
        while not self.finished:
            if self.plan[self.done] == AGAIN:
                self._next_goal()
                continue
            goal = GOALS[self.plan[self.done]]
            tries = 0
            for _ in range(4 * most):
                if tries == most or self._was_told(goal):
                    break
                before = len(self.heard)
                self._next(goal)
                tries += not any(TROUBLE.search(text) for _, text in self.heard[before:])
            if not self._was_told(goal):
                return False
            self._next_goal()
            if self.wechat.turns >= enough:
                self.plan = self.plan[: self.done]
        return True

    def _was_told(self, goal: Goal) -> bool:
        """A report that is told twice (a push is sent at least once) does not count for a second one."""
        if self.saw == (goal.name, self.done):
            return True
        told = [(at, part) for at, text in self.heard for part in results(text) if goal.told.search(part)]
        old = {r for at, part in told if at < self.began for r in RECEIPT.findall(part)}
        return any(
            at >= self.began and not (goal.kind and old & {*RECEIPT.findall(part)}) for at, part in told
        )

    def _next_goal(self) -> None:
        self.done += 1
        self.confirmed = self.promised = False
        self.began = time.monotonic()
        self.bubble, self.page = "", None

    def _next(self, goal: Goal) -> None:
        if self._looks(goal):
            return
        self._changes_ways()
        text, taps = self._reads()
        confirm = next((label for label in goal.confirms if label in taps), "")
        if any(words in text for words in DOWN):
            self.confirmed = self.promised = False
        if confirm and goal.kind == "formal" and "正式挂失" not in text:
            self.say("先不停")  # the face check was down, so a temporary report was offered instead
        elif confirm:
            self._confirm(goal, confirm, taps[confirm])
        elif self.confirmed or (any(words in text for words in PROMISES) and self.dice.random() < 0.9):
            time.sleep(self.dice.uniform(0.3, 1.2))
            self.say("天气不错")
        elif not self._answer(goal, text, taps):
            if text and self.dice.random() < 0.4:
                self.say("再说一遍")
            else:
                self._start(goal)

    def _looks(self, goal: Goal) -> bool:
        """Told in any answer or push that what was done may be lost, they do as they are told: what was
        confirmed just now gets its time, then they look whether it was done."""
        lost = max((at for at, text in self.heard if LOST in text), default=0.0)
        if not lost or lost < self.began:
            return False
        if lost > self.looked:
            self.looked = lost
            self.promised = False
            if self.confirmed:
                time.sleep(SETTLES)
                self.confirmed = False
        wanted = self.plan[: self.done + 1].count(goal.name)
        if goal.action and self.carried_out(self.id_number, goal) >= wanted:
            self.saw = goal.name, self.done
            return True
        return False

    def _reads(self) -> tuple[str, Mapping[str, str]]:
        """What stands there, and what can be tapped."""
        if self.page is not None:
            return self.page.text, {label: label for label in self.page.asks}
        seen = from_words(self.bubble)
        return seen.text, seen.answers

    def _changes_ways(self) -> None:
        """In mid-flow: to the page where the chat offers it, and back."""
        link = from_words(self.bubble).links.get(LINK, "") if self.page is None else ""
        if link and self.dice.random() < 0.5:
            own = {name: getattr(self, name) for name in ("id_number", "name", "mobile", "address")}
            self.page = Browser(self.wechat, {**own, "valid_to": "2036-05-20"}, self._overhear)
            try:
                self.page.open(link)
            except Gone:
                self._back_to_the_chat()
        elif self.page is not None and self.dice.random() < 0.1:
            self._back_to_the_chat()

    def _back_to_the_chat(self) -> str:
        self.page = None
        return self.say("再说一遍")

    def _start(self, goal: Goal) -> None:
        self.page = None
        if goal.start.isascii():
            self.click(goal.start)
        else:
            self.say(goal.start)

    def _confirm(self, goal: Goal, label: str, tap: str) -> None:
        if self.promised:
            self.forgotten.append(f"{self.openid} {goal.name}")
            self.promised = False
        if self.dice.random() < 0.1 and LOST in self.say("帮助"):
            return  # what they wanted to confirm is gone
        self.confirmed = True
        answer = self.say(label, tap)
        self.promised = any(words in answer for words in PROMISES)
        following = self.plan[self.done + 1 : self.done + 2]
        if self.promised and following == (AGAIN,):
            self.page = None
            self.say("删除我的信息")
            self.say("确认删除")
            self.bubble = ""

    def _answer(self, goal: Goal, text: str, taps: Mapping[str, str]) -> bool:
        """What a question asks for; False where nothing is asked."""
        leave = next((label for label in taps if label.startswith("先不办了")), "")
        if leave:
            self.say(leave, taps[leave])
            return True
        if "改成正式挂失" in taps:
            label = "改成正式挂失" if goal.kind == "formal" else "不改"
            self.say(label, taps[label])
            return True
        for asked, answer in ANSWERS:
            if asked == "tap" and answer in taps:
                self.say(answer, taps[answer])
                return True
            found = re.search(asked, text) if asked != "tap" else None
            if found and answer == "photo":
                self.show_photo()
                return True
            if found:
                own = {
                    "code": "".join(g for g in found.groups() if g),
                    "kind": "2" if goal.kind == "formal" else "1",
                    "delivery": str(1 + self.count % 2),
                }
                given = {k: getattr(self, k) for k in ("mobile", "address", "id_number", "name")}
                self.say(answer.format(**own, **given))
                return True
        return False

    # --- the phone ---
    def say(self, text: str, tap: str = "") -> str:
        if self.page is not None:
            try:
                return self.page.act(text) if tap or text in WORDS else self.page.fill_in(text)
            except Gone:
                return self._back_to_the_chat()
        return self._send(e.TextReceived(0, text=text, tap=tap))

    def click(self, key: str) -> None:
        self._send(e.MenuClicked(0, key=key))

    def show_photo(self) -> None:
        if self.page is not None:
            self.say("")
            return
        self._send(e.ImageReceived(0, media_id=f"{self.openid}.{self.count}"))

    def _send(self, event: e.Event) -> str:
        """What is heard; sometimes another message is on its way beside it, or overtaken by the next ones."""
        if self.wechat.chance(0.04):
            beside = self._message(e.TextReceived(0, text="帮助"), self._overhear)
            self.wechat.later(self.dice.choice([0.0, 0.0, 0.5, 1.5]), lambda: self.wechat.deliver(beside))
        return self.wechat.deliver(self._message(event, self.hear))

    def _message(self, event: e.Event, tell: Callable[[str], None]) -> Message:
        self.at, self.count = self.at + 3, self.count + 1
        number = int(self.openid[6:]) * 100_000 + self.count
        message = Message(message_of(structs.replace(event, at=self.at), self.openid, number), tell)
        self.messages.append(message)
        return message

    def hear(self, text: str) -> None:
        """A reply or a push: it is read, and what it asks is answered next."""
        self._overhear(text)
        self.bubble = text

    def _overhear(self, text: str) -> None:
        self.heard.append((time.monotonic(), text))


class Stranger(Resident):
    """An openid that tries one wrong name with a holder's ID number."""

    def guess(self, holder: Resident) -> str:
        """`delayed`, `refused`, or "" where neither was heard (the store was away, the bureau was down)."""
        self.plan, self.id_number, self.name = (), holder.id_number, GUESSED + "一二"
        for _ in range(12):
            seen = from_words(self.bubble)
            text = seen.text
            if "现在先不核对" in text or "还没有对上" in text:
                return "delayed" if "现在先不核对" in text else "refused"
            if not self._answer(GOALS["sign in"], text, seen.answers):
                self.click("SIGN_IN")
        return ""


def id_number(n: int, place: str) -> str:
    body = (
        f"{place}{1950 + n // 100_000:04d}{1 + n // 10_000 % 12:02d}{1 + n // 999 % 28:02d}{n % 999 + 1:03d}"
    )
    return body + id_checksum(body)
