"""What residents want, in which order, and how they answer what they are asked."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """`start`: a menu key, or words. `told`: what tells that it is done. `confirms`: labels of its last yes.

    `action`, `kind`: the change at the bureau, "" for what changes nothing.
    """

    name: str
    start: str
    told: re.Pattern[str]
    confirms: tuple[str, ...] = ()
    action: str = ""
    kind: str = ""


def _goal(name: str, start: str, told: str, confirms: str = "", action: str = "", kind: str = "") -> Goal:
    return Goal(name, start, re.compile(told), tuple(c for c in confirms.split("|") if c), action, kind)


GOALS = {
    goal.name: goal
    for goal in (
        _goal("sign in", "SIGN_IN", "已核对是您本人"),
        _goal(
            "temporary",
            "CARD_LOSS",
            "【已停用】.*已临时挂失",
            "确认停用",
            "card.report_loss",
            "temporary",
        ),
        _goal("formal", "CARD_LOSS", "【已停用】.*已正式挂失", "确认停用", "card.report_loss", "formal"),
        _goal("take back", "CARD_FOUND", "【已恢复】", "在我手里，恢复使用", "card.cancel_loss"),
        _goal("e-card", "CARD_E", "【已领好】|【已授权】", "授权领取|授权使用", "card.issue_e_card"),
        _goal("enable", "CARD_ENABLE", "【已启用】", "确认启用", "card.enable"),
        _goal("apply", "CARD_REISSUE", "【已提交】申请收到了", "确认提交", "card.apply"),
        _goal("progress", "CARD_PROGRESS", "【正在审核】"),
        _goal("withdraw", "撤回补卡申请", "【已撤回】新卡不办了", "确认撤回", "card.withdraw"),
        _goal("delete", "删除我的信息", "您的信息已删掉"),
        _goal("nothing kept", "我的信息", "现在留着的信息：\n• 最近的对话"),
    )
}
GUESSED = "猜"
"""How the names begin that strangers try."""
AGAIN = "delete at once"
"""Deletes everything while the change before is with the bureau; its end must be told all the same."""

PLANS: tuple[tuple[str, ...], ...] = (
    ("temporary",),
    ("sign in", "temporary", "take back"),
    ("formal", "apply", "withdraw"),
    ("temporary", "formal", "apply", "progress", "withdraw"),
    ("e-card", "temporary", "take back", "delete", "nothing kept", "temporary"),
    ("temporary", AGAIN, "formal"),
    ("enable", "e-card", "delete", "nothing kept"),
    ("sign in", "e-card", "temporary", "take back", "formal", "apply", "progress", "withdraw", "delete"),
)
SEALED_PLAN = 6
READY = "【可以领】"
"""What the bureau reports of an application, which nobody asked for."""
PROMISES = ("正在办，请稍等", "已经在提交了", "还不知道", "过一分钟随便发一个字")
"""What is only said of a change that is on its way."""
DOWN = ("现在连不上", "暂时连不上", "还没有提交上去", "您回的是别的步骤的选项")
"""Surely not taken: the resident may confirm again. The last: the question went down with its machine."""

# What is asked -> what is answered: {…} of the resident's own, tap: a label, photo: a picture
ANSWERS: tuple[tuple[str, str], ...] = (
    ("tap", "确认删除"),
    ("tap", "不接通"),  # who came to the staff's question by wrong answers, while the staff is there
    ("tap", "同意刷脸"),
    ("tap", "同意，继续"),
    ("tap", "同意，开始办"),
    ("tap", "不恢复，到此为止"),
    ("名字是“.*”吗", "是的"),
    ("拍一张自己|再拍一张|人脸|一张新照片", "photo"),
    ("有照片的一面|有国徽的一面|印在新卡上的照片|请发照片|还没有收到照片|两面都再拍", "photo"),
    ("您同意吗|同意吗？", "同意"),
    (r"(\d) (\d) (\d) (\d)", "{code}"),
    ("身份证有效期到|请写年月日", "长期"),
    ("联系手机号|手机号是11位", "{mobile}"),
    ("新卡怎么拿|不花邮费。$", "{delivery}"),
    ("回复收件地址|门牌号", "{address}"),
    ("您在哪个区|请回复区名", "列出全部网点"),
    ("到哪个网点领", "1"),
    ("卡是怎么没的", "1"),
    ("卡要怎么停", "{kind}"),
    ("为什么要办新卡", "3"),
    ("18位", "{id_number}"),
    ("姓名", "{name}"),
    ("返回”|转人工", "返回"),
    ("“继续”", "继续"),
)
