"""What the tests of replays share."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot import logs
from bot.kit.replay.fixture import BadReplay, load
from bot.kit.replay.play import Played, play
from bot.kit.replay.stage import Scenery, scenery

ROOT = Path(__file__).parents[2]
SIGN_IN = """\
  - {tap: "同意，继续", expect: ~18位}
  - {say: "{id_number}", expect: ~姓名}
  - {say: "{name}", expect: ~4个数字}
"""
CODE = '  - {say: "{code}", expect: ~卡要怎么停}\n'


@cache
def stage() -> Scenery:
    logs.configure("CRITICAL")
    return scenery(ROOT)


def written(folder: Path, text: str) -> Path:
    path = folder / "made.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def played(folder: Path, text: str, match: str = "all") -> Played:
    return play(load(written(folder, text)), stage(), match=match)


def findings(folder: Path, text: str) -> list[str]:
    try:
        load(written(folder, text))
    except BadReplay as e:
        return [str(f) for f in e.findings]
    return []


def to_the_kind(person: str = "张三", more: str = "") -> str:
    """Signed in, at the question how to stop the card."""
    head = f"resident: {{person: {person}}}\n{more}turns:\n  - {{tap: 挂失停用, expect: ~您同意吗}}\n"
    return head + SIGN_IN + CODE
