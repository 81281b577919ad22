"""Trials: an openid that a draft answers for a while, and what was said to it. Kept in Redis, sealed.

Nothing of them stands among residents' keys.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import cast

import redis
from msgspec import Struct, json
from msgspec.structs import replace

from bot.store.connect import answering, take
from bot.store.seal import Seal, SealError
from bot.store.wire import script

KEY = "console:trials"
WORD, HEARD = "console:trial-word", "console:trial"
DIGITS = 8
WORD_LASTS, LASTS = 600, 3600
"""Seconds in which the word can be sent; of a trial."""
TOLD = 86_400
"""Seconds after its end in which the next message is told of it."""
MOST = 200
"""Messages of one trial."""

_SWAP = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held == ARGV[3] then return 1 end -- it was sent again
if held ~= ARGV[2] then return 0 end
if ARGV[3] == '' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""


class Trial(Struct, frozen=True):
    """`draft`: its id. `by`: the account that began it, `word`: the delivery that did, in which `language`.
    `until`: epoch seconds. `ended`: why it answers no more, "" while it does; `told`: the delivery that was
    answered with that. `stored`: as it was read."""

    tag: str
    draft: str
    by: str
    until: int
    language: str
    word: str
    id: str = ""
    ended: str = ""
    told: str = ""
    stored: bytes = b""


class Heard(Struct, frozen=True):
    """A message of a trial: the delivery, the event's kind and fields, and which content answered it."""

    delivery: str
    kind: str
    fields: dict[str, object]
    content: str


_WORD, _TRIAL, _HEARD = json.Decoder(tuple[str, str]), json.Decoder(Trial), json.Decoder(Heard)


class Trials:
    """Raises StoreAway from everything."""

    def __init__(self, client: redis.Redis, seal: Seal) -> None:
        self._client, self._seal = client, seal
        self._swap = script(client, _SWAP)

    def word(self, draft: str, by: str) -> str:
        """Returns the digits with which, once, an openid begins a trial of the draft."""
        digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        key = self._word(digits)
        with answering():
            self._client.set(key, self._seal.seal(json.encode((draft, by)), key), ex=WORD_LASTS)
        return digits

    def begin(self, tag: str, digits: str, delivery: str, language: str, now: int) -> Trial | None:
        """Returns the trial that begins; None for a word that nobody was given, or that was used."""
        key = self._word(digits)
        with answering():
            sealed = cast("bytes | None", self._client.get(key))
            if not sealed or not take(self._client, f"{key}:used", WORD_LASTS):
                return None
            self._client.delete(key)
            draft, by = _WORD.decode(self._seal.open(sealed, key))
            made = Trial(tag, draft, by, now + LASTS, language, delivery, secrets.token_hex(8))
            pipe = self._client.pipeline(transaction=False)
            pipe.delete(self._heard(tag))
            pipe.hset(KEY, tag, self._sealed(made))
            pipe.expire(KEY, LASTS + TOLD)
            pipe.execute()
        return made

    def tags(self) -> frozenset[str]:
        """Returns the openids that a draft answers, or answered and were not told since."""
        with answering():
            return frozenset(tag.decode() for tag in cast("list[bytes]", self._client.hkeys(KEY)))

    def of(self, tag: str) -> Trial | None:
        with answering():
            sealed = cast("bytes | None", self._client.hget(KEY, tag))
        return self._opened(tag, sealed) if sealed else None

    def all(self) -> list[Trial]:
        """Returns those that answer, or did and were not told."""
        with answering():
            found = cast("dict[bytes, bytes]", self._client.hgetall(KEY))
        trials = (self._opened(tag.decode(), sealed) for tag, sealed in found.items())
        return sorted((trial for trial in trials if trial), key=lambda trial: (-trial.until, trial.id))

    def end(self, trial: Trial, why: str, told: str = "") -> bool:
        """Forgets what was said in it; the next message is told why. False if it was changed meanwhile."""
        made = replace(trial, ended=why, told=told, stored=b"")
        with answering():
            self._client.delete(self._heard(trial.tag))
            return bool(self._swap([KEY], [trial.tag, trial.stored, self._sealed(made)]))

    def drop(self, trial: Trial) -> None:
        with answering():
            self._client.delete(self._heard(trial.tag))
            self._swap([KEY], [trial.tag, trial.stored, b""])

    # --- what was said ---
    def heard(self, trial: Trial) -> list[Heard]:
        key = self._heard(trial.tag)
        with answering():
            found = cast("Sequence[bytes]", self._client.lrange(key, 0, -1))
        return [_HEARD.decode(self._seal.open(sealed, key)) for sealed in found]

    def note(self, trial: Trial, heard: Heard) -> None:
        key = self._heard(trial.tag)
        with answering():
            pipe = self._client.pipeline(transaction=False)
            pipe.rpush(key, self._seal.seal(json.encode(heard), key))
            pipe.expire(key, LASTS)
            pipe.execute()

    def _word(self, digits: str) -> str:
        return f"{WORD}:{self._seal.tag(f'{WORD} {digits}')}"

    def _heard(self, tag: str) -> str:
        return f"{HEARD}:{tag}"

    def _sealed(self, trial: Trial) -> bytes:
        return self._seal.seal(json.encode(replace(trial, stored=b"")), f"{KEY}:{trial.tag}")

    def _opened(self, tag: str, sealed: bytes) -> Trial | None:
        try:
            found = _TRIAL.decode(self._seal.open(sealed, f"{KEY}:{tag}"))
        except SealError:  # its key is gone, and so is the trial
            return None
        return replace(found, stored=sealed)
