"""The picture code before sign-in: four large digits under a strip with instructions.

No CJK font is needed at run time. The strips in strips/ were drawn once with Noto Sans CJK (SIL Open Font
License 1.1, which leaves pictures made with it free) by tests/services/draw_strips.py; run that again to
change their words.
"""

from __future__ import annotations

import io
import re
from importlib import resources

from captcha.image import ImageCaptcha
from PIL import Image, ImageChops

WIDTH, HEIGHT = 720, 250  # pixels of the digits; a chat bubble shows about a third of it
DEFAULT = "zh-CN"
_INK, _PAPER = (16, 44, 84, 255), (246, 248, 251)
_BRIGHTNESS = 40  # of the ink, as ITU-R 601 weighs it
Colour = tuple[int, int, int] | tuple[int, int, int, int]


class _Digits(ImageCaptcha):
    """Only as distorted as needed against a plain script: most readers are old."""

    character_rotate = (-14, 14)
    character_warp_dx = (0.02, 0.10)
    character_warp_dy = (0.02, 0.10)
    character_offset_dy = (0, 16)
    word_space_probability = 0.0  # a space before every digit, so that no digit covers another
    word_offset_dx = 0.05
    # captcha uses the ink's own brightness as its opacity, which leaves dark ink pale: compensate
    lookup_table = [min(255, round(i * 255 / _BRIGHTNESS)) for i in range(256)]  # noqa: RUF012

    def create_captcha_image(self, chars: str, color: Colour, background: Colour) -> Image.Image:
        """Centres the digits, which captcha sets from the left."""
        image = super().create_captcha_image(chars, color, background)
        paper = Image.new("RGB", image.size, background)
        box = ImageChops.difference(image, paper).getbbox()
        digits = image.crop(box)
        paper.paste(digits, ((image.width - digits.width) // 2, (image.height - digits.height) // 2))
        return paper


class PictureCodes:
    """Implements bot.ports.Codes."""

    def __init__(self) -> None:
        self._digits = _Digits(width=WIDTH, height=HEIGHT, font_sizes=(170, 180, 190))
        self._strips = {language: _strip(language) for language in ("zh-CN", "en")}

    def draw(self, code: str, language: str) -> bytes:
        """Returns a PNG below 100 KB. `code`: four digits; `language`: zh-CN or en, others give zh-CN.

        Raises:
            ValueError: another code.
        """
        if not re.fullmatch(r"[0-9]{4}", code):
            raise ValueError("a picture code has four digits")
        strip = self._strips.get(language, self._strips[DEFAULT])
        digits = self._digits.generate_image(code, bg_color=_PAPER, fg_color=_INK)
        picture = Image.new("RGB", (WIDTH, strip.height + HEIGHT), _PAPER)
        picture.paste(strip, (0, 0))
        picture.paste(digits, (0, strip.height))
        out = io.BytesIO()
        picture.quantize(32, Image.Quantize.FASTOCTREE).save(out, "PNG")
        return out.getvalue()


def _strip(language: str) -> Image.Image:
    with resources.files("bot.services").joinpath("strips", f"{language}.png").open("rb") as file:
        return Image.open(file).convert("RGB")
