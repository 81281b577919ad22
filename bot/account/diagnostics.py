"""Builds the inputs of `shebao menu` and `shebao doctor` from whatever settings exist.

The doctor runs when nothing works: it reports bad settings, an absent Redis or a missing secret itself.
"""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from bot.account.asked import Account
from bot.account.checks import Diagnostics
from bot.account.live_menu import Published
from bot.account.reached import Keys, Public, Server, published
from bot.content.load import Loaded, load
from bot.content.read import settings_file
from bot.content.read.menu import Button
from bot.ports import ArchiveAway, Unknown
from bot.settings import Settings
from bot.store.connect import connect, copies
from bot.store.records import StoreAway
from bot.store.redis import SHARDS
from bot.store.revisions import NoRevision, RevisionStore
from bot.store.seal import RINGS, Seal
from bot.wechat.client import Client
from bot.wechat.quota import quota

_CLOCK = time.time  # wall clock: this machine's clock is what is checked
_WITHIN = 10.0  # seconds for one call
_REACH = 1.0  # seconds for a connection to the bureau


def live_menu(found: Settings) -> Account | None:
    """Returns the account's menu, its token shared through Redis; None without app id and secret.

    Raises:
        ValueError: unusable keys or address.
        StoreAway: Redis does not answer.
    """
    if not (found.wechat_app_id and found.wechat_app_secret):
        return None
    seal = Seal(found.seal_keys, found.tag_key, found.evidence_keys)
    client = connect(found.redis_url)
    api = Client(found.wechat_app_id, found.wechat_app_secret, client, seal, found.wechat_api, _CLOCK)
    return Account(api, _WITHIN)


def published_menu(found: Settings) -> Published:
    """Returns the menu of the published revision.

    Raises:
        StoreAway: Redis does not answer.
        NoRevision: it is not in this Redis.
        ValueError: a publish was cut off, or a setting cannot be used.
    """
    return published(RevisionStore(connect(found.redis_url), SHARDS), found.language)


def of_directory(root: Path, env: Mapping[str, str]) -> Diagnostics:
    """Returns all inputs a command can build. Never raises for what an operator can set or write."""
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
        agents=_agents(loaded, int(_CLOCK())),
        pushes=(lambda: quota(client, _WITHIN)) if account else None,
    )


def of_store(found: Settings, server: Server | None, loaded: Loaded) -> Diagnostics:
    """Returns the inputs that need no WeChat. `loaded`: the content directory."""
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
    try:
        seal = Seal(found.seal_keys, found.tag_key, found.evidence_keys)
    except ValueError:
        return there
    first = {seal.ids(ring)[0] for ring in RINGS}
    old = tuple(name for name in seal.ids() if name not in first)
    keys = (lambda: _with_archive(server.keys(old, first), found.archive)) if old else None
    return replace(there, keys=keys, sessions=lambda: server.unread(seal))


def _with_archive(keys: Keys, url: str) -> Keys:
    """Counts too what evidence in the archive is sealed with.

    Raises:
        Unknown.
    """
    if url:
        from bot.services.archive import SqlArchive

        try:
            there = SqlArchive(url).keys()
        except ArchiveAway as e:
            raise Unknown(f"archive ({e})") from e
        old = {name: Counter(kinds) + Counter(e=there.get(name, 0)) for name, kinds in keys.old.items()}
        keys = replace(keys, old=old)
    return keys


def _reaches(address: str) -> bool:
    """Checks that a connection can be made. Sends no request: every request has an effect at the bureau."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), _REACH).close()
    except OSError:
        return False
    return True


def _menu(server: Server | None, loaded: Loaded, language: str) -> tuple[Button, ...]:
    """Returns the served menu; that of the directory if nothing was published, or it is unknown."""
    if server is not None:
        with suppress(Unknown, NoRevision, ValueError):
            found = server.published(language)
            return found.buttons if found.revision else loaded.menu
    return loaded.menu


def _agents(loaded: Loaded, now: int) -> bool:
    return loaded.content is not None and loaded.content.at(now).policy_value("agents") == "online"


def _redis(url: str) -> Server | None:
    """Returns None for an address that cannot be read."""
    try:
        with suppress(StoreAway):  # a cluster is contacted here: it is away, but its address is right
            connect(url)
        return Server(lambda: connect(url), url)
    except ValueError:
        return None
