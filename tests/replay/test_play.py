"""Playing is strict: every reply, every prepared answer, every change is accounted for."""

from pathlib import Path

import pytest

from .kit import played, to_the_kind

TEMPORARY = "  - {tap: 先停用7天，找到了还能恢复（不用刷脸）, expect: ~请核对}\n".replace(
    "先停用7天，找到了还能恢复（不用刷脸）", '"先停用7天，找到了还能恢复（不用刷脸）"'
)


def test_a_conversation_as_expected_has_no_failure(tmp_path: Path) -> None:
    text = to_the_kind() + TEMPORARY + "  - {tap: 确认停用, expect: ~【已停用】, calls: [card.report_loss]}\n"
    assert played(tmp_path, text).failure is None


@pytest.mark.parametrize(
    ("turn", "key", "words"),
    [
        ("  - {say: 你好}", "expect", "not accounted for"),
        ("  - {say: 你好, expect: 您好}", "expect", ""),
        ("  - {say: 你好, expect: nothing}", "expect", ""),
        ("  - {say: 你好, expect: person}", "expect", ""),
        ("  - {say: 你好, expect: ~您好, at: nothing}", "at", ""),
        ("  - {say: 你好, expect: ~您好, slots: {kind: formal}}", "slots", ""),
        ("  - {say: 你好, expect: ~您好, calls: [card.find]}", "calls", ""),
        ("  - {say: 你好, expect: ~您好, ends: hello.end}", "ends", ""),
        ("  - {tap: 没有这个, expect: ~x}", "tap", "not offered"),
        ("  - {redeliver: '9'}", "redeliver", "Nothing was delivered"),
        ("  - {deploy: nowhere}", "deploy", ""),
    ],
)
def test_what_differs_is_told_with_its_line(tmp_path: Path, turn: str, key: str, words: str) -> None:
    failure = played(tmp_path, to_the_kind() + turn + "\n").failure
    assert failure is not None
    assert failure.difference.key == key
    assert words in failure.difference.what
    assert failure.line == 8


@pytest.mark.parametrize(
    ("named", "what"),
    [
        ("at: report_loss.kinds", "There is no step “report_loss.kinds”. Did you mean “report_loss.kind”?"),
        ("at: report_los.kind", "没有步骤“report_los.kind”。是不是想写“report_loss.kind”？"),
        ("calls: [card.report_los]", "没有动作“card.report_los”。是不是想写“card.report_loss”？"),
        ("at: face_check.selfie", ""),
    ],
)
def test_a_step_or_an_action_that_is_nowhere_is_called_so(tmp_path: Path, named: str, what: str) -> None:
    """Not only that the resident stands elsewhere."""
    failure = played(tmp_path, f"{to_the_kind()}  - {{say: 你好, expect: /./, {named}}}\n").failure
    assert failure is not None
    assert what in failure.difference.what
    assert bool(what) == bool(failure.difference.what)


def test_a_prepared_answer_that_is_not_used_fails(tmp_path: Path) -> None:
    failure = played(
        tmp_path, "services:\n  - card.find: not_found\nturns:\n  - {say: 你好, expect: ~您好}\n"
    ).failure
    assert failure is not None
    assert failure.line == 2
    assert "never called" in failure.difference.what


def test_an_unlisted_call_fails(tmp_path: Path) -> None:
    text = to_the_kind(more="services: none\n").replace("expect: ~卡要怎么停", "expect: /./")
    failure = played(tmp_path, text).failure
    assert failure is not None
    assert "real_name.check was called, but no answer" in failure.difference.what


def test_an_unlisted_change_fails(tmp_path: Path) -> None:
    failure = played(
        tmp_path, to_the_kind() + TEMPORARY + "  - {tap: 确认停用, expect: ~【已停用】}\n"
    ).failure
    assert failure is not None
    assert "not listed" in failure.difference.what


def test_steps_alone_pass_over_wording(tmp_path: Path) -> None:
    text = to_the_kind().replace("~卡要怎么停", "~别的话, at: report_loss.kind")
    assert played(tmp_path, text).failure is not None
    assert played(tmp_path, text, match="steps").failure is None
    wrong = text.replace("report_loss.kind", "report_loss.reason")
    failure = played(tmp_path, wrong, match="steps").failure
    assert failure is not None
    assert failure.difference.key == "at"


def test_an_argument_that_is_not_the_prepared_one_fails(tmp_path: Path) -> None:
    services = "services:\n  - card.report_loss: {outcome: already, with: {kind: formal}}\n  - stubs\n"
    text = to_the_kind(more=services) + TEMPORARY
    failure = played(
        tmp_path, text + "  - {tap: 确认停用, expect: ~【已停用】, calls: [card.report_loss]}\n"
    ).failure
    assert failure is not None
    assert "kind: temporary, not formal" in failure.difference.what


def test_every_order_of_two_confirmations_changes_once(tmp_path: Path) -> None:
    pair = "  - together: [{tap: 确认停用, expect: /./}, {tap: 确认停用, expect: /./}]\n    calls: [%s]\n"
    once = to_the_kind() + TEMPORARY + pair % "card.report_loss"
    assert played(tmp_path, once).failure is None
    assert played(tmp_path, to_the_kind() + TEMPORARY + pair % "").failure is not None


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ("says: page.thank", "There is no text “page.thank”. Did you mean “page.thanks”?"),
        ("says: page.thank", "没有文字“page.thank”。是不是想写“page.thanks”？"),
        ("says: {any: [page.thanks, page.thnaks]}", "没有文字“page.thnaks”"),
        ("says: page.thanks, ends: pages.end", "没有流程“pages”"),
        ("says: page.thanks, slots: {knd: formal}", "没有“knd”这一项（slot）。是不是想写“kind”？"),
        ("words: {zh-CN: ~不客气, cn: ~不客气}", "messages/里没有语言“cn”，有的是：en, zh-CN"),
    ],
)
def test_a_name_that_is_nowhere_is_called_so(tmp_path: Path, expected: str, words: str) -> None:
    failure = played(tmp_path, f"turns:\n  - {{say: 谢谢, {expected}}}\n").failure
    assert failure is not None
    assert failure.line == 2
    assert words in failure.difference.what


def test_a_label_that_is_not_offered_is_compared_with_what_can_be_tapped(tmp_path: Path) -> None:
    failure = played(tmp_path, "turns:\n  - {tap: 挂失停, expect: ~x}\n").failure
    assert failure is not None
    assert "是不是想写“挂失停用”？" in failure.difference.what


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("resident: {person: 李小方}", "Did you mean “李小芳”?"),
        ("resident: {person: 某某}", "有的是：张三"),
        ("resident: {language: fr}", "no language “fr”"),
        ("policy: {agent: none}", "Did you mean “agents”?"),
        ("""session: '{"schema": 1, "born": "", "language": "fr"}'""", "record it again"),
    ],
)
def test_a_head_that_names_nothing_there_is(tmp_path: Path, head: str, words: str) -> None:
    failure = played(tmp_path, f"about: 头\n{head}\nturns:\n  - {{say: 你好, expect: ~您好}}\n").failure
    assert failure is not None
    assert words in failure.difference.what
    assert failure.line == 2
