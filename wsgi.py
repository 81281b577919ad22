"""The WSGI entry: `gunicorn wsgi:app` with SHEBAO_* in the environment, from the content's directory."""

from pathlib import Path

from bot import logs, settings
from bot.app import create_app, create_bot

_settings = settings.load(Path.cwd())
logs.configure(_settings.log_level)
app = create_app(create_bot(Path.cwd(), _settings))
