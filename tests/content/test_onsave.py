"""`make run` publishes what is saved; an invalid save keeps the old one and says why."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from bot.onsave import OnSave, publish_directory
from bot.revisions import Revisions
from bot.store.connect import connect
from bot.store.redis import SHARDS
from bot.store.revisions import RevisionStore


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


@pytest.fixture
def revisions(directory: Path, redis_url: str) -> Iterator[Revisions]:
    publish_directory(directory, redis_url)
    client = connect(redis_url)
    yield Revisions(RevisionStore(client, SHARDS), directory, "zh-CN")
    client.close()


def saved(directory: Path, file: str, old: str, new: str) -> None:
    path = directory / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_is_saved_is_published_and_said(directory: Path, revisions: Revisions) -> None:
    said: list[str] = []
    onsave, first = OnSave(directory, revisions, said.append), revisions.current()
    onsave.look()
    assert said == []
    saved(directory, "messages/zh-CN/report_loss.yaml", "卡是怎么没的？", "卡怎么不见了，请选一个？")
    onsave.look()
    assert revisions.current() != first
    assert said == [
        f"Published {revisions.current()}:  已发布：",
        "  messages/zh-CN/report_loss.yaml  slots.reason.ask  changed",
    ]
    onsave.look()
    assert len(said) == 2  # once


def test_an_invalid_save_keeps_the_old_one_and_says_where(directory: Path, revisions: Revisions) -> None:
    said: list[str] = []
    onsave, first = OnSave(directory, revisions, said.append), revisions.current()
    saved(directory, "flows/report_loss.yaml", "collect: reason", "collect: raeson")
    onsave.look()
    assert revisions.current() == first
    assert f"residents go on with {first}" in said[0]
    assert "flows/report_loss.yaml:33:14: error [unknown-slot]" in said[0]
    assert "这个流程里没有“raeson”这一项（slot）。是不是想写“reason”？" in said[0]
    saved(directory, "flows/report_loss.yaml", "collect: raeson", "collect: reason")
    onsave.look()
    assert said[1:] == [f"Saved: as it is served, {first}.  已保存，和现在用的一样。"]


def test_a_store_that_is_away_is_tried_again(directory: Path, revisions: Revisions, redis_url: str) -> None:
    away = Revisions(revisions.store, directory, "zh-CN")
    nowhere = connect("redis://127.0.0.1:1/0")
    away.store = RevisionStore(nowhere, SHARDS)
    said: list[str] = []
    onsave, first = OnSave(directory, away, said.append), revisions.current()
    saved(directory, "messages/zh-CN/report_loss.yaml", "卡是怎么没的？", "卡怎么不见了，请选一个？")
    onsave.look()
    assert "does not answer" in said[0]
    away.store = revisions.store
    onsave.look()
    assert revisions.current() != first


def test_a_directory_that_is_published_already_is_not_published_again(
    directory: Path, revisions: Revisions, redis_url: str
) -> None:
    publish_directory(directory, redis_url)
    assert len(revisions.store.history()) == 1
