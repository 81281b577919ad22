"""Reading YAML with positions: every scalar a string, duplicate keys found, nothing guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

At = tuple[int, int]  # line, column, both from 1
Loc = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong, where, and what to do. `severity`: error or warning."""

    file: str
    line: int
    col: int
    severity: str
    code: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}: {self.severity} [{self.code}] {self.sentence}"


@dataclass
class Source:
    """One file: plain data (dict, list, str) and where each part of it stands."""

    file: str
    data: Any = None
    keys: dict[Loc, At] = field(default_factory=dict)
    values: dict[Loc, At] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def at(self, loc: Iterable[str | int], key: bool = False) -> At:
        """The position of a part; of the nearest part around it where it has none."""
        here = tuple(loc)
        while here:
            found = (self.keys.get(here) or self.values.get(here)) if key else self.values.get(here)
            if found:
                return found
            here = here[:-1]
            key = False
        return self.values.get((), (1, 1))

    def error(self, loc: Iterable[str | int], code: str, sentence: str, key: bool = False) -> None:
        line, col = self.at(loc, key)
        self.findings.append(Finding(self.file, line, col, "error", code, sentence))

    def warn(self, loc: Iterable[str | int], code: str, sentence: str, key: bool = False) -> None:
        line, col = self.at(loc, key)
        self.findings.append(Finding(self.file, line, col, "warning", code, sentence))


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FULL_WIDTH = {"：": ":", "，": ",", "　": "a space", "｛": "{", "［": "[", "＃": "#"}


def read(path: Path, root: Path) -> Source:
    """A file's data and findings; `data` is None where it cannot be read at all."""
    source = Source(path.relative_to(root).as_posix())
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as e:
        source.error((), "unreadable", f"The file cannot be read: {e.strerror}.")
        return source
    except UnicodeDecodeError as e:
        line = path.read_bytes()[: e.start].count(b"\n") + 1
        source.findings.append(
            Finding(source.file, line, 1, "error", "encoding", "Not UTF-8. Save the file as UTF-8 (not GBK).")
        )
        return source
    _before_parsing(source, text)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        line, col = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if not source.findings:
            source.findings.append(
                Finding(source.file, line, col, "error", "syntax", f"Not YAML: {e.problem or e.context}.")
            )
        return source
    except yaml.YAMLError:
        source.error((), "syntax", "Not YAML: the file holds a character that YAML does not allow.")
        return source
    if node is not None:
        source.data = _plain(node, (), source)
    return source


def _before_parsing(source: Source, text: str) -> None:
    """Full-width syntax and tabs: the parser notices them late, on another line, or not at all."""
    block = -1  # indentation of the key above a block scalar
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.lstrip(" \t　")
        indent = len(line) - len(bare)
        if block >= 0 and (indent > block or not bare):
            continue
        block = indent if bare.split(" #")[0].rstrip().endswith(("|", "|-", ">", ">-", "|+")) else -1
        if not bare or bare.startswith("#"):
            continue
        lead = line[:indent]
        wrong = next((i for i, c in enumerate(lead) if c in "\t　"), None)
        if wrong is not None:
            what = "a tab" if lead[wrong] == "\t" else "a full-width space"
            source.findings.append(
                Finding(
                    source.file, number, wrong + 1, "error", "indent", f"Indented with {what}; use spaces."
                )
            )
        key, colon, _ = bare.partition("：")
        if colon and ":" not in bare and key and key.replace("_", "").isascii() and key[0].isalpha():
            col = indent + len(key) + 1
            source.findings.append(
                Finding(source.file, number, col, "error", "full-width", "A full-width “：”; use “: ”.")
            )


def _plain(node: yaml.Node, loc: Loc, source: Source) -> Any:
    source.values[loc] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                source.error(loc, "key", "A key must be a plain word.")
                continue
            key = str(key_node.value)
            here = (*loc, key)
            at = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key in made:
                first = source.keys[here][0]
                source.findings.append(
                    Finding(
                        source.file,
                        *at,
                        "error",
                        "duplicate-key",
                        f"“{key}” stands here twice (first on line {first}). Remove one.",
                    )
                )
                continue
            source.keys[here] = at
            made[key] = _plain(value_node, here, source)
        return made
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*loc, i), source) for i, child in enumerate(node.value)]
    return str(node.value)
