"""What is held on a resident, and letting go of it."""

from collections.abc import Callable

from phone import Phone

from .kit import changes, everything_in_redis, report_temporarily, work

Phones = Callable[..., Phone]


def test_my_data_shows_what_is_held_masked(phone: Phone) -> None:
    phone.say("我的信息")
    assert "没有留着您的任何信息" in phone.bubble
    phone.tap("卡的状态")
    phone.sign_in()
    phone.say("我的信息")
    assert "姓名：张*" in phone.bubble
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
    assert "已删掉" in phone.bubble
    left = {key.decode() for key in everything_in_redis(phone.bot)}
    owner = phone.bot.store.owner(phone.openid)
    assert not [key for key in left if key in (owner.key("s", owner.tag), owner.key("o", owner.tag))]
    phone.say("我的信息")
    assert "没有留着您的任何信息" in phone.bubble
    phone.tap("卡的状态")
    assert "您同意吗" in phone.bubble


def test_withdrawing_consent_asks_again(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.sign_in()
    phone.say("撤回同意")
    assert "已撤回您的同意" in phone.bubble
    phone.say("我的信息")
    assert "没有留着您的任何信息" in phone.bubble
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
    assert phone.event("unsubscribe").kind == "none"
    phone.event("subscribe")
    phone.say("我的信息")
    assert "没有留着您的任何信息" in phone.bubble


def test_revoking_wechats_authorisation_deletes_what_is_held(phone: Phone) -> None:
    phone.tap("卡的状态")
    phone.sign_in()
    phone.event("user_authorization_revoke", f"<OpenID>{phone.openid}</OpenID>")
    phone.say("我的信息")
    assert "没有留着您的任何信息" in phone.bubble


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
    assert "要留到有结果" in phone.bubble
    while work(phone.bot):
        pass
    phone.say("你好")
    assert "您办的“卡丢了（挂失）”，结果是" in phone.bubble
    assert "【已停用】" in phone.bubble
    phone.say("我的信息")
    assert "没有留着您的任何信息" in phone.bubble
