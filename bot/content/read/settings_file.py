"""Reads settings: config/settings.yaml for public ones, SHEBAO_* variables for the rest."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

from bot.content.messages import ENGLISH, Phrase, message, phrase
from bot.content.read.city import file_of
from bot.content.read.files import MISSING, SETTINGS, content_of
from bot.content.read.notices import kind, takes
from bot.content.read.source import Finding, parse
from bot.settings import (
    CHOICES,
    CONSOLE_USER,
    LISTENS,
    REQUIRED,
    SECRET,
    Settings,
    face_key,
    may_call_back,
    unfit,
)

KEY_LENGTH = 16
NOTIFY_FIELD = re.compile(r"[a-z][a-z_]*[0-9]*=(?:[^{}]|\{(?:matter|line|time)\})+")
PAGE_URL = re.compile(
    r"(?:https://[A-Za-z0-9.-]+|http://(?:127\.0\.0\.1|localhost))(?::[0-9]{1,5})?(?:/.*)?", re.ASCII
)
SERVICE = re.compile(r"[a-z][a-z0-9_]*=https?://\S+", re.ASCII)
"""port=address."""
VERIFY = re.compile(r"[A-Za-z0-9]{16}", re.ASCII)
"""The name and content of WeChat's MP_verify_….txt."""
MAY_BE_BELOW = ("copies",)
"""Numbers with a meaning below 0."""


class BadSettings(ValueError):
    """Every wrong setting at once, one per line."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__(_lines(wrong, ENGLISH))
        self._wrong = wrong

    def text_in(self, language: str) -> str:
        """Returns the same in a language, and where to begin."""
        return f"{_lines(self._wrong, language)}\n{message('settings', 'begin', language)}"


@dataclass(frozen=True)
class Wrong:
    """A setting that cannot be used. `name`: "" for the file itself. `code`: that of its sentence."""

    name: str
    code: str
    about: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str = ENGLISH) -> str:
        """Returns what is wrong and what to do; contains no secret."""
        variable = f"SHEBAO_{self.name.upper()}"
        values = {"name": self.name, "variable": variable, **self.about}
        return message("settings", self.code, language, values)


def load(root: Path, env: Mapping[str, str] = os.environ) -> Settings:
    """Loads the settings.

    Raises:
        BadSettings: naming every bad key and what to do.
    """
    settings, wrong = read(root, env)
    if wrong:
        raise BadSettings(wrong)
    return settings


def _lines(wrong: Sequence[Wrong], language: str) -> str:
    return "\n".join(dict.fromkeys(w.sentence(language) for w in wrong))


def read(root: Path, env: Mapping[str, str] = os.environ) -> tuple[Settings, list[Wrong]]:
    """Returns the settings, defaults in place of unusable ones, and what is wrong. Never raises."""
    written, wrong = _written(file_of(root, SETTINGS))
    given: dict[str, Any] = {}
    known = {f.name: f for f in fields(Settings)}
    for name, value in written.items():
        if name not in known:
            wrong.append(Wrong(name, "unknown"))
        elif name in SECRET:
            wrong.append(Wrong(name, "secret"))
        else:
            given[name] = value
    given |= {name: env[key] for name in known if (key := f"SHEBAO_{name.upper()}") in env}
    made: dict[str, Any] = {}
    for name, value in given.items():
        if not isinstance(value, str):
            wrong.append(Wrong(name, "shape"))
        elif name in CHOICES and value not in CHOICES[name]:
            wrong.append(Wrong(name, "choice", {"among": ", ".join(filter(None, CHOICES[name]))}))
        else:
            try:
                made[name] = value_of(str(known[name].type), value)
            except ValueError:
                wrong.append(Wrong(name, "number", {"value": value}))
    below = [
        n
        for n, value in made.items()
        if n not in MAY_BE_BELOW and isinstance(value, int | float) and value < 0
    ]
    wrong += [Wrong(name, "negative", {"value": str(made.pop(name))}) for name in below]
    wrong += [Wrong(name, "missing") for name in REQUIRED if not made.get(name)]
    for name in ("real_name", "card"):
        if made.get(name, "stub") != "stub" and not str(made[name]).startswith(("http://", "https://")):
            wrong.append(Wrong(name, "bureau"))
        elif made.get(name, "stub") != "stub" and not made.get("bureau_token"):
            wrong.append(Wrong("bureau_token", "bureau_token"))
    for part in map(str.strip, filter(str.strip, made.get("services", "").split(","))):
        if not SERVICE.fullmatch(part):
            wrong.append(Wrong("services", "services", {"value": part}))
        elif not made.get("bureau_token"):
            wrong.append(Wrong("bureau_token", "bureau_token"))
    users = made.get("console_users", ())
    if not all(CONSOLE_USER.fullmatch(user) for user in users):
        wrong.append(Wrong("console_users", "console_users"))
    elif len({user.partition(":")[0] for user in users}) < len(users):
        wrong.append(Wrong("console_users", "console_twice"))
    if made.get("metrics") and not LISTENS.fullmatch(made["metrics"]):
        wrong.append(Wrong("metrics", "metrics"))
    wrong += _page(made)
    if made.get("notify"):
        wrong += [Wrong(n, "notify") for n in ("notify_template", "notify_fields") if not made.get(n)]
    for part in filter(None, made.get("notify_fields", "").split(",")):
        wrong += _notify_field(part.strip())
    wrong += _callback_keys(
        made.get("callback_key", ""), made.get("callback_keys", ()), may_call_back(made.get("services", ""))
    )
    settings = Settings(**made)
    if settings.face_check == "page" and settings.tag_key and not face_key(settings):
        wrong.append(Wrong("callback_keys", "face_key"))
    wrong += [Wrong(name, code) for name, code in unfit(settings, root)]
    return settings, wrong


def _page(made: Mapping[str, Any]) -> list[Wrong]:
    """Checks the page's address: http, where cookies travel in clear, only on this machine."""
    wrong = []
    if made.get("page", "no") != "no" and not PAGE_URL.fullmatch(made.get("public_url", "")):
        wrong.append(Wrong("public_url", "page_url"))
    if made.get("page") == "account" and not made.get("wechat_app_secret"):
        wrong.append(Wrong("wechat_app_secret", "page_account"))
    if made.get("face_check") == "page" and made.get("page", "no") == "no":
        wrong.append(Wrong("page", "face_page"))
    if made.get("page_verify") and not VERIFY.fullmatch(made["page_verify"]):
        wrong.append(Wrong("page_verify", "page_verify"))
    return wrong


def _notify_field(part: str) -> list[Wrong]:
    if not NOTIFY_FIELD.fullmatch(part):
        return [Wrong("notify_fields", "notify_fields", {"value": part})]
    field, _, words = part.partition("=")
    known = kind(field)
    if known is None or takes(field, words):
        return []
    about = {"field": field, "value": words, "takes": partial(message, "notices", field.rstrip("0123456789"))}
    return [Wrong("notify_fields", "notify_form", about)]


def _callback_keys(one: str, own: tuple[str, ...], services: tuple[str, ...]) -> list[Wrong]:
    """Returns what is wrong with them; never the keys themselves."""
    wrong = (
        [Wrong("callback_key", "callback_key", {"length": str(KEY_LENGTH)})]
        if 0 < len(one) < KEY_LENGTH
        else []
    )
    seen: set[str] = set()
    for number, part in enumerate(own, 1):
        service, _, key = part.partition("=")
        about = {"part": str(number), "among": ", ".join(services), "length": str(KEY_LENGTH)}
        if service not in services or len(key) < KEY_LENGTH:
            wrong.append(Wrong("callback_keys", "callback_keys", about))
        elif {service, key} & seen:
            wrong.append(Wrong("callback_keys", "callback_twice", about))
        seen |= {service, key}
    return wrong


def _written(path: Path) -> tuple[dict[str, Any], list[Wrong]]:
    raw = content_of(path)
    if raw == MISSING and not path.is_symlink():
        return {}, []
    source = parse(path.name, raw)
    for finding in source.findings:
        if finding.severity == "error":
            return {}, [Wrong("", "unreadable", {"why": _why(finding)})]
    if source.data is not None and not isinstance(source.data, dict):
        return {}, [Wrong("", "unreadable", {"why": phrase("no-settings")})]
    return source.data or {}, []


def _why(finding: Finding) -> Phrase:
    return lambda language: f"{finding.line}:{finding.col}: {finding.sentence_in(language)}"


def value_of(kind: str, value: str) -> Any:
    """Converts a value to the field's type.

    Raises:
        ValueError.
    """
    if kind == "int":
        return int(value)
    if kind == "float":
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(value)
        return number
    if kind.startswith("tuple"):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value
