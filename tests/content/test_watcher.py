"""`make run` publishes what is saved; an invalid save keeps the old one and says why."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.watcher import Watcher, publish_directory
from bot.content.read.files import LARGEST
from bot.store.connect import connect
from bot.store.redis import SHARDS
from bot.store.revisions import RevisionStore
from bot.turn.revisions import Revisions

from .kit import small

pytestmark = pytest.mark.slow  # seconds together

FLOW, ZH = "flows/report_loss.yaml", "messages/zh-CN/report_loss.yaml"


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
    watcher, first = Watcher(directory, revisions, said.append), revisions.current()
    watcher.look()
    assert said == []
    saved(directory, "messages/zh-CN/report_loss.yaml", "卡是怎么没的？", "卡怎么不见了，请选一个？")
    watcher.look()
    assert revisions.current() != first
    assert said == [
        f"Published {revisions.current()}:  已发布：",
        "  messages/zh-CN/report_loss.yaml  slots.reason.ask  changed",
    ]
    watcher.look()
    assert len(said) == 2  # once


def test_an_invalid_save_keeps_the_old_one_and_says_where(directory: Path, revisions: Revisions) -> None:
    said: list[str] = []
    watcher, first = Watcher(directory, revisions, said.append), revisions.current()
    saved(directory, "flows/report_loss.yaml", "collect: reason", "collect: raeson")
    watcher.look()
    assert revisions.current() == first
    assert f"residents go on with {first}" in said[0]
    assert "flows/report_loss.yaml:33:14: error [unknown-slot]" in said[0]
    assert "这个流程里没有“raeson”这一项（slot）。是不是想写“reason”？" in said[0]
    saved(directory, "flows/report_loss.yaml", "collect: raeson", "collect: reason")
    watcher.look()
    assert said[1:] == [f"Saved: as it is served, {first}.  已保存，和现在用的一样。"]


def test_a_store_that_is_away_is_tried_again(directory: Path, revisions: Revisions, redis_url: str) -> None:
    away = Revisions(revisions.store, directory, "zh-CN")
    nowhere = connect("redis://127.0.0.1:1/0")
    away.store = RevisionStore(nowhere, SHARDS)
    said: list[str] = []
    watcher, first = Watcher(directory, away, said.append), revisions.current()
    saved(directory, "messages/zh-CN/report_loss.yaml", "卡是怎么没的？", "卡怎么不见了，请选一个？")
    watcher.look()
    assert "does not answer" in said[0]
    away.store = revisions.store
    watcher.look()
    assert revisions.current() != first


def test_a_directory_that_is_published_already_is_not_published_again(
    directory: Path, revisions: Revisions, redis_url: str
) -> None:
    publish_directory(directory, redis_url)
    assert len(revisions.store.history()) == 1


# --- what no editor should have saved ---
@pytest.fixture
def watched(tmp_path: Path, redis_url: str) -> Iterator[tuple[Path, Watcher, list[str]]]:
    """A small content that is served, and what is said of what is saved in it."""
    root = small(tmp_path)
    publish_directory(root, redis_url)
    client, said = connect(redis_url), list[str]()
    yield root, Watcher(root, Revisions(RevisionStore(client, SHARDS), root, "zh-CN"), said.append), said
    client.close()


def write(raw: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(raw)


def instead(make: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda path: (path.unlink(), make(path))


def anchored(path: Path) -> None:
    text = path.read_text().replace(
        "next: {temporary: check, formal: reason}", "next: &x {temporary: check, formal: reason}"
    )
    path.write_text(text.replace("next: {agreed: submit, refused: kept}", "next: *x"))


BOMB = "a: &a0 [x, x]\n" + "".join(f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
BREAKS: dict[str, Callable[[Path], object]] = {
    "an alias": anchored,
    "an alias of itself": write(b"flow: report_loss\nsteps: &a {x: *a}\n"),
    "aliases of aliases": write(BOMB.encode()),
    "two documents": lambda path: path.write_text(path.read_text() * 2 + "---\n" + path.read_text()),
    "another encoding": write("flow: 挂失\n".encode("gb18030")),
    "two bytes a letter": write("flow: report_loss\n".encode("utf-16")),
    "bytes of nothing": write(b"flow: report_loss\n\0\0\0\n"),
    "only zeros": write(b"\0" * 1000),
    "too large": write(b"# " + b"x" * LARGEST),
    "brackets": write(b"a: " + b"[" * 50_000),
    "lines, each deeper": write(b"".join(b" " * n + b"a:\n" for n in range(1000))),
    "removed": lambda path: path.unlink(),
    "its folder removed": lambda path: shutil.rmtree(path.parent),
    "a folder": instead(lambda path: path.mkdir()),
    "a link to nothing": instead(lambda path: path.symlink_to("nowhere.yaml")),
    "a link to itself": instead(lambda path: path.symlink_to(path.name)),
    "a link without an end": instead(lambda path: path.symlink_to("/dev/zero")),
    "a pipe": instead(os.mkfifo),
    "a name in another encoding": lambda path: Path(
        os.fsdecode(os.fsencode(path.parent) + b"/\xb9\xd2.yaml")
    ).write_bytes(b"flow: x\n"),
}


@pytest.mark.parametrize(
    "how",
    [
        name if name in ("an alias", "a pipe") else pytest.param(name, marks=pytest.mark.slow)
        for name in BREAKS
    ],
)
def test_whatever_is_saved_the_last_good_one_goes_on(
    watched: tuple[Path, Watcher, list[str]], how: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root, watcher, said = watched
    kept = tmp_path_factory.mktemp("kept") / "all"
    shutil.copytree(root, kept)
    served = watcher._revisions.current()
    BREAKS[how](root / FLOW)
    watcher.look()
    assert said[0].startswith(f"Saved, not published; residents go on with {served}:  没有发布")
    assert ": error [" in said[0]
    assert watcher._revisions.current() == served
    watcher.look()
    assert len(said) == 1  # once
    shutil.rmtree(root)
    shutil.copytree(kept, root)
    watcher.look()
    assert said[1:] == [f"Saved: as it is served, {served}.  已保存，和现在用的一样。"]


PIECES = [
    "&a ", "*a", "<<: *a", "!!python/object:os.system ", "!x ", "%YAML 1.1", "---", "...", "? ", "- ",
    ": ", "[", "]", "{", "}", "|-", ">", "'", '"', "#", "@", "`", "\t", "\0", "\ufeff", "\u2028", "\x85",
    "：", "　", "null", "~", "y",
]  # fmt: skip


def spoilt(raw: bytes, data: st.DataObject) -> bytes:
    """A shipped file with up to four places changed, by letters, by lines and by bytes."""
    for _ in range(data.draw(st.integers(1, 4))):
        lines = raw.split(b"\n")
        at = data.draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        col = data.draw(st.integers(0, len(line)))
        how = data.draw(st.sampled_from(["piece", "value", "bytes", "cut", "swap", "end"]))
        if how == "piece":
            lines[at] = line[:col] + data.draw(st.sampled_from(PIECES)).encode() + line[col:]
        elif how == "value":
            piece = data.draw(st.sampled_from([*PIECES, "{}", "[]", "&a [*a]", "[[x]]", "{a: {b: c}}"]))
            lines[at] = line.partition(b":")[0] + b": " + piece.encode()
        elif how == "bytes":
            lines[at] = line[:col] + data.draw(st.binary(min_size=1, max_size=3)) + line[col:]
        elif how == "cut":
            lines[at] = line[:col]
        elif how == "swap":
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        else:
            del lines[at:]
        raw = b"\n".join(lines)
    return raw


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_save_ends_the_watcher(watched: tuple[Path, Watcher, list[str]], data: st.DataObject) -> None:
    """Nor is any answered by "the check itself failed"."""
    root, watcher, said = watched
    names = sorted(p.relative_to(root).as_posix() for p in root.glob("**/*.yaml"))
    path = root / data.draw(st.sampled_from(names))
    before = path.read_bytes()
    path.write_bytes(spoilt(before, data))
    try:
        said.clear()
        watcher.look()
        assert "the check itself failed" not in "".join(said)
    finally:
        path.write_bytes(before)
        watcher.look()


def test_a_bug_of_ours_ends_no_service(revisions: Revisions, directory: Path) -> None:
    class Wrong(Revisions):
        def publish(self, *args: object, **named: object) -> NoReturn:
            raise ZeroDivisionError

    said: list[str] = []
    watcher = Watcher(directory, Wrong(revisions.store, directory, "zh-CN"), said.append)
    saved(directory, ZH, "卡是怎么没的？", "卡怎么不见了，请选一个？")
    watcher.look()
    watcher.look()
    assert len(said) == 1
    assert "the check itself failed (ZeroDivisionError)" in said[0]


@pytest.mark.parametrize("file", ["config/settings.yaml", "config/stub.yaml"])
def test_what_is_read_at_a_start_is_looked_at_when_it_is_saved(
    watched: tuple[Path, Watcher, list[str]], file: str
) -> None:
    root, watcher, said = watched
    before = (root / file).read_text()
    (root / file).write_text(before + "x: &x y\n")
    watcher.look()
    assert said[0].startswith("Saved, with mistakes that stop the next start:")
    assert f"{file}:" in said[1]
    (root / file).write_text(before + "\n")
    watcher.look()
    assert said[2:] == ["Saved; it is read at the next start.  已保存，下次启动时生效。"]
