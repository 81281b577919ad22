"""What the counts say: a flow's graph, the funnels, what fails and what nothing answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from bot.console.drafting import guessed
from bot.console.naming import Naming, language_of
from bot.console.period import Period, chosen
from bot.console.views import Views, said
from bot.content.drawing import figures
from bot.content.drawing.dot import dot, ways
from bot.content.drawing.figures import FlowFigures
from bot.content.drawing.graph import Graph, of_flow
from bot.content.drawing.graph_words import kind_in, way_in
from bot.engine.content import Content
from bot.engine.scope import china_time
from bot.store.counts import Counts, Day, Question

FAILING = 12
"""Rows of questions that fail."""
ASKED = 50
"""Rows of what nothing answered."""
DRAWS = "'self' 'wasm-unsafe-eval'"
"""Graphviz, which draws the graph, is WebAssembly: this page alone may compile some, from its own scripts."""


@dataclass(frozen=True)
class Sheet:
    """What the address asks for, and what was counted."""

    content: Content
    period: Period
    days: dict[date, Day]
    revision: str
    revisions: tuple[str, ...]
    flows: tuple[FlowFigures, ...]
    flow: str

    @property
    def figures(self) -> FlowFigures:
        return next(f for f in self.flows if f.flow == self.flow)

    @property
    def trend(self) -> list[tuple[date, FlowFigures]]:
        """Every day of the period, newest first: of the chosen flow, or of all."""
        by_day = (
            (day, figures.of_flows(self.content, figures.total([held], self.revision)))
            for day, held in reversed(self.days.items())
        )
        return [(day, figures.added(flows, self.flow)) for day, flows in by_day]

    @property
    def seen(self) -> bool:
        return any(f.begun or f.ended or f.dropped or f.edges for f in self.flows)


def add_to(views: Views) -> None:
    counts = Counts(views.bot.client, views.bot.store.seal)

    def read() -> Sheet:
        today = china_time(int(views.now())).date()
        period = chosen(request.args, today)
        days = counts.read(period.days, today)
        content = views.bot.turns.content("")
        total = {revision: sum(n.values()) for revision, n in figures.by_revision(days.values()).items()}
        revision = request.args.get("revision", "")
        revision = revision if revision in total else ""
        flows = figures.of_flows(content, figures.total(days.values(), revision))
        flow = request.args.get("flow", "")
        return Sheet(
            *(content, period, days, revision, tuple(sorted(total, key=lambda r: -total[r])), flows),
            flow if flow in content.flows else "",
        )

    def instead(found: Sheet) -> list[Question]:
        """Returns what was written instead of answers, in the chosen flow or all."""
        written = counts.instead(found.period.days)
        return [q for q in written if found.flow in ("", q.at.partition(".")[0])][:ASKED]

    def show(page: str, found: Sheet, **values: Any) -> ResponseReturnValue:
        naming = Naming(found.content, g.language)
        return views.show(
            *(f"{page}.html", 200, page),
            sheet=found,
            names=naming,
            titles=[(name, naming.flow(name)) for name in found.content.flows],
            time=spoken,
            guess=lambda text: guessed(found.content, text),
            **values,
        )

    @views.blueprint.get("/flows")
    def flows() -> ResponseReturnValue:
        found = read()
        if not found.flow:
            busiest = max(found.flows, key=lambda f: f.begun if f.flow in found.content.flows else -1)
            found = replace(found, flow=busiest.flow)
        language = language_of(found.content, g.language).code
        naming = Naming(found.content, g.language)

        def named(start: str, label: str) -> str:
            """Only a value that is compared with: a choice's own words would be too wide for a graph."""
            label = way_in(label, language)
            return naming.way(found.flow, start, label) if " = " in label else label

        graph = _titled(of_flow(found.content, found.flow, language), found, g.language)
        drawn = tuple(
            replace(way, labels=tuple((named(way.start, label), n) for label, n in way.labels))
            for way in ways(graph, found.figures.edges)
        )
        words = said(g.language).figures

        def ending(to: str) -> str:
            return kind_in(to.lstrip("!"), language)

        notes = {
            s.step: (words.note_action if s.kind == "action" else words.note).format(
                asked=s.asked, left=s.left
            )
            for s in found.figures.steps
            if s.asked
        }
        g.policy = {"script_src": DRAWS}
        return show("flows", found, dot=dot(graph, drawn, notes, ending), ways=drawn, ending=ending)

    @views.blueprint.get("/funnels")
    def funnels() -> ResponseReturnValue:
        found = read()
        seen = sorted((f for f in found.flows if f.begun or f.ended or f.dropped), key=lambda f: -f.begun)
        return show("funnels", found, seen=seen, trend=found.trend, instead=instead(found))

    @views.blueprint.get("/questions")
    def questions() -> ResponseReturnValue:
        found = read()
        steps = figures.failing(f for f in found.flows if found.flow in ("", f.flow))
        asked = counts.questions(found.period.days)
        return show(
            "questions",
            found,
            failing=steps[:FAILING],
            asked=asked[:ASKED],
            instead=instead(found),
        )


def _titled(graph: Graph, found: Sheet, language: str) -> Graph:
    """With what a question asks for, and what is called, above its id."""
    names = Naming(found.content, language)
    steps = (s for s in found.content.flows[found.flow].steps.values() if s.slot or s.port)
    titles = {step.id: names.step_of(found.flow, step.id) for step in steps}
    nodes = (
        replace(node, title=f"{titles[node.id]} · {node.id}")
        if node.id in titles and not titles[node.id].endswith(node.id)
        else node
        for node in graph.nodes
    )
    return replace(graph, nodes=tuple(nodes))


def spoken(seconds: float | None) -> str:
    """Returns a time in the reader's words, as exactly as powers of two allow."""
    words = said(g.language).figures
    if seconds is None:
        return "–"
    if seconds < 1:
        return str(words.below_second)
    if seconds < 90:
        return str(words.seconds.format(n=round(seconds)))
    if seconds < 5400:
        return str(words.minutes.format(n=round(seconds / 60)))
    return str(words.hours.format(n=round(seconds / 3600)))
