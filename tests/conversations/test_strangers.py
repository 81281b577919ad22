"""Whoever has a wallet can guess and act: its holder must still get through, and be told."""

from collections.abc import Callable

import pytest
from phone import Phone

from bot.app import Bot, create_app
from bot.kit.stubs.pushed import StubSender
from bot.store.sign_ins import TOLD_KEPT

from .kit import act_for_child, apply_by_express, changes, report_temporarily, show_face, work

Phones = Callable[..., Phone]


def guess(make_phone: Phones, strangers: int) -> str:
    """So many openids try a wrong name once with 张三's number; what the last one heard."""
    for n in range(strangers):
        stranger = make_phone("张三", name=f"stranger{n}")
        stranger.tap("挂失停用")
        stranger.tap("同意，继续")
        stranger.say(stranger.person.id_number)
        stranger.say("猜一猜")
        stranger.code()
    return stranger.bubble.text


@pytest.mark.slow
def test_fifty_strangers_guess_and_the_holder_who_once_signed_in_reports_the_loss(once_phone: Phones) -> None:
    holder = once_phone("张三")
    holder.tap("卡的状态")
    holder.sign_in()
    assert guess(once_phone, 50).startswith("在这里卡还没有停用，着急请马上打12333")
    holder.wait(3600)
    holder.tap("挂失停用")
    holder.sign_in()
    report_temporarily(holder)
    assert "【已停用】" in holder.bubble
    assert changes(holder.bot) == ["report_loss"]


def test_a_holder_who_never_signed_in_is_told_whom_to_call_and_how_long_it_takes(once_phone: Phones) -> None:
    guess(once_phone, 6)
    holder = once_phone("张三")
    holder.tap("挂失停用")
    holder.sign_in()
    assert holder.bubble.text.startswith("在这里卡还没有停用，着急请马上打12333")
    assert "请1分钟后再试" in holder.bubble


def test_what_was_matched_goes_with_deletion_and_unfollowing(make_phone: Phones) -> None:
    for leave in ("删除我的信息", "unsubscribe"):
        phone = make_phone("张三", name=leave)
        phone.tap("卡的状态")
        phone.sign_in()
        owner = phone.bot.store.owner(phone.openid)
        held = phone.bot.store.begin(owner, "").remembered
        assert {name.partition(":")[0] for name in held} == {"name", "card"}
        if leave == "unsubscribe":
            phone.event(leave)
        else:
            phone.say(leave)
            phone.tap("确认删除")
        assert phone.bot.store.begin(owner, "").remembered == {}


def signed_in(once_phone: Phones, name: str, person: str = "张三") -> Phone:
    phone = once_phone(person, name=name)
    phone.say("登录")
    phone.sign_in()
    assert "已核对是您本人" in phone.bubble
    return phone


def blocks(phone: Phone) -> None:
    phone.tap("挂失停用")
    report_temporarily(phone)
    assert "【已停用】" in phone.bubble


def test_other_openids_of_the_same_card_are_told_once_and_one_tap_freezes_its_sign_ins(
    once_phone: Phones,
) -> None:
    holder, actor = signed_in(once_phone, "holder"), signed_in(once_phone, "actor")
    blocks(actor)
    assert work(actor.bot) == 1, "to tell the others is a job"
    assert work(actor.bot) == 0
    holder.say("你好")
    assert "【请留意】另一个微信给尾号1234的社保卡办了事" in holder.bubble
    assert "挂失停用" in holder.bubble
    assert "张" not in holder.bubble.text, "who it was is not said"
    actor.say("你好")
    assert "请留意" not in actor.bubble
    holder.tap("不是我办的")
    assert "【已暂停】" in holder.bubble
    assert "12333" in holder.bubble
    work(actor.bot)
    actor.say("电子社保卡")
    assert "【已暂停登录】有人反映" in actor.bubble, "whoever did it is told and signed out"
    for phone in (actor, holder):
        phone.say("登录")
        phone.sign_in()
        assert phone.bubble.text.startswith("卡丢了着急，请马上打12333")
        assert "登录已暂停，最晚24小时后恢复" in phone.bubble
        assert "找工作人员" in phone.bubble.answers
    stranger = once_phone("张三", name="stranger")
    stranger.say("登录")
    stranger.sign_in()
    assert "请24小时后再试" in stranger.bubble, "a stranger does not learn why"
    assert "有人反映" not in stranger.bubble


def test_a_job_that_runs_again_tells_nobody_twice(once_phone: Phones) -> None:
    holder, actor = signed_in(once_phone, "holder"), signed_in(once_phone, "actor")
    blocks(actor)
    store = actor.bot.store
    (found,) = [found for found in store.due() if found[1].startswith("j:")]
    kept = store.client.dump(f"sb:{{s{found[0]}}}:j:{found[1][2:]}")
    work(actor.bot)
    store.client.restore(f"sb:{{s{found[0]}}}:j:{found[1][2:]}", 0, kept)
    store.client.zadd(f"sb:{{s{found[0]}}}:due", {found[1]: 0})
    assert work(actor.bot) == 1
    holder.say("你好")
    assert holder.bubble.text.count("请留意") == 1


def test_whoever_deleted_their_data_or_unfollowed_is_not_told_and_not_known(once_phone: Phones) -> None:
    holder, actor = signed_in(once_phone, "holder"), signed_in(once_phone, "actor")
    holder.event("unsubscribe")
    client = actor.bot.client
    assert [client.hlen(key) for key in client.keys("sb:people:*")] == [1], (
        "the way to them is gone with them"
    )
    holder.event("subscribe")
    blocks(actor)
    work(actor.bot)
    holder.say("你好")
    assert "请留意" not in holder.bubble


def test_deleting_at_once_does_not_keep_the_others_from_being_told(once_phone: Phones) -> None:
    holder = signed_in(once_phone, "holder", "没回音")
    actor = signed_in(once_phone, "actor", "没回音")
    actor.tap("挂失停用")
    report_temporarily(actor)
    actor.say("删除我的信息")
    actor.tap("确认删除")
    while work(actor.bot):
        pass
    holder.say("你好")
    assert "【请留意】" in holder.bubble


def test_guardians_of_one_child_are_told_of_each_other(once_phone: Phones) -> None:
    child = once_phone("张小宝")
    one, other = once_phone("张三", name="one"), once_phone("张三", name="other")
    for phone in (one, other):
        act_for_child(phone, child)
    blocks(one)
    work(one.bot)
    other.say("你好")
    assert "【请留意】" in other.bubble


def test_a_tap_after_other_messages_and_in_english_still_freezes(once_phone: Phones) -> None:
    holder, actor = signed_in(once_phone, "holder"), signed_in(once_phone, "actor")
    holder.say("English")
    blocks(actor)
    work(actor.bot)
    holder.say("hello")
    assert "PLEASE CHECK" in holder.bubble
    assert "reported lost" in holder.bubble
    tap = holder.bubble.answers["It was not me"]
    holder.say("help")
    holder.say("It was not me", tap)
    assert "PAUSED" in holder.bubble


def test_how_long_a_notice_is_answered_counts_by_the_residents_clock(once_phone: Phones) -> None:
    """Not by the store's: on a test phone the one may be days ahead of the other."""
    holder, actor = signed_in(once_phone, "holder"), signed_in(once_phone, "actor")
    blocks(actor)
    work(actor.bot)
    remembered = holder.bot.store.begin(holder.bot.store.owner(holder.openid), "").remembered
    (until,) = [until for name, (until, _) in remembered.items() if name.startswith("told:")]
    assert 0 <= until - TOLD_KEPT - actor.at < 3600


def test_it_was_not_me_without_anything_told_pauses_nothing(phone: Phone) -> None:
    phone.say("不是我办的")
    assert "没有别的微信" in phone.bubble
    assert not phone.bot.client.keys("sb:frozen:*")


def test_what_changed_nothing_is_not_told(once_phone: Phones) -> None:
    holder, actor = signed_in(once_phone, "holder"), signed_in(once_phone, "actor")
    actor.tap("挂失停用")
    actor.choose("先停用")
    actor.tap("先不停")
    assert work(actor.bot) == 0
    holder.say("你好")
    assert "请留意" not in holder.bubble


def test_it_is_pushed_as_far_as_wechat_allows(make_bot: Callable[..., Bot]) -> None:
    bot = make_bot(push="yes")
    client, sender = create_app(bot).test_client(), bot.sender
    assert isinstance(sender, StubSender)

    def phone(person: str, name: str) -> Phone:
        return Phone(client, bot, person, name)

    holder, actor = signed_in(phone, "holder"), signed_in(phone, "actor")
    blocks(actor)
    work(bot)
    work(bot, "p")
    (pushed,) = sender.take(holder.openid)
    assert "【请留意】" in pushed.text
    assert [option.label for option in pushed.options] == ["不是我办的"]
    assert not any("请留意" in reply.text for reply in sender.take(actor.openid))


@pytest.mark.parametrize(
    ("person", "does", "told"),
    [
        (
            "孙临时",
            lambda phone: (phone.tap("卡找到了"), show_face(phone), phone.tap("在我手里，恢复使用")),
            "恢复使用",
        ),
        ("张三", lambda phone: (phone.say("电子社保卡"), phone.tap("授权领取")), "电子社保卡"),
        (
            "郑未启",
            lambda phone: (phone.tap("新卡启用"), show_face(phone), phone.tap("确认启用")),
            "启用新卡",
        ),
        (
            "吴正式",
            lambda phone: (phone.tap("补卡换卡"), apply_by_express(phone), phone.tap("确认提交")),
            "补办新卡",
        ),
    ],
)
def test_each_change_to_a_card_is_told(
    once_phone: Phones, person: str, does: Callable[[Phone], object], told: str
) -> None:
    holder, actor = signed_in(once_phone, "holder", person), signed_in(once_phone, "actor", person)
    does(actor)
    assert changes(actor.bot), actor.bubble.text
    work(actor.bot)
    holder.say("你好")
    assert told in holder.bubble.text.partition("是您本人")[0]
