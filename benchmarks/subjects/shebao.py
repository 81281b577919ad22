"""This project, or an earlier state of it: whatever tree is the working directory."""

import os
import sys

sys.path.insert(0, os.getcwd())

from wsgi import app

__all__ = ("app",)
