"""`shebao doctor`: reports what keeps an account from working, each with a finding and a remedy.

It answers what newcomers ask in the trackers of projects like this one: signature failures, 40164, 48001,
encrypted mode, a menu that vanished when server mode was switched on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from urllib.parse import urlsplit

from bot.account.checks import BAD, GOOD, WARN, CheckResult, Diagnostics, bad, caution, good
from bot.account.doctor_account import access, pushes, quotas, wechat
from bot.account.doctor_store import content, fleet, guard, old_keys, redis, sessions, work
from bot.account.reached import Public, Unreachable
from bot.content.messages import listed
from bot.ports import Unknown
from bot.settings import addresses

__all__ = ["BAD", "GOOD", "HERE", "WARN", "CheckResult", "Diagnostics", "examine"]

Look = Callable[[Diagnostics], Iterator[CheckResult]]

_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}", re.ASCII)
_AES = re.compile(r"[A-Za-z0-9+/]{43}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)  # base64 of 32 bytes
_APP = re.compile(r"wx[0-9a-f]{16}", re.ASCII)
_LOOKED_AT_HERE = ("seal_keys", "tag_key", "wechat_token")  # missing ones have results of their own


def examine(p: Diagnostics, looks: Sequence[Look] = ()) -> Iterator[CheckResult]:
    """Yields every result, from local to remote. Never raises for what it finds.

    `looks`: only these.
    """
    for look in looks or ALL:
        try:
            yield from look(p)
        except Unknown:  # Redis, whose silence `redis` reports
            continue
        except Exception as e:  # a look that fails must not hide the others
            part = look.__name__.strip("_")
            yield bad("look.failed", {"part": part, "why": type(e).__name__})


def _settings(p: Diagnostics) -> Iterator[CheckResult]:
    for wrong in p.wrong:
        if wrong.name not in _LOOKED_AT_HERE:
            yield bad("settings.wrong", {"sentence": wrong.sentence})


def _keys(p: Diagnostics) -> Iterator[CheckResult]:
    keys = p.settings.seal_keys
    if not keys:
        yield bad("seal.missing")
    elif not all(_KEY.fullmatch(k) for k in keys):
        yield bad("seal.form")
    else:
        yield good("seal.good", {"size": len(keys)})
    if not p.settings.tag_key:
        yield bad("tag.missing")
    elif not _KEY.fullmatch(p.settings.tag_key):
        yield bad("tag.form")
    else:
        yield good("tag.good")


def _token(p: Diagnostics) -> Iterator[CheckResult]:
    token = p.settings.wechat_token
    if not token:
        yield bad("token.missing")
    elif not _TOKEN.fullmatch(token):
        yield bad("token.form")
    else:
        yield good("token.good")


def _encryption(p: Diagnostics) -> Iterator[CheckResult]:
    mode, keys = p.settings.wechat_mode, p.settings.wechat_aes_keys
    about = {"mode": mode, "size": len(keys)}
    if mode == "plain":
        yield caution("mode.plain")
    elif not keys:
        yield bad("aes.missing", about)
    elif not all(_AES.fullmatch(k) for k in keys):
        yield bad("aes.form")
    else:
        yield good("aes.good", about)
        if mode == "compatible":
            yield caution("mode.compatible")


def _app(p: Diagnostics) -> Iterator[CheckResult]:
    app_id = p.settings.wechat_app_id
    if not app_id:
        if p.settings.wechat_mode != "plain":
            yield bad("app.missing")
        return
    yield good("app.good") if _APP.fullmatch(app_id) else bad("app.form")
    yield good("secret.good") if p.settings.wechat_app_secret else caution("secret.missing")


def _risks(p: Diagnostics) -> Iterator[CheckResult]:
    """Warns of settings that are meant for development only."""
    if p.settings.freshness == 0:
        yield caution("freshness.off")
    if p.settings.phone == "yes":
        yield caution("phone.on")
    yield from _proxies(p)
    if stubs := [name for name in ("real_name", "card") if getattr(p.settings, name) == "stub"]:
        yield caution("stub.on", {"which": partial(listed, stubs)})


def _bureau(p: Diagnostics) -> Iterator[CheckResult]:
    for address in dict.fromkeys(addresses(p.settings).values()):
        if p.reaches is not None:
            about = {"host": urlsplit(address).hostname or ""}
            yield good("bureau.good", about) if p.reaches(address) else bad("bureau.away", about)


def _proxies(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks whose address the console uses to count wrong passwords."""
    if not p.settings.console_users:
        return
    if p.settings.proxies:
        yield good("proxies.good", {"size": p.settings.proxies})
    elif p.settings.public_url.startswith("https://"):
        yield caution("proxies.none")


def _address(p: Diagnostics) -> Iterator[CheckResult]:
    if not p.settings.public_url or p.public is None:
        yield caution("address.none")
        return
    if not _callable(p.settings.public_url):
        yield caution("address.form")
    try:
        yield _verified(p.public)
        health = p.public.health()
    except Unreachable as e:
        yield bad("address.certificate") if e.certificate else bad("address.silent", {"why": str(e)})
        return
    if health == 200:
        yield good("health.good")
    elif health == 503:  # anything else: the proxy passes /wechat only, as it should
        yield bad("health.away")


def _verified(public: Public) -> CheckResult:
    status, _ = public.verify(right=False)
    if status == 200:
        return bad("address.open")
    if status != 403:
        return bad("address.status", {"status": status})
    status, echoed = public.verify(right=True)
    if status != 200:
        return bad("address.token", {"status": status})
    return good("address.good") if echoed else bad("address.echo")


def _callable(url: str) -> bool:
    """Checks whether WeChat would call this URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port in (None, 80, 443)


HERE: tuple[Look, ...] = (_risks, redis, guard, fleet, work, _bureau, content, quotas, access, pushes)
"""Checks for a web page that loads: the current state, without counting through the store."""
ALL: tuple[Look, ...] = (
    *(_settings, _keys, _token, _encryption, _app, _risks, _bureau, redis, guard, fleet, content),
    *(work, old_keys, sessions, quotas, pushes, wechat, _address),
)
