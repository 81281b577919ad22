"""Settings: config/settings.yaml for what may be read by anyone, SHEBAO_* variables for the rest."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml


class BadSettings(ValueError):
    """Every wrong setting at once, one a line."""


@dataclass(frozen=True)
class Settings:
    """Each is read from SHEBAO_<NAME> or config/settings.yaml; secrets from the environment only.

    Lists are separated by commas. See the README for what each is for.
    """

    redis_url: str = "redis://127.0.0.1:6379/0"
    seal_keys: tuple[str, ...] = ()  # secret
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
    bureau_token: str = ""  # secret
    bureau_ca: str = ""
    real_name_tries: int = 5
    per_minute: int = 40
    budget: float = 4.5
    inline_calls: int = 8
    push: str = "no"
    phone: str = "no"
    console_users: tuple[str, ...] = ()  # secret
    copies: int = -1
    evidence_days: int = 1095
    callback_key: str = ""  # secret
    log_level: str = "INFO"


SECRET = frozenset(
    {
        "seal_keys",
        "tag_key",
        "wechat_token",
        "wechat_app_secret",
        "wechat_aes_keys",
        "bureau_token",
        "callback_key",
        "console_users",
    }
)
CHOICES = {
    "wechat_mode": ("plain", "compatible", "safe"),
    "code": ("text", "picture"),
    "push": ("yes", "no"),
    "phone": ("yes", "no"),
}
CONSOLE_USER = re.compile(
    r"[a-z0-9][a-z0-9._-]{0,31}:(?:read|publish):scrypt:\d+:\d+:\d+[.$][A-Za-z0-9]+[.$][0-9a-f]+"
)
"""name:role:hash, as `shebao console-user` prints it."""
REQUIRED = ("seal_keys", "tag_key", "wechat_token")


def load(root: Path, env: Mapping[str, str] = os.environ) -> Settings:
    """Raises BadSettings, naming every bad key and what to do."""
    path = root / "config" / "settings.yaml"
    try:
        written: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) or {}  # noqa: S506
    except FileNotFoundError:
        written = {}
    except (OSError, yaml.YAMLError) as e:
        raise BadSettings(f"config/settings.yaml cannot be read: {type(e).__name__}") from e
    wrong: list[str] = []
    given: dict[str, Any] = {}
    known = {f.name: f for f in fields(Settings)}
    for name, value in written.items() if isinstance(written, dict) else ():
        if name not in known:
            wrong.append(f"config/settings.yaml: there is no setting “{name}”")
        elif name in SECRET:
            wrong.append(f"config/settings.yaml: “{name}” is a secret: set SHEBAO_{name.upper()} instead")
        else:
            given[name] = value
    given |= {name: env[key] for name in known if (key := f"SHEBAO_{name.upper()}") in env}
    made: dict[str, Any] = {}
    for name, value in given.items():
        try:
            made[name] = _read(str(known[name].type), value)
        except ValueError:
            wrong.append(f"SHEBAO_{name.upper()}: “{value}” is not a number")
        if name in CHOICES and value not in CHOICES[name]:
            wrong.append(f"SHEBAO_{name.upper()}: must be one of {', '.join(CHOICES[name])}")
    wrong += [f"SHEBAO_{n.upper()} is missing" for n in REQUIRED if not made.get(n)]
    for name in ("real_name", "card"):
        if made.get(name, "stub") != "stub" and not str(made[name]).startswith(("http://", "https://")):
            wrong.append(f"SHEBAO_{name.upper()}: must be stub or the bureau's address (https://…)")
        elif made.get(name, "stub") != "stub" and not made.get("bureau_token"):
            wrong.append("SHEBAO_BUREAU_TOKEN is missing: the bureau's address is set")
    users = made.get("console_users", ())
    if not all(CONSOLE_USER.fullmatch(user) for user in users):
        wrong.append("SHEBAO_CONSOLE_USERS: write name:role:hash, as `shebao console-user NAME` prints it")
    elif len({user.partition(":")[0] for user in users}) < len(users):
        wrong.append("SHEBAO_CONSOLE_USERS: a name is there twice")
    if wrong:
        raise BadSettings("\n".join(dict.fromkeys(wrong)))
    return Settings(**made)


def _read(kind: str, value: str) -> Any:
    if kind == "int":
        return int(value)
    if kind == "float":
        return float(value)
    if kind.startswith("tuple"):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value
