"""What a later release may keep in the store: fields that this one has never heard of, a higher schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from bot.store.records import ResidentKey
from bot.store.redis import RedisStore
from bot.store.seal import SealError

Changed = Callable[[str, dict[str, Any]], dict[str, Any]]
MORE = {"of_a_later_release": {"and": ["more", 1]}}
_RECORDS = ("frames", "trail", "offered", "planned", "aside")
_BY_NAME = ("kept", "consents", "calls", "settled")
_ONE = ("parked", "leaving_for", "result", "lapse")


def with_more(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """One field more in it, and in every record that it holds."""
    if kind == "s":
        return value | {"session": _more(value["session"])} | MORE
    if kind == "j":
        return value | {"call": value["call"] | MORE} | MORE
    if "options" in value and kind not in "te":
        return value | {"options": [option | MORE for option in value["options"]]} | MORE
    return value | MORE


def _more(record: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(record)
    for name in _RECORDS:
        if name in record:
            made[name] = [_more(one) for one in record[name]]
    for name in _BY_NAME:
        if name in record:
            made[name] = {key: _more(one) for key, one in record[name].items()}
    for name in _ONE:
        if record.get(name):
            made[name] = _more(record[name])
    return made | MORE


def of_a_newer_schema(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """Sessions whose answers stand elsewhere: nothing of them can be relied on but what never changes."""
    if kind != "s":
        return value
    session = value["session"]
    return value | {"session": session | {"schema": 99, "frames": {"answers": session.get("frames", [])}}}


def as_it_was(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """What `of_a_newer_schema` did, undone: the newer release is back, and reads its own."""
    if kind != "s" or value["session"]["schema"] != 99:
        return value
    session = value["session"]
    return value | {"session": session | {"schema": 1, "frames": session["frames"]["answers"]}}


def rewrite(store: RedisStore, changed: Changed, kinds: str = "sdojhte") -> int:
    """Every sealed value of these kinds of key, as another release would have written it; how many."""
    client: Any = store.client
    count = 0
    for key in client.scan_iter(match="sb:{s*}:*"):
        kind, _, rest = key.decode().partition("}:")[2].partition(":")
        if kind not in kinds or len(kind) != 1:
            continue
        type_, tag = client.type(key), rest.partition(":")[0]
        if type_ == b"hash":
            held = {field: client.hget(key, field) for field in client.hkeys(key) if field in (b"d", b"r")}
            put = partial(client.hset, key)
        elif type_ == b"list":
            held = dict(enumerate(client.lrange(key, 0, -1)))
            put = partial(client.lset, key)
            tag = held[0][:22].decode("ascii", "replace") if kind == "e" else tag
        else:
            held = {None: client.get(key)}

            def put(_: object, value: bytes, key: bytes = key) -> None:
                client.set(key, value, keepttl=True)

        for place, sealed in held.items():
            tagged = kind == "j" or (kind == "e" and place == 0)
            head = sealed[: 23 if tagged else int(kind == "d")]
            owner = head[:22].decode() if tagged else tag
            with suppress(SealError):  # a delivery under way
                value = store.forms.open(ResidentKey("", owner, 0), sealed[len(head) :])
                put(place, head + store.seal.seal(json.dumps(changed(kind, value)).encode(), owner))
                count += 1
    return count
