"""The shipped content as an editor might leave it: made in memory, so that no wording has to be repeated."""

from __future__ import annotations

from dataclasses import replace

from bot.engine.content import Content
from bot.engine.flow import Again, Cases, Flow, Go, Match, Next, Outcomes, Step, Target


def edited(content: Content) -> Content:
    """A step renamed, a question and its slot gone, a question changed, a value gone, a flow gone, a policy
    changed."""
    flows = dict(content.flows)
    loss, sign_in, reissue = flows["report_loss"], flows["sign_in"], flows["reissue"]
    loss = _without_question(_renamed(loss, "submit", "send"), "reason")
    name = replace(sign_in.steps["name"], hash="changed")
    reasons = reissue.slots["reason"]
    fewer = replace(reasons, values=tuple(v for v in reasons.values if v != "photo"))
    flows |= {
        "report_loss": loss,
        "sign_in": replace(sign_in, steps=dict(sign_in.steps) | {"name": name}),
        "reissue": replace(reissue, slots=dict(reissue.slots) | {"reason": fewer}),
    }
    policy = dict(content.policy) | {"formal_loss": dict(content.policy["formal_loss"]) | {"value": "outlet"}}
    return _without_flow(replace(content, flows=flows, policy=policy, revision="edited"), "rate")


def _renamed(flow: Flow, old: str, new: str) -> Flow:
    steps = {}
    for step in flow.steps.values():
        named = replace(step, id=new, renamed=old) if step.id == old else step
        steps[named.id] = replace(named, next=_led(step.next, old, Go(new)))
    return replace(flow, steps=steps)


def _without_question(flow: Flow, slot: str) -> Flow:
    step = next(s for s in flow.steps.values() if s.slot == slot)
    steps = {
        s.id: replace(
            s,
            next=_led(s.next, step.id, step.next),
            arguments={k: a for k, a in s.arguments.items() if a.paths != (slot,)},
        )
        for s in flow.steps.values()
        if s.id != step.id
    }
    return replace(flow, steps=steps, slots={n: s for n, s in flow.slots.items() if n != slot})


def _led(rule: Next, old: str, to: Next) -> Next:
    if isinstance(rule, Go):
        return to if rule.step == old else rule
    if isinstance(rule, Outcomes | Match):
        return replace(rule, routes={k: _led(v, old, to) for k, v in rule.routes.items()})
    if isinstance(rule, Cases):
        return Cases(tuple((cond, _led(then, old, to)) for cond, then in rule.cases))
    if isinstance(rule, Again):
        return replace(rule, otherwise=_led(rule.otherwise, old, to))
    return rule


def _without_flow(content: Content, gone: str) -> Content:
    def others(offer: tuple[Target, ...]) -> tuple[Target, ...]:
        return tuple(t for t in offer if t.flow != gone)

    def step(s: Step) -> Step:
        return replace(s, offer=others(s.offer))

    flows = {
        name: replace(flow, steps={k: step(s) for k, s in flow.steps.items()})
        for name, flow in content.flows.items()
        if name != gone
    }
    return replace(
        content,
        flows=flows,
        pages={n: replace(p, offer=others(p.offer)) for n, p in content.pages.items()},
        triggers={k: t for k, t in content.triggers.items() if t.flow != gone},
        menu={k: t for k, t in content.menu.items() if t.flow != gone},
    )
