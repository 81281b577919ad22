"""What a change of merged files makes of a city's own: the pieces that differ, no copy of the release."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Any

import yaml

from bot.content.read.compose import data_of
from bot.content.read.files import ORIGIN, Files
from bot.content.read.overlay import lay
from bot.content.read.source import Loc, Source, parse
from bot.content.read.splicing import adds, blocks_of, in_parts, opens, quoted

Edit = tuple[Loc, Any]
"""A piece and what the city says there, None for nothing."""


class Shipped(Exception):
    """A part of the release is to go: a city can only change it, or switch a flow or page off. The text: its
    file and path."""


def own_changes(release: Files, own: Files, before: Files, after: Files) -> dict[str, bytes]:
    """Returns those of the city's own files that change with the merged ones, b"" for one that goes.

    Raises:
        Shipped
    """
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    names = sorted(changed - {ORIGIN})  # which is made anew
    sides = (release, own, before, after)
    return {name: _own(name, *(files.get(name, b"") for files in sides)) for name in names}


def _own(name: str, release: bytes, own: bytes, before: bytes, after: bytes) -> bytes:
    if not after and release and not own:
        raise Shipped(name)
    if not release or not after:
        return after
    shipped, was, now = (parse(name, raw) for raw in (release, before, after))
    datas = (shipped.data, was.data, now.data)
    if after == release or shipped.data == now.data:
        return b""
    if not in_parts(name):
        return _switched(name, shipped.data, now.data) or after
    if not all(isinstance(data, dict) for data in datas):
        return after
    edits = [*_edits(name, (), *datas)]
    return _written(name, own, edits, now)


def _switched(name: str, shipped: Any, now: Any) -> bytes:
    """Returns a flow that is only switched off or on: the rest stays the release's."""
    if not name.startswith("flows/") or not isinstance(now, dict) or "enabled" not in now:
        return b""
    rest, base = ({k: v for k, v in data.items() if k != "enabled"} for data in (now, shipped))
    return f"flow: {name[6:-5]}\nenabled: {now['enabled']}\n".encode() if rest == base else b""


def _edits(name: str, loc: Loc, shipped: Any, was: Any, now: Any) -> Iterator[Edit]:
    for key in dict.fromkeys([*now, *was]):
        here, value, base = (*loc, key), now.get(key), shipped.get(key)
        if value == was.get(key) and (key in now) == (key in was):
            continue
        if key not in now:
            if key in shipped:
                raise Shipped(f"{name}#{'.'.join(map(str, here))}")
            yield here, None
        elif opens(name, here) and all(isinstance(x, dict) for x in (value, was.get(key), base or {})):
            yield from _edits(name, here, base or {}, was[key], value)
        elif value == base:
            yield here, None
        elif adds(here, base, value):
            if gone := [phrase for phrase in base if phrase not in value]:
                raise Shipped(f"{name}#{'.'.join(map(str, here))}: {gone[0]}")
            yield here, [phrase for phrase in value if phrase not in base]
        else:
            yield here, value


# --- writing -----------------------------------------------------------------------------------
def _written(name: str, own: bytes, edits: list[Edit], now: Source) -> bytes:
    """Returns the city's file with the pieces in it; its other lines and comments stay."""
    wanted, made = _data(own) or {}, own
    for loc, value in edits:
        held = _has(wanted, loc)
        if held and (value is None or isinstance(value, list)):
            made = _without(name, made, loc)
        _set(wanted, loc, value)
        if value is not None:
            piece = _piece(loc, value, now)
            made = lay({name: made}, {name: piece})[name] if _data(made) else made + piece
    if not wanted:
        return b""
    # where it is written in a way that this cannot change, its comments are lost and nothing else
    return made if _data(made) == wanted else _dumped(wanted).encode()


def _piece(loc: Loc, value: Any, now: Source) -> bytes:
    """Returns a file with nothing but this, as it is written there where that can be taken out."""
    head = "".join(f"{'  ' * n}{_key(key)}:\n" for n, key in enumerate(loc[:-1]))
    start, stop = dict(blocks_of(now, loc[:-1], len(now.lines) + 1))[str(loc[-1])]
    lines = now.lines[start - 1 : stop - 1]
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    whole: Any = value
    for key in reversed(loc):
        whole = {key: whole}
    for body in (textwrap.dedent("\n".join(lines)) + "\n", _dumped({loc[-1]: value})):
        made = (head + textwrap.indent(body, "  " * (len(loc) - 1))).encode()
        if _data(made) == whole:
            return made
    return _dumped(whole).encode()


def _without(name: str, raw: bytes, loc: Loc) -> bytes:
    """Without the lines of a piece, and of what is around it where nothing is left in that."""
    source = parse(name, raw)
    around = [source.data]
    for key in loc[:-1]:
        around.append(around[-1][key])
    while around and len(around.pop()) == 1:
        loc = loc[:-1]
    if not loc:
        return b""
    start, stop = dict(blocks_of(source, loc[:-1], len(source.lines) + 1))[str(loc[-1])]
    return "".join(f"{line}\n" for line in [*source.lines[: start - 1], *source.lines[stop - 1 :]]).encode()


def _data(raw: bytes) -> Any:
    try:
        return data_of(raw.decode("utf-8-sig"))
    except yaml.YAMLError:
        return None


def _key(key: Any) -> str:
    return key if isinstance(key, str) and re.fullmatch(r"[A-Za-z]\w*", key) else quoted(key)


def _dumped(data: Any) -> str:
    made: str = yaml.safe_dump(
        data, allow_unicode=True, sort_keys=False, default_flow_style=None, width=float("inf")
    )
    return made


def _has(data: Any, loc: Loc) -> bool:
    for key in loc:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return True


def _set(data: Any, loc: Loc, value: Any) -> None:
    """None: without it, and without what is around it where nothing is left in that."""
    key, *rest = loc
    if rest:
        _set(data.setdefault(key, {}), tuple(rest), value)
        value = data[key] or None
    if value is None:
        data.pop(key, None)
    else:
        data[key] = value
