"""The engine's requests: imperative, carried out by the shell after the commit."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from bot.engine.flow import Value

PAGE = "page:"


class Option(Struct, frozen=True):
    """An answer that can be tapped. `tap`: returned as bizmsgmenuid. `number`: 0 if not numbered.

    `lead`: words before it, if it begins a list of its own under another one. `url`: the address of a link;
    PAGE and a run, which the shell replaces by the address of the resident's page for that run.
    """

    label: str
    tap: str
    number: int = 0
    lead: str = ""
    url: str = ""

    @property
    def follows(self) -> bool:
        """True for a follow-up under a text, not an answer to a question."""
        return self.tap.partition(".-")[2][:1].isdigit()


class Say(Struct, frozen=True):
    """A text to the resident: `id` is flow.text or common.text; `text` its words, personal values masked."""

    id: str
    text: str


class Offer(Struct, frozen=True):
    """The answers that can be tapped after the texts; `lead` introduces them."""

    options: tuple[Option, ...]
    lead: str = ""


class Picture(Struct, frozen=True):
    """The question's random code may be shown as a picture in place of the texts."""

    code: str
    language: str


class Call(Struct, frozen=True, omit_defaults=True):
    """A call to make, durably. `key` is unique over a resident's whole life; `n` counts definite refusals."""

    id: str
    action: str
    arguments: Mapping[str, Value]
    once: bool
    key: str
    flow: str
    step: str
    run: int
    retry_times: int = 0
    retry_every: int = 0


class HandOff(Struct, frozen=True):
    """Answer with transfer_customer_service."""


class Forget(Struct, frozen=True):
    """Delete the resident's data; only open `once` calls stay."""


class Unmatch(Struct, frozen=True):
    """Delete the record of the person with whom this openid was matched."""


class Count(Struct, frozen=True):
    name: str


class Notice(Struct, frozen=True):
    """What the turn says is important though the resident did not ask. `matter`: the subject, in words.

    `apart`: only what was said up to here, which stands before the answer to what the resident did.
    """

    matter: str
    apart: bool = False


Effect = Say | Offer | Picture | Call | HandOff | Forget | Unmatch | Count | Notice


class Reply(Struct, frozen=True):
    """One answer as it is stored and sent, with all fields: earlier releases fail without those at their
    defaults. `kind`: text, transfer (to a person) or none (`success`)."""

    kind: str = "text"
    text: str = ""
    options: tuple[Option, ...] = ()
    lead: str = ""
    picture: str = ""  # a code to show as a picture in place of the text
    media_id: str = ""  # that picture, once uploaded
    language: str = ""
    says: tuple[str, ...] = ()  # ids of the texts, for traces and replays
    notice: str = ""  # its subject, if it is worth a notification: a result, or a scheduled message
    shown: bool = False  # on the page, and so told in the chat alone


LEADS = ("common.still_open", "common.resumed")
"""Texts that lead back to the open question: a blank line separates them from the answer before."""
ASIDES = ("common.language_set", "common.plain_yes")
"""Texts that are none of the question's own: a blank line separates what is said after them."""
DELAYS = ("slow", "slow_no_push", "not_sure")
"""Names of texts that report a delay."""


def compose(effects: tuple[Effect, ...], language: str) -> Reply:
    """Composes the turn's one reply: its texts, then the answers to tap. A hand-off has nothing else."""
    if HandOff() in effects:
        return Reply("transfer")
    news, matter = news_in(effects)
    if news:
        told, answer = (compose(part, language) for part in (news, effects[len(news) + 1 :]))
        return replace(joined((told,), answer), notice=matter)
    says = [e for e in effects if e.__class__ is Say]  # calls nothing
    offers = [e for e in effects if e.__class__ is Offer]
    # a passive reply is one message: a picture may only replace the question's text alone
    picture = next((e.code for e in effects if e.__class__ is Picture), "") if len(says) == 1 else ""
    if not says and not offers:
        return Reply("none")
    options: list[Option] = []
    for offer in offers:
        first, *others = offer.options
        options += [replace(first, lead=offer.lead) if options else first, *others]
    return Reply(
        text="\n".join(f"\n{e.text}" if n and _apart(says[n - 1], e) else e.text for n, e in enumerate(says)),
        options=tuple(options),
        lead=offers[0].lead if offers else "",
        picture=picture,
        language=language,
        says=tuple(e.id for e in says),
        notice=next((e.matter for e in effects if e.__class__ is Notice), ""),
    )


def news_in(effects: tuple[Effect, ...]) -> tuple[tuple[Effect, ...], str]:
    """Returns what is told before the answer and apart from it, and its subject."""
    for n, effect in enumerate(effects):
        if type(effect) is Notice and effect.apart:
            return effects[:n], effect.matter
    return (), ""


def _apart(before: Say, say: Say) -> bool:
    """Checks for a text that stands apart from the one before it, by a blank line."""
    return say.id in LEADS or before.id in ASIDES or before.id.endswith(".help")


def joined(told: tuple[Reply, ...], reply: Reply) -> Reply:
    """Returns a reply preceded by the pending replies.

    Drops the news of a delay if its result follows, and repeated copies of a question except the last.
    Follow-ups without numbers stay: no answer can be mistaken for them.
    """
    if not told:
        return reply
    if reply.kind == "transfer":
        return reply  # it has no text: pending replies follow when the conversation comes back
    everything = (*told, reply) if reply.text else told
    rest = [r for n, r in enumerate(everything) if not _overtaken(r, everything[n + 1 :])]
    texts = [_before(r.text, [later.text for later in rest[n + 1 :]]) for n, r in enumerate(rest)]
    last = rest[-1]  # the answers of an earlier text must not stand under a question
    bare = [r for r in rest[:-1] if r.options and all(o.follows and not o.number for o in r.options)]
    return Reply(
        text="\n\n".join(text for text in texts if text),
        options=(*last.options, *(o for r in bare for o in r.options)),
        lead=last.lead if last.options or not bare else bare[0].lead,
        picture="",
        language=last.language,
        says=tuple(s for r in rest for s in r.says),
    )


def delays(reply: Reply) -> bool:
    """Checks for a reply that reports only a delay."""
    return bool(reply.says) and all(name.rpartition(".")[2] in DELAYS for name in reply.says)


def _overtaken(reply: Reply, later: tuple[Reply, ...]) -> bool:
    """Checks for a reply that reports only a delay while the same flow's result follows."""
    if not delays(reply):
        return False
    flow = reply.says[0].partition(".")[0]
    return any(r.notice and flow in {name.partition(".")[0] for name in r.says} for r in later)


def _before(text: str, later: list[str]) -> str:
    """Removes the last lines if a later text ends with them, as with its question; all of it if one holds
    it."""
    lines = text.split("\n")
    if any(f"\n{text}\n" in f"\n{other}\n" for other in later):
        return ""
    for at in range(1, len(lines)):
        if any(f"\n{other}".endswith("\n".join(("", *lines[at:]))) for other in later):
            return "\n".join(lines[:at])
    return text
