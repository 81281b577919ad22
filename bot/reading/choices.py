"""Finds which of the answers shown is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from bot.reading.clean import Said, clauses, fold, normal
from bot.reading.results import Value
from bot.reading.signals import asks, is_talk

_HAN = "〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN_ONE = re.compile(f"[{_HAN}]")
_WORD = re.compile(rf"[{_HAN}]|[^\W\d_{_HAN}]+|\d+")


class Choice(Struct, frozen=True):
    """A possible answer: its value, its words as shown, its number (0: never numbered), and other words for
    it (in the form of `normal`, Latin words in that of `fold`)."""

    value: Value
    label: str
    number: int = 0
    tap: str = ""
    words: tuple[str, ...] = ()


def spoken(words: Iterable[str]) -> tuple[str, ...]:
    """Returns other words for a value in the form of a `Choice`."""
    return tuple(fold(w).strip() if w.isascii() else normal(w) for w in words)


def chosen(said: Said, choices: tuple[Choice, ...]) -> Choice | None:
    """Returns the one choice that is meant; never by words in a longer sentence, which may be about something
    else."""
    meant = pick(said, choices, inside=False)
    return meant[0] if len(meant) == 1 else None


def pick(said: Said, choices: tuple[Choice, ...], inside: bool = True) -> list[Choice]:
    """Returns the choices meant, by their words, by number, by both, or by a part of the words that no other
    one has. Several if several are named. `inside`: their words may be part of a sentence."""
    if not said.normal:
        return []
    whole = in_full(said.normal, choices) or in_full(_bare(said.folded), choices)
    if whole:
        return whole
    numbered = _by_number(said.folded, choices)
    if numbered is not None:
        return numbered
    return (named(said, choices) if inside else []) or turned_to(said, choices) or _by_part(said, choices)


def in_full(said: str, choices: tuple[Choice, ...]) -> list[Choice]:
    """Returns the choices whose whole words are `said` (in the form of `normal`)."""
    return [
        c
        for c in choices
        if said in _shown(c.label) or any(said == word.replace(" ", "") for word in c.words)
    ]


@lru_cache(maxsize=1024)
def _shown(label: str) -> tuple[str, str]:
    """Returns the words of a label, and those before its first bracket or comma."""
    return normal(label), normal(re.split(r"[（(，,]", label)[0])


@lru_cache(maxsize=1024)
def _words(label: str) -> list[str]:
    return _WORD.findall(fold(label))


_PARTICLES = re.compile(
    r"(?:那个|这个|一个|的|[了吧啊呀哦嘛呢啦咧呗哈\s。!,.]|(?:,\s*)?谢谢|please|thanks)+$"
)
"""Endings of sentences: 不刷了, 先停用吧."""
_ENDING = 24
"""Characters of the end that are checked."""


def _without_end(folded: str) -> str:
    return folded[:-_ENDING] + _PARTICLES.sub("", folded[-_ENDING:])


def _bare(folded: str) -> str:
    return normal(_without_end(folded))


# --- by number ------------------------------------------------------------------------------------
NUMERALS = {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {
    c: n for n, c in enumerate("壹贰叁肆伍陆柒捌玖拾", 1)
}
_ORDINALS = {w: n for n, w in enumerate(["first", "second", "third", "fourth", "fifth", "sixth"], 1)}
_NUM = rf"(?:[0-9]{{1,2}}|[{''.join(NUMERALS)}]|{'|'.join(_ORDINALS)})"
_BEFORE = (
    r"(?:我|俺|咱|要|就|想|选项|选择?|答案?|回复?|按|那|是|用|办|点|请|好的?|嗯|说的|改成|换成"
    r"|(?:不对|不是|错了?|[选点按]错了?)[,。]|no|number|option|i|want|choose|the|[\s,.:(（。、“”\"【\[「])*+"
)
_AFTER = r"(?:号选项|个|项|号|条|种(?!类)|款|选项|\s*one)?"
_END = r"(?:吧|了|啊|呢|哦|呀|嘛|呗|的|那个|这个|谢谢|就行|please|thanks|[\s,.)）。、!?“”\"】\]」])*"
_FROM_END = r"(?:倒数第?|最后第)"
_ONE = re.compile(rf"{_BEFORE}(?P<back>{_FROM_END})?第?(?P<n>{_NUM}){_AFTER}{_END}")
_PLACE = re.compile(
    rf"{_BEFORE}(?:(?P<last>最后|末尾|最末|最下面?|(?:the )?last)|(?P<top>上面|前面|头|前)|(?P<low>下面"
    rf"|后面|后))"
    rf"(?:那|这|的)?一?(?:个|项|种|条|款|那个|\s*one)?{_END}"
)
_LEAD = re.compile(rf"{_BEFORE}(?P<n>[0-9]{{1,2}}|[{''.join(NUMERALS)}])[\s.、,:)）。]+(?P<rest>\S.*)")
_CUT = re.compile(r"[\s,、;。/]+|和|跟|或者?|还是|、|及|\band\b|\bor\b")
_NOT = re.compile(r"\s*(?:不是|不要|不选|别选|不用|不)(?=.)")


def _by_number(folded: str, choices: tuple[Choice, ...]) -> list[Choice] | None:
    """Returns None if no number is used."""
    one = _numbered(folded, choices)
    if one is not None:
        return one
    if lead := _LEAD.fullmatch(folded):  # "3. 坏了", as the line was shown
        meant = named(Said(lead["rest"]), choices) or in_full(_bare(lead["rest"]), choices)
        if meant:
            there = [c for c in choices if c.number == _value(lead["n"])]
            return list({id(c): c for c in (*there, *meant)}.values())
    found: list[Choice] = []
    for piece in filter(None, _CUT.split(folded)):
        turned = _NOT.match(piece)
        here = _numbered(piece[turned.end() :] if turned else piece, choices)
        if here is None:
            return None
        found += [] if turned else [c for c in here if c not in found]
    return found


def _numbered(folded: str, choices: tuple[Choice, ...]) -> list[Choice] | None:
    last = max((c.number for c in choices), default=0)
    if match := _ONE.fullmatch(folded):
        number = _value(match["n"])
        number = last + 1 - number if match["back"] else number
    elif match := _PLACE.fullmatch(folded):
        if last != 2 and not match["last"] and "头" not in match[0]:
            return []
        number = 1 if match["top"] else last
    else:
        return None
    return [c for c in choices if c.number == number > 0]  # 0: those have no number


def _value(word: str) -> int:
    return NUMERALS.get(word) or _ORDINALS.get(word) or int(word)


# --- by words -------------------------------------------------------------------------------------
_NEGATED = re.compile(
    r"(?:不是|不要|不用|不想|不会|不能|没有|没|不|(?<![特分区性类])别|未|无|莫|勿|唔|冇|甭|覅|懒得|拒绝"
    r"|除了|来不及|没空|没(?:得)?(?:时间|工夫|功夫|空|人)|走不开|没办?法|无法|不方便|不放心|不乐意|不肯"
    r"|不敢|不必|不顺路|用不着|犯不着"
    r"|信不过|怕|\b(?:not|no|n't) (?:a |the )?)"
    r"(?:太|很|怎么|是|系|有|要|用|想|去|写|印|选|挑|办|弄|搞|走|打算|需要?|愿意?|考虑|再|能|帮我?|[那这]个|[那这]种){0,2}$"
)
_DECLINED = (
    r"(?:的|那个|这个|那种|这种|挂失|就|倒|都|也|可|我|是|吧){0,4}"
    r"(?:不(?:要|用|选|想要?|需要|考虑|办|行|成|必|对|是)|[算免]了?|别|莫|甭|唔要|覅)"
    r"(?:选|办|用|弄|搞|了|啦|咯|喽|咧|吧|哈|啊|呢){0,3}"
)
_DECLINED_AFTER = re.compile(
    f"不够|太[短少]|{_DECLINED}(?=$|要(?!钱|多)|[我就]要|选|[我就]选|还是|改|换成|(?<=[了啦])用)"
)
"""正式的不要, of the words as they are compared, without marks."""


def named(said: Said, choices: tuple[Choice, ...]) -> list[Choice]:
    """Returns the choices whose words are in the message; none of a clause that asks. 不 before them negates
    them, and words inside longer words do not count: 满意 in 非常满意."""
    if asks(said.folded) and "还是" not in said.folded:
        told = [clause.text for clause in clauses(said) if not asks(clause.folded)]
        if not told:
            return []
        said = Said("，".join(told))
    if _NEGATING.search(said.folded):
        told = [c.text for c in clauses(said) if not _UNWANTED_AFTER.fullmatch(_bare(c.folded))]
        said = Said("，".join(told)) if told else said  # 正式的不要 要临时的
    if _OTHERWISE.search(said.folded):
        told = [clause.text for clause in clauses(said) if not _OTHERWISE.match(clause.folded)]
        said = Said("，".join(told)) if told else said
    spans: list[tuple[int, int, Choice, bool]] = []
    for choice in choices:
        for phrase in {*_shown(choice.label), *choice.words}:
            spans += [(start, end, choice, turned) for start, end, turned in _stands(phrase, said)]
    own = [s for s in spans if not any(_inside(s, other) for other in spans)]
    return list({id(c): c for _, _, c, turned in own if not turned}.values())


_OTHERWISE = re.compile(
    r"(?:(?:实在|要是|如果|万一|真|到时候?)(?:.{0,6}?)?)?(?:不行|不成|收不到|来不及)(?:的话)?[我俺咱就再那]"
)
"""What is done only if the first fails: 先寄，不行我再去拿."""
_UNWANTED = re.compile(
    r"[我俺咱那就可都才也还是先]{0,4}(?:不想要|不要|不想|不选|别选|不挑|不走|不用|不是|不|甭|莫|唔要"
    r"|覅)(.{1,8})"
)
_UNWANTED_AFTER = re.compile(rf"[我俺咱那就]{{0,2}}(.{{1,8}}?){_DECLINED}")

_NEGATING = re.compile("[不别甭莫唔覅算免]")
"""Most messages have none of these, and are to be told so at once."""


def is_unwanted(said: Said) -> bool:
    """Checks whether it only says what is not wanted: 不寄了."""
    return _NEGATING.search(said.folded) is not None and _UNWANTED.fullmatch(_bare(said.folded)) is not None


def turned_to(said: Said, choices: tuple[Choice, ...]) -> list[Choice]:
    """Returns, of two, the one that is left if the other is not wanted, and no more is said than why: 不寄,
    不选正式 怕反悔."""
    either = tuple(c for c in choices if c.number)
    if len(either) != 2 or not _NEGATING.search(said.folded):
        return []
    first, *others = clauses(said) or [said]
    bare = _bare(first.folded)
    turned = _UNWANTED.fullmatch(bare) or _UNWANTED_AFTER.fullmatch(bare)
    unwanted = in_full(turned[1], either) if turned and not any(is_talk(o.folded) for o in others) else []
    return [c for c in either if c not in unwanted] if len(unwanted) == 1 else []


def _inside(one: tuple[int, int, Choice, bool], other: tuple[int, int, Choice, bool]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1] and other[1] - other[0] > one[1] - one[0]


def _stands(phrase: str, said: Said) -> list[tuple[int, int, bool]]:
    """Returns where a phrase is in a message, and whether it is negated: two Han, or whole words."""
    han = _HAN_ONE.search(phrase)
    if len(phrase) < (2 if han else 3):
        return []
    text = said.normal if han else said.folded
    found = []
    at = text.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        within = (
            at > 0 and (_COMPLEMENT.match(text, at - 1) or _OF_A_NUMBER.match(text, at - 1))
            if han
            else text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()
        )
        if not within:
            turned = _NEGATED.search(text[max(0, at - 8) : at]) or _DECLINED_AFTER.match(text, end)
            found.append((at, end, turned is not None))
        at = text.find(phrase, at + 1)
    return found


_COMPLEMENT = re.compile("[看瞧瞅听][不没]")
"""看不见 is not 不见."""
_OF_A_NUMBER = re.compile("[0-9]{2}")
"""10分 is not 0分."""
_TURNED = re.compile(r"(?:不|没|无|别|未|\b(?:no|not|without)(?![a-z]))[^,，（(]{0,3}$")


def _by_part(said: Said, choices: tuple[Choice, ...]) -> list[Choice]:
    """Returns the one label that contains these words: at least two Han, or whole words of three letters in a
    script that has words ("hi" is no part of "child"). Words with 不 in another label decide nothing, nor
    does a condition (找到了 of 找到了还能恢复), and 不是 alone is no part of 不是18位."""
    text = _WORD.findall(_without_end(said.folded))
    if sum(2 if _HAN_ONE.match(word) else len(word) for word in text) < 3 or _NEGATED.fullmatch(
        "".join(text)
    ):
        return []
    found: list[Choice] = []
    for choice in choices:
        for shown in (choice.label, *choice.words):
            words = _words(shown)
            for at in range(len(words) - len(text) + 1):
                if words[at : (end := at + len(text))] == text:
                    turned = _TURNED.search("".join(words[max(0, at - 4) : at]))
                    if turned or re.match("了?还", "".join(words[end : end + 2])):
                        return []
                    found.append(choice)
    meant = list({id(c): c for c in found}.values())
    return meant if len(meant) == 1 else []
