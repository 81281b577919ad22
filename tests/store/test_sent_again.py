"""A command that ran, was not answered in time and is sent again is nobody else's deed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
import redis
from conftest import SEAL_KEY, TAG_KEY
from moment import NOW
from msgspec import structs

from bot.page.authorisation import Authorisation
from bot.page.links import Link, Links
from bot.page.visits import Visit, Visits
from bot.ports import Unknown
from bot.store.connect import connect, take
from bot.store.drafts import Changed, Drafts, drafted
from bot.store.seal import Seal
from bot.store.trials import Trials
from bot.wechat.tokens import Token, Tokens

from .sent_again import SentAgain

ORIGIN = "https://card.example"
OPENID = "o" * 28
CODE = "a-code-of-wechat"


@pytest.fixture
def plain(redis_url: str) -> redis.Redis:
    return connect(redis_url)


@pytest.fixture
def again(plain: redis.Redis) -> redis.Redis:
    return SentAgain(plain)


@pytest.fixture
def seal() -> Seal:
    return Seal([SEAL_KEY], TAG_KEY)


def test_what_one_takes_is_ones_own_and_nobody_elses(plain: redis.Redis, again: redis.Redis) -> None:
    assert take(again, "k", 60) == plain.get("k") != b""
    assert 0 < plain.ttl("k") <= 60
    assert take(again, "k", 60) == b""


def test_a_link_opens_once(plain: redis.Redis, again: redis.Redis, seal: Seal) -> None:
    links = Links(again, seal, ORIGIN)
    name = links.make(Link(OPENID, "gh_1", 1)).rpartition("/")[2]
    lasts = max(plain.ttl(key) for key in plain.scan_iter())
    assert (links.state(name), links.open(name), links.state(name)) == ("good", True, "used")
    assert not links.open(name)
    assert links.find(name) is None
    assert 0 < max(plain.ttl(key) for key in plain.scan_iter()) <= lasts
    assert not links.open("x" * 22)
    assert links.state("x" * 22) == "gone"


def test_a_code_of_wechat_is_asked_about_once(again: redis.Redis, seal: Seal) -> None:
    asked: list[str] = []

    def openid_of(code: str, within: float) -> str:
        asked.append(code)
        return OPENID

    authorisation = Authorisation(again, seal, "wx1", ORIGIN, openid_of)
    assert [authorisation.openid(CODE), authorisation.openid(CODE)] == [OPENID, None]
    assert asked == [CODE]


def renewing(fetched: list[bool]) -> Callable[[bool, float], Token]:
    """WeChat, which gives another token only by force."""

    def fetch(force: bool, within: float) -> Token:
        fetched.append(force)
        return Token(f"t{sum(fetched)}", 7200)

    return fetch


def test_a_token_is_renewed_under_ones_own_lock_and_by_force_once(
    plain: redis.Redis, again: redis.Redis, seal: Seal
) -> None:
    fetched: list[bool] = []
    tokens = Tokens(again, seal, "wx1", renewing(fetched), lambda: float(NOW))
    assert tokens.get(time.monotonic() + 60) == "t0"
    assert plain.get("wechat:token-lock:wx1") is None
    assert tokens.get(time.monotonic() + 60, refused="t0") == "t1"
    with pytest.raises(Unknown, match="by force a moment ago"):
        tokens.get(time.monotonic() + 60, refused="t1")
    assert fetched == [False, False, True, False]


def test_a_token_that_still_works_is_used_where_its_early_renewal_fails(
    plain: redis.Redis, seal: Seal
) -> None:
    clock, answers = [float(NOW)], [Token("t0", 7200)]

    def fetch(force: bool, within: float) -> Token:
        if not answers:
            raise Unknown("WeChat does not answer")
        return answers.pop()

    tokens = Tokens(plain, seal, "wx1", fetch, lambda: clock[0])
    assert tokens.get(time.monotonic() + 60) == "t0"
    clock[0] += 7200 - 200
    assert tokens.get(time.monotonic() + 60) == "t0"
    assert plain.get("wechat:token-lock:wx1") is None
    with pytest.raises(Unknown, match="does not answer"):
        tokens.get(time.monotonic() + 60, refused="t0")


def test_a_look_at_the_page_does_not_undo_a_submit_that_came_meanwhile(
    plain: redis.Redis, seal: Seal
) -> None:
    visits = Visits(plain, seal, "key", secure=False, now=lambda: float(NOW))
    name, seen = visits.new_name(), Visit(OPENID, "gh_1")
    visits.keep(name, seen, new=True)
    noticed = structs.replace(seen, shown=(1, NOW))
    visits.change(name, seen, noticed)
    assert visits.of(name) == noticed
    submitted = structs.replace(noticed, delivery="page:1")
    visits.keep(name, submitted)
    visits.change(name, noticed, seen)
    assert visits.of(name) == submitted
    visits.end(name)
    visits.change(name, submitted, noticed)
    assert visits.of(name) is None, "an ended visit does not come back"


def test_a_draft_is_kept_changed_and_dropped(plain: redis.Redis, again: redis.Redis, seal: Seal) -> None:
    drafts, others = Drafts(again, seal), Drafts(plain, seal)
    drafts.keep(drafted("ed", 1, {}, {"a": b"1"}))
    (first,) = drafts.all()
    drafts.keep(replace(first, files={"a": (b"", b"2")}))
    (second,) = drafts.all()
    with pytest.raises(Changed):
        others.keep(first)
    with pytest.raises(Changed):
        drafts.drop(first)
    drafts.drop(second)
    assert drafts.all() == []
    with pytest.raises(Changed):
        drafts.keep(second)


def test_a_word_begins_one_trial_which_ends_once(again: redis.Redis, seal: Seal) -> None:
    trials = Trials(again, seal)
    digits = trials.word("d1", "ed")
    assert trials.begin("tag-1", digits, "m-1", "zh-CN", NOW)
    assert trials.begin("tag-2", digits, "m-2", "zh-CN", NOW) is None
    (trial,) = trials.all()
    assert trial.tag == "tag-1"
    assert trials.end(trial, "time")
    assert not trials.end(trial, "console"), "it was ended meanwhile"
    (ended,) = trials.all()
    assert ended.ended == "time"
    trials.drop(ended)
    assert trials.all() == []
