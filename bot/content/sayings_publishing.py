"""What `shebao publish | revisions | diff | rollback` say, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

PUBLISHING: Mapping[str, tuple[str, str]] = {
    "same": ("Nothing would change: this is what is served.", "没有变化：现在用的就是这一版。"),
    "first": (
        "Nothing was published yet: revision {revision} is the first.",
        "还没有发布过：{revision}是第一版。",
    ),
    "changes": ("What changes, against {base}:", "与{base}相比，改了这些："),
    "added": ("added", "新增"),
    "removed": ("removed", "删除"),
    "changed": ("changed", "修改"),
    "stand": ("Residents who stand there now:", "现在停在这些步骤上的居民："),
    "nobody": (
        "Steps that become others, with nobody at them: {steps}",
        "有变化、但现在没有人停留的步骤：{steps}",
    ),
    "asked": ("the question is asked once more", "同一个问题再问一次"),
    "again": (
        "the flow goes through once more, with the answers that still hold",
        "从头再走一遍，仍然有效的回答会保留",
    ),
    "renamed": ("they go on at {to}", "接着走{to}"),
    "gone": ("the flow is gone: they are told, once", "这个流程没有了，会告诉他们一次"),
    "replays": (
        "{played} replays played against both: {count} bubbles differ.",
        "用{played}个回放比了两版：{count}处回复不同。",
    ),
    "no_replays": (
        "There is no tests/replays here: no conversation was tried.",
        "这里没有tests/replays，没有试过任何对话。",
    ),
    "before": ("now", "现在"),
    "after": ("then", "发布后"),
    "in": ("in {count} replays, as in {name}", "{count}个回放里有，例如{name}"),
    "more": ("… and {count} more", "……还有{count}处"),
    "failed": ("{count} replays held before and do not hold in it:", "{count}个原来对得上的回放现在对不上："),
    "already": (
        "{count} replays did not hold before either, so they say nothing about this change:",
        "{count}个回放改之前就对不上，看不出这次改得对不对：",
    ),
    "cannot": ("The replays cannot be played:\n{why}", "回放放不了：\n{why}"),
    "unfit": (
        "{why}\nThis program cannot serve {revision} any more. Another one: shebao revisions",
        "{why}\n现在的程序已经不能用{revision}这一版，请另选一版：shebao revisions",
    ),
    "was_taken_back": (
        "{revision} was published before and taken back: shebao revisions",
        "{revision}以前发布过，后来退回了，请看：shebao revisions",
    ),
    "taken_back": ("taken back", "已退回"),
    "ask": ("Publish this as {revision}?", "发布{revision}吗？"),
    "ask_failed": (
        "Publish this as {revision}, although {count} replays do not hold?",
        "有{count}个回放对不上，仍然发布{revision}吗？",
    ),
    "despite": (
        "Put the replays right (shebao replay --update), or: --skip-replays",
        "请先改好回放（shebao replay --update），或者加上 --skip-replays",
    ),
    "done": (
        "Published {revision}. Every process serves it with its next message.",
        "已发布{revision}。每个进程从下一条消息起使用这一版。",
    ),
    "menu": (
        "The menu changed: send it to WeChat with shebao menu publish.",
        "菜单改了，请用shebao menu publish送到微信。",
    ),
    "ask_back": ("Serve {revision} again?", "改回{revision}吗？"),
    "none": ("Nothing was published yet: the directory is served.", "还没有发布过：现在用的是目录里的内容。"),
    "mixed": (
        "The pointers differ ({found}): a publish is under way or was cut off. Publish again.",
        "各分片用的版本不一样（{found}）：正在发布，或者上次中断了。请再发布一次。",
    ),
    "no_earlier": (
        "There is no earlier revision: shebao revisions",
        "没有更早的版本，请看：shebao revisions",
    ),
    "unknown": ("There is no revision {name}: shebao revisions", "没有版本{name}，请看：shebao revisions"),
    "several": ("{name} may be one of {found}", "{name}可能是{found}"),
    "in_doubt": (
        "The store is not as it was, so nothing is published: look at it, then `shebao store accept`.",
        "数据库和以前不一样了，先不发布：请查清楚，再运行`shebao store accept`。",
    ),
    "moved": (
        "Somebody else published meanwhile: look again at what would change.",
        "刚才有人发布了别的版本：请重新看一遍变化。",
    ),
}
