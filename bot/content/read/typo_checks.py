"""Finds typing errors: full-width signs, tabs, unquoted braces, lost halves of sentences.

YAML's parser notices these late, on another line, or not at all.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from bot.content.messages import phrase
from bot.content.read import layout

if TYPE_CHECKING:
    from bot.content.read.source import Source

HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef\U00020000-\U0003ffff]")
_KEY = layout.KEY
_WIDE_COLON = re.compile(rf"^(?:- )*+(?:{_KEY})(?=：)")
_NO_SPACE = re.compile(r"^(?:- )*+[A-Za-z][\w.]*(?=:[^\s/])")
KEY_LINE = re.compile(rf"^(?:{_KEY}):(?: |$)")
_PREFIX = re.compile(rf"^(?:- )*+(?:(?:{_KEY}):\s+)?(?:- )*+")
_NO_COLON = re.compile(r"^[A-Za-z_]+(?: [^:：\]}]*)?$")
_BRACE = re.compile(rf"^(?:- )*+(?:(?:{_KEY}):[ ]++(?:- )*+)?(?=\{{[\w.]+\}})")
_ESCAPED = re.compile(r"\\.")
BLOCK = re.compile(r"[|>][+\-0-9]*$")
_WIDE = re.compile(r"[，；、｛｝［］【】＃“”‘’　]")
_STRUCTURE = ("flows/", "config/menu.yaml", "config/settings.yaml")
_BLANK_LIKE = "\u3000\u00a0\u2003\u2002\u200b"
_INVISIBLE = re.compile("[\u00a0\u00ad\u2002\u2003\u2009\u200b\u200c\u200e\u200f\u202a-\u202f\u2060\ufeff]")
"""Invisible characters copied from web pages and Word; without U+200D, which joins emoji."""
_WIDE_SPACE = re.compile(rf"^(?:- )*+(?:{_KEY}):(?=\u3000)")
_EQUALS = re.compile(r"^(?:- )*+[a-z][a-z0-9_]*(?:\s*[=＝]\s*[{\[\"\w]|\s+\{[\w.]+: )")
_LIKE_DASH = re.compile(r"^(?:-(?=[^\s\-\d])|[－—–•·●▪■◆](?=\s*\S)|\*(?= ))")
_ENDS_EARLY = re.compile(r"'[^']*'\w")
"""An apostrophe that ends a quotation: 'What's new?'"""
_IN_ASCII = dict(zip("；、【】“”‘’＂＇「", ",,[]" + '"' * 7, strict=True))
"""Where it is not what Unicode has for it."""
_CONFLICT = ("<<<<<<< ", "=======", ">>>>>>> ")


def place(raw: bytes, index: int) -> tuple[int, int]:
    """Returns line and column of a byte that is not UTF-8."""
    start = raw.rfind(b"\n", 0, index) + 1
    return raw.count(b"\n", 0, index) + 1, len(raw[start:index].decode("utf-8", "replace")) + 1


def before_parsing(source: Source) -> None:
    """Checks line by line, outside comments and block texts."""
    block = -1  # indentation of the key above a block text
    quote, opened = "", (0, 0)
    level = -1  # indentation of the last key
    odd = is_content(source) and any(map(_INVISIBLE.search, source.lines))
    for number, line in enumerate(source.lines, 1):
        bare = line.lstrip(" \t" + _BLANK_LIKE)
        indent = len(line) - len(bare)
        if odd and bare[:1] != "#" and _invisible(source, number, line.partition(" #")[0], indent):
            continue
        if block >= 0:
            spaces = len(line) - len(line.lstrip(" "))
            if not bare or spaces > block:
                continue
        block = -1
        if not bare or bare[0] == "#":
            continue
        if indent == 0 and bare.startswith(_CONFLICT):
            source.error((), "conflict", at=(number, 1))
            return
        if quote:
            if KEY_LINE.match(bare) or bare.startswith("- "):
                source.error((), "quote-open", at=opened)
                return
            quote = "" if bare.count(quote) % 2 else quote
            continue
        code = bare.split(" #")[0].rstrip()
        if BLOCK.search(code):
            block = _text_indent(bare, indent)
        quote = _left_open(bare)
        opened = (number, line.rindex(quote) + 1) if quote else opened
        if _colon_missing(source, number, indent, code, level):
            source.error((), "no-colon", at=(number, indent + 1))
        level = indent if KEY_LINE.match(bare) else -1
        _line(source, number, line, bare, indent, code)


def _invisible(source: Source, number: int, code: str, indent: int) -> bool:
    found = _INVISIBLE.search(code)
    if found is None or (found.start() < indent and found[0] != "\u200b"):  # the indent's own finding
        return False
    source.error((), "invisible", at=(number, found.start() + 1), sign=f"U+{ord(found[0]):04X}")
    return True


def _text_indent(bare: str, indent: int) -> int:
    """Returns the indent of a block text's key; `- ` counts if a key follows it."""
    while bare.startswith("- ") and ":" in bare:
        stripped = bare[2:].lstrip()
        indent, bare = indent + len(bare) - len(stripped), stripped
    return indent


def _left_open(bare: str) -> str:
    """Returns the quotation mark of a value that continues below."""
    value = _PREFIX.sub("", bare)
    quote = value[:1]
    if quote not in ("'", '"') or not quote or _ENDS_EARLY.match(value):
        return ""
    if quote == '"':
        value = _ESCAPED.sub("", value)
    return quote if value.count(quote) % 2 else ""


def _colon_missing(source: Source, number: int, indent: int, code: str, level: int) -> bool:
    """Reports a bare word among lines that are keys."""
    if not _NO_COLON.match(code):
        return False
    below = (source.lines[i] for i in range(number, len(source.lines)))  # no copy: there may be many
    following = next((x for x in below if x.strip() and x.lstrip()[0] != "#"), "")
    beside = len(following) - len(following.lstrip()) == indent and KEY_LINE.match(following.lstrip())
    return (indent <= level and number > 1) or bool(beside)


def _line(source: Source, number: int, line: str, bare: str, indent: int, code: str) -> None:
    for col, sign in enumerate(line[:indent], 1):
        if sign == "\t" or sign in _BLANK_LIKE:
            what = {"\t": "tab", "\u3000": "full-width-space"}.get(sign, "odd-space")
            source.error((), "indent", at=(number, col), what=phrase(what))
            return
    found = _WIDE_COLON.match(bare)
    if found and not code[: found.end()].endswith(":"):
        source.error((), "full-width", at=(number, indent + found.end() + 1), sign="：", use=": ")
    elif found := _NO_SPACE.match(bare):
        source.error((), "colon-space", at=(number, indent + found.end() + 1))
    elif _EQUALS.match(bare):
        source.error((), "no-colon", at=(number, indent + 1))
    elif found := _WIDE_SPACE.match(bare):
        at = (number, indent + found.end() + 1)
        source.error((), "full-width", at=at, sign="　", use=phrase("blank"))
    elif _LIKE_DASH.match(bare) and is_content(source):
        source.error((), "list-dash", at=(number, indent + 1))
    elif (found := _BRACE.match(bare)) and source.file.startswith("messages/"):
        source.error((), "quote-brace", at=(number, indent + found.end() + 1))
    elif "\t" in code and not HAN.search(code.partition("\t")[0].partition(":")[2]):
        source.error((), "tab", at=(number, line.index("\t") + 1))
    elif source.file.startswith(_STRUCTURE) and '"' not in code:
        _structure(source, number, indent, _WIDE.search(code))


def _structure(source: Source, number: int, indent: int, found: re.Match[str] | None) -> None:
    """Reports full-width signs in a flow's structure; a menu's names may have them."""
    if found and (source.file.startswith("flows/") or found[0] in "｛｝［］＃　"):
        use = in_ascii(found[0])
        at = (number, indent + found.start() + 1)
        source.error((), "full-width", at=at, sign=found[0], use=use)


def in_ascii(sign: str) -> Any:
    """Returns the ASCII sign for a full-width one."""
    if sign == "\u3000":
        return phrase("blank")
    return _IN_ASCII.get(sign) or unicodedata.normalize("NFKC", sign)


def misplaced(source: Source) -> bool:
    """Reports a file of words among the flows, or the other way round."""
    keys = {line.partition(":")[0] for line in source.lines if line[:1].isalpha()}
    flow, words = keys & {"flow", "steps", "pages"}, keys & {"title", "texts", "recovery"}
    if source.file.startswith("flows/") and words and not flow:
        source.error((), "wrong-folder", what=phrase("words-file"), folder="messages/zh-CN/")
    elif source.file.startswith("messages/") and flow == {"flow", "steps"} and not words:
        source.error((), "wrong-folder", what=phrase("flow-file"), folder="flows/")
    else:
        return False
    return True


def is_content(source: Source) -> bool:
    """Checks for a file of operators; recordings of residents may contain anything."""
    return source.file.startswith(("flows/", "messages/", "config/"))
