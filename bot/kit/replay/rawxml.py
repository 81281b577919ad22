"""Imports recorded XML bodies as replay files: one conversation per resident, ordered by CreateTime."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from bot.engine.events import Event, Ignored, TextReceived
from bot.kit.replay.acts import opened
from bot.kit.replay.recorder import Recorder
from bot.kit.replay.stage import Scenery
from bot.wechat import xml
from bot.wechat.crypto import Refused
from bot.wechat.inbound import parse

EARLIEST = 946_684_800
"""The year 2000: an earlier CreateTime is not real."""
LONGEST_NAME = 60
"""Characters of up to four bytes each: a file name has at most 255 bytes."""
_NOTE = re.compile(r"\b(token|aeskey|appid)=(\S*)")


@dataclass(frozen=True)
class Skipped:
    file: str
    why: str


def imported(
    folder: Path, scenery: Scenery, aes_key: str = "", app_id: str = ""
) -> Iterator[tuple[str, Recorder] | Skipped]:
    """Yields (name, recording) for each resident, each name once.

    INDEX.tsv in the folder may name the keys of encrypted bodies.

    Raises:
        ValueError: INDEX.tsv is no table.
    """
    notes = _notes(folder)
    found: dict[str, list[tuple[Event, str]]] = {}
    for path in sorted(folder.glob("*.xml")):
        keys = notes.get(path.name, {})
        try:
            openid, event = _read(path, keys.get("aeskey") or aes_key, keys.get("appid") or app_id)
        except Refused as e:
            yield Skipped(path.name, e.reason)
            continue
        except OSError as e:
            yield Skipped(path.name, e.strerror or "cannot be read")
            continue
        found.setdefault(openid or path.stem, []).append((event, path.stem))
    names: set[str] = set()
    for heard in found.values():
        heard.sort(key=lambda pair: pair[0].at)
        recorder = Recorder(scenery, seed=1)
        for event, _ in heard:
            recorder.heard(event, None)
        recorder.answers = []
        name = stem = re.sub(r"[^\w-]+", "_", heard[0][1])[:LONGEST_NAME]
        while name in names:
            name = f"{stem}_{len(names)}"
        names.add(name)
        yield name, recorder


def _read(path: Path, aes_key: str, app_id: str) -> tuple[str, Event]:
    body = path.read_bytes()
    found = {} if body.lstrip().startswith((b"{", b"[")) else xml.fields(body)
    if found.get("encrypt") and not found.get("msgtype"):
        if not aes_key:
            raise Refused(400, "encrypted, and no key is given for it")
        body = opened(body, aes_key, app_id)
    delivery, event = parse(body, 0, EARLIEST)
    if isinstance(event, Ignored) and not event.name:
        event = structs.replace(event, name=delivery.kind)
    if isinstance(event, TextReceived):  # the answers offered then are not here: their words are sent
        event = structs.replace(event, tap="")
    return delivery.openid, structs.replace(
        event, at=max(event.at, EARLIEST + 60) if event.at < 7_000_000_000 else EARLIEST
    )


def _notes(folder: Path) -> Mapping[str, dict[str, str]]:
    index = folder / "INDEX.tsv"
    if not index.is_file():
        return {}
    try:
        with index.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (UnicodeDecodeError, csv.Error) as e:
        raise ValueError(f"{index} is no table of UTF-8 with tabs: {e}") from e
    return {row["file"]: dict(_NOTE.findall(row.get("notes") or "")) for row in rows if row.get("file")}
