"""Publishes saved content during development; an invalid save keeps the last good one serving."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog

from bot.content.changes import changes
from bot.content.load import load_files
from bot.content.messages import CHINESE, ENGLISH
from bot.content.read.files import AT_START, PATTERNS, Files, collect, identity, revised, stamps, written
from bot.content.read.source import BrokenContent
from bot.store.connect import connect
from bot.store.records import StoreAway
from bot.store.redis import SHARDS
from bot.store.revisions import RevisionStore
from bot.turn.revisions import InDoubt, Revisions

log = structlog.get_logger()
BY = "shebao run"


def publish_directory(root: Path, redis_url: str) -> None:
    """Publishes the directory, which has passed its check, to a store of our own.

    Raises:
        StoreAway.
    """
    client = connect(redis_url)
    store, files = RevisionStore(client, SHARDS), collect(root)
    if set(store.pointers().values()) != {identity(files)}:
        content = load_files(files).content
        store.keep(identity(files), files, content.guesser.dump() if content else b"")
        store.move(identity(files), BY, "", "publish")
    client.close()


class Watcher:
    """Publishes saves at each `look`. Begins with the directory published as it is."""

    def __init__(self, root: Path, revisions: Revisions, say: Callable[[str], None]) -> None:
        self._root, self._revisions, self._say = root, revisions, say
        self._seen, self._files = self._stamps(), revisions.now.files
        self._at_start = _at_start(written(root))
        self._away = False

    def _stamps(self) -> object:
        return stamps(self._root, (*PATTERNS, *AT_START))

    def look(self) -> None:
        """Never raises for saved files, nor for a store that is away: the next look tries again."""
        now = self._stamps()
        if now == self._seen:
            return
        found = written(self._root)
        try:
            self._look_at(found)
        except StoreAway as e:
            if not self._away:
                self._say(
                    f"Saved, not published yet: the store does not answer ({e}).  没有发布：数据库没有应答。"
                )
            self._away = True
            return
        except Exception as e:
            # A bug in a check ends no service: it is reported and logged, and the good content stays.
            log.exception("saved content not checked")
            self._say(
                f"Saved, not published; residents go on with {identity(self._files)}: "
                f"the check itself failed ({type(e).__name__}), please report it with the lines above.  "
                "没有发布，居民继续用原来那份：检查程序自己出错了，请把上面几行报给开发人员。"
            )
        self._away = False
        self._seen = now

    def _look_at(self, found: Files) -> None:
        files, at_start = revised(found), _at_start(found)
        if at_start != self._at_start:
            self._say_of_start(found)
            self._at_start = at_start
            if identity(files) == identity(self._files):
                return
        self._publish(files)

    def _say_of_start(self, found: Files) -> None:
        findings = [x for x in load_files(found).findings if x.file in AT_START and x.severity == "error"]
        if findings:
            self._say(
                "Saved, with mistakes that stop the next start:  已保存，但有错误，不改好下次启动不了："
            )
            for finding in findings:
                self._say(f"{finding.line_in(ENGLISH)}\n  {finding.sentence_in(CHINESE)}")
        else:
            self._say("Saved; it is read at the next start.  已保存，下次启动时生效。")

    def _publish(self, files: Files) -> None:
        if identity(files) == identity(self._files):
            self._say(f"Saved: as it is served, {identity(files)}.  已保存，和现在用的一样。")
            return
        try:
            entry = self._revisions.publish(files, BY)
        except InDoubt:
            self._say(
                "Saved, not published: see `shebao store accept`.  没有发布：请看`shebao store accept`。"
            )
            return
        except BrokenContent as e:
            current = self._revisions.current()
            self._say(
                f"Saved, not published; residents go on with {current}:  没有发布，居民继续用原来那份：\n{e}"
            )
            return
        self._say(f"Published {entry.revision}:  已发布：")
        for change in changes(self._files, files):
            self._say(f"  {change.file}  {change.name}  {change.what}")
        self._files = files


def _at_start(found: Files) -> Files:
    return {name: found[name] for name in AT_START if name in found}
