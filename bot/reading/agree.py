"""Recognises a plain yes or no to the question: nothing else decides.

The list is closed. A message is cut at its commas and full stops; each piece must be a word for yes, or the
words of the answer's label between words without meaning (`fillers`), or another way to ask for it that
content lists, as it stands there. A question mark, an emoticon alone, a condition, a doubt, or any word that
is not on the list: neither yes nor no.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.reading.clean import EMOJI, EMOTICON, Said, fold
from bot.reading.signals import asks

LONGEST = 60
"""Characters of a plain yes or no; a longer message explains something."""
_KINDLY = re.compile(
    r"\[(?:OK|强|玫瑰|微笑|愉快|抱拳|合十|握手|呲牙|偷笑|憨笑|拥抱|爱心|鼓掌)\]"
    r"|/:(?:ok|rose|strong|share|handclap|@\)|:\)|heart|hug)"
    r"|[\U0001f44c\U0001f44d\U0001f64f\U0001f339\U0001f600-\U0001f60a\u263a\u2764\u2705][\U0001f3fb-\U0001f3ff\ufe0f]?",
    re.IGNORECASE,
)
"""What residents put beside words without changing them. All others may: ❌, [疑问], 👎."""
_CUT = re.compile(r"[,，.。、;!~～\n“”\"「」『』()【】]+")
_HESITATES = re.compile(r"[?？]|…|\.{2,}|。{2,}")
_DONE = frozenset({"了", "啦", "嘞", "的", "好"})
"""After 停用 they may mean that the card is blocked already; after 先不停 they mean nothing."""
_WONDERS = re.compile("(?:我|就)?要.*[吧啊呀哦哈噻]")
"""要停用吧 is a question as often as not."""
_BEFORE = "那就?|就|请|麻烦你?|快点?|赶紧|赶快|马上|立刻|立即|即刻|现在就?|直接|please"
"""What may stand before words that ask for it; 吧 behind."""
_HAN = re.compile("[〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Plain:
    """Words for yes and no, and fillers without meaning beside an answer's own; all in the form of
    `normal`."""

    yes: Collection[str] = ()
    no: Collection[str] = ()
    fillers: Collection[str] = ()


@dataclass(frozen=True)
class Answer:
    """One of the two answers: its label, and other ways to ask for it, in the form of `normal`. Each of these
    is a request by itself: 停了吧, 帮我停; 挂失 may be half a question, 给我停了 a complaint."""

    label: str
    called: Collection[str] = ()

    def own(self, plain: Collection[str] = ()) -> set[str]:
        """Returns the label's words: all of it, each piece, and each without a word for yes in front."""
        parts = pieces(fold(self.label))
        whole = {"".join(parts), *parts}
        cut = {rest for part in whole for rest in _behind(part, plain)}
        return {part for part in whole | cut if len(part) > 1}

    def asked(self, piece: str) -> bool:
        """Checks for one of the other ways."""
        said = re.sub(f"^(?:{_BEFORE})+", "", piece)
        return any(one in self.called for text in (piece, said) for one in (text, text.removesuffix("吧")))


def decided(said: Said, agreed: Answer, refused: Answer, words: Plain, part: bool = False) -> bool | None:
    """Returns True for a plain yes, False for a plain no, None for anything else.

    `agreed`, `refused`: the two answers. `part`: a part that only one label has is enough.
    """
    found = pieces(_KINDLY.sub(" ", said.folded)) if _is_plain(said) else []
    yes, no = agreed.own(words.yes), refused.own() | {*refused.called}
    # 停用 alone, of 确认停用, may be half a question
    echoed = all(piece in yes - agreed.own() for piece in found)
    fillers = [word for word in words.fillers if word not in _DONE]
    if not echoed and _plain(found, words.yes, yes - no, fillers, agreed):
        return True
    turned = yes | {own.removeprefix(word) for own in no for word in words.no} - {""}
    no |= {word + own for word in words.no for own in turned} - yes
    refuses = _plain(found, words.no, no, words.fillers, refused)
    named = (no - {*words.no}) | refused.own()
    if refuses or _says_no(found, named, turned | {*words.yes}):
        return False
    if part and len(found) == 1 and len(found[0]) >= (2 if _HAN.search(found[0]) else 4):
        stands = [found[0] in "".join(pieces(fold(label))) for label in (agreed.label, refused.label)]
        return stands[0] if stands[0] != stands[1] else None
    return None


def nearly(said: Said, agreed: Answer, words: Plain) -> bool:
    """Checks for words or an emoticon for yes, or a part of the words: no answer, but near enough to explain
    how to answer."""
    near = (*agreed.own(words.yes), *agreed.called, *(word for word in words.yes if len(word) > 1))
    if _KINDLY.search(said.raw) or _NEAR.search(said.normal):
        return True
    return any(word in said.normal or (said.normal and said.normal in word) for word in near)


_NEAR = re.compile("[就先]这(?:样|么)")
"""恩就这样 may let it be done, or leave it as it is."""


def pieces(folded: str) -> list[str]:
    """Splits the text at commas, blanks and full stops; English words are joined."""
    found: list[str] = []
    for piece in _CUT.split(folded):
        if _HAN.search(piece):
            found += piece.split()
        else:
            found.append("".join(c for c in piece if c not in " \t'’-"))
    return [piece for piece in found if piece]


def _behind(piece: str, words: Collection[str]) -> set[str]:
    """Returns what is left of it behind each of the words that it begins with."""
    return {piece[end:] for end in range(1, len(piece)) if piece[:end] in words}


def _is_plain(said: Said) -> bool:
    """Checks that it is short, asks nothing, does not hesitate, and has no emoticon of unclear meaning."""
    left = _KINDLY.sub(" ", said.raw)
    return not (
        len(said.raw) > LONGEST
        or _HESITATES.search(said.folded)
        or EMOJI.search(left)
        or EMOTICON.search(left)
    )


def _plain(
    said: list[str], plain: Collection[str], own: set[str], fillers: Collection[str], answer: Answer
) -> bool:
    """Checks that each piece agrees, or adds nothing to one that has the answer's own words."""
    named = [
        not own.isdisjoint(_behind(piece, plain))
        or answer.asked(piece)
        or (_made_of(piece, own, fillers) and not _WONDERS.fullmatch(piece))
        for piece in said
    ]
    if any(named):
        either = (*plain, *fillers)
        return all(known or _made_of(piece, either, ()) for piece, known in zip(said, named, strict=True))
    return said[:1] != [] and said[0] in plain and all(p in plain or _URGED.fullmatch(p) for p in said)


_URGED = re.compile("(?:搞|麻烦|请|要)?(?:快(?:点|些)儿?|赶紧的?|赶快|抓紧)(?:办|弄|吧|啊|呀|哈|嘛)?$")
"""After a plain word and apart from it, 快点儿 only hurries; alone it complains, and 可以快点 asks.
马上 is not here: 好的马上 asks to wait."""


def _says_no(said: list[str], own: Collection[str], agreeing: Collection[str]) -> bool:
    """Checks that it begins with the refusal in its own words, and a reason follows: 不要停 我下午要看病."""
    reason = "".join(said[1:])
    return (
        bool(reason) and said[0] in own and not asks(reason) and not any(word in reason for word in agreeing)
    )


def _made_of(piece: str, own: Collection[str], beside: Collection[str]) -> bool:
    """Checks that it consists only of these words in a row, with at least one of `own`."""
    ends = {0: False}  # how far one can read, and whether with one of `own`
    for at in range(len(piece)):
        for words, owned in ((own, True), (beside, False)) if at in ends else ():
            for word in words:
                if word and piece.startswith(word, at):
                    end = at + len(word)
                    ends[end] = ends.get(end, False) or owned or ends[at]
    return ends.get(len(piece), False)
