"""Files and folders under a name that nothing reads: `x.yaml.txt`, `X.yaml`, `flows/new/x.yaml`, `zh-cn/`."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from bot.content.read.files import AT_START, CITY, ORIGIN, PATTERNS, Files
from bot.content.read.source import nearest

YAML = re.compile(r"\.ya?ml(\.txt)?$", re.IGNORECASE)
_COPIED = re.compile(r"\s*(?:- 副本|- copy|[(（]\d+[)）])$", re.IGNORECASE)
_PARTS = {"flows": 2, "messages": 3, "config": 2}
_CONFIG = {
    PurePosixPath(name).stem for name in (*PATTERNS, CITY, ORIGIN, *AT_START) if name.startswith("config/")
}


def put_right(written: Files, language: str) -> tuple[dict[str, bytes], dict[str, str]]:
    """Returns the files by the names that are meant, and those names by the ones they have.

    What has a file of the right name beside it is a copy, and stays what it is. `language`: whose words lie
    in no folder.
    """
    made, wrong = dict(written), dict[str, str]()
    for name in sorted(written):
        meant = meant_name(name, language)
        if meant == name or meant in made:
            continue
        made[meant] = made.pop(name)
        folders = [PurePosixPath(one).parts[:2] for one in (name, meant)]
        by_folder = name.startswith("messages/") and name.count("/") == 2 and folders[0] != folders[1]
        at, right = ("/".join(folder) for folder in folders) if by_folder else (name, meant)
        wrong[at] = right
    return made, {at: right for at, right in wrong.items() if not at.endswith("/")}


def meant_name(name: str, language: str = "zh-CN") -> str:
    """Returns the name that is probably meant; the same where nothing is wrong with it."""
    room, *folders, file = name.split("/")
    if room == "messages" and folders:
        folders[0] = _code(folders[0])
    if YAML.search(file):
        stem = _COPIED.sub("", YAML.sub("", file)).strip().lower()
        if room == "config" and stem not in _CONFIG:
            stem = nearest(stem, _CONFIG, alike=80) or stem
        file = f"{stem}.yaml"
        folders = folders[: _PARTS[room] - 2] or ([language] if room == "messages" else [])
    return "/".join((room, *folders, file))


def _code(folder: str) -> str:
    """Returns a language's code as it is written: zh-CN, zh-Hans, en."""
    first, *more = re.split(r"[-_]", folder)
    parts = [part.upper() if len(part) == 2 else part.title() for part in more]
    return "-".join((first.lower(), *parts))
