"""Draws a graph as SVG: boxes in layers, the text wrapped, black on white for paper."""

# SVG's attributes make long lines:
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from bot.content.drawing.graph import Edge, Graph, Node, wrapped
from bot.content.steps import KINDS

WIDTH, GAP_X, GAP_Y, LINE, PAD = 230, 40, 64, 17, 10
COLUMNS = 32  # half-width characters a line
MOST_LINES = 7
_FILL = {
    **{name: kind.fill for name, kind in KINDS.items()},
    **{"end": "#e9f7ec", "stop": "#fbeaea", "flow": "#f4effa"},
}


def svg(graph: Graph) -> str:
    """Returns a self-contained drawing; as wide as its widest layer."""
    layers = _layers(graph)
    texts = {node.id: _lines(node) for node in graph.nodes}
    heights = {name: PAD * 2 + LINE * len(lines) for name, lines in texts.items()}
    widest = max((len(layer) for layer in layers), default=1)
    total = widest * (WIDTH + GAP_X) + GAP_X
    at: dict[str, tuple[float, float]] = {}
    y = 60.0
    for layer in layers:
        left = (total - len(layer) * (WIDTH + GAP_X) + GAP_X) / 2
        for i, name in enumerate(layer):
            at[name] = (left + i * (WIDTH + GAP_X), y)
        ways = max(sum(1 for a, _, _ in graph.edges if a == name) for name in layer)
        y += max(heights[name] for name in layer) + GAP_Y + 13 * max(0, ways - 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total:.0f} {y:.0f}" width="{total:.0f}" '
        f'height="{y:.0f}" font-family="Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif" font-size="12">',
        '<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{GAP_X}" y="32" font-size="18" font-weight="bold">{escape(graph.title)}</text>',
    ]
    for node in graph.nodes:
        own = [edge for edge in graph.edges if edge[0] == node.id]
        parts += [_edge(edge, at, heights, n) for n, edge in enumerate(own)]
    parts += [_box(node, at[node.id], heights[node.id], texts[node.id]) for node in graph.nodes]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _layers(graph: Graph) -> list[list[str]]:
    """Places each node below its sources, ignoring edges back; within a layer, near its neighbours above."""
    order = [node.id for node in graph.nodes]
    rank = {name: i for i, name in enumerate(order)}
    level = dict.fromkeys(order, 0)
    ahead = [(a, b) for a, b, _ in graph.edges if rank[a] < rank[b]]
    for name in order:
        for a, b in ahead:
            if a == name:
                level[b] = max(level[b], level[a] + 1)
    layers: list[list[str]] = [[] for _ in range(max(level.values(), default=0) + 1)]
    for name in order:
        layers[level[name]].append(name)
    place: dict[str, float] = {}
    made = []
    for layer in layers:

        def wish(name: str) -> float:
            above = [place[a] for a, b, _ in graph.edges if b == name and a in place]
            return sum(above) / len(above) if above else rank[name] / len(rank)

        ordered = sorted(layer, key=wish)
        for i, name in enumerate(ordered):
            place[name] = (i + 1) / (len(ordered) + 1)
        made += [ordered[i : i + 6] for i in range(0, len(ordered), 6)]  # a sheet holds six side by side
    return made


def _edge(edge: Edge, at: Mapping[str, tuple[float, float]], heights: Mapping[str, int], n: int) -> str:
    (x1, y1), (x2, y2) = at[edge[0]], at[edge[1]]
    shift = ((n + 3) % 7 - 3) * 12
    sx, sy, tx, ty = x1 + WIDTH / 2 + shift, y1 + heights[edge[0]], x2 + WIDTH / 2 + shift, y2
    if ty > sy:
        path = f"M{sx:.0f} {sy:.0f}C{sx:.0f} {sy + 36:.0f} {tx:.0f} {ty - 36:.0f} {tx:.0f} {ty:.0f}"
    else:  # back up, round the right-hand side
        side = max(x1, x2) + WIDTH + 22
        mid1, mid2 = y1 + heights[edge[0]] / 2, y2 + heights[edge[1]] / 2
        path = f"M{x1 + WIDTH:.0f} {mid1:.0f}C{side:.0f} {mid1:.0f} {side:.0f} {mid2:.0f} {x2 + WIDTH:.0f} {mid2:.0f}"
        sx, sy = side - 14, mid1 - 12
    label = escape(edge[2])
    words = f'<text x="{sx + 4:.0f}" y="{sy + 14 + n * 13:.0f}" font-size="10" fill="#333">{label}</text>'
    return f'<path d="{path}" fill="none" stroke="#777" marker-end="url(#a)"/>' + (words if label else "")


def _box(node: Node, at: tuple[float, float], height: int, lines: list[str]) -> str:
    x, y = at
    fill = _FILL.get(node.kind, "#fff")
    round_ = height / 2 if node.kind in ("end", "stop", "flow") and len(lines) < 3 else 5
    parts = [
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{WIDTH}" height="{height}" rx="{round_:.0f}" fill="{fill}" stroke="#333"/>'
    ]
    for i, line in enumerate(lines):
        weight = ' font-weight="bold"' if i == 0 else ""
        parts.append(
            f'<text x="{x + PAD:.0f}" y="{y + PAD + 12 + i * LINE:.0f}"{weight}>{escape(line)}</text>'
        )
    return "".join(parts)


def _lines(node: Node) -> list[str]:
    words = [line for part in node.words.split("\n") for line in wrapped(part, COLUMNS)]
    if len(words) > MOST_LINES:
        words = [*words[: MOST_LINES - 1], words[MOST_LINES - 1] + "…"]
    return [node.title, *words]
