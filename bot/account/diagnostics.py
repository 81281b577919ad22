"""What `shebao menu` and `shebao doctor` look at, built from whatever settings there are.

The doctor is asked when nothing works: bad settings, an absent Redis or a missing secret are for it to say.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
import requests
from redis.cluster import RedisCluster
from redis.exceptions import RedisClusterException

from bot.account.asked import Account
from bot.account.checks import Keys, Probes, Unreachable
from bot.account.live_menu import Published
from bot.content.load import Loaded, load, load_files
from bot.content.read import settings_file
from bot.content.read.menu import Button
from bot.ports import Unknown
from bot.settings import Settings
from bot.store.census import census
from bot.store.connect import connect, copies
from bot.store.fleet import living
from bot.store.records import StoreAway
from bot.store.redis import SHARDS, RedisStore
from bot.store.revisions import NoRevision, RevisionStore
from bot.store.seal import RINGS, Seal
from bot.store.session_census import unread
from bot.wechat.client import Client
from bot.wechat.crypto import Signer
from bot.wechat.spent import Spent

_CLOCK = time.time  # wall clock: that of this machine is what is looked at
_WITHIN = 10.0  # seconds for one call
_LARGEST = 1024  # bytes of a public answer that are looked at


def live_menu(found: Settings) -> Account | None:
    """The account's menu, its token shared through Redis; None without app id and secret.

    Raises ValueError for keys or an address nobody can use.
    """
    if not (found.wechat_app_id and found.wechat_app_secret):
        return None
    seal = Seal(found.seal_keys, found.tag_key, found.evidence_keys)
    try:
        client = connect(found.redis_url)
    except StoreAway as e:
        raise ValueError(f"Redis does not answer ({e}); see SHEBAO_REDIS_URL") from e
    api = Client(found.wechat_app_id, found.wechat_app_secret, client, seal, found.wechat_api, _CLOCK)
    return Account(api, _WITHIN)


def published_menu(found: Settings) -> Published:
    """The menu of the published revision. Raises ValueError where it cannot be looked up."""
    try:
        return _published(RevisionStore(connect(found.redis_url), SHARDS), found.language)
    except StoreAway as e:
        raise ValueError(f"Redis does not answer ({e}); see SHEBAO_REDIS_URL") from e
    except NoRevision as e:
        raise ValueError(str(e)) from e


def _published(store: RevisionStore, language: str) -> Published:
    """Raises StoreAway, NoRevision, ValueError (a publish that was cut off)."""
    pointers = set(store.pointers().values())
    if len(pointers) > 1:
        raise ValueError("A publish was cut off: run `shebao publish` again, then publish the menu")
    revision = next(iter(pointers))
    menu = load_files(store.files(revision), language).menu if revision else ()
    return Published(revision, menu)


def probes(root: Path, env: Mapping[str, str]) -> Probes:
    """Never raises for what an operator can set or write."""
    found, wrong = settings_file.read(root, env)
    loaded = load(root, found.language)
    client = Client(found.wechat_app_id, found.wechat_app_secret, None, None, found.wechat_api, _CLOCK)
    account = Account(client, _WITHIN) if found.wechat_app_id and found.wechat_app_secret else None
    server = _redis(found.redis_url)
    return Probes(
        settings=found,
        redis=server,
        copies=copies(found.redis_url) if found.copies < 0 else found.copies,
        account=account,
        menu=_menu(server, loaded, found.language),
        pointers=server.pointers if server else None,
        spent=(lambda: server.spent(found.wechat_app_id)) if server and account else None,
        public=Public(found.public_url, found.wechat_token) if found.public_url else None,
        wechat_time=lambda: client.server_time(_WITHIN),
        now=_CLOCK,
        wrong=tuple(wrong),
        errors=sum(f.severity == "error" for f in loaded.findings),
        agents=_agents(loaded),
        keys=_old_keys(server, found),
        sessions=_sessions(server, found),
    )


def _menu(server: Server | None, loaded: Loaded, language: str) -> tuple[Button, ...]:
    """That of what is served; of the directory where nothing was published, or nobody can tell."""
    if server is not None:
        with suppress(Unknown, NoRevision, ValueError):
            found = server.published(language)
            return found.buttons if found.revision else loaded.menu
    return loaded.menu


def _old_keys(server: Server | None, found: Settings) -> Callable[[], Keys] | None:
    try:
        seal = Seal(found.seal_keys, found.tag_key, found.evidence_keys)
    except ValueError:
        return None
    first = {seal.ids(ring)[0] for ring in RINGS}
    old = tuple(name for name in seal.ids() if name not in first)
    if server is None or not old:
        return None
    return lambda: server.keys(old, first)


def _sessions(server: Server | None, found: Settings) -> Callable[[], tuple[int, int]] | None:
    try:
        seal = Seal(found.seal_keys, found.tag_key, found.evidence_keys)
    except ValueError:
        return None
    return (lambda: server.unread(seal)) if server else None


def _agents(loaded: Loaded) -> bool:
    agents = loaded.content.policy.get("agents", {}) if loaded.content else {}
    return bool(agents.get("value") == "online")


def _redis(url: str) -> Server | None:
    """None for an address that cannot be read."""
    try:
        with suppress(StoreAway):  # of a cluster, which is asked at once: it is away, its address is right
            connect(url)
        return Server(lambda: connect(url), _place(url))
    except ValueError:
        return None


def _place(url: str) -> str:
    """The address without name, password and options."""
    parts = urlsplit(url)
    return (parts.netloc.rpartition("@")[2] or parts.path) + (parts.path if parts.netloc else "")


class Server:
    """`bot.account.checks.Redis`: one that is away, or shuts us out, raises Unknown."""

    def __init__(self, made: Callable[[], redis.Redis], place: str) -> None:
        self._made, self._place = made, place

    def info(self, section: str) -> Mapping[str, Any]:
        return self._asked(lambda client, node: client.info(section, **node))

    def config_get(self, pattern: str) -> Mapping[str, Any]:
        """Empty where the server hides its configuration, as hosted ones do."""
        try:
            return self._asked(lambda client, node: client.config_get(pattern, **node))
        except _Hidden:
            return {}

    def pointers(self) -> Mapping[int, str]:
        """The published revision of every shard, "" where none is."""
        try:
            return RevisionStore(self._made(), SHARDS).pointers()
        except StoreAway as e:
            raise Unknown(f"{self._place} ({e})") from e

    def keys(self, old: tuple[str, ...], first: set[str]) -> Keys:
        """`old`, `first`: ids of keys. Raises Unknown."""
        try:
            client = self._made()
            members, seals = living(client)
            behind = sum(not first <= set(member.keys) for member in members)
            return Keys(census(client, old), frozenset(seals.values()), behind)
        except StoreAway as e:
            raise Unknown(f"{self._place} ({e})") from e

    def unread(self, seal: Seal) -> tuple[int, int]:
        """As `bot.store.session_census.unread`. Raises Unknown."""
        try:
            return unread(RedisStore(self._made(), seal))
        except StoreAway as e:
            raise Unknown(f"{self._place} ({e})") from e

    def published(self, language: str) -> Published:
        """Raises Unknown, NoRevision, ValueError."""
        try:
            return _published(RevisionStore(self._made(), SHARDS), language)
        except StoreAway as e:
            raise Unknown(f"{self._place} ({e})") from e

    def spent(self, app_id: str) -> Mapping[str, int]:
        """Calls to WeChat whose quota of the day is spent, and until when."""
        return self._asked(lambda client, node: Spent(client, app_id, _CLOCK).all())

    def _asked(self, ask: Callable[[redis.Redis, dict[str, Any]], Any]) -> Mapping[str, Any]:
        """Of a cluster one of its nodes is asked."""
        try:
            client = self._made()
            node: dict[str, Any] = {}
            if isinstance(client, RedisCluster):
                node["target_nodes"] = client.get_random_node()
            found: Mapping[str, Any] = ask(client, node)
        except redis.ResponseError as e:
            raise _Hidden(f"{self._place} ({type(e).__name__})") from e
        except (redis.RedisError, RedisClusterException, OSError) as e:
            raise Unknown(f"{self._place} ({type(e).__name__})") from e
        except StoreAway as e:
            raise Unknown(f"{self._place} ({e})") from e
        return found


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
