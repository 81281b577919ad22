"""What `shebao menu` and `shebao doctor` look at, built from whatever settings there are.

The doctor is asked when nothing works: bad settings, an absent Redis or a missing secret are for it to say.
"""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import redis
import requests
from redis.cluster import RedisCluster
from redis.exceptions import RedisClusterException

from bot.account.asked import Account
from bot.account.checks import Diagnostics, Keys, Unreachable
from bot.account.live_menu import Published
from bot.content.load import Loaded, load, load_files
from bot.content.read import settings_file
from bot.content.read.menu import Button
from bot.ports import Unknown
from bot.settings import Settings
from bot.store.census import census
from bot.store.connect import connect, copies
from bot.store.due import DueJobs, Waiting
from bot.store.fleet import living
from bot.store.records import StoreAway
from bot.store.redis import SHARDS, RedisStore
from bot.store.revisions import NoRevision, RevisionStore
from bot.store.seal import RINGS, Seal
from bot.store.session_census import unread
from bot.wechat.client import Client
from bot.wechat.crypto import Signer
from bot.wechat.quota import quota
from bot.wechat.spent import Spent

T = TypeVar("T")
_CLOCK = time.time  # wall clock: that of this machine is what is looked at
_WITHIN = 10.0  # seconds for one call
_REACH = 1.0  # seconds for a connection to the bureau
_LARGEST = 1024  # bytes of a public answer that are looked at


def live_menu(found: Settings) -> Account | None:
    """The account's menu, its token shared through Redis; None without app id and secret.

    Raises:
        ValueError: keys or an address nobody can use.
        StoreAway: Redis does not answer.
    """
    if not (found.wechat_app_id and found.wechat_app_secret):
        return None
    seal = Seal(found.seal_keys, found.tag_key, found.evidence_keys)
    client = connect(found.redis_url)
    api = Client(found.wechat_app_id, found.wechat_app_secret, client, seal, found.wechat_api, _CLOCK)
    return Account(api, _WITHIN)


def published_menu(found: Settings) -> Published:
    """The menu of the published revision.

    Raises:
        StoreAway: Redis does not answer.
        NoRevision: it is not in this Redis.
        ValueError: a publish was cut off, or a setting cannot be used.
    """
    return _published(RevisionStore(connect(found.redis_url), SHARDS), found.language)


def _published(store: RevisionStore, language: str) -> Published:
    """As `published_menu`."""
    pointers = set(store.pointers().values())
    if len(pointers) > 1:
        raise ValueError("A publish was cut off: run `shebao publish` again, then publish the menu")
    revision = next(iter(pointers))
    menu = load_files(store.files(revision), language).menu if revision else ()
    return Published(revision, menu)


def of_directory(root: Path, env: Mapping[str, str]) -> Diagnostics:
    """All that a command can look at. Never raises for what an operator can set or write."""
    found, wrong = settings_file.read(root, env)
    loaded = load(root, found.language)
    client = Client(found.wechat_app_id, found.wechat_app_secret, None, None, found.wechat_api, _CLOCK)
    account = Account(client, _WITHIN) if found.wechat_app_id and found.wechat_app_secret else None
    server = _redis(found.redis_url)
    return replace(
        of_store(found, server, loaded),
        account=account,
        menu=_menu(server, loaded, found.language),
        spent=(lambda: server.spent(found.wechat_app_id)) if server and account else None,
        public=Public(found.public_url, found.wechat_token) if found.public_url else None,
        wechat_time=lambda: client.server_time(_WITHIN),
        now=_CLOCK,
        wrong=tuple(wrong),
        agents=_agents(loaded),
        pushes=(lambda: quota(client, _WITHIN)) if account else None,
    )


def of_store(found: Settings, server: Server | None, loaded: Loaded) -> Diagnostics:
    """What can be looked at without WeChat. `loaded`: the content directory."""
    there = Diagnostics(
        settings=found,
        redis=server,
        copies=copies(found.redis_url) if found.copies < 0 else found.copies,
        errors=sum(f.severity == "error" for f in loaded.findings),
        revision=loaded.content.revision if loaded.content else "",
        reaches=_reaches,
    )
    if server is None:
        return there
    there = replace(there, pointers=server.pointers, waiting=server.waiting, dead=server.dead)
    try:
        seal = Seal(found.seal_keys, found.tag_key, found.evidence_keys)
    except ValueError:
        return there
    first = {seal.ids(ring)[0] for ring in RINGS}
    old = tuple(name for name in seal.ids() if name not in first)
    keys = (lambda: server.keys(old, first)) if old else None
    return replace(there, keys=keys, sessions=lambda: server.unread(seal))


def _reaches(address: str) -> bool:
    """Whether a connection can be made. No request is sent: the bureau has none that means nothing."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), _REACH).close()
    except OSError:
        return False
    return True


def _menu(server: Server | None, loaded: Loaded, language: str) -> tuple[Button, ...]:
    """That of what is served; of the directory where nothing was published, or nobody can tell."""
    if server is not None:
        with suppress(Unknown, NoRevision, ValueError):
            found = server.published(language)
            return found.buttons if found.revision else loaded.menu
    return loaded.menu


def _agents(loaded: Loaded) -> bool:
    agents = loaded.content.policy.get("agents", {}) if loaded.content else {}
    return bool(agents.get("value") == "online")


def _redis(url: str) -> Server | None:
    """None for an address that cannot be read."""
    try:
        with suppress(StoreAway):  # of a cluster, which is asked at once: it is away, its address is right
            connect(url)
        return Server(lambda: connect(url), url)
    except ValueError:
        return None


class Server:
    """`bot.account.checks.Redis`: one that is away, or shuts us out, raises Unknown from all of these.

    `url`: shown without name, password and options.
    """

    def __init__(self, client: Callable[[], redis.Redis], url: str) -> None:
        parts = urlsplit(url)
        self._place = (parts.netloc.rpartition("@")[2] or parts.path) + (parts.path if parts.netloc else "")
        self._client = client

    def info(self, section: str) -> Mapping[str, Any]:
        return self._asked(lambda client: client.info(section, **_node(client)))

    def config_get(self, pattern: str) -> Mapping[str, Any]:
        """Empty where the server hides its configuration, as hosted ones do."""
        try:
            return self._asked(lambda client: client.config_get(pattern, **_node(client)))
        except _Hidden:
            return {}

    def pointers(self) -> Mapping[int, str]:
        """The published revision of every shard, "" where none is."""
        return self._asked(lambda client: RevisionStore(client, SHARDS).pointers())

    def waiting(self) -> Waiting:
        return self._asked(lambda client: DueJobs(client, SHARDS).waiting())

    def dead(self) -> int:
        """How many jobs are stuck."""
        return self._asked(lambda client: len(DueJobs(client, SHARDS).dead()))

    def keys(self, old: tuple[str, ...], first: set[str]) -> Keys:
        """`old`, `first`: ids of keys."""

        def ask(client: redis.Redis) -> Keys:
            members, seals = living(client)
            behind = sum(not first <= set(member.keys) for member in members)
            return Keys(census(client, old), frozenset(seals.values()), behind)

        return self._asked(ask)

    def unread(self, seal: Seal) -> tuple[int, int]:
        """As `bot.store.session_census.unread`."""
        return self._asked(lambda client: unread(RedisStore(client, seal)))

    def published(self, language: str) -> Published:
        """As `published_menu`, but for a store that is away."""
        return self._asked(lambda client: _published(RevisionStore(client, SHARDS), language))

    def spent(self, app_id: str) -> Mapping[str, int]:
        """Calls to WeChat whose quota of the day is spent, and until when."""
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
    """Of a cluster one of its nodes is asked."""
    return {"target_nodes": client.get_random_node()} if isinstance(client, RedisCluster) else {}


class _Hidden(Unknown):
    """It answers, but not to this."""


class Public:
    """`bot.account.checks.Public`. `url`: https://host/wechat. `token`: signs as WeChat does."""

    def __init__(self, url: str, token: str, within: float = _WITHIN) -> None:
        self._url, self._token, self._within = url, token, within

    def verify(self, right: bool) -> tuple[int, bool]:
        timestamp = str(int(_CLOCK()))
        nonce, echo = secrets.token_hex(8), secrets.token_hex(8)
        signature = "0" * 40
        if right:
            signature = Signer(self._token or "none").sign(timestamp, nonce)
        query = {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
        status, body = self._get(self._url, query)
        return status, body == echo.encode()

    def health(self) -> int:
        return self._get(f"{self._url.rpartition('/wechat')[0] or self._url.rstrip('/')}/healthz", {})[0]

    def _get(self, url: str, query: dict[str, str]) -> tuple[int, bytes]:
        try:
            with requests.get(
                url, params=query, timeout=self._within, allow_redirects=False, stream=True
            ) as answer:
                return answer.status_code, answer.raw.read(_LARGEST, decode_content=True)
        except requests.exceptions.SSLError as e:
            raise Unreachable("SSLError", certificate=True) from e
        except (requests.RequestException, OSError, ValueError) as e:
            raise Unreachable(type(e).__name__) from e
