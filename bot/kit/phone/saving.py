"""Saves a conversation on the phone as a replay file, with invented values."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot.account.served import Served
from bot.content.read.files import STUB, unpacked
from bot.kit.replay.live import recorded
from bot.kit.replay.recorder import Recorder
from bot.kit.replay.stage import scenery
from bot.store.packing import TAPE_TTL
from bot.store.recordings import Recordings
from bot.turn import recording_events

_LONGEST_NAME = 24


class NothingSaid(Exception):
    """This resident has not done anything yet, or was forgotten."""


@dataclass(frozen=True)
class Saved:
    """A saved replay. `text`: the file. `differs`: "" if it passes, else the differences."""

    name: str
    text: str
    turns: int
    differs: str


class Saving:
    """Records every resident who uses the phone. `root`: the content directory."""

    def __init__(self, bot: Served, root: Path) -> None:
        self._bot, self._root, self._recordings = bot, root, Recordings(bot.store)

    def listen(self, openid: str) -> None:
        """Keeps the recording on before each act of a resident.

        Raises:
            StoreAway.
        """
        self._recordings.keep_on(self._bot.store.owner(openid), TAPE_TTL)

    def again(self, openid: str, at: int) -> None:
        """Records that the last delivery came once more.

        Raises:
            StoreAway.
        """
        self._recordings.add(self._bot.store.owner(openid), recording_events.again(at))

    def save(self, openid: str) -> Saved:
        """Saves the recording, which continues.

        It is played on the served content, which may differ from what was just saved.

        Raises:
            NothingSaid: nothing was recorded.
            StoreAway, SealError, ValueError: the recording cannot be read.
            CannotPlay: the content cannot be played.
        """
        items = [recording_events.read(raw) for raw in self._recordings.items(self._bot.store.owner(openid))]
        if not any(item.kind == recording_events.HEARD for item in items):
            raise NothingSaid
        pushes = self._bot.settings.push == "yes"
        with unpacked(self._bot.revisions.now.files) as root, tempfile.TemporaryDirectory() as folder:
            shutil.copy(self._root / STUB, root / STUB)
            recorder = recorded(items, scenery(root, self._bot.settings.language), openid, pushes)
            path = Path(folder) / name_of(recorder)
            differs = recorder.write(path, root)
            return Saved(path.name, path.read_text("utf-8"), len(recorder.turns), differs)


def name_of(recorder: Recorder) -> str:
    """Names the file after its first words, which are no longer the resident's own."""
    words = (turn.get("say") or turn.get("tap") for turn in recorder.turns)
    first = next((w for w in words if isinstance(w, str) and "{" not in w), "")
    plain = re.sub(r"[\W_]+", "_", first).strip("_")[:_LONGEST_NAME].strip("_")
    return f"{plain or 'conversation'}.yaml"
