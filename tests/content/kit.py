"""A small copy of the shipped content, and edits to it that mark where a finding belongs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOWS = ["sign_in", "face_check", "report_loss", "loss_lapse", "cancel_loss", "reissue", "progress"]
FLOWS += ["family", "hand_off", "outlets", "rate", "welcome"]
PAGES = ["bring", "fees", "where", "payment", "doctor_now", "minors"]
NEXT_YEAR = """\
2027:
  source: 示例
  holidays:
    - {name: 元旦, from: 2027-01-01, to: 2027-01-01}
    - {name: 劳动节, from: 2027-05-01, to: 2027-05-05}
    - {name: 国庆节, from: 2027-10-01, to: 2027-10-07}
"""
"""Invented, and stands instead of what the shipped calendar may know of that year and later ones."""
MARK = "«"  # stands before what the finding is about


@dataclass(frozen=True)
class Mistake:
    """`old` in `file` becomes `new`; the finding `code` stands where MARK is. `twin`: what is right instead.

    `where`: another file and the words there that the finding is about.
    """

    code: str
    file: str
    old: str
    new: str
    twin: str = ""
    where: tuple[str, str] = ("", "")

    def __str__(self) -> str:
        return f"{self.code}: {self.new.strip()[:40]}"

    def place(self, root: Path, start: int) -> tuple[str, int, int]:
        """File, line and column of the finding, in the file edited at `start`."""
        file, words = self.where if self.where[0] else (self.file, "")
        text = (root / file).read_text(encoding="utf-8")
        if words:
            index = text.index(words)
        else:
            index = start + self.new.index(MARK)
        return file, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def small(to: Path) -> Path:
    """Twelve flows and six pages of the shipped content, whole in themselves."""
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, to / part)
    for path in [*to.glob("flows/*.yaml"), *to.glob("messages/*/*.yaml")]:
        if path.stem not in (*FLOWS, "pages", "common"):
            path.unlink()
    for path in [*to.glob("flows/*.yaml"), to / "config/menu.yaml"]:
        _write(path, "\n".join(_without_others(line) for line in path.read_text().split("\n")))
    calendar = to / "config/calendar.yaml"
    _write(calendar, calendar.read_text().partition("2027:\n")[0] + NEXT_YEAR)
    menu = to / "config/menu.yaml"
    _write(menu, menu.read_text().partition("- name: 社保")[0])
    for path in to.glob("messages/*/pages.yaml"):
        blocks = re.split(r"(?m)^(?=\w+:)", path.read_text())
        _write(path, "".join(b for b in blocks[1:] if b.partition(":")[0] in PAGES))
    return to


def _without_others(line: str) -> str:
    offer = re.match(r"(.*offer: \[)(.*)\](.*)$", line)
    if offer is None:
        named = re.search(r"(flow|page): (\w+)\}", line)
        if named and named[2] not in (*FLOWS, *PAGES):
            return "# " + line
        return line
    kept = [t for t in re.findall(r"\{link.*?\}\}|[\w.]+", offer[2]) if _known(t)]
    page = re.match(r"  (\w+): \{", line)
    if page and page[1] not in PAGES:
        return "  # " + line.strip()
    return f"{offer[1]}{', '.join(kept)}]{offer[3]}" if kept else f"{offer[1]}hand_off]{offer[3]}"


def _known(target: str) -> bool:
    if target.startswith("{link"):
        return target.split(":")[1].split(",")[0].strip() in FLOWS
    return target.removeprefix("page.") in PAGES if target.startswith("page.") else target in FLOWS


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


@contextmanager
def edited(root: Path, file: str, old: str, new: str) -> Iterator[int]:
    """The file with one place changed, put back afterwards; where that is. An empty `old` appends."""
    path = root / file
    before = path.read_bytes()
    text = before.decode()
    assert old == "" or text.count(old) == 1, f"{text.count(old)} times in {file}: {old!r}"
    new = new.replace(MARK, "")
    _write(path, text + new if old == "" else text.replace(old, new))
    try:
        yield text.index(old) if old else len(text)
    finally:
        path.write_bytes(before)
