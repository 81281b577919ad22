"""Reading the project's documents: their tables, trees, conversations and YAML examples."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
REFERENCES = ("docs/flow-language.md", "docs/flow-language.zh-CN.md")
_PLACES = (ROOT, ROOT / "docs", ROOT / "benchmarks", *(ROOT / "docs/examples").glob("**/"))
DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for place in _PLACES for path in place.glob("*.md"))
PAIRS = [(doc.replace(".zh-CN", ""), doc) for doc in DOCUMENTS if ".zh-CN." in doc]
"""In English and in Chinese."""
CONTENT = ("flows", "messages", "config")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_MARK = re.compile(r"# (file|add to|change in): (\S+)\n")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(name: str) -> str:
    """A document without its fenced blocks."""
    return _FENCE.sub("", read(name))


def blocks(name: str, kind: str) -> list[str]:
    """The fenced blocks of that kind in a document."""
    return [body for found, body in _FENCE.findall(read(name)) if found == kind]


def code(name: str) -> list[str]:
    """The lines of the fenced blocks in a document, and what else it holds in backquotes."""
    return [
        *(line for _, body in _FENCE.findall(read(name)) for line in body.splitlines()),
        *marked(prose(name)),
    ]


def _cells(line: str) -> list[str]:
    """The cells of a table's line, none of any other line."""
    if not line.startswith("|"):
        return []
    return [c.strip().replace("\\|", "|") for c in re.split(r"(?<!\\)\|", line.strip()[1:-1])]


def headers(name: str) -> list[str]:
    """What the first column of each table is called, in order."""
    lines = read(name).splitlines()
    return [_cells(line)[0] for line, below in pairwise(lines) if below.startswith("|---")]


def passages(name: str, only_named: Collection[str] = ()) -> list[tuple[str, list[str]]]:
    """What a document is made of from its first section on: kind, and what it holds in backquotes, sorted.

    `##` is a heading, `|` a row, `¶` a paragraph or list. Of tables in `only_named` the first column counts.
    """
    found: list[tuple[str, list[str]]] = []
    head = ""
    for block in prose(name).partition("\n## ")[2].split("\n\n"):
        rows = [cells for line in block.splitlines() if (cells := _cells(line))]
        head = rows[0][0] if rows else head
        parts = [("|", " ".join(row[:1] if head in only_named else row)) for row in rows]
        for kind, text in parts or [(block.strip().partition(" ")[0], block)]:
            found.append((kind if set(kind) <= {"#", "|"} else "¶", sorted(set(marked(text)))))
    return found


def table(name: str, first: str) -> list[list[str]]:
    """The rows of every table whose first column is called `first`, as stripped cells."""
    rows: list[list[str]] = []
    inside = False
    for line in read(name).splitlines():
        cells = _cells(line)
        if not cells:
            inside = False
        elif cells[0] == first:
            inside = True
        elif inside and not set(cells[0]) <= {"-", ":"}:
            rows.append(cells)
    assert rows, f"{name} has no table “{first}”"
    return rows


def marked(cell: str) -> list[str]:
    """What a cell holds in backquotes."""
    return [re.sub(r"\s+", " ", found) for found in re.findall(r"`([^`]+)`", cell)]


def names(name: str, first: str) -> set[str]:
    """Everything in backquotes in the first column of a table; no name twice."""
    found = [n for row in table(name, first) for n in marked(row[0])]
    assert len(found) == len(set(found)), f"twice in “{first}”: {found}"
    return set(found)


def overlaid(name: str, to: Path) -> Path:
    """A copy of the shipped content with the examples of a document put in.

    `# file:` is a whole file, `# add to:` is appended, `# change in:` replaces the lines of the same keys.
    """
    for part in CONTENT:
        shutil.copytree(ROOT / part, to / part)
    for body in blocks(name, "yaml"):
        mark = _MARK.match(body)
        assert mark, f"an example of {name} does not say which file it is:\n{body}"
        how, path, rest = mark[1], to / mark[2], body[mark.end() :]
        if how == "file":
            assert not path.exists(), f"{path} is a shipped file"
            path.write_text(rest, encoding="utf-8")
            continue
        text = path.read_text(encoding="utf-8")
        if how == "add to":
            path.write_text(f"{text.rstrip()}\n{rest}", encoding="utf-8")
            continue
        for part in re.findall(r"(?m)^\S.*(?:\n .*)*", rest):
            key = part.partition(":")[0]
            text, times = re.subn(rf"(?m)^{re.escape(key)}:.*$", lambda _, new=part: new, text)
            assert times == 1, f"{mark[2]} has no line “{key}”"
        path.write_text(text, encoding="utf-8")
    return to
