"""What an editor of the content may do between two messages: each function makes one edit at random."""

from __future__ import annotations

import random
import re
from typing import Any

from .drafts import Data, Edit, Files, NotHere, change, explicit, keyed, led, paths, pruned, sentences, worded


def _flow(files: Files, dice: random.Random) -> tuple[str, Data]:
    """Those with questions come up more often."""
    name = dice.choice(
        [*files.flows, *["report_loss", "sign_in", "reissue", "family", "outlets", "rate"] * 2]
    )
    if name not in files.flows:
        raise NotHere
    return name, files.flow(name)


def _one(dice: random.Random, found: list[Any]) -> Any:
    if not found:
        raise NotHere
    return dice.choice(found)


def _collects(flow: Data) -> list[str]:
    return [n for n, s in flow["steps"].items() if "collect" in s]


# --- names -----------------------------------------------------------------------------------------
def rename_step(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    old = dice.choice(list(flow["steps"]))
    new = f"{old[:30]}_{dice.randrange(90)}"
    flow["steps"] = keyed(flow["steps"], old, new)
    led(flow, lambda s: new if s == old else s)
    if dice.random() < 0.85:
        flow["steps"][new]["renamed"] = old
    else:
        flow["steps"][new].pop("renamed", None)
    return f"{name}.{old} -> {new} {flow['steps'][new].get('renamed', 'without renamed')}"


def rename_slot(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    old = _one(dice, list(flow.get("slots", {})))
    new = f"{old[:30]}_{dice.randrange(90)}"

    def here(path: str) -> str:
        head, dot, rest = path.partition(".")
        return new + dot + rest if head == old else path

    def there(path: str) -> str:
        return re.sub(rf"^{name}\.{old}(?=\.|$)", f"{name}.{new}", path)

    flow["slots"] = {k: paths(v, here) for k, v in keyed(flow["slots"], old, new).items()}
    flow["steps"] = {k: paths(v, here) for k, v in flow["steps"].items()}
    flow["takes"] = [here(s) for s in flow.get("takes", [])]
    for words in files.words(name):
        words["slots"] = keyed(worded(words.get("slots", {}), here), old, new)
        words["texts"] = worded(words.get("texts", {}), here)
    for other in files.flows:
        steps = files.flow(other)["steps"]
        files.flow(other)["steps"] = {k: _handed(paths(v, there), name, old, new) for k, v in steps.items()}
        for words in files.words(other):
            words |= {part: worded(words[part], there) for part in ("slots", "texts") if part in words}
    if dice.random() < 0.85:
        flow["slots"][new]["renamed"] = old
    return f"{name}.{old} -> {new} {flow['slots'][new].get('renamed', 'without renamed')}"


def _handed(thing: Any, flow: str, old: str, new: str) -> Any:
    """Links into a flow whose slot was renamed."""
    if isinstance(thing, list):
        return [_handed(t, flow, old, new) for t in thing]
    if not isinstance(thing, dict):
        return thing
    made = {k: _handed(v, flow, old, new) for k, v in thing.items()}
    if made.get("link") == flow and "with" in made:
        made["with"] = keyed(made["with"], old, new)
    return made


# --- steps -----------------------------------------------------------------------------------------
def shuffle_steps(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    explicit(flow)
    first, *rest = flow["steps"]
    dice.shuffle(rest)
    flow["steps"] = {n: flow["steps"][n] for n in (first, *rest)}
    return name


def swap_questions(files: Files, dice: random.Random) -> str:
    """One question after another: now the other way round."""
    name, flow = _flow(files, dice)
    explicit(flow)
    steps = flow["steps"]
    pairs = [(a, s["next"]) for a, s in steps.items() if "collect" in s and s.get("next") in _collects(flow)]
    one, two = _one(dice, [p for p in pairs if isinstance(steps[p[1]].get("next"), str)])
    after = steps[two]["next"]
    led(flow, lambda s: two if s == one else one if s == two else s)
    steps[two]["next"], steps[one]["next"] = one, after
    if next(iter(steps)) == one:
        flow["steps"] = {two: steps[two], **steps}
    return f"{name}.{one} <-> {two}"


def remove_question(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    explicit(flow)
    step = _one(dice, _collects(flow))
    gone = flow["steps"].pop(step)
    slot = gone["collect"]
    rule = gone["next"]
    if isinstance(rule, dict) and not {"on", "link", "again"} & set(rule):
        rule = _one(dice, list(rule.values()))
    led(flow, lambda s: rule if s == step else s)
    if dice.random() < 0.7:
        flow["slots"].pop(slot)
        for one in flow["steps"].values():
            one.get("with", {}).pop(slot, None)
        for words in files.words(name):
            words["slots"].pop(slot)
    pruned(files, name)
    return f"{name}.{step}"


def remove_step(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    explicit(flow)
    kinds = ("say", "consent", "need", "set", "confirm")
    step = _one(dice, [n for n, s in flow["steps"].items() if any(k in s for k in kinds)])
    gone = flow["steps"].pop(step)
    rule = gone["next"]
    if isinstance(rule, dict) and not {"on", "link", "again"} & set(rule):
        rule = _one(dice, list(rule.values()))
    led(flow, lambda s: rule if s == step else s)
    text = gone.get("say") or gone.get("consent") or gone.get("confirm")
    for words in files.words(name) if text else ():
        words["texts"].pop(text, None)
    pruned(files, name)
    return f"{name}.{step}"


def insert_question(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    explicit(flow)
    before = dice.choice(list(flow["steps"]))
    new = f"asked_{dice.randrange(1000)}"
    closed = dice.random() < 0.5
    flow.setdefault("slots", {})[new] = (
        {"type": "choice", "values": ["one", "two"]} if closed else {"type": "text", "max": "50"}
    )
    led(flow, lambda s: new if s == before else s)
    step = {new: {"collect": new, "next": before}}
    flow["steps"] = step | flow["steps"] if next(iter(flow["steps"])) == before else flow["steps"] | step
    own = (
        ("新问题", "请问您今天怎么来的？", "走来的", "坐车来的", "请再说一次。"),
        ("new question", "How did you come today?", "On foot", "By bus", "Please say it again."),
    )
    for words, (label, ask, one, two, again) in zip(files.words(name), own, strict=True):
        texts: Data = {
            "label": label,
            "ask": ask,
            "again": [again, again[:-1] + "吧。" if "请" in again else "Once more, please."],
        }
        if closed:
            texts["values"] = {"one": one, "two": two}
        words.setdefault("slots", {})[new] = texts
    told = dice.random() < 0.6
    if told:
        _mention(files, dice, name, new)
    return f"{name}.{new} before {before}{', shown later' if told else ''}"


def _mention(files: Files, dice: random.Random, name: str, slot: str) -> None:
    """A later text shows the answer."""
    key = _one(dice, list(files.words(name)[0].get("texts", {})))
    for words in files.words(name):
        for at in list(sentences(words["texts"][key], (key,))):
            if at[-1] not in ("agreed", "refused"):
                change(
                    words["texts"], at, lambda s: f"{s}（{{{slot}}}）" if "。" in s else f"{s} ({{{slot}}})"
                )


def insert_text(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    explicit(flow)
    before = dice.choice(list(flow["steps"]))
    new = f"said_{dice.randrange(1000)}"
    led(flow, lambda s: new if s == before else s)
    step = {new: {"say": new, "next": before}}
    flow["steps"] = step | flow["steps"] if next(iter(flow["steps"])) == before else flow["steps"] | step
    for words, text in zip(files.words(name), ("下面请您看清楚。", "Please read on."), strict=True):
        words.setdefault("texts", {})[new] = text
    return f"{name}.{new} before {before}"


# --- slots -----------------------------------------------------------------------------------------
def _choice(files: Files, dice: random.Random) -> tuple[str, Data, str]:
    name, flow = _flow(files, dice)
    worded_too = files.words(name)[0].get("slots", {})  # not what is no longer asked
    found = [
        n
        for n, s in flow.get("slots", {}).items()
        if s["type"] == "choice" and "values" in s and "values" in worded_too.get(n, {})
    ]
    return name, flow, _one(dice, found)


def add_choice(files: Files, dice: random.Random) -> str:
    name, flow, slot = _choice(files, dice)
    values = flow["slots"][slot]["values"]
    like, new = dice.choice(values), f"more_{dice.randrange(100)}"
    values.insert(dice.randrange(len(values) + 1), new)
    for step in flow["steps"].values():
        routes = step.get("next")
        if step.get("collect") == slot and isinstance(routes, dict) and like in routes:
            routes[new] = routes[like]
    for words, text in zip(files.words(name), ("都不是这些", "None of these"), strict=True):
        words["slots"][slot]["values"][new] = text
    return f"{name}.{slot} + {new}"


def drop_choice(files: Files, dice: random.Random) -> str:
    name, flow, slot = _choice(files, dice)
    spec = flow["slots"][slot]
    gone = dice.choice(spec["values"])
    spec["values"].remove(gone)
    spec.get("only", {}).pop(gone, None)
    for step in flow["steps"].values():
        routes = step.get("next")
        if step.get("collect") == slot and isinstance(routes, dict):
            routes.pop(gone, None)
    for words in files.words(name):
        words["slots"][slot]["values"].pop(gone)
    pruned(files, name)
    return f"{name}.{slot} - {gone}"


def swap_choices(files: Files, dice: random.Random) -> str:
    name, flow, slot = _choice(files, dice)
    flow["slots"][slot]["values"].reverse()
    return f"{name}.{slot}"


def limit_choice(files: Files, dice: random.Random) -> str:
    """A value that policy opens or closes, or that is open to all now."""
    name, flow, slot = _choice(files, dice)
    spec = flow["slots"][slot]
    if spec.get("only"):
        spec["only"] = {}
        return f"{name}.{slot} open to all"
    policy, wanted = dice.choice((("express", "offered"), ("formal_loss", "outlet"), ("agents", "online")))
    spec["only"] = {dice.choice(spec["values"]): {f"policy.{policy}": wanted}}
    return f"{name}.{slot} only with {policy}"


def retype(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    slot = _one(
        dice, [n for n, s in flow.get("slots", {}).items() if s["type"] not in ("record", "list", "choice")]
    )
    spec = flow["slots"][slot]
    old = spec["type"]
    kept = {k: v for k, v in spec.items() if k in ("or", "keep")}
    new = dice.choice(
        [t for t in ("text", "image", "date", "mobile", "name", "address", "place", "id_number") if t != old]
    )
    flow["slots"][slot] = {"type": new, **kept}
    return f"{name}.{slot}: {old} -> {new}"


def keep(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    slot = _one(dice, list(flow.get("slots", {})) if flow.get("lasts") else [])
    spec = flow["slots"][slot]
    if spec.pop("keep", None) is None:
        spec["keep"] = "lasting"
    return f"{name}.{slot} {spec.get('keep', 'not kept')}"


# --- what is around --------------------------------------------------------------------------------
def reword(files: Files, dice: random.Random) -> str:
    name, _ = _flow(files, dice)
    for words in files.words(name):
        for part in ("slots", "texts"):
            for at in list(sentences(words.get(part, {}))):
                if dice.random() < 0.3 and "label" not in at and "。" in _at(words[part], at):
                    change(words[part], at, lambda s: s.replace("。", "，谢谢。", 1))
    return name


def _at(thing: Any, at: tuple[str | int, ...]) -> str:
    for key in at:
        thing = thing[key]
    return str(thing)


def new_consent(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    text = _one(dice, [s["consent"] for s in flow["steps"].values() if "consent" in s])
    for words in files.words(name):
        words["texts"][text]["version"] = f"2027-{dice.randrange(1, 13):02}"
    return f"{name}.{text}"


def policy(files: Files, dice: random.Random) -> str:
    values = files.data["config/policy.yaml"]
    name = dice.choice([n for n in values if n != "hours"])
    one = values[name]
    if "of" in one:
        one["value"] = dice.choice([v for v in one["of"] if v != one["value"]])
    elif re.fullmatch(r"\d+m", one["value"]):
        one["value"] = dice.choice(("5m", "20m", "2h"))
    elif re.search(r"\d", one["value"]):
        one["value"] = re.sub(r"\d", lambda m: str((int(m[0]) + 1) % 9 + 1), one["value"], count=1)
    else:
        raise NotHere
    return f"{name}: {one['value']}"


def limits(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    key, value = dice.choice(
        (
            ("tries", "1"),
            ("tries", "2"),
            ("tries", "5"),
            ("expire", "10m"),
            ("expire", "2h"),
            ("remind", "2m"),
            ("lasts", "3m"),
        )
    )
    if key == "lasts" and "lasts" not in flow:
        raise NotHere
    flow[key] = value
    return f"{name}.{key}: {value}"


def conditions(files: Files, dice: random.Random) -> str:
    """A case less."""
    name, flow = _flow(files, dice)
    step = _one(
        dice, [n for n, s in flow["steps"].items() if isinstance(s.get("next"), list) and len(s["next"]) > 1]
    )
    gone = flow["steps"][step]["next"].pop(0)
    pruned(files, name)
    return f"{name}.{step} - {gone['if']}"


def routes(files: Files, dice: random.Random) -> str:
    """One way leads where another one does."""
    name, flow = _flow(files, dice)
    found = [n for n, s in flow["steps"].items() if isinstance(s.get("next"), dict) and len(s["next"]) > 2]
    step = _one(dice, found)
    rule = flow["steps"][step]["next"]
    one, two = dice.sample(
        [k for k in rule if k not in ("on", "again", "link", "else", "times", "say")] * 2, 2
    )
    rule[one] = rule[two]
    pruned(files, name)
    return f"{name}.{step}: {one} as {two}"


def requires(files: Files, dice: random.Random) -> str:
    name, flow = _flow(files, dice)
    if name in ("sign_in", "hand_off"):
        raise NotHere
    needed = flow.setdefault("requires", [])
    one = dice.choice(("sign_in", "sign_in", "face_check"))
    if one in needed:
        needed.remove(one)
        return f"{name} no longer {one}"
    needed.append(one)
    for words in files.words(name):
        texts = list(words.get("texts", {}))
        if one == "sign_in" and texts and dice.random() < 0.7:
            key = dice.choice(texts)
            for at in list(sentences(words["texts"][key], (key,))):
                if at[-1] not in ("agreed", "refused"):
                    change(
                        words["texts"],
                        at,
                        lambda s: f"{s}（{{sign_in.name}}）" if "。" in s else f"{s} ({{sign_in.name}})",
                    )
    return f"{name} + {one}"


def remove_flow(files: Files, dice: random.Random) -> str:
    name = dice.choice([f for f in files.flows if f not in ("sign_in", "hand_off")])
    for path in (f"flows/{name}.yaml", f"messages/zh-CN/{name}.yaml", f"messages/en/{name}.yaml"):
        del files.data[path]
    for path, data in files.data.items():
        if path.startswith(("flows/", "config/menu")):
            files.data[path] = _unlinked(data, name)
    for flow in map(files.flow, files.flows):
        explicit(flow)
        for step, spec in list(flow["steps"].items()):
            if spec.get("need") == name:
                del flow["steps"][step]
                led(flow, lambda s, spec=spec, step=step: spec["next"]["unmet"] if s == step else s)
        if flow.get("undo") == name:
            del flow["undo"]
        if name in flow.get("requires", []):
            flow["requires"].remove(name)
    return name


def _unlinked(thing: Any, flow: str) -> Any:
    """Without offers of and buttons for a flow; links to it end."""
    if isinstance(thing, list):
        kept = [
            t
            for t in thing
            if not (isinstance(t, dict) and flow in (t.get("flow"), t.get("link"))) and t != flow
        ]
        return [_unlinked(t, flow) for t in kept]
    if not isinstance(thing, dict):
        return thing
    made = {}
    for key, value in thing.items():
        if key == "next" and value == {"link": flow}:
            made[key] = "stop"
        elif key == "next" and isinstance(value, dict):
            made[key] = {k: "stop" if v == {"link": flow} else _unlinked(v, flow) for k, v in value.items()}
        elif not (key in ("offer", "buttons") and not _unlinked(value, flow)):
            made[key] = _unlinked(value, flow)
    return made


def drop_button(files: Files, dice: random.Random) -> str:
    buttons = dice.choice(files.data["config/menu.yaml"]).get("buttons", [])
    gone = _one(dice, buttons if len(buttons) > 1 else [])
    buttons.remove(gone)
    return str(gone)


EDITS: tuple[Edit, ...] = (
    *(rename_step, insert_question) * 3,
    *(rename_slot, remove_question, remove_step, swap_questions, drop_choice, requires) * 2,
    *(shuffle_steps, insert_text, add_choice, swap_choices, limit_choice, retype, keep, reword, new_consent),
    *(policy, limits, conditions, routes, remove_flow, drop_button),
)
