"""Files as a whole: what cannot be read, what is missing, and how findings are printed."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import engine.kit
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.content import check
from bot.content.load import load, load_files
from bot.content.masking import private
from bot.content.messages import CHINESE
from bot.content.read import forms
from bot.content.read.files import written
from bot.content.read.source import Source, nearest
from bot.content.read.words import normal

from .kit import ROOT, edited

pytestmark = pytest.mark.slow  # seconds together

FUZZED = [
    "flows/report_loss.yaml",
    "flows/pages.yaml",
    "messages/zh-CN/report_loss.yaml",
    "messages/zh-CN/common.yaml",
    "messages/en/pages.yaml",
    "config/menu.yaml",
    "config/policy.yaml",
    "config/calendar.yaml",
    "config/outlets.yaml",
    "config/settings.yaml",
    "config/stub.yaml",
]
ZH = "messages/zh-CN/report_loss.yaml"


def codes(root: Path) -> set[tuple[str, str]]:
    return {(f.code, f.file) for f in load(root).findings}


def test_a_misspelt_policy_name_is_said_once_with_both_names(copy: Path) -> None:
    path = copy / "config/policy.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("express: {value", "expres: {value"), encoding="utf-8")
    found = {f.file: f.sentence for f in load(copy).findings}
    assert "“expres”, and “express” is asked for" in found["config/policy.yaml"]
    assert "Did you mean" not in "".join(found.values()), "the name asked for may well be the right one"
    path.write_text(before, encoding="utf-8")
    flow = copy / "flows/reissue.yaml"
    flow.write_text(flow.read_text(encoding="utf-8").replace("policy.formal_loss", "policy.formal_los", 1))
    (sentence,) = (f.sentence for f in load(copy).findings)
    assert "Did you mean “formal_loss”?" in sentence, "which others ask for"


def test_a_save_compares_no_phrase_anew_that_was_there_before() -> None:
    """A cache that holds fewer phrases than the content has finds none of them."""
    files = dict(written(ROOT))
    load_files(files)
    before = normal.cache_info().misses, private.cache_info().misses
    load_files(files | {"flows/rate.yaml": files["flows/rate.yaml"] + b"# saved\n"})
    assert (normal.cache_info().misses, private.cache_info().misses) == before


def write(name: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_text(text, encoding="utf-8")


def directory(name: str) -> Callable[[Path], object]:
    def made(root: Path) -> None:
        (root / name).unlink()
        (root / name).mkdir()

    return made


@pytest.mark.parametrize(
    ("break_it", "code", "file"),
    [
        (lambda r: (r / ZH).unlink(), "missing-words", "flows/report_loss.yaml"),
        (directory("config/menu.yaml"), "unreadable", "config/menu.yaml"),
        (lambda r: shutil.rmtree(r / "messages"), "missing-file", "messages/zh-CN/common.yaml"),
        (lambda r: shutil.rmtree(r / "flows"), "missing-file", "flows/pages.yaml"),
        (write(ZH, ""), "empty", ZH),
        (write(ZH, "# nothing\n"), "empty", ZH),
        (write(ZH, "- a list\n"), "shape", ZH),
        (write(ZH, "only words\n"), "shape", ZH),
        (write(ZH, "yes\n"), "shape", ZH),
        (write(ZH, "[丢了, 不见了]\n"), "shape", ZH),
        (write(ZH, "title: x\n---\ntitle: y\n"), "two-documents", ZH),
        (write(ZH, "title: !<x y\n"), "syntax", ZH),
        (write(ZH, "title: ["), "bracket-open", ZH),
        (write(ZH, "a: " + "[" * 900 + "]" * 900), "nested", ZH),
        (write(ZH, "[" * 100_000), "nested", ZH),  # these three end the process where libyaml meets them
        (write(ZH, "- " * 100_000), "nested", ZH),
        (write(ZH, "a: {" * 30_000), "nested", ZH),
        (write("config/settings.yaml", "language: []\n"), "shape", "config/settings.yaml"),
        (write("config/menu.yaml", "[]\n"), "menu-empty", "config/menu.yaml"),
        (write("flows/rate.yaml", "flow: rate\nsteps: {}\n"), "no-steps", "flows/rate.yaml"),
        (write("flows/extra.yml", "flow: extra\n"), "file-name", "flows/extra.yml"),
    ],
)  # fmt: skip
def test_whole_files(copy: Path, break_it: Callable[[Path], object], code: str, file: str) -> None:
    break_it(copy)
    assert (code, file) in codes(copy)
    assert load(copy).content is None


def test_somebody_must_be_reached_though_nothing_leads_there(tmp_path: Path) -> None:
    made = {"a": "flow: a\nsteps: {s: {say: s, next: end}}\n"}
    engine.kit.write(tmp_path, made, {"a": "title: 事情\ntexts: {s: 好}\n"})
    (tmp_path / "flows/hand_off.yaml").unlink()
    (tmp_path / "messages/zh-CN/hand_off.yaml").unlink()
    (tmp_path / "config/menu.yaml").write_text("- {name: 事情, flow: a}\n", "utf-8")
    assert ("no-person", "config/policy.yaml") in codes(tmp_path)


def move(name: str, to: str) -> Callable[[Path], object]:
    def moved(root: Path) -> None:
        (root / to).parent.mkdir(parents=True, exist_ok=True)
        (root / name).rename(root / to)

    return moved


def gone(name: str) -> Callable[[Path], object]:
    return lambda root: (root / name).unlink()


def recode(name: str, encoding: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_bytes((root / name).read_text("utf-8").encode(encoding))


LOSS = "flows/report_loss.yaml"


@pytest.mark.parametrize(
    ("break_it", "code", "file"),
    [
        (move(LOSS, f"{LOSS}.txt"), "file-name", f"{LOSS}.txt"),
        (move(LOSS, "flows/Report_Loss.yaml"), "file-name", "flows/Report_Loss.yaml"),
        (move(LOSS, "flows/report_loss.YML"), "file-name", "flows/report_loss.YML"),
        (move(LOSS, "flows/report_loss (1).yaml"), "file-name", "flows/report_loss (1).yaml"),
        (move(LOSS, "flows/card/report_loss.yaml"), "file-name", "flows/card/report_loss.yaml"),
        (move(LOSS, "flows/loss.yaml"), "flow-name", "flows/loss.yaml"),
        (gone(LOSS), "gone", LOSS),
        (gone("flows/hand_off.yaml"), "gone", "flows/hand_off.yaml"),
        *((gone(name), "missing-file", name) for name in (
            "flows/pages.yaml", "messages/zh-CN/pages.yaml", "messages/en/pages.yaml",
            "messages/zh-CN/common.yaml", "config/menu.yaml", "config/policy.yaml", "config/outlets.yaml",
        )),
        (gone("messages/en/common.yaml"), "no-language", "messages/en"),
        (move(ZH, f"{ZH}.txt"), "file-name", f"{ZH}.txt"),
        (move("config/outlets.yaml", "config/outlet.yaml"), "file-name", "config/outlet.yaml"),
        (move("config/menu.yaml", "config/menus.yaml"), "file-name", "config/menus.yaml"),
        (move(ZH, "messages/report_loss.yaml"), "file-name", "messages/report_loss.yaml"),
        (move(ZH, "messages/zh-CN/loss.yaml"), "words-renamed", "messages/zh-CN/loss.yaml"),
        (move("messages/zh-CN", "messages/zh-cn"), "file-name", "messages/zh-cn"),
        (move("messages/zh-CN", "messages/zh_CN"), "file-name", "messages/zh_CN"),
        (lambda r: shutil.copytree(r / "messages/en", r / "messages/cn", ignore=lambda *_: ["common.yaml"]),
         "no-language", "messages/cn"),
        (move("config/policy.yaml", "config/policy.yml"), "file-name", "config/policy.yml"),
        (move("config/policy.yaml", "config/policy.yaml.txt"), "file-name", "config/policy.yaml.txt"),
        (recode(LOSS, "utf-16"), "encoding", LOSS),
        (recode("config/policy.yaml", "gb18030"), "encoding", "config/policy.yaml"),
        (recode("config/menu.yaml", "utf-16-le"), "encoding", "config/menu.yaml"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_as_a_whole_is_one_finding(
    copy: Path, break_it: Callable[[Path], object], code: str, file: str
) -> None:
    break_it(copy)
    assert [(f.code, f.file) for f in load(copy).findings] == [(code, file)]
    assert load(copy).content is None


@pytest.mark.parametrize("name", ["en - 副本", "en - Copy", "en (2)", "备份"])
def test_a_copied_folder_is_no_language(copy: Path, name: str) -> None:
    shutil.copytree(copy / "messages/en", copy / "messages" / name)
    made = load(copy)
    assert [(f.code, f.file) for f in made.findings] == [("not-read", f"messages/{name}")]
    assert made.content is not None
    assert sorted(made.content.languages) == ["en", "zh-CN"]


def test_a_lock_file_of_word_is_no_content(copy: Path) -> None:
    (copy / "flows/~$rate.yaml").write_bytes(b"\x05clerk")
    assert not load(copy).findings


@pytest.mark.parametrize(
    ("code", "raw", "likely"),
    [
        ("date", "2026.10.1", "2026-10-01"), ("date", "2026年1月31日", "2026-01-31"),
        ("date", "2026/2/30", ""), ("date", "10月1日", ""),
        ("hours-clock", "9：00", "9:00"), ("hours-clock", "9点半", "9:30"), ("hours-clock", "5pm", "17:00"),
        ("hours-clock", "9:00-17:00", ""), ("hours-clock", "29点", ""),
        ("hours-days", "1—5", "1-5"), ("hours-days", "周一至周五", "1-5"), ("hours-days", "每天", ""),
    ],
)  # fmt: skip
def test_the_right_form_of_a_value_is_named_where_it_is_sure(code: str, raw: str, likely: str) -> None:
    assert forms.likely(code, raw) == likely


def test_a_file_of_windows_is_as_good_as_any(copy: Path) -> None:
    """A byte order mark and \\r\\n, as Notepad writes them."""
    raw = (copy / ZH).read_bytes()
    (copy / ZH).write_bytes(b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"))
    assert not load(copy).findings


@pytest.mark.parametrize("text", ["- " * 100_000, "word\n" * 100_000])
def test_a_file_made_to_be_slow_is_read_at_once(copy: Path, text: str) -> None:
    write(ZH, text)(copy)
    before = time.process_time()
    assert load(copy).content is None
    assert time.process_time() - before < 20  # seconds; minutes where each line looked at all others


def spoils(content: Path, data: st.DataObject) -> None:
    """Lines of a file torn out, doubled, swapped or spoilt: never an exception."""
    file = data.draw(st.sampled_from(FUZZED))
    path = content / file
    before = path.read_bytes()
    lines = before.decode().split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    how = data.draw(st.sampled_from(["drop", "double", "spoil", "indent", "value"]))
    if how == "drop":
        del lines[at]
    elif how == "double":
        lines.insert(at, lines[at])
    elif how == "indent":
        lines[at] = "  " + lines[at]
    elif how == "value":
        junk = data.draw(st.sampled_from(["", "[]", "{}", "{a: {b: c}}", "[[x]]", "null", "~", "- x", "'"]))
        lines[at] = lines[at].partition(":")[0] + ": " + junk
    else:
        col = data.draw(st.integers(0, len(lines[at])))
        lines[at] = (
            lines[at][:col] + data.draw(st.sampled_from(list("：，{}[]#\"'|&*!%@\t　-?"))) + lines[at][col:]
        )
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        for finding in load(content).findings:
            assert finding.line >= 1
            assert finding.col >= 1
            assert finding.sentence_in(CHINESE)
    finally:
        path.write_bytes(before)


FUZZING = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZING
@given(data=st.data())
def test_whatever_is_written_is_answered_with_findings(content: Path, data: st.DataObject) -> None:
    spoils(content, data)


@pytest.mark.slow
@settings(FUZZING, max_examples=40)
@given(data=st.data())
def test_whatever_is_written_looked_at_for_longer(content: Path, data: st.DataObject) -> None:
    spoils(content, data)


@pytest.fixture
def broken(content: Path) -> Iterator[Path]:
    with edited(content, "flows/report_loss.yaml", "undo: cancel_loss", "undo: cancel_los"):
        yield content


@pytest.mark.parametrize("text", ["[]\n", "id: pa-heping\n"])
def test_outlets_are_a_list_with_one_at_least(copy: Path, text: str) -> None:
    write("config/outlets.yaml", text)(copy)
    found = load(copy).findings
    assert [(f.file, f.code) for f in found] == [("config/outlets.yaml", "shape")]
    assert "网点的列表，至少一个" in found[0].zh


def test_a_policy_that_cannot_be_read_is_one_finding(copy: Path) -> None:
    """Not one more for every place that asks for one of its values."""
    policy = copy / "config/policy.yaml"
    policy.write_text(policy.read_text().replace("fee_reissue: {value: 20元", "fee_reissue: {value:"))
    found = [f for f in load(copy).findings if f.file != "config/policy.yaml"]
    assert {f.code for f in found} <= {"unrouted-open"}


def test_what_has_no_values_is_not_said_of_their_words(copy: Path) -> None:
    flow = copy / "flows/report_loss.yaml"
    flow.write_text(flow.read_text().replace("values: [lost, stolen]", "values: []"))
    assert {f.code for f in load(copy).findings} == {"choice"}


def test_a_flow_with_a_mistake_is_not_called_missing_elsewhere(content: Path) -> None:
    """One slip in a flow that others rest on is one finding, not forty."""
    with edited(content, "flows/sign_in.yaml", "lasts: policy", "lasst: policy"):
        found = load(content).findings
    assert [(f.code, f.file) for f in found] == [("unknown-key", "flows/sign_in.yaml")]


def test_text_in_both_languages(broken: Path) -> None:
    english = CliRunner().invoke(check, [str(broken), "--today", "2026-12-01"])
    assert english.exit_code == 1
    assert english.output.splitlines()[0] == (
        "flows/report_loss.yaml:5:7: error [unknown-flow] "
        "There is no flow “cancel_los”. Did you mean “cancel_loss”?"
    )
    chinese = CliRunner().invoke(check, [str(broken), "--lang", "zh-CN", "--today", "2026-12-01"])
    assert "错误 [unknown-flow] 没有流程“cancel_los”。是不是想写“cancel_loss”？" in chinese.output
    assert "这份内容不会启用" in chinese.output


def test_json_is_json_and_nothing_else(broken: Path) -> None:
    made = CliRunner().invoke(check, [str(broken), "--format", "json", "--today", "2026-12-01"])
    assert made.exit_code == 1
    first = json.loads(made.stdout)[0]
    assert (first["file"], first["line"], first["col"], first["severity"], first["code"]) == (
        "flows/report_loss.yaml", 5, 7, "error", "unknown-flow",
    )  # fmt: skip


def test_github_annotations(broken: Path) -> None:
    made = CliRunner().invoke(check, [str(broken), "--format", "github", "--today", "2026-12-01"])
    assert made.output.startswith(
        "::error file=flows/report_loss.yaml,line=5,col=7,title=unknown-flow::There is"
    )


def test_a_clean_content_says_so(content: Path) -> None:
    made = CliRunner().invoke(check, [str(content), "--today", "2026-12-01"])
    assert made.exit_code == 0
    assert made.output.startswith("Good: 12 flows")


def test_policy_that_nobody_checked_for_180_days(content: Path) -> None:
    old = [f for f in load(content, today=date(2027, 6, 1)).findings if f.code == "policy-old"]
    assert len(old) > 20
    assert load(content, today=date(2027, 6, 1)).content is not None, "a warning does not stop the service"
    assert not load(content).findings, "without a date, nothing is old"


def test_what_was_probably_meant() -> None:
    assert nearest("cancel_los", ["cancel_loss", "card_home"]) == "cancel_loss"
    assert nearest("Card_Home", ["cancel_loss", "card_home"]) == "card_home"
    assert nearest("xyz", ["cancel_loss"]) == ""


def test_a_sentence_of_ones_own_for_those_who_have_no_saying() -> None:
    source = Source("x.yaml")
    source.error((), "own-code", "What I have to say.")
    assert str(source.findings[0]) == "x.yaml:1:1: error [own-code] What I have to say."
