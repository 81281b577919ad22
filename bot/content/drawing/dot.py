"""Writes a graph in Graphviz's language, with how often each way was taken.

Every node and edge has a class; the style sheet sets the colours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.content.drawing.graph import Graph, Node, columns, wrapped
from bot.content.steps import KINDS

COLUMNS = 30
"""Half-width characters in a line of a box."""
MOST_LINES = 3
_EM = 0.078
"""Inches: the width of a half-width character of 11 points."""
_STRONG = ((0.5, "most"), (0.15, "much"), (0.0, "some"))
_SHAPES = {"end": "oval", "stop": "oval", "flow": "oval", "route": "diamond"}
_ROUND = frozenset(name for name, kind in KINDS.items() if kind.step.asks)


@dataclass(frozen=True)
class Way:
    """A drawn edge: all ways from one node to another. `labels`: each with its count, if known."""

    start: str
    to: str
    labels: tuple[tuple[str, int | None], ...]
    count: int


def ways(graph: Graph, edges: Mapping[tuple[str, str, str], int]) -> tuple[Way, ...]:
    """Returns the graph's edges with the counts of FlowFigures; then counted ways that are not drawn, such as
    exhausted tries, and ways of older revisions between steps that still exist."""
    labels: dict[tuple[str, str], list[str]] = {}
    for start, to, label in graph.edges:
        labels.setdefault((start, to), []).append(label)
    taken: dict[tuple[str, str], dict[str, int]] = {}
    here = {node.id for node in graph.nodes} | {"end", "stop", "!down"}
    for (start, to, way), n in edges.items():
        if start in here and (to in here or to.startswith("→ ")):
            taken.setdefault((start, to), {})[way] = n
    return tuple(
        Way(*pair, _counted(labels.get(pair, []), taken.get(pair, {})), sum(taken.get(pair, {}).values()))
        for pair in dict.fromkeys([*labels, *taken])
    )


def _counted(labels: list[str], taken: Mapping[str, int]) -> tuple[tuple[str, int | None], ...]:
    """Counts each outcome; if several conditions lead to the same step, it is unknown which one held."""
    firsts = [label.partition(", ")[0] for label in labels]
    unknown = None if taken.keys() - set(firsts) else 0
    known = (
        (label, taken.get(first, unknown) if firsts.count(first) == 1 else None)
        for label, first in zip(labels, firsts, strict=True)
    )
    more = ((way, n) for way, n in taken.items() if way not in ("", "else", *firsts))
    return (*known, *more)


def dot(
    graph: Graph, found: tuple[Way, ...], notes: Mapping[str, str], ending: Callable[[str], str] = str
) -> str:
    """`notes`: a line under a node's title, by its id. `ending`: the title of an end that is only counted."""
    nodes = [*graph.nodes]
    nodes += [
        Node(
            to,
            "stop" if to in ("stop", "!down") else "end" if to == "end" else "flow",
            ending(to.lstrip("!")),
        )
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
    lines += [_node(node, notes.get(node.id, "")) for node in nodes]
    lines += [_edge(way, most) for way in found]
    return "\n".join([*lines, "}"])


def _node(node: Node, note: str) -> str:
    lines = [node.title, *([note] if note else []), *_wrapped(node.words)]
    width = max(map(columns, lines)) * _EM + 0.3
    given = {
        "label": "\n".join(lines),
        "class": f"node-{node.kind}",
        "shape": _SHAPES.get(node.kind, "box"),
        "width": f"{width * (1.35 if node.kind in _SHAPES else 1):.2f}",
        "id": f"node-{node.id}",
        "tooltip": " ",
        **({"style": "rounded"} if node.kind in _ROUND else {}),
    }
    return f"{_quoted(node.id)} [{_attributes(given)}]"


def _edge(way: Way, most: int) -> str:
    share = way.count / most if most else 0.0
    strength = next(word for least, word in _STRONG if share >= least) if way.count else "none"
    several = len(way.labels) > 1
    texts = [
        f"{label} {n:,}" if several and most and n is not None else label for label, n in way.labels if label
    ]
    texts = [*texts[:3], "…"] if len(texts) > 4 else texts
    if most and not (several and texts):
        texts.append(f"{way.count:,}")
    given = {
        "label": "\n".join(f"  {line} " for line in texts),  # the font is wider than Graphviz assumes
        "class": f"edge-{strength}",
        "penwidth": f"{1 + 4 * share:.1f}",
        "tooltip": " ",
    }
    return f"{_quoted(way.start)} -> {_quoted(way.to)} [{_attributes(given)}]"


def _attributes(given: Mapping[str, str]) -> str:
    return ",".join(f"{name}={_quoted(value)}" for name, value in given.items())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{"".join(c for c in escaped if c.isprintable())}"'


def _wrapped(text: str) -> list[str]:
    joined = re.sub(r"(?<=[。？！；])\n", "", text).replace("\n", " ")
    lines = wrapped(joined, COLUMNS)
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1] + "…"]
