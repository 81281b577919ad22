"""The replays before a publish: what a change breaks is told apart from what was broken before it."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import msgspec
import pytest
from conftest import ROOT

from bot.content.read.files import collect
from bot.content.verdict import Verdict, contents
from bot.kit.replay.gate import verdict

CONSENT, ASKED = "messages/zh-CN/sign_in.yaml", "要先核对您是本人"
LOSS = "flows/report_loss.yaml"
REPLAYS = {
    "consent.yaml": f"turns:\n  - tap: 挂失停用\n    expect: ~{ASKED}\n",
    "never.yaml": "turns:\n  - tap: 挂失停用\n    expect: ~从来没有这句话\n",
    "no_replay.yaml": "turns:\n  - sayy: 你好\n",
    "quiet.yaml": "turns:\n  - say: 帮助\n    expect: ~12333\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, tmp_path / part)
    folder = tmp_path / "tests/replays"
    folder.mkdir(parents=True)
    for name, text in REPLAYS.items():
        (folder / name).write_text(text)
    return tmp_path


def change(root: Path, file: str, old: str, new: str) -> Verdict:
    """The verdict on this change of a file."""
    before = collect(root)
    assert old.encode() in before[file]
    after = {**before, file: before[file].replace(old.encode(), new.encode())}
    with contents(root, before, after) as (was, now):
        return verdict(root, was, now, "zh-CN")


def test_what_a_change_breaks_is_told_apart_from_what_was_broken(root: Path) -> None:
    found = change(root, CONSENT, ASKED, "请先核对您是本人")
    assert found.played == 4
    assert [one.place for one in found.broken] == ["tests/replays/consent.yaml:3"]
    assert [one.place for one in found.already] == [
        "tests/replays/never.yaml:3",
        "tests/replays/no_replay.yaml:2",
    ]
    assert not found.holds
    assert found.differ == 1
    (bubble,) = found.bubbles
    assert ASKED in bubble.before
    assert "请先核对" in bubble.after
    assert bubble.replays == ("consent.yaml", "never.yaml")
    assert bubble.flow == "sign_in"
    assert msgspec.convert(json.loads(json.dumps(asdict(found))), Verdict) == found


@pytest.mark.slow
def test_what_was_broken_before_stops_no_publish(root: Path) -> None:
    found = change(root, LOSS, "retry: {times: 5", "retry: {times: 4")
    assert found.holds
    assert len(found.already) == 2


@pytest.mark.slow
def test_calls_count_although_every_bubble_is_the_same(root: Path) -> None:
    """An argument that is lost on the way to the bureau shows in no bubble."""
    shutil.copy(ROOT / "tests/replays/loss_temporary.yaml", root / "tests/replays")
    path = root / "tests/replays/loss_temporary.yaml"
    calls = "calls: [card.report_loss]"
    assert calls in path.read_text()
    path.write_text(path.read_text().replace(calls, "calls: [card.report_loss: {kind: temporary}]", 1))
    same = change(root, LOSS, "retry: {times: 5", "retry: {times: 4")
    assert not same.broken, same.broken
    kind = "with: {card: card.id, kind: kind, reason: reason}"
    found = change(root, LOSS, kind, "with: {card: card.id, kind: {value: formal}, reason: reason}")
    assert [one.place.partition(":")[0] for one in found.broken] == ["tests/replays/loss_temporary.yaml"]


@pytest.mark.slow
def test_content_that_cannot_be_played_is_said(root: Path) -> None:
    found = change(root, LOSS, "collect: reason", "collect: raeson")
    assert not found.holds
    assert "unknown-slot" in found.cannot


def test_without_replays_nothing_stands_in_the_way(root: Path) -> None:
    shutil.rmtree(root / "tests")
    assert change(root, CONSENT, ASKED, "请先核对您是本人") == Verdict(0)
