"""The pages of figures, as far as the server can tell: what was counted is what they show."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from conftest import ROOT
from flask import Flask
from loaded import read_yaml
from moment import epoch

from bot.app import Bot, create_app
from bot.console.period import MOST, Period, chosen
from bot.store.drafts import Drafts
from web.operator import Operator
from web.seeded import OLDER, seed, today

TODAY = date(2026, 11, 22)
PAGES = ("flows", "funnels", "questions")


@pytest.fixture
def bot(console_bot: Bot) -> Bot:
    return console_bot


@pytest.fixture
def app(bot: Bot) -> Flask:
    return create_app(bot)  # anew: past days are remembered


def put(bot: Bot, day: date, revision: str = "", **counted: int) -> None:
    """`put(bot, day, **{"enable.begun": 3})`, in a shard of that day's own."""
    key = f"sb:{{s{day.toordinal() % 64}}}:c:{day:%Y%m%d}"
    for name, n in counted.items():
        bot.client.hset(key, f"{revision or bot.turns.content('').revision}|{name}", n)


def rows(html: str, table: str) -> list[list[str]]:
    """The cells of a table, as they are read."""
    body = re.search(rf'<table[^>]*id="{table}".*?<tbody[^>]*>(.*?)</tbody>', html, re.S)
    assert body, f"no table {table}"
    cells = [
        re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in re.findall(r"<tr.*?</tr>", body[1], re.S)
    ]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells]


# --- the days ---
@pytest.mark.parametrize(("days", "long"), [("1", 1), ("7", 7), ("30", 30), ("99", 7), ("", 7), ("x", 7)])
def test_so_many_days_up_to_today(days: str, long: int) -> None:
    period = chosen({"days": days}, TODAY)
    assert len(period.days) == long
    assert period.days[-1] == TODAY


def test_two_dates_and_the_future_is_cut_off() -> None:
    args = {"days": "dates", "from": "2026-11-01", "to": "2026-11-03"}
    assert chosen(args, TODAY) == Period(date(2026, 11, 1), date(2026, 11, 3), "dates")
    assert chosen({**args, "to": "9999-12-31"}, TODAY).last == TODAY
    assert chosen({**args, "to": ""}, TODAY).last == TODAY
    assert chosen({"days": "dates"}, TODAY).wrong == ""


@pytest.mark.quick(3)
@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        ("2026-11-05", "2026-11-01", "backwards"),
        ("2027-01-01", "2027-01-02", "backwards"),
        ("soon", "", "no_dates"),
        ("", "2026-11-01", "no_dates"),
        ("2026-02-30", "2026-03-01", "no_dates"),
        ("0001-01-01", "2026-11-22", "too_long"),
        (str(TODAY - timedelta(days=MOST)), str(TODAY), "too_long"),
        ("2024-01-01", "2024-01-05", "too_old"),
    ],
)
def test_dates_that_cannot_be_shown_are_refused_aloud(bot: Bot, first: str, last: str, wrong: str) -> None:
    assert chosen({"days": "dates", "from": first, "to": last}, TODAY).wrong == wrong
    app = create_app(replace(bot, now=lambda: epoch(f"{TODAY} 10:00")))
    html = Operator(app).see(f"funnels?days=dates&from={first}&to={last}")
    assert 'class="note bad"' in html


# --- the pages ---
@pytest.mark.quick(1)
@pytest.mark.parametrize("page", PAGES)
def test_without_counts_a_page_says_so(app: Flask, page: str) -> None:
    html = Operator(app).see(page)
    assert "Nothing was counted" in html or "No answer was wrong" in html


def test_a_real_conversation_shows_on_the_pages(
    app: Flask, bot: Bot, make_phone: Callable[..., object]
) -> None:
    """Not made up: what a resident does is what the operator sees."""
    from phone import Phone

    phone = Phone(app.test_client(), bot, "张三")
    phone.tap("挂失停用")
    phone.say("同意")
    phone.say("不是号码")
    phone.say("取消")
    anna = Operator(app)
    flows = {row[0]: row[1:] for row in rows(anna.see("funnels?days=1"), "runs")}
    assert flows["Lost card"][0] == flows["Sign in"][0] == "1"
    assert flows["Lost card"][5] == flows["Sign in"][5] == "1"  # dropped out
    steps = {row[0]: row[1:] for row in rows(anna.see("funnels?days=1&flow=sign_in"), "steps")}
    assert steps["agreement · I agree, continue consent"][:3] == ["1", "1", "0"]
    assert steps["ID number id_number"][:3] == ["1", "0", "1 cancelled 1"]
    assert steps["ID number id_number"][4] == "1"  # wrong
    ways = {tuple(row[:3]): row[3] for row in rows(anna.see("flows?days=1&flow=sign_in"), "ways")}
    consent = "agreement · I agree, continue consent"
    assert ways[(consent, "agreed", "ID number id_number")] == "1"
    assert [n for way, n in ways.items() if way[:2] == (consent, "refused")] == ["0"]
    page = Operator(app, language="zh").see("flows?days=1&flow=sign_in")
    ways = {tuple(row[:3]): row[3] for row in rows(page, "ways")}
    assert ways[("请居民同意 · 同意，继续 consent", "同意 agreed", "证件号码 id_number")] == "1", (
        "counted by YAML's word"
    )
    assert "证件号码 · id_number" in page
    assert rows(anna.see("questions?days=1"), "failing")[0][:3] == [
        "Sign in · ID number sign_in.id_number",
        "1",
        "100%",
    ]


def test_questions_and_calls_are_not_mixed_and_have_titles(app: Flask, bot: Bot) -> None:
    seed(bot, days=1)
    anna = Operator(app)
    page = anna.see("funnels?days=1&flow=report_loss")
    steps, calls = rows(page, "steps"), rows(page, "calls")
    assert "kind of report kind" in [row[0] for row in steps]
    assert "confirmation · Block the card check" in [row[0] for row in steps]
    assert [row[0] for row in calls] == [
        "bureau's system · find the card find",
        "bureau's system · report the loss submit",
    ]
    for bar, row in zip(
        re.findall(r'data-name="[^"]*" data-values="(\d+) (\d+)"', page), steps, strict=False
    ):
        assert sum(map(int, bar)) == int(row[1].replace(",", "")), "a bar is as long as many were asked"
    ways = {tuple(row[:2]) for row in rows(anna.see("flows?days=1&flow=report_loss"), "ways")}
    assert ("branch · state", "card.state = in order") in ways
    page = Operator(app, language="zh").see("flows?days=1&flow=report_loss")
    assert ("分支 · state", "card.state = 正常") in {tuple(row[:2]) for row in rows(page, "ways")}
    assert "业务系统 · 查社保卡" in page


def test_what_was_written_instead_stands_beside_its_question(app: Flask, bot: Bot) -> None:
    from phone import Phone

    for n in range(3):
        phone = Phone(app.test_client(), bot, "张三", f"resident{n}")
        phone.tap("挂失停用")
        phone.say("不想说可以吗")
        phone.say("同意")
        phone.say("我要问社保的别的事情，电话13912345678")
    page = Operator(app).see("questions?days=1")
    asked = {row[0]: row[1] for row in rows(page, "instead")}
    assert asked["Sign in · agreement"] == "不想说可以吗"
    assert "13912345678" not in page
    page = Operator(app, language="zh").see("funnels?days=1&flow=sign_in")
    assert ["实名登录 · 请居民同意", "不想说可以吗"] in [row[:2] for row in rows(page, "instead")]
    assert 'id="instead"' not in Operator(app).see("funnels?days=1&flow=progress")


@pytest.mark.slow
def test_one_click_puts_what_nothing_answered_where_it_belongs_in_a_draft(app: Flask, bot: Bot) -> None:
    seed(bot, days=1)
    ed = Operator(app, "ed", "zh")
    page = ed.see("questions")
    button = re.search(
        r'name="text" value="([^"]+)"><input type="hidden" name="language" value="([^"]+)">'
        r'<button name="target" value="([^"]+)"',
        page,
    )
    assert button
    text, language, target = button.groups()
    assert text == "养老金怎么领"
    before = bot.revisions.current()
    form = {"token": ed.token("questions"), "text": text, "target": target, "language": language}
    came = ed.client.post("/console/drafts/phrase", data=form)
    assert (came.status_code, "/console/drafts/" in came.location) == (303, True)
    [draft] = Drafts(bot.client, bot.store.seal).all()
    assert draft.by == "ed"
    assert text in draft.files["messages/zh-CN/pages.yaml"][1].decode()
    assert bot.revisions.current() == before, "nobody meets a draft"


def test_days_and_revision_choose_what_is_added_up(app: Flask, bot: Bot) -> None:
    put(bot, today(), **{"enable.begun": 3, "enable.end": 1})
    put(bot, today() - timedelta(days=3), **{"enable.begun": 10})
    put(bot, today() - timedelta(days=3), OLDER, **{"enable.begun": 500, "gone.begun": 4})
    put(bot, today() - timedelta(days=20), **{"enable.begun": 1000})
    anna = Operator(app)

    def begun(query: str) -> list[list[str]]:
        return [row[:2] for row in rows(anna.see(f"funnels?{query}"), "runs")]

    assert [n for _, n in begun("days=1")] == ["3"]
    assert begun("days=7")[0][1] == "513"
    assert begun("days=30")[0][1] == "1,513"
    assert [n for _, n in begun(f"days=7&revision={OLDER}")] == ["500", "4"]
    assert begun("days=7&revision=unheard-of")[0][1] == "513"
    at = today() - timedelta(days=20)
    assert begun(f"days=dates&from={at}&to={at}")[0][1] == "1,000"


@pytest.mark.quick(1)
@pytest.mark.parametrize("page", PAGES)
def test_an_address_made_by_anybody_breaks_nothing(app: Flask, bot: Bot, page: str) -> None:
    put(bot, today(), **{"enable.begun": 3})
    anna = Operator(app)
    for query in (
        "flow=<script>&revision=<script>&days=<script>",
        "flow=../../etc&days=dates&from=%00&to=%FF",
        "days=-1&days=30&flow=" + "x" * 5000,
    ):
        answer = anna.client.get(f"/console/{page}?{query}")
        assert answer.status_code == 200
        assert "<script>" not in answer.text


def test_only_the_graph_may_compile_webassembly(app: Flask) -> None:
    anna = Operator(app)
    for page in (*PAGES, "audit"):
        policy = anna.client.get(f"/console/{page}").headers["Content-Security-Policy"]
        assert ("'wasm-unsafe-eval'" in policy) == (page == "flows")
        assert "'unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")


def test_the_graph_begins_with_the_flow_most_were_in(app: Flask, bot: Bot) -> None:
    put(bot, today(), **{"enable.begun": 3, "progress.begun": 9, "gone.begun": 100})
    assert re.search(r'<option value="progress" selected>', Operator(app).see("flows"))


def test_who_may_only_read_sees_the_figures(app: Flask, bot: Bot) -> None:
    seed(bot, days=1)
    bo = Operator(app, "bo", "zh")
    assert "没有答上来的话" in bo.see("questions")
    asked = [row[0] for row in rows(bo.see("questions"), "unanswered")]
    assert "养老金怎么领" in asked
    assert not [text for text in asked if "测试丰" in text]
    assert "答得不对" in bo.see("funnels?flow=sign_in")


def test_every_word_is_there_in_both_languages() -> None:
    """A comma that nobody quoted cuts a sentence in two."""
    for path in (ROOT / "bot" / "console").rglob("words/*.yaml"):
        for name, each in read_yaml(path).items():
            assert set(each) == {"zh", "en"}, f"{path.name}: {name}"
