"""What goes wrong while somebody edits: nothing typed is lost, and nothing of a colleague's overwritten."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bot.app import Bot, create_app
from bot.console.pages.file import shown, written
from bot.content.read import city
from bot.content.read.files import POLICY, collect, identity
from bot.store.drafts import Draft, Drafts, drafted
from bot.web.directory import Directory
from web.operator import USERS, Operator
from web.operator import written as audited
from web.town import copied

FILE, PATH = "messages/zh-CN/report_loss.yaml", ["slots", "reason", "ask"]
OLD, NEW = "卡是怎么没的？", "卡是丢了，还是被偷了？"
TALK = json.dumps([["follow", "", ""]])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied(tmp_path)


def form(new: str = NEW, was: str = OLD, file: str = FILE, path: Any = PATH) -> dict[str, str]:
    return {"file": file, "part": json.dumps(path), "new0": new, "was0": was}


def drafts(bot: Bot) -> list[Draft]:
    return Drafts(bot.client, bot.store.seal).all()


def test_who_was_signed_out_while_writing_keeps_what_was_written(
    console_bot: Bot, console_app: Flask
) -> None:
    """It stands in a page that can be sent once more; so does a form of an earlier visit."""
    ed = Operator(console_app, "ed", "zh")
    ed.send("sign-out/everywhere")
    answer = ed.client.post("/console/edit/entry", data={"token": "x", **form()})
    assert answer.status_code == 401
    assert "登录已过期" in answer.text
    assert f"<span>{NEW}</span>" in answer.text
    assert answer.text.count('<textarea name="new0" hidden>') == 1
    assert ed.sign_in("ed").status_code == 303
    again = ed.client.post("/console/edit/entry", data={"token": "x", **form("<b>&")})
    assert again.status_code == 403
    assert "<span>&lt;b&gt;&amp;</span>" in again.text
    assert f'name="token" value="{ed.token()}"' in again.text
    assert drafts(console_bot) == []


def test_whose_role_was_taken_away_can_still_copy_what_was_written(
    console_bot: Bot, console_app: Flask
) -> None:
    bo = Operator(console_app, "bo", "zh")
    answer = bo.send("edit/entry", **form())
    assert answer.status_code == 403
    assert "可以复制出来" in answer.text
    assert f"<span>{NEW}</span>" in answer.text
    assert "<form" not in answer.text.partition("<main")[2]
    assert bo.client.get("/console/edit").status_code == 403
    assert drafts(console_bot) == []


@pytest.mark.quick(5)
@pytest.mark.parametrize(
    "sent",
    [
        form(file="flows/report_loss.yaml"),
        form(file="../../etc/passwd"),
        form(path=["slots", "reason", "nope"]),
        form(path="slots"),
        {**form(), "part": "[" * 1000},
        {**form(), "acts": "[" * 5000},
        {**form(), "acts": TALK, "at": "9" * 30},
        {**form(), "new0": "长" * 9000},
        {**form(), "acts": '[["fly","",""]]'},
        {**form(), "acts": '[["wait","-5",""]]'},
        {**form(), "acts": "{", "at": "x"},
        {**form(), "acts": '[["say","\\ud800",""]]'},
        {**form(), "acts": '[["say","x","\\ud800"]]'},
        {**form(), "acts": TALK, "at": "1790000000", "wait": "abc"},
        {**form(), "acts": TALK, "at": "1790000000", "wait": "9" * 5000},
    ],
)
def test_what_no_form_sends_is_refused(console_app: Flask, sent: dict[str, str]) -> None:
    ed = Operator(console_app, "ed")
    for path in ("edit/try", "edit/entry"):
        answer = ed.send(path, **sent)
        assert answer.status_code in (400, 404, 413) or (path == "edit/entry" and "acts" in sent), answer.text


@pytest.mark.slow  # checks apart, in a process that has to be started
def test_colleagues_change_one_file_and_neither_is_overwritten(
    make_bot: Callable[..., Bot], root: Path
) -> None:
    bot = make_bot(root, console_users=USERS, review="yes")
    app = create_app(bot)
    ed, anna = Operator(app, "ed", "zh"), Operator(app, "anna", "zh")
    again = {"path": ["slots", "kind", "again", 0], "was": "请回复1或2。"}
    assert "已存进草稿" in ed.send("edit/entry", **form()).text
    assert "已存进草稿" in anna.send("edit/entry", **form("回复1或者2。", **again)).text
    one, other = sorted(drafts(bot), key=lambda draft: draft.by, reverse=True)
    assert (one.by, other.by) == ("ed", "anna")
    served = bot.revisions.now.files
    both = other.over(one.over(served))[FILE].decode()
    assert NEW in both
    assert "回复1或者2。" in both

    # the same sentence, in two windows of one operator: told, kept, and taken when sent again
    answer = ed.send("edit/entry", **form("第二个窗口"))
    assert answer.status_code == 409
    assert "第二个窗口</textarea>" in answer.text
    assert f"<span>{NEW}</span>" in answer.text
    assert NEW in drafts(bot)[-1].files[FILE][1].decode() or NEW in drafts(bot)[0].files[FILE][1].decode()
    assert "已存进草稿" in ed.send("edit/entry", **form("第二个窗口", was=NEW)).text

    # and back to what is served: no draft is left
    assert "没有草稿了" in ed.send("edit/entry", **form(OLD, was="第二个窗口")).text
    assert [draft.by for draft in drafts(bot)] == ["anna"]


@pytest.mark.slow  # as above
def test_a_mistake_is_told_at_once_and_cannot_be_saved(make_bot: Callable[..., Bot], root: Path) -> None:
    bot = make_bot(root, console_users=USERS)
    ed = Operator(create_app(bot), "ed", "zh")
    for path, status in (("edit/try", 200), ("edit/entry", 422)):
        answer = ed.send(path, **form("您的{card.colour}卡呢？"), acts=TALK)
        assert answer.status_code == status
        assert "没有“colour”" in answer.text
        assert "您的{card.colour}卡呢？</textarea>" in answer.text
        assert "先改好问题" in answer.text
    assert drafts(bot) == []
    talked = ed.send("edit/try", **form(), acts=TALK, at="1790000000", say="卡丢了").text
    assert '<p class="bubble theirs">卡丢了</p>' in talked
    assert 'formaction="/console/edit/try">' in talked
    assert "先改好问题" not in talked
    assert bot.client.keys("sb:*:s:*") == [], "no resident is answered, and nothing stored"


@pytest.mark.slow  # as above
def test_a_fee_is_changed_with_its_source_and_the_day(make_bot: Callable[..., Bot], root: Path) -> None:
    bot = make_bot(root, console_users=USERS)
    ed = Operator(create_app(bot), "ed", "zh")
    assert "工本费{policy.fee_reissue}" in ed.see("edit?q=fee_reissue")
    sent = {**form("25元", "20元", POLICY, ["fee_reissue"]), "new1": "某发〔2026〕1号", "was1": "示例"}
    assert "已存进草稿" in ed.send("edit/entry", **sent).text
    (draft,) = drafts(bot)
    line = next(x for x in draft.files[POLICY][1].decode().splitlines() if x.startswith("fee_reissue:"))
    assert line == "fee_reissue: {value: 25元, source: 某发〔2026〕1号, checked: 2026-11-23}"


@pytest.mark.slow  # as above
def test_what_comes_on_a_day_is_typed_beside_what_holds_now(make_bot: Callable[..., Bot], root: Path) -> None:
    bot = make_bot(root, console_users=USERS)
    ed = Operator(create_app(bot), "ed", "zh")
    later = {"new3": "2027-01-01", "new4": "15", "new5": "某发〔2026〕9号"}
    sent = {**form("7", "7", POLICY, ["pay_days"]), **later}
    wrong = ed.send("edit/entry", **{**sent, "new3": "2027-02-29"})
    assert wrong.status_code == 422
    assert "2027-02-29" in wrong.text
    assert drafts(bot) == []
    tried = ed.send("edit/try", **sent).text
    assert "没有发现问题" in tried
    assert "已存进草稿" in ed.send("edit/entry", **sent).text
    (draft,) = drafts(bot)
    lines = draft.files[POLICY][1].decode().splitlines()
    at = lines.index("pay_days:")
    assert lines[at + 1 : at + 3] == [
        '  - {value: "7", source: 示例, checked: 2026-11-22}',
        "  - {from: 2027-01-01, value: 15, source: 某发〔2026〕9号, checked: 2026-11-23}",
    ]
    shown = ed.see('edit/entry?file=config/policy.yaml&part=["pay_days"]')
    assert 'type="date" value="2027-01-01"' in shown
    assert shown.count('type="date"') == 2, "and one more may come"
    again = {**form("7", "7", POLICY, ["pay_days"]), "new4": "10", "was4": "15"}
    assert "已存进草稿" in ed.send("edit/entry", **again).text
    assert "value: 10, source: 某发〔2026〕9号" in drafts(bot)[0].files[POLICY][1].decode()
    assert "pay_days.2027-01-01" in ed.see(f"drafts/{draft.id}")


@pytest.mark.slow  # a draft is compared apart
def test_only_a_colleague_reviews_and_only_what_was_seen(make_bot: Callable[..., Bot], root: Path) -> None:
    bot = make_bot(root, console_users=USERS, review="yes")
    app = create_app(bot)
    ed, anna, bo = (Operator(app, name, "zh") for name in ("ed", "anna", "bo"))
    served = bot.revisions.now.files
    store = Drafts(bot.client, bot.store.seal)
    store.keep(drafted("anna", 0, served, {**served, FILE: served[FILE].replace(OLD.encode(), NEW.encode())}))
    (draft,) = store.all()
    page = ed.see(f"drafts/{draft.id}")
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    assert bo.send("drafts/review", id=draft.id, seen=seen).status_code == 403
    assert anna.send("drafts/review", id=draft.id, seen=seen).status_code == 403, "not one's own"
    assert ed.send("drafts/review", id=draft.id, seen="0" * 12).status_code == 409
    assert "还没有别的同事审核" in anna.see(f"revisions/compare?new=draft-{draft.id}")
    assert "revisions/publish" not in anna.see(f"revisions/compare?new=draft-{draft.id}")
    unseen = identity({**served, FILE: served[FILE].replace(OLD.encode(), NEW.encode())})
    refused = anna.send("revisions/publish", draft=unseen, base="", new=f"draft-{draft.id}")
    assert (refused.status_code, "还没有别的同事审核过" in refused.text) == (403, True)
    assert "审核过，可以发布" in ed.send("drafts/review", id=draft.id, seen=seen).text
    assert store.all()[0].reviewed == "ed"
    assert "revisions/publish" in anna.see(f"revisions/compare?new=draft-{draft.id}")
    assert ("ed", "review_draft", f"{draft.id} anna", "done") in audited(bot)
    again = drafted("anna", 1, served, {**served, FILE: b"x"}, store.all()[0])
    assert again.reviewed == "", "after another change it is looked at again"


# --- a whole file --------------------------------------------------------------------------------
FLOW = "flows/report_loss.yaml"


def whole(text: str, was: str | None = None, file: str = FLOW) -> dict[str, str]:
    return {"file": file, "text": text, "was": text if was is None else was}


def keep(ed: Operator, text: str, was: str, file: str = FLOW) -> str:
    """What the page says that comes next."""
    answer = ed.client.post(
        "/console/edit/file", data={"token": ed.token(), **whole(text, was, file)}, follow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).partition("done=")[2].partition("&")[0]


def there(bot: Bot, file: str = FLOW) -> str:
    return bot.revisions.now.files[file].decode()


def test_a_file_is_shown_without_waiting_for_the_check(console_bot: Bot, console_app: Flask) -> None:
    """The text box holds it all, so nothing needs JavaScript; styles need the nonce of this answer."""
    ed = Operator(console_app, "ed", "zh")
    answer = ed.client.get(f"/console/edit/file?file={FLOW}")
    assert "    action: card.find\n" in answer.text
    assert "data-unchecked" in answer.text
    nonce = answer.text.partition('data-nonce="')[2].partition('"')[0]
    policy = answer.headers["Content-Security-Policy"]
    assert f"style-src 'self' 'nonce-{nonce}'" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert nonce not in ed.see(f"edit/file?file={FLOW}")


@pytest.mark.quick(10)
@pytest.mark.parametrize(
    "file",
    [
        "",
        "config/settings.yaml",
        "config/city.yaml",
        "config/stub.yaml",
        "../wsgi.py",
        "flows/../config/settings.yaml",
        "flows/x.yml",
        "flows/X.yaml",
        "flows/a/b.yaml",
        "messages/zh-CN/.yaml",
        "flows/report_loss.yaml\n",
    ],
)
def test_only_content_is_edited(console_app: Flask, file: str) -> None:
    ed = Operator(console_app, "ed")
    assert ed.client.get("/console/edit/file", query_string={"file": file}).status_code == 404
    for page in ("edit/file", "edit/file/try", "edit/file/complete"):
        assert ed.send(page, **whole("a: b", file=file)).status_code == 404 or file.endswith("\n")
    bo = Operator(console_app, "bo")
    assert bo.client.get(f"/console/edit/file?file={FLOW}").status_code == 403


@pytest.mark.slow  # checks apart, in a process that has to be started
def test_a_new_flow_passes_the_check_at_once(console_bot: Bot, console_app: Flask) -> None:
    ed = Operator(console_app, "ed", "zh")
    answer = ed.send("edit/flow", name="transfer", title="转移社保关系")
    assert answer.request.path == "/console/edit/file"
    (draft,) = drafts(console_bot)
    assert set(draft.files) == {
        f"{folder}/transfer.yaml" for folder in ("flows", "messages/zh-CN", "messages/en")
    }
    text = draft.files["flows/transfer.yaml"][1].decode()
    tried = ed.send(
        "edit/file/try",
        **whole(text, text, "flows/transfer.yaml"),
        acts=json.dumps([["say", "我要转移社保关系", ""]]),
    )
    assert "没有发现问题" in tried.text
    assert "您要办哪一样？" in tried.text


@pytest.mark.parametrize(
    ("name", "title", "told"),
    [
        ("Transfer", "转移", "字母开头"),
        ("../transfer", "转移", "字母开头"),
        ("transfer", "转移]\nundo: x", "字母开头"),
        ("transfer", "{policy.hotline}", "字母开头"),
        ("report_loss", "转移", "换一个"),
        ("transfer", "取消", "不能用来开始流程"),
    ],
)
def test_a_new_flow_that_cannot_be_is_not_kept_and_what_was_typed_is(
    console_bot: Bot, console_app: Flask, name: str, title: str, told: str
) -> None:
    ed = Operator(console_app, "ed", "zh")
    answer = ed.send("edit/flow", name=name, title=title)
    assert answer.status_code == 422
    assert told in answer.text.partition('id="new" open')[2].partition("</details>")[0]
    assert f'value="{name}"' in answer.text
    assert drafts(console_bot) == []


def test_half_a_change_is_kept_and_goes_back_to_nothing(console_bot: Bot, console_app: Flask) -> None:
    """A new flow takes several files: what is wrong meanwhile stands at the draft."""
    ed = Operator(console_app, "ed", "zh")
    text = there(console_bot)
    broken = text.replace("card.find", "card.fnd")
    assert keep(ed, broken.replace("\n", "\r\n"), text) == "save"
    (draft,) = drafts(console_bot)
    assert draft.files[FLOW][1].decode() == broken
    assert "card.fnd" in ed.see(f"drafts/{draft.id}")
    assert keep(ed, text, broken) == "nothing"
    assert drafts(console_bot) == []
    assert keep(ed, "flow: mine", "", "flows/mine.yaml") == "save"
    assert drafts(console_bot)[0].files == {"flows/mine.yaml": (b"", b"flow: mine\n")}
    deep = "[" * 2_000 + "\n"
    assert keep(ed, deep, "flow: mine\n", "flows/mine.yaml") == "save"
    (draft,) = drafts(console_bot)
    assert "[nested]" in ed.see(f"drafts/{draft.id}"), "its page is shown, where it can be dropped"
    assert keep(ed, " \n", deep, "flows/mine.yaml") == "nothing"


def test_two_people_in_one_file_are_told_of_each_other(console_bot: Bot, console_app: Flask) -> None:
    ed, anna = Operator(console_app, "ed", "zh"), Operator(console_app, "anna", "zh")
    text = there(console_bot)
    mine = text.replace("times: 5", "times: 4")
    assert keep(ed, mine, text) == "save"
    assert "ed的草稿也改了这个文件" in anna.see(f"edit/file?file={FLOW}")

    # the second window of one operator began before: other lines are put beside, and shown first
    other = text.replace("every: 30s", "every: 31s").replace("scan: [loss]", "scan: [lost]")
    answer = ed.send("edit/file", **whole(text.replace("scan: [loss]", "scan: [lost]"), text))
    assert answer.status_code == 409
    assert "别人改了这个文件" in answer.text
    shown = answer.text.partition('name="text"')[2].partition("</textarea>")[0]
    assert "times: 4" in shown
    assert "scan: [lost]" in shown

    # the same line: what was typed stays, and is taken when it is sent again
    answer = ed.send("edit/file", **whole(other, text))
    assert answer.status_code == 409
    shown = answer.text.partition('name="text"')[2].partition("</textarea>")[0]
    assert "every: 31s" in shown
    assert "steps.submit" in answer.text.partition('id="found"')[2]
    assert keep(ed, other, mine) == "save"
    assert drafts(console_bot)[0].files[FLOW][1].decode() == other


@pytest.mark.parametrize("before", [b"a: b\r\nc: d\r\n", b"\xef\xbb\xbfa: b\nc: d\n", b"a: b\n"])
def test_line_ends_and_mark_stay_as_the_file_has_them(before: bytes) -> None:
    assert written(shown(before), before) == before
    made = written(shown(before) + "e: f", before)
    assert made.startswith(before)
    assert made.endswith(b"e: f\r\n" if b"\r\n" in before else b"e: f\n")
    assert written(" \n\n", before) == b""


@pytest.mark.slow
def test_a_file_that_is_too_large_is_neither_checked_nor_lost(console_bot: Bot, console_app: Flask) -> None:
    ed = Operator(console_app, "ed", "zh")
    text = "# " + "长" * 110_000
    for page, status in (("edit/file/try", 413), ("edit/file", 413)):
        answer = ed.send(page, **whole(text, "a"))
        assert answer.status_code == status
        assert "太大了" in answer.text
        assert text in answer.text
    assert ed.send("edit/file", **whole("长" * 2_000_000)).status_code == 413
    assert drafts(console_bot) == []


def test_what_is_offered_comes_as_json(console_bot: Bot, console_app: Flask) -> None:
    ed = Operator(console_app, "ed", "zh")
    text = there(console_bot)
    at = text.index("action: card.find") + len("action: card.f")
    found = ed.send("edit/file/complete", **whole(text), at=str(at)).json
    assert {"name": "card.find", "about": "", "key": False} in found
    for wrong in ("", "-1", "x", "9" * 100):
        assert ed.send("edit/file/complete", **whole(text), at=wrong).json in ([], None) or wrong == "9" * 100


HOSTILE = {
    "NUL": ("a: b\0", "看不见"),
    "tab": ("steps:\n\tfind: {}\n", "Tab"),
    "aliases": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "&"),
    "deep": ("a: " + "[" * 5000, ""),
    "tag": ("a: !!python/object/apply:os.system [ls]\n", "!"),
    "open": ('a: "b\n', ""),
    "html": ("flow: </textarea><script>alert(1)</script>\n", "&lt;script&gt;"),
}


@pytest.mark.slow  # checks apart, in a process that has to be started
def test_whatever_is_typed_has_a_finding_at_a_line(make_bot: Callable[..., Bot], root: Path) -> None:
    bot = make_bot(root, console_users=USERS)
    ed = Operator(create_app(bot), "ed", "zh")
    text = there(bot)
    for name, (typed, says) in HOSTILE.items():
        page = ed.send("edit/file/try", **whole(typed, text), acts=TALK).text
        found = page.partition('id="found"')[2].partition('class="actions"')[0]
        assert 'data-line="' in found, name
        assert says in page, name
        assert "<script>alert" not in page
        assert "先改好问题" in page, name
    good = ed.send("edit/file/try", **whole(text)).text
    assert "没有发现问题" in good
    assert "node-collect" in good
    assert bot.client.keys("sb:*:s:*") == []


@pytest.mark.slow  # a city's content is read, checked and published
def test_in_a_city_only_its_own_files_are_written(make_bot: Callable[..., Bot], tmp_path: Path) -> None:
    city.start(tmp_path / "quancheng", "泉城市", date(2026, 11, 1))
    root = tmp_path / "quancheng"
    bot = make_bot(root, console_users=USERS)
    ed = Operator(create_app(bot), "ed", "zh")
    locked = ed.see(f"edit/file?file={FLOW}")
    assert " readonly" in locked
    assert 'id="save"' not in locked
    assert f'href="/console/edit/file?file={FLOW}&amp;copy=yes"' in locked
    assert 'id="save"' in ed.see(f"edit/file?file={FLOW}&copy=yes")
    assert "产品写的和本市改的在这里合在一起" in ed.see(f"edit/file?file={FILE}")
    assert 'id="save"' in ed.see("edit/file?file=config/outlets.yaml")

    # what the release says can be changed, not taken away
    text = there(bot, FILE)
    answer = ed.send("edit/file", **whole(text.replace("    label: 挂失方式\n", ""), text, FILE))
    assert answer.status_code == 422
    assert f"{FILE}#slots.kind.label是产品里的" in answer.text
    assert drafts(bot) == []

    assert keep(ed, text.replace(OLD, NEW), text, FILE) == "save"
    (draft,) = drafts(bot)
    directory = Directory(root, "zh-CN", lambda: 0)
    served = bot.revisions.now.files
    made = directory.settled(served, draft.over(served))
    assert directory.save(served, made)
    assert (root / FILE).read_text("utf-8") == f"slots:\n  reason:\n    ask: {NEW}\n"
    assert dict(collect(root)) == dict(made)
