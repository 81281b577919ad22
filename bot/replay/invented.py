"""What looks like somebody's own, and invented values to stand for it: the same shape, right checksums."""

from __future__ import annotations

import random
import re

from bot.engine.slots import id_checksum

_ID = re.compile(r"(?<![0-9A-Za-z])([0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9])(1[3-9][0-9]{9})(?![0-9])")
_ABROAD = re.compile(r"\+(852|853|886)[0-9]{8,9}")
_LONG = re.compile(r"(?<![0-9A-Za-z])([0-9]{7,14}|[0-9]{16,30})(?![0-9A-Za-z])")
_APART = re.compile(  # in groups or in full width, but no date
    r"(?<!\d)(?!(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}(?!\d))(\d(?:[ \-.]?\d){6,24}[xX]?)(?![\dA-Za-z])"
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")
_OPENID = re.compile(r"(?<![\w-])o[\w-]{27}(?![\w-])", re.ASCII)
_FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
    "贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤"
)
_NAMED = re.compile(
    rf"(?:我叫|我是|姓名[是:：]?|名字[是叫:：]?|本人)\s*([{_FAMILY}][\u3400-\u9fff]{{1,2}}?)"
    r"(?=[\s，。,.、；;！!]|[的要想卡丢电身住在已，]|$)"
)
_CALLED = re.compile(r"(?i:my name is|i am|i'm|this is)\s+([A-Z][A-Za-z'-]+(?: [A-Z][A-Za-z'-]+){1,3})")
_HOUSE = re.compile(
    r"[\u3400-\u9fff]{1,12}?(?:路|街|道|巷|弄|村|小区|花园|社区)[\u3400-\u9fff]{0,4}?[0-9０-９一二三四五六七八九十百]{1,5}"
    r"(?:号|栋|幢|弄|单元|室|楼|组)(?:[0-9０-９A-Za-z一二三四五六七八九十-]{1,6}(?:号|栋|幢|单元|室|楼|层)?)*"
)
SURNAMES = "甲乙丙丁戊己庚辛壬癸"
DIVISION = "669901"
"""A division that does not exist: no number made here is anyone's."""


def _id_number(dice: random.Random, real: str) -> str:
    if len(real) == 15:
        return f"{DIVISION}{dice.randint(500101, 991228):06d}{dice.randint(1, 999):03d}"
    body = (
        f"{DIVISION}{real[6:10]}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}{dice.randint(1, 999):03d}"
    )
    check, number = id_checksum(body), real.upper()
    if id_checksum(number[:17]) == number[17]:
        return body + check
    return body + ("0" if check != "0" else "1")  # it was no number, and this is none


def _name(dice: random.Random, real: str) -> str:
    if real.isascii():
        return (
            dice.choice(("SAMPLE", "EXAMPLE", "SPECIMEN")) + " " + dice.choice("ABCDEFGHKLMNPRSTUVWXYZ") * 3
        )
    return dice.choice(SURNAMES) + "".join(dice.choice("一二三四五六七八九十") for _ in real[1:])


def _digits(dice: random.Random, real: str) -> str:
    return (
        "".join(str(dice.randint(0, 9)) if c.isdigit() else c for c in real)
        if any(map(str.isdigit, real))
        else ("x" + "".join(dice.choice("abcdefghkmnp") for _ in real))
    )


def _mobile(dice: random.Random, real: str) -> str:
    if real.startswith("+"):
        return real[:5] + "".join(str(dice.randint(0, 9)) for _ in real[5:])
    return "139" + f"{dice.randint(0, 99_999_999):08d}"


def _address(dice: random.Random, real: str) -> str:
    return f"示例区无名路{dice.randint(1, 999)}号{dice.randint(1, 9)}单元{dice.randint(101, 999)}"


def _media(dice: random.Random, real: str) -> str:
    return f"media-{dice.randint(0, 10**9)}"


def _text(dice: random.Random, real: str) -> str:
    return "某" * min(len(real), 6) + str(dice.randint(0, 99))


def blurred(dice: random.Random, run: str) -> str:
    if run[0].isdigit():
        return "".join(str(dice.randint(0, 9)) for _ in run)
    return ("x" if run.isascii() else "某") * len(run)


def _mail(dice: random.Random, real: str) -> str:
    return f"somebody{dice.randint(0, 9999)}@example.com"


def _openid(dice: random.Random, real: str) -> str:
    return "o" + "".join(dice.choice("abcdefghijkmnpqrstuvwxyz0123456789") for _ in range(27))


SHAPES = (
    (_MAIL, "mail"),
    (_OPENID, "openid"),
    (_ID, "id_number"),
    (_MOBILE, "mobile"),
    (_ABROAD, "abroad"),
    (_APART, "number"),
    (_LONG, "number"),
    (_HOUSE, "address"),
    (_NAMED, "name"),
    (_CALLED, "name"),
)
"""What is somebody's by its looks, and its kind; the group, if there is one, is what is replaced."""

_MAKE = {
    "id_number": _id_number,
    "name": _name,
    "mobile": _mobile,
    "abroad": _mobile,
    "number": _digits,
    "address": _address,
    "image": _media,
    "mail": _mail,
    "openid": _openid,
}


def made(dice: random.Random, kind: str, real: str) -> str:
    """Something of that kind in place of the real. `kind`: a slot's type or a field's pii."""
    return _MAKE.get(kind, _text)(dice, real)
