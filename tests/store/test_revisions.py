"""Revisions: published whole, picked up with the next message, never replaced by a broken one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from bot.content.read.files import Files, collect, identity
from bot.content.read.source import BrokenContent
from bot.reading.learn import train
from bot.store.connect import connect
from bot.store.redis import SHARDS
from bot.store.revisions import KEPT, NoRevision, RevisionStore, pointer
from bot.turn.revisions import Moved, Revisions

TITLE = b"title: "


@pytest.fixture
def held(redis_url: str) -> Iterator[RevisionStore]:
    client = connect(redis_url)
    yield RevisionStore(client, SHARDS)
    client.close()


@pytest.fixture(scope="module")
def shipped() -> Files:
    return collect(ROOT)


def reworded(files: Files, words: str) -> Files:
    name = "messages/en/pages.yaml"
    return {**files, name: files[name] + f"# {words}\n".encode()}


def broken(files: Files) -> Files:
    return {**files, "flows/report_loss.yaml": b"flow: report_loss\nsteps: {}\n"}


def serving(store: RevisionStore) -> Revisions:
    return Revisions(store, ROOT, "zh-CN")


def test_before_anything_is_published_the_directory_is_served(held: RevisionStore, shipped: Files) -> None:
    revisions = serving(held)
    assert revisions.now.content.revision == identity(shipped)
    assert set(held.pointers().values()) == {""}
    assert len(held.pointers()) == SHARDS


def test_a_process_loads_what_was_published_when_it_hears_of_it(held: RevisionStore, shipped: Files) -> None:
    one, other = serving(held), serving(held)
    entry = one.publish(reworded(shipped, "new"), "anna", "new words")
    assert set(held.pointers().values()) == {entry.revision}
    assert other.now.content.revision != entry.revision
    assert other.content(entry.revision).revision == entry.revision
    assert other.now.published
    assert serving(held).now.content.revision == entry.revision  # a new process begins with it


def test_what_was_published_comes_back_byte_by_byte(held: RevisionStore, shipped: Files) -> None:
    entry = serving(held).publish(shipped, "anna")
    assert held.files(entry.revision) == shipped
    assert entry.revision == identity(shipped)


def test_an_invalid_edit_never_replaces_a_good_revision(held: RevisionStore, shipped: Files) -> None:
    revisions = serving(held)
    good = revisions.publish(shipped, "anna")
    with pytest.raises(BrokenContent, match=r"flows/report_loss.yaml:2"):
        revisions.publish(broken(shipped), "anna")
    assert set(held.pointers().values()) == {good.revision}
    assert [e.revision for e in held.history()] == [good.revision]


@pytest.mark.slow
def test_a_process_takes_what_was_learnt_when_its_revision_was_published(
    held: RevisionStore, shipped: Files
) -> None:
    entry = serving(held).publish(shipped, "anna")
    raw = held.model(entry.revision)
    asked = train.cache_info()
    guesser = serving(held).now.content.guesser
    assert guesser.dump() == raw, "and it is the same as the one that was trained"
    assert train.cache_info() == asked, "nobody trained one, or asked for one that was"


@pytest.mark.slow
@pytest.mark.parametrize("raw", [b"", b"of another release"])
def test_a_model_that_is_of_other_phrases_is_trained_before_anybody_is_served(
    held: RevisionStore, shipped: Files, raw: bytes
) -> None:
    entry = serving(held).publish(shipped, "anna")
    whole = held.model(entry.revision)
    held.keep(entry.revision, shipped, raw)
    train.cache_clear()
    guesser = serving(held).now.content.guesser
    assert guesser.dump() == whole
    assert train.cache_info().misses == 0, "in a process that answers nobody"


def test_rollback_serves_the_earlier_one_again(held: RevisionStore, shipped: Files) -> None:
    revisions = serving(held)
    first = revisions.publish(shipped, "anna")
    second = revisions.publish(reworded(shipped, "new"), "anna")
    back = revisions.rollback(first.revision, "bo", "too early")
    assert [(e.revision, e.what, e.by) for e in held.history()] == [
        (first.revision, "rollback", "bo"),
        (second.revision, "publish", "anna"),
        (first.revision, "publish", "anna"),
    ]
    assert revisions.current() == back.revision == first.revision
    with pytest.raises(NoRevision):
        revisions.rollback("000000000000", "bo")


@pytest.mark.slow
def test_two_who_publish_at_once_do_not_undo_each_other(held: RevisionStore, shipped: Files) -> None:
    anna, bo = serving(held), serving(held)
    seen = anna.current()
    bo.publish(reworded(shipped, "bo's"), "bo", base=bo.current())
    with pytest.raises(Moved):
        anna.publish(reworded(shipped, "anna's"), "anna", base=seen)


def test_what_cannot_be_loaded_leaves_the_last_good_one(held: RevisionStore, shipped: Files) -> None:
    revisions = serving(held)
    good = revisions.publish(shipped, "anna").revision
    revisions.content(good)
    held.keep("bad000000000", broken(shipped))
    assert revisions.content("bad000000000").revision == good
    assert revisions.broken == "bad000000000"
    assert revisions.content("gone00000000").revision == good
    assert revisions.content(good).revision == good
    assert revisions.broken == ""


def test_what_an_earlier_release_found_good_is_served_on(held: RevisionStore, shipped: Files) -> None:
    """This release finds more. Nothing changes for residents until somebody publishes, who has to mend it."""
    name = "messages/en/card_home.yaml"
    older = {**shipped, name: shipped[name] + b"slots: {nobody: {ask: Who?}}\n"}
    with pytest.raises(BrokenContent):
        serving(held).publish(older, "anna")
    held.keep("old000000000", older)
    held.move("old000000000", "anna", "", "publish")
    revisions = serving(held)
    assert revisions.now.content.revision == identity(older)
    assert revisions.broken == ""
    new = revisions.publish(shipped, "anna").revision
    assert revisions.rollback("old000000000", "bo", base=new).what == "rollback"


@pytest.mark.slow
@pytest.mark.parametrize(
    "lost", ["messages/zh-CN/common.yaml", "messages/en/report_loss.yaml", "config/policy.yaml"]
)
def test_what_lacks_words_that_a_turn_says_is_not_served(
    held: RevisionStore, shipped: Files, lost: str
) -> None:
    """A release that no longer reads the file does not start with it, and the one before goes on."""
    held.keep("old000000000", {**shipped, lost: shipped[lost] + b"\n{"})
    revisions = serving(held)
    good = revisions.now.content.revision
    assert revisions.content("old000000000").revision == good
    assert revisions.broken == "old000000000"
    held.keep("old000000001", shipped)
    assert Revisions(held, ROOT, "zh-CN").content("old000000001")
    with pytest.raises(BrokenContent):
        Revisions(held, ROOT, "zh")


@pytest.mark.slow
def test_a_failed_load_is_tried_again_after_a_while(held: RevisionStore, shipped: Files) -> None:
    clock = [100.0]
    revisions = Revisions(held, ROOT, "zh-CN", lambda: clock[0])
    new = reworded(shipped, "late")
    assert revisions.content(identity(new)).revision == identity(shipped)
    held.keep(identity(new), new)
    assert revisions.content(identity(new)).revision == identity(shipped)  # not asked for with each message
    clock[0] += 11
    assert revisions.content(identity(new)).revision == identity(new)


def test_a_publish_that_was_cut_off_is_completed_by_the_next(held: RevisionStore, shipped: Files) -> None:
    revisions = serving(held)
    revisions.publish(shipped, "anna")
    new = reworded(shipped, "new")
    held.keep(identity(new), new)
    held.client.set(pointer(3), identity(new))
    assert len(set(held.pointers().values())) == 2
    assert revisions.content(held.pointers()[3]).revision == identity(new)
    assert revisions.content(held.pointers()[4]).revision == identity(shipped)
    revisions.publish(new, "anna")
    assert set(held.pointers().values()) == {identity(new)}


@pytest.mark.slow
def test_outlets_are_published_with_the_rest(held: RevisionStore, shipped: Files) -> None:
    revisions = serving(held)
    name = "config/outlets.yaml"
    fewer = shipped[name].replace("滨江".encode(), "江滨".encode())
    with pytest.raises(BrokenContent, match=r"outlets.yaml"):
        revisions.publish({**shipped, name: b""}, "anna")
    entry = revisions.publish({**shipped, name: fewer + b"# more\n"}, "anna")
    revisions.content(entry.revision)
    assert revisions.now.outlets


def test_a_revision_of_a_newer_program_is_refused(held: RevisionStore) -> None:
    import json
    import zlib

    held.client.set("sb:revision:abc", zlib.compress(json.dumps({"schema": 99, "files": {}}).encode()))
    with pytest.raises(NoRevision, match="newer program"):
        held.files("abc")


def test_the_history_keeps_its_newest(held: RevisionStore) -> None:
    held.keep("first", {})
    held.keep("other", {})
    held.move("first", "anna", "", "publish")
    for _ in range(KEPT):
        held.move("other", "anna", "", "publish")
    assert len(held.history()) == KEPT
    assert held.files("other") == {}
    with pytest.raises(NoRevision):
        held.files("first")


def test_a_directory_that_changes_while_it_is_read_is_published_as_checked(
    tmp_path: Path, held: RevisionStore, shipped: Files
) -> None:
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, tmp_path / part)
    taken = collect(tmp_path)
    (tmp_path / "flows" / "report_loss.yaml").write_text("broken: [")
    entry = serving(held).publish(taken, "anna")
    assert held.files(entry.revision) == shipped
