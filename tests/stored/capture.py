"""Writes down what this release keeps in the store, for later releases to read.

    cd tests && ../.venv/bin/python -m stored.capture RELEASE    # makes stored/RELEASE.json

Run it once at each release; never by a test. Invented residents, the tests' own keys: nothing is secret.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import redis
from conftest import ROOT, settings
from conversations.kit import act_for_child, operations, papers, report_temporarily, show_face, work
from moment import epoch
from phone import Phone

from bot.app import Bot, create_app, create_bot
from bot.kit.embedded import EmbeddedValkey
from bot.store import evidence

AT = epoch("2026-09-15T10:00")
"""A Tuesday in office hours."""


def play(made: dict[str, Phone], bot: Bot) -> None:
    """Each resident is left at another place."""
    made["result waits"].tap("挂失停用")
    made["result waits"].sign_in()
    report_temporarily(made["result waits"])
    while not bot.store.begin(bot.store.owner(made["result waits"].openid), "").outbox:
        assert work(bot), "nothing is due"

    made["at the summary"].tap("挂失停用")
    made["at the summary"].sign_in()
    made["at the summary"].choose("先停用")

    for name in ("reported", "reported, then left"):
        made[name].tap("挂失停用")
        made[name].sign_in()
        report_temporarily(made[name])
    made["reported, then left"].say("查进度")

    for name in ("call under way", "call under way, deleted"):  # the bureau took it and does not answer
        made[name].tap("挂失停用")
        made[name].sign_in()
        report_temporarily(made[name])
    made["call under way, deleted"].say("删除我的信息")
    made["call under way, deleted"].tap("确认删除")

    made["in English"].say("English")
    made["in English"].say("lost my card")
    made["in English"].say("I agree")
    made["in English"].say(made["in English"].person.id_number)

    made["at the photo"].tap("补卡换卡")
    made["at the photo"].sign_in()
    made["at the photo"].tap("同意，开始办")
    show_face(made["at the photo"])
    made["at the photo"].image()

    made["at the address"].tap("补卡换卡")
    made["at the address"].sign_in()
    made["at the address"].tap("同意，开始办")
    show_face(made["at the address"])
    papers(made["at the address"])
    made["at the address"].choose("寄到家里")

    made["with a person"].say("人工")
    made["with a person"].tap("接通")
    made["guardian"].tap("给家里人办")
    act_for_child(made["guardian"], made["child"])
    made["put aside"].tap("挂失停用")
    made["put aside"].sign_in()
    made["put aside"].wait(45 * 60)
    made["put aside"].say("在吗")


WHO = {
    "result waits": "没办成",
    "at the summary": "张三",
    "reported": "李小芳",
    "reported, then left": "褚到期",
    "call under way": "没回音",
    "call under way, deleted": "等通知",
    "in English": "陈锁定",
    "at the photo": "吴正式",
    "at the address": "吴正式",
    "with a person": "郑未启",
    "put aside": "孙临时",
    "guardian": "张三",
    "child": "张小宝",
}


def values(client: redis.Redis) -> dict[str, Any]:
    """Every key of Redis with what it holds; bytes as base64."""

    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        return [plain(v) for v in value] if isinstance(value, list | tuple) else value

    found: dict[str, Any] = {}
    for key in sorted(k for k in client.keys("*") if b":c:" not in k and b":r:" not in k):  # type: ignore[union-attr]
        kind = client.type(key).decode()  # type: ignore[union-attr]
        read = {
            "string": lambda k: client.get(k),
            "hash": lambda k: [x for pair in sorted(client.hgetall(k).items()) for x in pair],  # type: ignore[union-attr]
            "list": lambda k: client.lrange(k, 0, -1),
            "zset": lambda k: client.zrange(k, 0, -1, withscores=True),
            "set": lambda k: sorted(client.smembers(k)),  # type: ignore[arg-type]
        }[kind]
        found[key.decode()] = [kind, plain(read(key))]
    return found


def main(release: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="capture-"))
    with EmbeddedValkey(folder) as valkey:
        bot = create_bot(ROOT, settings(valkey.url, push="no"), lambda: AT)
        client = create_app(bot).test_client()
        made = {}
        for n, (name, person) in enumerate(WHO.items()):
            made[name] = Phone(client, bot, person, f"Stored{n:02d}")
            made[name].at = AT + 60 * n
        play(made, bot)
        kept: dict[str, Any] = {"at": AT, "openids": {name: phone.openid for name, phone in made.items()}}
        kept["receipts"] = [
            line["number"] for line in operations(bot) if evidence.find(bot.store, line["number"])
        ]
        kept["keys"] = values(bot.client)
    Path(__file__).with_name(f"{release}.json").write_text(json.dumps(kept, indent=0, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
