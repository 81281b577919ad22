"""Removes what the phone adds: emoticons, invisible characters, quotes, look-alikes of digits and Han.

In a name or an address that is stored, only characters that look right and are not are replaced; folding
(width, case, Traditional) is for comparing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from opencc import OpenCC


class Said:
    """A message, cleaned and folded once.

    `raw`: as received. `text`: as written, to be stored. `folded`: for comparing, with marks and spaces.
    `normal`: for comparing whole phrases.
    """

    __slots__ = ("folded", "normal", "raw", "text")

    def __init__(self, raw: str) -> None:
        self.raw, self.text = raw, clean(raw)
        self.folded = fold(self.text)
        self.normal = _bare(self.folded)


def clauses(said: Said) -> list[Said]:
    """Returns what stands between marks and blanks, if there is more than one such piece."""
    pieces = _MARKS.split(said.text)
    if len(pieces) == 1 or said.folded.isascii():
        return []
    found = [each for piece in pieces if (each := Said(piece)).normal]
    return found if len(found) > 1 else []


_MARKS = re.compile(r"[\s,，。.、;；!！~～…]+|(?<=[?？])")


def normal(text: str) -> str:
    """Returns a phrase for comparing: cleaned, NFKC, lower case, simplified, no punctuation, no spaces."""
    return _bare(fold(clean(text)))


def _bare(folded: str) -> str:
    if folded.isalnum():  # as most phrases; nothing to remove
        return folded
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LNM" or c == "+")


def fold(text: str) -> str:
    """Returns NFKC, lower case, simplified."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded if folded.isascii() else _to_simplified(folded)


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")  # loads its tables once, on first use


def _to_simplified(text: str) -> str:
    simplified: str = _converter().convert(text)
    return simplified.replace("妳", "你")


def clean(text: str) -> str:
    """Removes what the phone adds; of a reply to a quoted message, keeps what follows the quote."""
    if _ADDED.search(text) is None:  # as most messages
        return text.strip()
    text = EMOJI.sub(" ", EMOTICON.sub(" ", _reply(text)))
    return "".join(c for c in text.translate(_LOOKS_LIKE) if not _INVISIBLE.match(c)).strip()


@lru_cache(maxsize=1)  # a turn checks what to look up before it reads
def hear(text: str) -> Said:
    """Returns a message's words; none if the platform replaces a sticker, which it cannot pass on."""
    sticker = len(text) < _SENTENCE and _UNDELIVERED.fullmatch(text.strip()) is not None
    return Said("" if sticker else text)


_SENTENCE = 60
_UNDELIVERED = re.compile(
    r"[【\[](?:[^】\]]{0,12}不支[持援][^】\]]{0,6}[消讯訊][息][^】\]]{0,24}"
    r"|[^】\]]{0,20}unsupported (?:message|type)[^】\]]{0,24})[】\]]",
    re.IGNORECASE,
)
"""【收到不支持的消息类型，暂无法显示】, in the languages of the app."""

_CODES = (
    "bye wipe dig handclap pd beer basketb oo coffee eat pig rose fade showlove heart break cake li bome kn "
    "footb ladybug shit moon sun gift hug strong weak share v jj bad lvu no ok love jump shake circle kotow "
    "turn skip oY hiphot kiss xx ? ! !!! ,@P ,@-D ,@o ,@f ,@x ,@@ ,@! ,@ |-) #-0 &-( &> @> @) @@ @x <@ <W> "
    "<L> <O> <& >-| P-( X-) B-) 8-) 8* 8 ' '( '| -| --b -S -O * ~ $ ( ) + ! < > @ B D L O P Q T X Z d g |"
)
EMOTICON = re.compile(
    "/::?(?:"
    + "|".join(
        re.escape(c) + (r"(?![a-z])" if c.isalpha() and len(c) == 1 else "")
        for c in sorted(_CODES.split(), key=len, reverse=True)
    )
    + ")"
)
"""WeChat's old emoticons: /:rose, /::), /:8-)."""

_PICTURES = "\u2600-\u2714\u2717-\u2775\u2794-\u27bf\u2b00-\u2bff\U0001f1e6-\U0001f51e\U0001f520-\U0001faff"
"""Those of all phones: 👌, 🙏; not the signs that are read as a digit or as X."""

EMOJI = re.compile(rf"\[(?:[^\[\]\s\d]{{1,12}}|666)\]|[{_PICTURES}]")
"""WeChat's newer emoticons, [微笑] and [OK], and those of all phones."""

_HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\u2800"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ue000-\ue537\U000e0000-\U000e0fff"
)
"""Zero-width, bidirectional, selectors, fillers, keycaps; emoji as old phones write them."""
_INVISIBLE = re.compile(f"[{_HIDDEN}]")


def _pairs(pairs: str) -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in pairs.split()}


_RADICALS = {c: unicodedata.normalize("NFKC", chr(c)) for c in range(0x2F00, 0x2FD6)} | _pairs(
    "⺁厂 ⺄乙 ⺈刀 ⺌小 ⺍小 ⺎兀 ⺒巳 ⺓幺 ⺜日 ⺝月 ⺟母 ⺠民 ⺧牛 ⺩王 ⺫目 ⺬示 ⺮竹 ⺶羊 ⺺肀 ⺻聿 "
    "⺼肉 ⺽臼 ⻁虎 ⻃覀 ⻄西 ⻅见 ⻆角 ⻉贝 ⻋车 ⻑長 ⻒镸 ⻓长 ⻔门 ⻗雨 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 ⻝食 "
    "⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻫斉 ⻬齐 ⻭歯 ⻮齿 ⻯竜 ⻰龙 ⻱龜 ⻲亀 ⻳龟"
)
"""Radicals in copied text for the characters they look like (EquivalentUnifiedIdeograph)."""

_LATER = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6,
    0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip


def _private(code: int) -> str:
    """Returns the Han that GBK fonts show for a private-use character of rows FE50 to FEA0: GB18030 has given
    most of them a code since 2000, the last 14 since 2005 and 2022."""
    history = 0x50 + code - 0xE815
    known = bytes([0xFE, history + (history >= 0x7F)]).decode("gb18030")  # 7F is no second byte
    shown = chr(_LATER[code]) if code in _LATER else known
    return _RADICALS.get(ord(shown), shown)


_LOOKS_LIKE = (
    _RADICALS
    | {code: _private(code) for code in range(0xE815, 0xE865)}
    | {c: str(int(unicodedata.numeric(chr(c)))) for c in (*range(0x2776, 0x2794), *range(0x24EB, 0x2500))}
    | {ord("\U0001f51f"): "10"}
)
_ADDED = re.compile(
    rf"[/\[」{_HIDDEN}{_PICTURES}\u24eb-\u24ff\u2776-\u2793\u2e80-\u2fd5\ue815-\ue864\U0001f51f]"
)


def _reply(text: str) -> str:
    """Returns the reply after a quote: 「who: what they had written」, a line of dashes, the reply."""
    if not text.lstrip().startswith("「"):
        return text
    lines = text.splitlines()
    for at in range(1, len(lines)):
        rule = lines[at].replace(" ", "")
        if len(rule) >= 5 and not rule.strip("-—－–_─") and "\n".join(lines[:at]).rstrip().endswith("」"):
            return "\n".join(lines[at + 1 :])
    return text
