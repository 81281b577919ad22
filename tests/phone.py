"""A resident's phone: sends signed and encrypted WeChat XML to the webhook, shows what came back."""

from __future__ import annotations

from typing import Any

from moment import Clock

from bot.app import Bot
from bot.engine import events as e
from bot.kit import wechat
from bot.kit.stubs.people import Person, load_people
from bot.kit.wechat import Account, Bubble


class Phone:
    """`client`: Flask's test client, or anything with post(path, query_string=, data=).

    Every message is sent in a later second than the one before: WeChat's CreateTime has seconds. Where the
    bot has a test's clock, it is as late for the services as for the phone.
    """

    def __init__(self, client: Any, bot: Bot, person: str = "张三", name: str = "") -> None:
        from conftest import ROOT

        self.client, self.bot = client, bot
        people = load_people(ROOT / "config" / "stub.yaml").everyone
        self.person: Person = next(p for p in people if p.name == person)
        self.openid = f"oTest{name or self.person.id_number:0>23}"[:28]
        self.at = bot.now()
        self.sent = 0
        self.bubble = Bubble("nothing")
        self.last: bytes = b""

    # --- what a resident does ---
    def say(self, text: str, tap: str = "") -> Bubble:
        return self._message(e.TextReceived(self.at + 1, text=text, tap=tap))

    def tap(self, label: str) -> Bubble:
        """A menu button of that name, or an answer that the last bubble offered; anything else fails."""
        for top in self.bot.loaded.menu:
            for button in (top, *top.sub):
                if button.name == label and button.key and label not in self.bubble.answers:
                    return self.event("CLICK", EventKey=button.key)
        assert label in self.bubble.answers, f"“{label}” was not offered: {list(self.bubble.answers)}"
        return self.say(label, self.bubble.answers[label])

    def choose(self, words: str) -> Bubble:
        """Tap the one offered answer that holds these words."""
        labels = [label for label in self.bubble.answers if words in label]
        assert len(labels) == 1, f"“{words}” is in {labels} of {list(self.bubble.answers)}"
        return self.say(labels[0], self.bubble.answers[labels[0]])

    def image(self, media_id: str = "made-up-media") -> Bubble:
        return self._message(e.ImageReceived(self.at + 1, media_id=f"{media_id}{self.sent + 1}"))

    def voice(self, recognition: str) -> Bubble:
        return self._message(e.VoiceReceived(self.at + 1, text=recognition))

    def location(self, lat: float, lon: float) -> Bubble:
        return self._message(e.LocationReceived(self.at + 1, lat=lat, lon=lon))

    def event(self, name: str, **fields: str) -> Bubble:
        self.at += 1
        return self.post(wechat.message("event", self.openid, self.at, {"Event": name, **fields}))

    def wait(self, seconds: int) -> None:
        self.at += seconds

    def again(self) -> Bubble:
        """WeChat delivers the last message once more."""
        return self.post(self.last)

    # --- whole passages ---
    def sign_in(self) -> Bubble:
        """From the consent to the end of the real-name check."""
        if "同意，继续" in self.bubble.answers:
            self.say("同意")
        self.say(self.person.id_number)
        self.say(self.person.name)
        if "是的" in self.bubble.answers:  # a name that may be none is shown back
            self.tap("是的")
        return self.code()

    def code(self) -> Bubble:
        assert self.bubble.code, f"no code in: {self.bubble.text}"
        return self.say(self.bubble.code)

    # --- the wire ---
    def _message(self, event: e.Event) -> Bubble:
        self.at, self.sent = event.at, self.sent + 1
        return self.post(wechat.message_of(event, self.openid, self.at * 1000 + self.sent))

    def post(self, body: bytes) -> Bubble:
        """Signed and encrypted as in safe mode; what comes back is read as strictly as WeChat does."""
        self.last = body
        if isinstance(self.bot.now, Clock):
            self.bot.now.reach(self.at)
        settings = self.bot.settings
        account = Account(settings.wechat_token, settings.wechat_app_id, settings.wechat_aes_keys[0])
        query, data = account.push(body, self.bot.now())
        response = self.client.post("/wechat", query_string=query, data=data)
        assert response.status_code == 200, response.status_code
        self.bubble = wechat.read(account.opened(response.data), self.openid)
        return self.bubble
