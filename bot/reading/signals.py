"""Recognises what a message does instead of answering: it asks, waits, corrects, chats, or names a matter.

Reads folded text. None of this decides alone where a name is possible: see `names`.
"""

from __future__ import annotations

import re

_ASKS = re.compile(
    r"[吗嘛么呢][\s。!,.~]*$|[?？][\s。!~]*$|不(?:行|可以|能|好)?[?？]?$|什么|甚么|啥|怎么|怎样|咋|为何"
    r"|干嘛|哪[儿里个些家边位天]?|谁|多少|多久|多长|多远|多大"
    r"|何时|何处|几(?:个|点|天|号|时|位|岁|次|张|家|楼|日|月)|是不是|能不能|可不可以|行不行|要不要"
    r"|有没有|会不会|对不对|好不好"
    r"|(?P<verb>[\u4e00-\u9fff])[不没](?P=verb)|用不用|需不需要|是否|能否|可否|请问|区别|什麼"
    r"|\b(?:what|why|how|where|when|who|which|is it|is this|are you|can i|can you|do i|do you|does"
    r"|should i|could)\b"
)
_WAITS = re.compile(
    r"等一?下|等等|等会|等我|稍等|稍后|等到|一会|一下子|待会|回头|马上(?:来|发|好|拍|去|就|弄|找|给|到"
    r"|办|$)|慢点|别急|别催|晚点|晚上再"
    r"|再说|再来|再办|再弄|再发|再告诉|再看|先不|去拿|去找|找找|找一?下|拿一?下|问一?[下问]|看看|想想"
    r"|在找|在拿|没带|不在身边|明天|后天|改天"
    r"|\b(?:wait|hold on|moment|later|hang on|one sec|second)\b"
)
_CORRECTS = re.compile(
    r"错了|打错|写错|输错|填错|发错|弄错|搞错|看错|错误|不对|不是|改成|要改|想改|更改|修改|^改|重新"
    r"|重来|重填|上一步|删掉|作废"
    r"|\b(?:wrong|mistake|typo|change)\b"
)
_MATTERS = re.compile(
    r"挂失|社保|医保|社宝|卡[丢掉坏断没]|丢[了失卡]|弄丢|不见了|找不[到着]|找[到着]了?|被[偷盗抢]|补办|补卡|办卡"
    r"|换卡|领卡|身份证|证件|户口|护照|密码|验证码|号码|手机|电话"
    r"|网点|人工|客服|银行|是残疾|退[出回]|返回|收费|免费|费用|邮费|要钱|花钱|钱包|办理|查询|登录|登陆|注册|照片|拍照|地址"
    r"|邮寄|快递|材料|骗[子人]|诈骗|泄露|泄漏|隐私|链接|短信"
    r"|公众号|小程序|系统|工作人员|保险|养老|退休|确认|取消|帮助|姓名|名字|全名|小名|安全(?!.)"
    r"|有效期|停用|冻结|门牌"
    r"|\b(?:card|lost|help|free|password|safe|fee|cost|phone|number|address|scam)\b"
)
_CHATS = re.compile(
    r"你好|您好|在吗|谢谢|感谢|多谢|好的|好吧|好了|可以|行的|行吧|没有|没收|没法|没看|没听|不会|不知"
    r"|不想|不要|不用|不行|不能|不清|不懂|不记|不告|不给|不去|不发|不说"
    r"|不写|不填|不寄|忘[了记]|记不|想不起|打不出|看不|听不|知道|告诉|同意|嗯|哦|噢|是的|对的|对呀|辛苦"
    r"|麻烦|随便|都[行可]|算了|再见|拜拜|晕|烦死|什么玩意|太[远慢久麻]"
    r"|^(?:ok|okay|yes|no|hi|hello|thanks?|thank you|good|fine|sure|please)\b|don'?t|do not|cannot"
    r"|can'?t|\bsorry\b"
)


def asks(folded: str) -> bool:
    """Checks whether it is a question."""
    return _ASKS.search(folded) is not None


def is_talk(folded: str) -> bool:
    """Checks whether it asks, waits, corrects, chats, or names a matter."""
    return any(p.search(folded) for p in (_ASKS, _WAITS, _CORRECTS, _MATTERS, _CHATS))
