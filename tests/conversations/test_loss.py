"""From the menu to a loss receipt, a formal report, a new card and its progress; over HTTP in safe mode."""

from phone import Phone


def test_from_the_menu_to_a_temporary_loss_receipt_in_seven_messages(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    assert "已核对是您本人" in phone.bubble
    first = next(a for a in phone.bubble.answers if "先停用" in a)
    phone.tap(first)
    assert "请核对" in phone.bubble
    phone.tap("确认停用")
    assert phone.bubble.text.startswith("【已停用】")
    assert "受理号" in phone.bubble
    assert "95000" in phone.bubble
    assert phone.sent <= 7
