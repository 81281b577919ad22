"""Whether a password is one that anybody tries first: made of common words, rows of keys, dates and runs."""

from __future__ import annotations

import re

SHORTEST = 12
"""Characters of a new password."""
LEFT = 6
"""Characters that must be left when all that is common is taken out."""

# Written down for this purpose: what stands first in every published list, and what our own operators would
# think of first. Longer words first where one holds another.
_COMMON = """
password passwort passwd passw pass word secret letmein welcome hello login signin default changeme change
administrator admin root guest user test demo temp manager master super operator office system server
iloveyou iloveu loveyou love woaini woaiwo aini wojiushiwo nihao mima guanliyuan yonghu ceshi zhangsan lisi
shebaoka shebaoju shebao shehui baozhang renshe renshiju weixin wechat tencent gongzhonghao console kongzhitai
beijing shanghai guangzhou shenzhen china zhongguo zhonghua qingfeng minsheng yibao yanglao canbao
monkey dragon sunshine princess football baseball superman batman shadow flower summer winter spring autumn
qwerty azerty qwertz abc asd zxc trustno money freedom whatever computer internet google baidu alibaba taobao
monday tuesday wednesday thursday friday saturday sunday january february march april june july august
september october november december
社保卡 社保 密码 管理员 测试 我爱你 你好 微信 控制台
"""
_WORDS = tuple(_COMMON.split())
_ROWS = (
    *("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p"),
    *("q1w2e3r4t5y6u7i8o9p0", "a1s2d3f4g5h6j7k8l9", "a1b2c3d4e5f6g7h8i9j0", "!@#$%^&*()_+"),
    *("147258369", "789456123", "159357", "112233445566778899", "5201314", "1314520"),
)
"""Rows and columns of a keyboard, and numbers that are words."""
_LOOKS_LIKE = str.maketrans("@4830157$!", "aabeoistsi")
_DATE = re.compile(r"(?:19|20)\d\d(?:[01]?\d[0-3]?\d)?")


def is_common(password: str, name: str = "") -> bool:
    """`name`: of the account, which counts as common too."""
    given = password.lower()
    return min(_left(given, name), _left(given.translate(_LOOKS_LIKE), name)) < LEFT


def _left(text: str, name: str) -> int:
    """Returns how many different characters are left."""
    text = _runs(text)
    for word in (*([name] if len(name) > 2 else []), *_WORDS):
        text = text.replace(word, " ")
    text = _DATE.sub(" ", text)
    text = re.sub(r"(.{1,4}?)\1{2,}", " ", text)  # the same again and again
    parts = [part for part in text.split() if not re.fullmatch(r"[\W\d_]{1,4}", part)]
    whole = "".join(parts)
    if len(whole) % 2 == 0 and whole[: len(whole) // 2] == whole[len(whole) // 2 :]:
        whole = whole[: len(whole) // 2]
    return len(set(whole))


def _runs(text: str) -> str:
    """Without four or more characters that follow each other on a row, forwards or backwards."""
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    made, at = "", 0
    while at < len(text):
        size = max((_shared(text[at:], row) for row in rows), default=0)
        made, at = (made + " ", at + size) if size >= 4 else (made + text[at], at + 1)
    return made


def _shared(text: str, row: str) -> int:
    """Returns how much of the beginning of `text` stands in `row`."""
    size = 0
    while size < len(text) and text[: size + 1] in row:
        size += 1
    return size
