"""Finds what looks personal in free words: numbers, names, addresses.

The one list of it, for recordings (invented values replace it), for questions that nothing answered (it is
hidden) and for log lines. Rules cannot know every name, so no room relies on it alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

HAN = r"\u3400-\u9fff"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施洪邢"
)
_ALSO_WORDS = "高何余金石方白江万向武任于许马黄程范周段毛谢孙陆史夏钱叶林田雷龙汤莫常温康施洪曾"
"""Surnames that also begin everyday words: names only beside something that makes them one."""
_TWO = (
    "欧阳|司马|上官|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|司徒|司空|长孙|宇文|轩辕|端木|独孤|南宫|呼延|申屠|澹台"
    "|公冶|鲜于"
)
_FAMILY = rf"(?:{_TWO}|[{_SURNAMES}])"
_CLEAR = rf"(?:{_TWO}|(?![{_ALSO_WORDS}])[{_SURNAMES}])"
_NO_GIVEN = "我你他她它这那哪谁的了吗呢是不没有把被和跟要想"
_GIVEN = rf"(?:(?![{_NO_GIVEN}])[{HAN}])"
_NO_NAME = "高龄|高中|高级|方便|金卡|金融|白卡|白天|江苏|江西|石家庄|马上|万一|于是|任何|许多|周末|余额|钱包"
_END = r"(?=[\s，。,.、；;：:！!？?]|[的要想卡丢电身住在已来今说问办]|$)"
_TITLES = (
    "先生|女士|小姐|太太|老师|师傅|大爷|大妈|大娘|大叔|大婶|大姐|大哥|大嫂|阿姨|叔叔|伯伯|爷爷|奶奶|婆婆|老爷子|老太太"
    "|医生|大夫|主任|经理|科长|同志"
)
_KIN = (
    "老公|老婆|丈夫|妻子|爱人|父亲|母亲|爸爸?|妈妈?|爷爷|奶奶|外公|外婆|姥姥|姥爷|儿子|女儿|孩子|孙子|孙女"
    "|持卡人|户主"
)
_OF_CARD = "卡|社保|医保|身份证|证件|退休|养老|账户|待遇|工资"
_NUMERAL = "零〇一二三四五六七八九幺两"
_DATE = r"20\d\d([-./年]?)(?:0?[1-9]|1[0-2])\1?(?:月)?(?:0?[1-9]|[12]\d|3[01])日?(?![\dA-Za-z])"


@dataclass(frozen=True)
class Found:
    """A personal value of this `kind`, in `words[start:end]`."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class _Rule:
    """`own` in the pattern is the personal part; without such a group, the whole. `sure`: hardly ever
    anything else; the others also hide what is not personal, which would spoil a recording but no count."""

    kind: str
    pattern: re.Pattern[str]
    sure: bool = True


def _rule(kind: str, pattern: str, sure: bool = True) -> _Rule:
    return _Rule(kind, re.compile(pattern), sure)


OPENID = r"(?<![A-Za-z0-9_-])o[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])"
ID_NUMBER = r"(?<![0-9A-Za-z])(?:[0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9A-Za-z])"
MOBILE = r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])"

_RULES = (
    _rule("link", r"(?i)https?://[^\s\u3000-\uffef]+|www\.[^\s\u3000-\uffef]+"),
    _rule("mail", r"[\w.+-]{1,64}@[A-Za-z0-9-]{1,64}(?:\.[A-Za-z0-9-]{1,64})*"),
    _rule("openid", OPENID),
    _rule("id_number", ID_NUMBER),
    _rule("mobile", MOBILE),
    _rule("abroad", r"\+(?:852|853|886)[0-9]{8,9}"),
    _rule("number", rf"(?<![\dA-Za-z])(?!{_DATE})\d(?:[ \-.]?\d){{6,29}}[xX]?(?![\dA-Za-z])"),
    _rule("number", r"(?<![0-9A-Za-z])[A-Za-z]{1,4}[0-9]{5,17}[A-Za-z]?(?![0-9A-Za-z])"),
    _rule("number", rf"[{_NUMERAL}](?:\s?[{_NUMERAL}]){{6,19}}"),
    _rule(
        "address",
        rf"[{HAN}]{{1,12}}?(?:路|街|道|巷|弄|村|小区|花园|社区)[{HAN}]{{0,4}}?[0-9０-９一二三四五六七八九十百]{{1,5}}"
        r"(?:号|栋|幢|弄|单元|室|楼|组)(?:[0-9０-９A-Za-z一二三四五六七八九十-]{1,6}(?:号|栋|幢|单元|室|楼|层)?)*",
    ),
    _rule("name", rf"[{HAN}]{{1,6}}(?:[·•][{HAN}]{{1,8}}?)+?{_END}|[{HAN}]{{1,4}}[·•][{HAN}]{{1,4}}"),
    _rule(
        "name",
        rf"(?:我叫|名叫|叫做|(?:姓名|名字)(?:是|叫|为|[:：]|\s)|[他她]叫|(?:{_KIN})叫)\s*(?!不|做|什么|啥|谁)"
        rf"(?P<own>{_FAMILY}{_GIVEN}{{1,3}}?{_END}|{_FAMILY}{_GIVEN}{{1,2}}|[{HAN}]{{2,4}}?{_END})",
    ),
    _rule(
        "name",
        rf"(?:我是|本人)(?:是|叫|为|[:：])?\s*(?!{_NO_NAME})(?P<own>{_FAMILY}{_GIVEN}{{1,3}}?){_END}",
    ),
    _rule("name", rf"(?:{_KIN})(?:是|[:：])?\s*(?P<own>{_CLEAR}{_GIVEN}{{1,2}}?){_END}"),
    _rule("name", rf"(?P<own>{_FAMILY}{_GIVEN}{{0,2}}?)(?:{_TITLES})"),
    _rule("name", rf"(?P<own>{_CLEAR})(?=[哥姐姨叔婶嫂]{_END})"),
    _rule(
        "name",
        rf"[老小阿](?P<own>{_CLEAR}){_END}",
    ),
    _rule("name", rf"[老小](?P<own>[{_ALSO_WORDS}])(?=的(?:{_OF_CARD})|[，。,.！!？?\s丢想要来说在]|$)"),
    _rule("name", rf"(?P<own>(?:{_TWO}){_GIVEN}{{1,2}}?)(?:{_END}|(?=的))"),
    _rule("name", rf"(?<![{HAN}])(?P<own>{_FAMILY}{_GIVEN}{{1,2}}?)(?=的(?:{_OF_CARD}))"),
    _rule("name", rf"(?P<own>{_CLEAR}{_GIVEN}{{1,2}}?)(?=的(?:{_OF_CARD}))"),
    _rule(
        "name",
        r"(?i:\b(?:my name is|name is|name:|call me))\s+(?P<own>[\w'-]+(?:[ ]+[A-Z][\w'-]+){0,3})",
    ),
    _rule(
        "name",
        r"\b(?:[Ii] am|[Ii]'m|[Tt]his is|Mr\.?|Ms\.?|Mrs\.?)\s+"
        r"(?P<own>[A-Z][A-Za-z'-]+(?:[ ]+[A-Z][A-Za-z'-]+){0,3})",
    ),
    # what may as well be something else
    _rule("number", r"(?i)(?=[a-z0-9_-]*\d)(?=[a-z0-9_-]*[a-z])[a-z0-9_-]{5,}", sure=False),
    _rule("number", r"\d(?:[\s.*-]?[\dXx]){3,}", sure=False),
    _rule("number", rf"[{_NUMERAL}\d](?:\s?[{_NUMERAL}十百\d]){{4,}}", sure=False),
    _rule("number", r"\d+(?=\s*(?:号|栋|幢|座|单元|室|弄|层|楼|组))", sure=False),
    _rule("name", r"\bfor\s+(?P<own>[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+){0,2})", sure=False),
)
_BARE = re.compile(rf"{_CLEAR}{_GIVEN}{{1,2}}")
_DATES = re.compile(rf"(?<![\dA-Za-z]){_DATE}")


def find(words: str, unsure: bool = False) -> list[Found]:
    """Returns them in order without overlaps: overlapping ones are joined, with the longer one's kind.

    `unsure`: also what may as well be something else, such as four digits.
    """
    return merged(_all(words, unsure))


def merged(found: Iterable[Found]) -> list[Found]:
    """Returns them in order, without overlaps."""
    made: list[Found] = []
    for one in sorted(found, key=lambda f: (f.start, f.start - f.end)):
        if made and one.start < made[-1].end:
            last = made.pop()
            longer = max(last, one, key=lambda f: f.end - f.start)
            one = Found(last.start, max(last.end, one.end), longer.kind)
        made.append(one)
    return made


def _all(words: str, unsure: bool) -> Iterator[Found]:
    for rule in _RULES:
        if rule.sure or unsure:
            for match in rule.pattern.finditer(words):
                yield Found(*match.span("own" if match.groupdict() else 0), rule.kind)


def is_name(words: str) -> bool:
    """Checks whether these words may be a name and nothing else."""
    return _BARE.fullmatch(words) is not None


def dates(words: str) -> list[tuple[int, int]]:
    """Returns the places of dates of this century: not personal, however many digits they have."""
    return [match.span() for match in _DATES.finditer(words)]
