"""A resident who does anything at all: small drawn numbers become events that fit the moment, or do not."""

from __future__ import annotations

from bot.actions import ACTIONS
from bot.engine.content import Content
from bot.engine.events import (
    ActionDelayed,
    ActionFinished,
    AuthorizationRevoked,
    Event,
    Ignored,
    ImageReceived,
    LocationReceived,
    MenuClicked,
    OtherReceived,
    PersonLeft,
    Scanned,
    Subscribed,
    TextReceived,
    TimePassed,
    Unsubscribed,
    VoiceReceived,
)
from bot.engine.flow import Action, Slot, Value
from bot.engine.session import Session

from .kit import make_id

NAMES = ("欧阳测试娜", "阿卜杜拉·测试提", "王\U00030edd\U00030edd", "Quentin Testington")
IDS = tuple(
    map(make_id, ("11010119800101001", "81000019900307123", "91015619850615543", "44030520150601002"))
)
BAD_IDS = ("110101198001010010", "110101800101001", "11010119991301001X", "1101011980010100")
MOBILES = ("13800138123", "+86 139-1234-5678", "００８６１５８１２３４５６７８", "00852 5123 4567")
ADDRESSES = ("虚构区样例路77号9单元1203", "No. 99 Imaginary Road, Room 1203")
DATES = ("2036年5月20日", "2036-05-20", "20360520", "2020-01-01", "2036/2/30")
PLACES = ("平安区", "新华路", "somewhere")
CHANGES = ("改手机号", "改领卡方式", "改证件号码", "change mobile number", "改")
JUNK = (
    "？",
    "",
    " ",
    "\U0001f600",
    "0",
    "00",
    "²",
    "a" * 600,
    "١٢",
    "\u202eabc",
    "123456",
    "嗯嗯嗯啊",
    "'; --",
    "9",
)
VOICES = ("", "挂失", "1", "是的", "确认停用", "同意", "返回")
HOLDER = "持卡测试人"
MOBILES = ("13800138123", "13912345678", "15812345678", "85251234567", "51234567")
SECRETS = frozenset({*NAMES, *IDS, *ADDRESSES, *MOBILES, HOLDER})

KINDS = (
    *("good",) * 14,
    *("outcome",) * 9,
    *("tap",) * 3,
    *("number", "label", "recovery", "trigger", "personal", "junk", "wait", "menu") * 2,
    *("old_tap", "forged_tap", "image", "voice", "location", "other", "arrival", "person_left", "timer"),
    *("backwards", "delayed", "late", "publish", "any_text", "same_second", "left", "any_outcome"),
)


class Resident:
    """`at` runs on with every event; `taps` are all the answers ever offered."""

    def __init__(self, content: Content, at: int) -> None:
        self.content, self.at = content, at
        self.seed = 0
        self.taps: list[str] = []
        self.offered: list[tuple[str, str]] = []  # of the last turn: label, tap
        self.calls: list[tuple[str, str]] = []  # every call ever made: id, action

    def event(self, session: Session, kind: str, n: int, text: str) -> Event:
        self.seed += 1
        self.at += 0 if kind == "same_second" else 1
        return self._event(session, kind, n, text)

    def _text(self, text: str, tap: str = "") -> Event:
        return TextReceived(self.at, self.seed, text=text, tap=tap)

    def _event(self, session: Session, kind: str, n: int, text: str) -> Event:
        at, seed, content = self.at, self.seed, self.content
        if kind in ("good", "same_second"):
            return self._good(session, n)
        if kind in ("outcome", "any_outcome"):
            return self._outcome(session, n, any_outcome=kind == "any_outcome")
        if kind == "tap" and self.offered:
            label, tap = self.offered[n % len(self.offered)]
            return self._text(label, tap)
        if kind == "label" and self.offered:
            return self._text(self.offered[n % len(self.offered)][0])
        if kind == "old_tap" and self.taps:
            return self._text("旧的", self.taps[n % len(self.taps)])
        if kind == "forged_tap":
            forged = (
                "1.-².rate",
                "x",
                "1.2.3",
                "9.-1.page.law",
                ".-.stay",
                "0.-1.nothing",
                f"{session.runs}.-.quit",
            )
            return self._text("假的", forged[n % len(forged)])
        if kind == "number":
            return self._text(("1", "2", "第三个", "２", "①", "二", "选4", "5.")[n % 8])
        if kind == "recovery":
            words = (*sorted(content.recovery), *CHANGES)
            return self._text(words[n % len(words)])
        if kind == "trigger":
            return self._text(sorted(content.triggers)[n % len(content.triggers)])
        if kind == "personal":
            pool = (*IDS, *BAD_IDS, *NAMES, *MOBILES, *DATES, *ADDRESSES, *PLACES)
            return self._text(pool[n % len(pool)])
        if kind == "junk":
            return self._text(JUNK[n % len(JUNK)])
        if kind == "image":
            return ImageReceived(at, seed, media_id=f"m{seed}" if n % 5 else "")
        if kind == "voice":
            return VoiceReceived(at, seed, text=VOICES[n % len(VOICES)])
        if kind == "location":
            return LocationReceived(at, seed, lat=30.1, lon=120.2, label="某路")
        if kind == "other":
            return (OtherReceived(at, seed, kind="video"), Ignored(at, seed, name="x"))[n % 2]
        if kind == "menu":
            keys = [*content.menu, "NO_SUCH_KEY"]
            return MenuClicked(at, seed, key=keys[n % len(keys)])
        if kind == "arrival":
            scene = (*content.scans, "", "no such scene")[n % (len(content.scans) + 2)]
            return (Subscribed(at, seed, scene=scene), Scanned(at, seed, scene=scene))[n % 2]
        if kind == "left":
            return (Unsubscribed(at, seed), AuthorizationRevoked(at, seed), PersonLeft(at, seed))[n % 3]
        if kind == "person_left":
            return PersonLeft(at, seed)
        if kind == "timer":
            self.at = max(at, session.wake_at)
            return TimePassed(session.wake_at or at, seed)
        if kind == "wait":
            self.at += (30, 601, 1801, 3601, 90000)[n % 5]
            return self._text(("返回", "1", "卡丢了", "是", "继续")[n // 5 % 5])
        if kind == "backwards":
            return TextReceived(max(at - n % 4000, 1), seed, text=("是", "1", "确认停用", "返回")[n % 4])
        if kind == "delayed":
            ids = [*session.calls, "", "no such call"]
            return ActionDelayed(at, seed, call=ids[n % len(ids)], sent=n % 2 == 0, no_push=n % 3 == 0)
        if kind == "late" and self.calls:
            call, action = self.calls[n % len(self.calls)]
            if call not in session.calls:
                return self.finished(
                    call, action, n, ACTIONS[action].outcomes[n % len(ACTIONS[action].outcomes)]
                )
        return self._text(text)

    # --- answers that fit ---
    def _good(self, session: Session, n: int) -> Event:
        top = session.top
        if (
            session.handoff_until
            or top is None
            or session.system_question
            or top.flow not in self.content.flows
        ):
            if self.offered and n % 2:
                label, tap = self.offered[n // 2 % len(self.offered)]
                return self._text(label, tap)
            keys = list(self.content.menu)
            return MenuClicked(self.at, self.seed, key=keys[n // 2 % len(keys)])
        if top.call:
            return self._outcome(session, n, any_outcome=False)
        flow = self.content.flows[top.flow]
        step = flow.steps.get(top.step, flow.steps[flow.first])
        if step.kind == "collect":
            return self._answer(flow.slots[step.slot], top.code, n)
        if self.offered and step.kind in ("confirm", "consent"):
            label, tap = self.offered[0 if n % 6 else -1]
            return self._text(label, tap if n % 2 else "")
        return self._text("好")

    def _answer(self, slot: Slot, code: str, n: int) -> Event:
        if slot.or_ and n % 7 == 0 and self.offered:
            label, tap = self.offered[-1]
            return self._text(label, tap)
        if slot.type == "image":
            return ImageReceived(self.at, self.seed, media_id=f"m{self.seed}")
        if slot.type == "place" and n % 2:
            return LocationReceived(self.at, self.seed, lat=30.1, lon=120.2, label="某路")
        pools = {
            "id_number": IDS,
            "name": NAMES,
            "mobile": MOBILES,
            "address": ADDRESSES,
            "date": DATES[:3],
            "place": PLACES,
            "code": (code,),
            "choice": tuple(str(i) for i in range(1, max(len(slot.values), 3) + 1)),
        }
        pool = pools.get(slot.type, ("随便说几句",))
        return self._text(pool[n % len(pool)])

    # --- what the bureau says ---
    def _outcome(self, session: Session, n: int, *, any_outcome: bool) -> Event:
        if not session.calls:
            return self._good(session, n) if session.top is None or not session.top.call else self._text("好")
        ids = sorted(session.calls)
        call = ids[n % len(ids)]
        action = session.calls[call].action
        outcomes = ACTIONS[action].outcomes
        outcome = outcomes[n // 3 % len(outcomes)] if any_outcome or n % 4 == 0 else outcomes[0]
        return self.finished(call, action, n, outcome)

    def outcome_of(self, action: str, n: int) -> str:
        outcomes = ACTIONS[action].outcomes
        return outcomes[n % len(outcomes)]

    def finished(self, call: str, action: str, n: int, outcome: str) -> Event:
        spec = ACTIONS[action]
        value: Value = {}
        if ACTIONS[action].many:
            many = 1 + n % 4 if outcome == "found" else 0
            value = [_record(spec, n + i) | {"id": f"e{i}"} for i in range(many)]
        elif outcome == "refused":
            value = {"refusal": spec.fields["refusal"].of[n % 4]} if n % 2 else {}
        elif outcome != "unavailable":
            value = _record(spec, n)
        return ActionFinished(self.at, self.seed, call=call, outcome=outcome, value=value)


def _record(spec: Action, n: int) -> dict[str, str]:
    """One that fits the declared fields: every sure one, and some of the others."""
    record = {}
    for i, (name, field) in enumerate(spec.fields.items()):
        m = n // (i + 1) + i
        if not field.sure and m % 2 == 0:
            continue
        kinds = {"date": "2036-11-30", "yes_no": ("yes", "no")[m % 2]}
        record[name] = kinds.get(field.kind) or (field.of[m % len(field.of)] if field.of else f"T{n % 97}")
        if field.pii:
            record[name] = HOLDER
    return record
