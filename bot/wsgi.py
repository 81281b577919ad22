"""The WSGI entry that `shebao web` serves, with SHEBAO_* in the environment, from the content's directory."""

import sys
from pathlib import Path

from flask import Flask

from bot import logs
from bot.account import metrics
from bot.app import create_app, create_bot
from bot.content.read import settings_file
from bot.content.read.source import BrokenContent
from bot.content.training import give_model
from bot.store.records import ShardsDiffer, StoreAway
from bot.store.revisions import NoRevision
from bot.turn.pulse import Pulse

_TRY_AGAIN, _CANNOT_BOOT = 1, 3
"""gunicorn ends with 3, and with it the workers that still serve; after 1 it starts this worker again."""


def _app() -> Flask:
    code = _CANNOT_BOOT
    try:
        found = settings_file.load(Path.cwd())
        logs.configure(found.log_level)
        bot = create_bot(Path.cwd(), found)
        Pulse(bot.store, serves=lambda: bot.content.revision).start()
        metrics.start(bot)
        if not bot.revisions.now.published:
            give_model(bot.content.guesser)  # a directory has no stored model
        return create_app(bot)
    except StoreAway as e:
        why, code = f"Redis does not answer ({e}); see SHEBAO_REDIS_URL", _TRY_AGAIN
    except (BrokenContent, NoRevision, ShardsDiffer, ValueError) as e:
        why = str(e)
    print(f"Error: {why}\nMore: shebao doctor", file=sys.stderr)  # noqa: T201 - there may be no log yet
    raise SystemExit(code)


app = _app()
