"""Sentences about flows: names, outcomes, ways through the steps."""

from __future__ import annotations

SAYINGS: dict[str, tuple[str, str]] = {
    # names
    "unknown-flow": ("There is no flow “{name}”.", "没有流程“{name}”。"),
    "unknown-page": ("There is no page “{name}”.", "没有页面“{name}”。"),
    "unknown-step": ("There is no step “{name}”.", "没有步骤“{name}”。"),
    "unknown-slot": ("There is no slot “{name}” in this flow.", "这个流程里没有“{name}”这一项（slot）。"),
    "unknown-field": ("“{of}” has no field “{name}”.", "“{of}”里没有“{name}”。"),
    "unknown-path": (
        "“{name}” is no slot and no kept slot of another flow.",
        "没有“{name}”：它不是这个流程的slot，也不是别的流程保留的slot。",
    ),
    "unknown-hours": (
        "config/policy.yaml has no opening hours “{name}”.",
        "config/policy.yaml的hours里没有“{name}”。",
    ),
    "unknown-action": ("There is no action “{name}”.", "没有动作“{name}”。"),
    "unknown-argument": ("The action takes no “{name}”.", "这个动作不要“{name}”。"),
    "unknown-outcome": (
        "“{name}” cannot come here; what can: {among}.",
        "这里不会出现“{name}”，会出现的是：{among}。",
    ),
    "not-kept": (
        "“{name}” is gone when {flow} ends: give the slot “{slot}” there `keep: lasting`.",
        "{flow}一结束“{name}”就没有了。请在那里给“{slot}”加上keep: lasting。",
    ),
    "not-taken": (
        "“{flow}” does not take “{name}”: list it in its `takes`.",
        "“{flow}”不接收“{name}”，请先写进它的takes。",
    ),
    "path": (
        "“{name}” is not a path. Write slot, slot.field or policy.name.",
        "“{name}”不是路径。请写slot、slot.field或policy.name。",
    ),
    "location": ("“{name}” must stand in `takes`.", "“{name}”要先写进takes。"),
    "no-person": (
        "There must be a flow “{name}”: it leads to a person.",
        "必须有流程“{name}”，它负责转人工。",
    ),
    "flow-name": (
        "The flow is called “{name}”, its file “{file}”. Both must be the same.",
        "流程叫“{name}”，文件叫“{file}”，两个要一样。",
    ),
    "no-steps": ("A flow needs at least one step.", "流程至少要有一个步骤。"),
    "step-word": ("A step cannot be called “{name}”.", "步骤不能叫“{name}”。"),
    "renamed-exists": (
        "“{name}” is still there: `renamed` names what a step or slot was called before.",
        "“{name}”还在。renamed写的是改名以前的名字。",
    ),
    "renamed-twice": (
        "“{first}” was already called “{name}” before: only one can follow it.",
        "“{first}”已经写了renamed: {name}，只能有一个。",
    ),
    # steps and slots
    "step-kind": (
        "A step is exactly one of {kinds}, or only `next`. Here: {found}.",
        "一个步骤只能是{kinds}中的一样，或者只有next。这里写了：{found}。",
    ),
    "key-of-other-step": ("“{name}” belongs to a step with `{kind}`.", "“{name}”只能写在有{kind}的步骤里。"),
    "no-next": (
        "The last step needs `next: end` or `next: stop`.",
        "最后一个步骤要写next: end或next: stop。",
    ),
    "collect-type": (
        "A {name} is saved by an action, it cannot be asked for.",
        "{name}由动作存入，不能直接问。",
    ),
    "choice": ("A choice has either `values` or `from: slot`.", "choice要有values或from，只能有一样。"),
    "from-list": (
        "“{name}” is no list: `from` names a list that an action saved.",
        "“{name}”不是list。from要写动作存入的list。",
    ),
    "unsafe-value": (
        "“{name}” travels in tap links: letters of a–z, digits and _ only. Its words stand in messages.",
        "“{name}”要放进点击链接，只能用字母、数字和_。给人看的字写在messages里。",
    ),
    "value-twice": ("“{name}” stands here twice.", "“{name}”写了两次。"),
    "value-word": ("A value cannot be called “{name}”.", "值不能叫“{name}”。"),
    "unused-slot": ("No step asks for, saves or sets “{name}”.", "没有步骤用到“{name}”。"),
    "keep": (
        "A lasting slot needs the flow's `lasts`: how long it is kept.",
        "keep: lasting要有流程的lasts，说明留多久。",
    ),
    "never-done": (
        "“{name}” has no `lasts`: it would never count as done.",
        "“{name}”没有lasts，永远不算办过。",
    ),
    "save-type": (
        "{name} saves a {wants}: give the slot that type.",
        "{name}存的是{wants}，请改slot的type。",
    ),
    "missing-argument": ("{action} needs “{name}” in `with`.", "{action}的with里要有“{name}”。"),
    "argument-maybe": (
        "{action} needs “{argument}”, but {name} is not given on every way to this step. Ask for it before.",
        "{action}要用“{argument}”，但走到这一步时{name}不一定有。请先问到它。",
    ),
    "once-missing": ("{name} changes something: write `once: true`.", "{name}会改动数据，请写once: true。"),
    "once-idle": ("{name} changes nothing: take `once` out.", "{name}不改动数据，请去掉once。"),
    "consent-once": (
        "{name} changes something, and the consent “{step}” is passed over the second time. "
        "Put a confirm between.",
        "{name}会改动数据，而同意书“{step}”第二次会跳过。请在中间加一个confirm。",
    ),
    "no-confirm": (
        "{name} changes something but comes straight after “{step}”. Put a confirm before it.",
        "{name}会改动数据，却直接跟在“{step}”后面。请在前面加一个confirm。",
    ),
    "transfer-alone": (
        "WeChat hands over only in answer to a message, and without a text. "
        "Put a confirm straight before it (now: “{step}”).",
        "转人工只能回复一条消息，而且不能带文字。请在前面紧跟一个confirm（现在是“{step}”）。",
    ),
    "offer-twice": ("“{name}” is offered twice here.", "“{name}”在这里写了两次。"),
    # what time begins
    "not-by-time": (
        "“{name}” is begun by people: write `start: {{later: yes}}` in the flow that time begins.",
        "“{name}”不是到时间自动开始的流程，请在那里写start: {{later: yes}}。",
    ),
    "only-by-time": (
        "“{name}” is begun by time only: nothing else can lead there.",
        "“{name}”只能到时间自动开始，别的地方不能指向它。",
    ),
    "by-time-start": (
        "What time begins has no other start, no `requires`, no `words`: take out {found}.",
        "到时间自动开始的流程不能有别的开头、requires或words，请去掉{found}。",
    ),
    "by-time-step": (
        "Nobody answers what time begins: it may only say, look up, set, plan or decide. Here: {kind}.",
        "到时间自动开始时没有人回答，只能说、查、设定、安排或判断。这里是：{kind}。",
    ),
    "by-time-link": (
        "Nobody is there to be led on: end, and offer “{name}” after the text.",
        "这时没有人在办，不能跳转。请结束，在文字后面推荐“{name}”。",
    ),
    "by-time-down": (
        "Say what happens when {name} is `unavailable`: nobody is there to try again.",
        "请写明{name}是unavailable时怎么办，这时没有人会再试。",
    ),
    "hand-in": (
        "“{flow}” needs “{name}” in `with`.",
        "“{flow}”要用“{name}”，请写进with。",
    ),
    "no-date": (
        "A `later` step needs `date`: the path of a day.",
        "later要有date，写哪一天的路径。",
    ),
    "no-day": ("“{name}” is no date.", "“{name}”不是日期。"),
    # next
    "unrouted": (
        "No way on for: {missing}. Route them or add else.",
        "这些结果没有去处：{missing}。请写上，或者加else。",
    ),
    "unrouted-open": ("Any value can come here: add else.", "这里什么值都可能出现，请加else。"),
    "no-outcomes": (
        "A step with `{name}` has no outcomes: write `next: step` or {{on: …}}.",
        "{name}步骤没有不同的结果，请写next: 步骤或{{on: …}}。",
    ),
    "no-else": ("The last case must be {{else: …}}.", "最后一条要写{{else: …}}。"),
    "else-early": (
        "Nothing after {{else: …}} is ever reached. Put it last.",
        "{{else: …}}后面的永远走不到，请放到最后。",
    ),
    "case": (
        "A case is {{if: …, then: …}}; the last one {{else: …}}.",
        "每一条写{{if: …, then: …}}，最后一条写{{else: …}}。",
    ),
    "again-collect": (
        "“{name}” is no collect: `again` goes back to a question.",
        "“{name}”不是collect。again只能回到一个问题。",
    ),
    "condition": (
        "Write a value, a list of values, {{given: yes}}, {{below: n}} or {{min: n}}.",
        "请写一个值、一组值、{{given: yes}}、{{below: n}}或{{min: n}}。",
    ),
    "condition-map": ("A condition is a map: {{path: value}}.", "条件要写成{{path: value}}。"),
    "on-maybe-empty": (
        "{name} is not given on every way here: add else.",
        "走到这里时{name}不一定有，请加else。",
    ),
    # ways
    "unreachable": ("No step leads to “{name}”.", "没有步骤通到“{name}”。"),
    "no-end": ("From “{name}” no end can be reached ({steps}).", "从“{name}”走不到end或stop（{steps}）。"),
    "loop": (
        "Comes back without waiting for the resident: {way}. Go back with {{again: …}}.",
        "会一直转圈，不等居民回答：{way}。要回头请用{{again: …}}。",
    ),
    "silent": (
        "The flow ends here without a word. Put a `say` before.",
        "流程到这里结束，一句话都没说。请在前面加say。",
    ),
    "link-circle": (
        "“{name}” and “{other}” lead to each other without a question.",
        "“{name}”和“{other}”互相跳转，中间没有问题。",
    ),
    "requires-circle": ("It would require itself: {way}.", "绕一圈又要求自己先办：{way}。"),
    "nobody-reaches": (
        "Nothing leads to “{name}”: no words, no button, no offer. Add `words` or offer it.",
        "没有办法走到“{name}”：没有words、按钮，也没有流程推荐它。",
    ),
}
