"""`/phone`: the page and the few calls it makes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import redis
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
)
from werkzeug.exceptions import BadRequest, HTTPException

from bot.content.menu import Button
from bot.ports import Unknown
from bot.services.ledger import Ledger
from bot.services.people_file import load_people
from bot.services.places import Outlet, load_outlets
from bot.store.redis import StoreAway
from bot.store.seal import SealError
from bot.web import words
from bot.web.headers import protect
from bot.web.phone.guard import Guard
from bot.web.phone.media import MOST, PhoneMedia, kind_of
from bot.web.phone.residents import LONGEST, Pushed, Residents
from bot.web.phone.watch import Watch
from bot.web.phone.wire import Json, Wire, message
from bot.web.served import Served
from bot.web.words import LANGUAGES
from bot.wechat.inbound import TEXT_LIMIT

HERE = Path(__file__).parent
_BODY = 64_000


def phone(bot: Served, root: Path, pushed: Pushed | None = None) -> Blueprint:
    """The blueprint that serves `/phone`. For development only: whoever opens it may be any resident.

    `root`: the content directory. `pushed`: a stub sender's `take`, where there is one; without it the page
    takes what waits in the outbox itself. Raises BadPeople, BadOutlets.
    """
    people = load_people(root / "config" / "stub.yaml").everyone
    places = _places(load_outlets(root / "config" / "outlets.yaml"))
    all_words = words.read(HERE / "words.yaml")
    wire = Wire(bot.settings)
    media = PhoneMedia(bot.client, bot.store.seal)
    guard = Guard(bot.settings.tag_key)
    watch = Watch(root, bot.settings.language)
    residents = Residents(bot.store, bot.turns, len(people), pushed)
    room = Blueprint(
        "phone", __name__, url_prefix="/phone", template_folder="templates", static_folder="static"
    )
    room.before_request(lambda: guard.check(request))
    room.after_request(protect)

    @room.errorhandler(HTTPException)
    def refuse(e: HTTPException) -> tuple[Response, int]:
        return jsonify(error=e.description), e.code or 500

    @room.errorhandler(redis.RedisError)
    @room.errorhandler(StoreAway)
    @room.errorhandler(Unknown)
    @room.errorhandler(SealError)
    def away(_: Exception) -> tuple[Response, int]:
        return jsonify(error="away"), 503

    @room.get("")
    def page() -> Response:
        language = words.language_of(request)
        cookie = guard.cookie(request)
        html = render_template(
            "phone/phone.html",
            language=language, code=LANGUAGES[language], other="zh" if language == "en" else "en",
            t=words.said(all_words, language), token=guard.token(cookie), people=people, places=places,
            menu=[_button(button) for button in bot.loaded.menu],
            modes=wire.modes, mode=wire.default_mode,
        )  # fmt: skip
        return guard.keep(make_response(html), cookie)

    @room.post("/send")
    def send() -> Response:
        """One thing a resident does, as one delivery or two at once."""
        asked = _asked()
        openid = _openid(residents, asked)
        kind, fields = _fields(asked)
        body = message(kind, openid, residents.now(openid, _ahead(asked)), fields)
        residents.sent(openid, body)
        return _delivered(wire, body, asked, 2 if asked.get("twice") else 1)

    @room.post("/again")
    def again() -> Response:
        """WeChat delivers the last message once more."""
        asked = _asked()
        body = residents.last(_openid(residents, asked))
        if not body:
            abort(409, "nothing was sent yet")
        return _delivered(wire, body, asked, 1)

    @room.post("/late")
    def late() -> Response:
        """What arrived by itself, for each resident asked for, and what was saved meanwhile."""
        asked = _asked()
        ahead = _ahead(asked)
        each = {who: residents.late(openid, ahead) for who, openid in _several(residents, asked)}
        return jsonify(late={str(who): found for who, found in each.items() if found}, saved=watch.look())

    @room.post("/time")
    def pass_time() -> Response:
        """Timers that are due by now are run; `ahead` is the page's clock."""
        asked = _asked()
        for _, openid in _several(residents, asked):
            residents.pass_time(openid, _ahead(asked))
        return jsonify()

    @room.post("/restart")
    def restart() -> Response:
        """The stub bureau forgets what was done; the page gives itself new accounts."""
        Ledger(bot.client, bot.store.seal).clear()
        return jsonify()

    @room.post("/media")
    def keep_picture() -> Response:
        """A picture the resident is about to send."""
        request.max_content_length = MOST
        image = request.get_data()
        if not kind_of(image):
            abort(415, "not a picture")
        return jsonify(media=media.upload(image, 1.0))

    @room.get("/media/<name>")
    def picture(name: str) -> Response:
        try:
            image = media.fetch(name, 1.0)
        except Unknown:
            abort(404)
        response = Response(image, content_type=kind_of(image) or "application/octet-stream")
        response.headers["Cache-Control"] = "private, max-age=3600"
        return response

    return room


def _delivered(wire: Wire, body: bytes, asked: Json, times: int) -> Response:
    mode = next((mode for mode in wire.modes if mode == asked.get("mode")), wire.default_mode)
    exchanges = wire.deliver(current_app.wsgi_app, body, mode, times)
    return jsonify(exchanges=[asdict(e) | {"shown": e.shown} for e in exchanges])


def _fields(asked: Json) -> tuple[str, dict[str, str]]:
    """MsgType and its fields. Aborts with 400."""

    def text(name: str) -> str:
        value = asked.get(name, "")
        return value[:TEXT_LIMIT] if isinstance(value, str) else ""

    def degrees(name: str, limit: int) -> str:
        value: Any = asked.get(name)
        if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > limit:
            abort(400, f"{name} is no place")
        return f"{value:.6f}"

    match asked.get("kind"):
        case "text":
            tap = {"bizmsgmenuid": text("tap")} if asked.get("tap") else {}
            return "text", {"Content": text("text"), **tap}
        case "image":
            name = text("media")
            return "image", {"PicUrl": f"http://mmbiz.qpic.cn/{name}", "MediaId": name}
        case "voice":
            return "voice", {"MediaId": "phone-voice", "Format": "amr", "Recognition": text("text")}
        case "location":
            place = {"Location_X": degrees("lat", 90), "Location_Y": degrees("lon", 180), "Scale": "15"}
            return "location", {**place, "Label": text("label")}
        case "CLICK" | "VIEW" | "subscribe" | "unsubscribe" as event:
            return "event", {"Event": event, "EventKey": text("key")}
        case _:
            raise BadRequest("no such message")


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


def _ahead(asked: Json) -> int:
    ahead = asked.get("ahead", 0)
    if not isinstance(ahead, int) or not 0 <= ahead <= LONGEST:
        abort(400, "the clock may be 400 days ahead at most")
    return ahead


def _button(button: Button) -> Json:
    return {
        "name": button.name,
        "key": button.key,
        "url": button.url,
        "sub": [_button(b) for b in button.sub],
    }


def _places(outlets: Sequence[Outlet]) -> list[Json]:
    """One place for each district: where its first outlet stands."""
    first: dict[str, Outlet] = {}
    for outlet in outlets:
        first.setdefault(outlet.district, outlet)
    return [{"name": f"{d} {o.address}", "lat": o.lat, "lon": o.lon} for d, o in first.items()]
