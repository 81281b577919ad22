"""Identity input made plain. Source: GB 11643 (birth date in digits 7–14)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date


def plain_id(text: str) -> str:
    """Full-width digits, spaces, hyphens and a small x made plain."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def plain_name(text: str) -> str:
    """Compared without width, case, spacing or the kind of dot between its parts."""
    text = re.sub("[•・．.‧]", "·", unicodedata.normalize("NFKC", text))
    return " ".join(text.casefold().split())


def birth_date(id_number: str) -> date:
    """Raises ValueError for a day that does not exist."""
    return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
