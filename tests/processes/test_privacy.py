"""Nothing personal in clear outside the seal: logs, Valkey's files and its keys after whole conversations."""

import base64
import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from phone import Phone

from bot import logs
from processes.kit import Service, edit, until

GUARDIAN = "欧阳静怡测试"
MOBILE, ADDRESS = "13912345678", "平安区和平路12号3单元501"
OPENIDS = {"guardian": "oUJx7aB3cD5eF6gH7iJ8kL9mN0p-", "new card": "oQq1Ww2Ee3Rr4Tt5Yy6Uu7Ii8Oo_",
           "nobody": "oZz9Xx8Cc7Vv6Bb5Nn4Mm3Ll2Kk1"}  # fmt: skip


# --- the grep ----------------------------------------
def in_base64(raw: bytes) -> Iterator[bytes]:
    """As it stands inside the base64 of something longer, at each of the three places it may begin."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw)
        inside = whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        if len(inside) >= 7:  # what is shorter turns up by chance
            yield inside
            yield inside.translate(bytes.maketrans(b"+/", b"-_"))


def forms(text: str) -> dict[str, bytes]:
    """The ways in which a text may hide, by name."""
    raw = text.encode()
    escaped = json.dumps(text)[1:-1]
    found = {
        "clear": raw,
        "GBK": text.encode("gb18030"),
        "UTF-16": text.encode("utf-16-le"),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "percent": quote(text, safe="").encode(),
        "percent, small": quote(text, safe="").lower().encode(),
        "JSON": escaped.encode(),
        "JSON, capital": escaped.upper().replace("\\U", "\\u").encode(),
        "Python": raw.__repr__()[2:-1].encode(),
    }
    return found | {f"base64 {n}": form for n, form in enumerate(in_base64(raw))}


def leaks(haystacks: Iterable[tuple[str, bytes]], secrets: Iterable[str]) -> list[str]:
    """Where which secret stands, in which form."""
    needles = [(text, name, form) for text in secrets for name, form in forms(text).items()]
    return [
        f"{where}: {text} ({name})" for where, hay in haystacks for text, name, form in needles if form in hay
    ]


def everything(client: redis.Redis) -> Iterator[tuple[str, bytes]]:
    """Every key with its whole value, of whatever type."""
    for key in client.scan_iter(count=1000):
        kind = client.type(key)
        if kind == b"none":  # its time is over
            continue
        readers: dict[bytes, Callable[[bytes], object]] = {
            b"string": client.get,
            b"hash": client.hgetall,
            b"list": lambda k: client.lrange(k, 0, -1),
            b"set": client.smembers,
            b"zset": lambda k: client.zrange(k, 0, -1),
            b"stream": client.xrange,
        }
        yield f"key {key!r}", key + b"\n" + b"\n".join(flat(readers[kind](key)))


def flat(value: object) -> Iterator[bytes]:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set):
        for part in value:
            yield from flat(part)
    elif isinstance(value, bytes):
        yield value


def files(*folders: Path) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for path in folder.rglob("*") if folder.is_dir() else [folder]:
            if path.is_file():
                yield str(path), path.read_bytes()


# --- that it can fail ----------------------------------------
@pytest.mark.parametrize("form", list(forms(GUARDIAN + MOBILE)))
def test_the_grep_finds_a_leak(redis_url: str, tmp_path: Path, form: str) -> None:
    leak = b"xy" + forms(GUARDIAN + MOBILE)[form] + b"z"
    with redis.Redis.from_url(redis_url) as client:
        client.set("string", leak)
        client.hset("hash", "field", leak)  # type: ignore[arg-type]
        client.rpush("list", leak)
        client.zadd("zset", {leak: 1})
        client.sadd("set", leak)
        client.xadd("stream", {"field": leak})
        client.set(b"name of a key " + leak, "")
        (tmp_path / "a.log").write_bytes(leak)
        found = leaks([*everything(client), *files(tmp_path)], [GUARDIAN + MOBILE])
    assert len({line.split(": ")[0] for line in found}) == 8


def test_the_grep_finds_what_begins_anywhere_in_base64() -> None:
    for before in range(3):
        for secret in (GUARDIAN, MOBILE, "660101198001010018"):
            hidden = base64.b64encode(b"a" * before + secret.encode() + b"tail")
            assert leaks([("here", hidden)], [secret])


def test_a_log_line_with_everything_in_it_is_masked(capfd: pytest.CaptureFixture[str]) -> None:
    import logging

    logs.configure()
    log = logging.getLogger("a library")
    try:
        raise ValueError(f"{GUARDIAN} {MOBILE}")
    except ValueError:
        log.exception("failed for %s at %s", OPENIDS["guardian"], "/wechat?openid=short-one&x=1")
    log.warning("%s", {"id": 660101198001010018, MOBILE: b"66010119800101001X"})
    said = capfd.readouterr().err
    logs.configure()
    assert not leaks(
        [("log", said.encode())], [GUARDIAN, MOBILE, "66010119800101001", "short-one", *OPENIDS.values()]
    )
    assert "ValueError" in said


# --- whole conversations ----------------------------------------
class Spoken:
    """Everything personal that was said."""

    def __init__(self) -> None:
        self.photos = 0
        self.words: set[str] = set(OPENIDS.values()) | {MOBILE, ADDRESS}

    def photo(self, phone: Phone) -> None:
        self.photos += 1
        media = f"MEDIA-{self.photos}-kQ3vLz8RtYw5"
        phone.image(media)
        self.words.add(media)


def guardian(phone: Phone, spoken: Spoken, child_id: str, child_name: str) -> None:
    """Sign-in, e-card, a loss report, then a child's."""
    phone.tap("电子社保卡")
    phone.sign_in()
    assert "已核对是您本人" in phone.bubble
    phone.say("是")
    phone.tap("挂失停用")
    phone.say("1")
    phone.tap("确认停用")
    assert "受理号" in phone.bubble
    phone.tap("给家里人办")
    phone.say("1")
    phone.say("同意")
    phone.say(child_id)
    phone.say(child_name)
    spoken.photo(phone)
    assert "接下来办的是" in phone.bubble
    phone.tap("卡的状态")
    phone.location(30.0001, 110.0001)
    phone.voice(f"我叫{GUARDIAN}，电话{MOBILE}")


def new_card(phone: Phone, spoken: Spoken) -> None:
    phone.tap("补卡换卡")
    phone.sign_in()
    phone.say("同意")
    phone.say("同意")
    for _ in range(3):
        spoken.photo(phone)
    phone.say("长期")
    phone.say(MOBILE)
    spoken.photo(phone)
    phone.say("1")
    phone.say(ADDRESS)
    assert "请核对" in phone.bubble, phone.bubble.text
    phone.say("确认")
    assert "受理号" in phone.bubble, phone.bubble.text


def nobody(phone: Phone, service: Service) -> None:
    """A failed check; a session that no longer opens, and a job, which fails; Valkey away for a moment."""
    phone.tap("卡的状态")
    phone.sign_in()
    assert "没有对上" in phone.bubble
    store, client = service.store(), service.redis()
    owner = store.owner(phone.openid)
    key = owner.key("s", owner.tag)
    good = client.hget(key, "d")
    client.hset(key, "d", b"no seal opens this, and it is long enough")
    phone.say(f"{phone.person.id_number} {phone.person.name}")
    assert "出了点问题" in phone.bubble or "查不了" in phone.bubble
    client.hset(key, "d", good)  # type: ignore[arg-type]
    damaged = owner.tag.encode() + b"|" + good[:-1] + bytes([good[-1] ^ 1])  # type: ignore[index]
    client.hset(owner.key("j", "damaged"), "d", damaged)
    client.zadd(owner.key("due"), {"j:damaged": 0})
    at, phone.at = phone.at, 999_999_999_998  # no year that a calendar knows
    phone.say(f"{phone.person.id_number} {phone.person.name}")
    phone.at = at
    valkey = service.pids()["valkey"]
    os.kill(valkey, signal.SIGSTOP)
    phone.say(phone.person.id_number)
    os.kill(valkey, signal.SIGCONT)
    assert "查不了" in phone.bubble
    phone.say(phone.person.id_number)


@pytest.mark.slow
def test_after_whole_conversations_nothing_personal_stands_anywhere(service: Service) -> None:
    edit(service.root / "config" / "stub.yaml", "name: 张三", f"name: {GUARDIAN}")
    service.env = {"SHEBAO_PER_MINUTE": "1000", "SHEBAO_LOG_LEVEL": "DEBUG"}
    service.start()
    spoken = Spoken()
    phones = {
        "guardian": service.phone("张三", called=GUARDIAN, openid=OPENIDS["guardian"]),
        "new card": service.phone("吴正式", openid=OPENIDS["new card"]),
        "nobody": service.phone("何写错", openid=OPENIDS["nobody"]),
    }
    child = service.phone("张小宝").person
    guardian(phones["guardian"], spoken, child.id_number, child.name)
    new_card(phones["new card"], spoken)
    nobody(phones["nobody"], service)
    assert until(lambda: '"job failed"' in service.terminal), "nor was the damaged job tried"

    client = service.redis()
    client.config_set("rdbcompression", "no")  # a compressed file would hide what the grep looks for
    client.save()
    client.bgrewriteaof()
    assert until(lambda: client.info("persistence")["aof_rewrite_in_progress"] == 0)
    slow = b"\n".join(flat([list(line.values()) for line in client.slowlog_get(128)]))
    keys = list(everything(client))
    seal, shown = service.seal, service.terminal
    assert service.end() == 0

    people = [*(phone.person for phone in phones.values()), child]
    secrets = spoken.words | {p.name for p in people} | {p.id_number for p in people}
    secrets |= {"平安区和平路12号", "3单元501", "何写对"}
    stored = list(files(service.root / "var"))
    seen = [*keys, *stored, *files(service.out, service.err), ("slow log", slow)]
    assert leaks(seen, secrets) == []
    # not by silence: everything was there to be looked at
    assert len(keys) > 20
    assert any("appendonly.aof" in name and len(data) > 5000 for name, data in stored)
    assert any(name.endswith("dump.rdb") for name, _ in stored)
    assert any(name.endswith("valkey.log") for name, _ in stored)
    lines = [json.loads(line) for line in shown.splitlines() if line.startswith("{")]
    for phone in phones.values():
        turns = [
            line for line in lines if line["event"] == "turn" and line["resident"] == seal.tag(phone.openid)
        ]
        assert len(turns) >= phone.sent
    assert any(line["event"] == "job failed" and line["trace"] for line in lines)
    assert any(line["event"] == "session does not open" for line in lines)
    assert any(line.get("result") == "store away" for line in lines)
