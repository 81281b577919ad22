"""The stub of `card.*`: a small bureau that keeps cards and applications by the table in cards.py."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, timedelta

from msgspec import convert, json

from bot.actions import ACTIONS, REASONS
from bot.engine.flow import Record
from bot.kit.stubs import card_answers, cards
from bot.kit.stubs.card_answers import total
from bot.kit.stubs.cards import Application, Card, Change, Holding
from bot.kit.stubs.people import People, Person
from bot.kit.stubs.policy import Policy, working_days_after, yuan
from bot.kit.stubs.stub import Stub, log
from bot.kit.stubs.stub_card_seed import seed
from bot.ports import Request, Result
from bot.services.ledger import Decision, Json, Ledger

json.Decoder(Holding)  # so that no two threads learn the type at once: see bot.store.forms
_WHOSE, _WHICH = 16, 8  # characters of an id: its holder's tag, and which one it is


class CardStub(Stub):
    """`policy`: fees, days and what may be done online. `outlets`: id -> name, to say where a card waits.

    Both are read for each request, since they may be published anew.
    """

    def __init__(
        self,
        people: People,
        ledger: Ledger,
        now: Callable[[], int],
        policy: Callable[[], Policy] = Policy,
        sleep: Callable[[float], None] = time.sleep,
        outlets: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        super().__init__(people, ledger, now, sleep)
        self._outlets, self._rules = outlets, policy
        # An id begins with its holder's tag: it is found without an index and reveals nothing.
        self._by_tag = {
            ledger.tag(f"holder {p.id_number}")[:_WHOSE]: p for p in people.everyone if p.known == "yes"
        }

    def operations(self) -> list[Json]:
        """Returns every completed change, oldest first: action, key, subject, number, at (seconds)."""
        return self._ledger.operations()

    def advance(self, application: str, to: str, reject_reason: str = "", tracking: str = "") -> None:
        """Makes a move of the bureau's own: an application (its id) is paid, approved, rejected, made, …

        Raises:
            KeyError: unknown id.
            ValueError: the table does not hold this move.
        """
        person = self._by_tag[application[:_WHOSE]]

        def move(records: tuple[Json | None, ...]) -> tuple[Decision, None]:
            holding = self._holding(records[0], person)
            found = self._application(holding, person, application)
            if found is None:
                raise KeyError(application)
            after = cards.advance(holding, found, to, reject_reason, tracking)
            return Decision((asdict(after),)), None

        self._ledger.change([("person", person.id_number)], move)

    def decide(self, person: Person, to: str, reject_reason: str = "", tracking: str = "") -> Record:
        """Brings the open application of a person, or of somebody they act for, to a state; returns what
        card.progress then says.

        Raises:
            ValueError: there is none that can come to it.
        """
        for each in (person, *(p for p in self._people.everyone if p.guardian == person.id_number)):
            holding = self._holding(self._ledger.read(("person", each.id_number))[0], each)
            if holding.open is not None:
                id_ = self._id(each, "application", holding.open.n)
                for state in cards.way(holding.open.state, to):
                    self.advance(id_, state, reject_reason, tracking)
                holding = self._holding(self._ledger.read(("person", each.id_number))[0], each)
                found = card_answers.progress(self._application(holding, each, id_), id_, self._rules())
                return found.value if isinstance(found.value, dict) else {}
        raise ValueError("no application is open")

    # --- questions -------------------------------------------------------------------------------
    def _whose(self, request: Request) -> Person | None:
        if "id_number" in request.arguments:
            return self._people.find(str(request.arguments["id_number"]))
        return self._by_tag.get(self._subject(request)[:_WHOSE])

    def _carry_out(self, request: Request, person: Person | None) -> Result:
        if ACTIONS[request.action].changes and person is not None:
            return self._operate(request, person, lambda holding: self._change_of(request, person, holding))
        if person is None:
            nothing: dict[str, Result] = {
                "card.find": Result("not_found"),
                "card.recheck": Result("not_found"),
                "card.applications": Result("none", []),
                "card.progress": Result("none"),
            }
            if ACTIONS[request.action].changes:  # no card has ever had this id
                return Result("refused", {"refusal": "not_holder"})
            return nothing.get(request.action) or Result("unavailable")
        holding = self._holding(self._ledger.read(("person", person.id_number))[0], person)
        match request.action:
            case "card.find":
                return card_answers.found(holding, person, self._id)
            case "card.recheck":
                return card_answers.rechecked(self._card(holding, person, self._subject(request)))
            case "card.applications":
                return card_answers.applications(holding, person, self._id)
            case "card.progress":
                application = self._application(holding, person, self._subject(request))
                return card_answers.progress(application, self._subject(request), self._rules())
            case _:
                return card_answers.quote(str(request.arguments["delivery"]), self._rules())

    # --- changes ---------------------------------------------------------------------------------
    def _change_of(self, request: Request, person: Person, holding: Holding) -> Change:
        number, today = self._receipt(request.key), self._today()
        if request.action == "card.withdraw":
            application = self._application(holding, person, self._subject(request))
            return cards.refused("state") if application is None else cards.withdraw(holding, application)
        card = self._card(holding, person, self._subject(request))
        if card is None:
            return self._refusal(request, "state")
        match request.action:
            case "card.report_loss":
                kind = "formal" if request.arguments["kind"] == "formal" else "temporary"
                return cards.report_loss(holding, card, kind, number, today, self._rules())
            case "card.cancel_loss":
                return cards.cancel_loss(holding, card, self._rules())
            case "card.enable":
                return cards.enable(holding, card)
            case "card.issue_e_card":
                return cards.issue_e_card(holding, card)
            case _:
                return cards.apply(
                    holding, card, self._new_application(request, holding, card, number, today)
                )

    def _new_application(
        self, request: Request, holding: Holding, card: Card, number: str, today: date
    ) -> Application:
        given, policy = request.arguments, self._rules()
        reason = str(given["reason"])
        outlet = str(given.get("outlet", ""))
        delivery = "express" if given["delivery"] == "express" else "outlet"
        fee = total(delivery, policy)
        reviewed = working_days_after(today, policy.review_days, policy.calendar)
        # Address, mobile number and pictures are not kept: nothing here needs them again.
        return Application(
            n=len(holding.applications) + 1,
            card=card.n,
            state="unpaid" if yuan(fee) else "reviewing",
            reason=reason if reason in REASONS else "damaged",
            number=number,
            filed=today.isoformat(),
            fee=fee,
            pay_before=(today + timedelta(days=policy.pay_days)).isoformat(),
            review_until=reviewed.isoformat(),
            ready_by=working_days_after(reviewed, policy.making_longest, policy.calendar).isoformat(),
            delivery=delivery,
            outlet=self._outlets().get(outlet, outlet),
        )

    def _refuse(self, request: Request, person: Person, why: str) -> Result:
        return self._operate(request, person, lambda _: self._refusal(request, why))

    def _refusal(self, request: Request, why: str) -> Change:
        return cards.refused(why, number=self._receipt(request.key))

    def _operate(self, request: Request, person: Person, decide: Callable[[Holding], Change]) -> Result:
        """Carries out a change once per key; one script writes its record and its line in the book."""
        subject = self._subject(request)

        def once(records: tuple[Json | None, ...]) -> tuple[Decision, Result]:
            before, done = records
            if done is not None:
                if (done["action"], done["subject"]) != (request.action, subject):
                    log.error("key of another operation", action=request.action)
                    return Decision((None, None)), Result("unavailable")
                return Decision((None, None)), Result(done["outcome"], done["value"])
            holding = self._holding(before, person)
            change = decide(holding)
            value = self._with_bank(request, holding, dict(change.values))
            value = {name: text for name, text in value.items() if name in ACTIONS[request.action].fields}
            record = {"action": request.action, "subject": subject, "outcome": change.outcome, "value": value}
            entry: Json | None = None
            if change.holding is not None:
                entry = {"action": request.action, "key": request.key, "subject": subject}
                entry |= {"number": self._receipt(request.key), "at": self._now()}
            after = asdict(change.holding) if change.holding is not None else None
            return Decision((after, record), entry), Result(change.outcome, value)

        return self._ledger.change([("person", person.id_number), ("done", request.key)], once)

    def _with_bank(self, request: Request, holding: Holding, value: Record) -> Record:
        """Adds what the resident must know with the receipt: the bank to call, or where to pay."""
        if request.action == "card.report_loss" and holding.current is not None:
            bank = holding.current.bank
            value |= {"bank_name": bank, "bank_phone": self._people.banks[bank]}
        if request.action == "card.apply" and "pay_before" in value:
            value["pay_where"] = self._rules().pay_where
        return value

    # --- ids and records -------------------------------------------------------------------------
    def _holding(self, record: Json | None, person: Person) -> Holding:
        today = self._today()
        holding = convert(record, Holding) if record else seed(person, today, self._rules(), self._receipt)
        return cards.settle(holding, today)

    def _card(self, holding: Holding, person: Person, wanted: str) -> Card | None:
        return next((c for c in holding.cards if self._id(person, "card", c.n) == wanted), None)

    def _application(self, holding: Holding, person: Person, wanted: str) -> Application | None:
        return next((a for a in holding.applications if self._id(person, "application", a.n) == wanted), None)

    def _id(self, person: Person, kind: str, n: int) -> str:
        whose = self._ledger.tag(f"holder {person.id_number}")[:_WHOSE]
        return whose + self._ledger.tag(f"{kind} {n} {person.id_number}")[:_WHICH]

    def _subject(self, request: Request) -> str:
        name = ACTIONS[request.action].subject or ("card" if "card" in request.arguments else "application")
        return str(request.arguments[name])

    def _receipt(self, key: str) -> str:
        """Returns ten digits that can be read out over the phone; the same for the same key."""
        return f"{int.from_bytes(self._ledger.tag(f'receipt {key}').encode()) % 10**10:010d}"
