"""What is kept of a resident beside the session, as residents are told: receipts and what they prove."""

from __future__ import annotations

from typing import Any

import redis

from bot.engine.events import Held
from bot.ports import Archive, ArchiveAway, Archived
from bot.store.connect import answering
from bot.store.forms import Forms
from bot.store.packing import evidence_keys
from bot.store.records import ResidentKey, confirmed
from bot.store.seal import SealError


def holdings(client: redis.Redis, forms: Forms, archive: Archive | None, owner: ResidentKey) -> Held:
    """Reads the evidence of one resident, here and in the archive. Times are by the clock of the events, as
    all that residents are told. What does not open, or is away, is kept all the same: its receipt is `…`.

    Raises:
        StoreAway.
    """
    with answering():
        rows: Any = client.zrevrange(owner.key("ei", owner.tag), 0, -1, withscores=True)
        pipe = client.pipeline(transaction=False)
        names = [receipt.decode() for receipt, _ in rows]
        for name in names:
            for key in evidence_keys(owner, name)[:2]:
                pipe.lindex(key, 0)
        heads: list[Any] = pipe.execute() if rows else []
    mine = f"{owner.tag}|".encode()  # another resident may have the same receipt
    heads = [head if head and head.startswith(mine) else None for head in heads]
    here = {name: heads[2 * n] or heads[2 * n + 1] for n, name in enumerate(names)}
    moved = _archived(archive, owner, [name for name in names if not here[name]])
    receipts, changes = [], []
    for name, (_, until) in zip(names, rows, strict=True):
        if not here[name] and moved is not None and name not in moved:
            continue  # its time is over
        try:
            facts = _facts(forms, here[name], moved[name] if moved and name in moved else b"")
        except SealError:
            facts = None
        if facts is None:
            receipts.append(("…", int(until)))
        else:
            receipts.append((facts["receipt"], int(until) - facts["recorded_at"] + facts["answered_at"]))
            changes.append(confirmed(facts["receipt"], facts))
    return Held(tuple(receipts), tuple(changes))


def _archived(archive: Archive | None, owner: ResidentKey, names: list[str]) -> dict[str, bytes] | None:
    """Returns what the archive has of these, sealed; None: it is away."""
    gone = [Archived.name(owner.shard, name, tag) for name in names for tag in ("", owner.tag)]
    try:
        there = archive.get(gone).values() if archive and gone else ()
    except ArchiveAway:
        return None
    return {item.number: item.sealed for item in there if item.sealed.startswith(f"{owner.tag}|".encode())}


def _facts(forms: Forms, item: bytes | None, archived: bytes) -> dict[str, Any] | None:
    """Returns the facts of evidence, from Redis or the archive.

    Raises:
        SealError.
    """
    if item:
        return forms.open_tagged(item)[1]
    held: dict[str, Any] | None = forms.open_tagged(archived)[1]["facts"] if archived else None
    return held
