"""Reads where a resident is: a district, a road or a landmark."""

from __future__ import annotations

import re

from bot.reading.clean import Said, fold
from bot.reading.family_names import KIN
from bot.reading.places import BESIDE, CUT, DENIES, MARKS, squeezed
from bot.reading.rejected import INSTEAD
from bot.reading.results import Doubtful, Invalid
from bot.reading.signals import is_talk

_HERE = re.compile(
    r"(?<=[^\s,，。不没住现如人我俺家正都就也还前来先])(?=(?:(?:现在|如今"
    r"|目前)?[我俺人家]?(?:现在)?(?:住在?|在|是)"
    r"|现在|如今|目前|搬到|就去|改成)[^\s,，的]{2})"
)
_NOT_HERE = re.compile(
    r"(?:[我俺咱人家]|现在|已经|早就?)*(?:(?:不(?:在|是|住|去|到|要|要去)|没(?:在|住)|别去|莫去"
    r"|唔系)(?![了行])(?!.*(?:[吗么呢?？]|哪))"
    r"|(?:以前|从前|原来|之前|上次|上回|老家|户口)(?:[住在是去]|住在){0,2})[^\s]{2,12}"
    r"|(?!算了)[^\s不]{2,8}(?:的)?(?:不(?:去|要|行|方便|顺路|想去)|搬走|不住|太远)[了啦]?|(?:早就?"
    r"|已经)?(?:搬走|不住)(?:那边|那里|那儿)?了"
)
"""Where somebody is not, or not any more."""
_NEAR = re.compile(
    r"(?:(?:我|俺|咱|现在|目前|如今|人(?=在)|人在|家|就|是|搬到了?|去(?=.{2,4}[区县镇乡])|住在?|在|靠近|离|挨着"
    r"|到|(?:i am|i'm|i live|near|at"
    r"|in)(?![a-z]))\s*)+",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:的?(?:附近|旁边|边上|对面|隔壁|那边|这边|那里|这里|那块|这块|左右|周围|一带)|那儿|这儿"
    r"|(?:附近|那边|这边|那里|这里|那块)?有(?:不|没有|没得|没|吗|么)|(?<=路)近|吧|啊|呀|哦)$"
)


_OWN_PLACE = re.compile(
    r"(?:[我俺咱](?:们)?)?(?:的)?(?:单位|公司|厂里?|学校|店里?|家里?|屋里?|老家|娘家|上班(?:的?地方)?"
    r"|住的?地方|" + KIN + r"家?)"
    r"(?:的?(?:附近|旁边|边上|那边|这边|那里|这里))?(?:最|比较)?(?:近(?:一?点)?)?的?"
)

_NO_PLACE = re.compile(
    r"[^\s]{0,4}[发开]了?(?:定位|位置)了?|们?村[里上]?|[镇乡]上|乡下|外[地省面]|医院|超市|不熟"
    r"|(?:沙发|床|枕头|抽屉|柜子|口袋|裤兜|衣服|包)(?:底下|下面|里面?|缝里?|上|后面)"
)
"""Of many, or where a card was found."""

_NEAREST = re.compile(
    r"(?:就|想|要)?(?:找|去)?(?:一?个)?(?:离(?:[我俺咱]们?)?家?)?(?:最|比较|就)?近(?:一?点)?儿?的?(?:(?:那"
    r"|一)[个家])?(?:网点)?(?:就?(?:行|好|可以|成|中))?[了吧啊哈]*|就近"
    r"|near(?:by| me| here)|(?:right |around |over )?here|(?:the )?(?:nearest|closest)(?: (?:one"
    r"|outlet|to me))?|(?:near |at )?(?:my |our )(?:home|house|place|flat|office|work|company|school|village)"
    r"|(?:at )?(?:home|work)"
)


def place(said: Said) -> dict[str, str] | Doubtful | Invalid:
    """Reads a district, a road or a landmark, without 我在 and 附近."""
    pieces = CUT.split(said.text)
    kept = "".join(p for at, p in enumerate(pieces) if at % 2 or not BESIDE.fullmatch(fold(p)))
    if DENIES.search(fold(kept)):
        told = [p for p in CUT.split(_HERE.sub(" ", kept)) if p.strip(MARKS)]
        there = [p for p in told if not _NOT_HERE.fullmatch(fold(p))]
        if told and not there:
            return INSTEAD
        kept = kept if len(there) == len(told) else " ".join(there)
    whole, text = _named(kept)
    folded = fold(text)
    if any(p.fullmatch(folded) for p in (_OWN_PLACE, _NO_PLACE)) or _NEAREST.fullmatch(fold(whole)):
        return Invalid()  # which one is not known
    if not 2 <= len(text) <= 30 or folded.isdigit() or not any(c.isalpha() for c in folded):
        return Invalid()
    if is_talk(_ABOUT.sub("", fold(whole))) or folded == folded[:1] * len(folded):
        return Doubtful({"text": text}, likely=False)
    return {"text": text}


def is_unknown(said: Said) -> bool:
    """Checks for a place that only the resident can know: 我家附近, 公司, 这儿, 最近的, 我爸那里."""
    whole, text = _named(said.text)
    unknown = any(p.fullmatch(fold(text)) for p in (_OWN_PLACE, _NO_PLACE))
    return not text or unknown or _NEAREST.fullmatch(fold(whole)) is not None


def _named(text: str) -> tuple[str, str]:
    """Returns the words, and what they name: 平安区 of 我在平安区附近."""
    whole = squeezed(text).strip(" ,，。;；、!！")
    text = whole[match.end() :] if (match := _NEAR.match(whole)) else whole
    text = re.sub("(?:最|比较)?近(?:一?点)?的?$", "", text) if whole.startswith("离") else text
    return whole, _ABOUT.sub("", text).strip(" ,，的")
