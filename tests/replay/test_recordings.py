"""Recording residents of the running service: the real webhook, several bots over one store."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from click.testing import CliRunner, Result
from phone import Phone

from bot.app import Bot, create_app
from bot.cli import main
from bot.cli import recordings as command
from bot.engine.effects import Reply
from bot.engine.events import ActionFinished
from bot.kit.replay.fakes import Fakes
from bot.kit.replay.fixture import load
from bot.kit.replay.live import recorded
from bot.kit.replay.run import Options, one
from bot.reading.numbers import id_checksum
from bot.store.recordings import Recordings
from bot.store.records import ResidentKey
from bot.turn import recording_events

from .kit import ROOT, stage

pytestmark = pytest.mark.slow  # seconds together

MakeBot = Callable[..., Bot]
OPENID = "oQq1Ww2Ee3Rr4Tt5Yy6Uu7Ii8Oo_"


def owner(bot: Bot) -> ResidentKey:
    return bot.store.owner(OPENID)


def phone(bot: Bot, person: str = "张三") -> Phone:
    made = Phone(create_app(bot).test_client(), bot, person)
    made.openid = OPENID
    return made


def sign_in(resident: Phone) -> None:
    resident.say("同意")
    resident.say(resident.person.id_number)
    shown = resident.say(resident.person.name).text
    found = re.search(r"(\d) (\d) (\d) (\d)", shown)
    assert found, shown
    resident.say("".join(found.groups()))


def written(bot: Bot, path: Path) -> str:
    """The replay of what was recorded, which must be green."""
    Recordings(bot.store).stop(owner(bot))
    said: list[str] = []
    assert command.write(bot, owner(bot), path, said.append), said
    assert one(path, Options(ROOT), stage()).text == ""
    return path.read_text("utf-8")


@pytest.mark.parametrize("before", [0, 1, 2])
def test_a_recording_of_the_webhook_is_green_at_once_and_nobodys(
    make_bot: MakeBot, tmp_path: Path, before: int
) -> None:
    """`before`: nothing, the question, or the whole sign-in happened before the recording began."""
    bot = make_bot(recording="yes")
    resident = phone(bot)
    if before:
        resident.tap("挂失停用")
    if before == 2:
        sign_in(resident)
    Recordings(bot.store).start(owner(bot), 600)
    if not before:
        resident.tap("挂失停用")
    if before < 2:
        sign_in(resident)
    resident.say("1")
    assert "【已停用】" in resident.say("确认停用")
    text = written(bot, tmp_path / "recorded.yaml")
    assert "says: [report_loss.done_temporary.1]" in text
    assert "expect:" not in text
    assert "stub" not in text
    for personal in (resident.person.id_number, "张三", "张*", OPENID, "1234）"):
        assert personal not in text
    for number in re.findall(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])", text):
        assert id_checksum(number[:17]) == number[17]
    assert not bot.client.keys("*:tape:*")
    assert not bot.client.keys("*:rec:*")


def test_every_process_hears_what_it_answers(make_bot: MakeBot, tmp_path: Path) -> None:
    """A web process hears one message, another the next, and a worker the outcome that came late."""
    bots = [make_bot(recording="yes", budget=1.0) for _ in range(2)]
    resident = phone(bots[0], "慢先生")
    Recordings(bots[0].store).start(owner(bots[0]), 600)
    clients = [create_app(bot).test_client() for bot in bots]
    words = ["挂失", "同意", resident.person.id_number, resident.person.name]
    for count, said in enumerate(words):
        resident.client = clients[count % 2]
        shown = resident.say(said).text
    found = re.search(r"(\d) (\d) (\d) (\d)", shown)
    assert found, shown
    resident.say("".join(found.groups()))
    until = time.monotonic() + 120
    while not any(i.kind == recording_events.CAME for i in heard(bots[0])) and time.monotonic() < until:
        time.sleep(0.1)
    resident.say("1")
    items = heard(bots[0])
    assert [i.kind for i in items].count(recording_events.HEARD) == 6
    assert recording_events.LATE in [i.kind for i in items]
    text = written(bots[1], tmp_path / "recorded.yaml")
    assert re.search(r"slow: \d+s", text)


def heard(bot: Bot) -> list[recording_events.Item]:
    return [recording_events.read(raw) for raw in Recordings(bot.store).items(owner(bot))]


def test_whoever_is_not_recorded_leaves_nothing_and_neither_does_anybody_where_it_is_off(
    make_bot: MakeBot,
) -> None:
    on, off = make_bot(recording="yes"), make_bot()
    phone(on).say("你好")
    assert not on.client.keys("*:tape:*")
    Recordings(off.store).start(owner(off), 600)
    phone(off).say("你好")
    assert not off.client.keys("*:tape:*")


def test_what_was_recorded_is_sealed_and_goes_with_the_resident(make_bot: MakeBot) -> None:
    bot = make_bot(recording="yes")
    resident = phone(bot)
    Recordings(bot.store).start(owner(bot), 600)
    resident.say("我叫王小明，卡丢了")
    (key,) = cast(list[bytes], bot.client.keys("*:tape:*"))
    (raw,) = cast(list[bytes], bot.client.lrange(key, 0, -1))
    assert "王小明".encode() not in raw
    assert OPENID.encode() not in raw
    assert 0 < cast(int, bot.client.ttl(key)) <= 86400
    resident.event("unsubscribe")
    resident.event("subscribe")
    assert not bot.client.keys("*:tape:*")
    assert not bot.client.keys("*:rec:*")


def test_it_ends_by_itself(make_bot: MakeBot) -> None:
    bot = make_bot(recording="yes")
    resident = phone(bot)
    Recordings(bot.store).start(owner(bot), 100)
    resident.say("你好")
    kept = owner(bot).key("rec", owner(bot).tag)
    assert 0 < cast(int, bot.client.ttl(kept)) <= 100
    bot.client.delete(kept)  # as Redis does when its time is over
    resident.say("你好")
    assert len(heard(bot)) == 1


def test_a_name_told_before_it_is_known_to_be_one_is_replaced_there_too() -> None:
    def said(text: str) -> recording_events.Item:
        return recording_events.read(
            {"kind": "heard", "event": "TextReceived", "fields": {"at": 1_800_000_000, "text": text},
             "before": None, "calls": {"1": "card.find"}}
        )  # fmt: skip

    found = ActionFinished(1_800_000_002, 0, "1", "found", {"holder": "欧阳静怡", "state": "normal"})
    items = [said("欧阳静怡的卡丢了"), recording_events.Item(recording_events.CAME, found, None, {})]
    made = recorded(items, stage())
    assert "欧阳静怡" not in str(made.data())
    assert made.turns[0]["say"].endswith("的卡丢了")


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        ("我叫王小明，电话138 0013 8000", ["王小明", "8000"]),
        ("My name is John Smith", ["John", "Smith"]),
        ("住在平安区和平路12号3单元501", ["和平路", "501"]),
        ("660101 19800101 0018", ["660101", "0018"]),
        ("我的微信 a.b@example.org", ["a.b@"]),
        (f"openid {OPENID}", [OPENID]),
        ("１３８００１３８０００", ["１３８００"]),
    ],
)
def test_free_words_lose_what_is_somebodys(words: str, gone: list[str]) -> None:
    made = Fakes(1).text(words)
    for one_ in gone:
        assert one_ not in made


@pytest.mark.parametrize(
    "words", ["我的卡丢了怎么办", "2036-05-20", "12333", "我是外地人", "3 2 9 7", "在哪条路可以办"]
)
def test_free_words_that_are_nobodys_stay(words: str) -> None:
    assert Fakes(1).text(words) == words


def run(bot: Bot, *arguments: str) -> Result:
    """The command as the terminal has it, over the test's store."""
    settings = bot.settings
    env = {
        "SHEBAO_REDIS_URL": settings.redis_url,
        "SHEBAO_SEAL_KEYS": settings.seal_keys[0],
        "SHEBAO_TAG_KEY": settings.tag_key,
        "SHEBAO_WECHAT_TOKEN": settings.wechat_token,
        "SHEBAO_WECHAT_APP_ID": settings.wechat_app_id,
        "SHEBAO_WECHAT_AES_KEYS": settings.wechat_aes_keys[0],
        "SHEBAO_RECORDING": settings.recording,
    }
    return CliRunner(env=env).invoke(main, ["record", *arguments])


def test_the_command_records_by_openid_and_finishes_by_tag(
    make_bot: MakeBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    bot, out = make_bot(recording="yes"), tmp_path / "out.yaml"
    began = run(bot, "--openid", OPENID, "--minutes", "5")
    assert began.exit_code == 0
    assert "nobody with this openid has written" in began.output
    assert 240 < cast(int, bot.client.ttl(owner(bot).key("rec", owner(bot).tag))) <= 300
    phone(bot).say("你好")
    came = run(bot, "--finish", "--tag", owner(bot).tag, "--out", str(out))
    assert came.exit_code == 0, came.output
    assert "1 turns, green" in came.output
    assert one(out, Options(ROOT), stage()).text == ""
    again = run(bot, "--finish", "--openid", OPENID, "--out", str(tmp_path / "other.yaml"))
    assert again.exit_code == 1
    assert "nothing was recorded" in again.output
    assert "note:" not in again.output, "by now they have written"


def test_wrong_uses_are_told(make_bot: MakeBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    bot = make_bot(recording="yes")
    there = tmp_path / "there.yaml"
    there.write_text("turns: []\n")
    for arguments, words in (
        ((), "--openid"),
        (("--openid", "a", "--tag", "b"), "whom to record"),
        (("--openid", "a", "--finish"), "--out"),
        (("--openid", "a", "--minutes", "61"), "61"),
        (("--tag", "unknown-tag-000000000"), "nothing is held"),
        (("--openid", "a", "--finish", "--out", str(there)), "there already"),
        (("--from-xml", str(tmp_path)), "--into"),
        (("--openid", "gh_0123456789ab"), "does not look like an openid"),
        (
            ("--openid", "660101198001010018", "--finish", "--out", str(tmp_path / "o")),
            "nobody is known by it",
        ),
        (("--openid", "没这个人"), "28 letters"),
    ):
        came = run(bot, *arguments)
        assert came.exit_code != 0
        assert words in came.output, came.output
    off = run(make_bot(), "--openid", OPENID)
    assert off.exit_code == 1
    assert "SHEBAO_RECORDING=yes" in off.output


def test_what_waited_to_be_told_when_a_recording_began_is_in_it(make_bot: MakeBot, tmp_path: Path) -> None:
    """With its own words and nothing of the resident's; its replay is green and tells it first."""
    bot = make_bot(recording="yes", budget=1.0)
    resident = phone(bot, "慢先生")
    resident.say("挂失")
    sign_in(resident)
    until = time.monotonic() + 120
    while not (late := bot.store.begin(owner(bot), "").outbox) and time.monotonic() < until:
        time.sleep(0.1)
    Recordings(bot.store).start(owner(bot), 600)
    told = resident.say("1").text
    assert told.startswith(late[0].text)
    text = written(bot, tmp_path / "recorded.yaml")
    conversation = load(tmp_path / "recorded.yaml", ROOT)
    (waiting,) = conversation.waiting
    assert waiting.options
    assert [o.label for o in waiting.options] == [o.label for o in late[0].options]
    assert f"says: [{waiting.says[0]}" in text
    for personal in (resident.person.id_number, resident.person.name, "慢*", "慢", OPENID):
        assert personal not in text


def test_a_text_that_waits_keeps_the_contents_words_only() -> None:
    known = stage().words
    ours = max((words for words in known if words.startswith("【已停用】")), key=len)
    title = stage().content.languages["zh-CN"].flows["report_loss"].title
    late = Reply(text=f"{ours}张*（尾号1234）的卡 x9 Zhang", picture="1234", notice=title)
    (made,) = json.loads(Fakes(1).replies(known, [late], str))
    assert made["text"].startswith(ours)
    assert made["notice"] == title
    assert made["picture"] == ""
    assert len(made["text"]) == len(late.text)
    for personal in ("张", "1234", "Zhang"):
        assert personal not in made["text"]


def test_there_is_a_value_for_the_last_one_too() -> None:
    fakes = Fakes(1)
    words = [f"写了很长的话{n:04d}" for n in range(300)]
    digits = [str(n) for n in range(10)]
    made = {fakes.value("text", w) for w in words} | {fakes.value("number", d) for d in digits}
    assert len(made) == len(words) + len(digits)
