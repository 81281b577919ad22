"""A resident's page without a browser: the forms that it shows, and what submitting them brings."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from PIL import Image

from bot.kit.stubs.people import Person

LINK = "点这里填写"
EXPRESS = "寄到家里（邮费12元）"
ADDRESS = "清风市平安区样例路77号9单元1203"
SEVEN_DAYS = "先停用7天，找到了还能恢复（不用刷脸）"


def photo(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **more)
    return out.getvalue()


def new_card(screen: Page, person: Person | None = None, reason: str = "坏了") -> list[str]:
    """Applies, by post, whatever is asked, from the screen that is open to the receipt. Returns the first
    words of each screen on the way, the receipt's not among them. `person`: signs in."""
    screens: list[str] = []
    while "受理号" not in screen.text and len(screens) < 20:
        screens.append(" | ".join(screen.labels))
        form = screen.form_with_fields
        if form is None:
            screen.press(next((x for x in (reason, EXPRESS) if x in screen.labels), screen.labels[0]))
            continue
        answers = {
            "text": screen.code if re.search(r"\d \d \d \d", screen.text) else ADDRESS,
            "f.id_number": person.id_number if person else "",
            "f.name": person.name if person else "",
            "f.code": screen.code if "f.code" in form.fields else "",
            "f.valid_to": "2036-05-20",
            "f.mobile": "13800138123",
            "f.address.region": ADDRESS,
            "text.region": ADDRESS,
        }
        typed = [answers[name] for name in form.fields if name in answers]
        ticks = [value for _, value in screen.ticks if value in (reason, EXPRESS)]
        send, label = screen.fill, next(iter(form.buttons))
        if form.files:
            send = partial(screen.picture, photo())
        send(*typed, tick=ticks[0] if ticks else "", label=label)
    return screens


@dataclass
class Form:
    """`buttons`: what each says -> the name and value that it sends."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text: list[str] = []
        self.ticks: list[tuple[str, str]] = []
        self._button: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(found["action"]))
        elif found.get("type") == "file":
            self.forms[-1].files.append(found["name"])
        elif found.get("type") in ("radio", "checkbox"):
            self.ticks.append((found["name"], found["value"]))
            if "checked" in found:
                self.forms[-1].fields[found["name"]] = found["value"]
        elif tag in ("input", "textarea"):
            self.forms[-1].fields[found["name"]] = found.get("value", "")
        elif tag == "button":
            self._button = (found.get("name", ""), found.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._button is not None and data.strip():
            self.forms[-1].buttons[data.strip()] = self._button
        elif data.strip():
            self.text.append(data.strip())


class Page:
    """`client`: of the application, with cookies of its own."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.html = ""
        self.status = 0
        self.taps = 0

    def get(self, address: str = "/card") -> Page:
        return self.shown(self.client.get(urlsplit(address).path))

    def open(self, link: str) -> Page:
        self.get(link)
        return self.press("打开办事页面") if self.status == 200 else self

    def press(self, label: str, **typed: str) -> Page:
        """A button; what is typed goes into the fields of its form."""
        self.taps += 1
        return self.send(self.form(label), label, **typed)

    def picture(self, sent: bytes, *texts: str, tick: str = "", label: str = "提交") -> Page:
        """Into every field for a picture; the others are filled in."""
        self.taps += 1
        form = self.form(label)
        name, value = form.buttons[label]
        files = {name: (io.BytesIO(sent), "photo.jpg") for name in form.files}
        data = {**form.fields, **self._typed(texts, tick, label), **files, **({name: value} if name else {})}
        kind = "multipart/form-data"
        return self.shown(self.client.post(form.action, data=data, follow_redirects=True, content_type=kind))

    def fill(self, *texts: str, tick: str = "", label: str = "提交") -> Page:
        """Into the fields, in their order; an option of theirs may be ticked."""
        return self.press(label, **self._typed(texts, tick, label))

    def _typed(self, texts: tuple[str, ...], tick: str, label: str) -> dict[str, str]:
        """An address goes whole into the first of its parts."""
        parts = (".street", ".number")
        names = [name for name in self.form(label).fields if not name.endswith(parts)]
        fields = [name for name in names if name.partition(".")[0] in ("text", "f")]
        ticked = {name: value for name, value in self._parsed().ticks if value == tick}
        return dict(zip(fields, texts, strict=False)) | ticked

    def send(self, form: Form, label: str, **typed: str) -> Page:
        name, value = form.buttons[label]
        return self.post(form.action, {**form.fields, **typed, **({name: value} if name else {})})

    def post(self, action: str, data: dict[str, str]) -> Page:
        return self.shown(self.client.post(action, data=data, follow_redirects=True))

    def form(self, label: str) -> Form:
        found = [form for form in self.forms if label in form.buttons]
        assert found, f"no button “{label}” in {[list(f.buttons) for f in self.forms]}: {self.text}"
        return found[0]

    @property
    def cookie(self) -> tuple[str, str]:
        found = self.client.get_cookie("shebao_page")
        assert found
        return found.key, found.value

    @property
    def forms(self) -> list[Form]:
        return self._parsed().forms

    @property
    def ticks(self) -> list[tuple[str, str]]:
        return self._parsed().ticks

    @property
    def form_with_fields(self) -> Form | None:
        """The one with something to fill in or to tick; its first button sends it."""
        known = {name for name, _ in self.ticks}
        return next(
            (
                form
                for form in self.forms
                if form.files
                or known & {*form.fields}
                or any(n.partition(".")[0] in ("text", "f") for n in form.fields)
            ),
            None,
        )

    @property
    def labels(self) -> list[str]:
        return [label for form in self.forms for label in form.buttons]

    @property
    def text(self) -> str:
        return "\n".join(self._parsed().text)

    @property
    def code(self) -> str:
        found = re.search(r"(\d) (\d) (\d) (\d)", self.text)
        assert found, self.text
        return "".join(found.groups())

    def _parsed(self) -> _Forms:
        parser = _Forms()
        parser.feed(self.html)
        return parser

    def shown(self, response: Any) -> Page:
        self.response, self.status, self.html = response, response.status_code, response.text
        return self

    def __contains__(self, words: str) -> bool:
        return words in self.text
