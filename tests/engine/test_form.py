"""Several questions on one screen: derived from the flow, all answered or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.engine.content import Content
from bot.engine.events import WORD, FormFilled, TextReceived
from bot.engine.session import Session, new
from bot.engine.step import step
from bot.engine.view import Typed, View, view

from . import test_again as visit
from .kit import MONDAY, Talk, content_of, read, write

FLOW = """
    flow: move
    tries: "3"
    slots:
      who: {type: name}
      phone: {type: mobile, or: [none]}
      how: {type: choice, values: [post, fetch]}
      when: {type: date}
      code: {type: code}
    steps:
      who: {collect: who}
      phone: {collect: phone, next: {none: no_phone, else: how}}
      how: {collect: how, next: {post: when, fetch: done}}
      when: {collect: when}
      code: {collect: code}
      done: {say: done, next: end}
      no_phone: {say: no_phone, next: stop}
"""
WORDS = """
    title: 搬家
    words: [搬家]
    slots:
      who: {label: 名字, ask: 您叫什么？, again: ["只写名字。", "再写一次名字。"]}
      phone:
        {label: 电话, ask: 电话多少？, values: {none: 没有电话}, again: ["电话不对。", "还是不对。"]}
      how:
        {label: 方式, ask: 怎么办？, values: {post: 寄出去, fetch: 自己来拿}, again: ["选一个。", "请选。"]}
      when: {label: 日子, ask: 哪天？, again: ["日子不对。", "还是不对。"]}
      code: {label: 数字, ask: "请回复{code}", again: ["换一组{code}", "再换{code}"]}
    texts: {done: "办好了。", no_phone: 没有电话办不了。}
"""
GOOD = {"who": "张三", "phone": "13800138123", "how": "寄出去", "when": "2026-12-01"}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    root: Path = tmp_path_factory.mktemp("form")
    write(root, {"move": FLOW}, {"move": WORDS})
    return read(root)


class Screen:
    def __init__(self, content: Content) -> None:
        self.content, self.session = content, new(content, 3, MONDAY)
        self.do(TextReceived(MONDAY, 5, text="搬家"))

    @property
    def seen(self) -> View:
        return view(self.content, self.session, MONDAY)

    def typed(self, **values: str) -> Typed:
        return Typed(self.seen.mark, self.seen.question_run, values)

    def do(self, event: TextReceived | FormFilled) -> Session:
        self.session = step(self.content, self.session, event).session
        return self.session

    def fill(self, **values: str) -> Session:
        return self.do(FormFilled(MONDAY, 5, mark=self.seen.mark, values=values))


def test_questions_that_follow_each_other_are_one_form(content: Content) -> None:
    """Up to the first whose answer decides what comes next, and what one answer alone leads to with it."""
    screen = Screen(content)
    assert [field.slot for field in screen.seen.fields] == ["who", "phone", "how", "when"]
    assert [field.on for field in screen.seen.fields] == ["", "", "", "寄出去"]
    assert screen.seen.fields[1].options == ("没有电话",)
    screen.fill(**GOOD)
    assert screen.session.frames[-1].step == "code"
    assert not screen.seen.fields


def test_what_only_another_answer_asks_for_is_not_looked_at(content: Content) -> None:
    assert Screen(content).fill(**GOOD | {"how": "自己来拿", "when": "nonsense"}).frames == ()


def test_what_one_answer_asks_for_is_filled_in_with_it(content: Content) -> None:
    screen = Screen(content)
    after = screen.fill(**GOOD | {"when": ""}).frames[-1]
    assert (after.step, after.answers, after.wrong) == ("who", (), 1)


def test_what_an_answer_asks_for_that_is_not_on_offer_is_no_field(tmp_path: Path) -> None:
    flow = FLOW.replace("fetch]}", "fetch, send], only: {post: {today: {below: 2020-01-01}}}}")
    flow = flow.replace("fetch: done}", "fetch: done, send: done}")
    write(tmp_path, {"move": flow}, {"move": WORDS.replace("fetch: 自己来拿}", "fetch: 自己来拿, send: 送}")})
    screen = Screen(read(tmp_path))
    assert [field.slot for field in screen.seen.fields] == ["who", "phone", "how"]
    assert screen.fill(who="张三", phone="13800138123", how="自己来拿").frames == ()


PHONE = """
      phone:
        label: 电话
        ask: 几号？
        again:
          - 号码不对。
          - 还是不对。
"""


def test_an_entry_of_a_list_is_a_field_like_others(tmp_path: Path) -> None:
    flow = visit.FLOW.replace("slots: {", "slots: {phone: {type: mobile}, ")
    flow = flow.replace("found: which", "found: phone")
    flow = flow.replace("which: {collect: which}", "phone: {collect: phone}\n      which: {collect: which}")
    words = visit.WORDS.replace("slots:\n", f"slots:{PHONE}")
    talk = Talk(content_of(tmp_path, {"visit": flow}, {"visit": words}))
    talk.say("约一约", "平安区")
    talk.answer("found", visit.found("甲", "乙"))
    fields = view(talk.content, talk.session, talk.at).fields
    assert [(field.slot, field.options) for field in fields][:2] == [("phone", ()), ("which", ("甲", "乙"))]


def test_two_that_hardly_are_answers_are_both_taken_when_they_come_again(tmp_path: Path) -> None:
    flow = """
        flow: move
        tries: "3"
        slots: {who: {type: name}, home: {type: address}}
        steps:
          who: {collect: who}
          home: {collect: home}
          done: {say: done, next: end}
    """
    words = """
        title: 搬家
        words: [搬家]
        slots:
          who: {label: 名字, ask: 您叫什么？, again: ["只写名字。", "再写一次名字。"]}
          home: {label: 地址, ask: 住哪里？, again: ["写到门牌。", "再写一次地址。"]}
        texts: {done: "办好了。"}
    """
    write(tmp_path, {"move": flow}, {"move": words})
    screen = Screen(read(tmp_path))
    filled = {"who": "Do Van Minh", "home": "马家沟东头老李家"}
    assert screen.fill(**filled).frames[-1].wrong == 1
    assert screen.fill(**filled).frames == (), "the same again is meant"
    screen.do(TextReceived(MONDAY, 5, text="搬家"))
    screen.fill(**filled)
    assert screen.fill(**filled | {"who": "Do Van Nam"}).frames[-1].step == "who", (
        "another one is asked about"
    )


def test_a_code_stands_with_the_questions_before_it(tmp_path: Path) -> None:
    """Looking changes nothing; it is another one after a wrong try, when it was used, and for who asks."""
    flow = FLOW.replace("next: {post: when, fetch: done}", "next: code")
    flow = flow.replace("code: {collect: code}", "code: {collect: code, next: who_again}")
    flow = flow.replace("done: {say", "who_again: {set: {how: post}, next: done}\n      done: {say")
    write(tmp_path, {"move": flow.replace("when: {collect: when}", "")}, {"move": WORDS})
    screen = Screen(read(tmp_path))
    assert [field.slot for field in screen.seen.fields] == ["who", "phone", "how", "code"]
    first, mark = screen.seen.code, screen.seen.mark
    assert (len(first), screen.seen.fields[-1].code) == (4, first)
    assert screen.session.frames[-1].code == ""
    screen.do(TextReceived(MONDAY, 5, mark=mark, text="再说一遍", tap=WORD))
    second = screen.seen.code
    assert second != first
    assert screen.do(FormFilled(MONDAY, 5, mark=mark, values=GOOD | {"code": second})).frames[-1].wrong == 0
    screen.fill(**GOOD, code=f"{(int(second) + 1) % 10000:04d}")
    assert (screen.session.frames[-1].wrong, screen.session.frames[-1].answers) == (1, ())
    third = screen.seen.code
    assert third != second
    screen.fill(**GOOD | {"who": ""}, code=third)
    assert screen.seen.code == third, "it was right: only what was wrong is done again"
    assert screen.fill(**GOOD, code=third).frames == ()


def test_all_or_nothing_and_one_try(content: Content) -> None:
    screen = Screen(content)
    before = screen.session.frames[-1]
    after = screen.fill(who="张三", phone="12", how="").frames[-1]
    assert (after.answers, after.wrong, after.step) == (before.answers, before.wrong + 1, before.step)
    bad = {"who": "张三", "phone": "12", "how": ""}
    seen = view(content, screen.session, MONDAY, typed=screen.typed(**bad))
    assert [field.error for field in seen.fields] == ["", "电话不对。", "选一个。", ""]
    assert [field.value for field in seen.fields] == ["张三", "12", "", ""]
    screen.fill(**bad)
    assert screen.fill(**bad).frames == ()


def test_a_further_answer_leads_where_it_leads(content: Content) -> None:
    """What came after it is not kept."""
    screen = Screen(content)
    assert screen.fill(**GOOD | {"phone": "没有电话"}).frames == ()


def test_whoever_leaves_by_a_further_answer_fills_in_nothing_after_it(content: Content) -> None:
    """It has a button of its own: what comes after it is not asked of them."""
    screen = Screen(content)
    assert [field.leaving for field in screen.seen.fields] == [(), ("没有电话",), (), ()]
    assert screen.fill(who="张三", phone="没有电话", how="").frames == ()


def test_a_form_that_is_asked_again_keeps_what_was_typed_and_no_picture(tmp_path: Path) -> None:
    """Photos that the bureau could not read are taken anew; beside a wrong answer they stand."""
    flow = """
        flow: papers
        slots: {front: {type: image}, who: {type: name}}
        steps: {front: {collect: front}, who: {collect: who}, done: {say: done, next: end}}
    """
    words = """
        title: 证件
        words: [证件]
        slots:
          front: {label: 照片, ask: 请发照片。, again: ["请发照片。", "请再发。"]}
          who: {label: 名字, ask: 您叫什么？, again: ["只写名字。", "再写一次。"]}
        texts: {done: 办好了。}
    """
    write(tmp_path, {"papers": flow}, {"papers": words})
    content = read(tmp_path)
    session = step(content, new(content, 3, MONDAY), TextReceived(MONDAY, 5, text="证件")).session
    seen = view(content, session, MONDAY)
    for who, kept in (("张三", ["", "张三"]), ("", ["m-1", ""])):
        typed = Typed(seen.mark, seen.question_run, {"who": who}, {"front": "m-1"})
        seen = view(content, session, MONDAY, typed=typed)
        assert [field.value for field in seen.fields] == kept


def test_what_is_answered_already_is_no_field(content: Content) -> None:
    screen = Screen(content)
    screen.do(TextReceived(MONDAY, 5, text="张三"))
    assert [field.slot for field in screen.seen.fields] == ["phone", "how", "when"]


@pytest.mark.parametrize("words", ["密码：123456", "人工", "不知道", "卡丢了"])
def test_a_field_takes_only_what_may_be_an_answer(content: Content, words: str) -> None:
    screen = Screen(content)
    after = screen.fill(**GOOD | {"who": words}).frames[-1]
    assert (after.step, after.answers) == ("who", ())


DOUBTFUL = [
    "阿不都热西提", "迪丽热巴", "尼玛次仁", "扎西多吉", "名扬", "张三？", "很高兴", "在开会", "陈小姐",
    "zhangsan", "谢师傅", "布仁巴雅尔", "才让卓玛", "Ann", "木塔里甫", "陈的", "赛音", "李医生",
    "古丽娜扎", "李老师",
]  # fmt: skip


@pytest.mark.parametrize("name", DOUBTFUL)
def test_a_doubtful_answer_is_shown_back_and_the_others_wait(content: Content, name: str) -> None:
    screen = Screen(content)
    after = screen.fill(**GOOD | {"who": name}).frames[-1]
    assert (after.step, after.answers, after.wrong) == ("who", (), 0)
    assert not screen.seen.fields
    shown = screen.seen
    assert name.rstrip("？") in shown.texts[-1]
    yes = next(o for o in shown.options if o.label == "是的")
    after = screen.do(TextReceived(MONDAY, 5, mark=shown.mark, text=yes.label, tap=yes.tap)).frames[-1]
    assert after.step == "code"
    assert after.slots == GOOD | {"who": name.rstrip("？"), "how": "post", "phone": "13800138123"}


def test_another_answer_than_the_one_shown_back_is_taken(content: Content) -> None:
    screen = Screen(content)
    screen.fill(**GOOD | {"who": "迪丽热巴"})
    after = screen.do(TextReceived(MONDAY, 5, mark=screen.seen.mark, text="张三")).frames[-1]
    assert (after.step, after.slots["who"]) == ("code", "张三")


@pytest.mark.parametrize(
    "day", ["5月20日", "五月二十号", "1号", "May 20", "12月1日", "就5月20号吧", "下个月3号"]
)
def test_a_day_without_its_year_is_shown_back(tmp_path: Path, day: str) -> None:
    flow = FLOW.replace("next: {post: when, fetch: done}", "next: when")
    write(tmp_path, {"move": flow}, {"move": WORDS})
    screen = Screen(read(tmp_path))
    after = screen.fill(**GOOD | {"when": day}, code=screen.seen.code).frames[-1]
    assert (after.step, after.slots) == ("when", {"who": "张三", "phone": "13800138123", "how": "post"})
    assert "年" in screen.seen.texts[-1]
    assert screen.seen.options[0].label == "是的"


def test_what_hardly_is_an_answer_is_taken_when_the_same_comes_again(content: Content) -> None:
    """As in the chat; what was typed still stands in the form."""
    screen = Screen(content)
    filled = GOOD | {"who": "Can Yilmaz"}
    typed = screen.typed(**filled)
    screen.fill(**filled)
    seen = view(content, screen.session, MONDAY, typed=typed)
    assert [field.error for field in seen.fields] == ["只写名字。", "", "", ""]
    assert seen.fields[0].value == "Can Yilmaz"
    assert screen.fill(**filled).frames[-1].slots["who"] == "Can Yilmaz"


def test_a_form_for_another_question_does_nothing(content: Content) -> None:
    screen = Screen(content)
    old = screen.seen.mark
    screen.do(TextReceived(MONDAY, 5, text="张三"))
    after = screen.do(FormFilled(MONDAY, 5, mark=old, values=GOOD)).frames[-1]
    assert (after.step, len(after.answers)) == ("phone", 1)


def test_content_that_was_published_in_mid_form(content: Content, tmp_path: Path) -> None:
    """The open question is another one now: nothing is stored, and it is asked as it is."""
    screen = Screen(content)
    old = screen.seen.mark
    write(tmp_path, {"move": FLOW.replace("who: {type: name}", "who: {type: text}")}, {"move": WORDS})
    screen.content = read(tmp_path)
    after = screen.do(FormFilled(MONDAY, 5, mark=old, values=GOOD)).frames[-1]
    assert (after.step, after.answers) == ("who", ())
    screen.fill(**GOOD)
    assert screen.session.frames[-1].step == "code"


def test_an_id_of_a_photo_is_no_secret(tmp_path: Path) -> None:
    """Though its random letters may read like a PIN and its digits."""
    flow = """
        flow: send
        slots: {front: {type: image}, back: {type: image}}
        steps:
          front: {collect: front}
          back: {collect: back}
          done: {say: done, next: end}
    """
    words = """
        title: 交照片
        words: [交照片]
        slots:
          front: {label: 正面, ask: 拍正面。, again: ["再拍正面。", "再拍一次。"]}
          back: {label: 反面, ask: 拍反面。, again: ["再拍反面。", "再拍一次。"]}
        texts: {done: "办好了。"}
    """
    write(tmp_path, {"send": flow}, {"send": words})
    content = read(tmp_path)
    session = step(content, new(content, 3, MONDAY), TextReceived(MONDAY, 5, text="交照片")).session
    photos = {
        "front": "page-112-zMenwvEIev3fk43oTPL_k8-0c3a3e14ffbb37640dd965c2709945ee",
        "back": f"page-1-pin{'1' * 19}-{'0' * 32}",
    }
    mark = view(content, session, MONDAY).mark
    assert step(content, session, FormFilled(MONDAY, 5, mark=mark, values=photos)).session.frames == ()
