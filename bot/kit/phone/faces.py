"""`/phone/face`: a pretended face check, as the real-name service has one on a page of its own."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request

from bot.account.served import Served
from bot.page.faces import BACK, CANCELLED
from bot.services.faces import RESULTS
from bot.settings import face_key
from bot.turn.callbacks import sign
from bot.web import words
from bot.web.words import LANGUAGES, Words


def add_to(blueprint: Blueprint, bot: Served, said: Words) -> None:
    """Adds the page. It answers as whoever holds it chooses, and signs as the real one does."""
    key = face_key(bot.settings)

    @blueprint.get("/face")
    def face() -> str:
        state, at = request.args.get("state", ""), str(int(bot.now()))
        if bot.settings.face_check != "page" or bot.settings.real_name != "stub":
            abort(404)
        ways = {}
        for result in (*RESULTS, CANCELLED):
            signature = sign(key, at, state, BACK, result.encode())
            sent = {"state": state, "result": result, "at": at, "signature": signature}
            ways[result] = f"{BACK}?{urlencode(sent)}"
        language = words.language_of(request)
        return render_template(
            "phone/face.html", ways=ways, code=LANGUAGES[language], t=words.said(said, language)
        )
