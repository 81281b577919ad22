"""The inputs of `shebao doctor`, and the form of its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.content.messages import ENGLISH, message, sentences
from bot.content.read.menu import Button

if TYPE_CHECKING:
    from bot.account.asked import Account
    from bot.account.reached import Keys, Public, Server
    from bot.content.read.settings_file import Wrong
    from bot.settings import Settings
    from bot.wechat.quota import Quota

GOOD, WARN, BAD = "good", "warn", "bad"


@dataclass(frozen=True)
class CheckResult:
    """`state`: good, warn or bad. `code`: subject.finding. `values`: for its sentences."""

    state: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def about(self, language: str = ENGLISH) -> str:
        """Returns what was checked."""
        return message("doctor", self.code.partition(".")[0], language)

    def found(self, language: str = ENGLISH) -> str:
        return message("doctor", self.code, language, self.values)

    def remedy(self, language: str = ENGLISH) -> str:
        """Returns what to do, "" for nothing."""
        code = f"{self.code}.remedy"
        return message("doctor", code, language, self.values) if code in sentences("doctor") else ""

    def line_in(self, language: str) -> str:
        mark = {GOOD: "✓", WARN: "!", BAD: "✗"}[self.state]
        remedy = self.remedy(language)
        colon = ": " if language == ENGLISH else "："
        line = f"{mark} {self.about(language)}{colon}{self.found(language)}"
        return f"{line}\n    {remedy}" if remedy else line

    def __str__(self) -> str:
        return self.line_in(ENGLISH)


good, caution, bad = (partial(CheckResult, state) for state in (GOOD, WARN, BAD))


@dataclass(frozen=True)
class Diagnostics:
    """The inputs of the doctor; None if not set up. Those that are called raise Unknown.

    `wrong`: invalid settings. `errors`: those of the content. `agents`: whether the city has people who
    answer. `copies`: replicas that a change must have. `spent`: calls to WeChat whose quota of the day is
    spent, and until when (epoch seconds). `wechat_time`: epoch seconds by WeChat's clock. `now`: epoch
    seconds by ours. `keys`: what each key sealed, while there is more than one. `sessions`: how many
    cannot be read, of how many that were checked. `reaches`: whether the bureau's address accepts
    connections. `kept`: seconds until the cached access token is renewed, None if there is none.
    `pushes`: the rest of today's quota. `revision`: that of the content directory, "" with errors.
    `broken`: the revision that this process should serve and cannot load.
    """

    settings: Settings
    redis: Server | None = None
    copies: int = 0
    account: Account | None = None
    menu: tuple[Button, ...] = ()
    spent: Callable[[], Mapping[str, int]] | None = None
    public: Public | None = None
    wechat_time: Callable[[], float] | None = None
    now: Callable[[], float] | None = None
    wrong: tuple[Wrong, ...] = ()
    errors: int = 0
    agents: bool = False
    keys: Callable[[], Keys] | None = None
    sessions: Callable[[], tuple[int, int]] | None = None
    reaches: Callable[[str], bool] | None = None
    kept: Callable[[], int | None] | None = None
    pushes: Callable[[], Quota] | None = None
    revision: str = ""
    broken: str = ""
