"""Laying a city's files over the release's. Pure.

A flow, the menu, the outlets and the calendar are whole files; words, pages and the policy are merged piece
by piece (`splicing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.content.read.file_names import meant_name
from bot.content.read.files import AT_START, CITY, Files, Unreadable
from bot.content.read.source import Finding, parse
from bot.content.read.splicing import SHIPPED, Line, Piece, in_parts, spliced

ALONE = (CITY, *AT_START)
"""Files of a city that rest on nothing of the release."""


class Overlaid(dict[str, bytes]):
    """Merged files. `origins`: the lines of files made of both; `shipped`: those of the release alone;
    `pieces`: what the city says instead of the release."""

    def __init__(self, made: Mapping[str, bytes], shipped: set[str]) -> None:
        super().__init__(made)
        self.origins: dict[str, list[Line]] = {}
        self.shipped, self.pieces = shipped, list[Piece]()

    def home(self, finding: Finding) -> Finding:
        """Returns the finding at the line that was written, in the city's file or in the release's."""
        if finding.file in self.shipped:
            return replace(finding, file=SHIPPED + finding.file)
        lines = self.origins.get(finding.file, [])
        if finding.line > len(lines):
            return finding
        at = lines[finding.line - 1]
        return replace(finding, file=at.file, line=at.number, col=max(finding.col - at.moved, 1))


def lay(release: Files, own: Files) -> Overlaid:
    """Lays a city's files over the release's."""
    made = Overlaid(release, set(release) - set(own))
    for name, raw in own.items():
        meant = meant_name(name)
        to = meant if meant in release and meant not in own else name  # laid there, and told by its own name
        if to != name:
            made.shipped.discard(to)
            made.pop(to, None)
        if name.endswith("/"):
            made.update({name: raw} if to == name else {})
            continue
        base = release.get(to, b"")
        apart = in_parts(to) or switches(to, raw)
        lines = spliced(to, base, raw, made.pieces) if base and apart else None
        if lines is None:  # whole, or not to be read: then its own findings say why
            made[name] = raw
            if not isinstance(raw, Unreadable) and to.endswith(".yaml") and to not in ALONE:
                made.pieces.append(Piece(to, _text(base), _text(raw)))
        else:
            made[name] = "".join(f"{line.text}\n" for line in lines).encode()
            made.origins[to] = [line._replace(file=name) if line.file == to else line for line in lines]
    return made


def _text(raw: bytes) -> str:
    return raw.decode("utf-8-sig", "replace")


def switches(name: str, raw: bytes) -> bool:
    """Checks whether a flow's file only says `enabled`: then the rest of it is the release's."""
    data = parse(name, raw).data if name.startswith("flows/") and not isinstance(raw, Unreadable) else None
    if not isinstance(data, dict) or data.get("flow", name[6:-5]) != name[6:-5]:
        return False
    return {"enabled"} <= data.keys() <= {"flow", "enabled"}
