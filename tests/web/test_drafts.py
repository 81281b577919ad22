"""A phrase becomes a draft, is looked at, and published or dropped; no resident meets it before."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import ROOT
from moment import NOW, china
from store.servers import PATIENCE

from bot.app import Bot, create_app
from bot.console.apart import Apart
from bot.console.pages.drafts import compared_days
from bot.content.load import load
from bot.content.read.files import collect, identity
from bot.content.understanding import WRONG_CHANGE, compare
from bot.engine.events import TextReceived
from bot.reading.evaluate import Row
from bot.store.drafts import Changed, Drafts, Overtaken, TooMany, drafted
from web.operator import USERS, Operator, written
from web.seeded import seed
from web.test_console_content import hidden, of_children
from web.town import copied

FLOW = "messages/zh-CN/report_loss.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied(tmp_path)


def add(
    operator: Operator, text: str, target: str = "report_loss", language: str = "zh-CN"
) -> tuple[int, str]:
    """The answer's code and page; of a redirect, which begins the comparison, where it leads to."""
    fields = {"token": operator.token(), "text": text, "target": target, "language": language}
    answer = operator.client.post("/console/drafts/phrase", data=fields)
    return answer.status_code, answer.location or answer.text


def drafts(bot: Bot) -> Drafts:
    return Drafts(bot.client, bot.store.seal)


@pytest.mark.slow  # publishes, which trains
def test_from_what_nothing_answered_to_a_draft_and_published(
    make_bot: Callable[..., Bot], root: Path
) -> None:
    bot = make_bot(root, console_users=USERS)
    ed, anna = Operator(create_app(bot), "ed", "zh"), Operator(create_app(bot))
    first = bot.content.revision
    for text in ("我的卡飞走啦", "卡跟着风筝走了"):
        code, place = add(ed, text)
        assert code == 303
    (draft,) = drafts(bot).all()
    assert place.startswith(f"/console/drafts/{draft.id}")
    assert (draft.by, list(draft.files)) == ("ed", [FLOW])
    assert "飞走" not in (root / FLOW).read_text()
    assert bot.content.revision == first, "a draft publishes nothing"
    assert "ed" in anna.see("drafts")

    page = anna.see(f"revisions/compare?new=draft-{draft.id}")
    assert "+ 我的卡飞走啦" in page
    assert "+ 卡跟着风筝走了" in page
    assert "- " not in re.findall(r'<pre class="lines".*?</pre>', page, re.S)[0]
    sent = {**hidden(page), "new": f"draft-{draft.id}"}
    assert ed.send("revisions/publish", **sent).status_code == 403
    assert "Published." in anna.send("revisions/publish", note="风筝", **sent).text
    assert bot.content.triggers["我的卡飞走啦"].flow == "report_loss"
    assert identity(collect(root)) == bot.revisions.current(), "the directory goes with it"
    assert drafts(bot).all() == []
    assert [entry[:2] for entry in written(bot)] == [("anna", "publish"), ("ed", "draft"), ("ed", "draft")]


@pytest.mark.slow
def test_what_the_check_refuses_is_refused_in_the_operators_language_and_kept(
    make_bot: Callable[..., Bot], root: Path
) -> None:
    bot = make_bot(root, console_users=USERS)
    app = create_app(bot)
    ed = Operator(app, "ed", "zh")
    for text, target, why in [
        ("卡丢了", "page.first_card", "（开始report_loss）"),
        ("卡丢了", "report_loss", "写了两次"),
        ("人工", "report_loss", "在哪里都是"),
        ("？！", "report_loss", "这里要有汉字、字母或数字"),
        ("12345", "report_loss", "光是数字"),
        ("卡…", "report_loss", "前后都要有字"),
        ("我的号码13800138000", "report_loss", "号码、姓名、密码"),
        ("王小明的卡丢了", "report_loss", "号码、姓名、密码"),
        ("密码是886612", "report_loss", "号码、姓名、密码"),
        ("＊退休证丢了", "report_loss", "号码、姓名、密码"),
        ("长" * 61, "report_loss", "太长了"),
    ]:
        code, page = add(ed, text, target)
        assert code == 422, text
        assert why in page, text
        assert f'value="{text}"' in page
        assert f'<option value="{target}" selected>' in page
    assert drafts(bot).all() == []
    assert add(ed, "x", "nope")[0] == 400
    assert add(ed, "x", "report_loss", "xx")[0] == 400
    bo = Operator(app, "bo")
    assert add(bo, "卡飞走啦")[0] == 403
    assert "drafts/phrase" not in bo.see("questions")


def test_the_words_come_into_the_form_with_what_they_are_probably_about(
    make_bot: Callable[..., Bot], root: Path
) -> None:
    bot = make_bot(root, console_users=USERS)
    seed(bot, days=1)
    ed = Operator(create_app(bot), "ed", "zh")
    assert 'name="text" value="养老金怎么领"' in ed.see("questions")
    code, page = add(ed, "昨天社保卡让人偷走了嘞", "")
    assert code == 200
    assert 'value="昨天社保卡让人偷走了嘞"' in page
    assert '<option value="report_loss" selected>' in page
    assert drafts(bot).all() == []


def test_a_draft_is_dropped_by_its_author_or_by_who_publishes(
    make_bot: Callable[..., Bot], root: Path
) -> None:
    bot = make_bot(root, console_users=(*USERS, USERS[2].replace("ed:", "eve:")))
    app = create_app(bot)
    anna, ed, eve = (Operator(app, name) for name in ("anna", "ed", "eve"))
    for by in ("ed", "eve", "anna"):
        drafts(bot).keep(drafted(by, 0, {}, {FLOW: b"x"}))
    id_ = {draft.by: draft.id for draft in drafts(bot).all()}
    assert eve.send("drafts/drop", id=id_["ed"]).status_code == 403
    assert "dropped" in ed.send("drafts/drop", id=id_["ed"]).text
    assert "dropped" in anna.send("drafts/drop", id=id_["eve"]).text
    assert anna.send("drafts/drop", id=id_["eve"]).status_code == 404
    assert [draft.by for draft in drafts(bot).all()] == ["anna"]
    gone = eve.client.get(f"/console/drafts/{id_['eve']}?done=save", follow_redirects=True)
    assert "published or dropped" in gone.text


def test_a_draft_fits_any_content_whose_files_are_as_they_were(bot: Bot) -> None:
    draft = drafted("ed", 7, {"a": b"1", "b": b"2"}, {"a": b"3", "c": b"4"})
    assert draft.over({"a": b"1", "b": b"2", "z": b"5"}) == {"a": b"3", "c": b"4", "z": b"5"}
    assert draft.over({"a": b"3", "c": b"4"}) == {"a": b"3", "c": b"4"}, "it is there already"
    with pytest.raises(Overtaken, match="a"):
        draft.over({"a": b"9", "b": b"2"})
    more = drafted("ed", 8, {"a": b"1", "b": b"2"}, {"a": b"5", "c": b"4"}, draft)
    assert (more.id, more.files["a"]) == (draft.id, (b"1", b"5"))
    drafts(bot).keep(more)
    assert drafts(bot).all() == [more]
    assert b"ed" not in bot.client.hget("console:drafts", more.id)  # type: ignore[operator]
    for n in range(49):
        drafts(bot).keep(drafted("ed", n, {}, {"a": b"1"}))
    with pytest.raises(TooMany):
        drafts(bot).keep(drafted("ed", 99, {}, {"a": b"1"}))
    held = drafts(bot).get(more.id)
    assert held
    drafts(bot).keep(held)


def test_what_somebody_changed_since_it_was_read_is_neither_overwritten_nor_dropped(bot: Bot) -> None:
    """Two colleagues with one draft, or one of them in two windows."""
    first = drafted("ed", 1, {}, {"a": b"1"})
    drafts(bot).keep(first)
    with pytest.raises(Changed):
        drafts(bot).keep(first)
    one, two = drafts(bot).get(first.id), drafts(bot).get(first.id)
    assert one
    assert two
    drafts(bot).keep(replace(one, files={"a": (b"", b"2")}))
    with pytest.raises(Changed):
        drafts(bot).keep(replace(two, files={"a": (b"", b"3")}))
    with pytest.raises(Changed):
        drafts(bot).drop(two)
    held = drafts(bot).get(first.id)
    assert held
    assert held.files == {"a": (b"", b"2")}
    drafts(bot).drop(held)
    with pytest.raises(Changed):
        drafts(bot).keep(held)
    assert drafts(bot).all() == []


def test_a_draft_that_does_not_pass_the_check_says_so(make_bot: Callable[..., Bot], root: Path) -> None:
    """It is not compared, so nothing is said to be worked out for ever."""
    bot = make_bot(root, console_users=USERS)
    served = bot.revisions.now.files
    drafts(bot).keep(drafted("ed", 0, served, {**served, FLOW: served[FLOW] + b"nonsense: 1\n"}))
    (draft,) = drafts(bot).all()
    page = Operator(create_app(bot), "ed").see(f"drafts/{draft.id}")
    assert "does not pass the check" in page
    assert "nonsense" in page
    assert 'http-equiv="refresh"' not in page
    assert not bot.client.keys("console:compared:*")


def test_work_that_failed_is_not_begun_again_by_a_page_that_looks_again(bot: Bot) -> None:
    apart = Apart(bot.client, bot.store.seal, "bot.no_such_module", dict)
    begun: list[int] = []

    @contextmanager
    def arguments() -> Iterator[list[str]]:
        begun.append(1)
        yield []

    until = time.monotonic() + PATIENCE
    while apart.run("console:compared:x", arguments()) is True:
        assert time.monotonic() < until
    assert apart.run("console:compared:x", arguments()) is False
    assert begun == [1]


def test_words_asked_while_somebody_looks_do_not_begin_the_comparison_anew() -> None:
    """It rests on the questions of days that are over, whatever the hour."""
    for hours in range(0, 24, 3):
        now = NOW + hours * 3600
        assert max(compared_days(now)) == china(now).date() - timedelta(days=1)


@pytest.mark.slow  # publishes, which trains
def test_the_directory_is_left_alone_where_it_holds_other_changes(
    make_bot: Callable[..., Bot], root: Path
) -> None:
    bot = make_bot(root, console_users=USERS)
    anna = Operator(create_app(bot))
    add(anna, "我的卡飞走啦")
    (root / FLOW).write_text((root / FLOW).read_text() + "# half done\n")
    half = (root / FLOW).read_text()
    (draft,) = drafts(bot).all()
    sent = {**hidden(anna.see(f"revisions/compare?new=draft-{draft.id}")), "new": f"draft-{draft.id}"}
    assert "the content directory was not changed" in anna.send("revisions/publish", **sent).text
    assert "我的卡飞走啦" in bot.content.triggers
    assert (root / FLOW).read_text() == half


# --- what it would change ---
@pytest.mark.slow  # trains twice
def test_another_answer_is_better_worse_or_wrong_into_a_change(tmp_path: Path) -> None:
    before, root = load(ROOT).content, copied(tmp_path)
    path = root / FLOW
    words = "words: [\n"
    path.write_text(
        path.read_text().replace(words, f"{words}  紫色的长颈鹿, 报销凭证去哪交, 卡飞上天啦,\n", 1)
    )
    after = load(root).content
    assert before
    assert after
    rows = [
        Row("紫色的长颈鹿", ("none",)),
        Row("报销凭证去哪交", ("page.doctor_now", "none")),
        Row("卡飞上天啦", ("report_loss",)),
        Row("人工", ("person",)),
        Row("怎么挂失", ("report_loss",)),
    ]
    found = compare(before, after, rows, ["卡飞上天啦", "紫色的长颈鹿"])
    kinds = {one.said: one.kind for one in found.differ}
    assert kinds == {"紫色的长颈鹿": WRONG_CHANGE, "报销凭证去哪交": WRONG_CHANGE, "卡飞上天啦": "better"}
    assert found.differ[0].kind == WRONG_CHANGE
    assert found.rows == len(rows)
    assert found.after[3] - found.before[3] == 2
    (other,) = compare(before, after, [], ["卡飞上天啦"]).differ
    assert (other.kind, other.right, other.after.names[0]) == ("other", (), "report_loss")


@pytest.mark.slow
def test_the_comparison_is_worked_out_apart_and_shown(make_bot: Callable[..., Bot], root: Path) -> None:
    (root / "tests/reading").mkdir(parents=True)
    lines = "intent\tutterance\ttargets\nx\t我的卡飞走啦\treport_loss\nx\t紫色的长颈鹿\tnone\n"
    (root / "tests/reading/mine.tsv").write_text(lines)
    bot = make_bot(root, console_users=USERS)
    seed(bot, days=1)
    ed = Operator(create_app(bot), "ed", "zh")
    apart, spent = of_children(), time.thread_time()
    add(ed, "我的卡飞走啦")
    add(ed, "紫色的长颈鹿")
    (draft,) = drafts(bot).all()
    until = time.monotonic() + PATIENCE
    page = ed.see(f"drafts/{draft.id}")
    spent = time.thread_time() - spent
    while "正在比较" in page:
        assert time.monotonic() < until
        time.sleep(0.3)
        page = ed.see(f"drafts/{draft.id}")
    assert spent < of_children() - apart, "its thread only waits for a process that loads the same, and more"
    text = re.sub(r"<[^>]+>|\s+", " ", page)
    assert "错进了要改动卡的流程" in text
    assert text.index("错进了要改动卡的流程") < text.index("变好"), "the gravest first"
    assert "变好" in text
    assert "2句话" in text
    (kept,) = bot.client.keys("console:compared:*")
    assert "长颈鹿".encode() not in bot.client.get(kept)  # type: ignore[operator]
    assert json.dumps("长颈鹿").encode() not in bot.client.get(kept)  # type: ignore[operator]
    (root / "tests/reading/mine.tsv").write_text("x\n没有制表符\n")
    while "正在比较" in (page := ed.see(f"drafts/{draft.id}")):
        assert time.monotonic() < until
        time.sleep(0.3)
    assert "读不了" in page


CONSENT = "about: 先核对\nturns:\n  - say: 挂失\n    at: sign_in.consent\n"
ASKED = "先核对您是本人"


@pytest.mark.slow  # plays replays in a process of their own
def test_beside_a_draft_stand_the_bubbles_that_change_and_who_is_in_mid_flow(
    make_bot: Callable[..., Bot], root: Path
) -> None:
    folder = root / "tests/replays"
    folder.mkdir(parents=True)
    (folder / "consent.yaml").write_text(CONSENT)
    bot = make_bot(root, console_users=USERS)
    bot.turns.handle("oTest" + "0" * 23, "gh_1", "1", TextReceived(NOW, 1, text="挂失"))
    ed, bo = Operator(create_app(bot), "ed", "zh"), Operator(create_app(bot), "bo", "zh")
    served, words, flow = bot.revisions.now.files, "messages/zh-CN/sign_in.yaml", "flows/sign_in.yaml"
    told = served[words].decode()
    assert ASKED in told
    changed = {**served, words: told.replace(ASKED, "先让我们核对您是本人").encode()}
    drafts(bot).keep(drafted("ed", NOW, served, changed))
    (draft,) = drafts(bot).all()
    page = _when_done(ed, draft.id)
    assert "没有一个步骤会变" in page
    assert "放一遍回放" in page
    assert "放一遍回放" not in bo.see(f"drafts/{draft.id}"), "who may only look begins nothing"
    assert bo.send("drafts/replay", id=draft.id).status_code == 403
    ed.send("drafts/replay", id=draft.id)
    page = _when_done(ed, draft.id)
    (sides,) = re.findall(r'<div class="sides".*?</div></div>', page, re.S)
    before, after = re.findall(r'<p class="bubble ours">(.*?)</p>', sides, re.S)
    assert ASKED in before
    assert "先让我们核对您是本人" in after
    assert re.search(r"<summary>[^<]+<span class=\"code soft\">sign_in</span>", page)
    assert _when_done(bo, draft.id).count('class="sides"') == 1, "a colleague sees it, too"

    steps = served[flow].replace(b"  consent:\n", b"  agree:\n", 1)
    drafts(bot).keep(drafted("ed", NOW, served, {**changed, flow: steps}, draft))
    page = _when_done(ed, draft.id)
    (stand,) = re.findall(r'<ul class="stands">\s*<li>(.*?)</li>', page, re.S)
    assert "sign_in.consent" in stand
    assert "1位居民" in stand
    assert "从头再走一遍" in stand
    assert "放一遍回放" in page, "what was played was of another draft"


def _when_done(operator: Operator, id_: str) -> str:
    until = time.monotonic() + PATIENCE
    while 'http-equiv="refresh"' in (page := operator.see(f"drafts/{id_}")):
        assert time.monotonic() < until
        time.sleep(0.3)
    return page
