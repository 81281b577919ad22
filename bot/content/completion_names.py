"""Names that may stand where somebody writes in a file: steps, slots, texts, flows, outcomes, values.

The file that is being written need not be valid, so it is read line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.actions import ACTIONS
from bot.content.read.files import PAGES, POLICY, Files
from bot.content.read.source import Loc
from bot.content.steps import KINDS
from bot.engine.flow import PAGE
from bot.engine.scope import EXAMPLE

_TEXTS = ("say", "confirm", "consent")
_FLOWS = ("requires", "need", "link", "undo", "later", "exhausted")
_KEY = re.compile(r"  ([a-z]\w*):")
_TAKES = re.compile(r"^takes: \[([^\]]*)\]", re.M)
_LISTED = re.compile(r"\bvalues: \[([^\]]*)\]")


class Names:
    """`file`: what is written, as `text` stands there now."""

    def __init__(self, files: Files, file: str, text: str) -> None:
        self._files, self._file = files, file
        folder, _, stem = file.removesuffix(".yaml").rpartition("/")
        self._words = folder.startswith("messages")
        self._flow = text if folder == "flows" else self._text(f"flows/{stem}.yaml")
        said = (x for x in sorted(files) if x.startswith("messages/") and x.endswith(f"/{stem}.yaml"))
        self._said = text if self._words else self._text(next(said, ""))

    def keys(self, loc: Loc) -> Iterable[str]:
        """Names that are keys of the map there."""
        if self._words:
            return self._keys_of_words(loc)
        if loc[:1] == ("steps",) and len(loc) == 3 and loc[2] in ("next", "with"):
            kind, named = self._kind(str(loc[1]))
            return self._outcomes(kind, named) if loc[2] == "next" else self._arguments(kind, named)
        if loc[-1:] in (("if",), ("when",)) or "only" in loc:
            return self.paths()
        return under(self._flow, "slots") if loc[-1:] == ("set",) else ()

    def _keys_of_words(self, loc: Loc) -> Iterable[str]:
        if loc == ("texts",):
            return re.findall(rf"\b(?:{'|'.join(_TEXTS)}): (\w+)", self._flow)
        if loc == ("slots",):
            return under(self._flow, "slots")
        if len(loc) == 3 and loc[0] == "slots" and loc[2] in ("values", "words"):
            return self._slot_values(str(loc[1]))
        return self._pages() if not loc and self._file.endswith("/pages.yaml") else ()

    def values(self, loc: Loc) -> Iterable[str]:
        """Names that are values there."""
        around = [part for part in loc if isinstance(part, str)]
        last = around[-1] if around else ""
        if last == "offer" or (last == "page" and self._file != PAGES):
            return self._targets() if last == "offer" else self._pages()
        if self._words or self._file == PAGES:
            return ()
        if last == "flow":
            return self._flows()
        if last in ("collect", "save", "takes", "forget"):
            return under(self._flow, "slots")
        if last in _TEXTS:
            return under(self._said, "texts")
        if last in _FLOWS:
            return self._flows()
        if last in ("on", "date", "from", "to") or "with" in around:
            return self.paths()
        return [*under(self._flow, "steps"), "end", "stop"] if "next" in around else ()

    def paths(self) -> list[str]:
        """Values that a text or condition may name: of this flow, and of the policy."""
        fields = []
        for lines in under(self._flow, "steps").values():
            saved, called = _value(lines, "save"), _value(lines, "action")
            fields += [
                f"{saved}.{name}" for name in (ACTIONS[called].fields if called in ACTIONS else ()) if saved
            ]
        policy = re.findall(r"^([a-z]\w*):", self._text(POLICY), re.M)
        ruled = [f"policy.{name}" for name in policy if name not in ("hours", "banks")]
        slots = under(self._flow, "slots")
        shown = [f"{name}.{EXAMPLE}" for name, lines in slots.items() if _value(lines, "type") == "pattern"]
        return [*slots, *shown, *fields, *ruled]

    def _kind(self, step: str) -> tuple[str, str]:
        """Returns what a step does, and with what."""
        lines = under(self._flow, "steps").get(step, "")
        return next(((kind, value) for kind in KINDS if (value := _value(lines, kind))), ("", ""))

    def _outcomes(self, kind: str, named: str) -> Iterable[str]:
        if kind == "action":
            return ACTIONS[named].outcomes if named in ACTIONS else ()
        return self._slot_values(named) if kind == "collect" else KINDS[kind].ends if kind else ()

    def _arguments(self, kind: str, named: str) -> Iterable[str]:
        if kind in ("need", "later"):
            return re.findall(r"\w+", "".join(_TAKES.findall(self._text(f"flows/{named}.yaml"))))
        return ACTIONS[named].arguments if kind == "action" and named in ACTIONS else ()

    def _slot_values(self, slot: str) -> list[str]:
        found = _LISTED.search(under(self._flow, "slots").get(slot, ""))
        return [value.strip() for value in found[1].split(",")] if found else []

    def _flows(self) -> list[str]:
        return [x[6:-5] for x in sorted(self._files) if x.startswith("flows/") and x != PAGES]

    def _pages(self) -> Iterable[str]:
        return under(self._text(PAGES), "pages")

    def _targets(self) -> list[str]:
        return [*self._flows(), *(f"{PAGE}{name}" for name in self._pages())]

    def _text(self, file: str) -> str:
        return self._files.get(file, b"").decode("utf-8-sig", "replace")


def under(text: str, key: str) -> Mapping[str, str]:
    """Returns the keys of one of a file's maps, each with its lines."""
    made: dict[str, list[str]] = {}
    inside, lines = False, made.setdefault("", [])
    for line in text.split("\n"):
        if line[:1] not in ("", " ", "#"):
            inside = line.startswith(f"{key}:")
        elif inside:
            if found := _KEY.match(line):
                lines = made.setdefault(found[1], [])
            lines.append(line)
    return {name: "\n".join(lines) for name, lines in made.items() if name}


def _value(lines: str, key: str) -> str:
    """Of a key of a step, in a line of its own or in braces."""
    found = re.search(rf"(?:^ +|[{{,] *){key}: ([\w.]+)", lines, re.M)
    return found[1] if found else ""
