"""Reads a postal address: the one to send to, without those that a sentence denies, remembers or mentions."""

from __future__ import annotations

import re

from bot.reading.clean import Said, fold
from bot.reading.family_names import KIN
from bot.reading.names import is_full_name
from bot.reading.numbers import id_numbers, mobiles
from bot.reading.rejected import INSTEAD
from bot.reading.results import Doubtful, Invalid
from bot.reading.signals import is_talk

SHORTEST, LONGEST = 6, 200
_N = r"[0-9一二三四五六七八九十百零〇]"
_AREA = re.compile(
    r"[^\s,，。的地去到在]{1,12}?(?:省|市|自治区|新区|开发区|高新区|区|县|旗|镇|乡|街道|州|盟|农场|林场)"
)
_STREET = re.compile(
    r"[^\s,，的]{1,12}?(?:大?路|大?街|大?道|巷|弄堂?|胡同|里|小区|花园|公寓|大厦|广场|家园|新村|社区|苑"
    r"|院|园|城|府|坊|大学|中学|小学|学校|医院|公司|厂)"
)
_NUMBERED = re.compile(rf"{_N}\s*(?:号|栋|幢|座|楼|单元|室|层|户|弄|组|队|连)|#\s*{_N}|[a-z]座|{_N}{{2,}}")
_VILLAGE = re.compile(r"[^\s,，的]{1,8}?(?:村|屯|庄|寨|嘎查|苏木|沟|堡|营|坝|坪|坳|冲|寺|组|队|连)")
_IN_THE_CITY = re.compile(
    rf"[\x00-\x7f]*{_STREET.pattern}\s*(?:{_NUMBERED.pattern})[^能会要不了得给让在,，]{{0,20}}"
)
"""A street and its number at once: within the city the district may be left out."""
_BUILDING = re.compile(rf"[\u4e00-\u9fff]{{2,12}}?{_N}+\s*(?:号(?![^\s,，0-9室店铺院楼])|栋|幢|座|单元|室)")
"""A numbered one of a name that says not what it is: 锦绣江南3栋."""
_ENGLISH = re.compile(
    r"\b(?:road|rd|street|st|avenue|ave|lane|district|village|town|county|building|block)\b"
)

_LEAD = re.compile(
    r"(?:(?:请|麻烦|帮我|给我|那就|就|还是|嗯)*(?:我?的?(?:收件|收货|邮寄|家庭|详细|联系"
    r"|家)?的?地址(?:就?是|为"
    r"|在|写)?|所在地区|[写填](?!字)|(?:我家|俺家|我们家|咱家|咱们?|我|俺)?(?:现在)?(?:住在|家在|住|家住|在)"
    rf"|(?:寄|邮|发|送)(?:到|往|给|去|回)?(?:我|俺|咱|他|她)们?{KIN}(?:家里?|那里|那儿|那边|这边|手上"
    rf"|收)?[\s:：,，]+"
    r"|(?:还是?)?(?:寄|送|邮|发)(?:到)?(?:原来|以前|老)(?:的|那个)*(?:地址|地方)?"
    r"|(?:(?:寄|送|发|邮)(?:到|往|给|去)?(?:我|俺|咱)?们?|(?:我|俺|咱)们?)(?:的)?(?:单位|公司|厂里?|店里?"
    r"|学校|家里?|老家|娘家|村里|上班的?地方)"
    r"(?=[^\s,，]{2,9}?(?:区|县|镇|乡|市|省))"
    r"|(?:(?:寄|送|发|邮)(?:到|往|给|去)?)?(?:我|俺|咱|他|她)?们?(?:的)?(?:单位|公司|厂里?|店里?|学校"
    r"|家里?|老家|娘家|村里|上班(?:的)?地方)[\s:：,，]+"
    r"|(?:那就|就|还是|嗯)(?=[^\s,，]{4})"
    rf"|(?:我|俺|咱|他|她)们?{KIN}(?:家里?|那里|那儿|那边|这边|手上)(?:在|是|[\s:：,，])*"
    r"|寄(?:到|往|给|去)?(?:我?单位[:：])?|送到|发到|邮到|收件人|收货人|my address is|address"
    r"|it is)[\s:：,，]*)+",
    re.IGNORECASE,
)
"""Words that residents put before an address or a place."""
CUT = re.compile(r"([\s,，。;；、?？]+)")
MARKS = " ,，。;；、:：?？"
BESIDE = re.compile(
    r"(?:谢谢(?:你|您|了)?|多谢|麻烦(?:你|您)?(?:了|快点)?|好的|你好|您好|行吗|可以吗|对吗|电话|手机号?"
    r"|收件人|姓名|邮编|thanks|thank you|please)[!！。.?？~]*"
)


def address(said: Said, today: str) -> str | Doubtful | Invalid:
    """Reads a place, a street and a number; or a village. As written, without the phone and the name beside
    it."""
    text = _without_people(said.text, today)
    text, denied = _meant(text)
    pieces = CUT.split(text)
    kept = [p for at, p in enumerate(pieces) if at % 2 or not (BESIDE.fullmatch(fold(p)) or _is_aside(p))]
    text = squeezed("".join(kept)).strip(MARKS)
    if match := _LEAD.match(text):
        text = text[match.end() :]
    text = text.strip(" ,;") if text.isascii() else _TAIL.sub("", text.strip(MARKS + "!！.")).strip(MARKS)
    folded = fold(text)
    if denied and not _is_whole(folded):
        return INSTEAD
    if not SHORTEST <= len(text) <= LONGEST or folded.isdigit() or folded == folded[:1] * len(folded):
        return Invalid()
    if _is_whole(folded) and not _WHETHER.search(said.folded):
        return text
    return Doubtful(text, likely=False)


_WHETHER = re.compile(
    r"(?:能不能|会不会|可不可以|[能会]|可以)[^\s,，号]{0,5}(?:吗|么|嘛|不)[?？!！。]*$|(?:[收送寄邮]|能"
    r"|会|可以)[^\s,，号]{0,2}到(?:吗|么|嘛|不)"
)
"""平安区和平路12号能收到吗 asks about a place."""
_TAIL = re.compile(
    r"(?:[\s,，。!！~、]*(?:(?:谢谢|多谢|感谢|麻烦|辛苦|拜托|劳驾)(?:你们?|您|各位|师傅)?[了啦啊哈哦呢]*"
    r"|(?:快点|快些|尽快|赶紧|抓紧|早点)(?:给我)?[寄送发邮办弄]?[儿的了哈啊嘛吧]*|就?(?:行|可以|好|成|中"
    r"|ok)[了啦哈吧]|就(?:行|可以|好|成|中|是)"
    r"|即可|这里|这儿|这个(?:地址|地方)|别(?:写|寄|搞|弄|送)错(?:了|地方)*|住|[吗呢啊呀哈噻哦嘛呗]"
    r"|(?<![网酒书氧茶清水])吧))++$",
    re.IGNORECASE,
)
"""What politeness and haste put behind an address."""

# --- places that are not where to send it -----------------------------------------------------------
_TURNS = re.compile(
    r"(?<![\s,，。;；我俺咱人她他])(?=(?:[我俺咱人她他])?(?:改成|改为|换成|改到|改寄|应该是|(?:现在|如今"
    r"|目前)(?:[我俺咱人])?(?:住|在|是|搬|寄|的?地址|[^了])"
    r"|搬到|搬去|搬来|新地址|新家|这[次回]))"
)
"""Where another place begins within a piece: …现在搬到…"""
_NOW = re.compile(
    r"(?:这[次回])?(?:[我俺咱人她他])?(?:都|就|要|请)?(?:改成|改为|换成|改到|改寄(?:到)?|应该是|(?:现在"
    r"|如今|目前)(?:[我俺咱人她他])?(?:的?(?:新)?地址)?(?:都|已经)?"
    r"(?:住在?|在|是|搬(?:到|去|来)?了?|寄(?:到|往|去)?)?|搬(?:到|去|来)了?|新(?:的)?(?:地址|家)(?:住|在"
    r"|是|[:：])*|寄(?:到|往|去)?|邮(?:到|往)?|送到|发到"
    r"|[住是在要用](?=.{3})|还是(?=.{3}))"
)
_ELSEWHERE = re.compile(
    r"(?:[我俺咱人她他](?:们)?)?(?:家)?(?:(?:以前|以往|从前|原来|原先|原本|之前|过去|曾经|早先|本来"
    r"|小时候|上(?:一)?[次回]|[去前]年|老)(?!路|街|村|镇|区|庄|湾|城)"
    r"|老家|旧(?:的)?地址|户口(?:本)?|户籍|身份证上?|证件上|(?:寄|邮|发|送)(?:到)?过|(?:寄|邮|发|送)错"
    r"|(?:不(?:要|用|是|在|住|能|想|再|用再|要再)|别|莫|甭|勿|唔好)(?:再|给我)?(?:寄|邮|发|送|住|写"
    r"|填)?(?:到|去|在|往)?"
    r"|没(?:有)?(?:在|住)|办卡(?:时|的时候)|刚才|刚刚|填的|写的)"
)
"""Beginnings of what is denied, remembered or only mentioned."""
_ELSEWHERE_END = re.compile(
    r"(?:(?:没|没有|冇)(?:收到|送到|寄到)|收不到|(?:那边|那里|那儿|那屋|家里|屋里|都|现在)(?:也"
    r"|都)?(?:没有?人|冇人|没得人)(?:住|在|收|了)*|没人(?:住|收|了)"
    r"|(?:早就?|已经|都|我|人|现在)*(?:不住|不在)(?:那边|那里|那儿|那|这边|这里|这儿)?(?:住)?了?|(?:早就?"
    r"|已经|都)*(?:搬走|搬家|搬|拆迁|拆|卖|退租|退)了"
    r"|(?:租|卖)(?:给|出去).{0,4}|不(?:对|要|用|行|租|是)了?|错了|[写填打弄搞]错了?"
    r"|(?:别|莫|不要|不用|不能)(?:再)?(?:往(?:那|这)(?:里|边|儿))?(?:寄|邮|发|送|写|填|用)(?:到?(?:那"
    r"|这)(?:里|边|儿)|了)?"
    r"|是?(?:我)?(?:的)?(?:老家|老房子|旧房子|旧地址|老地址|户口|户籍|以前的|原来的|旧的|老的"
    r"|别人家?)(?:的)?(?:所在地|地址)?"
    r"|(?:上班|工作|打工|上学|读书|开店|办过|办的?卡|弄?丢|丢失?|掉|买的?房|出生|长大|上过班)(?:的|了|过"
    r"|呢)*|那?个?(?:网点|大厅|银行)(?:办|领|取|弄|丢)?的?)"
    r"[的了啊呀哦哈呢嘛吧!！~]*$"
)
_TAKEN_BACK = re.compile(
    r"(?:哦|噢|啊|哎呀?)?(?:不对|不是|错了?|[写填打弄搞]错了?|不要了?|不用了?|搞错了|那是(?:以前|原来"
    r"|老家|旧)的?|早?不住了|搬走了|搬家了|搬了|(?:[我俺咱人她他]|现在|早就?|已经|都)*不[住在](?:那"
    r"|这)(?:边|里|儿)?住?了?|没收到|没有收到|别寄(?:那|这)?(?:里|边|儿)?)[的了啊呀哦!！]*"
)
"""Takes back what stands before it."""
DENIES = re.compile(
    r"[远不没冇别莫甭勿错搬拆租卖丢掉老旧]|以[前往]|从前|原[来先本]|之前|过去|曾经|早先|本来|小时候"
    r"|上一?[次回]|[去前]年|户[口籍]|身份证|证件|[寄邮发送]到?过"
    r"|改[成为到寄]|换成|应该是|现在|如今|目前|刚[才刚]|上班|工作|打工|上学|读书|开店|办过|办卡|办的卡"
    r"|买房|买的房|出生|长大|网点|大厅|银行|填的|写的|新地址|新家"
)


def _meant(text: str) -> tuple[str, bool]:
    """Returns what is left of a message without the places that it denies, remembers or only mentions; and
    whether there was one."""
    if DENIES.search(fold(text)) is None:
        return text, False
    left, gone, here = list[str](), "", True
    for piece in CUT.split(_TURNS.sub(" ", text)):
        folded = fold(piece)
        if not piece.strip(MARKS):
            left.append(piece if here else "")
        elif left and _TAKEN_BACK.fullmatch(folded):
            gone, left, here = gone + "".join(left), [], True
        elif _placed(folded) and (_ELSEWHERE.match(folded) or _ELSEWHERE_END.search(folded)):
            gone, here = gone + piece, False
        else:
            now = _NOW.match(folded)
            here = here or now is not None or (_is_whole(folded) and _is_whole(fold(gone)))
            if here:
                left.append(piece[now.end() :] if now and (gone or now.end() > 1) else piece)
            else:
                gone += piece
    return "".join(left), _NUMBERED.search(fold(gone)) is not None


def _placed(folded: str) -> bool:
    """Checks for words that name a place."""
    return any(p.search(folded) for p in (_AREA, _NUMBERED, _STREET, _VILLAGE))


def _is_aside(piece: str) -> bool:
    """Checks for words beside an address that name no place: 到付可以吗, 和身份证一样."""
    folded = fold(piece)
    nowhere = not (_AREA.search(folded) or _NUMBERED.search(folded) or folded.isascii())
    beside = is_talk(folded) or folded.endswith("一样") or _WHEN.search(folded) or _MOVED.fullmatch(folded)
    return nowhere and bool(beside)


_MOVED = re.compile(
    r"(?:[我俺咱]们?|家)*(?:[去今前]年|上个?月|最近|前阵子|前几天|刚刚?|才|已经)*(?:搬(?:新)?家?"
    r"|换地[方址])?[了的]?"
)


_WHEN = re.compile(
    r"有人|没人|没得人|冇人|在家|不在|在屋|白天|晚上|早上|上午|下午|中午|周末|周[一二三四五六日]|星期"
    r"|上班|下班|随时|提前"
    r"|打个?电话|(?:让|叫|喊|由|请|给)(?:他|她|我|俺|咱)[^\s]{0,6}(?:收|签|拿|取)"
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
    return _BUILDING.search(folded, area.end()) is not None and not is_talk(folded)


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


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
