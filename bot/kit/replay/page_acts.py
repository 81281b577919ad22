"""Turns what a resident does into what their page would submit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from bot.engine.content import Content
from bot.engine.events import Event
from bot.engine.session import Session, new
from bot.engine.view import CALLS, MOVED, NOTHING, QUESTION, UNTYPED, Typed, View, view
from bot.kit.replay.acts import NotOffered, Resident
from bot.page import submits
from bot.reading.clean import normal


class Page:
    """What `resident` is shown, who knows no other way. `typed`: into the last form."""

    def __init__(
        self, resident: Resident, content: Content, session: Session | None, typed: Typed = UNTYPED
    ) -> None:
        self.resident, self.content, self.at = resident, content, resident.clock
        self.shown: View = view(content, session or new(content, 0, self.at), self.at, typed=typed)

    def submits(self, act: str, value: Any) -> Event:
        """Raises NotOffered: the page has nothing to do that with."""
        picture = ""
        if act == "fill":
            form = self._form(value)
        elif act == "send" and self.shown.type == "image" and not self.shown.fields and _image(value):
            form, picture = {}, self._media(value)
        elif act in ("say", "tap") and isinstance(value, str):
            form = self._entered(act, value)
        else:
            raise NotOffered(f"The page has nothing for `{act}` here.")
        sent = submits.read(MultiDict({"nonce": "0" * 32, "mark": self.shown.mark, **form}))
        event = submits.event_of(sent, self.content, self.shown, self.at, 0, picture) if sent else None
        if event is None:
            raise NotOffered(f"The page does not submit {form or act}.")
        return event

    def _media(self, value: Any) -> str:
        return str(getattr(value, "image", "") or f"media-{self.resident.count}")

    def _form(self, given: Mapping[str, Any]) -> dict[str, str]:
        fields = {field.slot: field for field in self.shown.fields}
        form = {}
        for slot, said in given.items():
            if slot not in fields:
                raise NotOffered(f"The page shows no field “{slot}”, but {', '.join(fields) or 'no form'}.")
            text = (
                self._media(said)
                if fields[slot].type == "image" and _image(said)
                else self.resident.own(self._copied(said))
            )
            form[f"{'o' if text in fields[slot].options else 'f'}.{slot}"] = text
        return form

    def _entered(self, act: str, value: str) -> dict[str, str]:
        said, shown = self.resident.own(self._copied(value)), self.shown
        options = {} if shown.fields else {o.label: o.tap for o in shown.options}
        numbers = {} if shown.fields else {str(o.number): o.tap for o in shown.options if o.number}
        word = self.content.recovery.get(normal(said), "")
        if tap := options.get(said) or numbers.get(said):
            return {"tap": tap}
        open_now = shown.kind in (QUESTION, CALLS, MOVED)
        if word in submits.WORDS and {"more": shown.more, "resume": bool(shown.resumes)}.get(word, open_now):
            return {"word": word}
        if shown.kind == NOTHING and (key := self.key(said)):
            return {"begin": key}
        typed = act == "say" and shown.kind == QUESTION and shown.type not in ("", "image")
        if typed and not word and not shown.fields:
            return {"text": said}
        raise NotOffered(f"The page does not take “{value}” here: {', '.join(options) or shown.kind}.")

    def _copied(self, words: str) -> str:
        return words.replace("{code}", self.shown.code) if self.shown.code else words

    def key(self, said: str) -> str:
        """Of what the page begins under this name, or for these words of the chat; "" if it has nothing."""
        if key := next((b.key for b in self.resident.scenery.buttons if b.name == said), ""):
            return key
        meant = self.content.triggers.get(normal(said))
        return next((key for key, target in self.content.menu.items() if meant and _same(target, meant)), "")


def _same(one: Any, other: Any) -> bool:
    return (one.flow, one.page) == (other.flow, other.page)


def _image(value: Any) -> bool:
    return value == "image" or bool(getattr(value, "image", None))
