"""While developing: what is saved is published, and an invalid save keeps the last good one serving."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.content.changes import changes
from bot.content.files import Files, collect, identity, stamps
from bot.revisions import BrokenContent, Revisions
from bot.store.connect import connect
from bot.store.records import StoreAway
from bot.store.redis import SHARDS
from bot.store.revisions import RevisionStore

BY = "shebao run"


def publish_directory(root: Path, redis_url: str) -> None:
    """What a store of our own serves is the directory, which has passed its check. Raises StoreAway."""
    client = connect(redis_url)
    store, files = RevisionStore(client, SHARDS), collect(root)
    if set(store.pointers().values()) != {identity(files)}:
        store.keep(identity(files), files)
        store.move(identity(files), BY, "", "publish")
    client.close()


class OnSave:
    """`look` now and then. Begins with the directory published as it is."""

    def __init__(self, root: Path, revisions: Revisions, say: Callable[[str], None]) -> None:
        self._root, self._revisions, self._say = root, revisions, say
        self._seen, self._files = stamps(root), revisions.now.files

    def look(self) -> None:
        """Never raises for what is saved, nor for a store that is away: the next look tries again."""
        now = stamps(self._root)
        if now == self._seen:
            return
        files = collect(self._root)
        try:
            self._publish(files)
        except StoreAway as e:
            self._say(
                f"Saved, not published yet: the store does not answer ({e}).  没有发布：数据库没有应答。"
            )
            return
        self._seen = now

    def _publish(self, files: Files) -> None:
        if identity(files) == identity(self._files):
            self._say(f"Saved: as it is served, {identity(files)}.  已保存，和现在用的一样。")
            return
        try:
            entry = self._revisions.publish(files, BY)
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
