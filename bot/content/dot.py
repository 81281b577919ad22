"""A graph in Graphviz's language, with how often each way was taken.

Every node and edge has a class: their colours are the style sheet's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bot.content.graph import Graph, Node

COLUMNS = 30
"""Half-width characters in a line of a box."""
MOST_LINES = 3
_EM = 0.078
"""Inches that a half-width character of 11 points takes."""
_STRONG = ((0.5, "most"), (0.15, "much"), (0.0, "some"))
_SHAPES = {"end": "oval", "stop": "oval", "flow": "oval", "route": "diamond"}
_ROUND = frozenset({"collect", "confirm", "consent"})


@dataclass(frozen=True)
class Way:
    """An edge as drawn: all ways from one node to another. `labels`: each with its count, where known."""

    start: str
    to: str
    labels: tuple[tuple[str, int | None], ...]
    count: int


def ways(graph: Graph, edges: Mapping[tuple[str, str, str], int]) -> tuple[Way, ...]:
    """The graph's edges with the counts of FlowFigures; then what was counted and is not drawn, such as being
    out of tries, and ways of older revisions between steps that are still there."""
    found: list[Way] = []
    drawn: dict[tuple[str, str], list[str]] = {}
    for start, to, label in graph.edges:
        drawn.setdefault((start, to), []).append(label)
    for (start, to), labels in drawn.items():
        taken = {way: n for (a, b, way), n in edges.items() if (a, b) == (start, to)}
        firsts = [label.partition(", ")[0] for label in labels]
        known = (
            (
                label,
                taken.get(first, 0 if set(taken) <= set(firsts) else None)
                if firsts.count(first) == 1
                else None,
            )
            for label, first in zip(labels, firsts, strict=True)
        )
        extra = ((way, n) for way, n in taken.items() if way and way != "else" and way not in firsts)
        found.append(Way(start, to, tuple(known) + tuple(extra), sum(taken.values())))
    here = {node.id for node in graph.nodes}
    more: dict[tuple[str, str], list[tuple[str, int | None]]] = {}
    for (start, to, way), n in edges.items():
        if (
            (start, to) not in drawn
            and start in here
            and (to in here or to in ("end", "stop", "down") or "→" in to)
        ):
            more.setdefault((start, to), []).append((way, n))
    found += [Way(a, b, tuple(labels), sum(n or 0 for _, n in labels)) for (a, b), labels in more.items()]
    return tuple(found)


def dot(graph: Graph, found: tuple[Way, ...], notes: Mapping[str, str], links: Mapping[str, str]) -> str:
    """`notes`: a line under a node's title. `links`: where clicking a node leads."""
    nodes = [*graph.nodes]
    nodes += [
        Node(to, "stop" if to in ("stop", "down") else "end" if to == "end" else "flow", to)
        for to in dict.fromkeys(way.to for way in found)
        if to not in {n.id for n in nodes}
    ]
    most = max((way.count for way in found), default=0)
    lines = [
        "digraph {",
        'graph [bgcolor="transparent" rankdir=TB nodesep=0.35 ranksep=0.45 pad=0.15 fontname="Arial"]',
        'node [shape=box fontname="Arial" fontsize=11 margin="0.14,0.08" penwidth=1]',
        'edge [fontname="Arial" fontsize=10 arrowsize=0.7]',
    ]
    lines += [_node(node, notes.get(node.id, ""), links.get(node.id, "")) for node in nodes]
    lines += [_edge(way, most) for way in found]
    return "\n".join([*lines, "}"])


def _node(node: Node, note: str, link: str) -> str:
    lines = [node.title, *([note] if note else []), *_wrapped(node.words)]
    width = max(map(_columns, lines)) * _EM + 0.3
    given = {
        "label": "\n".join(lines),
        "class": f"node-{node.kind}",
        "shape": _SHAPES.get(node.kind, "box"),
        "width": f"{width * (1.35 if node.kind in _SHAPES else 1):.2f}",
        "id": f"node-{node.id}",
        "tooltip": " ",
        **({"style": "rounded"} if node.kind in _ROUND else {}),
        **({"URL": link} if link else {}),
    }
    return f"{_quoted(node.id)} [{_attributes(given)}]"


def _edge(way: Way, most: int) -> str:
    share = way.count / most if most else 0.0
    strength = next(word for least, word in _STRONG if share >= least) if way.count else "none"
    several = len(way.labels) > 1
    texts = [f"{label} {n:,}" if several and n is not None else label for label, n in way.labels if label]
    texts = [*texts[:3], "…"] if len(texts) > 4 else texts
    if most and not (several and texts):
        texts.append(f"{way.count:,}")
    given = {
        "label": "\n".join(f"  {line} " for line in texts),  # the font is wider than Graphviz thinks
        "class": f"edge-{strength}",
        "penwidth": f"{1 + 4 * share:.1f}",
        "tooltip": " ",
    }
    return f"{_quoted(way.start)} -> {_quoted(way.to)} [{_attributes(given)}]"


def _attributes(given: Mapping[str, str]) -> str:
    return " ".join(f"{name}={_quoted(value)}" for name, value in given.items())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{"".join(c for c in escaped if c.isprintable())}"'


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def _wrapped(text: str) -> list[str]:
    lines, line = [], ""
    for sign in text.replace("\n", " "):
        if _columns(line + sign) > COLUMNS:
            lines.append(line)
            line = ""
        line += sign
    lines += [line] if line.strip() else []
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1] + "…"]
