"""Mistakes in words: missing ones, words that mean two things, the rules for what residents read."""

# One mistake a line:
# ruff: noqa: E501

from __future__ import annotations

from .corpus_files import AGAIN, ASK, COMMON, LOSS, PAGES, ZH
from .kit import Mistake as M

EN, EN_SIGN = "messages/en/report_loss.yaml", "messages/en/sign_in.yaml"
ZH_SIGN, ZH_RATE, ZH_HAND = (
    "messages/zh-CN/sign_in.yaml",
    "messages/zh-CN/rate.yaml",
    "messages/zh-CN/hand_off.yaml",
)
KEPT = "    - 好的，没有改动。卡还没有停用，要停随时再来。\n"
NO_CARD = "    别的城市发的卡，请打那里的区号加{policy.national_hotline}挂失。"
ALREADY = "    银行功能要另外打发卡银行的电话停。\n"

THERE = [
    M("missing-text", LOSS, "    say: cannot\n", "    say: «cannott\n"),
    M("missing-text", EN, "  no_card: |-\n    We found no social security card of yours in this city.\n    If another city issued it, call {policy.national_hotline} with that city's area code.\n", "", where=(EN, "texts:")),
    M("unused-text", ZH, "  slow: 正在办", "  «sloww: 正在办"),
    M("unused-words", "messages/zh-CN/outlets.yaml", "  near:\n    line:", "  near:\n    «ask: 哪一个？\n    line:"),
    M("missing-ask", ZH, ASK + "\n", "", where=(ZH, "reason:\n    label")),
    M("missing-value", ZH, "values: {lost: 丢了, stolen: 被偷了}", "«values: {lost: 丢了}"),
    M("unknown-value", ZH, "values: {lost: 丢了, stolen: 被偷了}", "values: {lost: 丢了, stolen: 被偷了, «stollen: 被偷}"),
    M("unknown-slot", ZH, "slots:\n  kind:\n", "slots:\n  «kinds:\n    label: 什么\n  kind:\n"),
    M("missing-engine-text", COMMON, "stale: 您回的是别的步骤的选项，不是现在这一步，这条不算数。\n", "", where=(COMMON, "recovery:\n  cancel")),
    M("unknown-text", COMMON, "", "«stael: 您点的是前面的选项。\n"),
    M("missing-code-words", COMMON, "    policy: 按本市规定，要到网点办。\n", "", where=(COMMON, "refusal:\n")),
    M("words-without-flow", "messages/zh-CN/rates.yaml", "", "«title: 评价\n"),
    M("untranslated", EN, "    label: how it was lost", "    label: «挂失原因", "    label: how it was lost exactly"),
    M("untranslated", EN, "    ask: What happened to the card?", "    ask: «卡是怎么没的？"),
    M("untranslated", ZH, ASK, "    ask: «What happened to the card?"),
    M("again", ZH, AGAIN + "    help: 不知道", "      - 请回复1或2。\n    help: 不知道", where=(ZH, "again:\n      - 请回复1或2。\n    help")),
    M("label", ZH, "    label: 挂失原因\n", "", where=(ZH, "reason:\n    also")),
    M("line-idle", ZH, "    label: 挂失原因\n", "    «line: 一行\n    label: 挂失原因\n"),
    M("answers-idle", ZH, "  temporary_instead: 没关", "  «temporary_instead:\n    agreed: 接着停\n    refused: 不停了\n    text: 没关", "  temporary_instead:\n    text: 没关"),
    M("answers", ZH, "    agreed: 确认停用\n    refused: 先不停\n", "    agreed: 确认停用\n", where=(ZH, "check:\n    text")),
    M("version", ZH_SIGN, "    version: 2026-11\n", "", where=(ZH_SIGN, "privacy:")),
    M("version-idle", ZH, "    agreed: 确认停用\n", "    agreed: 确认停用\n    «version: 2\n"),
    M("no-code", ZH_SIGN, 'ask: "请回复这4个数字：{code}"', "ask: «请回复这4个数字。", 'ask: "请回复这四个数字：{code}"'),
    M("unknown-language", COMMON, "language: {en: [English", "language: {«fr: [Français], en: [English"),
    M("weekdays", "messages/en/common.yaml", "weekdays: [Mon, Tue,", "weekdays: «[Mon,"),
    M("dates", "messages/en/common.yaml", 'dates: "{y}-{m}-{d} ({w})"', 'dates: «"{y}-{month}-{d}"', 'dates: "{d}.{m}.{y} ({w})"'),
]  # fmt: skip

TWO_MEANINGS = [
    M("reserved-word", ZH_RATE, "words: [评价, 我要评价", "words: [评价, «退出", "words: [评价, 退出评价"),
    M("reserved-word", ZH_RATE, "words: [评价, 我要评价", "words: [评价, «好的", "words: [评价, 好的服务"),
    M("reserved-word", ZH_RATE, "words: [评价, 我要评价", "words: [评价, «改手机号"),
    M("trigger-twice", ZH_RATE, "words: [评价, 我要评价", "words: [评价, «挂失"),
    M("trigger-twice", ZH_RATE, "title: 评价这次服务", "title: «人脸核对"),
    M("trigger-twice", PAGES, "words: [补卡要多少钱,", "words: [«停卡,"),
    M("word-twice", ZH_RATE, "words: [评价, 我要评价", "words: [评价, «评价。"),
    M("trigger-number", ZH_RATE, "words: [评价, 我要评价", 'words: [评价, «"5"', 'words: [评价, "5分"'),
    M("trigger-private", ZH_RATE, "words: [评价, 我要评价", "words: [评价, «王小明的卡好用", "words: [评价, 这个卡好用"),
    M("trigger-gap", ZH_RATE, "words: [评价, 我要评价", "words: [评价, «评…"),
    M("trigger-gap", ZH_RATE, "words: [评价, 我要评价", "words: [评价, «评……价"),
    M("trigger-twice", ZH_RATE, "words: [评价, 我要评价", "words: [评价, «卡…丢"),
    M("trigger-empty", ZH_RATE, "words: [评价, 我要评价", 'words: [评价, «"？"'),
    M("reserved-twice", COMMON, "back: [返回,", "back: [«取消,", "back: [退回,"),
    M("reserved-twice", COMMON, "no: [否,", "no: [«好的,"),
    M("label-twice", ZH, "    label: 挂失原因", "    label: «挂失方式"),
    M("label-trigger", ZH, "    agreed: 确认停用", "    agreed: «挂失停用", "    agreed: 马上停用"),
    M("label-reserved", ZH, "values: {lost: 丢了, stolen: 被偷了}", "values: {lost: 丢了, stolen: «不会}", "values: {lost: 丢了, stolen: 不会丢的}"),
    M("label-reserved", ZH, "    refused: 先不停", "    refused: «退出"),
    M("label-opposite", ZH, "    refused: 先不停", "    refused: «好的"),
    M("label-opposite", ZH, "    agreed: 确认停用", "    agreed: «先不办"),
    M("label-number", ZH, "values: {lost: 丢了, stolen: 被偷了}", "values: {lost: 丢了, stolen: «２}", "values: {lost: 丢了, stolen: 2个都被偷了}"),
    M("answers-same", ZH, "    refused: 先不停\n", "    refused: «确认停用。\n"),
    M("answers-same", ZH, "refused: [先不挂, 先不冻, 先不锁,", "refused: [先不挂, «停吧, 先不锁,"),
    M("answer-words", ZH, "    words: {agreed: [那就改, 那就改吧, 那改吧, 改成正式吧, 改吧, 改了吧, 帮我改, 给我改, 改正式吧, 改成正式的吧, 帮我改正式], refused: [不换, 不用改]}", "    «words: 改吧"),
    M("answers-same", ZH, "values: {lost: 丢了, stolen: 被偷了}", "values: {lost: 丢了, stolen: «丢了}"),
]  # fmt: skip

RULES = [
    M("label-verb", ZH, "    refused: 先不停", "    refused: «取消"),
    M("label-verb", ZH, "    agreed: 确认停用", "    agreed: «是"),
    M("label-verb", ZH, "    refused: 先不停", "    refused: «取消挂失吧", "    refused: 不停了"),
    M("label-verb", EN, "    refused: Not yet", "    refused: «Cancel", "    refused: Do not block it"),
    M("banned-word", ZH, ASK, "    ask: 上次«超时了，卡是怎么没的？", "    ask: 上次时间长了，卡是怎么没的？"),
    M("banned-word", ZH, ASK, "    ask: 您«输入错误，卡是怎么没的？"),
    M("banned-word", ZH, NO_CARD, "    «系统错误，请再试。"),
    M("banned-word", EN, "    ask: What happened to the card?", "    ask: That was «invalid. What happened?"),
    M("asks-secret", ZH, ASK, "    ask: 请回复您的社保卡«密码", "    ask: 卡是怎么没的？请不要发密码"),
    M("asks-secret", ZH, "    label: 挂失原因", "    label: «短信验证码"),
    M("asks-secret", ZH, ALREADY, "    请把短信«验证码发给我们。\n"),
    M("asks-secret", EN, "    ask: What happened to the card?", "    ask: Please reply with your card «PIN."),
    M("failure-words", ZH, "卡还没有停用。现在连不上社保卡系统，不是您的问题。请马上打{policy.hotline}挂失。", "«卡还没有停用。现在连不上社保卡系统。", "卡还没有停用。现在连不上，不是您的问题。请打{policy.hotline}。"),
    M("hotline", ZH, "卡还没有停用。现在连不上社保卡系统，不是您的问题。请马上打{policy.hotline}挂失。", "卡还没有停用。现在连不上社保卡系统，不是您的问题。请马上打«12333挂失。"),
    M("long-sentence", ZH, ASK, "    ask: «请您仔细回想一下您的社保卡到底是在什么时候什么地方因为什么原因不见了的或者被什么人拿走了", "    ask: 请您仔细回想一下卡是什么时候不见的。是丢了，还是被人拿走了？"),
    M("long-bubble", ZH, ALREADY, ALREADY + "    这是很长的一句话，说了很多没有用的话。\n" * 8, where=(ZH, "|-\n    【已停用】这张卡已经挂失了")),
    M("too-many-lines", ZH, ALREADY, ALREADY + "    短。\n" * 8, ALREADY + "    短。\n" * 5, where=(ZH, "|-\n    【已停用】这张卡已经挂失了")),
    M("too-long", ZH, ALREADY, ALREADY + "    这是很长的一句话，说了很多没有用的话。\n" * 40, where=(ZH, "already:")),
    M("long-turn", ZH, ALREADY, ALREADY + "    这是很长的一句话，说了很多没有用的话。\n" * 31, where=(ZH, "already:")),
    M("two-questions", ZH, ASK, "    ask: «卡是怎么没的？什么时候？"),
    M("phone-dashes", ZH, NO_CARD, "    请打«010-12345678。", "    请打01012345678。"),
    M("money", ZH, NO_CARD, "    要交«20块钱。", "    要交20元。"),
    M("weekday", ZH, NO_CARD, "    «2026年3月12日恢复。", "    2026年3月12日（周四）恢复。"),
    M("empty-text", ZH, KEPT, '    - «""\n'),
]  # fmt: skip
