"""Reads a name in a message. Shape alone never refuses: 高兴 is a surname and a name, and names of other
peoples are long. Words of talk do refuse, unless they come a second time."""

from __future__ import annotations

import re
import unicodedata

from bot.reading.clean import Said, fold
from bot.reading.family_names import EVERYDAY, FAMILY, FAMILY_TWO, KIN
from bot.reading.rejected import INSTEAD
from bot.reading.results import Doubtful, Invalid
from bot.reading.signals import is_talk

_FAMILY = frozenset(FAMILY)
_SHAPED = re.compile(rf"(?:(?:{FAMILY_TWO})[^\s]{{1,2}}|[^\s][^的了吗呢吧]|[^\s]{{2}}[^的了吗呢吧])")
_WORDS = frozenset(EVERYDAY.split())
_TITLES = re.compile(r"(?:先生|女士|小姐|太太|老师|师傅|大爷|大妈|阿姨|叔叔|大哥|大姐|同志|医生|主任|总)$")

_NAMED = re.compile(
    r"(?:(?:我|俺|咱|我的|本人|鄙人|在下|(?:身份证|证件|户口本?)上面?(?:写)?的?|持卡人|户主|(?:我"
    r"|俺)?(?:爸|妈|爱人|老公|老婆|儿子|女儿|孩子|娃)|他|她"
    r"|孩子)?(?:的)?(?:真实|中文)?(?:姓名|名字|全名|大名)?"
    r"(?:(?:就|应该)?是|就?叫做|名叫|叫作|(?:现在|如今)?就?叫|现名|改(?:成|名|为|叫)叫?|为|[:：])|(?:本人|鄙人"
    r"|姓名|名字|俺是|免贵姓[^\s叫名]{1,2}"
    r"|我?姓[^\s叫名]{1,2}(?=[,，\s叫名]))\s*[,，]?(?:名?叫|是|[:：])?"
    r"|(?:my )?name(?: is)?(?![a-z])|i am(?![a-z])|i['’]m(?![a-z])|this is(?![a-z]))\s*[:：是]?\s*",
    re.IGNORECASE,
)
"""Words that residents put before their name."""
_BESIDE = re.compile(
    r"(?:谢谢(?:你们?|您)?[了啊哈啦]?|多谢[了啊哈啦]?|麻烦(?:你们?|您|了|啦)+|辛苦[了啦]|拜托[了啦]?"
    r"|快点[啊哈儿]?|然后|接着|还有|后面|最后|中间|你好|您好|好的|嗯+|哦|是的|(?:我|俺|本人"
    r"|免贵)?姓.{1,2}|男|女"
    r"|(?:身份证|证件|户口本?)上面?(?:的|写的)?(?:名字|姓名)?(?:写?的?是|叫)?|[汉回满蒙藏壮苗彝维]族"
    r"|维吾尔族|姓名|名字|名|身份证(?:号码?)?|证件(?:号码?)?|号码|手机号?|电话"
    r"|联系电话|id|hello|hi|thanks|thank you)"
)
_END = re.compile(
    r"(?<=..)(?:就(?:行|好|可以|成|中)[了啦]?|(?:谢谢|麻烦)(?:你们?|您)?[了啊哈啦]?|[啊呀噢哦喔嘛哟呗哈啦咯喽嘞哒噻咧])++$"
)
"""Possessive: what is repeated (谢谢啊谢谢啊…) is not to be divided in every way."""
_CUT = re.compile(r"[\s,，。、.!！~～;；:：/\-—()（）【】「」『』“”\"《》<>\[\]?？0-9０-９+＋]+")
_DOTS = str.maketrans(dict.fromkeys("•・．･‧∙⋅․.", "·"))


def name(said: Said) -> str | Doubtful | Invalid:
    """Reads any Han characters with ·, or Latin words. No NFKC: it would change rare characters."""
    meant, others = said.text, None
    if _HINT.search(said.folded) is not None:
        left = _meant(said)
        if left is None:
            return INSTEAD
        meant, others = left, _FOR_OTHERS.match(left)
    dotted = _DOTTED.sub("·", meant[others.end() :] if others else meant)
    found = [p for p in map(_stripped, _pieces(dotted)) if p and not _BESIDE.fullmatch(fold(p))]
    told = [_SPELLING.fullmatch(fold(p)) for p in found] if len(found) > 1 else []
    if told and all(t is not None and t["han"] for t in told):
        return Doubtful("".join(t["han"] for t in told if t))  # 弓长张 一二三的三
    found = [p for p in found if not _is_spelling(p, found)] or found
    if found and all(_is_latin(p) for p in found):
        return _latin(said, " ".join(found))
    if (
        len(found) > 1
        and all(len(p) == 1 or at == 0 for at, p in enumerate(found))
        and all(map(_is_han, found))
    ):
        found = ["".join(found)]  # 张 三
    shaped = [p for p in found if _is_han(p) and (_shape(p) or "·" in p)]
    if len(set(shaped)) > 1 and len(shaped) == len(found):
        return Invalid("which_one")
    one = found[0] if len(set(found)) == 1 else shaped[0] if len(shaped) == 1 and len(found) == 2 else ""
    if not one or not _is_han(one) or not 2 <= len(one) <= 50 or re.search("[0-9]", _unlabelled(said.folded)):
        return Invalid()
    return Doubtful(one, likely=False) if others else _judged(one, said, alone=len(found) == 1)


def told_name(said: Said) -> str:
    """Returns the name in a message that says that it is one: 我叫张三, 名字是张三; "" for none."""
    found = _NAMED.match(said.text)
    if found is None or not _CALLED.search(fold(found[0])):
        return ""
    told = name(said)
    return told if isinstance(told, str) and (is_full_name(told) or " " in told) else ""


_CALLED = re.compile("[叫名]|name")
_FOR_OTHERS = re.compile(
    r"(?:我|俺)?(?:是|在)?[给帮替代](?:我|俺|咱)?[^\s,，]{1,4}?(?:办|弄|搞|补|领|挂失|登录?"
    r"|查)的?[\s,，]*(?=[她他名叫姓])"
)
"""给我妈办的她叫李秀英: whose card it is, is another matter."""


def _meant(said: Said) -> str | None:
    """Returns the message without a name that it rejects or only remembers; None if there is no other."""
    found = _REJECTED.search(said.text)
    if found is None or not (found["once"] or _shape(fold(found["name"]))):
        refused = re.fullmatch("[我俺她他]?(?:不|唔)姓.", said.normal)
        return None if refused else said.text  # 不是本地人: nobody's name
    left = (
        re.sub("了$", "", _REJECTED.sub(" ", said.text))
        if "改" in found[0]
        else _REJECTED.sub(" ", said.text)
    )
    return left if _pieces(left) and not is_talk(fold(left)) else None


_HINT = re.compile("[不别莫非错原曾小乳外改给帮替代]|以前|从前|之前|过去|唔系")
_REJECTED = re.compile(
    r"(?:^|(?<=[\s,，。;；]))(?:[我俺他她咱]|名字|姓名)?(?:早就?|已经|现在)?(?:(?:不|并不|并非|唔)(?:是"
    r"|叫|姓|系)|[别莫不](?:要)?[写填登记叫]{1,2}"
    r"|(?P<once>(?:以前|从前|原来|原先|之前|过去|曾经|小时候)(?:的名字)?(?:叫|是|姓)|原名|曾用名|小名"
    r"|乳名|外号|别名|绰号))(?:叫做?|是)?[\s:：]*"
    r"(?P<name>[^\s,，。;；不是叫改错]{2,4}?)(?:那个|这个)?[了的啊]?(?:(?=是|叫|改|写|现|后来|早|应该)"
    r"|(?=[\s,，。;；]|$))"
    r"(?:[\s,，。;；]*(?:而|后来|现在|早就?|已经|应该)*(?:改(?:名|成|叫|为)*|换成|现名|写成?))*"
)
"""不是张山, 以前叫张山; what comes after it is the name."""


def _is_spelling(piece: str, others: list[str]) -> bool:
    """Checks for words that tell how a name beside it is written: 胜利的胜, 弓长张, 别写错."""
    told = _SPELLING.fullmatch(fold(piece))
    names = "".join(other for other in others if other is not piece)
    return told is not None and bool(names) and (not told["han"] or told["han"] in fold(names))


_SPELLING = re.compile(
    r"(?:.{1,5}的那?个?|弓长|木子|耳东|口天|双木|立早|三横一?竖?|古月|双人|言午|草头|三点水|走肖|文刀"
    r"|卯金刀|十八子"
    r"|禾火?|干勾于|人可|关耳|.{1,3}(?:字旁|字头|字底)(?:的|加)?)(?P<han>[^\s])(?:字)?"
    r"|(?:你|您|千万)?(?:可)?[别莫甭不]要?(?:给我)?[写打弄搞登填]错.{0,2}"
)
_DOTTED = re.compile(r"(?<=[\u3400-\u9fff])\s*[•・．･‧∙⋅․.·]\s*(?=[\u3400-\u9fff])")
_NUMBERS = re.compile(r"[0-9x]{11,18}")


def _unlabelled(folded: str) -> str:
    """Removes numbers of cards and phones, which other questions ask for."""
    return _NUMBERS.sub("", re.sub(r"(?<=[0-9])[\s-]+(?=[0-9])", "", folded))


def _pieces(text: str) -> list[str]:
    return [p for p in _CUT.split(text) if p]


def _stripped(piece: str) -> str:
    while (match := _NAMED.match(piece)) and match.end() and match.end() < len(piece):
        piece = piece[match.end() :].removesuffix("了") if "改" in match[0] else piece[match.end() :]
    return _END.sub("", piece.strip("·'’ "))


def _judged(one: str, said: Said, alone: bool) -> str | Doubtful | Invalid:
    folded = fold(one)
    if "·" in one:
        return one if alone else Doubtful(one)
    if _shape(folded):
        talk = _OF_TALK.search(folded) if alone else None
        if talk:
            return Doubtful(one, likely=False)
        doubt = folded in _WORDS or _TITLES.search(folded) or re.search("[?？]", said.text) or not alone
        return Doubtful(one) if doubt else one
    bare = _TRAIL.sub("", _LED.sub("", one, count=1))
    if bare != one and _shape(fold(bare)) and not is_talk(fold(bare)):
        return Doubtful(bare)
    if is_talk(said.folded) or _OF_PEOPLE.search(folded):
        return Doubtful(one, likely=False)
    return one if alone and len(folded) == 3 and not _OF_DOING.search(folded) else Doubtful(one)


_LED = re.compile(
    rf"(?:嗯+|哦|好的|那?就|写|填|登记|叫?[我俺他她]{KIN}|妈妈|爸爸|老公|老婆|儿子|女儿|外孙女?|孙[子女]|孩子|娃"
    "|(?:身份证|户口本)上?|持卡人|卡主|[开用]?户名|户主|联系人|收件人|的|[真大全]名|名字|姓名|名?叫)+"
)
"""Words before a name without a verb, or with one too many: 我妈李秀英, 就张三, 真名张三."""
_TRAIL = re.compile("[的呢吧]$")
_OF_TALK = re.compile(
    r"[吗嘛]|呢$|什么|怎么|多少|为什么|哪|谁|何时|挂失|社保|医保|丢了|不见|错了|打错|号码|密码|谢谢"
    r"|钱包|银行|证件|手机|收费|费用|[要多]钱|补办|办理|查询|登录|材料|别催|别急"
    r"|^马上(?:来|发|好|拍|去|就|弄|找|给|到|办)?$|^明天|^时候|^全名|^安全$|^方便$|^麻烦|^关闭$|^都行"
    r"|^都可以|^那行|^别[问发]"
)
"""Words that no name contains, however much they look like one."""
_OF_PEOPLE = re.compile(r"[我你您咱这吗呢吧给把请想忘晚某爸妈爷奶]|(?<!才)让|先(?!生)|了$")
_OF_DOING = re.compile("^[在下吃睡上来去走回开看打说写发点做弄忙拍很太真不别好]|的$")
"""Sentences of three characters by their beginnings and ends."""


def _shape(name: str) -> bool:
    """Checks for a family name and one or two characters, as most Han names are."""
    folded = fold(name)
    if len(folded) <= 3 and folded[:1] in _FAMILY:
        return len(folded) > 1 and _SHAPED.fullmatch(folded) is not None
    return re.fullmatch(rf"(?:{FAMILY_TWO})[^\s]{{1,3}}", folded) is not None


def is_full_name(words: str) -> bool:
    """Checks that these words have the shape of a Han name, or a dot in them."""
    return 2 <= len(words) <= 30 and _is_han(words) and ("·" in words or _shape(words))


def _is_han(words: str) -> bool:
    return all(_han(c) or c == "·" for c in words)


def _han(c: str) -> bool:
    if ord(c) >= 0x20000:  # planes 2 and 3 are all Han; Unicode grows faster than Python's table of names
        return ord(c) < 0x3FFFE
    return c == "〇" or unicodedata.name(c, "").startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH"))


# --- in Latin letters -----------------------------------------------------------------------------
def _is_latin(words: str) -> bool:
    return bool(words) and all(
        c in " '’·" or unicodedata.name(c, "").startswith(("LATIN", "FULLWIDTH LATIN")) for c in words
    )


_ENGLISH = re.compile(
    r"\b(?:is|it|the|my|you|your|to|do|does|can|what|why|how|where|who|when|which|wait|moment|free|cost"
    r"|card|lost|help|ok|okay|yes|no|not"
    r"|hello|hi|thanks?|please|need|want|have|sorry|later|sure|wrong|safe|again|back|cancel|change|stop"
    r"|name|number|and|for|of|this|that)\b"
)


def _latin(said: Said, name: str) -> str | Doubtful | Invalid:
    """Returns the name as typed, with hyphens and dots: Mary Ann O'Neil."""
    typed = re.sub(r"\s+", " ", _stripped_latin(said.text)).strip(" 。，,！!?？.-")
    if not _LATIN_NAME.fullmatch(fold(typed)) and not _is_latin(
        typed.replace("-", "").replace(".", "").replace(",", "")
    ):
        typed = name
    if not 2 <= len(typed) <= 50:
        return Invalid()
    if _ENGLISH.search(fold(typed)) or "?" in said.folded:
        return Doubtful(typed, likely=False)
    return typed if " " in typed else Doubtful(typed)


_LATIN_NAME = re.compile(r"[a-z][a-z .,'’-]*")


def _stripped_latin(text: str) -> str:
    return _NAMED.sub("", text, count=1) if _NAMED.match(text) else text
