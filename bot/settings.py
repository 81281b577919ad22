"""The settings, and which of them residents must not be served with. Nothing is read here."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Settings:
    """Each is read from SHEBAO_<NAME> or config/settings.yaml; secrets from the environment only.

    Lists are separated by commas. See the README for what each is for.
    """

    redis_url: str = "redis://127.0.0.1:6379/0"
    seal_keys: tuple[str, ...] = ()  # secret
    evidence_keys: tuple[str, ...] = ()  # secret
    tag_key: str = ""  # secret
    wechat_token: str = ""  # secret
    wechat_app_id: str = ""
    wechat_app_secret: str = ""  # secret
    wechat_aes_keys: tuple[str, ...] = ()  # secret
    wechat_mode: str = "safe"
    wechat_api: str = "https://api.weixin.qq.com"
    freshness: int = 300
    max_body: int = 65536
    language: str = "zh-CN"
    code: str = "text"
    real_name: str = "stub"
    card: str = "stub"
    services: str = ""
    bureau_token: str = ""  # secret
    bureau_ca: str = ""
    real_name_tries: int = 5
    real_name_alarm: int = 200
    per_minute: int = 40
    budget: float = 4.0
    inline_calls: int = 8
    push: str = "no"
    phone: str = "no"
    console_users: tuple[str, ...] = ()  # secret
    second_factor: str = "live"
    review: str = "no"
    proxies: int = 0
    copies: int = -1
    store_seen: str = ""
    archive: str = ""
    notify: str = ""
    notify_template: str = ""
    notify_fields: str = ""
    callback_key: str = ""  # secret
    callback_keys: tuple[str, ...] = ()  # secret
    public_url: str = ""
    page: str = "no"
    page_verify: str = ""
    face_check: str = "photo"
    recording: str = "no"
    metrics: str = ""
    log_level: str = "INFO"


SECRET = frozenset(
    {
        "seal_keys",
        "evidence_keys",
        "tag_key",
        "wechat_token",
        "wechat_app_secret",
        "wechat_aes_keys",
        "bureau_token",
        "callback_key",
        "callback_keys",
        "console_users",
    }
)
CHOICES = {
    "wechat_mode": ("plain", "compatible", "safe"),
    "code": ("text", "picture"),
    "push": ("yes", "no"),
    "phone": ("yes", "no"),
    "recording": ("yes", "no"),
    "second_factor": ("live", "yes", "no"),
    "review": ("yes", "no"),
    "notify": ("", "template", "subscription"),
    "page": ("no", "link", "account"),
    "face_check": ("photo", "page"),
}
CONSOLE_ROLES = ("look", "edit", "duty", "publish", "read")
CONSOLE_USER = re.compile(
    rf"(?P<name>[a-z0-9][a-z0-9._-]{{0,31}}):(?P<role>{'|'.join(CONSOLE_ROLES)}):"
    r"(?P<hash>scrypt:\d+:\d+:\d+[.$][A-Za-z0-9]+[.$][0-9a-f]+)(?::(?P<secret>[A-Z2-7]{32}))?"
)
"""name:role:hash, with a second factor name:role:hash:secret, as `shebao console-user` prints it."""
LISTENS = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):[1-9][0-9]{0,4}", re.ASCII)
"""host:port."""
CALLED_BACK = ("card", "real_name")
"""Services that may call us; those of `services` may, too."""
REQUIRED = ("seal_keys", "tag_key", "wechat_token")
SHORTEST_TOKEN = 12
DEMO_APP = "wxdemo0000000000"
DEMO_TOKEN = re.compile(r"demo[0-9a-f]{16}", re.ASCII)
DEMO_KEY = b"shebao demo "
"""Prefix of the keys that `shebao run` makes; 12 bytes, so that it is visible in base64 too."""
_DEMO_BASE64 = base64.b64encode(DEMO_KEY).decode()
_KEYS = ("seal_keys", "evidence_keys", "tag_key", "wechat_token", "wechat_app_id", "wechat_aes_keys")
_SERVICES = ("real_name", "card")


def addresses(settings: Settings) -> dict[str, str]:
    """Returns the address of each service that has one, by port."""
    ours = {name: getattr(settings, name) for name in _SERVICES if getattr(settings, name) != "stub"}
    return ours | _named(settings.services)


def _named(services: str) -> dict[str, str]:
    parts = (part.strip().partition("=") for part in services.split(",") if part.strip())
    return {port: address for port, _, address in parts}


def may_call_back(services: str) -> tuple[str, ...]:
    """Returns the services that may call us. `services`: as set."""
    return tuple(dict.fromkeys((*CALLED_BACK, *_named(services))))


def callback_keys(settings: Settings) -> dict[str, str]:
    """Returns the key of each service that may call back; `callback_key` is for all without one of their
    own."""
    own = dict(part.split("=", 1) for part in settings.callback_keys)
    keys = {service: own.get(service, settings.callback_key) for service in may_call_back(settings.services)}
    return {service: key for service, key in keys.items() if key}


def face_key(settings: Settings) -> str:
    """Returns what the real-name service signs the answer of a face check with; "" if it has no key. The
    stub's is made up."""
    if settings.real_name == "stub":
        return hmac.new(settings.tag_key.encode(), b"pretended face check", "sha256").hexdigest()
    return callback_keys(settings).get("real_name", "")


def page_origin(settings: Settings) -> str:
    """Returns scheme and host of the resident's page; "" if there is none."""
    found = urlsplit(settings.public_url)
    return f"{found.scheme}://{found.netloc}" if settings.page != "no" and found.netloc else ""


def is_live(settings: Settings) -> bool:
    """Checks whether residents are served: WeChat itself is called, and knows the account."""
    host = _host(settings.wechat_api)
    return bool(settings.wechat_app_secret) and (host == "weixin.qq.com" or host.endswith(".weixin.qq.com"))


def unfit(settings: Settings, root: Path) -> Iterator[tuple[str, str]]:
    """Yields (setting, code of its sentence) for what residents must not be served with; nothing if not
    live."""
    if not is_live(settings):
        return
    if settings.phone == "yes":
        yield "phone", "live_phone"
    for name in _SERVICES:
        if getattr(settings, name) == "stub":
            yield name, "live_stub"
        elif _in_the_clear(getattr(settings, name)):
            yield name, "live_http"
    if any(
        _in_the_clear(address)
        for address in addresses(replace(settings, real_name="stub", card="stub")).values()
    ):
        yield "services", "live_http"
    if settings.page != "no" and not settings.public_url.startswith("https://"):
        yield "public_url", "live_page"
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
    """Returns the keys that `shebao run` made in this directory, if any."""
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
    """Returns "" for what is no address."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
