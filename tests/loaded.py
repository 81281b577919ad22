"""What is shipped, loaded once in a process; and a fast way to read YAML that tests hold."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.content.load import Loaded, load
from bot.engine.content import Content

ROOT = Path(__file__).parent.parent


@cache
def shipped() -> Loaded:
    return load(ROOT)


def shipped_content() -> Content:
    content = shipped().content
    assert content is not None
    return content


def read_yaml(file: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # of libyaml: ten times as fast
    return yaml.load(file.read_text("utf-8"), Loader=loader)  # noqa: S506 - safe, either of them
