"""`shebao new flow NAME`: writes a flow that asks, confirms and answers, its texts, and a passing replay."""

from __future__ import annotations

import re
from pathlib import Path

from bot.content.read.city import file_of
from bot.content.read.files import replace_file
from bot.content.schema import modeline

_NAME = re.compile(r"[a-z][a-z0-9_]{0,38}")
_TITLE = re.compile(r"[^\W_][\w· ]{0,19}(?<! )")
_FLOW = """\
{modeline}
flow: {name}
start: {{}}
slots:
  topic: {{type: choice, values: [one, other]}}
steps:
  topic:
    collect: topic
  check:
    confirm: check
    next: {{agreed: done, refused: kept}}
  done:
    say: done
    next: end
  kept:
    say: kept
    next: stop
"""
_CHINESE = """\
{modeline}
title: {title}
words: [我要{title}]
slots:
  topic:
    label: 事项
    ask: 大约1分钟，不收费。您要办哪一样？
    values: {{one: 第一样, other: 另一样}}
    again:
      - 请回复1或2。
      - 不清楚就回复“人工”。
    help: 两样都不是，请回复“人工”。
texts:
  check:
    text: "请核对：您选的是{{topic}}。"
    agreed: 就办这样
    refused: 先不办这样
  done: |-
    【已记下】您选的是{{topic}}。
    您的卡没有改动。
  kept: 好的，没有办，您的卡没有改动。
"""
_ENGLISH = """\
{modeline}
title: {english}
words: [start {english}]
slots:
  topic:
    label: matter for {english}
    ask: About 1 minute, free. Which one is it?
    values: {{one: The first one, other: The other one}}
    again:
      - Please reply 1 or 2.
      - If you are not sure, reply “person”.
    help: If it is neither, reply “person”.
texts:
  check:
    text: "Please check: you chose {{topic}}."
    agreed: Go ahead with it
    refused: Leave it for now
  done: |-
    NOTED: you chose {{topic}}.
    Your card has not been changed.
  kept: All right, nothing was done. Your card has not been changed.
"""
_REPLAY = """\
# yaml-language-server: $schema=./replay.schema.json
about: {title}：选一样，核对，办好
turns:
  - say: 我要{title}
    says: [{name}.topic.ask]
    words:
      zh-CN: |-
        大约1分钟，不收费。您要办哪一样？
        回复数字，或直接点：
        1. 第一样
        2. 另一样
      en: |-
        About 1 minute, free. Which one is it?
        Reply with a number, or tap:
        1. The first one
        2. The other one
    at: {name}.topic
  - say: "1"
    says: [{name}.check]
    words:
      zh-CN: |-
        请核对：您选的是第一样。
        请点一项，或照着回复：
        就办这样
        先不办这样
      en: |-
        Please check: you chose The first one.
        Tap one, or reply with the same words:
        Go ahead with it
        Leave it for now
    at: {name}.check
  - tap: 就办这样
    says: [{name}.done]
    words:
      zh-CN: |-
        【已记下】您选的是第一样。
        您的卡没有改动。
      en: |-
        NOTED: you chose The first one.
        Your card has not been changed.
    at: nothing
"""


class Taken(ValueError):
    """The name cannot be used; the text says why."""


def flow_files(name: str, title: str = "") -> dict[str, str]:
    """Returns the four files with their text. `title`: its Chinese name.

    Raises:
        Taken.
    """
    if not _NAME.fullmatch(name) or name in (
        "pages",
        "common",
        "policy",
        "open",
        "hours",
        "today",
        "engine",
        "end",
        "stop",
    ):
        raise Taken(f"“{name}” cannot be a flow's name: small letters, digits and _, a letter first.")
    if title and not _TITLE.fullmatch(title):
        raise Taken(f"“{title}” cannot be a flow's title: up to 20 characters or digits, no punctuation.")
    templates = {
        f"flows/{name}.yaml": _FLOW,
        f"messages/zh-CN/{name}.yaml": _CHINESE,
        f"messages/en/{name}.yaml": _ENGLISH,
        f"tests/replays/{name}.yaml": _REPLAY,
    }
    words = {"name": name, "title": title or f"新事项{name}", "english": name.replace("_", " ")}
    return {file: text.format(**words, modeline=modeline(file)) for file, text in templates.items()}


def new_flow(root: Path, name: str, title: str = "") -> list[Path]:
    """Writes the four files; overwrites none.

    Raises:
        Taken.
    """
    made = flow_files(name, title)
    there = [file for file in made if file_of(root, file).exists()]
    if there:
        raise Taken(f"{', '.join(there)} is there already. Nothing was written.")
    for file, text in made.items():
        replace_file(root / file, text.encode())
    return [root / file for file in made]
