"""A phrase is added where an operator would write it, and nothing else of the file changes."""

from __future__ import annotations

import pytest
from conftest import ROOT

from bot.content.edits import NoPlace, with_phrase
from bot.content.load import load_files
from bot.content.read.files import Files, collect
from bot.engine.flow import Target

FLOW, PAGE = Target(flow="x"), Target(page="p")
FLOW_FILE, PAGE_FILE = "messages/zh-CN/x.yaml", "messages/zh-CN/pages.yaml"


def added(target: Target, text: str, phrase: str = "新词") -> str:
    file = PAGE_FILE if target.page else FLOW_FILE
    return with_phrase({file: text.encode()}, target, "zh-CN", phrase)[file].decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: 甲\nwords: [乙, 丙]  # 常见\n", "title: 甲\nwords: [乙, 丙, 新词]  # 常见\n"),
        ("title: 甲\nwords: [乙,\n  丙,\n  ]\n", "title: 甲\nwords: [乙,\n  丙, 新词,\n  ]\n"),
        ("title: 甲\nwords: []\n", "title: 甲\nwords: [新词]\n"),
        ("words:\n  - 乙 # 一\n  - 丙\ntexts: {}\n", "words:\n  - 乙 # 一\n  - 丙\n  - 新词\ntexts: {}\n"),
        ("title: 甲\nwords:\n- 乙", "title: 甲\nwords:\n- 乙\n- 新词"),
        ("\ufefftitle: 😀\nwords: [乙]\n", "\ufefftitle: 😀\nwords: [乙, 新词]\n"),
        ("title: 甲 # 名字\ntexts: {}\n", "title: 甲 # 名字\nwords: [新词]\ntexts: {}\n"),
        ("{title: 甲, texts: {}}\n", "{title: 甲, words: [新词], texts: {}}\n"),
    ],
)  # fmt: skip
def test_into_the_list_as_it_is_written(before: str, after: str) -> None:
    assert added(FLOW, before) == after


def test_of_a_page_in_the_file_of_all_pages() -> None:
    before = "o:\n  title: 甲\n  words: [乙]\np:\n  title: 丙\n  text: 丁\n"
    assert added(PAGE, before) == before.replace("  text", "  words: [新词]\n  text")


def test_a_long_list_goes_on_in_the_next_line() -> None:
    after = added(PAGE, f"p:\n  title: 甲\n  words: [乙, {'长' * 98}]\n")
    assert after.endswith(f"{'长' * 98},\n    新词]\n")


@pytest.mark.parametrize("phrase", ["a: b", "[在", "# 号", "yes", "1", "{x}", "'", '"', "卡…丢", "- 丢"])
def test_what_yaml_would_read_otherwise_is_quoted(phrase: str) -> None:
    for words in ("[乙]", "\n  - 乙"):
        assert added(FLOW, f"title: 甲\nwords: {words}\n", phrase)


@pytest.mark.parametrize("text", ["- 甲\n", "words: 乙\ntexts: {}\n", "titel: 甲\n"])
def test_a_file_written_otherwise_is_left_alone(text: str) -> None:
    with pytest.raises(NoPlace):
        added(FLOW, text)
    with pytest.raises(NoPlace):
        with_phrase({}, FLOW, "zh-CN", "新词")


@pytest.mark.slow
def test_every_flow_and_page_that_is_shipped_takes_one() -> None:
    files: Files = collect(ROOT)
    content = load_files(files).content
    assert content
    targets = [Target(flow=name) for name, flow in content.flows.items() if not flow.by_time]
    targets += [Target(page=name) for name in content.pages]
    for language in content.languages:
        for target in targets:
            files = with_phrase(files, target, language, f"紫色 {target.name} {language}")
    changed = load_files(files).content
    assert changed
    more = len(changed.guesser.known.phrases) - len(content.guesser.known.phrases)
    assert more == len(content.languages) * len(targets)
