"""`shebao doctor`: what keeps an account from working, each with a finding and a remedy.

It answers what newcomers ask in the trackers of projects like this one: signature failures, 40164, 48001,
encrypted mode, a menu that vanished when server mode was switched on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.content.live_menu import Refused, live_buttons, plan
from bot.content.probes import BAD, GOOD, WARN, Probes, Redis, Sign

__all__ = ["BAD", "GOOD", "WARN", "Probes", "Sign", "examine"]

_SKEW = 30  # seconds a clock may be off before signatures grow stale
_TOKEN = re.compile(r"^[A-Za-z0-9]{3,32}$")
_AES = re.compile(r"^[A-Za-z0-9+/]{43}$")
_APP = re.compile(r"^wx[0-9a-f]{16}$")


def examine(probes: Probes) -> Iterator[Sign]:
    """Every sign, from what is nearest to what is farthest. Never raises for what it finds."""
    for look in (_keys, _token, _encryption, _app, _redis, _pointers, _account, _clock, _menu, _address):
        try:
            yield from look(probes)
        except Exception as e:  # a probe that fails is itself a finding
            yield Sign(
                BAD, look.__name__.strip("_"), f"could not be looked at ({type(e).__name__})", "See the log."
            )


def _keys(p: Probes) -> Iterator[Sign]:
    remedy = "Run `shebao new-key` and set it."
    if not p.settings.seal_keys:
        yield Sign(BAD, "seal key", "SHEBAO_SEAL_KEYS is not set", remedy)
    else:
        yield Sign(GOOD, "seal key", f"{len(p.settings.seal_keys)} set")
    if not p.settings.tag_key:
        yield Sign(BAD, "tag key", "SHEBAO_TAG_KEY is not set", remedy)


def _token(p: Probes) -> Iterator[Sign]:
    token = p.settings.wechat_token
    if not token:
        yield Sign(
            BAD,
            "token",
            "SHEBAO_WECHAT_TOKEN is not set",
            "Copy the Token of the console's server configuration.",
        )
    elif not _TOKEN.match(token):
        yield Sign(
            BAD,
            "token",
            "not 3 to 32 letters and digits",
            "A blank or a quotation mark copied along makes every signature fail: copy it again.",
        )
    else:
        yield Sign(
            GOOD, "token", "has the right form (signature failures then mean another token in the console)"
        )


def _encryption(p: Probes) -> Iterator[Sign]:
    mode, keys = p.settings.wechat_mode, p.settings.wechat_aes_keys
    if mode == "plain":
        yield Sign(
            WARN,
            "mode",
            "plain: what residents write travels unencrypted",
            "Choose safe mode in the console and set wechat_mode: safe.",
        )
    elif not keys:
        yield Sign(
            BAD,
            "AES key",
            f"mode is {mode} but SHEBAO_WECHAT_AES_KEYS is not set",
            "Copy the EncodingAESKey of the console.",
        )
    elif not all(_AES.match(k) for k in keys):
        yield Sign(
            BAD,
            "AES key",
            "not 43 letters and digits",
            "Copy the EncodingAESKey again, without `=` at its end.",
        )
    else:
        yield Sign(GOOD, "AES key", f"{len(keys)} of the right form, mode {mode}")
    if mode != "plain" and not p.settings.wechat_app_id:
        yield Sign(
            BAD,
            "app id",
            "encrypted messages name it, but SHEBAO_WECHAT_APP_ID is not set",
            "Set it: messages of another account are refused.",
        )


def _app(p: Probes) -> Iterator[Sign]:
    app_id = p.settings.wechat_app_id
    if app_id and not _APP.match(app_id):
        yield Sign(BAD, "app id", "not wx and 16 hexadecimal digits", "Copy the AppID, not the gh_ id.")
    elif app_id and not p.settings.wechat_app_secret:
        yield Sign(
            WARN, "app secret", "not set: no pushes, no menu, no pictures", "Set SHEBAO_WECHAT_APP_SECRET."
        )
    elif app_id:
        yield Sign(GOOD, "app id and secret", "set")


def _redis(p: Probes) -> Iterator[Sign]:
    if p.redis is None:
        yield Sign(BAD, "Redis", "does not answer", "See SHEBAO_REDIS_URL.")
        return
    server = p.redis.info("server")
    version = _text(server.get("valkey_version") or server.get("redis_version", "0"))
    name = "Valkey" if server.get("valkey_version") else "Redis"
    numbers = tuple(int(n) for n in re.findall(r"\d+", version)[:2])
    if numbers < (6, 2):
        yield Sign(BAD, name, f"version {version}", "At least 6.2 is needed (SET … GET, WAIT).")
    else:
        yield Sign(GOOD, name, f"version {version}")
    policy = _config(p.redis, "maxmemory-policy")
    if policy not in ("noeviction", ""):
        yield Sign(
            BAD,
            "eviction",
            f"maxmemory-policy is {policy}",
            "Set it to noeviction: sessions and open jobs must never be dropped.",
        )
    elif policy:
        yield Sign(GOOD, "eviction", "noeviction")
    if _config(p.redis, "appendonly") == "no":
        yield Sign(
            WARN,
            "persistence",
            "appendonly is off: a restart loses what was not saved",
            "Set appendonly yes, appendfsync everysec.",
        )
    elif _config(p.redis, "appendonly"):
        yield Sign(GOOD, "persistence", "append-only file")


def _pointers(p: Probes) -> Iterator[Sign]:
    found = set(p.pointers().values()) if p.pointers else set()
    if len(found) > 1:
        yield Sign(
            BAD,
            "revision",
            f"{len(found)} revisions are pointed at",
            "A publish was cut off: run `shebao publish` again.",
        )
    elif found:
        yield Sign(GOOD, "revision", next(iter(found)) or "none published yet")


def _account(p: Probes) -> Iterator[Sign]:
    if p.account is None:
        yield Sign(
            WARN,
            "WeChat's API",
            "not set up: app id and secret are missing",
            "Without it nothing is pushed; replies still work.",
        )
        return
    try:
        p.account.token()
    except Refused as e:
        yield Sign(BAD, "access token", f"errcode {e.code}", str(e))
        return
    yield Sign(GOOD, "access token", "granted: app id, secret and IP allow-list are right")


def _clock(p: Probes) -> Iterator[Sign]:
    if p.account is None or p.now is None:
        return
    off = round(p.now() - p.account.server_time())
    if abs(off) > _SKEW:
        yield Sign(
            BAD,
            "clock",
            f"{off:+d} s from WeChat's",
            "Switch time synchronisation on: old timestamps are refused as replays.",
        )
    else:
        yield Sign(GOOD, "clock", f"{off:+d} s from WeChat's")


def _menu(p: Probes) -> Iterator[Sign]:
    if p.account is None:
        return
    try:
        live, on = live_buttons(p.account)
    except Refused as e:
        yield Sign(BAD, "menu", f"errcode {e.code}", str(e))
        return
    if not live:
        yield Sign(
            BAD,
            "menu",
            "the account has none",
            "Switching server mode on removes the console's menu: run `shebao menu publish`.",
        )
    elif not on:
        yield Sign(
            BAD, "menu", "switched off", "Run `shebao menu publish`, then look at the console's menu switch."
        )
    elif plan(p.menu, live).changes:
        yield Sign(
            WARN,
            "menu",
            "differs from config/menu.yaml",
            "Look with `shebao menu diff`, then `shebao menu publish`.",
        )
    else:
        yield Sign(GOOD, "menu", "is that of config/menu.yaml")


def _address(p: Probes) -> Iterator[Sign]:
    if not p.address or p.reach is None:
        return
    try:
        status = p.reach(p.address)
    except OSError:
        yield Sign(
            BAD,
            "public address",
            "does not answer",
            "WeChat reaches ports 80 and 443 only: look at DNS, firewall and proxy.",
        )
        return
    if status in (200, 401, 403):
        yield Sign(GOOD, "public address", f"answers ({status} without a signature)")
    else:
        yield Sign(BAD, "public address", f"answers {status}", "The proxy must hand /wechat to this service.")


def _config(redis: Redis, name: str) -> str:
    found = redis.config_get(name)
    return next((_text(v) for v in found.values()), "")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
