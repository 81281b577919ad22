"""Finds typing errors: full-width signs, tabs, unquoted braces, lost halves of sentences.

YAML's parser notices these late, on another line, or not at all.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import yaml

from bot.content.messages import phrase
from bot.content.read import layout

if TYPE_CHECKING:
    from bot.content.read.source import Source

HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef\U00020000-\U0003ffff]")
_KEY = layout.KEY
_WIDE_COLON = re.compile(rf"^(?:- )*+(?:{_KEY})(?=：)")
_NO_SPACE = re.compile(r"^(?:- )*+[A-Za-z][\w.]*(?=:[^\s/])")
_KEY_LINE = re.compile(rf"^(?:{_KEY}):(?: |$)")
_PREFIX = re.compile(rf"^(?:- )*+(?:(?:{_KEY}):\s+)?(?:- )*+")
_NO_COLON = re.compile(r"^[A-Za-z_]+(?: [^:：\]}]*)?$")
_BRACE = re.compile(rf"^(?:- )*+(?:(?:{_KEY}):[ ]++(?:- )*+)?(?=\{{[\w.]+\}})")
_ESCAPED = re.compile(r"\\.")
_BLOCK = re.compile(r"[|>][+\-0-9]*$")
_WIDE = re.compile(r"[，；、｛｝［］【】＃“”‘’　]")
_WIDE_ENTRY = re.compile(rf"，\s*(?=(?:{_KEY}): )")
_STRUCTURE = ("flows/", "config/menu.yaml", "config/settings.yaml")
_BLANK_LIKE = "\u3000\u00a0\u2003\u2002\u200b"
_INVISIBLE = re.compile("[\u00a0\u00ad\u2002\u2003\u2009\u200b\u200c\u200e\u200f\u202a-\u202f\u2060\ufeff]")
"""Invisible characters copied from web pages and Word; without U+200D, which joins emoji."""
_WIDE_SPACE = re.compile(rf"^(?:- )*+(?:{_KEY}):(?=\u3000)")
_EQUALS = re.compile(r"^(?:- )*+[a-z][a-z0-9_]*\s*[=＝]\s*[{\[\"\w]")
_LIKE_DASH = re.compile(r"^(?:-(?=[^\s\-\d])|[－—–•·●▪■◆](?=\s*\S)|\*(?= ))")
_BRACKETED = re.compile(r"\s*(?:- )*(?:[A-Za-z_][\w.]*:\s+)?(?:- )*(\[[^\]]*\]|\{[^}]*\})\s*$")
_SINGLE = re.compile(r"\s*(?:- )*(?:[A-Za-z_][\w.]*:\s+)?(?:- )*('[^']*')\w.*'$")
_ENDS_EARLY = re.compile(r"'[^']*'\w")
"""An apostrophe that ends a quotation: 'What's new?'"""
_QUOTED = re.compile(r"""(?:^|[:,{\[-])\s*("(?:[^"\\]|\\.)*"|'[^']*')\s*$""")
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
            if _KEY_LINE.match(bare) or bare.startswith("- "):
                source.error((), "quote-open", at=opened)
                return
            quote = "" if bare.count(quote) % 2 else quote
            continue
        code = bare.split(" #")[0].rstrip()
        if _BLOCK.search(code):
            block = _text_indent(bare, indent)
        quote = _left_open(bare)
        opened = (number, line.rindex(quote) + 1) if quote else opened
        if _colon_missing(source, number, indent, code, level):
            source.error((), "no-colon", at=(number, indent + 1))
        level = indent if _KEY_LINE.match(bare) else -1
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
    beside = len(following) - len(following.lstrip()) == indent and _KEY_LINE.match(following.lstrip())
    return (indent <= level and number > 1) or bool(beside)


def _line(source: Source, number: int, line: str, bare: str, indent: int, code: str) -> None:
    for col, sign in enumerate(line[:indent], 1):
        if sign == "\t":
            source.error((), "indent", at=(number, col), what=phrase("tab"))
            return
        if sign in _BLANK_LIKE:
            wide = sign == "\u3000"
            what = phrase("full-width-space") if wide else phrase("odd-space")
            source.error((), "indent", at=(number, col), what=what)
            return
    found = _WIDE_COLON.match(bare)
    if found and not code[: found.end()].endswith(":"):
        source.error((), "full-width", at=(number, indent + found.end() + 1), sign="：", use=": ")
        return
    found = _NO_SPACE.match(bare)
    if found:
        source.error((), "colon-space", at=(number, indent + found.end() + 1))
        return
    found = _EQUALS.match(bare)
    if found:
        source.error((), "no-colon", at=(number, indent + 1))
        return
    found = _WIDE_SPACE.match(bare)
    if found:
        at = (number, indent + found.end() + 1)
        source.error((), "full-width", at=at, sign="　", use=phrase("blank"))
        return
    found = _LIKE_DASH.match(bare)
    if found and is_content(source):
        source.error((), "list-dash", at=(number, indent + 1))
        return
    found = _BRACE.match(bare)
    if found and source.file.startswith("messages/"):
        source.error((), "quote-brace", at=(number, indent + found.end() + 1))
        return
    if "\t" in code and not HAN.search(code.partition("\t")[0].partition(":")[2]):
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
    own = {
        "；": ",",
        "“": '"',
        "”": '"',
        "‘": '"',
        "’": '"',
        "＂": '"',
        "＇": '"',
        "「": '"',
        "、": ",",
        "【": "[",
        "】": "]",
        "　": phrase("blank"),
    }
    return own.get(sign) or unicodedata.normalize("NFKC", sign)


def not_yaml(source: Source, e: yaml.MarkedYAMLError) -> None:
    """Reports the parser's own error, at the place to correct; silent if it was found already."""
    problem, context = str(e.problem or ""), str(e.context or "")
    mark = e.problem_mark or e.context_mark
    late = "simple key" in context or "unexpected end of stream" in problem or "quoted scalar" in context
    sign = "alias" in context or "anchor" in context or ("a tag" in context and "'>'" not in problem)
    late = late or "flow" in context or "expected ',' or" in problem or sign
    if late and e.context_mark is not None:
        mark = e.context_mark
    at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if any(
        x.line <= at[0] or (e.problem_mark and x.line <= e.problem_mark.line + 1) for x in source.findings
    ):
        return
    if "tab" in problem:
        source.error(
            (), "tab", at=(e.problem_mark.line + 1, e.problem_mark.column + 1) if e.problem_mark else at
        )
    elif e.problem_mark and (begun := _list_begun(source, e.problem_mark)):
        source.error((), "quote", at=begun)
    elif begun := _apostrophe(source, e.context_mark) or _quoted_part(source, e.problem_mark):
        source.error((), "quote-part", at=begun)
    elif "mapping values are not allowed" in problem:
        if bare := _bare_above(source.lines, at[0]):
            source.error((), "no-colon", at=bare)
        elif layout.too_deep(source.lines, *at):
            code, at = layout.misfit(source.lines, at[0])
            source.error((), code, at=at)
        else:
            source.error((), "colon", at=at)
    elif "quoted scalar" in context:
        source.error((), "quote-open", at=at)
    elif "flow" in context:
        wide = _wide_comma(source, at[0], e)
        sign_ = _sign(source, e.problem_mark) if e.problem_mark else ""
        if not wide and e.problem_mark and e.problem_mark.line + 1 == at[0] and sign_ in (":", ","):
            code = "comma-missing" if sign_ == ":" else "comma-extra"
            source.error((), code, at=(e.problem_mark.line + 1, e.problem_mark.column + 1))
            return
        source.error((), "full-width", at=wide, sign="，", use=", ") if wide else source.error(
            (), "bracket-open", at=at
        )
    elif "simple key" in context:
        code, beside = layout.misfit(source.lines, at[0]) if at[0] <= len(source.lines) else ("", at)
        dashes = code in ("dash", "list-dash")
        if dashes:
            source.error((), code, at=beside)
        else:
            source.error((), _loose(source.lines, at[0]), at=at)
    elif sign or any(x in problem for x in ("alias", "cannot start any token", "block sequence entries")):
        source.error((), "quote", at=at)
    elif e.problem_mark and _sign(source, e.problem_mark) in ("]", "}"):
        source.error((), "bracket-extra", at=(e.problem_mark.line + 1, e.problem_mark.column + 1))
    elif "block" in context:
        code, at = layout.misfit(source.lines, at[0]) if at[0] <= len(source.lines) else ("indentation", at)
        source.error((), code, at=at)
    elif "unexpected ':'" in problem:
        source.error((), "colon-space", at=at)
    elif "another document" in problem:
        source.error((), "two-documents", at=at)
    else:
        source.error((), "syntax", at=at, why=problem or context)


def _list_begun(source: Source, mark: Any) -> tuple[int, int] | None:
    """Returns where a sentence begins with `[…]` or `{…}` and goes on."""
    line = source.lines[mark.line] if mark.line < len(source.lines) else ""
    found = _BRACKETED.match(line[: mark.column])
    more = line[mark.column : mark.column + 1]
    return (
        (mark.line + 1, found.start(1) + 1) if found and more not in ("", ",", "#", ":", "]", "}") else None
    )


def _apostrophe(source: Source, mark: Any) -> tuple[int, int] | None:
    """Returns where a sentence in single quotation marks begins that an apostrophe ends too early."""
    line = source.lines[mark.line] if mark and mark.line < len(source.lines) else ""
    found = _SINGLE.match(line[: mark.column + 1]) if line else None
    return (mark.line + 1, found.start(1) + 1) if found else None


def _loose(lines: list[str], number: int) -> str:
    """Returns what is wrong with a line that is no key, below one that is."""
    above = next((lines[n - 1] for n in range(number - 1, 0, -1) if lines[n - 1].strip()), "")
    if _BLOCK.search(above.rstrip()):
        return "indentation"
    value = _KEY_LINE.match(above.lstrip()) and not above.rstrip().endswith(":")
    return "two-lines" if value and HAN.search(lines[number - 1]) else "no-colon"


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


def _bare_above(lines: list[str], number: int) -> tuple[int, int] | None:
    """Returns the place of a word without its colon, if the lines below it are further in."""
    above = next((n for n in range(number - 1, 0, -1) if lines[n - 1].strip()), 0)
    word = lines[above - 1] if above else ""
    indent = indent_of(word)
    bare = re.fullmatch(r"[A-Za-z0-9_]+", word.strip()) and indent < indent_of(lines[number - 1])
    return (above, indent + 1) if bare else None


def _sign(source: Source, mark: Any) -> str:
    """The sign that the parser met."""
    line = source.lines[mark.line] if mark.line < len(source.lines) else ""
    return line[mark.column : mark.column + 1]


def _quoted_part(source: Source, mark: Any) -> tuple[int, int] | None:
    """Returns where a quotation begins that ends before its sentence does: `"lost" or stolen`."""
    if mark is None or mark.line >= len(source.lines):
        return None
    line = source.lines[mark.line]
    found, more = _QUOTED.search(line[: mark.column]), line[mark.column : mark.column + 1]
    return (mark.line + 1, found.start(1) + 1) if found and more not in ("", ",", "#", ":") else None


def _wide_comma(source: Source, line: int, e: yaml.MarkedYAMLError) -> tuple[int, int] | None:
    """Returns where `{one: …，two: …}` on one line was meant as two entries."""
    if e.problem_mark is None or e.problem_mark.line + 1 != line or line > len(source.lines):
        return None
    found = _WIDE_ENTRY.search(source.lines[line - 1])
    return (line, found.start() + 1) if found else None


def odd_character(source: Source, text: str, e: yaml.YAMLError) -> None:
    """Reports a control character, which YAML does not allow."""
    found = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", text)
    index = found.start() if found else 0
    at = (text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1)
    source.error((), "character", at=at)


def is_content(source: Source) -> bool:
    """Checks for a file of operators; recordings of residents may contain anything."""
    return source.file.startswith(("flows/", "messages/", "config/"))


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip())
