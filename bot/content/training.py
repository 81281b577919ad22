"""Trains a guesser in a process of its own, so that none that answers residents keeps the 30 MB it takes.

`python -m bot.content.training` reads phrases as JSON, and writes their model in its stored form.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import bot
from bot.reading.guess import Guesser, Known


def ready(guesser: Guesser, stored: bytes = b"") -> None:
    """Gives a guesser its model before the first message needs it: the stored one, or if that is of other
    phrases or of another release, one that is trained now."""
    if not (guesser.restore(stored) or guesser.restore(_trained(guesser.known))):
        guesser.prepare()  # that process failed, and has said why


def _trained(known: Known) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "bot.content.training"],
        cwd=Path(bot.__file__).parents[1],
        env={name: value for name, value in os.environ.items() if not name.startswith("SHEBAO_")},
        input=json.dumps(known.phrases).encode(),
        stdout=subprocess.PIPE,
        check=False,
    )
    return done.stdout


if __name__ == "__main__":
    phrases = json.load(sys.stdin)
    sys.stdout.buffer.write(Guesser(Known(tuple(map(tuple, phrases)))).dump())
