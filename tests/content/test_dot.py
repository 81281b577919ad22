"""A flow's drawing with its counts."""

from __future__ import annotations

from bot.content.drawing.dot import Way, dot, ways
from bot.content.drawing.graph import Graph, Node

GRAPH = Graph(
    "t",
    (
        Node("ask", "collect", "ask · collect", 'Say "yes"\nor no, as you like it best of all'),
        Node("sort", "route", "sort · route"),
        Node(
            "tell",
            "say",
            "tell · say",
            "这是一段很长的话，一行放不下，要分成好几行才行，再多就省略，省略掉的就不显示了，图上看不到，要看全文请打开文件",
        ),
        Node("end", "end", "end"),
    ),
    (
        ("ask", "sort", "agreed"),
        ("ask", "sort", "again, again ≤ 3"),
        ("sort", "tell", "x = a"),
        ("sort", "tell", "x = b"),
        ("tell", "end", ""),
    ),
)


def test_an_outcome_has_its_count_and_a_condition_shares_one() -> None:
    edges = {("ask", "sort", "agreed"): 7, ("sort", "tell", ""): 9, ("tell", "end", "else"): 3}
    assert ways(GRAPH, edges) == (
        Way("ask", "sort", (("agreed", 7), ("again, again ≤ 3", 0)), 7),
        Way("sort", "tell", (("x = a", None), ("x = b", None)), 9),
        Way("tell", "end", (("", None),), 3),
    )


def test_what_is_counted_and_not_drawn_is_added_where_its_steps_are_known() -> None:
    edges = {
        ("ask", "stop", "exhausted"): 2,
        ("ask", "!down", "unavailable"): 1,
        ("ask", "→ outlets", "far"): 4,
        ("ask", "sort", "old"): 5,
        ("gone", "sort", ""): 6,
        ("ask", "gone", ""): 6,
    }
    found = ways(GRAPH, edges)
    assert [(w.start, w.to, w.count) for w in found[3:]] == [
        ("ask", "stop", 2),
        ("ask", "!down", 1),
        ("ask", "→ outlets", 4),
    ]
    assert ("old", 5) in found[0].labels


def test_the_drawing_quotes_what_operators_write_and_classes_what_is_taken() -> None:
    edges = {("ask", "sort", "agreed"): 10_000, ("tell", "end", ""): 800, ("ask", "stop", "exhausted"): 2}
    text = dot(GRAPH, ways(GRAPH, edges), {"ask": "12,000 asked"})
    assert r"ask · collect\n12,000 asked\nSay \"yes\" or no" in text
    assert '"ask" -> "sort"' in text
    assert r"agreed 10,000" in text
    assert r"again, again ≤ 3 0" in text
    assert text.count('class="edge-most"') == 1
    assert text.count('class="edge-some"') == 2
    assert text.count('class="edge-none"') == 1
    assert '"stop" [label="stop",class="node-stop"' in text
    assert "…" in text


def test_without_counts_it_is_the_plain_graph() -> None:
    text = dot(GRAPH, ways(GRAPH, {}), {})
    assert text.count('class="edge-none"') == 3
    assert "agreed" in text
    assert "agreed 0" not in text


def test_a_line_of_a_box_begins_with_no_closing_sign() -> None:
    words = "【已停用】这张卡是临时挂失，到期自动恢复。\n要改成正式挂失吗？（改了以后不会恢复）"
    text = dot(Graph("ask", (Node("ask", "collect", "ask", words),), ()), (), {})
    lines = text.partition('label="')[2].partition('"')[0].split("\\n")[1:]
    assert "".join(lines) == words.replace("\n", "")
    assert not [line for line in lines if line[0] in "，。？）】" or line[-1] in "（【"]
