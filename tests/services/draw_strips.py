"""Draw the instruction strips of bot/services/codes.py again: `python tests/services/draw_strips.py`.

Needs Debian's fonts-noto-cjk (SIL Open Font License 1.1).
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path("/usr/share/fonts/opentype/noto")
STRIPS = Path(__file__).parents[2] / "bot" / "services" / "strips"
WORDS = {
    "zh-CN": ("请输入下面的4个数字", "防止冒用，不是短信验证码"),
    "en": ("Enter these 4 digits", "A check against misuse. Not an SMS code."),
}
SIMPLIFIED = 2  # the face of the collection


def draw(language: str) -> None:
    first, second = WORDS[language]
    strip = Image.new("RGB", (720, 170), (7, 96, 62))
    pen = ImageDraw.Draw(strip)
    large = ImageFont.truetype(
        str(FONTS / "NotoSansCJK-Bold.ttc"), 60 if language == "zh-CN" else 52, index=SIMPLIFIED
    )
    small = ImageFont.truetype(
        str(FONTS / "NotoSansCJK-Regular.ttc"), 36 if language == "zh-CN" else 32, index=SIMPLIFIED
    )
    pen.text((360, 62), first, font=large, fill="white", anchor="mm")
    pen.text((360, 128), second, font=small, fill=(225, 242, 233), anchor="mm")
    strip.quantize(16).save(STRIPS / f"{language}.png", optimize=True)


if __name__ == "__main__":
    for language in WORDS:
        draw(language)
