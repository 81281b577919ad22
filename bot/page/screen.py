"""One screen of the page: what was said last, what waits to be told, what is open. Pure."""

from __future__ import annotations

from collections.abc import Container
from hashlib import sha256

from msgspec import Struct, json
from msgspec.structs import replace

from bot.engine.asking import NUMBERED
from bot.engine.content import Content
from bot.engine.effects import Option, Reply, delays
from bot.engine.events import Done
from bot.engine.flow import Finish, Language, Target
from bot.engine.scope import today
from bot.engine.view import CALLS, MOVED, NOTHING, PERSON, QUESTION, View
from bot.engine.wording import dated, on_page
from bot.page.visits import Visit
from bot.store.records import UNREAD, Snapshot

_RESULTS = ("result", "down", "not_sure", "exhausted", "last_try", "code_expired", "still_open", "resumed")
"""Of the texts that all flows share, those that tell of a call, and what leads back to its question."""


def mark_of(reply: Reply) -> str:
    """Names an item of the outbox."""
    return sha256(json.encode(reply)).hexdigest()[:16]


def left_of(reply: Reply) -> Reply | None:
    """Returns what the chat still tells of an item that the page has shown: a result stands in both."""
    return replace(reply, shown=True) if reply.notice else None


class Screen(Struct, frozen=True):
    content: Content
    visit: Visit
    begun: Snapshot
    view: View
    changes: tuple[Done, ...] = ()
    buttons: frozenset[str] = frozenset()
    """Event keys of the account's menu."""

    @property
    def shows(self) -> bool:
        """True if this visit may see what is open: its link's run, or everything."""
        return self.visit.run in (0, self.view.run)

    @property
    def done(self) -> bool:
        """True if the link's run is over, or something else is open now."""
        return not self.shows

    @property
    def asks(self) -> bool:
        return self.shows and self.view.kind == QUESTION

    @property
    def waits(self) -> bool:
        return self.shows and self.view.kind == CALLS

    @property
    def moved(self) -> bool:
        return self.shows and self.view.kind == MOVED

    @property
    def person(self) -> bool:
        """True if a person has the conversation, or a link's visit would have to answer one in the chat."""
        asked = bool(self.visit.run) and self.view.flow == self.content.person
        return self.view.kind == PERSON or asked or (self.tells and self._answer().kind == "transfer")

    @property
    def tells(self) -> bool:
        """True if the last submit has its answer and the resident has said nothing in the chat since."""
        return self._latest and self.begun.reply is not None and self._may_see(self.begun.reply)

    @property
    def _latest(self) -> bool:
        session = self.begun.session
        return bool(self.visit.delivery) and (session is None or session.heard_at <= self.visit.at)

    @property
    def under_way(self) -> bool:
        """True while the last submit waits for a call. Without a call nothing is under way: the process may
        have died, and the result waits in the outbox."""
        return bool(self.visit.delivery) and self.begun.delivery == "pending" and self._calls

    @property
    def told(self) -> str:
        """Returns the marks of what has come meanwhile; the next submit sends them back, which confirms
        them."""
        return ",".join(mark_of(reply) for reply in self._waits)

    @property
    def said(self) -> str:
        """Returns the last answer without the question that is shown below it. An answer replaces a notice
        that there was none: the notice may be wrong."""
        if not self.tells:
            return self.visit.notice
        if delays(self._answer()) and not self._calls:  # over by now
            return "" if self._waits else self._result
        if self.wrong_code and not self.view.fields:
            return ""
        text, asked = self._answer().text, self.view.text if self.shows else ""
        if asked and text.endswith(asked):
            text = text.removesuffix(asked)
        for field in self.view.fields if self.shows else ():  # an error stands at its field
            text = text.replace(field.error, "", 1) if field.error else text
        return text.strip()

    @property
    def wrong_code(self) -> bool:
        """True if the answer says that the code was wrong: it holds the new digits, which a picture shows
        here."""
        answer = self._answer()
        return bool(self.tells and self.view.code and answer.picture) and answer.says[0].endswith(".again")

    @property
    def waiting(self) -> tuple[str, ...]:
        """Returns what has come meanwhile; for a link only what belongs to its own run."""
        return tuple(reply.text for reply in self._waits)

    @property
    def _waits(self) -> tuple[Reply, ...]:
        if self.done and not self._latest:
            return ()
        readable = (r for r in self.begun.outbox if r != UNREAD and r.kind == "text" and not r.shown)
        return tuple(r for r in readable if self._may_see(r, _RESULTS))

    @property
    def _result(self) -> str:
        """Returns the result of the last change, which the chat has told meanwhile."""
        result = self.begun.session.result if self.begun.session else None
        if result is None or not self._may_see(Reply(says=(f"{result.flow}.",))):
            return ""
        return "\n".join(text for _, text in result.says)

    @property
    def _calls(self) -> bool:
        return self.begun.session is not None and bool(self.begun.session.calls)

    def worded(self, text: str) -> str:
        """Returns a text in the page's words: it is written for the chat, which may tell it too."""
        return on_page(text, self._words)

    @property
    def options(self) -> tuple[Option, ...]:
        """Returns the answers to tap; of a long list those that are searched for. Follow-ups lead to other
        matters, which a link does not."""
        if not self.shows or (self.visit.run and self.view.kind == NOTHING):
            return ()
        words = self.sought.lower().split()
        return tuple(o for o in self.view.options if not o.number or all(w in o.label.lower() for w in words))

    @property
    def long(self) -> bool:
        """True if there are more answers than one takes in at a glance: the others fold out, or are
        searched."""
        return self.asks and len(self.view.options) > NUMBERED

    @property
    def sought(self) -> str:
        mark, words = self.visit.find
        return words if self.long and mark == self.view.mark else ""

    @property
    def menu(self) -> list[tuple[str, str]]:
        """Returns event keys and titles of what the account's menu begins, without what is offered above
        it."""
        offered = {option.label for option in self.options}
        return [(k, title) for k, title in self._begins.items() if k in self.buttons and title not in offered]

    @property
    def beyond(self) -> list[tuple[str, str]]:
        """Returns event keys and titles of all else that can be begun, each once."""
        shown = {title for _, title in self.menu} | {option.label for option in self.options}
        rest = {title: key for key, title in self._begins.items() if title not in shown}
        return [(key, title) for title, key in rest.items()]

    @property
    def _begins(self) -> dict[str, str]:
        if self.visit.run or self.view.kind != NOTHING:
            return {}
        return {key: self._title(target) for key, target in self.content.menu.items()}

    def _title(self, target: Target) -> str:
        words = self._words
        return words.pages[target.page].title if target.page else words.flows[target.flow].title

    @property
    def changing(self) -> list[str]:
        """Returns the titles of what is being submitted."""
        session, words = self.begun.session, self._words
        calls = session.calls.values() if session and not self.visit.run else ()
        return [words.flows[call.flow].title for call in calls if call.once and call.flow in words.flows]

    def title(self, change: Done) -> str:
        """Returns the title of the change's flow; "" if that flow is gone."""
        return self._title(Target(change.flow)) if change.flow in self._words.flows else ""

    def day(self, change: Done) -> str:
        return dated(today(change.at), self._words)

    def state(self, change: Done) -> tuple[str, str]:
        """Returns how the change stood when last looked at, and the day; ("", "") if that is not known."""
        session, words = self.begun.session, self._words
        known = session.states.get(change.receipt) if session else None
        if known is None:
            return "", ""
        codes = words.codes.get(known.code) or words.codes.get(known.code.partition(".")[2], {})
        return codes.get(known.value, ""), dated(today(known.at), words)

    def looks(self, change: Done) -> tuple[str, str]:
        """Returns the event key and the title of the flow that tells how it stands: the first one offered
        after it that can be begun here and changes nothing itself."""
        flows = self.content.flows
        menu = {self.content.menu[key].flow: key for key in self._begins if key in self.buttons}
        known = {name: key for name, key in menu.items() if name and name != self.content.person}
        for step in flows[change.flow].steps.values() if change.flow in flows else ():
            for name in [t.flow for t in step.offer if step.next.meant == Finish(True)]:
                if name in known and not any(s.once for s in flows[name].steps.values()):
                    return known[name], self._title(Target(name))
        return "", ""

    @property
    def _words(self) -> Language:
        known = self.content.languages
        return known.get(self.view.language) or known[self.content.default_language]

    def _answer(self) -> Reply:
        return self.begun.reply or Reply("none")

    def _may_see(self, reply: Reply, common: Container[str] | None = None) -> bool:
        """Checks whether this visit may see a reply. A link shows what its own flow says, the flows that it
        requires and those that it has led to; nothing of other matters. `common`: the texts that may stand
        beside; None: all of them, of an answer to its own submit, which may also tell of what it leads to
        now."""
        if not self.visit.run or not self.visit.flow:
            return not self.visit.run
        known, left = {self.content.person}, [self.visit.flow, *self.visit.before]
        while left:
            flow = self.content.flows.get(left.pop())
            if flow is not None and flow.name not in known:
                known.add(flow.name)
                left += [*flow.requires, *flow.leads("need")]
                left += flow.hands_over() if common is None else []
        said = [name.partition(".")[::2] for name in reply.says]
        told = [text for flow, text in said if flow == "common"]
        own = all(flow in known for flow, _ in said if flow != "common")
        return own and (common is None or (len(told) < len(said) and all(text in common for text in told)))
