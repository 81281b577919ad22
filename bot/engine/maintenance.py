"""What cannot be done while a service is switched off: told before anything more is asked for it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.engine import asking, own_texts, stack
from bot.engine.flow import Again, Finish, Flow, Go, Link, Next, ServiceDown, Step, Target
from bot.engine.session import Frame, Suspended
from bot.engine.suspend import stripped
from bot.engine.turn import Turn


def stopped(turn: Turn) -> bool:
    """Stops a run that cannot reach its purpose now; True if it did. Looks where something would be asked,
    changed or be in the way: an outcome is told first, and a look-up may be all that is needed."""
    step = turn.here
    begins = step.id == turn.flow.first
    if turn.flow.by_time or not (step.asks or step.port or begins):
        return False
    base, now = turn.base(), _Ways(turn, turn.event.at)
    asks = step.asks or step.once or not all(stack.done(turn, name) for name in turn.flow.requires)
    for at, frame in enumerate(turn.session.frames[base:], base):
        if (asks or step.port in now.off) and now.closed(frame):
            _stop(turn, at, turn.event.off_until(now.met) or 0)
            return True
    alone = len(turn.group) == 1
    if begins and alone and turn.frame.run in turn.tally.begun and not now.closed(turn.frame):
        _announce(turn)
    return False


def unrouted(turn: Turn, step: Step) -> bool:
    """Checks whether `unavailable` comes from the maintenance and the flow has no way on: then `stopped` says
    why."""
    if turn.event.off_until((step.port,)) is None:
        return False
    return any(isinstance(rule, ServiceDown) for rule in _ends(turn, step.next, "unavailable"))


def _stop(turn: Turn, at: int, until: int) -> None:
    frames, base = turn.session.frames, turn.base()
    title, words = turn.title(frames[at].flow), turn.moment(until)
    turn.tally.leave("maintenance")
    if at == base:
        own_texts.say_unfinished(turn, *frames[base:])
    turn.say_common("maintenance", "down", flow=title, until=words)
    own_texts.say_meanwhile(turn, frames[at])
    if at > base:  # the flow below goes on without what it needed
        turn.change(frames=frames[: at + 1])
        turn.finish(reached=False)
        return
    if any(f.history or f.carried_answers for f in frames[base:]):
        turn.change(suspended=stripped(turn, Suspended(frames[base:], 0)))
    turn.back_to(turn.below)
    elsewhere = (turn.content.location[0], turn.content.person)
    asking.offer_later(turn, tuple(Target(flow) for flow in elsewhere if flow))


def _announce(turn: Turn) -> None:
    """Says that the run just begun will be stopped unless it is done before."""
    soon = _Ways(turn, turn.event.at + turn.flow.expire)
    told = turn.has_said("common.maintenance_soon")
    if not told and "maintenance_soon" in turn.language.common and soon.closed(turn.frame):
        turn.say_common("maintenance_soon", since=turn.moment(soon.since))


class _Ways:
    """The ways that are open at a moment. `met`: the actions that were in the way."""

    def __init__(self, turn: Turn, at: int) -> None:
        self.turn = turn
        self.planned = [m for m in turn.event.maintenance if m.covers(at)]
        self.off = {action for m in self.planned for action in m.actions}
        self.met: set[str] = set()

    @property
    def since(self) -> int:
        return min(m.since for m in self.planned if self.met & {*m.actions})

    def closed(self, frame: Frame) -> bool:
        """Checks whether the run can no longer reach its change or, if it has none or has made it, its
        end."""
        self.met.clear()
        flow = self.turn.content.flows[frame.flow]
        return bool(self.off) and not self._leads(flow, frame.step, frame) and bool(self.met)

    def _leads(self, flow: Flow, first: str, frame: Frame | None = None, above: tuple[str, ...] = ()) -> bool:
        above = (*above, flow.name)
        settled = frame.completed_actions if frame else {}
        changes = flow.changes and not settled
        todo, seen = [first], set[str]()
        while todo:
            step = flow.steps.get(todo.pop())  # to look ahead is to reach nothing: coverage counts []
            if step is None or step.id in seen:
                continue
            seen.add(step.id)
            outcome = ""
            if step.port or step.id == flow.first:
                if not all(self._done(name, above) for name in flow.requires):
                    continue
                if step.port in self.off and step.port not in settled:
                    self.met.add(step.port)
                    outcome = "unavailable"
                elif step.once:
                    return True
            needed = [name for how, name in step.leads() if how == "need"]
            if not all(self._done(name, above) for name in needed):
                outcome = "unmet"
            for rule in _ends(self.turn, step.next, outcome):
                if isinstance(rule, Go | Again):
                    todo.append(rule.step)
                elif not changes and _reaches(rule, self.turn):
                    return True
        return False

    def _done(self, name: str, above: tuple[str, ...]) -> bool:
        """Checks whether a flow counts as done, or can be done now."""
        flow = self.turn.content.flows[name]
        return stack.done(self.turn, name) or name in above or self._leads(flow, flow.first, above=above)


def _reaches(rule: Next, turn: Turn) -> bool:
    if isinstance(rule, Link):
        return rule.flow != turn.content.person
    return isinstance(rule, Finish) and rule.reached


def _ends(turn: Turn, rule: Next, outcome: str) -> Iterator[Next]:
    """Yields where a `next` can lead, without the ways that the policy closes. `outcome`: "" for any."""
    rule = rule.meant
    if rule.ends:
        yield rule
    for way in rule.open(outcome) if outcome else rule.ways():
        fixed = bool(way.when) and all(path.startswith("policy.") for test in way.when for path in test.paths)
        if fixed and not turn.scope().holds(way.when):
            continue
        yield from _ends(turn, way.then, outcome)
        if fixed:
            break
