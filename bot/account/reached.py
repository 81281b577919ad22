"""Redis and the public address as the doctor reaches them; an absent one is a finding, not an error."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import redis
import requests
from redis.cluster import RedisCluster
from redis.exceptions import RedisClusterException

from bot.account.live_menu import Published
from bot.content.load import load_files
from bot.engine.events import Maintenance
from bot.ports import Unknown
from bot.store.census import census
from bot.store.connect import server_time
from bot.store.due import DueJobs, Waiting
from bot.store.fleet import living
from bot.store.records import StoreAway
from bot.store.redis import SHARDS, RedisStore
from bot.store.revisions import RevisionStore
from bot.store.seal import Seal
from bot.store.session_census import unread
from bot.store.switches import Switches
from bot.wechat.crypto import Signer
from bot.wechat.spent import Spent

T = TypeVar("T")
_CLOCK = time.time  # wall clock: this machine's clock is what is checked
_WITHIN = 10.0  # seconds for one call
_LARGEST = 1024  # bytes of a public answer that are read


class Unreachable(Exception):
    """An address does not answer. `certificate`: because of its certificate. The text says why."""

    def __init__(self, why: str, certificate: bool = False) -> None:
        super().__init__(why)
        self.certificate = certificate


@dataclass(frozen=True)
class Keys:
    """`old`: by id of each key that is not the first of a ring, what it sealed (kinds of value, counts).
    `seals`: ids that seal now. `behind`: living processes that lack a ring's first key."""

    old: Mapping[str, Mapping[str, int]]
    seals: frozenset[str]
    behind: int


def published(store: RevisionStore, language: str) -> Published:
    """Returns the menu of the published revision.

    Raises:
        StoreAway: Redis does not answer.
        NoRevision: it is not in this Redis.
        ValueError: a publish was cut off.
    """
    pointers = set(store.pointers().values())
    if len(pointers) > 1:
        raise ValueError("A publish was cut off: run `shebao publish` again, then publish the menu")
    revision = next(iter(pointers))
    menu = load_files(store.files(revision), language).menu if revision else ()
    return Published(revision, menu)


class Server:
    """The Redis server. `url`: shown without name, password and options.

    Raises:
        Unknown: from all calls, if it is away or shuts us out.
    """

    def __init__(self, client: Callable[[], redis.Redis], url: str) -> None:
        parts = urlsplit(url)
        self._place = (parts.netloc.rpartition("@")[2] or parts.path) + (parts.path if parts.netloc else "")
        self._client = client

    def info(self, section: str) -> Mapping[str, Any]:
        return self._asked(lambda client: client.info(section, **_node(client)))

    def config_get(self, pattern: str) -> Mapping[str, Any]:
        """Returns {} if the server hides its configuration, as hosted ones do."""
        try:
            return self._asked(lambda client: client.config_get(pattern, **_node(client)))
        except _Hidden:
            return {}

    def pointers(self) -> Mapping[int, str]:
        """Returns the published revision of every shard, "" if none is."""
        return self._asked(lambda client: RevisionStore(client, SHARDS).pointers())

    def waiting(self) -> Waiting:
        return self._asked(lambda client: DueJobs(client, SHARDS).waiting())

    def dead(self) -> int:
        """Returns the number of stuck jobs."""
        return self._asked(lambda client: len(DueJobs(client, SHARDS).dead()))

    def off(self) -> list[Maintenance]:
        """Returns what is switched off now."""

        def ask(client: redis.Redis) -> list[Maintenance]:
            now = server_time(client)
            return [m for m in Switches(client, SHARDS).all() if m.covers(now)]

        return self._asked(ask)

    def keys(self, old: tuple[str, ...], first: set[str]) -> Keys:
        """Returns what each key sealed. `old`, `first`: ids of keys."""

        def ask(client: redis.Redis) -> Keys:
            members, seals = living(client)
            behind = sum(not first <= set(member.keys) for member in members)
            return Keys(census(client, old), frozenset(seals.values()), behind)

        return self._asked(ask)

    def releases(self) -> Mapping[str, int]:
        """Returns how many processes live of each release; "" for those that do not say."""
        return self._asked(lambda client: Counter(member.release for member in living(client)[0]))

    def unread(self, seal: Seal) -> tuple[int, int]:
        """See `bot.store.session_census.unread`."""
        return self._asked(lambda client: unread(RedisStore(client, seal)))

    def published(self, language: str) -> Published:
        """Returns the published menu; see the function of that name."""
        return self._asked(lambda client: published(RevisionStore(client, SHARDS), language))

    def spent(self, app_id: str) -> Mapping[str, int]:
        """Returns the calls to WeChat whose quota of the day is spent, and until when."""
        return self._asked(lambda client: Spent(client, app_id, _CLOCK).all())

    def _asked(self, ask: Callable[[Any], T]) -> T:
        try:
            return ask(self._client())
        except redis.ResponseError as e:
            raise _Hidden(f"{self._place} ({type(e).__name__})") from e
        except (redis.RedisError, RedisClusterException, OSError) as e:
            raise Unknown(f"{self._place} ({type(e).__name__})") from e
        except StoreAway as e:
            raise Unknown(f"{self._place} ({e})") from e


def _node(client: redis.Redis) -> dict[str, Any]:
    """Chooses one node of a cluster."""
    return {"target_nodes": client.get_random_node()} if isinstance(client, RedisCluster) else {}


class _Hidden(Unknown):
    """The server answers, but hides this."""


class Public:
    """The service as WeChat reaches it. `url`: https://host/wechat. `token`: signs as WeChat does.

    Raises:
        Unreachable: the address does not answer.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def verify(self, right: bool) -> tuple[int, bool]:
        """Sends WeChat's verification, with a right or wrong signature; returns the status, and whether the
        echo came back."""
        timestamp = str(int(_CLOCK()))
        nonce, echo = secrets.token_hex(8), secrets.token_hex(8)
        signature = "0" * 40
        if right:
            signature = Signer(self._token or "none").sign(timestamp, nonce)
        query = {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
        status, body = self._get(self._url, query)
        return status, body == echo.encode()

    def health(self) -> int:
        """Returns the status of /healthz there."""
        return self._get(f"{self._url.rpartition('/wechat')[0] or self._url.rstrip('/')}/healthz", {})[0]

    def _get(self, url: str, query: dict[str, str]) -> tuple[int, bytes]:
        try:
            with requests.get(
                url, params=query, timeout=_WITHIN, allow_redirects=False, stream=True
            ) as answer:
                return answer.status_code, answer.raw.read(_LARGEST, decode_content=True)
        except requests.exceptions.SSLError as e:
            raise Unreachable("SSLError", certificate=True) from e
        except (requests.RequestException, OSError, ValueError) as e:
            raise Unreachable(type(e).__name__) from e
