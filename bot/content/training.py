"""Trains a guesser in a process of its own, so that none that answers residents keeps the 30 MB it takes.

`python -m bot.content.training` reads phrases as JSON, and writes their model in its stored form.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import structlog

import bot
from bot.reading.guess import Guesser, Known

log = structlog.get_logger()
MODULE = "bot.content.training"


def apart(module: str, *arguments: str) -> dict[str, Any]:
    """Returns how subprocess starts a module of ours apart: this program whatever directory is served, and
    without settings, which hold keys."""
    return {
        "args": [sys.executable, "-m", module, *arguments],
        "cwd": Path(bot.__file__).parents[1],
        "env": {name: value for name, value in os.environ.items() if not name.startswith("SHEBAO_")},
    }


def give_model(guesser: Guesser, stored: bytes = b"", module: str = MODULE) -> None:
    """Gives a guesser its model before the first message needs it: the stored one, or if that is of other
    phrases or of another release, one that `module` trains now; one trained here if that fails."""
    if not (guesser.restore(stored) or guesser.restore(_trained(guesser.known, module))):
        guesser.prepare()


def _trained(known: Known, module: str) -> bytes:
    given = json.dumps(known.phrases).encode()
    try:
        done = subprocess.run(**apart(module), input=given, stdout=subprocess.PIPE, check=True)
        found: bytes = done.stdout
    except (OSError, subprocess.CalledProcessError) as e:  # its own words are on standard error
        log.error("work apart failed", module=module, cause=type(e).__name__)
        return b""
    return found


if __name__ == "__main__":
    phrases = json.load(sys.stdin)
    sys.stdout.buffer.write(Guesser(Known(tuple(map(tuple, phrases)))).dump())
