"""Writes into a wheel which commit it was built from (SHEBAO_COMMIT, else that of the clone), and the content
on which a city's directory rests, with its replays."""

import os
import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("flows", "messages", "config", "tests/replays")


class WithCommitAndContent(build_py):
    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            package = Path(self.build_lib) / "bot"
            (package / "commit.txt").write_text(f"{_commit()}\n", "utf-8")
            shutil.rmtree(package / "shipped", ignore_errors=True)  # of an earlier build in this directory
            for name in SHIPPED:
                shutil.copytree(name, package / "shipped" / name, ignore=shutil.ignore_patterns(".*"))


def _commit() -> str:
    if given := os.environ.get("SHEBAO_COMMIT"):
        return given
    try:
        asked = ["git", "rev-parse", "--short=12", "HEAD"]
        here = Path(__file__).parent
        said = subprocess.run(asked, cwd=here, capture_output=True, text=True, check=False)  # noqa: S603
        return said.stdout.strip()
    except OSError:
        return ""


setup(cmdclass={"build_py": WithCommitAndContent})
