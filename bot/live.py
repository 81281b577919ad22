"""With a real account: what is fit for trying things out only, and keeps the service from starting."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from bot.settings import Settings

SHORTEST_TOKEN = 12
DEMO_APP = "wxdemo0000000000"
DEMO_TOKEN = re.compile(r"demo[0-9a-f]{16}", re.ASCII)
DEMO_KEY = b"shebao demo "
"""What the keys that `shebao run` makes begin with; 12 bytes, so that it is seen in base64 too."""
_DEMO_BASE64 = base64.b64encode(DEMO_KEY).decode()
_KEYS = ("seal_keys", "evidence_keys", "tag_key", "wechat_token", "wechat_app_id", "wechat_aes_keys")
_SERVICES = ("real_name", "card")


def is_live(settings: Settings) -> bool:
    """Whether residents are behind it: WeChat itself is called, and knows the account."""
    host = _host(settings.wechat_api)
    return bool(settings.wechat_app_secret) and (host == "weixin.qq.com" or host.endswith(".weixin.qq.com"))


def unfit(settings: Settings, root: Path) -> Iterator[tuple[str, str]]:
    """(setting, code of its sentence) for what residents must not be served with; nothing if nobody is."""
    if not is_live(settings):
        return
    if settings.phone == "yes":
        yield "phone", "live_phone"
    for name in _SERVICES:
        if getattr(settings, name) == "stub":
            yield name, "live_stub"
        elif _in_the_clear(getattr(settings, name)):
            yield name, "live_http"
    if _in_the_clear(settings.wechat_api):
        yield "wechat_api", "live_http"
    demo = demo_values(root / "var" / "demo.env")
    for name in _KEYS:
        if any(_made_for_trying(value) or value in demo for value in _values(settings, name)):
            yield name, "live_demo"
    if 0 < len(settings.wechat_token) < SHORTEST_TOKEN:
        yield "wechat_token", "live_token"
    if settings.tag_key and settings.tag_key in (*settings.seal_keys, *settings.evidence_keys):
        yield "tag_key", "live_same"
    if not settings.freshness:
        yield "freshness", "live_freshness"


def demo_values(path: Path) -> frozenset[str]:
    """The keys that `shebao run` made in this directory, if it did."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return frozenset()
    named = (line.partition("=") for line in lines)
    return frozenset(v for name, _, v in named if v and name.removeprefix("SHEBAO_").lower() in _KEYS)


def _values(settings: Settings, name: str) -> tuple[str, ...]:
    value: str | tuple[str, ...] = getattr(settings, name)
    return (value,) if isinstance(value, str) else value


def _made_for_trying(value: str) -> bool:
    return value.startswith(_DEMO_BASE64) or value == DEMO_APP or bool(DEMO_TOKEN.fullmatch(value))


def _in_the_clear(url: str) -> bool:
    return url.lower().startswith("http://") and not _is_loopback(_host(url))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host(url: str) -> str:
    """Empty for what is no address."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
