"""What the page says of all that is written for the chat: nobody replies by a message there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.content.check.variants import parts, sentence
from bot.engine.flow import Language, Text
from bot.engine.wording import on_page
from bot.page.rendering import HERE

from .test_screen import RECEIPT, content, screen

CHAT = {
    "zh-CN": re.compile(
        r"(?<!聊天里)(?<!几条)回复|＋|右下角|打字|直接说|下面的字|"
        r"发过来|请发|再发|(?<!微信)重新?发|发一[次张个]"
    ),
    "en": re.compile(
        r"(?<!in the chat, )\breply\b|＋|\bsend (it|the|them|both)\b|\btype (?!it,)|just say", re.I
    ),
}
IN_THE_CHAT = {
    *("choose", "choose_also", "choose_words", "page_first", "chat_first", "page_only", "typed_here"),
    *("voice", "person_wait"),
}
"""Leads and texts that no page shows."""


def texts(language: Language) -> Iterator[tuple[str, Text]]:
    for name, text in language.common.items():
        if name not in IN_THE_CHAT:
            yield f"common.{name}", text
    for name, words in (*language.flows.items(), *language.pages.items()):
        for key, text in words.texts.items():
            yield f"{name}.{key}", text
        for slot, said in words.slots.items():
            for part in (said.ask, said.help, said.why, said.line, *said.again, *said.values.values()):
                if part is not None:
                    yield f"{name}.{slot}", part


def sentences(language: Language) -> list[tuple[str, str]]:
    found = [(name, part) for name, text in texts(language) for part, _ in parts(text, ())]
    return [(name, sentence(v, lambda path: "7")) for name, part in found for v in part.variants]


@pytest.mark.parametrize("code", ["zh-CN", "en"])
def test_no_text_of_the_page_speaks_of_replying(code: str) -> None:
    language = content().languages[code]
    wrong = {
        name: shown
        for name, said in sentences(language)
        if CHAT[code].search(shown := on_page(said, language)) and "接通后" not in shown
    }
    assert not wrong


@pytest.mark.parametrize("code", ["zh-CN", "en"])
def test_every_line_of_it_is_in_a_text(code: str) -> None:
    """A text that was changed meanwhile would be shown as the chat says it."""
    language = content().languages[code]
    said = "\n".join(text for _, text in sentences(language))
    unused = {line for line in language.on_page if line not in said and "chat" not in line}
    assert unused <= {"聊天里回复“"}


def test_an_old_webview_reads_every_rule() -> None:
    """Before Chrome 88, which phones still have, a list within :not() drops the whole rule: tiny fields."""
    assert not re.search(r":not\([^)]*,", (HERE / "static/page.css").read_text("utf-8"))


def test_what_was_said_and_what_waits_is_worded_too() -> None:
    shown = screen(RECEIPT)
    assert shown.worded("还不知道有没有办成。过一会儿回复“好了吗”看结果。") == (
        "还不知道有没有办成。过一会儿点“看看好了没有”看结果。"
    )
    assert shown.worded("不对请在聊天里回复“改姓名”。") == "不对请在聊天里回复“改姓名”。"
