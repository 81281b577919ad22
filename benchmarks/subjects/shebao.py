"""This project, or an earlier state of it: whatever tree is the working directory."""

import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
# Asked of the tree: for what an earlier one does not have, Python looks where this one is installed.
app = import_module("bot.wsgi" if Path("bot/wsgi.py").exists() else "wsgi").app
