"""Normalises identity input. Source: GB 11643 (birth date in digits 7–14)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date


def plain_id(text: str) -> str:
    """Normalises full-width digits, spaces, hyphens and a small x."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def plain_name(text: str) -> str:
    """Normalises a name for comparison: width, case, spacing and the kind of dot between its parts."""
    text = re.sub("[•・．.‧]", "·", unicodedata.normalize("NFKC", text))
    return " ".join(text.casefold().split())


def birth_date(id_number: str) -> date:
    """Reads the birth date.

    Raises:
        ValueError: a day that does not exist.
    """
    return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
