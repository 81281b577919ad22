"""`shebao doctor`: what keeps an account from working, each with a finding and a remedy.

It answers what newcomers ask in the trackers of projects like this one: signature failures, 40164, 48001,
encrypted mode, a menu that vanished when server mode was switched on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from bot.account.checks import BAD, GOOD, WARN, CheckResult, Probes, Public, Unreachable
from bot.account.doctor_account import quotas, wechat
from bot.content.messages import listed
from bot.ports import Unknown

__all__ = ["BAD", "GOOD", "WARN", "CheckResult", "Probes", "examine"]

_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}", re.ASCII)
_AES = re.compile(r"[A-Za-z0-9+/]{43}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)  # base64 of 32 bytes
_APP = re.compile(r"wx[0-9a-f]{16}", re.ASCII)
MAX_LAG = 3
"""Seconds; a longer min-replicas-max-lag lets a primary that was replaced take writes for so long."""
_LOOKED_AT_HERE = ("seal_keys", "tag_key", "wechat_token")  # missing ones have signs of their own


def examine(probes: Probes) -> Iterator[CheckResult]:
    """Every sign, from what is nearest to what is farthest. Never raises for what it finds."""
    for look in (
        *(_settings, _keys, _token, _encryption, _app, _risks, _content, _redis, _guard, _pointers),
        *(_old_keys, _sessions, quotas, wechat, _address),
    ):
        try:
            yield from look(probes)
        except Exception as e:  # a look that fails must not hide the others
            part = look.__name__.strip("_")
            yield CheckResult(BAD, "look.failed", {"part": part, "why": type(e).__name__})


def _settings(p: Probes) -> Iterator[CheckResult]:
    for wrong in p.wrong:
        if wrong.name not in _LOOKED_AT_HERE:
            yield CheckResult(BAD, "settings.wrong", {"sentence": wrong.sentence})


def _keys(p: Probes) -> Iterator[CheckResult]:
    keys = p.settings.seal_keys
    if not keys:
        yield CheckResult(BAD, "seal.missing")
    elif not all(_KEY.fullmatch(k) for k in keys):
        yield CheckResult(BAD, "seal.form")
    else:
        yield CheckResult(GOOD, "seal.good", {"size": len(keys)})
    if not p.settings.tag_key:
        yield CheckResult(BAD, "tag.missing")
    elif not _KEY.fullmatch(p.settings.tag_key):
        yield CheckResult(BAD, "tag.form")
    else:
        yield CheckResult(GOOD, "tag.good")


def _token(p: Probes) -> Iterator[CheckResult]:
    token = p.settings.wechat_token
    if not token:
        yield CheckResult(BAD, "token.missing")
    elif not _TOKEN.fullmatch(token):
        yield CheckResult(BAD, "token.form")
    else:
        yield CheckResult(GOOD, "token.good")


def _encryption(p: Probes) -> Iterator[CheckResult]:
    mode, keys = p.settings.wechat_mode, p.settings.wechat_aes_keys
    about = {"mode": mode, "size": len(keys)}
    if mode == "plain":
        yield CheckResult(WARN, "mode.plain")
    elif not keys:
        yield CheckResult(BAD, "aes.missing", about)
    elif not all(_AES.fullmatch(k) for k in keys):
        yield CheckResult(BAD, "aes.form")
    else:
        yield CheckResult(GOOD, "aes.good", about)
        if mode == "compatible":
            yield CheckResult(WARN, "mode.compatible")


def _app(p: Probes) -> Iterator[CheckResult]:
    app_id = p.settings.wechat_app_id
    if not app_id:
        if p.settings.wechat_mode != "plain":
            yield CheckResult(BAD, "app.missing")
        return
    yield CheckResult(GOOD, "app.good") if _APP.fullmatch(app_id) else CheckResult(BAD, "app.form")
    yield (
        CheckResult(GOOD, "secret.good")
        if p.settings.wechat_app_secret
        else CheckResult(WARN, "secret.missing")
    )


def _risks(p: Probes) -> Iterator[CheckResult]:
    """What is meant for trying things out only."""
    if p.settings.freshness == 0:
        yield CheckResult(WARN, "freshness.off")
    if p.settings.phone == "yes":
        yield CheckResult(WARN, "phone.on")
    yield from _proxies(p)
    if stubs := [name for name in ("real_name", "card") if getattr(p.settings, name) == "stub"]:
        yield CheckResult(WARN, "stub.on", {"which": partial(listed, stubs)})


def _proxies(p: Probes) -> Iterator[CheckResult]:
    """Whose address the console counts wrong passwords by."""
    if not p.settings.console_users:
        return
    if p.settings.proxies:
        yield CheckResult(GOOD, "proxies.good", {"size": p.settings.proxies})
    elif p.settings.public_url.startswith("https://"):
        yield CheckResult(WARN, "proxies.none")


def _content(p: Probes) -> Iterator[CheckResult]:
    yield (
        CheckResult(BAD, "content.errors", {"errors": p.errors})
        if p.errors
        else CheckResult(GOOD, "content.good")
    )


def _redis(p: Probes) -> Iterator[CheckResult]:
    if p.redis is None:
        yield CheckResult(BAD, "redis.url")
        return
    try:
        # CONFIG is hidden by hosted servers; INFO tells what matters
        server, memory, disk = (p.redis.info(part) for part in ("server", "memory", "persistence"))
        fsync = _text(next(iter(p.redis.config_get("appendfsync").values()), ""))
    except Unknown as e:
        yield CheckResult(BAD, "redis.away", {"why": str(e)})
        return
    version = _text(server.get("valkey_version") or server.get("redis_version", "0"))
    numbers = tuple(int(n) for n in re.findall(r"\d+", version)[:2])
    about = {"name": "Valkey" if server.get("valkey_version") else "Redis", "version": version}
    yield CheckResult(BAD, "redis.old", about) if numbers < (6, 2) else CheckResult(GOOD, "redis.good", about)
    policy = _text(memory.get("maxmemory_policy", "noeviction"))
    right = policy == "noeviction"
    yield (
        CheckResult(GOOD, "eviction.good")
        if right
        else CheckResult(BAD, "eviction.wrong", {"policy": policy})
    )
    if _text(disk.get("aof_enabled", "0")) == "1":
        yield CheckResult(GOOD, "persistence.good", {"fsync": f" (appendfsync {fsync})" if fsync else ""})
    else:
        yield CheckResult(WARN, "persistence.off")


def _guard(p: Probes) -> Iterator[CheckResult]:
    """Whether a primary that lost its replicas, and may be none by now, refuses what would be lost."""
    if p.redis is None or not p.copies:
        return
    try:
        found = [p.redis.config_get(f"min-replicas-{name}") for name in ("to-write", "max-lag")]
    except Unknown:  # said already
        return
    if not all(found):
        yield CheckResult(WARN, "guard.hidden")
        return
    write, lag = (int(_text(next(iter(f.values())))) for f in found)
    good = write >= 1 and 0 < lag <= MAX_LAG
    yield CheckResult(GOOD, "guard.good", {"size": write}) if good else CheckResult(BAD, "guard.off")


def _old_keys(p: Probes) -> Iterator[CheckResult]:
    """Whether a key that seals no more may go."""
    if p.keys is None:
        return
    try:
        keys = p.keys()
    except Unknown:
        return  # said already
    for name, sealed in keys.old.items():
        rest = {kind: n for kind, n in sealed.items() if n}
        about = {"key": name, "behind": keys.behind, "count": sum(rest.values())}
        kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(rest.items()))
        if name in keys.seals:
            yield CheckResult(WARN if keys.behind else GOOD, "seal.still", about)
        elif rest and set(rest) <= {"e"}:
            yield CheckResult(WARN, "seal.evidence", about)
        elif rest:
            yield CheckResult(GOOD, "seal.remains", {**about, "kinds": kinds})
        else:
            yield CheckResult(WARN, "seal.may_go", about)


def _sessions(p: Probes) -> Iterator[CheckResult]:
    """Whether residents stand where this release cannot read."""
    if p.sessions is None:
        return
    with suppress(Unknown):  # said already
        unread, size = p.sessions()
        about = {"unread": unread, "size": size}
        yield (
            CheckResult(BAD, "sessions.unread", about)
            if unread
            else CheckResult(GOOD, "sessions.good", about)
        )


def _pointers(p: Probes) -> Iterator[CheckResult]:
    if p.pointers is None:
        return
    try:
        found = set(p.pointers().values())
    except Unknown:
        yield CheckResult(WARN, "revision.silent")
        return
    if len(found) > 1:
        yield CheckResult(BAD, "revision.torn", {"size": len(found)})
    elif any(found):
        yield CheckResult(GOOD, "revision.good", {"revision": next(iter(found))})
    else:
        yield CheckResult(GOOD, "revision.none")


def _address(p: Probes) -> Iterator[CheckResult]:
    if not p.settings.public_url or p.public is None:
        yield CheckResult(WARN, "address.none")
        return
    if not _callable(p.settings.public_url):
        yield CheckResult(WARN, "address.form")
    try:
        yield _verified(p.public)
        health = p.public.health()
    except Unreachable as e:
        yield (
            CheckResult(BAD, "address.certificate")
            if e.certificate
            else CheckResult(BAD, "address.silent", {"why": str(e)})
        )
        return
    if health == 200:
        yield CheckResult(GOOD, "health.good")
    elif health == 503:  # anything else: the proxy passes /wechat only, as it should
        yield CheckResult(BAD, "health.away")


def _verified(public: Public) -> CheckResult:
    status, _ = public.verify(right=False)
    if status == 200:
        return CheckResult(BAD, "address.open")
    if status != 403:
        return CheckResult(BAD, "address.status", {"status": status})
    status, echoed = public.verify(right=True)
    if status != 200:
        return CheckResult(BAD, "address.token", {"status": status})
    return CheckResult(GOOD, "address.good") if echoed else CheckResult(BAD, "address.echo")


def _callable(url: str) -> bool:
    """Whether WeChat would call it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port in (None, 80, 443)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
