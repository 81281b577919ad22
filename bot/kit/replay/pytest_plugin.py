"""Collects replay files for pytest: every YAML below a directory named `replays`, one item each.

The project's content is the directory above `tests/`, or `--replay-root`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("replay")
    group.addoption("--replay-root", default="", help="directory with flows/, messages/ and config/")
    group.addoption("--replay-match", default="all", choices=("all", "steps"), help="as of `shebao replay`")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    root, folder = parent.config.rootpath, file_path.parent
    if folder.is_relative_to(root):  # a directory above the project may be called replays as well
        folder = folder.relative_to(root)
    content = {"flows", "messages", "config"} & set(folder.parts[-3:])
    if file_path.suffix == ".yaml" and "replays" in folder.parts and not content:
        return ReplayFile.from_parent(parent, path=file_path)
    return None


class ReplayFile(pytest.File):
    def collect(self) -> Iterable[pytest.Item]:
        yield Replay.from_parent(self, name=self.path.stem)


class Replay(pytest.Item):
    """One conversation."""

    def runtest(self) -> None:
        from bot import logs
        from bot.kit.replay.run import Options, one, scenery_of

        logs.configure("CRITICAL")
        options = Options(self._root(), self.config.getoption("--replay-match"))
        came = one(self.path, options, scenery_of(options))
        if came.text:
            pytest.fail(came.text, pytrace=False)

    def _root(self) -> Path:
        given = self.config.getoption("--replay-root")
        if given:
            return Path(given).resolve()
        above = (p for p in self.path.parents if (p / "flows").is_dir() and (p / "messages").is_dir())
        return next(above, self.config.rootpath)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, 0, f"replay: {self.name}"
