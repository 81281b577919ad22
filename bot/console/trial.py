"""A draft on an operator's own WeChat: who sent the one-time word that the console shows is answered by the
draft, with the stubs and a conversation of their own, until the trial ends.

A conversation is played from its beginning with each message, in a process that answers no resident
(bot.kit.phone.tryout). Hence nothing of it can reach the bureau or a resident's keys.
"""

from __future__ import annotations

import re
import threading
import time
from queue import Empty, SimpleQueue

import structlog
from msgspec import structs, to_builtins

from bot.account.served import Served
from bot.console.bench import Bench, Busy, Looked, Said
from bot.console.drafting import served
from bot.console.views import said, when
from bot.content.read.files import Files, identity
from bot.engine import events as e
from bot.engine.effects import Reply, joined
from bot.reading.clean import normal
from bot.store.drafts import Drafts, Overtaken
from bot.store.records import StoreAway
from bot.store.seal import SealError
from bot.store.trials import MOST, TOLD, Heard, Trial, Trials
from bot.wechat.inbound import Delivery

log = structlog.get_logger()

LOOKS_AGAIN = 1.0
"""Seconds for which a process believes it knows whom drafts answer: no message costs a look of its own."""
RESERVED = 1.0
"""Seconds of the budget that are not waited for."""
REAL = (e.Unsubscribed, e.AuthorizationRevoked, e.PersonLeft, e.Ignored)
"""What the service has to know of everybody."""
LEAVES = (e.Unsubscribed, e.AuthorizationRevoked)
OVER = frozenset({"结束试用", "退出试用", "endtrial"})
ASKS_FOR_REAL = frozenset({"person", "my_data", "forget", "withdraw"})
"""Words that somebody may mean, trial or not."""
_WORD = re.compile(r"\W*(试用|試用|trial)\W*(\d{8})\W*", re.IGNORECASE)


class DraftAnswers:
    def __init__(self, bot: Served, bench: Bench) -> None:
        self._bot, self._bench = bot, bench
        self._trials = Trials(bot.client, bot.store.seal)
        self._drafts = Drafts(bot.client, bot.store.seal)
        self._tags: frozenset[str] = frozenset()
        self._looked = float("-inf")

    def answer(self, delivery: Delivery, event: e.Event) -> Reply | None:
        """Returns what a draft answers; None where the service does."""
        word = _WORD.fullmatch(event.text) if isinstance(event, e.TextReceived) else None
        known = self._known()
        if not word and not known:
            return None
        tag = self._bot.store.owner(delivery.openid).tag
        if not word and tag not in known:
            return None
        try:
            trial = self._trials.of(tag)
            if isinstance(event, REAL):
                if trial and isinstance(event, LEAVES):
                    self._trials.drop(trial)
                return None
            if word and not (trial and trial.word == delivery.key):
                trial = self._begins(tag, word, delivery, event) or trial
            return self._answered(trial, delivery, event) if trial else None
        except (StoreAway, SealError) as away:
            log.warning("trial", result="not read", cause=str(away))
            return self._sentence("trouble", "zh") if tag in self._tags else None

    def _known(self) -> frozenset[str]:
        if (now := time.monotonic()) - self._looked > LOOKS_AGAIN:
            self._looked = now
            try:
                self._tags = self._trials.tags()
            except StoreAway as away:  # as it was; the turn will find the same
                log.warning("trials not read", cause=str(away))
        return self._tags

    def _begins(self, tag: str, word: re.Match[str], delivery: Delivery, event: e.Event) -> Trial | None:
        language = "en" if word[1].isascii() else "zh"
        digits = f"{int(word[2]):08}"
        trial = self._trials.begin(tag, digits, delivery.key, language, int(self._bot.now()))
        if trial:
            self._tags |= {tag}
            log.info("trial", result="begun")
        return trial

    def _answered(self, trial: Trial, delivery: Delivery, event: e.Event) -> Reply | None:
        told = trial.told not in ("", delivery.key)
        if told or self._bot.now() > trial.until + TOLD:
            self._trials.drop(trial)
            return None
        if trial.ended:
            return self._over(trial, trial.ended, delivery)
        if trial.word == delivery.key:
            return self._sentence("begun", trial.language, by=trial.by, at=when(trial.until)[11:16])
        means = normal(event.text) if isinstance(event, e.TextReceived) else ""
        if means in OVER or self._bot.now() >= trial.until:
            return self._over(trial, "over_word" if means in OVER else "over_time", delivery)
        try:
            before, after = self._files(trial)
        except LookupError:
            return self._over(trial, "over_gone", delivery)
        except Overtaken:
            return self._over(trial, "over_overtaken", delivery)
        return self._play(trial, delivery, event, before, after)

    def _files(self, trial: Trial) -> tuple[Files, Files]:
        """Raises LookupError, Overtaken."""
        draft, before = self._drafts.get(trial.draft), served(self._bot)
        if draft is None:
            raise LookupError(trial.draft)
        return before, draft.over(before)

    def _play(
        self, trial: Trial, delivery: Delivery, event: e.Event, before: Files, after: Files
    ) -> Reply | None:
        past, content = self._trials.heard(trial), identity(after)
        new = Heard(delivery.key, type(event).__name__, to_builtins(event), content)
        again = next((n for n, heard in enumerate(past) if heard.delivery == delivery.key), None)
        heard = past[: again + 1] if again is not None else [*past, new]
        if len(heard) > MOST:
            return self._over(trial, "over_long", delivery)
        left = self._bot.settings.budget - RESERVED - delivery.waited
        looked = self._look(before, after, [(one.delivery, one.kind, one.fields) for one in heard], left)
        if looked is None:
            return self._sentence("busy", trial.language)
        if not looked.good:
            return self._over(trial, "over_broken", delivery)
        if again is None:
            self._trials.note(trial, new)
        changed = any(one.content != content for one in past[-1:])
        return self._marked(trial, event, joined(looked.replies[:-1], looked.replies[-1]), changed)

    def _look(self, before: Files, after: Files, heard: list[Said], left: float) -> Looked | None:
        """None where it takes too long, and so it does while the process starts."""
        done: SimpleQueue[Looked | None] = SimpleQueue()

        def look() -> None:
            try:
                done.put(self._bench.look(before, after, heard=heard))
            except Busy:
                done.put(None)

        threading.Thread(target=look, daemon=True).start()
        try:
            return done.get(timeout=max(left, 0.1))
        except Empty:
            return None

    # --- what is said ---
    def _over(self, trial: Trial, why: str, delivery: Delivery) -> Reply:
        if not trial.told:
            self._trials.end(trial, why, delivery.key)
            log.info("trial", result="ended", cause=why)
        return self._sentence(why, trial.language)

    def _marked(self, trial: Trial, event: e.Event, reply: Reply, changed: bool) -> Reply:
        words, content = said(trial.language).trial, self._bot.turns.content("")
        means = normal(event.text) if isinstance(event, e.TextReceived) else ""
        lines = [words.changed] if changed else []
        if reply.kind == "transfer":
            reply = Reply(text=words.person)
        if reply.kind != "text":
            return reply
        lines += [reply.text]
        if content.recovery.get(means) in ASKS_FOR_REAL:
            lines += ["", words.real]
        text = words.mark + "\n".join(lines)
        return structs.replace(reply, text=text, media_id="", picture="")

    def _sentence(self, name: str, language: str, **values: str) -> Reply:
        words = said(language).trial
        return Reply(text=words.mark + getattr(words, name).format(**values))
