"""Flows as pictures: Mermaid text, and SVG drawn here, with the text of each step."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.content.check.variants import sentence
from bot.content.drawing.graph_words import kind_in, way_in
from bot.content.steps import KINDS, kind_of
from bot.engine import flow as f
from bot.engine.content import Content

Edge = tuple[str, str, str]  # from, to, label


@dataclass(frozen=True)
class Node:
    """A node. `kind`: a step's kind, or start, end, stop, flow. `words`: what the resident reads there."""

    id: str
    kind: str
    title: str
    words: str = ""


@dataclass(frozen=True)
class Graph:
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def of_flow(content: Content, name: str, language: str) -> Graph:
    """Returns one flow's steps.

    Raises:
        KeyError: there is no such flow.
    """
    flow, lang = content.flows[name], content.languages[language]
    words = lang.flows.get(name) or f.FlowWords(name)
    nodes = [
        Node(s.id, s.kind, f"{s.id} · {kind_in(s.kind, language)}", _wording(s, words, lang))
        for s in flow.steps.values()
    ]
    edges: list[Edge] = []
    for step in flow.steps.values():
        for to, label in dict.fromkeys(_ways(step.next, "")):
            edges.append((step.id, to, label))
    for _, to, _ in edges:
        if to not in flow.steps and to not in {n.id for n in nodes}:
            kind = to if to in ("end", "stop") else "flow"
            nodes.append(Node(to, kind, _end_title(to, lang)))
    return Graph(f"{words.title} ({name})", tuple(nodes), tuple(edges))


def worded(graph: Graph, language: str) -> Graph:
    """Puts the ways into the reader's language. The counts know a way by its earlier label."""
    edges = tuple((start, to, way_in(label, language)) for start, to, label in graph.edges)
    return replace(graph, edges=edges)


def of_all(content: Content, language: str) -> Graph:
    """Returns the flows and what leads from one to another: requires, need, link, offer."""
    lang = content.languages[language]
    nodes = [
        Node(name, "flow", name, words.title if (words := lang.flows.get(name)) else "")
        for name in content.flows
    ]
    edges: dict[Edge, None] = {}
    for name, flow in content.flows.items():
        for other in flow.requires:
            edges[(name, other, "requires")] = None
        for step in flow.steps.values():
            for how, other in step.leads():
                if (how, other) != ("offer", name):
                    edges[(name, other, how)] = None
            for to, _ in _ways(step.next, ""):
                if to.startswith("→ "):
                    edges[(name, to[2:], "link")] = None
        if isinstance(flow.exhausted, f.Link):
            edges[(name, flow.exhausted.flow, "link")] = None
    known = set(content.flows)
    return Graph("flows", tuple(nodes), tuple(e for e in edges if e[1] in known))


def mermaid(graph: Graph) -> str:
    """Returns flowchart text, as GitHub and many editors draw it."""
    ids = {node.id: f"n{i}" for i, node in enumerate(graph.nodes)}
    lines = ["---", f"title: {_escaped(graph.title)}", "---", "flowchart TD"]
    for node in graph.nodes:
        label = f"<b>{_escaped(node.title)}</b>" + (f"<br/>{_escaped(node.words)}" if node.words else "")
        left, right = KINDS[node.kind].box if node.kind in KINDS else _SHAPES.get(node.kind, ("[", "]"))
        lines.append(f'  {ids[node.id]}{left}"{label}"{right}')
    for start, to, label in graph.edges:
        arrow = f'-->|"{_escaped(label)}"|' if label else "-->"
        lines.append(f"  {ids[start]} {arrow} {ids[to]}")
    return "\n".join(lines) + "\n"


_SHAPES = {"route": ("{", "}"), **dict.fromkeys(("end", "stop", "flow"), ("([", "])"))}


def _escaped(text: str) -> str:
    for sign, code in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;"), ("#", "&num;")):
        text = text.replace(sign, code)
    return text.replace("\n", "<br/>")


def _end_title(to: str, lang: f.Language) -> str:
    return f"→ {_titled(to[2:], lang)}" if to.startswith("→ ") else kind_in(to, lang.code)


def _titled(flow: str, lang: f.Language) -> str:
    words = lang.flows.get(flow)
    return f"{flow} {words.title}" if words else flow


def _wording(step: f.Step, words: f.FlowWords, lang: f.Language) -> str:
    """Returns what the resident reads at a step; for an action, the call."""
    if drawn := kind_of(step).drawn(step, lambda flow: _titled(flow, lang)):
        return drawn
    text = words.texts.get(step.text)
    slot = words.slots.get(step.slot)
    if slot is not None:
        text = slot.ask
    if text is None:
        return ""
    said = _first(text)
    answers = [_first(part) for part in text.labels.values()]
    answers += [_first(label) for label in slot.values.values()] if slot else []
    return said + (f"\n［{'／'.join(answers)}］" if answers else "")


def _first(text: f.Text) -> str:
    return sentence(text.variants[-1], lambda path: f"{{{path}}}") if text.variants else ""


# --- lines of a box ------------------------------------------------------------------------------
_PIECES = re.compile(r"[（【「『“‘\[]*(?:[!-~]{1,28} ?|.)[，。、；：？！）】」』”’…／\]]*")
"""Chinese may break anywhere, but no line begins with a closing sign or ends with an opening one."""


def wrapped(text: str, most: int) -> list[str]:
    """Returns lines of at most `most` half-width characters; Chinese takes two each."""
    lines, line = [], ""
    for word in _PIECES.findall(text):
        if line and columns(line + word.rstrip()) > most:
            lines.append(line)
            line = ""
        line += word
    return [*lines, line] if line.strip() else lines


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


# --- ways ----------------------------------------------------------------------------------------
def _ways(rule: f.Next, label: str) -> Iterator[tuple[str, str]]:
    """Yields where a `next` leads, with the outcome or condition on the way."""
    if isinstance(rule, f.Go):
        yield rule.step, label
    elif isinstance(rule, f.Finish):
        yield "end" if rule.reached else "stop", label
    elif isinstance(rule, f.Link):
        yield f"→ {rule.flow}", label
    elif isinstance(rule, f.Again):
        yield rule.step, _joined(label, f"again ≤ {rule.times}")
    for way in rule.ways():
        key = "no more tries" if isinstance(rule, f.Again) else "" if _only(rule) else str(way.at[-1])
        yield from _ways(way.then, _joined(label, " & ".join(map(_test, way.when)) or key))


def _only(rule: f.Next) -> bool:
    """Checks for a plain `next` to which only `unavailable` was added."""
    ends = {way.at[-1]: way.then for way in rule.ways()}
    return set(ends) == {"unavailable", "else"} and isinstance(ends["unavailable"], f.ServiceDown)


def _joined(before: str, label: str) -> str:
    return f"{before}, {label}" if before and label else before or label


def _test(test: f.Test) -> str:
    if test.given is not None:
        return f"{test.path} {'given' if test.given else 'not given'}"
    if test.either:
        return " | ".join(" & ".join(map(_test, cond)) for cond in test.either)
    if test.any_of:
        return f"{test.path} = {' | '.join(test.any_of)}"
    if test.none_of:
        return f"{test.path} ≠ {' | '.join(test.none_of)}"
    if test.same:
        return f"{test.path} = {test.same}"
    sign, limit = ("≥", test.least) if test.below is None else ("<", test.below)
    return f"{test.path} {sign} {limit if isinstance(limit, str) else f'{limit:g}'}"
