"""A replay file's mistakes are told with their place."""

from pathlib import Path

import jsonschema
import pytest
import yaml
from loaded import read_yaml

from bot.kit.replay.fixture import BadReplay, load
from bot.kit.replay.models import schema

from .kit import ROOT, findings, written


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "1:1", "no conversation"),
        ("turns: []", "1:8", "no conversation"),
        ("turns:\n  - {sya: 你好}", "2:6", "“sya”"),
        ("turns:\n  - {say: 你好, tap: 好}", "2:5", "exactly one"),
        ("turns:\n  - say: 你好\n    expect: ''", "3:13", "empty expectation"),
        ("turns:\n  - say: 你好\n    expect: []", "3:13", "empty expectation"),
        ("turns:\n  - say: 你好\n    expect: /(/", "3:13", "regular expression"),
        ("turns:\n  - wait: soon", "2:11", "90s, 10m"),
        ("turns:\n  - wait: 999999d", "2:11", "400d"),
        ("clock: tomorrow\nturns:\n  - say: x", "1:8", "2026-11-23"),
        ("turns:\n  - send: {location: [a, b]}", "2:11", "latitude"),
        ("turns:\n  - raw: none.xml", "2:10", "no file"),
        (f"turns:\n  - raw: {'x' * 3000}", "2:10", "no file"),
        (f"turns:\n  - say: x\n    expect: /{'(' * 3000}{')' * 3000}/", "3:13", "regular expression"),
        ("turns:\n  - say: x\n    expect: /a{99999999999}/", "3:13", "regular expression"),
        ("turns:\n  - send: picture", "2:11", "Did you mean “image”?"),
        ("turns:\n  - send: vidoe", "2:11", "Did you mean “video”?"),
        ("turns:\n  - send: voice", "2:11", "{voice: …}"),
        ("turns:\n  - event: subscrib", "2:12", "Did you mean “subscribe”?"),
        ("turns:\n  - 你好", "2:5", "key: value"),
        ("turns: 你好", "1:8", "a list"),
        ("turns:\n  - together: [{say: a}]", "2:15", "2 to 3"),
        ("turns:\n  - together: [{say: a}, {wait: 1m}]", "2:27", "cannot stand inside"),
        ("services:\n  - card.fnd: found\nturns:\n  - say: x", "2:5", "card.find"),
        ("services:\n  - card.find: maybe\nturns:\n  - say: x", "2:16", "not_found"),
        ("services:\n  - card.find: found\nturns:\n  - say: x", "2:16", "brings"),
        (
            "services:\n  - card.find: {outcome: found, state: odd}\nturns:\n  - say: x",
            "2:40",
            "cannot be “odd”",
        ),
        ("session: '{\"schema\": 99}'\nturns:\n  - say: x", "1:10", "record"),
        ("outbox: '[{\"text\": 1}]'\nturns:\n  - say: x", "1:9", "record"),
        ("outbox: 'null'\nturns:\n  - say: x", "1:9", "record"),
        ("turns:\n\t- say: x", "2:1", "tab"),
        ("turns: [", "2:1", ""),
        ("turns:\n  - say: a\n    say: b", "3:5", "twice"),
        ("turns:\n  - &x {say: a}\n  - *x", "2:5", "anchor"),
        ("turns: &t\n  - say: a\nservices: *t", "3:1", "Aliases"),
        ("turns: &t\n  - *t", "2:5", "Aliases"),
        ("turns:\n  - say: !!python/name:os.system a", "2:10", "tag"),
    ],
)
def test_a_mistake_is_told_on_its_line(tmp_path: Path, text: str, place: str, words: str) -> None:
    found = findings(tmp_path, text)
    assert found, text
    assert any(f":{place}:" in f and words in f for f in found) or (not words and found), found


@pytest.mark.parametrize(
    ("turn", "place", "english", "chinese"),
    [
        ("event: follow", "2:12", "There is no event “follow”", "没有事件“follow”"),
        ("event: 关注", "2:12", "subscribe, unsubscribe", "subscribe, unsubscribe"),
        ("event: {scann: a}", "2:13", "“scann”", "是不是想写“scan”"),
        ("tap: [挂失停用]", "2:10", "a word or sentence, or a map", "文字，或者键和值"),
        ("tap: {label: 好, old: 是}", "2:26", "neither yes nor no", "既不是yes也不是no"),
        ("restart: 是", "2:14", "neither yes nor no", "既不是yes也不是no"),
        ("redeliver: lst", "2:16", "Write last", "请写last"),
        ("send: {location: 30.1}", "2:22", "a list", "列表"),
        ("send: {location: [南, 北]}", "2:11", "latitude, then longitude", "先纬度后经度"),
        ("wait: 10分钟", "2:11", "Write 90s, 10m", "请写90s、10m"),
        ("bureau: {state: redy}", "2:21", "“state” cannot be “redy” (unpaid", "“state”不能是“redy” (unpaid"),
        ("bureau: {stat: ready}", "2:20", "has no “stat”", "没有“stat”"),
        ("raw: none.xml", "2:10", "no file “none.xml”", "没有文件“none.xml”"),
        ("{say: x, says: 谢谢}", "2:20", "Write flow.text", "请写“流程.文字”"),
        ("{say: x, says: {anny: [a.b]}}", "2:21", "“anny”", "是不是想写“any”"),
        ("{say: x, ends: report_loss.done}", "2:20", "Write flow.end or", "请写“流程.end”或"),
        ("{say: x, expect: '~'}", "2:22", "An empty expectation", "什么都没有写"),
        ("{say: x, expect: {text: a, any: [b]}}", "2:22", "one of text, any, says", "这里写了：text, any"),
        ("send: {voice: 你好, image: m}", "2:11", "Exactly one of voice, location, image", "只能写"),
        ("send: {label: 市民广场}", "2:11", "Here: —", "这里写了：—"),
        ("event: {scan: a, click: b}", "2:12", "Exactly one of subscribe, scan", "这里写了：scan, click"),
        ("event: {}", "2:12", "Here: —", "这里写了：—"),
        ("{say: x, expect: '/[/'}", "2:22", "begin with “~”", "请用“~”开头"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_finding_in_both_languages(
    tmp_path: Path, turn: str, place: str, english: str, chinese: str
) -> None:
    with pytest.raises(BadReplay) as refused:
        load(written(tmp_path, f"turns:\n  - {turn}\n"))
    (found,) = refused.value.findings
    assert f"{found.line}:{found.col}" == place, found
    assert english in found.sentence_in("en")
    assert chinese in found.sentence_in("zh-CN")
    assert english in str(refused.value)
    assert chinese in str(refused.value)


def test_true_is_as_good_as_yes(tmp_path: Path) -> None:
    assert findings(tmp_path, "push: true\nturns:\n  - say: 你好\n    expect: ~您好\n") == []


def test_a_good_file_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, "turns:\n  - say: 你好\n    expect: ~您好\n") == []


@pytest.mark.parametrize("size", [10, 400, 3000])
def test_deep_nesting_is_a_finding_not_a_crash(tmp_path: Path, size: int) -> None:
    assert findings(tmp_path, "turns: " + "[" * size + "]" * size)


def test_bytes_that_are_no_text_are_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes("turns:\n  - say: 你好".encode("gbk"))
    with pytest.raises(BadReplay, match="UTF-8"):
        load(path)


def test_shipped_replays_fit_the_shipped_schema() -> None:
    shipped = read_yaml(ROOT / "tests/replays/replay.schema.json")
    assert shipped == schema(), "write it again: shebao replay --schema > tests/replays/replay.schema.json"
    validator = jsonschema.Draft202012Validator(shipped)
    for path in sorted((ROOT / "tests/replays").glob("*.yaml"))[::20]:
        data = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - our own file
        assert not list(validator.iter_errors(data)), path.name


@pytest.mark.parametrize(
    ("policy", "place", "words"),
    [
        ("{formal_loss: ofline}", "1:23", "Did you mean “online”?"),
        ("{agents: ''}", "1:18", "has no value"),
        ("\n  temporary_days: soon", "2:19", "whole number"),
        ("\n  temporary_days: 0", "2:19", "whole number"),
        ("\n  postage: 0元\n  agent: none", "3:3", "Did you mean “agents”?"),
        ("{hours: always}", "1:10", "has no value “hours”"),
    ],
)
def test_a_policy_takes_what_the_policy_file_would(
    tmp_path: Path, policy: str, place: str, words: str
) -> None:
    path = written(tmp_path, f"policy: {policy}\nturns:\n  - say: 你好\n")
    with pytest.raises(BadReplay) as refused:
        load(path, ROOT)
    (found,) = refused.value.findings
    assert f":{place}:" in str(found)
    assert words in str(found)
