"""What the documents show can be done as they show it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app import Bot
from bot.content.load import load
from bot.engine.effects import Reply
from bot.engine.events import TextReceived

from .kit import READMES, REFERENCES, ROOT, blocks, overlaid

AT = 1_760_000_000  # a Thursday


def lines(reply: Reply) -> list[str]:
    """A reply as the terminal shows it."""
    options = [f"{o.number}. {o.label}" if o.number else f"▸ {o.label}" for o in reply.options]
    return [*reply.text.splitlines(), *([reply.lead] if options else []), *options]


def talk(bot: Bot, who: str) -> Callable[[str], list[str]]:
    """Say something as a resident, get the lines of the answer. Four digits stand for the code just shown."""
    count, code = 0, ""

    def say(words: str) -> list[str]:
        nonlocal count, code
        count += 1
        event = TextReceived(AT + count, count * 7919, text=code if re.fullmatch(r"\d{4}", words) else words)
        told = bot.turns.handle(who, "gh", f"{who}:{count}", event)
        told.on_sent()
        answer = lines(told.reply)
        code = "".join(re.findall(r"\d(?= \d|$)", "".join(answer[:1])))[-4:]
        return answer

    return say


def blurred(line: str) -> str:
    """Without what differs from day to day: receipt numbers, codes and dates."""
    line = re.sub(r"\d{10}", "N", line)
    line = re.sub(r"\d( \d){3}", "C", line)
    return re.sub(r"\d{4}-\d\d-\d\d \(\w+\)|\d{4}年\d+月\d+日（周.）", "D", line)


@pytest.mark.quick(2)
@pytest.mark.parametrize("name", [*READMES, *REFERENCES])
def test_every_yaml_example_loads(name: str, tmp_path: Path) -> None:
    """Neither an error nor a warning that the shipped content does not have."""
    assert blocks(name, "yaml")
    shipped = {str(f).partition(": ")[2] for f in load(ROOT).findings}
    loaded = load(overlaid(name, tmp_path))
    assert not [str(f) for f in loaded.findings if str(f).partition(": ")[2] not in shipped]
    assert loaded.content is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", [*READMES, *REFERENCES])
def test_a_slip_in_an_example_would_be_found(name: str, tmp_path: Path) -> None:
    root = overlaid(name, tmp_path)
    first = re.search(r"# (?:file|add to): (messages/zh-CN/\S+)", "".join(blocks(name, "yaml")))
    assert first
    path = root / first[1]
    path.write_text(path.read_text().replace("title: ", "titel: "))
    assert load(root).content is None


@pytest.mark.parametrize(("name", "before"), [("README.md", "English"), ("README.zh-CN.md", "")])
def test_the_sample_conversation_is_what_the_program_says(name: str, before: str, bot: Bot) -> None:
    """`…` stands for lines that were left out."""
    say = talk(bot, name)
    if before:
        say(before)
    for passage in re.split(r"(?m)^> ", blocks(name, "text")[0])[1:]:
        words, *shown = passage.splitlines()
        told = "\n".join(map(blurred, say(words)))
        wanted = "\n".join(
            "…" if s.strip() == "…" else blurred(s.removeprefix("  │").removeprefix(" ")) for s in shown
        )
        assert re.fullmatch(re.escape(wanted).replace("…", "(.|\n)*"), told), f"to “{words}” it says:\n{told}"


@pytest.mark.parametrize("name", READMES)
def test_the_flow_and_the_page_of_the_readme_answer(
    name: str, tmp_path: Path, make_bot: Callable[..., Bot]
) -> None:
    say = talk(make_bot(overlaid(name, tmp_path)), "reader")
    assert "您想怎么拍？" in say("照片要求")
    assert say("1")[0].startswith("白底")
    assert say("芯片坏了")[0].startswith("坏了的卡")


def test_the_flow_of_the_reference_blocks_a_card(tmp_path: Path, make_bot: Callable[..., Bot]) -> None:
    say = talk(make_bot(overlaid(REFERENCES[0], tmp_path)), "reader")
    say("一键停卡")
    say("同意")
    say("660101198001010018")
    say("张三")
    assert any("请核对" in line for line in say("0000"))
    assert say("停用这张卡")[0].startswith("【已停用】受理号")
    assert "1. 卡找到了，恢复使用" in say("取消")


@pytest.mark.slow
def test_a_language_is_added_as_the_readme_says(tmp_path: Path) -> None:
    """Copy a language's directory and let its common.yaml name it."""
    root = overlaid("README.md", tmp_path)
    there = root / "messages" / "fr"
    there.mkdir()
    for path in (root / "messages" / "en").iterdir():
        text = path.read_text()
        if path.name == "common.yaml":
            text = re.sub(r"(?m)^  language: .*$", "  language: {fr: [Français]}", text)
        (there / path.name).write_text(text)
    content = load(root, "fr").content
    assert content is not None
    assert content.default_language == "fr"
    assert content.recovery["français"] == "language:fr"
