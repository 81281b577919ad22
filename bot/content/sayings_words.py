"""Sentences about words: missing ones, values in them, and the rules for what residents read."""

from __future__ import annotations

SAYINGS: dict[str, tuple[str, str]] = {
    # there or not
    "missing-words": ("{file} lacks its words.", "{file}里没有它的文字。"),
    "words-without-flow": (
        "There is no flow “{name}” for these words.",
        "没有流程“{name}”，这些文字没有用处。",
    ),
    "missing-text": ("The text “{name}” is missing (step {step}).", "缺文字“{name}”（步骤{step}要用）。"),
    "missing-ask": ("The slot “{name}” needs an `ask`.", "“{name}”要有ask，问居民的那句话。"),
    "missing-value": ("The value “{name}” has no words.", "值“{name}”没有给居民看的文字。"),
    "missing-code-words": (
        "No words for the codes of “{name}”: {values}.",
        "“{name}”的这些值没有文字：{values}。",
    ),
    "missing-engine-text": ("The engine's own text “{name}” is missing.", "缺系统用语“{name}”。"),
    "unknown-text": ("The engine has no text “{name}”.", "系统用语里没有“{name}”。"),
    "unknown-language": ("There is no directory messages/{name}.", "没有messages/{name}这个目录。"),
    "unused-text": ("No step says “{name}”.", "没有步骤用到“{name}”。"),
    "unused-words": ("No step asks for “{name}”.", "没有步骤问“{name}”。"),
    "line-idle": ("“{name}” is no list: its `line` is never shown.", "“{name}”不是列表，line用不到。"),
    "untranslated": (
        "This is not in the language {language}. Translate it.",
        "这句不是{language}的文字，请翻译。",
    ),
    "empty-text": ("A text is missing here. Write the sentence.", "这里缺一句话。"),
    "answers": (
        "“{name}” needs `agreed` and `refused`: two verbs.",
        "“{name}”要有agreed和refused两个选项，用动词。",
    ),
    "answers-idle": (
        "“{name}” is only said: `agreed` and `refused` belong to a confirm.",
        "“{name}”只是说出来，agreed和refused要用confirm。",
    ),
    "version": (
        "A consent needs a `version`; a new one asks everybody again.",
        "同意书要有version，换了版本会重新问大家。",
    ),
    "version-idle": ("Only a consent has a `version`.", "只有同意书才有version。"),
    "again": (
        "“{name}” needs {wanted} sentences in `again`, one for each further try.",
        "“{name}”的again要有{wanted}句，每次重答一句。",
    ),
    "label": (
        "“{name}” needs a `label`: “改” and the label changes this answer.",
        "“{name}”要有label，居民回复“改”加label就能改这一项。",
    ),
    "no-code": ("The question must show {{code}}.", "这句要带{{code}}，不然居民看不到数字。"),
    "dates": (
        "A date is written with {{y}}, {{m}}, {{d}} and {{w}}.",
        "日期只能用{{y}}、{{m}}、{{d}}和{{w}}。",
    ),
    "weekdays": ("Seven names, Monday first.", "要写七个，从周一开始。"),
    # values in texts
    "brace": (
        "“{name}” is not a placeholder. Write {{slot}} or {{slot.field}}.",
        "“{name}”不是占位。请写{{slot}}或{{slot.field}}。",
    ),
    "brace-alone": (
        "A brace without its partner. Placeholders look like {{slot}}.",
        "括号不成对。占位写成{{slot}}。",
    ),
    "maybe-empty": (
        "{{{name}}} is not given on every way to this text: put it in a variant with `if`.",
        "走到这句时{{{name}}}不一定有。请写成带if的变体。",
    ),
    "no-variant": (
        "There is a case in which none of these sentences fits. End with one that has no `if`.",
        "有的情况下没有一句合适。请在最后加一句不带if的。",
    ),
    "unknown-value-here": ("This text does not know {{{name}}}.", "这句不能用{{{name}}}。"),
    "page-value": (
        "A page only knows policy values and opening hours, not {{{name}}}.",
        "页面只能用policy的值和上班时间，不能用{{{name}}}。",
    ),
    # words that mean two things
    "reserved-word": (
        "“{name}” already means “{means}” everywhere: no flow can begin with it.",
        "“{name}”在哪里都是“{means}”的意思，不能用来开始流程。",
    ),
    "reserved-twice": ("“{name}” already means “{means}”.", "“{name}”已经是“{means}”的意思了。"),
    "trigger-empty": (
        "A phrase needs a letter, a digit or a Chinese character.",
        "这里要有汉字、字母或数字。",
    ),
    "trigger-gap": (
        "“…” in “{name}” stands for what may lie between: write one, with words on both sides.",
        "“{name}”里的“…”表示中间可以隔几个字，只写一个，前后都要有字。",
    ),
    "trigger-number": (
        "A bare number (“{name}”) chooses from what was offered: it can begin nothing.",
        "光是数字（“{name}”）是用来选的，不能用来开始流程。",
    ),
    "trigger-twice": (
        "“{name}” already begins {other} ({where}): that one hides this.",
        "“{name}”已经用来开始{other}（{where}），这里不起作用。",
    ),
    "word-twice": ("“{name}” stands here twice ({where}).", "“{name}”写了两次（{where}）。"),
    "label-twice": (
        "“{name}” is also the label of “{other}”: “改” would not know which.",
        "“{other}”的label也是“{name}”，居民说“改”时分不清。",
    ),
    "label-trigger": (
        "“{name}” is also a phrase that begins {other}. Choose other words.",
        "“{name}”也是开始{other}的话，请换一个说法。",
    ),
    "label-reserved": (
        "“{name}” means “{means}” everywhere: as an answer it is never heard.",
        "“{name}”在哪里都是“{means}”的意思，不能做选项。",
    ),
    "label-number": (
        "“{name}” is a number, and answers are numbered already: say it in words.",
        "“{name}”是数字，而选项前面本来就有编号。请用文字写。",
    ),
    "label-opposite": (
        "“{name}” is a word for {means}: here it would mean the opposite.",
        "“{name}”是“{means}”的意思，放在这里正好相反。",
    ),
    "answers-same": ("“{name}” is said by two answers.", "两个选项都叫“{name}”。"),
    # rules for words
    "label-verb": (
        "“{name}” does not say what happens. Use a verb: 确认停用 / 先不停. 取消 is never a label.",
        "“{name}”没有说清要做什么。请用动词，例如“确认停用”“先不停”。不能用“取消”。",
    ),
    "banned-word": (
        "“{name}” helps nobody. Say what happened to the card and what to do now.",
        "不能用“{name}”。请说清卡怎么样了、现在做什么。",
    ),
    "asks-secret": ("A PIN, password or SMS code is never asked for.", "绝不能向居民要密码或验证码。"),
    "failure-words": (
        "A failure says “{fault}” and what to do now (12333).",
        "办不成的话要说“{fault}”，还要说现在怎么办（12333）。",
    ),
    "long-sentence": (
        "A sentence of {size} characters (at most {most}): “{start}…”. Make two of it.",
        "这一句有{size}个字（最多{most}个）：“{start}…”。请拆成两句。",
    ),
    "long-bubble": (
        "{size} characters in one bubble (at most {most}). Shorten it.",
        "一个气泡有{size}个字（最多{most}个），请缩短。",
    ),
    "too-many-lines": (
        "{size} lines in one bubble (at most {most}). Shorten it.",
        "一个气泡有{size}行（最多{most}行），请缩短。",
    ),
    "too-long": (
        "This text can grow to {size} bytes; WeChat takes {most}.",
        "这句最长可到{size}字节，微信最多{most}字节。",
    ),
    "long-turn": (
        "From step “{step}” on, one reply can grow to {size} bytes with its links; WeChat takes {most}. "
        "Links would be left out.",
        "从步骤“{step}”起，一次回复连同链接最长可到{size}字节，微信最多{most}字节，链接会被省掉。",
    ),
    "two-questions": ("Two questions at once. Ask one at a time.", "一次问了两个问题，请一次只问一个。"),
    "phone-dashes": (
        "“{name}”: write phone numbers as bare digits, so that they can be tapped.",
        "“{name}”：电话号码只写数字，居民才能点着打。",
    ),
    "money": ("“{name}”: write amounts with 元.", "“{name}”：金额请写成“元”。"),
    "weekday": ("“{name}”: a date is said with its weekday.", "“{name}”：日期要带星期。"),
}
