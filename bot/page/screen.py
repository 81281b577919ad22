"""One screen of the page: what was said last, what waits to be told, what is open. Pure."""

from __future__ import annotations

from msgspec import Struct

from bot.engine.effects import Option, Reply
from bot.engine.flow import Content, Target
from bot.engine.view import CALLS, MOVED, NOTHING, PERSON, QUESTION, View
from bot.page.visits import Visit
from bot.store.records import UNREAD, Snapshot


class Screen(Struct, frozen=True):
    content: Content
    visit: Visit
    begun: Snapshot
    view: View
    receipts: tuple[tuple[str, int], ...] = ()

    @property
    def shows(self) -> bool:
        """What is open may be seen: the run that the link was made for, or everything."""
        return self.visit.run in (0, self.view.run)

    @property
    def done(self) -> bool:
        """The run of the link is over, or something else is open now."""
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
        return self.view.kind == PERSON or (self.tells and self._answer().kind == "transfer")

    @property
    def tells(self) -> bool:
        """The last submit has its answer, and nobody has said anything in the chat since."""
        begun, visit = self.begun, self.visit
        if not visit.delivery or begun.reply is None or not self._may_see(begun.reply):
            return False
        return begun.session is None or begun.session.heard_at <= visit.at

    @property
    def under_way(self) -> bool:
        return bool(self.visit.delivery) and self.begun.delivery == "pending"

    @property
    def said(self) -> str:
        """Without the question that stands below it."""
        if self.visit.notice or not self.tells:
            return self.visit.notice
        text, asked = self._answer().text, self.view.text if self.shows else ""
        if asked and text.endswith(asked):
            text = text.removesuffix(asked)
        for field in self.view.fields if self.shows else ():  # an error stands at its field
            text = text.replace(field.error, "", 1) if field.error else text
        return text.strip()

    @property
    def waiting(self) -> tuple[str, ...]:
        """What has come meanwhile; the chat tells it too."""
        readable = (r for r in self.begun.outbox if r != UNREAD and r.kind == "text" and self._may_see(r))
        return tuple(r.text for r in readable)

    @property
    def options(self) -> tuple[Option, ...]:
        """Follow-ups lead to other matters: a link does not."""
        if not self.shows or (self.visit.run and self.view.kind == NOTHING):
            return ()
        return self.view.options

    @property
    def menu(self) -> list[tuple[str, str]]:
        """Event keys and titles of what can be begun."""
        if self.visit.run or self.view.kind != NOTHING:
            return []
        words = self.content.languages.get(self.view.language)
        words = words or self.content.languages[self.content.default_language]

        def title(target: Target) -> str:
            return words.pages[target.page].title if target.page else words.flows[target.flow].title

        return [(key, title(target)) for key, target in self.content.menu.items()]

    @property
    def changing(self) -> list[str]:
        """Titles of what is being submitted."""
        session, known = self.begun.session, self.content.languages
        words = known.get(self.view.language) or known[self.content.default_language]
        calls = session.calls.values() if session and not self.visit.run else ()
        return [words.flows[call.flow].title for call in calls if call.once and call.flow in words.flows]

    def _answer(self) -> Reply:
        return self.begun.reply or Reply("none")

    def _may_see(self, reply: Reply) -> bool:
        """A link shows what its own flow and what that requires say, and nothing of other matters."""
        if not self.visit.run or not self.visit.flow:
            return not self.visit.run
        known, left = set[str](), [self.visit.flow]
        while left:
            flow = self.content.flows.get(left.pop())
            if flow is not None and flow.name not in known:
                known.add(flow.name)
                left += [*flow.requires, *flow.leads("need")]
        return all(name.partition(".")[0] in known | {"common"} for name in reply.says)
