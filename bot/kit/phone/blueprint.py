"""`/phone`: the page and the few calls it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import redis
from flask import Blueprint, Response, abort, current_app, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from bot.account.served import Served
from bot.content.read.city import file_of
from bot.content.read.files import STUB
from bot.content.read.menu import Button
from bot.kit.phone import faces
from bot.kit.phone.clock import WorldClock
from bot.kit.phone.guard import Guard
from bot.kit.phone.media import MOST, PhoneMedia, kind_of
from bot.kit.phone.residents import Push, Pushed, Residents
from bot.kit.phone.saving import NothingSaid, Saving
from bot.kit.phone.watch import Watch
from bot.kit.phone.wire import Exchange, Json, Wire, body_of
from bot.kit.replay.stage import CannotPlay
from bot.kit.stubs.deciding import DECISIONS, decide
from bot.kit.stubs.people import load_people
from bot.kit.stubs.stub_card import CardStub
from bot.ports import Service, Unknown
from bot.services.ledger import Ledger
from bot.services.places import Outlet
from bot.store.records import StoreAway
from bot.store.seal import SealError
from bot.turn.revisions import Revisions
from bot.web import words
from bot.web.headers import protect
from bot.web.words import LANGUAGES

HERE = Path(__file__).parent
_BODY = 64_000


def phone(bot: Served, root: Path, pushed: Pushed | None, push: Push, cards: Service) -> Blueprint:
    """Returns the blueprint that serves `/phone`. For development only: its user may be any resident.

    `root`: the content directory. `pushed`: a stub sender's `take`, if there is one. `push`: sends waiting
    pushes at once, as far as the account and WeChat allow. `cards`: the bureau's card service.

    Raises:
        BadPeople: config/stub.yaml cannot be used.
    """
    people = load_people(file_of(root, STUB)).everyone
    all_words = words.read(HERE / "words.yaml")
    wire = Wire(bot.settings, bot.now)
    media = PhoneMedia(bot.client, bot.store.seal)
    guard = Guard(bot.settings.tag_key)
    watch = Watch(root, bot.revisions, bot.settings.language)
    clock = WorldClock(bot.client, bot.now)
    residents = Residents(bot.store, bot.turns, len(people), clock, pushed, push)
    saving, records = Saving(bot, root), bot.settings.recording == "yes"
    blueprint = Blueprint(
        "phone", __name__, url_prefix="/phone", template_folder="templates", static_folder="static"
    )
    blueprint.before_request(lambda: guard.check(request))
    blueprint.after_request(_protected)
    faces.add_to(blueprint, bot, all_words)

    @blueprint.errorhandler(HTTPException)
    def refuse(e: HTTPException) -> tuple[Response, int]:
        return jsonify(error=e.description), e.code or 500

    @blueprint.errorhandler(redis.RedisError)
    @blueprint.errorhandler(StoreAway)
    @blueprint.errorhandler(Unknown)
    @blueprint.errorhandler(SealError)
    def away(_: Exception) -> tuple[Response, int]:
        return jsonify(error="away"), 503

    @blueprint.get("")
    def page() -> Response:
        language = words.language_of(request)
        cookie = guard.cookie(request)
        html = render_template(
            "phone/phone.html",
            language=language, code=LANGUAGES[language], other="zh" if language == "en" else "en",
            t=words.said(all_words, language), token=guard.token(cookie), people=people,
            content=_content(bot.revisions), modes=wire.modes, mode=wire.default_mode, ahead=clock.ahead,
            records=records, decisions=DECISIONS if isinstance(cards, CardStub) else (),
        )  # fmt: skip
        return guard.keep(make_response(html), cookie)

    @blueprint.post("/send")
    def send() -> Response:
        """Sends one act of a resident, as one delivery or two at once."""
        asked = _asked()
        openid = _openid(residents, asked)
        body = body_of(asked, openid, residents.now(openid))
        residents.sent(openid, body)
        if records:
            saving.listen(openid)
        exchanges = _delivered(wire, body, asked, 2 if asked.get("twice") else 1)
        if records and len([e for e in exchanges if e.status == 200]) > 1:
            saving.again(openid, clock())
        return _shown(exchanges)

    @blueprint.post("/again")
    def again() -> Response:
        """Delivers the last message once more, as WeChat does."""
        asked = _asked()
        openid = _openid(residents, asked)
        body = residents.last(openid)
        if not body:
            abort(409, "nothing was sent yet")
        exchanges = _delivered(wire, body, asked, 1)
        if records and exchanges[0].status == 200:
            saving.again(openid, clock())
        return _shown(exchanges)

    @blueprint.post("/replay")
    def replay() -> Response:
        """Returns one resident's conversation as a replay file."""
        try:
            return jsonify(asdict(saving.save(_openid(residents, _asked()))))
        except NothingSaid:
            abort(409, "nothing was recorded yet")
        except (ValueError, CannotPlay) as e:
            abort(422, str(e))

    @blueprint.post("/late")
    def late() -> Response:
        """Returns each resident's pushed replies, the clock, and saved changes.

        `content`: menu and places, if the page has another `revision` than the one served now.
        """
        asked = _asked()
        each = {who: residents.late(openid) for who, openid in _several(residents, asked)}
        saved, content = watch.look(), _content(bot.revisions)
        return jsonify(
            late={str(who): found for who, found in each.items() if found},
            saved=saved,
            ahead=clock.ahead,
            content=None if content["revision"] == asked.get("revision") else content,
        )

    @blueprint.post("/time")
    def pass_time() -> Response:
        """Moves the clock of web and worker forward by `seconds`."""
        asked = _asked()
        seconds = asked.get("seconds")
        if not isinstance(seconds, int):
            abort(400, "how many seconds?")
        try:
            ahead = residents.pass_time(seconds, [openid for _, openid in _several(residents, asked)])
        except ValueError as e:
            abort(400, str(e))
        return jsonify(ahead=ahead)

    @blueprint.post("/bureau")
    def bureau() -> Response:
        """Decides on the resident's application as the bureau would, and reports it. `known`: it was made
        here; `waits`: it is told in the morning."""
        asked = _asked()
        openid, state = _openid(residents, asked), asked.get("state")
        if not isinstance(state, str) or state not in DECISIONS:
            abort(400, "no such decision")
        if records:
            saving.listen(openid)
        try:
            known = decide(cards, bot.turns, people[asked["who"]], state, clock())
        except ValueError as e:
            abort(409, str(e))
        owner = bot.store.owner(openid)
        session = bot.store.begin(owner, "").session
        news = bot.content.events.values()
        return jsonify(known=known, waits=bool(session and any(p.flow in news for p in session.scheduled)))

    @blueprint.post("/restart")
    def restart() -> Response:
        """Clears the stub bureau's records and resets the clock; the page creates new accounts."""
        Ledger(bot.client, bot.store.seal).clear()
        clock.back()
        return jsonify()

    @blueprint.post("/media")
    def keep_picture() -> Response:
        """Stores a picture that the resident is about to send."""
        request.max_content_length = MOST
        image = request.get_data()
        if not kind_of(image):
            abort(415, "not a picture")
        return jsonify(media=media.upload(image, 1.0))

    @blueprint.get("/media/<name>")
    def picture(name: str) -> Response:
        try:
            image = media.fetch(name, 1.0)
        except Unknown:
            abort(404)
        response = Response(image, content_type=kind_of(image) or "application/octet-stream")
        response.headers["Cache-Control"] = "private, max-age=3600"
        return response

    return blueprint


def _protected(response: Response) -> Response:
    if request.endpoint != "phone.face":
        return protect(response, frame_src="'self'")
    protect(response, frame_ancestors="'self'")  # the resident's page leads there, inside /phone
    del response.headers["X-Frame-Options"]
    return response


def _delivered(wire: Wire, body: bytes, asked: Json, times: int) -> list[Exchange]:
    mode = next((mode for mode in wire.modes if mode == asked.get("mode")), wire.default_mode)
    return wire.deliver(current_app.wsgi_app, body, mode, times)


def _shown(exchanges: list[Exchange]) -> Response:
    return jsonify(exchanges=[asdict(e) | {"shown": e.shown} for e in exchanges])


def _asked() -> Json:
    request.max_content_length = _BODY
    asked = request.get_json()
    if not isinstance(asked, dict):
        abort(400, "not an object")
    return asked


def _openid(residents: Residents, asked: Json) -> str:
    try:
        return residents.openid(asked.get("who"), asked.get("tab"))
    except ValueError as e:
        abort(400, str(e))


def _several(residents: Residents, asked: Json) -> list[tuple[int, str]]:
    whole = asked.get("who")
    each = whole[:20] if isinstance(whole, list) else []
    return [(who, _openid(residents, {**asked, "who": who})) for who in each]


def _content(revisions: Revisions) -> Json:
    """Returns the parts of the content that the page shows, with their revision."""
    now = revisions.now
    return {
        "revision": now.content.revision,
        "menu": [_button(button) for button in now.loaded.menu],
        "places": _places(now.outlets),
    }


def _button(button: Button) -> Json:
    return {
        "name": button.name,
        "key": button.key,
        "url": button.url,
        "sub": [_button(b) for b in button.sub],
    }


def _places(outlets: Sequence[Outlet]) -> list[Json]:
    """Returns one place for each district: where its first outlet is."""
    first: dict[str, Outlet] = {}
    for outlet in outlets:
        first.setdefault(outlet.district, outlet)
    return [{"name": f"{d} {o.address}", "lat": o.lat, "lon": o.lon} for d, o in first.items()]
