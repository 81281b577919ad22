"""What was submitted on the page, as the event that the chat would make of it."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

from msgspec import Struct
from msgspec.structs import replace
from werkzeug.datastructures import MultiDict

from bot.engine.content import Content
from bot.engine.events import MOST_READ, WORD, Event, FormFilled, ImageReceived, MenuClicked, TextReceived
from bot.engine.view import NOTHING, QUESTION, UNTYPED, Typed, View

WORDS = ("back", "help", "repeat", "cancel", "person", "more", "resume")
"""Of the words that always work, the ones with a button; the last two where there is something to show."""
ADDRESS = ("region", "street", "number")
"""Parts of an address' control, from the largest."""
_NONCE = re.compile(r"[0-9a-f]{32}", re.ASCII)
_RUN = re.compile(r"[0-9]{1,12}", re.ASCII)
_SLOT = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_PART = re.compile(r"(text|f\.[a-z][a-z0-9_]*)\.region", re.ASCII)
_MARK = re.compile(r"[0-9a-f]{16}", re.ASCII)


class Submit(Struct, frozen=True):
    """`nonce`: names the form that was sent, and so the delivery."""

    nonce: str
    mark: str
    form: Mapping[str, str]


def read(form: MultiDict[str, str]) -> Submit | None:
    """Reads a submit; None if it is no form of ours."""
    nonce, mark = form.get("nonce", ""), form.get("mark", "")
    if not _NONCE.fullmatch(nonce) or not _MARK.fullmatch(mark):
        return None
    return Submit(nonce, mark, _joined(form))


def _joined(form: MultiDict[str, str]) -> dict[str, str]:
    """Joins the parts of an address to one text, as the chat has it. Of a choice it takes the last value: the
    button that was tapped comes after what was ticked."""
    whole = {name: form.getlist(name)[-1 if name.startswith("o.") else 0] for name in form}
    for name in [found[1] for found in map(_PART.fullmatch, form) if found]:
        whole[name] = "".join(whole.pop(f"{name}.{part}", "").strip() for part in ADDRESS)
    return whole


def pictures(seen: View) -> set[str]:
    """Returns the names of the fields that take a photo."""
    found = {f"f.{field.slot}" for field in (*seen.fields, *seen.ahead) if field.type == "image"}
    return found | ({"picture"} if seen.type == "image" and not seen.fields else set())


def typed(submit: Submit, seen: View, sent: Container[str]) -> Typed:
    """Returns what was filled in, to be shown again, so that nothing is typed twice; nothing if a consent was
    refused. `sent`: ids of the pictures that have come; nothing else is one."""
    form, run = submit.form, submit.form.get("run", "")
    if seen.ahead and "tap" in form and form["tap"] != seen.options[0].tap:
        return UNTYPED
    said = {name[2:]: form[name] for kind in ("f.", "o.") for name in form if name.startswith(kind)}
    if "text" in form:
        said[form.get("slot", "")] = form["text"]
    if "word" in form:  # nothing was read: of a code that tells nothing
        codes = [field.slot for field in (*seen.fields, *seen.ahead) if field.type == "code"]
        said = {name: text for name, text in said.items() if name not in codes}
    said = {name: text[:MOST_READ] for name, text in said.items() if _SLOT.fullmatch(name)}
    found = {name: text for name, text in said.items() if text in sent}
    rest = {name: text for name, text in said.items() if name not in found}
    return Typed(submit.mark, int(run) if _RUN.fullmatch(run) else 0, rest, found)


def values(form: Mapping[str, str], seen: View) -> dict[str, str]:
    """Returns the values of a form of several fields, by slot: the option that was chosen, else what was
    typed."""
    names = [field.slot for field in seen.fields]
    return {name: (form.get(f"o.{name}") or form.get(f"f.{name}", ""))[:MOST_READ] for name in names}


def fills(submit: Submit) -> bool:
    """Checks whether anything stands in a field; a lone button leaves what was typed before as it is."""
    return any(name.startswith(("f.", "o.", "text")) and text.strip() for name, text in submit.form.items())


def filled_too(submit: Submit) -> bool:
    """Checks whether an answer was tapped with fields filled in."""
    return "tap" in submit.form and any(
        name[:2] in ("f.", "o.") and said.strip() for name, said in submit.form.items()
    )


def ahead_of(submit: Submit, seen: View) -> bool:
    """Checks whether what is asked after the consent was filled in with it."""
    agreed = bool(seen.ahead) and submit.form.get("tap") == seen.options[0].tap
    return agreed and submit.mark == seen.mark and filled_too(submit)


def event_ahead(
    submit: Submit, before: View, seen: View, content: Content, at: int, seed: int
) -> Event | None:
    """Returns what was filled in with a consent, as the answer to what is open now; None unless that is what
    was shown."""
    asked = [field.slot for field in before.ahead]
    if seen.run != before.run or seen.kind != QUESTION or seen.mark == before.mark:
        return None
    if seen.fields:
        here = replace(submit, mark=seen.mark, form={k: v for k, v in submit.form.items() if k != "tap"})
        same = asked == [field.slot for field in seen.fields]
        return event_of(here, content, seen, at, seed) if same else None
    if asked != [seen.slot]:
        return None
    text = submit.form.get(f"f.{asked[0]}", "")
    label = submit.form.get(f"o.{asked[0]}", "")
    tap = next((option.tap for option in seen.options if option.label == label), "")
    given = {"tap": tap} if tap else {"text": text}
    picture = text if seen.type == "image" and not tap else ""
    return event_of(replace(submit, mark=seen.mark, form=given), content, seen, at, seed, picture)


def event_of(
    submit: Submit, content: Content, seen: View, at: int, seed: int, picture: str = ""
) -> Event | None:
    """Returns the event of a submit; None if nothing on the page submits this.

    `seen`: what is open now. `picture`: the media id of one that was sent.
    """
    form, mark = submit.form, submit.mark
    if mark != seen.mark:
        return TextReceived(at, seed, mark=mark)  # the turn looks again, and says what is open
    if word := form.get("word", ""):
        text = next((said for said, name in content.recovery.items() if name == word), "")
        known = word in WORDS and {"more": seen.more, "resume": bool(seen.resumes)}.get(word, True)
        return TextReceived(at, seed, mark=mark, text=text, tap=WORD) if known and text else None
    if seen.fields and any(name.startswith(("f.", "o.")) for name in form):
        return FormFilled(at, seed, mark=mark, values=values(form, seen))
    if picture:
        return ImageReceived(at, seed, mark=mark, media_id=picture)
    if tap := form.get("tap", ""):
        option = next((o for o in seen.options if o.tap == tap), None)
        return TextReceived(at, seed, mark=mark, text=option.label, tap=tap) if option else None
    if key := form.get("begin", ""):
        shown = seen.kind == NOTHING and key in content.menu
        return MenuClicked(at, seed, mark=mark, key=key) if shown else None
    if "text" not in form:
        return None
    return TextReceived(at, seed, mark=mark, text=form["text"][:MOST_READ])
