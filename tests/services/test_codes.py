"""The picture code."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.services.codes import PictureCodes

CODES = PictureCodes()


@pytest.mark.parametrize("language", ["zh-CN", "en", "fr"])
@pytest.mark.parametrize("code", ["0000", "1185", "4071"])
def test_a_picture_small_enough_with_dark_large_digits(language, code):
    png = CODES.draw(code, language)
    assert png.startswith(b"\x89PNG")
    assert len(png) < 100_000
    picture = Image.open(io.BytesIO(png)).convert("L")
    assert picture.size == (720, 420)
    digits = picture.crop((0, 170, 720, 420))
    dark = digits.point(lambda v: 255 if v < 80 else 0)
    _, top, _, bottom = dark.getbbox()
    assert bottom - top > 100, "digits over a third of the picture's height"
    assert dark.histogram()[255] > 3_000, "strokes thick enough for weak eyes"


def test_two_pictures_of_one_code_differ():
    assert CODES.draw("4071", "en") != CODES.draw("4071", "en")


@pytest.mark.parametrize("code", ["", "123", "12345", "12a4", "１２３４", "1 34"])
def test_only_four_digits(code):
    with pytest.raises(ValueError, match="four digits"):
        CODES.draw(code, "zh-CN")
