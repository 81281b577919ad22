"""Reads a postal address, and a place where a resident is."""

from __future__ import annotations

import re

from bot.reading.clean import Said, fold
from bot.reading.names import is_full_name
from bot.reading.numbers import id_numbers, mobiles
from bot.reading.results import Doubtful, Invalid
from bot.reading.signals import is_talk

SHORTEST, LONGEST = 6, 200
_N = r"[0-9一二三四五六七八九十百零〇]"
_AREA = re.compile(
    r"[^\s,，。的地去到在]{1,12}?(?:省|市|自治区|新区|开发区|高新区|区|县|旗|镇|乡|街道|州|盟|农场|林场)"
)
_STREET = re.compile(
    r"[^\s,，的]{1,12}?(?:大?路|大?街|大?道|巷|弄堂?|胡同|里|小区|花园|公寓|大厦|广场|家园|新村|社区|苑"
    r"|院|园|城|府|坊|中学|小学|学校|医院|公司|厂)"
)
_NUMBERED = re.compile(rf"{_N}\s*(?:号|栋|幢|座|楼|单元|室|层|户|弄|组|队|连)|#\s*{_N}|[a-z]座|{_N}{{2,}}")
_VILLAGE = re.compile(r"[^\s,，的]{1,8}?(?:村|屯|庄|寨|嘎查|苏木|沟|堡|营|坝|坪|坳|冲|寺|组|队|连)")
_IN_THE_CITY = re.compile(
    rf"[\x00-\x7f]*{_STREET.pattern}\s*(?:{_NUMBERED.pattern})[^能会要不了得给让在,，]{{0,20}}"
)
"""A street and its number at once: within the city the district may be left out."""
_ENGLISH = re.compile(
    r"\b(?:road|rd|street|st|avenue|ave|lane|district|village|town|county|building|block)\b"
)

_KIN = (
    "(?:妈妈?|爸爸?|爹|娘|妈老汉|爷爷|奶奶|外公|外婆|姥姥|姥爷|公公|婆婆|丈母娘|老丈人|岳父|岳母|儿子|女儿|闺女|姑娘|媳妇"
    "|女婿|老公|老婆|爱人|哥哥?|姐姐?|弟弟?|妹妹?|嫂子|孙子|孙女|舅舅?|姑姑|姨妈?|叔叔?|亲戚|朋友|邻居|同事)"
)
_LEAD = re.compile(
    r"(?:(?:请|麻烦|帮我|给我|那就|就)*(?:我?的?(?:收件|收货|邮寄|家庭|详细|联系|家)?的?地址(?:就?是|为"
    r"|在|写)?|(?:我家|俺家|我们家|咱家|咱们?|我|俺)?(?:现在)?(?:住在|家在|住|家住|在)"
    rf"|(?:寄|邮|发|送)(?:到|往|给|去|回)?(?:我|俺|咱|他|她)们?{_KIN}(?:家里?|那里|那儿|那边|这边|手上|收)?[\s:：,，]+"
    r"|寄(?:到|往|给|去)?(?:我?单位[:：])?|送到|发到|邮到|收件人|收货人|my address is|address"
    r"|it is)[\s:：,，]*)+",
    re.IGNORECASE,
)
"""Words that residents put before an address or a place."""
_CUT = re.compile(r"([\s,，。;；、?？]+)")
_MARKS = " ,，。;；、:：?？"
_BESIDE = re.compile(
    r"(?:谢谢(?:你|您|了)?|多谢|麻烦(?:你|您)?(?:了|快点)?|好的|你好|您好|行吗|可以吗|对吗|电话|手机号?"
    r"|收件人|姓名|邮编|thanks|thank you|please)[!！。.?？~]*"
)


def address(said: Said, today: str) -> str | Doubtful | Invalid:
    """Reads a place, a street and a number; or a village. As written, without the phone and the name beside
    it."""
    text = _without_people(said.text, today)
    pieces = _CUT.split(text)
    kept = [p for at, p in enumerate(pieces) if at % 2 or not (_BESIDE.fullmatch(fold(p)) or _is_aside(p))]
    text = _squeezed("".join(kept)).strip(_MARKS)
    if match := _LEAD.match(text):
        text = text[match.end() :]
    text = (
        re.sub("(?:住|[吗吧呢啊呀哈噻哦])+$", "", text.strip(_MARKS + "!！."))
        if not text.isascii()
        else text.strip(" ,;")
    )
    folded = fold(text)
    if not SHORTEST <= len(text) <= LONGEST or folded.isdigit() or folded == folded[:1] * len(folded):
        return Invalid()
    if _is_whole(folded):
        return text
    return Doubtful(text, likely=False)


def _is_aside(piece: str) -> bool:
    """Checks for words beside an address that name no place: 到付可以吗, 和身份证一样."""
    folded = fold(piece)
    nowhere = not (_AREA.search(folded) or _NUMBERED.search(folded) or folded.isascii())
    return nowhere and (is_talk(folded) or folded.endswith("一样") or _WHEN.search(folded) is not None)


_WHEN = re.compile(
    r"有人|没人|没得人|冇人|在家|不在|在屋|白天|晚上|早上|上午|下午|中午|周末|周[一二三四五六日]|星期|上班|下班|随时|提前"
    r"|打个?电话"
)
"""When somebody is there. Where to leave it (放门卫) is a part of the address."""


def _is_whole(folded: str) -> bool:
    if folded.isascii():
        return len(folded) >= 12 and bool(re.search("[0-9]", folded)) and bool(_ENGLISH.search(folded))
    if _IN_THE_CITY.fullmatch(folded) and not is_talk(folded):
        return True
    area = _AREA.search(folded)
    if area is None:
        return False
    street = _STREET.search(folded, area.end())
    if street and _NUMBERED.search(folded, street.start()):
        return True
    if village := _VILLAGE.search(folded, area.end()):
        numbered = _NUMBERED.search(folded, village.start())
        return bool(numbered) or not is_talk(folded)
    return False


def _without_people(text: str, today: str) -> str:
    """Removes numbers of phones and cards, and a name beside one or called the recipient's."""
    folded = text.translate(_WIDE)
    spans = [*id_numbers(folded, today)[0], *mobiles(folded, today)]
    for _, start, end in sorted(spans, key=lambda s: -s[1]):
        before, after = text[:start].rstrip(" ,，。;；、:："), text[end:].lstrip(" ,，。;；、")
        before = re.sub(r"(?:电话|手机号?|联系方式|tel|phone)[是:：]?$", "", before).rstrip(" ,，。;；、")
        head, tail = re.split(r"[\s,，;；、]", before)[-1], re.split(r"[\s,，;；、]", after)[0]
        if head and is_full_name(re.sub("^(?:收件人|收货人|姓名)[:：是]?", "", head)):
            before = before.removesuffix(head)
        elif tail and is_full_name(tail):
            after = after.removeprefix(tail)
        text = f"{before} {after}"
    return re.sub(
        r"(?:收件人|收货人|姓名)[是:：\s]*([^\s,，;；、:：]{2,4})(?=[\s,，;；、])",
        lambda m: "" if is_full_name(m[1]) else m[0],
        text,
    )


_WIDE = {0xFF10 + n: str(n) for n in range(10)}


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


_NEAR = re.compile(
    r"(?:(?:我|俺|咱|现在|目前|人在|家|就|是|住在?|在|靠近|离|挨着|到|(?:i am|i'm|i live|near|at"
    r"|in)(?![a-z]))\s*)+",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:的?(?:附近|旁边|边上|对面|隔壁|那边|这边|那里|这里|那块|这块|左右|周围|一带)|那儿|这儿"
    r"|(?:附近|那边|这边|那里|这里|那块)?有(?:不|没有|没得|没|吗|么)|(?<=路)近|吧|啊|呀|哦)$"
)


_OWN_PLACE = re.compile(
    r"(?:[我俺咱](?:们)?)?(?:的)?(?:单位|公司|厂里?|学校|店里?|家里?|屋里?|老家|娘家|上班(?:的?地方)?|住的?地方|"
    + _KIN
    + r"家?)"
    r"(?:的?(?:附近|旁边|边上|那边|这边|那里|这里))?(?:最|比较)?(?:近(?:一?点)?)?的?"
)


def place(said: Said) -> dict[str, str] | Doubtful | Invalid:
    """Reads a district, a road or a landmark, without 我在 and 附近."""
    pieces = _CUT.split(said.text)
    kept = "".join(p for at, p in enumerate(pieces) if at % 2 or not _BESIDE.fullmatch(fold(p)))
    whole = _squeezed(kept).strip(" ,，。;；、!！")
    text = whole[match.end() :] if (match := _NEAR.match(whole)) else whole
    text = re.sub("(?:最|比较)?近(?:一?点)?的?$", "", text) if whole.startswith("离") else text
    text = _ABOUT.sub("", text).strip(" ,，的")
    folded = fold(text)
    if _OWN_PLACE.fullmatch(folded):
        return Invalid()  # which one is not known
    if not 2 <= len(text) <= 30 or folded.isdigit() or not any(c.isalpha() for c in folded):
        return Invalid()
    if is_talk(_ABOUT.sub("", fold(whole))) or folded == folded[:1] * len(folded):
        return Doubtful({"text": text}, likely=False)
    return {"text": text}
