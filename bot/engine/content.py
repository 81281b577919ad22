"""One revision of everything that operators write, as the engine reads it: flows, pages, words and values.

`bot.content.load` builds it from YAML after checking it; nothing here is checked again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from bot.engine.flow import PAGE, Flow, Target
from bot.engine.hours import EVERY_WEEK, Calendar, Hours
from bot.engine.texts import Language
from bot.reading import remarks
from bot.reading.agree import Plain
from bot.reading.guess import Guesser
from bot.reading.remarks import Remarks


@dataclass(frozen=True)
class Page:
    name: str
    offer: tuple[Target, ...] = ()
    courtesy: bool = False  # manners: it comes after any other matter, and is no suggestion inside a flow

    def without(self, off: Collection[str]) -> Page:
        return replace(self, offer=tuple(target for target in self.offer if target.name not in off))


HOTLINE = "12333"
"""Of social security, all over the country, by the Ministry of Human Resources and Social Security."""


@dataclass(frozen=True)
class Period:
    """Values of the policy that hold from a time on (epoch seconds), and the flows with them."""

    starts: int
    policy: Mapping[str, Mapping[str, str]]
    flows: Mapping[str, Flow]


_AMONG_FILLERS = ("cancel", "back", "restart", "person", "repeat")
"""Meanings of words that always work, of which the words may stand among fillers."""
_OF_CARDS = re.compile("停|关闭|取消|cancel|stop")
"""帮我停, 把卡关闭, 帮我取消 (挂失): what is asked for."""


@dataclass(frozen=True)
class Content:
    """One revision of everything operators write."""

    revision: str
    flows: Mapping[str, Flow]
    pages: Mapping[str, Page]
    languages: Mapping[str, Language]
    default_language: str
    recovery: Mapping[str, str]  # normalised word -> cancel back help … or "language:en"
    remarks: Remarks  # messages at a question that do not answer it
    change: tuple[str, ...]  # forms, with gaps, of words that take an answer back or give another one
    wrong: tuple[str, ...]  # the same, that only say which answer is wrong
    yes: frozenset[str]
    no: frozenset[str]
    fillers: frozenset[str]  # words without meaning beside the words of an answer
    triggers: Mapping[str, Target]  # normalised phrase -> flow or page
    menu: Mapping[str, Target]  # event key -> flow or page
    scans: Mapping[str, str]  # scene -> flow
    follow: str  # flow begun by a new follower, or ""
    location: tuple[str, str]  # flow and slot for a location sent without a question, or ("", "")
    person: str  # flow that leads to a person
    policy: Mapping[str, Mapping[str, str]]  # name -> value, source, checked
    hours: Mapping[str, tuple[Hours, ...]]
    calendar: Calendar = EVERY_WEEK
    elsewhere: str = ""  # flow that reports what another openid did with a card, or ""
    off: frozenset[str] = frozenset()  # flows, and pages as page.x, that are switched off
    events: Mapping[str, str] = field(default_factory=dict)  # an event of the bureau -> flow that reports it
    periods: tuple[Period, ...] = ()  # in the order of time, the first since ever; (): no value has a date
    starts: int = 0  # of the period whose values these are
    face_page: bool = False  # faces are compared on another service's page, which ours leads to
    guesser: Guesser = field(default_factory=Guesser, compare=False)  # guesses the meaning of free words

    def without_off(self) -> Content:
        """Returns the content without what is switched off, and without what would lead there."""
        if not self.off:
            return self
        flows = self._on(self.flows)
        pages = {n: page.without(self.off) for n, page in self.pages.items() if PAGE + n not in self.off}
        scans = {scene: name for scene, name in self.scans.items() if name in flows}
        events = {event: name for event, name in self.events.items() if name in flows}
        location = self.location if self.location[0] in flows else ("", "")
        follow, elsewhere = (name if name in flows else "" for name in (self.follow, self.elsewhere))
        return replace(
            self,
            flows=flows,
            pages=pages,
            scans=scans,
            location=location,
            follow=follow,
            elsewhere=elsewhere,
            events=events,
            periods=tuple(replace(period, flows=self._on(period.flows)) for period in self.periods),
        )

    def _on(self, flows: Mapping[str, Flow]) -> dict[str, Flow]:
        return {n: flow.without(self.off, self.person) for n, flow in flows.items() if n not in self.off}

    def at(self, at: float) -> Content:
        """Returns the content with the values that hold at a time, epoch seconds."""
        if not self.periods:
            return self
        starts = next((period.starts for period in reversed(self.periods) if period.starts <= at), 0)
        return self if starts == self.starts else self._by_start[starts]

    @cached_property
    def _by_start(self) -> dict[int, Content]:
        """Made once for all turns."""
        return {
            p.starts: replace(self, policy=p.policy, flows=p.flows, starts=p.starts) for p in self.periods
        }

    @property
    def edition(self) -> str:
        """Names the revision and the period: a session of another one is migrated."""
        return f"{self.revision}@{self.starts}" if self.starts else self.revision

    @property
    def plain(self) -> Plain:
        return Plain(self.yes, self.no, self.fillers)

    @cached_property
    def recovering(self) -> re.Pattern[str]:
        """Matches a word that always works among fillers; its meaning is the group: 那就算了吧, 我要返回."""
        said: dict[str, list[str]] = {}
        for word, means in self.recovery.items():
            if means in _AMONG_FILLERS and not _OF_CARDS.search(word):
                said.setdefault(means, []).append(word)
        return remarks.read(said, self.fillers).whole

    @property
    def hotline(self) -> str:
        """Returns the city's hotline; a revision of an older release has none in its policy."""
        return self.policy_value("hotline") or HOTLINE

    def with_faces(self, page: bool) -> Content:
        """Compared on the service's page, or by a photo; `policy.face_check` says which in texts."""
        value = {"value": "page" if page else "photo"}

        def told(policy: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
            return {**policy, "face_check": {**policy.get("face_check", {}), **value}}

        periods = tuple(replace(p, policy=told(p.policy)) for p in self.periods)
        return replace(self, policy=told(self.policy), periods=periods, face_page=page)

    def policy_value(self, rest: str) -> str | None:
        """Returns what stands after `policy.` in a path: `name`, or `name.source`, `name.checked`."""
        name, _, part = rest.partition(".")
        return self.policy.get(name, {}).get(part or "value")

    def target(self, name: str) -> Target:
        """Returns a target by its name: that of a flow, or `page.` and that of a page."""
        page = name.removeprefix(PAGE)
        return Target(page=page) if page != name else Target(name)
