"""The handbooks' examples: edits as diffs, and what `shebao check` says to the wrong ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .kit import ROOT

BOOKS = {"zh-CN": "docs/operators.zh-CN.md", "en": "docs/operators.md"}
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Example:
    """`old` in `file` becomes `new`. `says`: the finding, for an example that is wrong on purpose."""

    file: str
    old: str
    new: str
    says: str = ""


def examples(language: str) -> list[Example]:
    return list(_read((ROOT / BOOKS[language]).read_text(encoding="utf-8")))


def commands(language: str) -> list[str]:
    """Every command line shown."""
    text = (ROOT / BOOKS[language]).read_text(encoding="utf-8")
    return [line for kind, body in _FENCE.findall(text) if kind == "console" for line in body.splitlines()]


def _read(text: str) -> Iterator[Example]:
    fences = [(kind, body) for kind, body in _FENCE.findall(text) if kind in ("diff", "text")]
    for i, (kind, body) in enumerate(fences):
        if kind != "diff":
            continue
        head, *lines = body.splitlines()
        wrong = head.startswith("# wrong: ")
        file = head.removeprefix("# wrong: ").removeprefix("# ")
        old = "\n".join(line[1:] for line in lines if line[0] in " -")
        new = "\n".join(line[1:] for line in lines if line[0] in " +")
        yield Example(file, old, new, fences[i + 1][1].strip() if wrong else "")


def apply(root: Path, example: Example) -> None:
    path = root / example.file
    text = path.read_text(encoding="utf-8")
    assert text.count(example.old) == 1, f"{text.count(example.old)} times in {example.file}:\n{example.old}"
    path.write_text(text.replace(example.old, example.new), encoding="utf-8")
