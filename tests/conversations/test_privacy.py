"""What is held on a resident, and letting go of it."""

from collections.abc import Callable
from datetime import timedelta

from phone import Phone

from bot.engine.scope import china_time

from .kit import changes, everything_in_redis, report_temporarily, work

Phones = Callable[..., Phone]


def nothing_of_the_person(phone: Phone) -> None:
    """What 我的信息 lists has no name, number, consent, open matter or reminder."""
    assert phone.bubble.text.startswith("现在留着的信息：\n• ")
    for kind in ("姓名：", "证件号码：", "同意过的", "没有办完的", "提醒：", "登录过的记号"):
        assert kind not in phone.bubble.text.partition("回复")[0]


def test_my_data_shows_what_is_held_masked(phone: Phone) -> None:
    phone.say("我的信息")
    nothing_of_the_person(phone)
    phone.tap("卡的状态")
    phone.sign_in()
    phone.say("我的信息")
    assert "姓名：张*" in phone.bubble
    assert "证件号码：660***********0018" in phone.bubble
    assert "实名登录" in phone.bubble
    assert "张三" not in phone.bubble
    assert phone.person.id_number not in phone.bubble


def test_my_data_in_mid_conversation_goes_on_afterwards(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("先停用")
    phone.say("我的信息")
    assert "没有办完的：卡丢了（挂失）" in phone.bubble
    phone.tap("确认停用")
    assert "【已停用】" in phone.bubble


def test_deleting_my_data_leaves_nothing_but_counters(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.sign_in()
    phone.say("删除我的信息")
    phone.tap("确认删除")
    assert "已删掉" in phone.bubble
    left = {key.decode() for key in everything_in_redis(phone.bot)}
    owner = phone.bot.store.owner(phone.openid)
    assert not [key for key in left if key in (owner.key("s", owner.tag), owner.key("o", owner.tag))]
    phone.say("我的信息")
    nothing_of_the_person(phone)
    phone.tap("卡的状态")
    assert "您同意吗" in phone.bubble


def test_withdrawing_consent_asks_again(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.sign_in()
    phone.say("撤回同意")
    assert "已撤回您的同意" in phone.bubble
    phone.say("我的信息")
    nothing_of_the_person(phone)
    phone.tap("卡的状态")
    assert "您同意吗" in phone.bubble


def test_withdrawing_consent_in_mid_conversation_stops_it(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("先停用")
    phone.say("撤回同意")
    phone.say("确认停用")
    assert changes(phone.bot) == []


def test_signing_out_lets_go_of_name_and_number(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.sign_in()
    phone.say("退出登录")
    assert "已退出" in phone.bubble
    phone.say("我的信息")
    assert "姓名" not in phone.bubble.text.replace("姓名和号码", "")
    phone.tap("卡的状态")
    assert "证件号码" in phone.bubble


def test_unfollowing_deletes_what_is_held(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.sign_in()
    assert phone.event("unsubscribe").kind == "nothing"
    phone.event("subscribe")
    phone.say("我的信息")
    nothing_of_the_person(phone)


def test_revoking_wechats_authorisation_deletes_what_is_held(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.sign_in()
    phone.event("user_authorization_revoke", OpenID=phone.openid)
    phone.say("我的信息")
    nothing_of_the_person(phone)


def test_nothing_readable_about_a_resident_stands_in_redis(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    everything = b"".join((*everything_in_redis(phone.bot), *everything_in_redis(phone.bot).values()))
    for private in (phone.openid, phone.person.id_number, "张三", "1234567890"):
        assert private.encode() not in everything


def test_a_change_under_way_is_still_told_after_deletion(once_phone: Phones) -> None:
    phone = once_phone("没回音")
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    assert "还不知道卡有没有停用" in phone.bubble
    phone.say("删除我的信息")
    assert "正在提交的，留到有结果：卡丢了（挂失）" in phone.bubble
    phone.tap("确认删除")
    assert "要留到有结果" in phone.bubble
    while work(phone.bot):
        pass
    phone.say("你好")
    assert "您办的“卡丢了（挂失）”，结果是" in phone.bubble
    assert "【已停用】" in phone.bubble
    phone.say("我的信息")
    nothing_of_the_person(phone)


# --- deletion is asked about, and says what is true ---
def reported(phone: Phone) -> Phone:
    phone.tap("挂失停用")
    phone.sign_in()
    report_temporarily(phone)
    return phone


def test_deletion_says_first_what_goes_and_what_stays_why_and_until_when(phone: Phone) -> None:
    receipt = reported(phone).bubble.text.partition("受理号：")[2].partition("\n")[0]
    phone.say("删除我的信息")
    goes, _, stays = phone.bubble.text.partition("会留着：")
    for part in ("姓名：张*", "证件号码：660", "您同意过的：实名登录", "临时挂失到期提醒：删了就不再提醒"):
        assert part in goes
    until = china_time(phone.at) + timedelta(days=1095)
    assert f"有争议时好查：{receipt}（留到{until.year}年{until.month}月{until.day}日" in stays
    assert "核对没通过的次数" in stays
    assert "社保部门自己系统里的，这里删不了" in stays
    phone.tap("先不删")
    assert "没有删除" in phone.bubble
    phone.say("我的信息")
    assert "姓名：张*" in phone.bubble


def test_what_stays_after_deletion_is_in_the_store_and_listed_again(phone: Phone) -> None:
    reported(phone).say("删除我的信息")
    phone.tap("确认删除")
    assert "还留着：" in phone.bubble
    for untrue in ("全部", "任何信息", "没有改动"):
        assert untrue not in phone.bubble
    kept = [key for key in everything_in_redis(phone.bot) if b":e:" in key or b":ei:" in key]
    assert len(kept) == 2
    phone.say("我的信息")
    nothing_of_the_person(phone)
    assert "办成的凭据" in phone.bubble


def test_without_a_yes_nothing_is_deleted(phone: Phone) -> None:
    reported(phone).say("删除我的信息")
    phone.say("卡丢了怎么看病")
    phone.say("我的信息")
    assert "姓名：张*" in phone.bubble
    phone.say("删除我的信息")
    phone.say("好的")
    assert "已删掉" in phone.bubble


def test_who_deletes_in_the_middle_of_a_loss_report_is_told_first_that_the_card_is_not_blocked(
    phone: Phone,
) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.say("删除我的信息")
    phone.tap("确认删除")
    assert phone.bubble.text.startswith("在这里卡还没有停用，着急请马上打12333")


def test_the_consent_says_beforehand_what_stays(phone: Phone) -> None:
    phone.tap("卡的状态")
    assert "凭据留1095天备查" in phone.bubble
