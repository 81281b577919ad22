"""The schema of the YAML, as pydantic models: every scalar is a string, every unknown key an error."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from bot.content.read.forms import Clock, Day, Flag, Weekdays, day_of
from bot.engine.hours import Hours, minutes, weekdays

TEXT = "text"  # placeholder in a schema until schema.py inserts its definition
Text = Annotated[Any, WithJsonSchema({"type": TEXT})]
"""A sentence, a map or a list of variants; words.py reads it with positions."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


# Tags begin with “?”, so that in the place of an error they are no key of the data.
# --- next ----------------------------------------------------------------------------------------
def _next_kind(value: Any) -> str:
    if isinstance(value, list) or (isinstance(value, dict) and "if" in value):
        return "?cases"
    if not isinstance(value, dict):
        return "?step"
    return next((f"?{k}" for k in ("again", "link", "on") if k in value), "?routes")


class AgainModel(Model):
    again: str
    say: str
    times: str = "3"
    otherwise: NextModel = Field(alias="else")


class LinkModel(Model):
    link: str
    with_: dict[str, str] = Field({}, alias="with")


class OnModel(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)
    on: str
    __pydantic_extra__: dict[str, NextModel]


class RoutesModel(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, NextModel]


class CaseModel(Model):
    if_: WhenModel | None = Field(None, alias="if")
    then: NextModel | None = None
    otherwise: NextModel | None = Field(None, alias="else")


class TestModel(Model):
    given: str | None = None
    below: str | None = None
    min: str | None = None
    same: str | None = None
    not_: str | list[str] | None = Field(None, alias="not")


def _cond_kind(value: Any) -> str:
    return "?any" if isinstance(value, list) else "?test" if isinstance(value, dict) else "?value"


CondModel = Annotated[
    Annotated[str, Tag("?value")] | Annotated[list[str], Tag("?any")] | Annotated[TestModel, Tag("?test")],
    Discriminator(_cond_kind),
]
WhenModel = Annotated[
    Annotated[dict[str, CondModel], Tag("?all")] | Annotated[list[dict[str, CondModel]], Tag("?either")],
    Discriminator(lambda value: "?either" if isinstance(value, list) else "?all"),
]
NextModel = Annotated[
    Annotated[str, Tag("?step")]
    | Annotated[list[CaseModel], Tag("?cases")]
    | Annotated[AgainModel, Tag("?again")]
    | Annotated[LinkModel, Tag("?link")]
    | Annotated[OnModel, Tag("?on")]
    | Annotated[RoutesModel, Tag("?routes")],
    Discriminator(_next_kind),
]


# --- flows ---------------------------------------------------------------------------------------
class StartModel(Model):
    menu: list[str] = []
    scan: list[str] = []
    follow: str = ""
    location: str = ""
    later: str = ""
    elsewhere: str = ""
    event: str = ""


def _target_kind(value: Any) -> str:
    return "?link" if isinstance(value, dict) else "?flow"


TargetModel = Annotated[
    Annotated[str, Tag("?flow")] | Annotated[LinkModel, Tag("?link")], Discriminator(_target_kind)
]
SlotType = Literal[
    "choice",
    "text",
    "number",
    "pattern",
    "id_number",
    "name",
    "mobile",
    "date",
    "time",
    "code",
    "address",
    "image",
    "place",
    "record",
    "list",
]


class SlotModel(Model):
    type: SlotType
    values: list[str] = []
    from_: str = Field("", alias="from")
    to: str = ""
    or_: list[str] = Field([], alias="or")
    only: dict[str, WhenModel] = {}
    keep: Literal["flow", "lasting", "comment"] = "flow"
    min: str = ""
    max: str = ""
    pattern: str = ""
    example: str = ""
    biometric: str = ""
    renamed: str = ""


class RetryModel(Model):
    times: str
    every: str


class ValueModel(Model):
    value: str


ArgumentModel = str | list[str] | ValueModel


class FlowModel(Model):
    flow: Name
    enabled: Flag = ""
    start: StartModel = StartModel()
    requires: list[str] = []
    lasts: str = ""
    takes: list[str] = []
    tries: str = "3"
    exhausted: NextModel = "stop"
    remind: str = ""
    expire: str = ""
    undo: str = ""
    slots: dict[Name, SlotModel] = {}
    steps: dict[Name, Any]  # each of its kind: bot.content.steps


class PageModel(Model):
    enabled: Flag = ""
    menu: list[str] = []
    offer: list[str] = []
    courtesy: Flag = "no"


class PagesModel(Model):
    pages: dict[Name, PageModel]


# --- words ---------------------------------------------------------------------------------------
class SlotWordsModel(Model):
    label: str = ""
    also: list[str] = []
    ask: Text = None
    values: dict[str, Text] = {}
    words: dict[str, list[str]] = {}
    again: list[Text] = []
    help: Text = None
    why: Text = None
    line: Text = None


class FlowWordsModel(Model):
    title: str
    words: list[str] = []
    slots: dict[str, SlotWordsModel] = {}
    texts: dict[str, Text] = {}


class PageWordsModel(Model):
    title: str
    words: list[str] = []
    things: list[str] = []
    text: Text


class RecoveryModel(Model):
    cancel: list[str]
    back: list[str]
    help: list[str]
    restart: list[str]
    person: list[str]
    repeat: list[str]
    resume: list[str]
    result: list[str]
    more: list[str] = []
    change: str | list[str]
    wrong: list[str] = []
    my_data: list[str]
    forget: list[str]
    withdraw: list[str]
    language: dict[str, list[str]]


class RemarksModel(Model):
    """In the order in which they are tried."""

    safe: list[str] = []
    cost: list[str] = []
    wait: list[str] = []
    refuse: list[str] = []
    sent: list[str] = []
    unable: list[str] = []
    angry: list[str] = []
    why: list[str] = []
    how: list[str] = []
    thanks: list[str] = []
    noted: list[str] = []


# --- config --------------------------------------------------------------------------------------
class PolicyModel(Model):
    value: str
    of: list[str] = []
    source: str
    checked: Day
    from_: Day = Field("", alias="from")


class HoursModel(Model):
    days: Weekdays
    from_: Clock = Field(alias="from")
    to: Clock
    since: Day = ""
    until: Day = ""

    def read(self) -> Hours:
        days, start, end = weekdays(self.days), minutes(self.from_), minutes(self.to)
        if days is None or start is None or end is None:
            raise AssertionError("the model has seen to their form")
        return Hours(days, start, end, day_of(self.since) or date.min, day_of(self.until) or date.max)


class ButtonModel(Model):
    name: str
    flow: str = ""
    page: str = ""
    url: str = ""
    appid: str = ""
    pagepath: str = ""


class MenuModel(ButtonModel):
    buttons: list[ButtonModel] = []
