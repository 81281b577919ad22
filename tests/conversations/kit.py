"""What conversations share: a phone that hears everything twice, the worker, and the passages walked most."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from conftest import ROOT
from moment import epoch
from phone import Phone

from bot.app import Bot
from bot.kit.stubs.stub_card import CardStub
from bot.kit.wechat import Bubble
from bot.reading.clean import normal
from bot.reading.numbers import id_checksum
from bot.store.redis import SHARDS

ADDRESS = "平安区和平路12号3单元501"
MOBILE = "13800138000"


class TwicePhone(Phone):
    """WeChat delivers every message twice: the same answer comes back and nothing has changed."""

    def post(self, body: bytes) -> Bubble:
        first = super().post(body)
        stored, done = everything_in_redis(self.bot), operations(self.bot)
        again = super().post(body)
        assert again.xml == first.xml
        assert operations(self.bot) == done
        kept = everything_in_redis(self.bot)
        assert {key for key in stored | kept if stored.get(key) != kept.get(key)} == set()
        return again


def everything_in_redis(bot: Bot) -> dict[bytes, bytes]:
    """Every key with its value. Sealed values hold a fresh nonce, so even an equal rewrite would show."""
    keys: list[bytes] = sorted(bot.client.keys("*"))  # type: ignore[arg-type]
    values = bot.client.pipeline(transaction=False)
    for key in keys:
        values.dump(key)
    return dict(zip(keys, values.execute(), strict=True))


def card_service(bot: Bot) -> CardStub:
    service = bot.services["card"]
    assert isinstance(service, CardStub)
    return service


def operations(bot: Bot) -> list[dict[str, Any]]:
    return card_service(bot).operations()


def changes(bot: Bot) -> list[str]:
    """What the card service was made to do, oldest first, without the port's name."""
    return [line["action"].removeprefix("card.") for line in operations(bot)]


def work(bot: Bot, kind: str = "j") -> int:
    """Time passes for jobs (j) or timers (t): the worker takes all of them once. How many it took."""
    dues, waiting = (
        [f"sb:{{s{shard}}}:due" for shard in range(SHARDS)],
        bot.client.pipeline(transaction=False),
    )
    for due in dues:
        waiting.zrange(due, 0, -1)
    for due, members in zip(dues, waiting.execute(), strict=True):
        for member in members:
            if member.startswith(f"{kind}:".encode()):
                bot.client.zadd(due, {member: 0})
    return sum(bot.worker().take(*found) for found in list(bot.store.due()))


def weekday_at(weekday: int, hour: int) -> int:
    """Such a day (1 Monday … 7 Sunday) and hour in China, of a week without holidays in a year that
    config/calendar.yaml knows, whenever the test is played."""
    return epoch(f"2026-11-{22 + weekday} {hour:02}:00")


# --- passages ----------------------------------------
def show_face(phone: Phone) -> Bubble:
    assert "这一步要核对您的脸" in phone.bubble
    phone.tap("同意刷脸")
    return phone.image()


def report_temporarily(phone: Phone) -> Bubble:
    """Signed in; from the question how to stop the card."""
    phone.choose("先停用")
    return phone.tap("确认停用")


def report_formally(phone: Phone, reason: str = "丢了") -> Bubble:
    """Signed in; from the question how to stop the card."""
    phone.choose("正式挂失")
    phone.tap(reason)
    show_face(phone)
    return phone.tap("确认停用")


def papers(phone: Phone) -> Bubble:
    """From the ID card's photos to the question how the new card comes."""
    assert "有照片的一面" in phone.bubble
    phone.image()
    assert "国徽" in phone.bubble
    phone.image()
    phone.say("2036年5月20日")
    phone.say(MOBILE)
    assert "印在新卡上的照片" in phone.bubble
    return phone.image()


def apply_by_express(phone: Phone) -> Bubble:
    """From the consent to the summary."""
    phone.tap("同意，开始办")
    if "核对您的脸" in phone.bubble:
        show_face(phone)
    papers(phone)
    phone.choose("寄到家里")
    return phone.say(ADDRESS)


def act_for_child(phone: Phone, child: Phone) -> Bubble:
    """A guardian, from the menu, becomes the one who acts for the child."""
    phone.tap("给家里人办")
    if "您同意吗" in phone.bubble:
        phone.sign_in()
    phone.choose("未满16岁")
    phone.tap("同意")
    phone.say(child.person.id_number)
    phone.say(child.person.name)
    return phone.image("household")


def crowd(root: Path, count: int) -> list[str]:
    """A content directory whose stubs know so many people with a normal card; their names."""
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, root / part)
    people = [
        {
            "name": "欧阳" + "".join(chr(0x4E8C + int(d)) for d in str(n)),
            "id_number": id_number(n),
            "good_for": {"zh": "正常", "en": "normal"},
            "card": {"state": "normal", "number": f"{1000 + n}", "bank": "清风银行"},
        }
        for n in range(count)
    ]
    known = {"banks": {"清风银行": "95000"}, "people": people}
    (root / "config" / "stub.yaml").write_text(yaml.safe_dump(known, allow_unicode=True))
    return [person["name"] for person in people]  # type: ignore[misc]


def id_number(n: int) -> str:
    body = f"66010119800101{n:03d}"
    return body + id_checksum(body)


PATH: tuple[Callable[[Phone], object], ...] = (
    lambda phone: phone.tap("挂失停用"),
    lambda phone: phone.say("同意"),
    lambda phone: phone.say(phone.person.id_number),
    lambda phone: phone.say(phone.person.name),
    lambda phone: phone.tap("是的") if "是的" in phone.bubble.answers else phone.bubble,
    lambda phone: phone.code(),
    lambda phone: phone.choose("先停用"),
    lambda phone: phone.tap("确认停用"),
)
"""From the menu to the receipt of a report for some days, one message a step."""


def goes_on(phone: Phone) -> None:
    """Answers whatever is asked until the receipt; every bubble must ask something it understands."""
    for _ in range(14):
        bubble = phone.bubble
        assert bubble.text, "an empty answer"
        if "【已停用】" in bubble:
            return
        if "同意，继续" in bubble.answers:
            phone.say("同意")
        elif "身份证号" in bubble or "18位" in bubble:
            phone.say(phone.person.id_number)
        elif "姓名" in bubble:
            phone.say(phone.person.name)
        elif "数字" in bubble and any(c.isdigit() for c in normal(bubble.text)) and not bubble.answers:
            phone.code()
        elif "在本市" in bubble.answers:
            phone.tap("在本市")
        elif any("先停用" in label for label in bubble.answers):
            phone.choose("先停用")
        elif "确认停用" in bubble.answers:
            phone.tap("确认停用")
        else:
            phone.tap("挂失停用")
    raise AssertionError(f"no receipt: {phone.bubble.text}")
