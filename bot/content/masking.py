"""Free words as they may be kept: without what could tell who wrote them or about whom.

Rules cannot know every name. So what is kept is sealed, short-lived and nobody's, and the console shows only
words that several residents used.
"""

from __future__ import annotations

import re
import unicodedata

from bot.engine.slots import normal

SHORTEST, LONGEST = 2, 40
"""Characters that count: who writes more tells a story, which is theirs."""
HIDDEN = "＊"

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧阳司马上官诸葛"
)
_ALSO_WORDS = "高何余金石方白江万向武任于许马黄程范周段毛谢孙陆史上官司夏钱叶林田雷龙金汤莫"
_HAN = "\u4e00-\u9fff"
_NAME = f"[{_SURNAMES}][{_HAN}]{{1,2}}"

_RULES = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        (r"(?i)https?://\S+|www\.\S+|[\w.+-]+@[\w.-]+", HIDDEN),
        (r"(?i)(?=[a-z0-9_-]*\d)(?=[a-z0-9_-]*[a-z])[a-z0-9_-]{5,}", HIDDEN),
        (r"\d(?:[\s.*-]?[\dXx]){3,}", HIDDEN),
        (r"[零〇一二三四五六七八九幺两\d](?:\s?[零〇一二三四五六七八九幺两十百\d]){4,}", HIDDEN),
        (r"\d+(?=\s*(?:号|栋|幢|座|单元|室|弄|层|楼|组))", HIDDEN),
        (rf"[{_HAN}]+(?:·[{_HAN}]+)+", HIDDEN),
        (
            rf"((?:我|他|她|孩子|儿子|女儿|名字|名)(?:叫做|叫|名叫)|(?:姓名|名字)(?:是|为|:)?)\s*[{_HAN}]{{2,4}}",
            rf"\1{HIDDEN}",
        ),
        (
            r"(我是|本人|老公|老婆|丈夫|妻子|父亲|母亲|爸爸?|妈妈?|爷爷|奶奶|外公|外婆|儿子|女儿|孩子|持卡人|户主)"
            rf"(?:是|:)?\s*{_NAME}",
            rf"\1{HIDDEN}",
        ),
        (rf"[{_SURNAMES}](?=先生|女士|小姐|老师|师傅|大爷|大妈|阿姨|叔叔)", HIDDEN),
        (rf"{_NAME}(?=的(?:卡|社保|医保|身份证|证件|退休|养老|账户|待遇|工资))", HIDDEN),
        (r"(?i)\b(my name is|name is|call me|name:)\s+[\w'-]+(?:\s+[\w'-]+){0,2}", rf"\1 {HIDDEN}"),
        (
            r"\b(I am|I'm|this is|This is|for|Mr\.?|Ms\.?|Mrs\.?)\s+[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+){0,2}",
            rf"\1 {HIDDEN}",
        ),
    )
)
_BARE = re.compile(rf"(?![{_ALSO_WORDS}]){_NAME}")


def masked(text: str) -> str:
    """What may be kept of it; "" if that is nothing: too long, too short, no word left, perhaps a name.

    The same words give the same text, so that they can be counted.
    """
    words = " ".join(unicodedata.normalize("NFKC", text).split())
    if not SHORTEST <= len(normal(words)) <= LONGEST or _BARE.fullmatch(normal(words)):
        return ""
    words = "".join(c for c in words if unicodedata.category(c)[0] not in "CS" or c in "+")
    for pattern, by in _RULES:
        words = pattern.sub(by, words)
    left = normal(words.replace(HIDDEN, ""))
    return words if len(left) >= SHORTEST and not left.isdigit() else ""
