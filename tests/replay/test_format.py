"""A replay is about one thing: signed in from the start, texts by their ids, values by their names."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.kit.replay import mutations
from bot.kit.replay.remote import over_http
from bot.kit.replay.run import Options, one

from .kit import ROOT, findings, played, stage, written

HEAD = "resident: {person: 张三, signed_in: yes}\n"
LOSS = HEAD + "turns:\n  - {tap: 挂失停用, says: [report_loss.kind.ask], at: report_loss.kind}\n"
BY_HAND = """\
resident: {person: 张三}
turns:
  - {tap: 挂失停用, expect: ~您同意吗}
  - {tap: "同意，继续", expect: ~18位}
  - {say: "{id_number}", expect: ~姓名}
  - {say: "{name}", expect: ~4个数字}
  - {say: "{code}", expect: ~已核对}
"""
BLOCK = '"先停用{policy.temporary_days}天，找到了还能恢复（不用刷脸）"'
TEMPORARY = f"""\
  - {{tap: {BLOCK}, expect: "~停用{{policy.temporary_days}}天", says: report_loss.check}}
  - tap: 确认停用
    expect: ~{{today+policy.temporary_days}}自动恢复
    says: [report_loss.done_temporary.1]
    calls: [card.report_loss]
"""


# --- signed in ---------------------------------------------------------------------------------------
def test_a_conversation_may_begin_signed_in(tmp_path: Path) -> None:
    assert played(tmp_path, LOSS + TEMPORARY).failure is None


def test_whoever_begins_signed_in_knows_what_one_knows_who_signed_in(tmp_path: Path) -> None:
    more = "".join(f"  - {{say: {words}, expect: /./}}\n" for words in ("删除我的信息", "取消", "我的信息"))
    by_hand = played(tmp_path, BY_HAND + more).came[-1].facts
    begun = played(tmp_path, HEAD + "turns:\n  - {tap: 挂失停用, expect: /./}\n" + more).came[-1].facts
    assert by_hand
    assert begun
    assert {k: v for k, v in by_hand.slots.items() if "code" not in k} == begun.slots


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_prepared_answers_are_for_the_conversation_not_for_the_sign_in(tmp_path: Path, language: str) -> None:
    text = f"""\
resident: {{person: 李小芳, signed_in: yes, language: {language}}}
services:
  - real_name.check: {{outcome: locked}}
  - card.find: not_found
turns:
  - {{tap: 挂失停用, says: [report_loss.no_card], at: nothing}}
  - {{say: 退出登录, says: [sign_out.done], at: nothing}}
"""
    failure = played(tmp_path, text).failure
    assert failure
    assert "real_name.check was prepared but never called" in failure.difference.what


def test_who_cannot_sign_in_is_told_with_the_line(tmp_path: Path) -> None:
    failure = played(tmp_path, LOSS.replace("张三", "张小宝")).failure
    assert failure
    assert failure.line == 1
    assert "张小宝 was not signed in" in failure.difference.what


def test_the_first_turn_is_when_the_clock_says(tmp_path: Path) -> None:
    text = f"clock: 2026-11-23 00:00\n{LOSS}{TEMPORARY}".replace(
        "{today+policy.temporary_days}", "11月30日（周一）"
    )
    assert played(tmp_path, text).failure is None


# --- texts by their ids ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ("says: report_loss.kind.ask", True),
        ("says: [report_loss.check]", False),
        ("says: [report_loss.kind.ask, report_loss.check]", False),
        ("says: nothing", False),
        ("says: {any: [report_loss.check, [report_loss.kind.ask]]}", True),
        ("says: report_loss.kind.ask, expect: ~错", False),
    ],
)
def test_a_bubble_is_compared_by_the_ids_of_its_texts(tmp_path: Path, expected: str, holds: bool) -> None:
    failure = played(tmp_path, HEAD + f"turns:\n  - {{tap: 挂失停用, {expected}}}\n").failure
    assert (failure is None) == holds


def test_a_number_is_that_of_a_variant_and_may_be_left_out(tmp_path: Path) -> None:
    for name, differs in (("", False), (".1", True), (".2", False)):
        leave = f"  - {{say: 取消, says: [report_loss.unfinished{name}, common.stopped]}}\n"
        failure = played(tmp_path, LOSS + leave).failure
        assert (failure is not None) == differs, name
    failure = played(tmp_path, LOSS + leave.replace(".2", ".1"), match="steps").failure
    assert failure is None, "which variant is wording"
    failure = played(tmp_path, LOSS + leave.replace("stopped", "busy"), match="steps").failure
    assert failure, "which text is not"


@pytest.mark.parametrize("wrong", ["挂失", "report_loss", "[nothing, report_loss.check]", "[]"])
def test_what_is_no_id_is_told(tmp_path: Path, wrong: str) -> None:
    found = findings(tmp_path, f"turns:\n  - say: x\n    says: {wrong}\n")
    assert any(":3:" in f and "no id of a text" in f for f in found), found


def test_update_writes_ids_where_asked_or_where_there_are_some(tmp_path: Path) -> None:
    bare = HEAD + "turns:\n  - tap: 挂失停用\n  - say: 取消\n  - event: unsubscribe\n  - redeliver: last\n"
    path = written(tmp_path, bare)
    one(path, Options(ROOT, update=True, ids=True), stage())
    text = path.read_text("utf-8")
    assert "says: [report_loss.kind.ask]\n    at: report_loss.kind" in text
    assert "expect: nothing" in text
    assert text.count("says:") == 2
    path.write_text(text.replace("kind.ask", "check") + "  - say: 谢谢\n", "utf-8")
    one(path, Options(ROOT, update=True), stage())
    assert path.read_text("utf-8") == text + "  - say: 谢谢\n    says: [page.thanks]\n    at: nothing\n"


@pytest.mark.slow  # a server of its own
def test_over_http_ids_are_compared_by_the_words_of_their_texts(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(LOSS + TEMPORARY, "utf-8")
    bad.write_text(LOSS.replace("kind.ask", "check"), "utf-8")
    story = tmp_path / "story.yaml"
    story.write_text(STORY, "utf-8")
    held, failed, each = over_http([good, bad, story], Options(ROOT))
    assert (held.text, held.turns, each.text, each.turns) == ("", 3, "", 12)
    assert "bad.yaml:3: turn 1" in failed.text


# --- in every language -------------------------------------------------------------------------------
STORY = f"""\
{LOSS}  - {{tap: {BLOCK}, says: report_loss.check}}
  - {{say: 返回, says: report_loss.kind.ask}}
  - {{say: "1", says: report_loss.check}}
  - {{say: 再说一遍, expect: same}}
  - {{tap: 先不停, says: report_loss.kept.2, ends: report_loss.stop}}
"""


def test_a_replay_that_is_about_no_language_is_played_in_each(tmp_path: Path) -> None:
    for more, times in (("", 2), ("  - {say: 谢谢, expect: ~不客气}\n", 1)):
        path = written(tmp_path, STORY + more)
        found = one(path, Options(ROOT), stage())
        assert (found.text, found.turns) == ("", 6 * times + bool(more))
    path = written(tmp_path, STORY.replace("signed_in: yes", "signed_in: yes, language: zh-CN"))
    assert one(path, Options(ROOT), stage()).turns == 6


def test_a_failure_names_the_language(tmp_path: Path) -> None:
    path = ("languages", "en", "flows", "report_loss", "texts", "kept", "variants")
    text = stage().content.languages["en"].flows["report_loss"].texts["kept"]
    only = mutations.put(stage().content, path, text.variants[::-1])
    found = one(written(tmp_path, STORY), Options(ROOT), replace(stage(), content=only))
    assert "made.yaml:8: turn 6 says in en differs" in found.text
    assert found.turns == 12


def test_update_looks_at_the_other_languages_too(tmp_path: Path) -> None:
    path = ("languages", "en", "flows", "report_loss", "texts", "kept", "variants")
    text = stage().content.languages["en"].flows["report_loss"].texts["kept"]
    only = replace(stage(), content=mutations.put(stage().content, path, text.variants[::-1]))
    made = written(
        tmp_path,
        STORY.replace(
            "  - {tap: 先不停, says: report_loss.kept.2, ends: report_loss.stop}", "  - tap: 先不停"
        ),
    )
    assert "in en differs" in one(made, Options(ROOT, update=True), only).text
    assert "says: [report_loss.kept.2]" in made.read_text("utf-8")


# --- words in every language --------------------------------------------------------------------------
def test_a_turn_may_hold_its_words_in_every_language(tmp_path: Path) -> None:
    text = LOSS + "  - tap: 挂失停用\n    words: {}\n  - wait: 10m\n"
    path = written(tmp_path, text)
    assert "(no words in zh-CN" in one(path, Options(ROOT), stage()).text
    assert one(path, Options(ROOT, update=True), stage()).turns == 6
    filled = path.read_text("utf-8")
    assert "words:\n      zh-CN: |-" in filled
    assert "      en: |-\n" in filled
    for old, language in (("请点一项", "zh-CN"), ("Tap one", "en")):
        path.write_text(filled.replace(old, "?"), "utf-8")
        if old in filled:
            assert f"turn 2 words in {language} differs" in one(path, Options(ROOT), stage()).text
            one(path, Options(ROOT, update=True), stage())
            assert path.read_text("utf-8") == filled


def test_of_a_wait_the_words_are_what_was_pushed(tmp_path: Path) -> None:
    path = written(
        tmp_path, "push: yes\n" + LOSS + "  - wait: 11m\n    push: {says: [common.remind]}\n    words: {}\n"
    )
    one(path, Options(ROOT, update=True), stage())
    text = path.read_text("utf-8")
    assert "      zh-CN: " in text
    assert "      en: " in text
    assert one(path, Options(ROOT), stage()).text == ""
    path.write_text(text.replace("      en: |-\n        ", "      en: |-\n        x"), "utf-8")
    assert "turn 2 push in en differs" in one(path, Options(ROOT), stage()).text


def test_words_stand_once(tmp_path: Path) -> None:
    both = "turns:\n  - say: x\n    expect: a\n    words: {en: b}\n"
    assert any(":4:5:" in f and "not both" in f for f in findings(tmp_path, both))


# --- values by their names ---------------------------------------------------------------------------
def test_a_replay_that_names_values_holds_for_another_city(tmp_path: Path) -> None:
    assert played(tmp_path, "policy: {temporary_days: 15}\n" + LOSS + TEMPORARY).failure is None


def test_a_name_that_policy_does_not_have_is_told_on_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "turns:\n  - say: x\n    expect: ~{policy.temporary_dais}天\n")
    assert ":3:13: error [unknown-policy]" in one(path, Options(ROOT), stage()).text
    failure = played(tmp_path, "turns:\n  - {say: x, expect: '{today+policy.agents}'}\n").failure
    assert failure
    assert "no number of days" in failure.difference.what


def test_update_keeps_the_names_of_lines_that_hold(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        LOSS + f"  - tap: {BLOCK}\n    expect: |-\n      旧的一行\n"
        "      请核对：把您本人（张*）的社保卡（尾号1234）停用{policy.temporary_days}天。\n",
    )
    one(path, Options(ROOT, update=True), stage())
    assert "停用{policy.temporary_days}天。\n      请点一项" in path.read_text("utf-8")


# --- where the resident is ---------------------------------------------------------------------------
def test_the_channel_is_one_or_both(tmp_path: Path) -> None:
    assert played(tmp_path, "channel: chat\nturns:\n  - {say: 谢谢, says: page.thanks}\n").failure is None
    assert any(":1:10:" in f for f in findings(tmp_path, "channel: fax\nturns:\n  - say: x\n"))
    assert any(
        "who signs in" in f for f in findings(tmp_path, "resident: {signed_in: yes}\nturns: [{say: x}]")
    )
