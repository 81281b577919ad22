"""Plays a conversation in every language of the content: the same taps, the same words by meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bot.content.read.source import read
from bot.engine.flow import GAP, Text
from bot.kit.replay.conversation import Conversation, Turn
from bot.kit.replay.play import Played, Said, play
from bot.kit.replay.stage import Scenery
from bot.kit.wechat import Bubble
from bot.reading.clean import normal

Playing = Callable[[Conversation, Said], Played]


def in_each_language(
    conversation: Conversation,
    scenery: Scenery,
    playing: Playing | None = None,
    only: str = "",
    **options: Any,
) -> list[Played]:
    """Plays it as written, and if it names no language also in all others, up to the first failure.

    `only`: a language; of one that is not the first of the content, nothing else is returned. `options`: of
    `play`, which plays unless `playing` is given.
    """

    def played(language: str, said: Said) -> Played:
        there = replace(conversation, language=language)
        came = playing(there, said) if playing else play(there, scenery, said=said, **options)
        if came.failure is not None and conversation.every_language:
            came.failure = replace(came.failure, language=language or scenery.content.default_language)
        return came

    first = scenery.content.default_language
    made = [played(conversation.language, lambda _, turn, shown: turn)]
    if made[0].turns < len(conversation.turns):  # another order came about, from which nothing is known
        return made
    for language in scenery.content.languages if conversation.every_language else ():
        wanted = only == language if only else made[-1].failure is None
        if language != first and wanted:
            made.append(played(language, partial(_said, Words(scenery, language), made[0])))
    return made[-1:] if only else made


def _said(words: Words, first: Played, number: int, turn: Turn, shown: list[Bubble]) -> Turn:
    return words.turn(turn, first.before[number], shown)


def _sentence(text: Text | None) -> str:
    return "".join(p for p in text.variants[0].parts if isinstance(p, str)) if text else ""


class Words:
    """Translates what is said or tapped into the other language."""

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
        """Returns the label with the same tap in the same bubble of the other language, whatever the run's
        number."""
        for one, other in list(zip(reversed(here), reversed(there), strict=False))[:back]:
            if label in one.answers:
                meant = one.answers[label].partition(".")[2]
                return next((n for n, tap in other.answers.items() if tap.partition(".")[2] == meant), "")
        return ""

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
        """Returns the label of a confirm or consent that is not shown yet."""
        languages = self.content.languages
        for flow, words in languages[self.content.default_language].flows.items():
            for name, text in words.texts.items():
                for part, label in text.labels.items():
                    if normal(_sentence(label)) == known:
                        return _sentence(languages[self.language].flows[flow].texts[name].labels.get(part))
        return ""

    def _change(self, known: str) -> str:
        """Translates 改 and a label."""
        plain = (normal(form) for form in self.content.change if GAP not in form)
        word = next((w for w in plain if known.startswith(w) and known != w), None)
        labels = self.content.languages[self.content.default_language].flows
        for flow, words in labels.items() if word else ():
            for name, slot in words.slots.items():
                if slot.label and normal(slot.label) == known.removeprefix(word or ""):
                    other = self.content.languages[self.language].flows[flow].slots[name].label
                    forms = self.common["recovery"]["change"]
                    return f"{forms if isinstance(forms, str) else forms[0]} {other}"
        return ""
