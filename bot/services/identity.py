"""Identity input made plain, and the check that tells a mistyped number.

Source: GB 11643 (MOD 11-2 check character, birth date in digits 7–14).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def plain_id(text: str) -> str:
    """Full-width digits, spaces, hyphens and a small x made plain."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def plain_name(text: str) -> str:
    """Compared without width, case, spacing or the kind of dot between its parts."""
    text = re.sub("[•・．.‧]", "·", unicodedata.normalize("NFKC", text))
    return " ".join(text.casefold().split())


def check_character(first_17: str) -> str:
    """GB 11643's last character, by ISO 7064 MOD 11-2."""
    return "10X98765432"[sum(int(c) * w for c, w in zip(first_17, _WEIGHTS, strict=True)) % 11]


def birth_date(id_number: str) -> date:
    """Raises ValueError for a day that does not exist."""
    return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
