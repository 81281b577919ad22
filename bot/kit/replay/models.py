"""The schema of a replay file, also used for the editors' JSON Schema. Every scalar is a string."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ACTS = (
    *("say", "tap", "fill", "face", "send", "event", "raw", "redeliver", "together"),
    *("wait", "bureau", "deploy", "restart"),
)
UNANSWERED = ("wait", "bureau", "deploy", "restart")
"""Acts that are none of the resident's: nothing but a push may come of them."""
KINDS = ("image", "link", "video", "shortvideo", "file", "sticker")
EVENTS = ("subscribe", "unsubscribe", "revoke", "close_session")
INSTEAD = {
    "picture": "image",
    "photo": "image",
    "voice": "{voice: …}",
    "location": "{location: [latitude, longitude]}",
    "text": "`say: …`",
}
"""What a tester may write after `send:`, and the right form."""


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Resident(Model):
    person: str = Field(
        default="", description="A name of config/stub.yaml; {id_number} and {name} are theirs."
    )
    openid: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    language: str = Field(
        default="", description="zh-CN or en; left out: the content's own, or each one where texts are named."
    )
    signed_in: str = Field(default="no", description="yes: they have signed in just before the first turn.")
    applied: str = Field(
        default="", description="The number of an application that they made here before, for `bureau`."
    )


class Sent(Model):
    """`send:` with a value; `image`, `link`, `video` … alone need none of this."""

    voice: str | None = Field(None, description="What WeChat recognised, may be empty.")
    location: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    label: str = ""
    image: str | None = Field(None, description="A MediaId.")


class Happened(Model):
    subscribe: str | None = Field(None, description="The scene of the code that was scanned.")
    scan: str | None = None
    click: str | None = Field(None, description="A menu key; `tap` takes the button's name.")
    other: str | None = Field(None, description="Any event of WeChat that nothing answers.")


class Tapped(Model):
    label: str
    old: str = Field("", description="yes: an answer of an earlier bubble, which may be stale.")


class Recorded(Model):
    """A recorded body; an encrypted one with the app_id and the aes_key that open it."""

    file: str
    app_id: str = ""
    aes_key: str = ""


class OneOf(Model):
    any: list[str | list[str]]


Says = Annotated[
    str | list[str] | OneOf,
    Field(
        description="The texts of the bubble by their ids, in their order: flow.text, common.text; with the "
        "number of a variant, or without. Also same, nothing, person. {any: […]}: one of these."
    ),
]


class Reply(Model):
    text: str | None = Field(None, description="Literally this, even if it begins with ~ or /.")
    any: list[str] | None = Field(None, description="One of these (for `together`).")
    says: Says | None = None


Expected = Annotated[
    str | list[str] | Reply,
    Field(
        description="The whole bubble; ~part, /regex/, same, nothing, person; a list: all of them. "
        "{policy.name}, {today} and {today+7} are filled in."
    ),
]


class Off(Model):
    """A service that is switched off; times of China as `clock`."""

    service: str = Field(description="card, real_name, photos, or an action such as card.apply.")
    since: str = Field("", alias="from", description="Left out: before the conversation.")
    until: str = Field("", description="Left out: nobody knows.")


class Turn(Model):
    say: str | None = Field(None, description="{code}, {id_number}, {name} and {policy.name} are filled in.")
    tap: str | Tapped | None = Field(None, description="A menu button or an answer the last bubble offered.")
    fill: dict[str, str] | None = Field(
        None, description="A form of the page: by slot, what is typed, an answer as it is shown, or `image`."
    )
    face: Literal["match", "mismatch", "unreadable", "locked"] | None = Field(
        None, description="What the real-name service's page finds, with `policy: {face_check: page}`."
    )
    send: str | Sent | None = None
    event: str | Happened | None = Field(
        None, description="subscribe, unsubscribe, revoke, close_session, or one with a scene or key."
    )
    raw: str | Recorded | None = None
    redeliver: str | None = Field(None, description="last, or how many deliveries back: 1 is the last.")
    together: list[Turn] | None = None
    wait: str | None = Field(None, description="90s, 10m, 2h, 7d")
    bureau: dict[str, str] | None = Field(
        None, description="What the bureau reports of the application made last: {state: rejected, …}."
    )
    deploy: str | None = Field(None, description="A content directory, seen from this file.")
    restart: str | None = Field(None, description="yes")

    expect: Expected | None = None
    says: Says | None = None
    words: dict[str, str] | None = Field(
        None, description="As `expect`, for each language: {zh-CN: …, en: …}; {} for --update to fill in."
    )
    at: str | None = Field(None, description="flow.step where it now waits, or nothing.")
    slots: dict[str, str] | None = None
    calls: list[str | dict[str, dict[str, str]]] | None = None
    ends: str | list[str] | None = Field(None, description="flow.end or flow.stop, in their order.")
    push: Expected | None = None


class Conversation(Model):
    about: str = ""
    resident: Resident = Resident()
    channel: Literal["both", "chat", "page"] = Field(
        "both", description="Where it can be done: in the chat and on the page alike, only in one of them."
    )
    clock: str = "2026-11-23 10:00"
    seed: str = "1"
    push: str = Field("no", description="yes: the account may send without being asked.")
    policy: dict[str, str] = Field(
        {}, description="Values of config/policy.yaml, for this conversation only."
    )
    maintenance: list[Off] = Field([], description="What is switched off, now or later.")
    services: str | list[Any] = Field(
        "stubs", description="Prepared answers in their order; `stubs`: the rest."
    )
    session: str = Field("", description="Where a recording began in mid-flow: the session's serial form.")
    outbox: str = Field("", description="What was not told yet where a recording began: its serial form.")
    turns: list[Turn]


def schema() -> dict[str, Any]:
    """Returns the JSON Schema; its scalars also accept what YAML reads as numbers, dates and yes."""
    made = Conversation.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_loosened(made)}


def _loosened(part: Any) -> Any:
    if isinstance(part, list):
        return [_loosened(p) for p in part]
    if not isinstance(part, dict):
        return part
    made = {k: _loosened(v) for k, v in part.items()}
    if made.get("type") == "string" and "pattern" not in made:
        made["type"] = ["string", "number", "boolean"]
    return made
