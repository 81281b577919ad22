"""A conversation's twin in another language: the same taps, the same words by their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.content.source import read
from bot.engine.flow import Text
from bot.engine.slots import normal
from bot.replay import written
from bot.replay.bubble import Bubble
from bot.replay.conversation import Conversation, Turn
from bot.replay.play import Played, Player, play
from bot.replay.stage import Scenery, Stage

EXPECTATIONS = ("expect", "at", "slots", "calls", "ends", "push")


def twin(conversation: Conversation, scenery: Scenery, language: str) -> str:
    """The twin's YAML without expectations, which --update writes. Raises NotOffered, CannotPlay."""
    here = play(conversation, scenery, update=True)
    there = replace(conversation, language=language)
    player, made = Player(there, scenery, Stage(scenery, there)), Played(there)
    words = Words(scenery, language)
    data: dict[str, Any] = dict(conversation.source.data)
    data["resident"] = {**data.get("resident", {}), "language": language}
    turns: list[dict[str, Any]] = []
    shown: list[Bubble] = []
    came = iter(here.came)
    for turn, raw in zip(conversation.turns, data["turns"], strict=True):
        mine = words.turn(turn, shown, player.bubbles)
        player.turn(mine, "all", lambda t: t, made)
        turns.append({k: v for k, v in raw.items() if k not in EXPECTATIONS} | {turn.act: _raw(mine, raw)})
        for _ in (*turn.together, turn):
            found = next(came)
            shown += (
                [found.bubbles[0]] if found.bubbles and turn.act not in ("wait", "deploy", "restart") else []
            )
        shown += found.pushed if turn.act == "wait" else []
    data["turns"] = turns
    return written.text(data)


def _raw(turn: Turn, raw: Mapping[str, Any]) -> Any:
    """The turn's value as YAML has it."""
    if turn.act == "together":
        return [
            {k: v for k, v in one.items() if k not in EXPECTATIONS} | {t.act: _raw(t, one)}
            for t, one in zip(turn.together, raw["together"], strict=True)
        ]
    if turn.act == "tap" and not isinstance(turn.value, str):
        return {"label": turn.value.label, "old": turn.value.old}
    return turn.value if turn.act in ("say", "tap") else raw[turn.act]


def _sentence(text: Text | None) -> str:
    return "".join(p for p in text.variants[0].parts if isinstance(p, str)) if text else ""


class Words:
    """What is said or tapped here, as a reader of the other language says it."""

    def __init__(self, scenery: Scenery, language: str) -> None:
        self.content, self.language = scenery.content, language
        folder = scenery.root / "messages" / language
        self.common: Mapping[str, Any] = read(folder / "common.yaml", folder).data or {}

    def turn(self, turn: Turn, here: list[Bubble], there: list[Bubble]) -> Turn:
        if turn.act == "together":
            return replace(turn, together=tuple(self.turn(t, here, there) for t in turn.together))
        if turn.act == "say":
            return replace(turn, value=self.label(turn.value, here, there, 1) or self.phrase(turn.value))
        if turn.act == "tap" and isinstance(turn.value, str):
            return replace(turn, value=self.label(turn.value, here, there, 1) or turn.value)
        if turn.act == "tap":
            label = self.label(turn.value.label, here, there, len(here)) or turn.value.label
            return replace(turn, value=turn.value.model_copy(update={"label": label}))
        return turn

    def label(self, label: str, here: list[Bubble], there: list[Bubble], back: int) -> str:
        """The label with the same tap in the other language's bubble."""
        taps = [b.answers[label] for b in reversed(here[-back:]) if label in b.answers]
        found = [(n, t) for b in there for n, t in b.answers.items() if t in taps]
        return next((name for name, tap in reversed(found) if tap == taps[0]), "")

    def phrase(self, said: str) -> str:
        content, known = self.content, normal(said)
        word = content.recovery.get(known)
        if word is not None:
            if word.startswith("language:"):
                return "中文" if self.language != content.default_language else "English"
            return str(self.common.get("recovery", {}).get(word, [said])[0])
        for words, name in ((content.yes, "yes"), (content.no, "no")):
            if known in words:
                return str(self.common[name][0])
        target = content.triggers.get(known)
        if target is not None:
            lang = content.languages[self.language]
            return (lang.pages[target.page] if target.page else lang.flows[target.flow]).title
        return self._change(known) or self._decision(known) or said

    def _decision(self, known: str) -> str:
        """The label of a confirm or consent that is not shown yet."""
        languages = self.content.languages
        for flow, words in languages[self.content.default_language].flows.items():
            for name, text in words.texts.items():
                for part in ("agreed", "refused"):
                    if normal(_sentence(getattr(text, part))) == known:
                        return _sentence(getattr(languages[self.language].flows[flow].texts[name], part))
        return ""

    def _change(self, known: str) -> str:
        """改 and a label."""
        word = next((w for w in self.content.change if known.startswith(w) and known != w), None)
        labels = self.content.languages[self.content.default_language].flows
        for flow, words in labels.items() if word else ():
            for name, slot in words.slots.items():
                if slot.label and normal(slot.label) == known.removeprefix(word or ""):
                    other = self.content.languages[self.language].flows[flow].slots[name].label
                    return f"{self.common['recovery']['change']} {other}"
        return ""
