"""Records who was matched with which ID number: HMACs, kept a year and deleted with the resident's keys.

`sb:<s>:k:<tag>` is a hash: `name:<person>` or `face:<person>` -> until when it counts; `card:<card>` and
`told:<notice>` -> until when, and of which person; `receipt:<receipt>` -> until when, and what the bureau has
reported of it (bot.turn.bureau_events). A person is an HMAC of an ID number, a receipt one of its number.
`sb:people:<person>` is the reverse, from a person to the residents who signed in for them, their openids
sealed, and `sb:people:<receipt>` from a receipt to its residents. `sb:frozen:<person>` says until when
sign-in is blocked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import redis

from bot.store.connect import answering
from bot.store.records import ResidentKey
from bot.store.seal import EVIDENCE, Seal, SealError

Remembered = Mapping[str, tuple[int, str]]
"""A field's name -> until when it counts (epoch seconds), and of which person."""
RECEIPT = "receipt:"
KEPT = 365 * 86400
TOLD_KEPT = 30 * 86400
"""Seconds that a notice can be answered: as long as it may wait to be sent."""
FROZEN = 86400


class SignIns:
    """Raises StoreAway."""

    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        self._client, self._seal = client, seal

    def person(self, id_number: str) -> str:
        return person_of(self._seal.tag, id_number)

    def of(self, shard: int, tag: str, now: int) -> Remembered:
        """Returns the records of a resident that still count."""
        with answering():
            found: Any = self._client.hgetall(f"sb:{{s{shard}}}:k:{tag}")
        return {name: held for name, held in opened(found).items() if held[0] > now}

    # --- from a person, or a receipt, to the residents ---
    def join(self, person: str, owner: ResidentKey) -> None:
        """Adds a resident, who is told from now on what others do for this person, or what becomes of it."""
        plain = json.dumps([owner.shard, owner.openid]).encode()
        sealed = self._seal.seal(plain, owner.tag, EVIDENCE)  # kept like evidence: no old key stays for it
        with answering():
            self._client.hset(f"sb:people:{person}", owner.tag, sealed)
            self._client.expire(f"sb:people:{person}", KEPT)

    def leave(self, persons: Iterable[str], owner: ResidentKey) -> None:
        with answering():
            for person in persons:
                self._client.hdel(f"sb:people:{person}", owner.tag)

    def others(self, person: str, tag: str) -> Iterator[ResidentKey]:
        """Yields the residents who signed in for this person, besides the one of that tag."""
        with answering():
            found: Any = self._client.hgetall(f"sb:people:{person}")
        for other, sealed in found.items():
            if other.decode() == tag:
                continue
            try:
                shard, openid = json.loads(self._seal.open(sealed, other.decode()))
            except SealError:  # its key was retired: they get reports again after a new sign-in
                continue
            yield ResidentKey(openid, other.decode(), shard)

    # --- blocked sign-ins ---
    def freeze(self, person: str, now: int) -> None:
        with answering():
            self._client.set(f"sb:frozen:{person}", now + FROZEN, ex=FROZEN)

    def frozen(self, person: str, now: int) -> int:
        """Seconds left."""
        with answering():
            until: Any = self._client.get(f"sb:frozen:{person}")
        return max(int(until or 0) - now, 0)


def person_of(tag: Callable[[str], str], id_number: str) -> str:
    """`id_number`: normalised (bot.services.identity)."""
    return tag(f"person {id_number}")


def receipt_of(tag: Callable[[str], str], number: str) -> str:
    return tag(f"receipt {number}")


def card_of(tag: Callable[[str], str], card: str) -> str:
    """`card`: its id."""
    return tag(f"card {card}")


def opened(stored: Mapping[bytes, bytes]) -> Remembered:
    """Returns the stored fields, expired ones too."""
    split = ((name.decode(), *value.decode().partition(" ")[::2]) for name, value in stored.items())
    return {name: (int(until), rest) for name, until, rest in split}


def matched_until(remembered: Remembered, at: int) -> int:
    """Returns when the last record expires; 0 if there is none."""
    return max((until for until, _ in remembered.values() if until > at), default=0)


def matched_with(remembered: Iterable[str]) -> set[str]:
    """Returns the persons this resident was matched with. `remembered`: names of its fields."""
    return {name.partition(":")[2] for name in remembered if name.startswith(("name:", "face:"))}


def found_by(remembered: Iterable[str]) -> set[str]:
    """Returns the persons and receipts by which this resident is found. `remembered`: as above."""
    receipts = {name.removeprefix(RECEIPT) for name in remembered if name.startswith(RECEIPT)}
    return matched_with(remembered) | receipts


def disputed(remembered: Remembered, notice: str) -> str:
    """Returns the person of a notice; if it is unknown, of the last notice; "" if there was none."""
    told = {name: held for name, held in remembered.items() if name.startswith("told:")}
    given = told.get(f"told:{notice}") or max(told.values(), default=None)
    return given[1] if given else ""
